"""Papers, owners, ratings and reviews of real customers; each step is audited, and a review that falls due is a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.alerts import open_alert_ticket
from actions.compliance.kyc.models import BeneficialOwner, KycDocument, KycRating
from actions.compliance.kyc.rules import (
    VERSION,
    DocumentKind,
    Facts,
    Item,
    Level,
    Owner,
    Paper,
    checklist,
    rate,
)
from actions.compliance.monitoring.service import parameters_in_use
from actions.compliance.queries import count_open_alerts
from actions.compliance.schemas import ScreeningRequest
from actions.compliance.screening import WatchlistIndex
from actions.compliance.screening_hits import kind_of, screening_hits
from actions.compliance.service import screen
from actions.customers.figures import figures_of
from actions.customers.models import Customer
from core.audit import record
from core.errors import Conflict, Invalid, NotFound
from core.identity import Caller, System, actor, require
from core.localized_text import term, terms

REVIEWER = System("kyc")
NOTICE = timedelta(days=30)  # before a review falls due
MATCHES = 5
COMPLEX = ("note",)


@dataclass(frozen=True)
class Standing:
    """Where a customer stands: the newest rating, what is there and what is missing."""

    customer: Customer
    rating: KycRating | None
    documents: Sequence[KycDocument]
    owners: Sequence[BeneficialOwner]
    items: Sequence[Item]

    @property
    def missing(self) -> list[Item]:
        """What is not done, in the order in which it is asked."""
        return [item for item in self.items if item.state != "done"]


async def standing_of(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    customer: Customer,
    now: datetime,
) -> Standing:
    """Where a customer stands now."""
    require(caller, "compliance:check")
    documents = (
        await session.scalars(
            select(KycDocument)
            .where(KycDocument.customer_id == customer.id)
            .order_by(KycDocument.created_at)
        )
    ).all()
    owners = await _owners(session, customer)
    rating = await _rating(session, customer)
    current = rating if rating is not None and rating.review_on >= now.date() else None
    level: Level | None = current.level if current else None
    papers = [Paper(d.kind, d.state, d.issued_on, d.expires_on) for d in documents]
    owner_facts = [Owner(o.share_percent, o.verified_by is not None, o.screening) for o in owners]
    screening = "review" if await screening_hits(session, watchlist, customer) else "clear"
    items = checklist(kind_of(customer), level, papers, owner_facts, screening, now.date())
    return Standing(customer, rating, documents, owners, items)


async def note_document(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    kind: DocumentKind,
    now: datetime,
    *,
    state: Literal["requested", "received"],
    number: str | None = None,
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> KycDocument:
    """A paper that was asked for or came; somebody decides about it."""
    require(caller, "customers:write")
    if issued_on is not None and issued_on > now.date():
        raise Invalid.field("issued_on", "document.issued_in_future")
    row = KycDocument(
        customer_id=customer.id,
        kind=kind,
        last_four=number[-4:] if number else None,
        issued_on=issued_on,
        expires_on=expires_on,
        state=state,
        received_by=actor(caller),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await record(
        session, caller, "kyc.document", f"customer:{customer.id}", {"kind": kind, "state": state}
    )
    return row


async def decide_document(
    session: AsyncSession,
    caller: Caller,
    document_id: UUID,
    *,
    good: bool,
    reason: str | None,
    now: datetime,
) -> KycDocument:
    """Verify or reject a paper that was received; an expired one cannot be verified."""
    require(caller, "customers:write")
    row = await session.get(KycDocument, document_id, with_for_update=True)
    if row is None:
        raise NotFound("document")
    if row.state != "received":
        raise Conflict("document.not_received", state=term("document_state", row.state))
    if good and row.expires_on is not None and row.expires_on < now.date():
        raise Conflict("document.expired")
    if not good and not reason:
        raise Invalid.field("reason", "document.reason_missing")
    row.state, row.reason, row.decided_by, row.decided_at = (
        "verified" if good else "rejected",
        reason,
        actor(caller),
        now,
    )
    await session.flush()
    await record(
        session,
        caller,
        f"kyc.{row.state}",
        f"customer:{row.customer_id}",
        {"document": str(row.id), "kind": row.kind},
    )
    return row


async def note_owner(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    customer: Customer,
    now: datetime,
    *,
    name: str,
    birth_date: date,
    country: str,
    share_percent: Decimal,
    control: str,
) -> BeneficialOwner:
    """An owner of an organisation, screened at once; Invalid where shares come to more than the whole."""
    require(caller, "customers:write")
    if kind_of(customer) != "organisation":
        raise Conflict("owner.organisations_only")
    total_share = sum(
        (owner.share_percent for owner in await _owners(session, customer)), Decimal()
    )
    if control == "shares" and total_share + share_percent > 100:  # noqa: PLR2004  (per cent)
        raise Invalid.field("share_percent", "owner.shares_exceeded", share=total_share)
    request = ScreeningRequest(
        name=name, type="person", birth_date=birth_date, country=country, limit=MATCHES
    )
    screened = await screen(session, caller, watchlist, request)
    row = BeneficialOwner(
        customer_id=customer.id,
        name=name,
        birth_date=birth_date,
        country=country,
        share_percent=share_percent,
        control=control,
        screening=screened.decision,
        noted_by=actor(caller),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    details = {"owner": str(row.id), "screening": screened.decision}
    await record(session, caller, "kyc.owner", f"customer:{customer.id}", details)
    return row


async def change_owner(
    session: AsyncSession,
    caller: Caller,
    owner_id: UUID,
    change: Literal["verify", "clear", "end"],
    now: datetime,
) -> BeneficialOwner:
    """An owner was seen and verified, is nobody of the watchlists, or is an owner no more."""
    require(caller, "compliance:manage" if change == "clear" else "customers:write")
    row = await session.get(BeneficialOwner, owner_id, with_for_update=True)
    if row is None or row.ended_on is not None:
        raise NotFound("owner")
    match change:
        case "verify":
            row.verified_by = actor(caller)
        case "clear":
            row.screening = "clear"
        case "end":
            row.ended_on = now.date()
    await session.flush()
    await record(
        session,
        caller,
        f"kyc.owner_{change}",
        f"customer:{row.customer_id}",
        {"owner": str(row.id)},
    )
    return row


async def make_rating(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    customer: Customer,
    now: datetime,
    *,
    met_in_person: bool,
) -> KycRating:
    """Rate a customer by what is known now; the factors are kept with it."""
    require(caller, "compliance:check")
    facts = await _facts(session, watchlist, customer, now, met_in_person=met_in_person)
    rated = rate(facts, now.date())
    row = KycRating(
        customer_id=customer.id,
        version=VERSION,
        level=rated.level,
        points=rated.points,
        factors=rated.factors,
        review_on=rated.review_on,
        made_by=actor(caller),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    details = {"level": rated.level, "factors": sorted(rated.factors)}
    await record(session, caller, "kyc.rated", f"customer:{customer.id}", details)
    return row


async def _facts(
    session: AsyncSession,
    watchlist: WatchlistIndex,
    customer: Customer,
    now: datetime,
    *,
    met_in_person: bool,
) -> Facts:
    _, parameters = await parameters_in_use(session)
    owners = await _owners(session, customer)
    lists = {match.list for match in (await screening_hits(session, watchlist, customer)).values()}
    figures = (await figures_of(session, [customer.id], now))[customer.id]
    return Facts(
        kind=kind_of(customer),
        countries=frozenset(
            {customer.nationality, customer.residency, *(owner.country for owner in owners)}
        ),
        high_risk_countries=frozenset(parameters.high_risk_countries),
        politically_exposed="pep" in lists,
        watchlist_review=bool(lists - {"pep"}),
        met_in_person=met_in_person,
        owners=len(owners),
        complex_products=any(figures.holdings.get(kind) for kind in COMPLEX),
        turnover=figures.came + figures.went,
        open_alerts=await count_open_alerts(session, customer.id),
    )


async def conclude_review(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    customer: Customer,
    now: datetime,
) -> Customer:
    """The identity check is complete until the rating's next review; Conflict while something is missing."""
    require(caller, "compliance:manage")
    standing = await standing_of(session, caller, watchlist, customer, now)
    if standing.missing or standing.rating is None:
        raise Conflict(
            "kyc.incomplete",
            missing=terms("kyc_item", (item.key for item in standing.missing)),
        )
    verified = [
        d.expires_on
        for d in standing.documents
        if d.state == "verified" and d.expires_on is not None
    ]
    papers = [
        day for day in verified if day >= now.date()
    ]  # a newer one stands in for one that has expired
    customer.kyc_state, customer.kyc_until = "verified", min([standing.rating.review_on, *papers])
    await session.flush()
    await record(
        session,
        caller,
        "kyc.concluded",
        f"customer:{customer.id}",
        {"until": customer.kyc_until.isoformat()},
    )
    return customer


