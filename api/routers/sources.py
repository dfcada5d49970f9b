"""Where customers' data come from: sources, loads with their reports, quality, doubtful identities, merging, survivorship."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlalchemy import select

from actions.customers import tasks
from actions.customers.access import audit_read
from actions.customers.identity import merging
from actions.customers.identity.models import CustomerValue, IdentityChange, IdentityReview
from actions.customers.identity.resolution import rules_in_use, set_rules
from actions.customers.identity.survivorship import Rules
from actions.customers.queries import load_customer
from actions.customers.schemas import CustomerOut
from actions.customers.source_models import QualityIssue, Source, SourceLoad, SourceRecord
from actions.customers.sources import loading
from actions.customers.sources.connectors import ConnectorConfig
from actions.customers.sources.quality import quality_of
from actions.customers.views import customer_out
from api.dependencies import IfMatchHeader, Listing, NowDep, PageDep, SessionDep, StaffDep, if_match
from core.errors import NotFound
from core.identity import require
from core.paging import fetch_page

router = APIRouter(prefix="/v1", tags=["sources"])
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]+$", max_length=60)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500)]


class SourceNew(BaseModel):
    """A system that delivers customers' data, how it is read, and how much it is believed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "credit", "connector": {"type": "file", "folder": "credit"}, "trust": 60}
            ]
        },
    )

    kind: Literal["core_banking", "credit", "wealth", "cards", "channels"]
    connector: ConnectorConfig
    trust: Annotated[int, Field(ge=0, le=100)] = 50


class SourceOut(BaseModel):
    """A source."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    kind: str
    connector: dict[str, JsonValue]
    trust: int
    cursor: str | None
    version: int


class LoadOut(BaseModel):
    """A load with its report."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    state: str
    rows: int
    added: int
    changed: int
    unchanged: int
    refused: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class IssueOut(BaseModel):
    """What was refused, and by which check."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    key: str | None
    line: int
    field: str
    check: str
    message: str


class QualityOut(BaseModel):
    """What a source's data are worth, in shares from 0 to 1."""

    model_config = ConfigDict(from_attributes=True)

    source: str
    records: int
    people: int
    valid: float | None
    complete: float | None
    unique: float | None
    fresh: float | None
    score: float | None
    loaded_at: datetime | None
    last_state: str | None


class ReviewOut(BaseModel):
    """A row that may be a customer, with both sides."""

    id: UUID
    score: float
    reasons: list[str]
    state: str
    source: str
    row: dict[str, JsonValue]
    customer: CustomerOut


class Decision(BaseModel):
    """Whether the row is the customer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"same": True}]})

    same: bool


class MergeRequest(BaseModel):
    """Who is kept, and why the two are one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "into": "00000000-0000-4000-8000-000000000000",
                    "reason": "Same passport, seen in the branch",
                }
            ]
        },
    )

    into: UUID
    reason: Reason


class UndoRequest(BaseModel):
    """Why they are two after all."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Twins with the same address"}]}
    )

    reason: Reason


class ChangeOut(BaseModel):
    """A merge or its undoing."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    kept_id: UUID
    gone_id: UUID
    moved: dict[str, list[str]]
    reason: str
    undone_by: UUID | None
    actor: str
    at: datetime


class ValueOut(BaseModel):
    """A value that a source has for a field, and whether it is the one that counts."""

    field: str
    value: JsonValue
    source: str
    as_of: datetime
    confidence: float
    chosen: bool


@router.get("/sources")
async def list_sources(who: StaffDep, session: SessionDep) -> Listing[SourceOut]:
    """Sources by code."""
    require(who, "sources:manage")
    sources = await session.scalars(select(Source).order_by(Source.code))
    return Listing(items=[SourceOut.model_validate(source) for source in sources], next_cursor=None)


@router.get("/sources/quality")
async def read_quality(who: StaffDep, session: SessionDep, now: NowDep) -> list[QualityOut]:
    """What each source's data are worth."""
    return [QualityOut.model_validate(q) for q in await quality_of(session, who, now)]


@router.put("/sources/{code}")
async def write_source(
    code: Code,
    new: SourceNew,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    if_match_header: IfMatchHeader = None,
) -> SourceOut:
    """A new source, or other settings of one (If-Match has its version)."""
    expected = if_match(if_match_header) if if_match_header is not None else None
    connector = new.connector.model_dump(mode="json")
    source = await loading.put_source(
        session, who, code, new.kind, connector, new.trust, expected, now
    )
    return SourceOut.model_validate(source)


@router.post("/sources/{code}/loads", status_code=202)
async def load_source(code: Code, who: StaffDep, session: SessionDep, now: NowDep) -> LoadOut:
    """Load what is new in a source, in a job."""
    load = await loading.begin_load(session, who, code, now)
    await tasks.load_source.defer(session, lock=f"source-{code}", load_id=str(load.id))
    return LoadOut.model_validate(load)


