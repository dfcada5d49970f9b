"""The copilot beside an agent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from actions.customers.schemas import CustomerOut
from api.dependencies import ContainerDep, NowDep, SessionDep, StaffDep
from assistant.conversations import queries
from assistant.conversations.schemas import MessageOut, TurnOut
from assistant.copilot import log, suggestions
from core.identity import require
from core.languages import Language, clean_text, detect_language
from knowledge_base.schemas import SearchResult

router = APIRouter(prefix="/v1/copilot", tags=["copilot"])


class SuggestionRequest(BaseModel):
    """The conversation to help with."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"conversation_id": "00000000-0000-4000-8000-000000000000"}]
        },
    )

    conversation_id: UUID
    language: Language | None = None  # of the summary and the actions; without it the customer's
    another: bool = False  # a reply from an article that was not shown yet


class Intent(BaseModel):
    """What the customer wants, as it was understood."""

    name: str
    title: str
    confidence: float


class Mood(BaseModel):
    """How the customer is, and the words that show it."""

    name: str
    title: str
    words: str | None


class SuggestedReply(BaseModel):
    """What may be sent, with its sources; empty where the articles say nothing."""

    text: str
    citations: list[dict[str, object]]


class SolvedTicket(BaseModel):
    """A resolved ticket about the same."""

    id: UUID
    reference: str
    subject: str
    state: str
    cause: str | None
    cosine: float


class NextAction(BaseModel):
    """Something that the agent could do now, with its form filled in."""

    type: Literal["open_ticket", "check_sale", "offer"]
    title: str
    reason: str
    prefill: dict[str, str]


class Warning_(BaseModel):
    """What must be known before writing."""

    model_config = ConfigDict(title="Warning")

    code: str
    text: str
    must_acknowledge: bool


class SuggestionsOut(BaseModel):
    """What the agent may use."""

    id: UUID
    summary: str
    intent: Intent | None
    mood: Mood
    reply: SuggestedReply
    articles: list[SearchResult]
    similar_tickets: list[SolvedTicket]
    next_actions: list[NextAction]
    warnings: list[Warning_]
    unacknowledged: list[str]
    customer: CustomerOut | None


class UseNew(BaseModel):
    """What the employee did with a part of a suggestion."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"part": "reply", "outcome": "wrong", "reason": "Another card"}]
        },
    )

    part: log.Part
    outcome: log.Outcome
    item: Annotated[str, StringConstraints(max_length=200)] | None = None
    reason: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)] | None = None


class StaffQuestion(BaseModel):
    """A question of staff, about a customer if one is named."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Screen the name Ivan Sokolov"}]}
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    customer_id: UUID | None = None
    conversation_id: UUID | None = None  # beside which it was asked


@router.post("/suggestions")
async def suggest(
    body: SuggestionRequest, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep
) -> SuggestionsOut:
    """Suggestions for a conversation; what is shown is logged."""
    require(who, "copilot:use")
    shown = await suggestions.suggest(
        parts.copilot,
        session,
        who,
        body.conversation_id,
        now,
        language=body.language,
        another=body.another,
    )
    return SuggestionsOut.model_validate(shown)


@router.post("/suggestions/{suggestion_id}/uses", status_code=204)
async def note_use(
    suggestion_id: UUID, use: UseNew, who: StaffDep, session: SessionDep, now: NowDep
) -> None:
    """What became of a part of a suggestion: sent, edited, wrong and why, a warning acknowledged."""
    require(who, "copilot:use")
    await log.note_use(
        session,
        who,
        suggestion_id,
        part=use.part,
        item=use.item,
        outcome=use.outcome,
        reason=use.reason,
        now=now,
    )


@router.post("/questions")
async def ask(
    body: StaffQuestion, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep
) -> TurnOut:
    """An answer in the shape of a conversation's; staff articles are read as well. Its id is that of the log's entry."""
    require(who, "copilot:use")
    text = clean_text(body.text)
    if body.conversation_id:
        await queries.load(session, who, body.conversation_id)
    reply = await parts.copilot.ask(session, who, text, body.customer_id)
    entry = await log.keep_answer(session, who, body.conversation_id, text, asdict(reply), now)
    message = MessageOut.model_validate(
        {
            **asdict(reply),
            "id": entry.id,
            "author": "assistant",
            "language": detect_language(text),
            "created_at": now,
        }
    )
    return TurnOut(messages=[message], state="agent", degraded=[])