async def watch_reviews(session: AsyncSession, now: datetime, limit: int) -> int:
    """Note what has expired, and open a ticket for each review that falls due soon, once; how many tickets."""
    today = now.date()
    await session.execute(
        update(KycDocument)
        .where(KycDocument.state == "verified", KycDocument.expires_on < today)
        .values(state="expired")
    )
    rows = (
        select(Customer)
        .where(
            Customer.kyc_state == "verified",
            Customer.kyc_until < today + NOTICE,
            Customer.merged_into.is_(None),
        )
        .where(Customer.kyc_notice_for.is_distinct_from(Customer.kyc_until))
        .order_by(Customer.kyc_until, Customer.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = (await session.scalars(rows)).all()
    for customer in due:
        about = f"Customer {customer.id}: the identity check is good until {customer.kyc_until.isoformat()}."
        await open_alert_ticket(
            session, REVIEWER, "Identity check to renew", about, "compliance", now
        )
        customer.kyc_notice_for = customer.kyc_until
    await session.flush()
    await session.execute(
        update(Customer)
        .where(Customer.kyc_state == "verified", Customer.kyc_until < today)
        .values(kyc_state="expired")
    )
    return len(due)


async def _owners(session: AsyncSession, customer: Customer) -> Sequence[BeneficialOwner]:
    rows = select(BeneficialOwner).where(
        BeneficialOwner.customer_id == customer.id, BeneficialOwner.ended_on.is_(None)
    )
    return (await session.scalars(rows.order_by(BeneficialOwner.created_at))).all()


async def _rating(session: AsyncSession, customer: Customer) -> KycRating | None:
    rows = (
        select(KycRating)
        .where(KycRating.customer_id == customer.id)
        .order_by(KycRating.created_at.desc())
        .limit(1)
    )
    return (await session.scalars(rows)).one_or_none()
