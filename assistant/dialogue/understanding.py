"""A message read: normalised, cut into clauses, encoded once, parsed by Rasa in one request, read for stance and act.

While Rasa is away the nearest training phrasing stands in for it: the same reading, less certain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from actions.tickets.catalogue.finder import ServiceFinder, ServiceMatch, likely_services
from actions.tickets.ticket_config.service import TicketConfig
from assistant.dialogue import clauses, lexicon, stance
from assistant.dialogue.intents import fuse, with_words
from assistant.dialogue.masking import MaskedText
from assistant.dialogue.nearest import NearestPhrasings
from assistant.dialogue.normalisation import has_features, normalise
from assistant.dialogue.reader.model import Reader, ReaderReading
from assistant.dialogue.reading_forms import as_read
from assistant.dialogue.readings import Candidate, Clause, Entity, Reading
from core.languages import Language, detect_language
from knowledge_base.encoder import Encoder
from nlu.client import Parse, RasaClient, RasaUnavailable
from nlu.values import entities_in, with_values

log = structlog.get_logger(__name__)

COURTESY = frozenset({"greet", "thank", "goodbye"})
SERVICE = "open_ticket"  # the intent of what the catalogue has an entry for
REQUEST = "request_service"  # the reader's name of it
LIKELY_ASKED = 0.4  # of the reader's share of a request for a service
LOST_CARD = "report_lost_card"
LIKELY = 0.6  # of an intent and of a stance that another clause supports
MAX_TOGETHER = 300  # characters of a message whose clauses are looked up together
# Clauses, and characters, that are read together once more.
MAX_JOINED, MAX_JOINED_CHARACTERS = 3, 120


@dataclass(frozen=True)
class Understander:
    """Reads messages; holds the parts that read, and no state of a conversation."""

    encoder: Encoder
    rasa: RasaClient
    reader: Reader
    services: ServiceFinder
    nearest: NearestPhrasings

    async def warm(self, folder: Path) -> None:
        """Load what reads, so that no customer waits for it; `folder` holds the vectors of the phrasings."""
        await asyncio.to_thread(clauses.split, "hello there", "en")
        await self.reader.read_async(["hello there"])
        await self.nearest.prepare(self.encoder, folder)

    async def read(
        self, masked: MaskedText, current: Language, config: TicketConfig, now: datetime
    ) -> Reading:
        """What a masked message says; `current` is the conversation's language, which a message without words keeps."""
        normalised = normalise(masked.text)
        language = detect_language(normalised.text, current)
        if not has_features(normalised):
            return Reading(text=masked.text, normalised="", language=current, masked=masked.kinds)
        spans = await asyncio.to_thread(clauses.split, normalised, language)
        texts = [as_read(span.text, language) for span in spans]
        vectors, readings = await asyncio.gather(
            self._vectors(texts), self.reader.read_async(texts)
        )
        parses = await self._parse(texts, vectors)
        read = []
        for number, span in enumerate(spans):
            near = await self.services.nearest(config, vectors[number])
            parse = parses[number] if parses else None
            clause = self._clause(
                span, texts[number], language, readings[number], parse, vectors[number], near, now
            )
            original = normalised.original_text(span.start, span.end).strip()
            read.append(clause.model_copy(update={"original": original}))
        read = with_a_request(read, language)
        if joined := await self._lost_card_as_a_whole(normalised.text, language, read):
            read = [joined]
        return Reading(
            text=masked.text,
            normalised=normalised.text,
            language=language,
            clauses=tuple(read),
            services=await self._services_of_all(normalised.text, language, config, read),
            masked=masked.kinds,
            source="rasa" if parses else "nearest",
        )

    async def _services_of_all(
        self, text: str, language: Language, config: TicketConfig, read: Sequence[Clause]
    ) -> tuple[Candidate, ...]:
        """The catalogue's entries near to a short message of several clauses, which may name one only together."""
        if len(read) < 2 or len(text) > MAX_TOGETHER:  # noqa: PLR2004  (several)
            return ()
        vector = await self.encoder.encode(as_read(text, language))
        asks = any(clause.intent == SERVICE for clause in read)
        return _candidates(await self.services.nearest(config, vector), asks=asks)

    async def _lost_card_as_a_whole(
        self, text: str, language: Language, read: Sequence[Clause]
    ) -> Clause | None:
        """A short message whose clauses only together report a lost card: "my wallet is gone, the cards were in it"."""
        parts = [clause for clause in read if not clause.courtesy]
        is_short = 1 < len(parts) <= MAX_JOINED and len(text) <= MAX_JOINED_CHARACTERS
        has_evidence = any(clause.evidence for clause in parts)
        asserts = all(clause.stance == "asserted" for clause in parts)
        if not is_short or has_evidence or not asserts:
            return None
        whole = (await self.reader.read_async([text]))[0]
        decision = stance.decide(text, language, whole)
        if whole.intent != LOST_CARD or not decision.evidence:
            return None
        return Clause(
            text=text,
            start=0,
            end=len(text),
            intent=LOST_CARD,
            confidence=whole.intents[0].confidence,
            stance="asserted",
            stance_confidence=decision.confidence,
            evidence=True,
            entities=tuple(entity for clause in parts for entity in clause.entities),
        )

    async def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack(await asyncio.gather(*(self.encoder.encode(text) for text in texts)))

    async def _parse(
        self, texts: Sequence[str], vectors: NDArray[np.float32]
    ) -> list[Parse] | None:
        """Rasa's parses; None while it cannot be reached."""
        try:
            return await self.rasa.parse(texts, vectors)
        except RasaUnavailable as error:
            log.warning("rasa.unavailable", reason=str(error))
            return None

    def _clause(
        self,
        span: clauses.Span,
        read_text: str,
        language: Language,
        reading: ReaderReading,
        parse: Parse | None,
        vector: NDArray[np.float32],
        near: Sequence[ServiceMatch],
        now: datetime,
    ) -> Clause:
        ranking = (
            tuple(Candidate(name=one.name, confidence=one.confidence) for one in parse.ranking)
            if parse
            else self.nearest.ranking(vector, language)
        )
        acts = {one.name: one.confidence for one in reading.intents}
        fused = with_words(fuse(ranking, acts), span.text)
        decision = stance.decide(read_text, language, reading)
        return Clause(
            text=span.text,
            start=span.start,
            end=span.end,
            intent=fused.intent,
            confidence=fused.confidence,
            ranking=fused.ranking,
            stance=decision.stance,
            stance_confidence=decision.confidence,
            evidence=decision.evidence and fused.agreed,
            services=_candidates(near, asks=acts[REQUEST] >= LIKELY_ASKED),
            entities=_entities(span.text, parse, now),
            courtesy=span.courtesy or fused.intent in COURTESY,
        )


