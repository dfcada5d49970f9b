"""The unified view of a customer, masked for who reads it and why. Each read by staff or an application is audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.queries import open_alerts
from actions.customer_view.schemas import Part, Profile
from actions.customers import queries
from actions.customers.access import NO_REASON, AccessPurpose, audit_read
from actions.customers.figures import figures_of
from actions.customers.insights import scores
from actions.customers.masks import shown_to
from actions.customers.models import Customer
from actions.customers.views import (
    account_row,
    card_row,
    contacts,
    holding_row,
    identity,
    loan_row,
    portrait,
    transaction_row,
)
from actions.tickets.models import Ticket
from actions.tickets.queries import visible_tickets
from core.identity import Caller

RECENT = 10
TIMELINE = 20  # entries of it in the profile; the rest by pages


class ConversationRow(TypedDict):
    """A conversation of the customer."""

    id: str
    channel: str
    state: str
    created_at: str


class TimelineRow(TypedDict):
    """Something that happened with the customer."""

    at: str
    what: str
    channel: str | None
    id: str
    title: str


ConversationsOf = Callable[[AsyncSession, Customer], Awaitable[Sequence[ConversationRow]]]


async def profile(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    now: datetime,
    conversations_of: ConversationsOf,
    why: AccessPurpose = NO_REASON,
) -> Profile:
    """Everything a caller may see of a customer, each part with its source and time. Twelve statements, however much there is."""
    full = shown_to(caller, why.purpose, why.reason)
    around = await queries.surroundings_of(session, customer)
    accounts, cards = await queries.accounts_with_cards(session, customer)
    loans = await queries.loans_of(session, customer)
    holdings = await queries.holdings_of(session, customer)
    booked = await queries.transactions_of(session, customer, RECENT)
    figures = (await figures_of(session, [customer.id], now))[customer.id]
    tickets = (await session.scalars(_latest_tickets(caller, customer))).all()
    conversations = await conversations_of(session, customer)
    alerts = await open_alerts(session, caller, customer.id)
    view = Profile(
        identity=_part(customer, [identity(customer, full)]),
        contacts=_part(customer, [contacts(customer, full)]),
        accounts=_part(customer, [account_row(a, full) for a in accounts]),
        cards=_part(customer, [card_row(c) for c in cards], "card_system"),
        loans=_part(customer, [loan_row(loan) for loan in loans], "lending"),
        holdings=_part(customer, [holding_row(h, p) for h, p in holdings], "wealth"),
        transactions=_part(customer, [transaction_row(t, full) for t in booked]),
        tickets=_ours([ticket_row(t) for t in tickets], now),
        conversations=_ours(conversations, now),
        timeline=_ours(timeline(tickets, conversations, around.life_events), now),
        life_events=_ours(around.life_events, now),
        household=_ours(around.household, now),
        relationship_manager=_ours([around.manager] if around.manager else [], now),
        consents=_part(customer, [customer.consents]),
        alerts=Part(
            source="compliance",
            as_of=now,
            items=[{"id": str(a.id), "kind": a.kind} for a in alerts],
        ),
        portrait=portrait(customer, scores(figures, now.date())),
    )
    await audit_read(session, caller, customer, "profile", why)
    return view


def timeline(
    tickets: Sequence[Ticket],
    conversations: Sequence[ConversationRow],
    events: Sequence[queries.LifeEventRow],
) -> list[TimelineRow]:
    """What happened with the customer over all channels, the newest first."""
    entries: list[TimelineRow] = [
        {
            "at": t.created_at.isoformat(),
            "what": "ticket",
            "channel": t.channel,
            "id": str(t.id),
            "title": f"{t.reference} {t.subject}",
        }
        for t in tickets
    ]
    entries += [
        {
            "at": c["created_at"],
            "what": "conversation",
            "channel": c["channel"],
            "id": c["id"],
            "title": c["state"],
        }
        for c in conversations
    ]
    entries += [
        {
            "at": f"{e['happened_on']}T00:00:00+00:00",
            "what": "life_event",
            "channel": None,
            "id": e["id"],
            "title": e["kind"],
        }
        for e in events
    ]
    return sorted(entries, key=lambda entry: str(entry["at"]), reverse=True)[:TIMELINE]


def ticket_row(ticket: Ticket) -> dict[str, str]:
    """A ticket in the profile."""
    return {
        "id": str(ticket.id),
        "reference": ticket.reference,
        "subject": ticket.subject,
        "state": ticket.state,
        "queue": ticket.queue,
        "priority": ticket.priority,
    }


def _latest_tickets(caller: Caller, customer: Customer) -> Select[Ticket]:
    mine = visible_tickets(caller).where(Ticket.customer_id == customer.id)
    return mine.order_by(Ticket.created_at.desc()).limit(RECENT)


def _ours(items: Sequence[Mapping[str, object]], now: datetime) -> Part:
    return Part(source="assistant", as_of=now, items=items)


def _part(
    customer: Customer, items: Sequence[Mapping[str, object]], source: str | None = None
) -> Part:
    return Part(source=source or customer.source, as_of=customer.source_at, items=items)
