"The copilot beside an agent."

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.dependencies import ContainerDep, NowDep, SessionDep, StaffDep
from assistant.conversations.schemas import MessageOut, TurnOut
from core.identity import require
from core.languages import clean_text, detect_language

router = APIRouter(prefix="/v1/copilot", tags=["copilot"])


class SuggestionRequest(BaseModel):
    "The conversation to help with."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"conversation_id": "00000000-0000-4000-8000-000000000000"}]}
    )

    conversation_id: UUID


class SuggestionsOut(BaseModel):
    "What the agent may use."

    summary: str
    reply: dict[str, Any]
    articles: list[dict[str, Any]]
    next_actions: list[dict[str, Any]]
    customer: dict[str, Any] | None


class StaffQuestion(BaseModel):
    "A question of staff, about a customer if one is named."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Screen the name Ivan Sokolov"}]}
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    customer_id: UUID | None = None


@router.post("/suggestions")
async def suggest(wanted: SuggestionRequest, parts: ContainerDep, who: StaffDep, session: SessionDep) -> SuggestionsOut:
    "Suggestions for a conversation."
    require(who, "copilot:use")
    return SuggestionsOut.model_validate(await parts.copilot.suggest(session, who, wanted.conversation_id))


@router.post("/questions")
async def ask(wanted: StaffQuestion, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep) -> TurnOut:
    "An answer in the shape of a conversation's; staff articles are read as well."
    require(who, "copilot:use")
    text = clean_text(wanted.text)
    reply = await parts.copilot.ask(session, who, text, wanted.customer_id)
    message = MessageOut.model_validate(
        {**asdict(reply), "id": uuid4(), "author": "assistant", "language": detect_language(text), "created_at": now}
    )
    return TurnOut(messages=[message], state="agent", degraded=[])
