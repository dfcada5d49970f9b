"""The unified view of a customer, masked for who reads it and why. Each read by staff or an application is audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.queries import open_alerts
from actions.customers import queries
from actions.customers.figures import figures_of
from actions.customers.masks import Field, Purpose, mask_digits, mask_email, mask_words, shown_to
from actions.customers.models import Account, Card, Customer, Holding, Loan, Transaction
from actions.customers.portrait import Score, lists_of, scores
from actions.customers.schemas import CustomerOut, MoneyValue, Part, Portrait, Profile, ScoreOut
from actions.products.models import Product
from actions.tickets.models import Ticket
from actions.tickets.queries import visible_tickets
from core.audit import record
from core.identity import Caller, Participant

RECENT = 10
TIMELINE = 20  # entries of it in the profile; the rest by pages
BASE_CURRENCY = "EUR"  # the demonstration bank keeps all accounts in one currency
ConversationsOf = Callable[[AsyncSession, Customer], Awaitable[list[dict[str, Any]]]]


@dataclass(frozen=True)
class Why:
    """What somebody wants to see a customer for. Without a reason everything that identifies is masked."""

    purpose: Purpose = "service"
    reason: str | None = None


NO_REASON = Why()


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount as the contract writes it."""
    return {"amount": f"{amount:.2f}", "currency": currency}


def customer_out(customer: Customer) -> CustomerOut:
    """A customer for lists."""
    return CustomerOut(
        id=customer.id,
        number=customer.number,
        name=customer.name,
        native_name=customer.native_name,
        language=customer.language,
        segment=customer.segment,
        residency=customer.residency,
        risk_level=customer.risk_level,
        kyc_state=customer.kyc_state,
        email=mask_email(customer.email),
        phone=mask_digits(customer.phone),
    )


async def audit_read(
    session: AsyncSession, caller: Caller, customer: Customer, what: str, why: Why = NO_REASON
) -> None:
    """Note that somebody else than the customer looked, at what, for what and why."""
    if not isinstance(caller, Participant):
        details = {"what": what, "purpose": why.purpose, "reason": why.reason}
        await record(session, caller, "customer.read", f"customer:{customer.id}", details)


async def profile(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    now: datetime,
    conversations_of: ConversationsOf,
    why: Why = NO_REASON,
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
        timeline=_ours(timeline(tickets, conversations, around["life_events"]), now),
        life_events=_ours(around["life_events"], now),
        household=_ours(around["household"], now),
        relationship_manager=_ours([around["manager"]] if around["manager"] else [], now),
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


def portrait(customer: Customer, made: Mapping[str, Score]) -> Portrait:
    """The scores as they are told, each with its formula and inputs."""
    return Portrait(
        assets=MoneyValue(amount=made["assets"].value, currency=BASE_CURRENCY),
        debts=MoneyValue(amount=made["debts"].value, currency=BASE_CURRENCY),
        products_held=made["depth"].value,
        segment=customer.segment,
        risk_level=customer.risk_level,
        risk_assessed_until=customer.risk_assessed_until,
        lists=list(lists_of(made)),
        scores={
            name: ScoreOut(value=plain(s.value), inputs=plain(s.inputs)) for name, s in made.items()
        },
        formulas={name: score.formula for name, score in made.items()},
    )


def plain(value: Any) -> Any:
    """Amounts as decimal strings, within lists and dictionaries too."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def timeline(
    tickets: Sequence[Ticket],
    conversations: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """What happened with the customer over all channels, the newest first."""
    entries: list[dict[str, Any]] = [
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


def identity(customer: Customer, full: frozenset[Field] = frozenset()) -> dict[str, Any]:
    """Who it is, with document and KYC masked to what the reader needs."""
    number = str(customer.document.get("number"))
    return {
        "name": customer.name,
        "native_name": customer.native_name,
        "number": customer.number,
        "language": customer.language,
        "residency": customer.residency,
        "segment": customer.segment,
        "email": customer.email if "contacts" in full else mask_email(customer.email),
        "phone": customer.phone if "contacts" in full else mask_digits(customer.phone),
        "birth_date": customer.birth_date.isoformat()
        if "birth_date" in full
        else f"{customer.birth_date.year}",
        "monthly_income": str(customer.monthly_income) if "income" in full else None,
        "document": {
            "type": customer.document.get("type"),
            "number": number if "document" in full else mask_digits(number),
        },
        "kyc": {"state": customer.kyc_state, "until": customer.kyc_until.isoformat()},
    }


def contacts(customer: Customer, full: frozenset[Field]) -> dict[str, Any]:
    """How the customer is reached."""
    return {
        "email": customer.email if "contacts" in full else mask_email(customer.email),
        "phone": customer.phone if "contacts" in full else mask_digits(customer.phone),
        "address": customer.address if "address" in full else mask_words(customer.address),
    }


def account_row(account: Account, full: frozenset[Field] = frozenset()) -> dict[str, Any]:
    """An account with its balance."""
    return {
        "id": str(account.id),
        "kind": account.kind,
        "iban": account.iban if "iban" in full else mask_digits(account.iban),
        "balance": money(account.balance, account.currency),
    }


def card_row(card: Card) -> dict[str, Any]:
    """A card."""
    return {
        "id": str(card.id),
        "kind": card.kind,
        "number": f"****{card.last_four}",
        "state": card.state,
        "expires_on": card.expires_on.isoformat(),
    }


def loan_row(loan: Loan) -> dict[str, Any]:
    """A loan."""
    return {
        "id": str(loan.id),
        "kind": loan.kind,
        "outstanding": money(loan.outstanding, loan.currency),
        "instalment": money(loan.instalment, loan.currency),
        "rate_percent": str(loan.rate_percent),
        "next_due_on": loan.next_due_on.isoformat(),
        "ends_on": loan.ends_on.isoformat(),
    }


def holding_row(holding: Holding, product: Product) -> dict[str, Any]:
    """A holding with its product."""
    return {
        "id": str(holding.id),
        "product_id": str(product.id),
        "name": product.name,
        "name_zh": product.name_zh,
        "risk_level": product.risk_level,
        "value": money(holding.value, holding.currency),
    }


def transaction_row(
    transaction: Transaction, full: frozenset[Field] = frozenset()
) -> dict[str, Any]:
    """A booking; whom it was with is masked where the reader need not know."""
    who = transaction.counterparty
    return {
        "id": str(transaction.id),
        "booked_at": transaction.booked_at.isoformat(),
        "amount": money(transaction.amount, transaction.currency),
        "counterparty": who if "counterparties" in full else mask_words(who),
        "category": transaction.category,
    }


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """A ticket in the profile."""
    return {
        "id": str(ticket.id),
        "reference": ticket.reference,
        "subject": ticket.subject,
        "state": ticket.state,
        "queue": ticket.queue,
        "priority": ticket.priority,
    }


def _latest_tickets(caller: Caller, customer: Customer) -> Any:
    mine = visible_tickets(caller).where(Ticket.customer_id == customer.id)
    return mine.order_by(Ticket.created_at.desc()).limit(RECENT)


def _ours(items: list[dict[str, Any]], now: datetime) -> Part:
    return Part(source="assistant", as_of=now, items=items)


def _part(customer: Customer, items: list[dict[str, Any]], source: str | None = None) -> Part:
    return Part(source=source or customer.source, as_of=customer.source_at, items=items)
