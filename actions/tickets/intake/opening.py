"""Opening a ticket: routed, stored with its first clocks, told to the customer, all in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets import notifications, queries
from actions.tickets.complaints.jurisdiction import complaint_of
from actions.tickets.history import record_change
from actions.tickets.models import Ticket, TicketVector
from actions.tickets.priorities import rank_at
from actions.tickets.routing.models import begin_reading, guess_of
from actions.tickets.routing.reader import Reading
from actions.tickets.routing.rules import Facts, Routing, route, routed_text
from actions.tickets.routing.signals import Sign, Signal
from actions.tickets.schemas import TicketNew
from actions.tickets.search import vector_of
from actions.tickets.sla.service import first_timers
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from core.identity import Application, Caller, Participant, Staff, require
from core.languages import detect_language

MAX_SUBJECT = 80  # characters of the first sentence that become the subject
VULNERABLE: frozenset[Signal] = frozenset({"crisis", "bereavement", "illness", "hardship"})


async def open_ticket(
    session: AsyncSession,
    caller: Caller,
    new: TicketNew,
    now: datetime,
    *,
    contact: str | None = None,
    signs: Sequence[Sign] = (),
) -> Ticket:
    """Route and store a ticket. A participant's ticket is always the participant's own, whatever `new` says."""
    if isinstance(caller, Staff | Application):
        require(caller, "tickets:write")
    customer_id, conversation_id = new.customer_id, new.conversation_id
    if isinstance(caller, Participant):
        customer_id, conversation_id = caller.customer_id, caller.conversation_id
    elif conversation_id is not None:
        await queries.require_conversation(session, conversation_id)
    text = routed_text(new.subject, new.description)
    reading = None if new.kind and new.queue else begin_reading(text)
    customer = await queries.customer_named(session, customer_id)
    book = await load_ticket_config(session)
    routing = await _routed(session, book, new, text, reading, customer, signs)
    ticket = Ticket(
        id=uuid4(),
        subject=new.subject,
        description=new.description,
        language=new.language or detect_language(text),
        channel=new.channel
        or (
            "api"
            if isinstance(caller, Application)
            else "staff"
            if isinstance(caller, Staff)
            else "web"
        ),
        kind=routing.kind,
        queue=routing.queue,
        priority=routing.priority,
        state="new",
        version=1,
        customer_id=customer_id,
        segment=customer.segment if customer else None,
        conversation_id=conversation_id,
        application_id=caller.id if isinstance(caller, Application) else None,
        contact=contact or new.contact,
        routing=routing.as_json(),
        service=new.service,
        answers=new.answers,
        tags=new.tags,
        rank_at=rank_at(now, routing.priority),
        search=vector_of(f"{new.subject}\n{new.description}"),
        created_at=now,
        updated_at=now,
    )
    complaint = complaint_of(ticket, customer, book, now) if ticket.kind == "complaint" else None
    clocks = first_timers(ticket, book, complaint, now)
    session.add(ticket)
    await session.flush()
    session.add_all(clocks)
    if complaint is not None:
        session.add(complaint)
    session.add(TicketVector(ticket_id=ticket.id, created_at=now))
    service = book.services.get(new.service or "")
    await notifications.tell(
        session,
        ticket,
        (service and service.letters.opened) or "ticket-opened",
        now,
        customer=customer,
    )
    await record_change(session, caller, ticket, "created", None, ticket.state, None, now)
    return ticket


async def _routed(
    session: AsyncSession,
    book: TicketConfig,
    new: TicketNew,
    text: str,
    reading: Awaitable[Reading] | None,
    customer: Customer | None,
    signs: Sequence[Sign],
) -> Routing:
    complaining = customer is not None and await session.scalar(
        select(queries.has_open_complaint(customer.id))
    )
    facts = Facts(
        text,
        channel=new.channel or "web",
        segment=customer.segment if customer else None,
        vulnerable=any(sign.signal in VULNERABLE for sign in signs),
        open_complaint=bool(complaining),
        signs=signs,
        kind=new.kind,
        queue=new.queue,
        priority=new.priority,
    )
    guess = await guess_of(session, text, reading) if reading is not None else None
    return route(facts, book.routing.rules, book.routing_version, guess=guess)


def subject_of(description: str, limit: int = MAX_SUBJECT) -> str:
    """A subject from what the customer wrote: its first line, cut at a word."""
    line = description.strip().split("\n")[0]
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + "…"
