"""Complaints: rules and complexity, outcome, redress, letters, the register."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from actions.tickets.complaints import service
from actions.tickets.complaints.models import LetterStep
from actions.tickets.complaints.register import HEADER, register_rows
from actions.tickets.complaints.service import letters_of, load_complaint
from actions.tickets.models import Complaint, Outcome
from actions.tickets.ticket_config.contents import Complexity
from api.dependencies import ContainerDep, Listing, NowDep, SessionDep, StaffDep
from core.bounds import Code, Instant
from core.exports import MEDIA, Format, export
from core.identity import require
from core.money import BASE_CURRENCY, Money

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
Reason = Annotated[str, StringConstraints(min_length=3, max_length=1000, strip_whitespace=True)]


class ComplaintOut(BaseModel):
    """A complaint."""

    model_config = ConfigDict(from_attributes=True)

    ticket_id: UUID
    jurisdiction: str
    complexity: Complexity
    received_at: datetime
    acknowledged_at: datetime | None
    summary_at: datetime | None
    final_at: datetime | None
    outcome: Outcome | None
    redress: Money | None = None
    redress_state: Literal["proposed", "approved", "refused"] | None
    referred_at: datetime | None

    @classmethod
    def of(cls, complaint: Complaint) -> ComplaintOut:
        """A complaint as it is told."""
        shown = cls.model_validate(complaint, from_attributes=True)
        if complaint.redress_amount is not None:
            shown.redress = Money(
                complaint.redress_amount, complaint.redress_currency or BASE_CURRENCY
            )
        return shown


class ClassifyRequest(BaseModel):
    """Under which rules, and how complex."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"complexity": "complex", "reason": "Three products involved"}]
        },
    )

    complexity: Complexity | None = None
    jurisdiction: Code | None = None
    reason: Reason


class OutcomeRequest(BaseModel):
    """What the inquiry came to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"outcome": "upheld", "reason": "We lost the letter"}]},
    )

    outcome: Outcome
    reason: Reason


class RedressDecision(BaseModel):
    """Approve or refuse."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"approve": True, "reason": "In line with earlier cases"}]},
    )

    approve: bool
    reason: Reason


class LetterRequest(BaseModel):
    """The letter of a step; `answer` is what is said in it about this matter."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"step": "acknowledged", "answer": "We look into it."}]},
    )

    step: LetterStep
    answer: Annotated[str, StringConstraints(max_length=5000)] = ""


class LetterOut(BaseModel):
    """A letter as it was written."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    step: LetterStep
    template: str
    language: str
    subject: str
    body: str
    written_by: str
    created_at: datetime


class ReferralRequest(BaseModel):
    """Where the customer went."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Ombudsman, case 12345"}]}
    )

    reason: Reason


@router.get("/register")
async def export_register(
    who: StaffDep,
    parts: ContainerDep,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    form: Annotated[Format, Query(alias="format")] = "csv",
    jurisdiction: Code | None = None,
) -> StreamingResponse:
    """The regulator's table of a period, as CSV or XLSX."""
    require(who, "complaints:approve")

    async def content() -> AsyncIterator[bytes]:
        async with parts.database.transaction() as session:
            rows = register_rows(session, who, start, end, jurisdiction)
            async for block in export(form, HEADER, rows, "complaints"):
                yield block

    name = f'attachment; filename="complaints.{form}"'
    return StreamingResponse(
        content(), media_type=MEDIA[form], headers={"Content-Disposition": name}
    )


@router.get("/{ticket_id}")
async def read_complaint(ticket_id: UUID, who: StaffDep, session: SessionDep) -> ComplaintOut:
    """One complaint."""
    _, complaint = await load_complaint(session, who, ticket_id)
    return ComplaintOut.of(complaint)


@router.patch("/{ticket_id}")
async def classify_complaint(
    ticket_id: UUID, body: ClassifyRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ComplaintOut:
    """Change complexity or jurisdiction; the deadlines follow."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    changed = await service.classify(
        session,
        who,
        ticket,
        complaint,
        complexity=body.complexity,
        jurisdiction=body.jurisdiction,
        reason=body.reason,
        now=now,
    )
    return ComplaintOut.of(changed)


@router.post("/{ticket_id}/outcome")
async def decide_complaint(
    ticket_id: UUID, body: OutcomeRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ComplaintOut:
    """Decide the outcome."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    return ComplaintOut.of(
        await service.decide(session, who, ticket, complaint, body.outcome, body.reason, now)
    )


@router.post("/{ticket_id}/redress")
async def propose_redress(
    ticket_id: UUID, redress: Money, who: StaffDep, session: SessionDep, now: NowDep
) -> ComplaintOut:
    """Propose redress; within one's limit it is approved at once."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    return ComplaintOut.of(
        await service.propose_redress(session, who, ticket, complaint, redress, now)
    )


@router.post("/{ticket_id}/redress/decision")
async def decide_redress(
    ticket_id: UUID, body: RedressDecision, who: StaffDep, session: SessionDep, now: NowDep
) -> ComplaintOut:
    """Another supervisor decides."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    return ComplaintOut.of(
        await service.decide_redress(
            session, who, ticket, complaint, approve=body.approve, reason=body.reason, now=now
        )
    )


@router.post("/{ticket_id}/letters", status_code=201)
async def write_letter(
    ticket_id: UUID, body: LetterRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> LetterOut:
    """Write and send the letter of a step, in the customer's language."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    letter = await service.write_letter(
        session, who, ticket, complaint, body.step, body.answer, now
    )
    return LetterOut.model_validate(letter)


@router.get("/{ticket_id}/letters")
async def list_letters(ticket_id: UUID, who: StaffDep, session: SessionDep) -> Listing[LetterOut]:
    """Letters as they were written."""
    await load_complaint(session, who, ticket_id)
    letters = (await session.scalars(letters_of(ticket_id))).all()
    return Listing(items=[LetterOut.model_validate(letter) for letter in letters], next_cursor=None)


@router.post("/{ticket_id}/referral")
async def refer_complaint(
    ticket_id: UUID, body: ReferralRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ComplaintOut:
    """Note that the customer went to the ombudsman or the supervisor."""
    ticket, complaint = await load_complaint(session, who, ticket_id, lock=True)
    return ComplaintOut.of(await service.refer(session, who, ticket, complaint, body.reason, now))
