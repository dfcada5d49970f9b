"""Judging bookings, gathering alerts into cases, and closing cases by four eyes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.alerts import open_alert_ticket
from actions.compliance.models import Alert
from actions.compliance.monitoring.models import ComplianceCase, MonitoringParameters, MonitoringRun
from actions.compliance.monitoring.rules import (
    BOOKING_WORTH,
    EVERYBODY,
    INSTALMENT_WORTH,
    LOANS,
    LOOKED_BACK,
    ONE_ACCOUNT,
    ONE_CUSTOMER,
    OUTSTANDING_WORTH,
    STATEMENT,
    Parameters,
    RuleCode,
)
from actions.customers.models import Account, Customer
from core.audit import record
from core.errors import Conflict, NotFound
from core.exchange_rates import execute_converted
from core.identity import Caller, System, actor, require
from core.outbox import emit
from core.versioned import newest_of, write_next

MONITOR = System("monitoring")
OVERLAP = timedelta(days=3)  # bookings that came late are judged by the next run
EVERY = timedelta(hours=20)  # between two runs over everybody
FIRST = timedelta(days=30)  # what the first run of all judges
BATCH_TIMEOUT = "15min"
_RUN_LOCK = 7_230_004  # advisory lock key: one run over everybody at a time
WARNINGS: frozenset[RuleCode] = frozenset(
    {"over_indebted", "cross_default"}
)  # about loans: no sign of a crime
Disposition = Literal["no_suspicion", "report"]


@dataclass(frozen=True)
class Hit:
    """A rule that spoke: of which booking or loan, and at what time; the same subject is told once."""

    rule: RuleCode
    subject: str
    customer_id: UUID
    at: datetime
    amount: Decimal
    said: dict[str, object]

    @property
    def is_warning(self) -> bool:
        return self.rule in WARNINGS

    @property
    def kind(self) -> str:
        """Of the alert."""
        return f"{'loan' if self.is_warning else 'monitoring'}.{self.rule}"


async def parameters_in_use(session: AsyncSession) -> tuple[int, Parameters]:
    """The version and the limits that count; version 0 are those of the product."""
    row = await newest_of(session, MonitoringParameters)
    return (row.version, Parameters.model_validate(row.content)) if row else (0, Parameters())


async def set_parameters(
    session: AsyncSession, caller: Caller, parameters: Parameters, now: datetime
) -> MonitoringParameters:
    """New limits, from now on."""
    require(caller, "compliance:manage")
    row = await write_next(session, caller, MonitoringParameters, parameters.model_dump(), now)
    await record(session, caller, "monitoring.parameters", "monitoring", {"version": row.version})
    return row


async def hits(
    session: AsyncSession,
    parameters: Parameters,
    since: datetime,
    until: datetime,
    account: UUID | None = None,
) -> list[Hit]:
    """What the rules say of bookings after `since` up to `until`, of everybody or of one account."""
    statement = STATEMENT.format(scope=ONE_ACCOUNT if account else EVERYBODY, worth=BOOKING_WORTH)
    bind_values = {
        "since": since,
        "until": until,
        "looked_back": since - LOOKED_BACK,
        **parameters.bound(),
    }
    values = bind_values | ({"account": account} if account else {})
    rows = await execute_converted(session, text(statement), values)
    return [
        Hit(
            rule,
            str(booking),
            customer_id,
            booked_at,
            amount,
            {**evidence, "account_id": str(account_id)},
        )
        for rule, booking, account_id, customer_id, booked_at, amount, evidence in rows
    ]


async def loan_warnings(
    session: AsyncSession, parameters: Parameters, now: datetime, customer: UUID | None = None
) -> list[Hit]:
    """Early warnings about loans as they stand now, of everybody or of one customer."""
    statement = LOANS.format(
        scope=ONE_CUSTOMER if customer else EVERYBODY,
        outstanding=OUTSTANDING_WORTH,
        instalment=INSTALMENT_WORTH,
    )
    bind_values = {"today": now.date(), **parameters.bound()} | (
        {"customer": customer} if customer else {}
    )
    rows = await execute_converted(session, text(statement), bind_values)
    return [
        Hit(
            rule,
            f"{loan}:{now:%Y-%m}",
            customer_id,
            now,
            outstanding,
            {**evidence, "loan_id": str(loan)},
        )
        for rule, loan, customer_id, outstanding, evidence in rows
    ]


async def try_parameters(
    session: AsyncSession, caller: Caller, parameters: Parameters, since: datetime, now: datetime
) -> dict[str, int]:
    """How many alerts each rule would have raised since then."""
    require(caller, "compliance:manage")
    counts = [
        *await hits(session, parameters, since, now),
        *await loan_warnings(session, parameters, now),
    ]
    return dict(Counter(hit.rule for hit in counts))


async def judge_account(
    session: AsyncSession, account: UUID, since: datetime, now: datetime
) -> list[Alert]:
    """Judge the bookings of one account as they arrive."""
    _, parameters = await parameters_in_use(session)
    owner = (await session.get_one(Account, account)).customer_id
    account_hits = await hits(session, parameters, since, now, account)
    return await _raise(
        session, [*account_hits, *await loan_warnings(session, parameters, now, owner)], now
    )


async def judge_everybody(session: AsyncSession, now: datetime) -> int | None:
    """Judge what was booked since the last run, when that was long enough ago; how many alerts are new."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_RUN_LOCK))):
        return None  # another process is at it
    last = await session.scalar(select(func.max(MonitoringRun.until)))
    if last is not None and now - last < EVERY:
        return None
    await session.execute(text(f"set local statement_timeout = '{BATCH_TIMEOUT}'"))
    version, parameters = await parameters_in_use(session)
    all_hits = await hits(session, parameters, last - OVERLAP if last else now - FIRST, now)
    all_hits += await loan_warnings(session, parameters, now)
    raised = await _raise(session, all_hits, now)
    session.add(MonitoringRun(until=now, version=version, alerts=len(raised)))
    await session.flush()
    return len(raised)


