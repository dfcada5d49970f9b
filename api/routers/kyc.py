"""Knowing the customer: the checklist, documents, beneficial owners, ratings, and the conclusion of a review."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

from actions.compliance.kyc import service
from actions.compliance.kyc.rules import DocumentKind
from actions.customers.access import audit_read
from actions.customers.queries import load_customer
from api.dependencies import ContainerDep, NowDep, ReaderDep, SessionDep, StaffDep
from core.bounds import Percent

router = APIRouter(prefix="/v1/compliance", tags=["compliance"])
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class DocumentNew(BaseModel):
    """A paper that was asked for or came; of its number the last four characters are kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "passport", "number": "P1234567", "expires_on": "2031-05-01"}]
        },
    )

    kind: DocumentKind
    state: Literal["requested", "received"] = "received"
    number: Annotated[str, StringConstraints(min_length=4, max_length=60)] | None = None
    issued_on: date | None = None
    expires_on: date | None = None


class DocumentDecision(BaseModel):
    """Whether a paper is good."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"good": True}]})

    good: bool
    reason: Reason | None = None


class DocumentOut(BaseModel):
    """A document."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    last_four: str | None
    issued_on: date | None
    expires_on: date | None
    state: str
    reason: str | None
    created_at: datetime


class OwnerNew(BaseModel):
    """Somebody who owns or controls an organisation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Ann Example",
                    "birth_date": "1970-01-01",
                    "country": "DE",
                    "share_percent": 40,
                    "control": "shares",
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    birth_date: date
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$", max_length=2)]
    share_percent: Percent
    control: Literal["shares", "votes", "management", "other"] = "shares"


class OwnerChange(BaseModel):
    """What became of an owner."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"change": "verify"}]}
    )

    change: Literal["verify", "clear", "end"]


class OwnerOut(BaseModel):
    """A beneficial owner."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    country: str
    share_percent: Decimal
    control: str
    screening: str
    verified_by: str | None
    ended_on: date | None


class RatingNew(BaseModel):
    """What the records do not know."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"met_in_person": True}]}
    )

    met_in_person: bool


class RatingOut(BaseModel):
    """A rating with its factors."""

    model_config = ConfigDict(from_attributes=True)

    level: str
    points: int
    factors: dict[str, JsonValue]
    review_on: date
    version: int
    created_at: datetime


class ItemOut(BaseModel):
    """A line of the checklist."""

    key: str
    state: Literal["done", "missing", "expired"]
    ask: str


class KycOut(BaseModel):
    """Where a customer stands, and what to do next."""

    kyc_state: str
    kyc_until: date
    rating: RatingOut | None
    documents: list[DocumentOut]
    owners: list[OwnerOut]
    checklist: list[ItemOut]
    next: str | None


@router.get("/customers/{customer_id}/kyc")
async def read_kyc(
    customer_id: UUID,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    language: ReaderDep,
) -> KycOut:
    """The checklist with what is there and what is missing."""
    customer = await load_customer(session, who, customer_id)
    standing = await service.standing_of(session, who, parts.watchlist, customer, now)
    await audit_read(session, who, customer, "kyc")
    items = [
        ItemOut(key=item.key, state=item.state, ask=item.ask[language]) for item in standing.items
    ]
    return KycOut(
        kyc_state=customer.kyc_state,
        kyc_until=customer.kyc_until,
        rating=RatingOut.model_validate(standing.rating) if standing.rating else None,
        documents=[DocumentOut.model_validate(d) for d in standing.documents],
        owners=[OwnerOut.model_validate(o) for o in standing.owners],
        checklist=items,
        next=next((item.ask for item in items if item.state != "done"), None),
    )


@router.post("/customers/{customer_id}/kyc/documents", status_code=201)
async def note_document(
    customer_id: UUID, new: DocumentNew, who: StaffDep, session: SessionDep, now: NowDep
) -> DocumentOut:
    """Note a paper that was asked for or came."""
    customer = await load_customer(session, who, customer_id)
    row = await service.note_document(
        session,
        who,
        customer,
        new.kind,
        now,
        state=new.state,
        number=new.number,
        issued_on=new.issued_on,
        expires_on=new.expires_on,
    )
    return DocumentOut.model_validate(row)


@router.post("/kyc/documents/{document_id}/decision")
async def decide_document(
    document_id: UUID, body: DocumentDecision, who: StaffDep, session: SessionDep, now: NowDep
) -> DocumentOut:
    """Verify or reject a paper."""
    row = await service.decide_document(
        session, who, document_id, good=body.good, reason=body.reason, now=now
    )
    return DocumentOut.model_validate(row)


@router.post("/customers/{customer_id}/kyc/owners", status_code=201)
async def note_owner(
    customer_id: UUID,
    new: OwnerNew,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
) -> OwnerOut:
    """Note a beneficial owner; the name is screened at once."""
    customer = await load_customer(session, who, customer_id)
    return OwnerOut.model_validate(
        await service.note_owner(session, who, parts.watchlist, customer, now, **new.model_dump())
    )


@router.post("/kyc/owners/{owner_id}/change")
async def change_owner(
    owner_id: UUID, body: OwnerChange, who: StaffDep, session: SessionDep, now: NowDep
) -> OwnerOut:
    """An owner was verified, cleared of the watchlists, or is one no more."""
    return OwnerOut.model_validate(
        await service.change_owner(session, who, owner_id, body.change, now)
    )


@router.post("/customers/{customer_id}/kyc/ratings", status_code=201)
async def make_rating(
    customer_id: UUID,
    new: RatingNew,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
) -> RatingOut:
    """Rate the customer's risk by what is known now."""
    customer = await load_customer(session, who, customer_id)
    row = await service.make_rating(
        session, who, parts.watchlist, customer, now, met_in_person=new.met_in_person
    )
    return RatingOut.model_validate(row)


@router.post("/customers/{customer_id}/kyc/conclusion")
async def conclude(
    customer_id: UUID, who: StaffDep, parts: ContainerDep, session: SessionDep, now: NowDep
) -> dict[str, str]:
    """The identity check is complete; 409 names what is missing."""
    customer = await load_customer(session, who, customer_id)
    done = await service.conclude_review(session, who, parts.watchlist, customer, now)
    return {"kyc_state": done.kyc_state, "kyc_until": done.kyc_until.isoformat()}
