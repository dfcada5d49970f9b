"""Linking people of sources to customers, and what follows: values that count, accounts and holdings in the master record.

A row is linked by itself where the probability is high enough, waits for a person where it is doubtful, and is a new customer
otherwise. The order in which sources are loaded may decide who is new, never what the master record says in the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import get_args
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.identity.matching import (
    LINK,
    REVIEW,
    Match,
    PersonRecord,
    match,
    person_record,
)
from actions.customers.identity.models import CustomerValue, IdentityReview, SurvivorshipRules
from actions.customers.identity.survivorship import FieldName, Rules, Value, choose
from actions.customers.models import Customer
from actions.customers.source_models import Source, SourceRecord
from core.audit import record
from core.identity import Caller, System, require
from core.versioned import newest_of, write_next

RESOLVER = System("identity")
BUILT_IN = "customers"  # the source of what a customer's row said before any other source spoke
BUILT_IN_TRUST = 50
UNKNOWN = date(1900, 1, 1)  # the birth date of a customer whose source gave none
NUMBERS = text("select 'S' || nextval('customer_numbers')")


@dataclass(frozen=True)
class Candidate:
    """A customer who may be the person of a row."""

    customer: Customer
    found: Match


async def resolve_waiting(session: AsyncSession, now: datetime, limit: int) -> int:
    """Link people whose rows are new or changed, in the order in which they came; how many were looked at."""
    rows = (
        select(SourceRecord)
        .where(
            SourceRecord.type == "person",
            SourceRecord.applied_digest.is_distinct_from(SourceRecord.digest),
        )
        .order_by(SourceRecord.ordinal)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    waiting = (await session.scalars(rows)).all()
    for row in waiting:
        if row.customer_id is None:
            await _link(session, row, now)
        if row.customer_id is not None:
            await apply_survivorship(session, row.customer_id)
        row.applied_digest = row.digest
    await session.flush()
    return len(waiting)


async def _link(session: AsyncSession, row: SourceRecord, now: datetime) -> None:
    """Link, or queue for a person, or make a customer."""
    person = person_record(row.content)
    candidates = await candidates_for(session, person)
    best = candidates[0] if candidates else None
    if best is not None and best.found.score >= LINK:
        row.customer_id, row.confidence = best.customer.id, best.found.score
        details = {
            "record": str(row.id),
            "score": best.found.score,
            "reasons": list(best.found.reasons),
        }
        await record(session, RESOLVER, "identity.linked", f"customer:{best.customer.id}", details)
    elif best is not None and best.found.score >= REVIEW:
        reviewed = select(IdentityReview.customer_id).where(IdentityReview.record_id == row.id)
        already_reviewed = set((await session.scalars(reviewed)).all())
        session.add_all(
            IdentityReview(
                record_id=row.id,
                customer_id=c.customer.id,
                score=c.found.score,
                reasons=list(c.found.reasons),
                state="open",
                created_at=now,
            )
            for c in candidates
            if c.found.score >= REVIEW and c.customer.id not in already_reviewed
        )
    else:
        await new_customer(session, row, now)
    await session.flush()


async def new_customer(session: AsyncSession, row: SourceRecord, now: datetime) -> Customer:
    """A customer of a row; what the source did not say is empty, unassessed and unverified."""
    content = row.content
    customer = Customer(
        id=uuid4(),
        number=await session.scalar(NUMBERS),
        name=content["name"],
        native_name=content.get("native_name"),
        birth_date=date.fromisoformat(content["birth_date"])
        if content.get("birth_date")
        else UNKNOWN,
        nationality=content.get("nationality") or "",
        residency=content.get("residency") or "",
        language=content.get("language") or "en",
        segment=content.get("segment") or "mass",
        email=content.get("email") or "",
        phone=content.get("phone") or "",
        address=content.get("address") or "",
        document={},
        risk_level="C1",
        risk_assessed_until=UNKNOWN,
        kyc_state="pending",
        kyc_until=UNKNOWN,
        experience="none",
        monthly_income=Decimal(),
        knowledge=[],
        consents={},
        source=row.source,
        source_at=row.as_of,
        created_at=now,
        baseline={},
    )
    session.add(customer)
    row.customer_id, row.confidence = customer.id, 1.0
    await session.flush()
    await record(
        session, RESOLVER, "identity.created", f"customer:{customer.id}", {"record": str(row.id)}
    )
    return customer


async def candidates_for(session: AsyncSession, person: PersonRecord) -> list[Candidate]:
    """Customers who share a document, an address, a number or a birthday with a person, the likeliest first."""
    shared = [
        clause
        for value, clause in (
            (person.document, Customer.document["number"].astext == person.document),
            (person.email, Customer.email == (person.email or "").lower()),
            (person.phone, Customer.phone == person.phone),
            (person.birth_date, Customer.birth_date == person.birth_date),
            (_swapped(person.birth_date), Customer.birth_date == _swapped(person.birth_date)),
        )
        if value
    ]
    if not shared:
        return []
    rows = select(Customer).where(
        Customer.merged_into.is_(None), Customer.kind == "person", or_(*shared)
    )
    candidates = [
        Candidate(c, match(person, of_customer(c))) for c in (await session.scalars(rows)).all()
    ]
    return sorted(
        candidates, key=lambda candidate: (-candidate.found.score, candidate.customer.number)
    )


def of_customer(customer: Customer) -> PersonRecord:
    """A customer as the matching reads one."""
    return PersonRecord(
        customer.name,
        customer.native_name,
        customer.birth_date if customer.birth_date != UNKNOWN else None,
        customer.document.get("number"),
        customer.email or None,
        customer.phone or None,
        customer.address or None,
    )


def _swapped(born: date | None) -> date | None:
    """Day and month the other way round, where that is a day."""
    try:
        return born.replace(month=born.day, day=born.month) if born else None
    except ValueError:
        return None


async def rules_in_use(session: AsyncSession) -> Rules:
    """The rules of survivorship."""
    row = await newest_of(session, SurvivorshipRules)
    return Rules.model_validate(row.content) if row else Rules()


async def set_rules(session: AsyncSession, caller: Caller, rules: Rules, now: datetime) -> None:
    """Other rules of survivorship; a record follows them when it next changes."""
    require(caller, "sources:manage")
    row = await write_next(session, caller, SurvivorshipRules, rules.model_dump(mode="json"), now)
    await record(session, caller, "identity.survivorship", "survivorship", {"version": row.version})


async def apply_survivorship(session: AsyncSession, customer_id: UUID) -> None:
    """Choose the values of a customer anew from everything that is known of the person, and write them to the master record."""
    customer = await session.get_one(Customer, customer_id, with_for_update=True)
    origins = [
        customer,
        *(await session.scalars(select(Customer).where(Customer.merged_into == customer_id))).all(),
    ]
    for origin in origins:
        if origin.baseline is None:
            origin.baseline = {
                name: _plain(value)
                for name, value in _own(origin).items()
                if value not in (None, "", {})
            }
    rows = await session.execute(
        select(SourceRecord, Source.trust)
        .join(Source, Source.code == SourceRecord.source)
        .where(SourceRecord.customer_id == customer_id, SourceRecord.type == "person")
    )
    values: list[tuple[str, Value, UUID | None]] = [
        (field, Value(value, BUILT_IN, BUILT_IN_TRUST, origin.source_at, 1.0, f"{origin.id}"), None)
        for origin in origins
        for field, value in (origin.baseline or {}).items()
    ]
    values += [
        (
            field,
            Value(value, row.source, trust, row.as_of, row.confidence or 0.0, str(row.id)),
            row.id,
        )
        for row, trust in rows.all()
        for field, value in _fields(row.content).items()
    ]
    await _write(session, customer, values)


async def _write(
    session: AsyncSession, customer: Customer, values: Sequence[tuple[str, Value, UUID | None]]
) -> None:
    rules = await rules_in_use(session)
    await session.execute(delete(CustomerValue).where(CustomerValue.customer_id == customer.id))
    newest = customer.source_at
    for field in dict.fromkeys(name for name, _, _ in values):
        mine = [(value, key) for name, value, key in values if name == field]
        chosen = choose(field, [value for value, _ in mine], rules)  # type: ignore[arg-type]  # one of ours
        for value, record_id in mine:
            session.add(
                CustomerValue(
                    customer_id=customer.id,
                    field=field,
                    value={"value": value.value},
                    source=value.source,
                    record_id=record_id,
                    as_of=value.as_of,
                    confidence=value.confidence * value.trust / 100,
                    chosen=value is chosen,
                )
            )
        setattr(customer, field, _typed(field, chosen.value))  # type: ignore[arg-type]
        newest = max(newest, chosen.as_of)
    customer.source_at = newest
    await session.flush()


def _own(customer: Customer) -> dict[str, object]:
    return {name: getattr(customer, name) for name in get_args(FieldName)}


def _fields(content: Mapping[str, object]) -> dict[str, object]:
    """A row's values by the master record's fields; the parts of a document are one."""
    document = {
        "type": content.get("document_type"),
        "number": content.get("document_number"),
        "until": content.get("document_until"),
    }
    plain = {
        name: content[name] for name in get_args(FieldName) if content.get(name) not in (None, "")
    }
    return plain | ({"document": document} if document["number"] else {})


def _plain(value: object) -> object:
    return (
        value.isoformat()
        if isinstance(value, date)
        else str(value)
        if isinstance(value, Decimal)
        else value
    )


def _typed(field: FieldName, value: object) -> object:
    match field:
        case "birth_date":
            return date.fromisoformat(str(value))
        case "monthly_income":
            return Decimal(str(value))
    return value