async def _raise(session: AsyncSession, new_hits: Sequence[Hit], now: datetime) -> list[Alert]:
    """Alerts of what nobody was alerted of yet.

    Those about transactions are gathered in the customer's open case; warnings about loans go to the lending team.
    """
    raised: list[Alert] = []
    by_customer = attrgetter("customer_id")
    for customer_id, theirs in groupby(sorted(new_hits, key=by_customer), by_customer):
        mine = list(theirs)
        existing = select(Alert.kind, Alert.subject).where(
            Alert.subject.in_([hit.subject for hit in mine])
        )
        alerted = {tuple(row) for row in await session.execute(existing)}
        fresh = [hit for hit in mine if (hit.kind, hit.subject) not in alerted]
        if booked := [hit for hit in fresh if not hit.is_warning]:
            case = await _open_case(session, customer_id, now)
            raised += await _alerts(session, booked, case.ticket, case.id)
        if warnings := [hit for hit in fresh if hit.is_warning]:
            customer = await session.get_one(Customer, customer_id, with_for_update=True)
            about = f"Customer {customer.number}"
            ticket = await open_alert_ticket(
                session, MONITOR, "Loans to look at", about, "lending", now
            )
            raised += await _alerts(session, warnings, ticket.reference, None)
    return raised


async def _alerts(
    session: AsyncSession, new_hits: Sequence[Hit], ticket: str, case_id: UUID | None
) -> list[Alert]:
    rows = [
        {
            "id": uuid4(),
            "customer_id": hit.customer_id,
            "kind": hit.kind,
            "subject": hit.subject,
            "case_id": case_id,
            "state": "open",
            "evidence": {
                **hit.said,
                "amount": str(hit.amount),
                "at": hit.at.isoformat(),
                "ticket": ticket,
            },
        }
        for hit in new_hits
    ]
    made = insert(Alert).values(rows).on_conflict_do_nothing().returning(Alert)
    alerts = list(await session.scalars(made))
    for alert in alerts:
        emit(session, "compliance.alerted", {"alert_id": str(alert.id), "kind": alert.kind})
    return alerts


