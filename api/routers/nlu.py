"""Understanding, for staff and applications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.dependencies import BusinessDep, ContainerDep, NowDep
from assistant.understanding import understand
from core.errors import Unavailable
from core.identity import require
from core.languages import Language, clean_text, detect_language
from nlu.client import RasaUnavailable
from nlu.values import with_values

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


@router.post("/parse")
async def parse(body: ParseRequest, parts: ContainerDep, who: BusinessDep, now: NowDep) -> ParseOut:
    """Intent, ranking and entities of a text."""
    require(who, "nlu:parse")
    text = clean_text(body.text)
    try:
        understood = await understand(parts.rasa, parts.search.encoder, text)
    except RasaUnavailable as error:
        raise Unavailable("nlu.unavailable") from error
    return ParseOut(
        language=body.language or detect_language(text),
        intent=IntentOut(name=understood.intent, confidence=understood.confidence),
        ranking=[IntentOut.model_validate(entry) for entry in understood.ranking],
        entities=with_values(understood.entities, text, now),
    )
