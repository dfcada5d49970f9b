"The unified view of a customer, masked for who reads it. Each read by staff or an application is audited."

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.queries import open_alerts
from actions.customers import queries
from actions.customers.models import Account, Card, Customer, Holding, Loan, Transaction
from actions.customers.schemas import CustomerOut, MoneyValue, Part, Portrait, Profile
from actions.recommendations.models import Product
from actions.tickets.models import Ticket
from actions.tickets.queries import visible_tickets
from core.audit import record
from core.identity import Caller, Participant

RECENT = 10
BASE_CURRENCY = "EUR"  # the demonstration bank keeps all accounts in one currency
ConversationsOf = Callable[[AsyncSession, Customer], Awaitable[list[dict[str, Any]]]]


def mask_email(email: str) -> str:
    "The first letter and the domain: enough to recognise, too little to use."
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def mask_digits(number: str) -> str:
    "The last four characters."
    return f"****{number[-4:]}"


def money(amount: Decimal, currency: str) -> dict[str, str]:
    "An amount as the contract writes it."
    return {"amount": f"{amount:.2f}", "currency": currency}


def customer_out(customer: Customer) -> CustomerOut:
    "A customer for lists."
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


async def audit_read(session: AsyncSession, caller: Caller, customer: Customer, what: str) -> None:
    "Note that somebody else than the customer looked."
    if not isinstance(caller, Participant):
        await record(session, caller, "customer.read", f"customer:{customer.id}", {"what": what})


async def profile(
    session: AsyncSession, caller: Caller, customer: Customer, now: datetime, conversations_of: ConversationsOf
) -> Profile:
    "Everything a caller may see of a customer, each part with its source and time."
    accounts = await queries.accounts_of(session, customer)
    loans = await queries.loans_of(session, customer)
    holdings = await queries.holdings_of(session, customer)
    tickets = (
        await session.scalars(visible_tickets(caller).where(Ticket.customer_id == customer.id).limit(RECENT))
    ).all()
    alerts = await open_alerts(session, caller, customer.id)
    view = Profile(
        identity=_part(customer, [identity(customer)]),
        accounts=_part(customer, [account_row(a) for a in accounts]),
        cards=_part(customer, [card_row(c) for c in await queries.cards_of(session, customer)], "card_system"),
        loans=_part(customer, [loan_row(loan) for loan in loans], "lending"),
        holdings=_part(customer, [holding_row(h, p) for h, p in holdings], "wealth"),
        transactions=_part(
            customer, [transaction_row(t) for t in await queries.transactions_of(session, customer, RECENT)]
        ),
        tickets=Part(source="assistant", as_of=now, items=[ticket_row(t) for t in tickets]),
        conversations=Part(source="assistant", as_of=now, items=await conversations_of(session, customer)),
        consents=_part(customer, [customer.consents]),
        alerts=Part(source="compliance", as_of=now, items=[{"id": str(a.id), "kind": a.kind} for a in alerts]),
        portrait=portrait(customer, accounts, loans, holdings),
    )
    await audit_read(session, caller, customer, "profile")
    return view


def portrait(
    customer: Customer, accounts: Sequence[Account], loans: Sequence[Loan], holdings: Sequence[tuple[Holding, Product]]
) -> Portrait:
    "What the customer is worth today, with the formulas shown."
    assets = sum((a.balance for a in accounts), Decimal()) + sum((h.value for h, _ in holdings), Decimal())
    debts = sum((loan.outstanding for loan in loans), Decimal())
    return Portrait(
        assets=MoneyValue(amount=assets, currency=BASE_CURRENCY),
        debts=MoneyValue(amount=debts, currency=BASE_CURRENCY),
        products_held=len(accounts) + len(loans) + len(holdings),
        segment=customer.segment,
        risk_level=customer.risk_level,
        risk_assessed_until=customer.risk_assessed_until,
        formulas={
            "assets": "sum of account balances + sum of holdings at today's value",
            "debts": "sum of outstanding loan amounts",
            "products_held": "number of accounts, loans and holdings",
        },
    )


def identity(customer: Customer) -> dict[str, Any]:
    "Who it is, with document, contacts and KYC masked to what a conversation needs."
    return {
        "name": customer.name, "native_name": customer.native_name, "number": customer.number,
        "language": customer.language, "residency": customer.residency, "segment": customer.segment,
        "email": mask_email(customer.email), "phone": mask_digits(customer.phone),
        "document": {"type": customer.document.get("type"), "number": mask_digits(str(customer.document.get("number")))},
        "kyc": {"state": customer.kyc_state, "until": customer.kyc_until.isoformat()},
    }  # fmt: skip


def account_row(account: Account) -> dict[str, Any]:
    "An account with its balance."
    return {"id": str(account.id), "kind": account.kind, "iban": mask_digits(account.iban),
            "balance": money(account.balance, account.currency)}  # fmt: skip


def card_row(card: Card) -> dict[str, Any]:
    "A card."
    return {"id": str(card.id), "kind": card.kind, "number": f"****{card.last_four}", "state": card.state,
            "expires_on": card.expires_on.isoformat()}  # fmt: skip


def loan_row(loan: Loan) -> dict[str, Any]:
    "A loan."
    return {"id": str(loan.id), "kind": loan.kind, "outstanding": money(loan.outstanding, loan.currency),
            "instalment": money(loan.instalment, loan.currency), "rate_percent": str(loan.rate_percent),
            "next_due_on": loan.next_due_on.isoformat(), "ends_on": loan.ends_on.isoformat()}  # fmt: skip


def holding_row(holding: Holding, product: Product) -> dict[str, Any]:
    "A holding with its product."
    return {"id": str(holding.id), "product_id": str(product.id), "name": product.name, "name_zh": product.name_zh,
            "risk_level": product.risk_level, "value": money(holding.value, holding.currency)}  # fmt: skip


def transaction_row(transaction: Transaction) -> dict[str, Any]:
    "A booking."
    return {"id": str(transaction.id), "booked_at": transaction.booked_at.isoformat(),
            "amount": money(transaction.amount, transaction.currency),
            "counterparty": transaction.counterparty, "category": transaction.category}  # fmt: skip


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    "A ticket in the profile."
    return {"id": str(ticket.id), "reference": ticket.reference, "subject": ticket.subject, "state": ticket.state,
            "queue": ticket.queue, "priority": ticket.priority}  # fmt: skip


def _part(customer: Customer, items: list[dict[str, Any]], source: str | None = None) -> Part:
    return Part(source=source or customer.source, as_of=customer.source_at, items=items)