async def _open_case(session: AsyncSession, customer_id: UUID, now: datetime) -> ComplianceCase:
    await session.get(Customer, customer_id, with_for_update=True)  # one case at a time
    rows = select(ComplianceCase).where(
        ComplianceCase.customer_id == customer_id, ComplianceCase.state != "closed"
    )
    case = await session.scalar(rows)
    if case is not None:
        if case.state == "proposed":  # there is more to look at
            case.state = "open"
        return case
    key = uuid4()
    ticket = await open_alert_ticket(
        session, MONITOR, "Transactions to look at", f"Case {key}", "compliance", now
    )
    case = ComplianceCase(
        id=key, customer_id=customer_id, state="open", ticket=ticket.reference, created_at=now
    )
    session.add(case)
    await session.flush()
    return case


def visible_cases(caller: Caller) -> Select[ComplianceCase]:
    """Cases, for those who work on them."""
    require(caller, "compliance:manage")
    return select(ComplianceCase)


async def case_by_id(
    session: AsyncSession, caller: Caller, case_id: UUID, *, lock: bool = False
) -> ComplianceCase:
    """One case, locked for a change; a look at it alone is audited."""
    rows = visible_cases(caller).where(ComplianceCase.id == case_id)
    case = await session.scalar(rows.with_for_update() if lock else rows)
    if case is None:
        raise NotFound("case")
    if not lock:
        await record(session, caller, "case.read", f"case:{case.id}")
    return case


async def propose(
    session: AsyncSession,
    caller: Caller,
    case: ComplianceCase,
    disposition: Disposition,
    reason: str,
) -> ComplianceCase:
    """Say how the case should end; somebody else decides. A report gets its draft."""
    if case.state == "closed":
        raise Conflict("case.closed")
    case.state, case.disposition, case.reason, case.proposed_by = (
        "proposed",
        disposition,
        reason,
        actor(caller),
    )
    case.draft = await _draft(session, case, reason) if disposition == "report" else None
    await session.flush()
    await record(session, caller, "case.proposed", f"case:{case.id}", {"disposition": disposition})
    return case


async def conclude(
    session: AsyncSession,
    caller: Caller,
    case: ComplianceCase,
    *,
    approve: bool,
    reason: str,
    now: datetime,
) -> ComplianceCase:
    """Approve what another person proposed, and close the case with its alerts; or send it back."""
    if case.state != "proposed":
        raise Conflict("case.no_proposal")
    if case.proposed_by == actor(caller):
        raise Conflict("case.four_eyes")
    case.state = "closed" if approve else "open"
    if approve:
        case.decided_by, case.closed_at = actor(caller), now
        state = "reported" if case.disposition == "report" else "cleared"
        for alert in await session.scalars(
            select(Alert).where(Alert.case_id == case.id).with_for_update()
        ):
            alert.state = state
    await session.flush()
    details = {"approved": approve, "disposition": case.disposition, "reason": reason}
    await record(session, caller, "case.decided", f"case:{case.id}", details)
    return case


async def _draft(session: AsyncSession, case: ComplianceCase, reason: str) -> str:
    """The draft of a suspicious transaction report: who, what, why; an officer completes and files it."""
    customer = await session.get_one(Customer, case.customer_id)
    alerts = (
        await session.scalars(
            select(Alert).where(Alert.case_id == case.id).order_by(Alert.created_at)
        )
    ).all()
    lines = [
        f"- {a.evidence['at'][:10]}  {a.evidence['amount']}  {a.kind.removeprefix('monitoring.').replace('_', ' ')}"
        for a in sorted(alerts, key=lambda alert: str(alert.evidence.get("at", "")))
        if a.subject is not None
    ]
    who = f"{customer.name}, customer {customer.number}, born {customer.birth_date}, {customer.residency}"
    return "\n".join(["Subject", who, "", "What was found", *lines, "", "Grounds", reason])
