"""What was understood of a message: its clauses, each with intent, stance, entities and the catalogue's nearest entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.languages import Language

Stance = Literal["asserted", "negated", "reported", "hypothetical", "asked", "past"]
Source = Literal["rasa", "nearest"]
MaskedKind = Literal["card_number", "security_code", "pin", "password", "one_time_code"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Entity(_Value):
    """A named thing; `value` is normalised (ISO dates, amounts with currency), `start` and `end` lie in the clause."""

    kind: str
    text: str
    value: Any
    start: int
    end: int

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Entity:
        """An entity as the contract and `nlu.values` write it."""
        return cls(kind=named["entity"], **{key: named[key] for key in _ENTITY_KEYS})


_ENTITY_KEYS = ("text", "value", "start", "end")


class Candidate(_Value):
    """An intent, or an entry of the service catalogue, with its confidence (0 to 1)."""

    name: str
    confidence: float


class Clause(_Value):
    """A stretch of a message with one intent and one stance.

    `evidence` says whether there is positive evidence that the speaker asserts the act as their own and of now; without it
    nothing is done at once. `start` and `end` lie in the normalised message; `original` are the customer's own words.
    """

    text: str
    start: int
    end: int
    original: str = ""
    intent: str
    confidence: float
    ranking: tuple[Candidate, ...] = ()
    stance: Stance = "asserted"
    stance_confidence: float = 1.0
    evidence: bool = False
    services: tuple[Candidate, ...] = ()
    entities: tuple[Entity, ...] = ()
    courtesy: bool = False

    @property
    def words(self) -> str:
        """What the customer wrote, as it is stored; the text that was read where that is not known."""
        return self.original or self.text

    def first(self, *kinds: str) -> Any:
        """The value of the first entity of these kinds; None when there is none."""
        return next((entity.value for entity in self.entities if entity.kind in kinds), None)


class Reading(_Value):
    """A message as it was read. `text` is the masked original, `normalised` what was read of it."""

    text: str
    normalised: str
    language: Language
    clauses: tuple[Clause, ...] = ()
    services: tuple[Candidate, ...] = ()  # entries of the catalogue near to the message as a whole
    masked: tuple[MaskedKind, ...] = ()
    source: Source = "rasa"

    @property
    def has_features(self) -> bool:
        """Whether there was anything to read."""
        return bool(self.clauses)
