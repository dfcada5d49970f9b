"""Understanding, for staff and applications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from actions.tickets.ticket_config.service import load_ticket_config
from api.dependencies import BusinessDep, ContainerDep, NowDep
from assistant.conversations.schemas import ClauseOut
from assistant.dialogue.flows.service import load_flows
from assistant.dialogue.masking import mask
from assistant.turns.handler import understood
from core.errors import Unavailable
from core.identity import require
from core.languages import Language, clean_text, detect_language

router = APIRouter(prefix="/v1/nlu", tags=["understanding"])


class ParseRequest(BaseModel):
    """A text to understand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "转人工", "language": "zh"}]}
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    language: Language | None = None


class IntentOut(BaseModel):
    """An intent with its probability."""

    name: str | None
    confidence: float


class ParseOut(BaseModel):
    """What was understood."""

    language: Language
    intent: IntentOut
    ranking: list[IntentOut]
    entities: list[dict[str, object]]
    clauses: list[ClauseOut]


@router.post("/parse")
async def parse(body: ParseRequest, parts: ContainerDep, who: BusinessDep, now: NowDep) -> ParseOut:
    """Intent, ranking and entities of a text, and its clauses with flow and stance.

    The text as a whole is what its first clause that is no courtesy asks for.
    """
    require(who, "nlu:parse")
    async with parts.database.transaction() as session:  # none is held while the text is read
        config = await load_ticket_config(session)
        flows = await load_flows(session, config)
    masked = mask(clean_text(body.text))
    reading = await parts.understander.read(
        masked, body.language or detect_language(masked.text), config, now
    )
    if reading.source == "nearest" and reading.has_features:
        raise Unavailable("nlu.unavailable")
    clause = next((one for one in reading.clauses if not one.courtesy), None) or next(
        iter(reading.clauses), None
    )
    ranking = clause.ranking if clause else ()
    return ParseOut(
        language=reading.language,
        intent=IntentOut(
            name=clause.intent if clause else None, confidence=clause.confidence if clause else 0.0
        ),
        ranking=[IntentOut(name=one.name, confidence=one.confidence) for one in ranking],
        entities=[
            {
                "entity": entity.kind,
                "value": entity.value,
                "text": entity.text,
                "start": one.start + entity.start,
                "end": one.start + entity.end,
            }
            for one in reading.clauses
            for entity in one.entities
        ],
        clauses=understood(reading, flows),
    )
