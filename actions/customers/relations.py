"""What staff note about a customer: consents, life events, the household, the relationship manager, the risk questionnaire.

Each change is audited; a consent keeps its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries
from actions.customers.models import ConsentChange, Customer, Household, LifeEvent, RiskAssessment
from actions.customers.risk import VERSION, Assessed, assess
from actions.customers.schemas import ConsentPurpose, LifeEventKind
from core.accounts import StaffUser
from core.audit import record
from core.errors import Invalid
from core.identity import Caller, Participant, actor, require


async def set_consents(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    choices: Mapping[ConsentPurpose, bool],
    channel: str,
    now: datetime,
) -> Customer:
    """Give or take back consents; a customer does so for oneself."""
    _require_write(caller)
    changed: dict[str, bool] = {
        purpose: value
        for purpose, value in choices.items()
        if customer.consents.get(purpose) != value
    }
    session.add_all(
        ConsentChange(
            customer_id=customer.id,
            purpose=p,
            given=v,
            channel=channel,
            changed_by=actor(caller),
            created_at=now,
        )
        for p, v in changed.items()
    )
    customer.consents = {**customer.consents, **changed}
    if changed.get("household") is False:
        customer.household_id = None
    await session.flush()
    if changed:
        await record(session, caller, "customer.consents", f"customer:{customer.id}", changed)
    return customer


async def note_life_event(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    kind: LifeEventKind,
    on: date,
    now: datetime,
) -> LifeEvent:
    """Note what happened; Invalid for a day to come."""
    _require_write(caller)
    if on > now.date():
        raise Invalid.field("happened_on", "contact.in_future")
    event = LifeEvent(
        customer_id=customer.id,
        kind=kind,
        happened_on=on,
        source="staff",
        noted_by=actor(caller),
        created_at=now,
    )
    session.add(event)
    await session.flush()
    await record(session, caller, "customer.life_event", f"customer:{customer.id}", {"kind": kind})
    return event


async def set_household(
    session: AsyncSession, caller: Caller, name: str, members: Sequence[UUID]
) -> tuple[Household, list[Customer]]:
    """Put customers into one household; Invalid unless each has agreed to it."""
    _require_write(caller)
    ids = list(dict.fromkeys(members))
    rows = (
        queries.visible_customers(caller)
        .where(Customer.id.in_(ids))
        .order_by(Customer.id)
        .with_for_update()
    )
    customers = list((await session.scalars(rows)).all())
    if len(customers) < len(ids):
        raise Invalid.field("members", "household.member_unknown")
    if unwilling := [c.number for c in customers if not c.consents.get("household")]:
        raise Invalid.field("members", "household.consent_missing", names=unwilling)
    household = Household(name=name)
    session.add(household)
    await session.flush()
    for customer in customers:
        customer.household_id = household.id
    await session.flush()
    await record(
        session,
        caller,
        "household.made",
        f"household:{household.id}",
        {"members": [str(m) for m in ids]},
    )
    return household, customers


async def set_manager(
    session: AsyncSession, caller: Caller, customer: Customer, manager_id: UUID | None
) -> StaffUser | None:
    """Who looks after the customer; Invalid for somebody who is no active employee of sales or service."""
    require(caller, "customers:assign")
    manager = await session.get(StaffUser, manager_id) if manager_id else None
    if manager_id and (
        manager is None or not manager.active or manager.role not in ("agent", "supervisor")
    ):
        raise Invalid.field("manager_id", "manager.not_active")
    before, customer.relationship_manager_id = customer.relationship_manager_id, manager_id
    await session.flush()
    details = {
        "before": str(before) if before else None,
        "after": str(manager_id) if manager_id else None,
    }
    await record(session, caller, "customer.manager", f"customer:{customer.id}", details)
    return manager


async def assess_risk(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    answers: Mapping[str, int],
    now: datetime,
) -> Assessed:
    """Fill in the questionnaire; the customer has the level from now on."""
    _require_write(caller)
    assessed = assess(answers, now.date())
    session.add(
        RiskAssessment(
            customer_id=customer.id,
            version=VERSION,
            answers=dict(answers),
            points=assessed.points,
            level=assessed.level,
            valid_until=assessed.valid_until,
            made_by=actor(caller),
            created_at=now,
        )
    )
    customer.risk_level, customer.risk_assessed_until = assessed.level, assessed.valid_until
    customer.experience = assessed.experience
    await session.flush()
    await record(
        session,
        caller,
        "customer.risk_assessed",
        f"customer:{customer.id}",
        {"level": assessed.level},
    )
    return assessed


async def consent_history(session: AsyncSession, customer: Customer) -> Sequence[ConsentChange]:
    """Every change of a customer's consents, the newest first."""
    rows = select(ConsentChange).where(ConsentChange.customer_id == customer.id)
    return (await session.scalars(rows.order_by(ConsentChange.created_at.desc()))).all()


def _require_write(caller: Caller) -> None:
    if not isinstance(caller, Participant):
        require(caller, "customers:write")