def with_a_request(read: list[Clause], language: Language) -> list[Clause]:
    """The clauses, where a report of a lost card that is likely one's own has evidence if another asks for the block.

    The two cues are independent of each other: the reader takes the report for asserted, no rule objects to it, and a clause
    beside it that is asserted too asks for the block in so many words. Nothing in the message may hold it back.
    """
    if any(clause.evidence and clause.intent == LOST_CARD for clause in read):
        return read
    report = next((clause for clause in read if _is_likely_own(clause, language)), None)
    if report is None or any(_holds_back(clause, language) for clause in read):
        return read
    if not any(clause is not report and _asks_to_block(clause, language) for clause in read):
        return read
    return [
        clause.model_copy(update={"evidence": True}) if clause is report else clause
        for clause in read
    ]


def _is_likely_own(clause: Clause, language: Language) -> bool:
    return (
        clause.intent == LOST_CARD
        and clause.confidence >= LIKELY
        and clause.stance == "asserted"
        and clause.stance_confidence >= LIKELY
        and len(clause.text) <= stance.MAX_CLAUSE
        and lexicon.tells_of_a_loss(clause.text)
        and not stance.is_quoted(clause.text)
        and stance.veto(clause.text, language) is None
    )


def _asks_to_block(clause: Clause, language: Language) -> bool:
    is_own = clause.stance == "asserted" and not stance.is_quoted(clause.text)
    return (
        is_own and lexicon.asks_to_block(clause.text) and stance.veto(clause.text, language) is None
    )


def _holds_back(clause: Clause, language: Language) -> bool:
    """Whether a clause denies, supposes or puts a condition, or keeps a card from being touched."""
    objection = stance.veto(clause.text, language)
    return (
        clause.stance in ("negated", "hypothetical")
        or objection in ("negated", "hypothetical")
        or lexicon.waits(clause.text)
        or lexicon.rules_out(clause.text)
    )


def _candidates(near: Sequence[ServiceMatch], *, asks: bool) -> tuple[Candidate, ...]:
    likely = likely_services(near, asks=asks)
    return tuple(Candidate(name=one.code, confidence=one.share) for one in likely)


def _entities(text: str, parse: Parse | None, now: datetime) -> tuple[Entity, ...]:
    """The entities of a clause with their values at this moment; by the patterns alone while Rasa is away."""
    named = (
        with_values([entity.model_dump() for entity in parse.entities], text, now)
        if parse
        else entities_in(text, now)
    )
    return tuple(Entity.of(entity) for entity in named)