@router.get("/sources/{code}/loads")
async def list_loads(
    code: Code, who: StaffDep, session: SessionDep, page: PageDep
) -> Listing[LoadOut]:
    """Loads of a source, the newest first."""
    require(who, "sources:manage")
    rows = select(SourceLoad).where(SourceLoad.source == code)
    rows_read, cursor = await fetch_page(session, rows, page, SourceLoad.started_at, SourceLoad.id)
    return Listing(items=[LoadOut.model_validate(load) for load in rows_read], next_cursor=cursor)


@router.get("/sources/loads/{load_id}")
async def read_load(load_id: UUID, who: StaffDep, session: SessionDep) -> LoadOut:
    """How far a load is."""
    require(who, "sources:manage")
    load = await session.get(SourceLoad, load_id)
    if load is None:
        raise NotFound("load")
    return LoadOut.model_validate(load)


@router.get("/sources/loads/{load_id}/issues")
async def list_issues(
    load_id: UUID, who: StaffDep, session: SessionDep, page: PageDep
) -> Listing[IssueOut]:
    """What a load refused, and by which check."""
    require(who, "sources:manage")
    rows = select(QualityIssue).where(QualityIssue.load_id == load_id)
    rows_read, cursor = await fetch_page(
        session, rows, page, QualityIssue.created_at, QualityIssue.id, rising=True
    )
    return Listing(
        items=[IssueOut.model_validate(issue) for issue in rows_read], next_cursor=cursor
    )


@router.get("/identity/reviews")
async def list_reviews(who: StaffDep, session: SessionDep, page: PageDep) -> Listing[ReviewOut]:
    """Doubtful pairs that wait for a decision, the newest first."""
    rows = merging.visible_reviews(who).where(IdentityReview.state == "open")
    rows_read, cursor = await fetch_page(
        session, rows, page, IdentityReview.created_at, IdentityReview.id
    )
    return Listing(
        items=[await _review(session, who, review) for review in rows_read], next_cursor=cursor
    )


@router.post("/identity/reviews/{review_id}/decision")
async def decide(
    review_id: UUID, body: Decision, who: StaffDep, session: SessionDep, now: NowDep
) -> ReviewOut:
    """The row is the customer, or it is not."""
    review = await merging.decide(session, who, review_id, same=body.same, now=now)
    return await _review(session, who, review)


@router.get("/identity/survivorship")
async def read_rules(who: StaffDep, session: SessionDep) -> Rules:
    """Which value of a field counts."""
    require(who, "sources:manage")
    return await rules_in_use(session)


@router.put("/identity/survivorship")
async def write_rules(rules: Rules, who: StaffDep, session: SessionDep, now: NowDep) -> Rules:
    """Other rules; a record follows them when it next changes."""
    await set_rules(session, who, rules, now)
    return rules


@router.get("/customers/{customer_id}/values")
async def list_values(customer_id: UUID, who: StaffDep, session: SessionDep) -> list[ValueOut]:
    """Every value that sources have for the customer's fields, with source, time and confidence."""
    require(who, "customers:merge")
    customer = await load_customer(session, who, customer_id)
    await audit_read(session, who, customer, "values")
    rows = select(CustomerValue).where(CustomerValue.customer_id == customer_id)
    values = await session.scalars(
        rows.order_by(CustomerValue.field, CustomerValue.chosen.desc(), CustomerValue.source)
    )
    return [
        ValueOut(
            field=v.field,
            value=v.value["value"],
            source=v.source,
            as_of=v.as_of,
            confidence=v.confidence,
            chosen=v.chosen,
        )
        for v in values
    ]


@router.post("/customers/{customer_id}/merge")
async def merge(
    customer_id: UUID, body: MergeRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ChangeOut:
    """The customer is another one: everything goes there."""
    change = await merging.merge(session, who, customer_id, body.into, body.reason, now)
    return ChangeOut.model_validate(change)


@router.get("/customers/{customer_id}/merges")
async def list_merges(customer_id: UUID, who: StaffDep, session: SessionDep) -> Listing[ChangeOut]:
    """Merges and their undoing that concern a customer."""
    require(who, "customers:merge")
    merges = await session.scalars(merging.history_of(customer_id))
    return Listing(items=[ChangeOut.model_validate(change) for change in merges], next_cursor=None)


@router.post("/identity/merges/{change_id}/undo")
async def undo(
    change_id: UUID, body: UndoRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ChangeOut:
    """They are two after all: what was moved goes back."""
    change: IdentityChange = await merging.undo(session, who, change_id, body.reason, now)
    return ChangeOut.model_validate(change)


async def _review(session: SessionDep, who: StaffDep, review: IdentityReview) -> ReviewOut:
    row = await session.get_one(SourceRecord, review.record_id)
    customer = await load_customer(session, who, review.customer_id)
    return ReviewOut(
        id=review.id,
        score=review.score,
        reasons=review.reasons,
        state=review.state,
        source=row.source,
        row=row.content,
        customer=customer_out(customer),
    )
