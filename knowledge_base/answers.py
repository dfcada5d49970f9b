"""Answer or abstain: the best passages of the best article with citations, or honest doubt with alternatives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from math import exp
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from core.identity import Audience
from core.languages import Language
from knowledge_base.catalogue import Card, Filter
from knowledge_base.encoder import Vector
from knowledge_base.models import Gap
from knowledge_base.price_rows import asks_cost, rows_asked_for
from knowledge_base.schemas import Alternative, Answer, Citation, SearchResult
from knowledge_base.search import KnowledgeSearch, PassageText, Quotation, SearchHit

MAX_ANSWER = {"en": 700, "zh": 260}  # characters; what a phone shows without scrolling far
MAX_ALTERNATIVES = 3
FOLLOW_UP_WORDS = 7
WHOLE = 2.0  # the widest gap there is between two cosines
PRICED = 0.95  # confidence in a row whose words the question names
PRICE_LISTS = 20  # articles among which a price list is looked for
# How a question shows that it goes on about the one before.
_GOES_ON: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\s*(?:and|but|also|so|then|what about|how about|what if|why|when|where|who|how (?:much|long|many|often))\b|"
        r"\b(?:it|that|this|those|these|them|they|his|her)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:那|还有|那么|另外|如果|要是|为什么|多久|多少|什么时候|可以|能|需要|要)|这|它|他|她|呢[?？]?$"
    ),
}
RELATED = (
    0.3  # cosine of a question that does not show it to a passage of the earlier one's article
)

# Logistic confidence over the evidence below; fitted by `make calibrate`, docs/measurements.md
CALIBRATION: dict[Language, tuple[float, ...]] = {
    "en": (-9.15, 8.35, 0.05, 4.71, 0.0),
    "zh": (-3.94, 2.29, 0.94, 4.17, -0.34),
}

OTHER_LANGUAGE: dict[Language, str] = {
    "en": "This article exists in Chinese only, so I quote it as it is:",
    "zh": "这篇文章目前只有英文版，以下为原文：",
}


def evidence_of(hits: list[SearchHit]) -> tuple[float, float, float, float]:
    """Meaning, coverage and score of the best article, and its lead over the next one."""
    best = hits[0]
    return (
        best.meaning,
        best.coverage,
        best.score,
        best.score - (hits[1].score if len(hits) > 1 else 0.0),
    )


def confidence_of(hits: list[SearchHit], language: Language) -> float:
    """Probability that the best article answers the question."""
    constant, *weights = CALIBRATION[language]
    evidence = sum(weight * value for weight, value in zip(weights, evidence_of(hits), strict=True))
    return 1 / (1 + exp(-(constant + evidence)))


async def answer_question(
    session: AsyncSession,
    search: KnowledgeSearch,
    question: str,
    language: Language,
    audiences: tuple[Audience, ...],
    now: datetime,
    threshold: float,
    earlier: str | None = None,
) -> Answer:
    """The answer in the question's language, else from the other language with that said, else an abstention.

    `earlier` is what was asked or said before, which a short question may go on about.
    """
    answer = await _quoted_answer(
        session, search, question, language, audiences, now, threshold, earlier
    )
    if search.phraser is None or not answer.answerable or answer.citations[0].language != language:
        return answer
    worded = await search.phraser.phrase(
        question, language, [c.passage for c in answer.citations], search.encoder
    )
    if worded is None:
        return answer
    text, used = worded
    return answer.model_copy(
        update={"text": text, "citations": [answer.citations[position] for position in used]}
    )


async def _quoted_answer(
    session: AsyncSession,
    search: KnowledgeSearch,
    question: str,
    language: Language,
    audiences: tuple[Audience, ...],
    now: datetime,
    threshold: float,
    earlier: str | None,
) -> Answer:
    """The same in the words of the articles."""
    attempt = _Asked(session, search, audiences, now, threshold)
    answer = await attempt.in_language(question, language, language)
    if earlier and _may_follow(question, language):
        together = await attempt.follow_up(question, earlier, language)
        near = (
            _GOES_ON[language].search(question)
            or max((c.score for c in together.citations), default=0) >= RELATED
        )
        if (
            together.answerable
            and near
            and together.confidence >= min(answer.confidence, threshold + 0.2)
        ):
            return together
    if answer.answerable:
        return answer
    other: Language = "en" if language == "zh" else "zh"
    foreign = await attempt.in_language(question, language, other)
    if foreign.answerable and foreign.confidence > answer.confidence + 0.2:
        return foreign.model_copy(update={"text": f"{OTHER_LANGUAGE[language]}\n\n{foreign.text}"})
    return answer


async def search_passages(
    session: AsyncSession,
    search: KnowledgeSearch,
    query: str,
    language: Language,
    allowed: Filter,
    limit: int,
) -> list[SearchResult]:
    """Articles for a query, each with its best passage."""
    hits = (await search.find(session, query, language, allowed))[:limit]
    vector = await search.encoder.encode(query)  # known by now
    quoted = await search.quotations(session, search.index, hits, vector, limit=1)
    return [
        _result(article, quoted[article.card.article_id][0])
        for article in hits
        if quoted[article.card.article_id]
    ]


async def keep_gap(
    session: AsyncSession,
    question: str,
    answer: Answer,
    audience: Audience,
    conversation_id: UUID | None,
) -> Gap:
    """Record a question that nothing answered."""
    gap = Gap(
        question=question[:500],
        language=answer.language,
        audience=audience,
        confidence=answer.confidence,
        alternatives=[alternative.slug for alternative in answer.alternatives],
        conversation_id=conversation_id,
    )
    session.add(gap)
    await session.flush()
    return gap


@dataclass(frozen=True)
class _Asked:
    session: AsyncSession
    search: KnowledgeSearch
    audiences: tuple[Audience, ...]
    now: datetime
    threshold: float

    async def in_language(self, question: str, language: Language, articles_in: Language) -> Answer:
        """Answer from the articles of one language."""
        missing_in = language if articles_in != language else None
        allowed = Filter(self.audiences, articles_in, self.now, missing_in=missing_in)
        hits = await self.search.find(self.session, question, language, allowed)
        vector = await self.search.encoder.encode(question)
        if articles_in == language and asks_cost(question, language):
            priced = await self._priced(question, hits, vector, language)
            if priced is not None:
                return priced
        if hits and question.strip().casefold() == hits[0].card.title.strip().casefold():
            return await self._whole(hits, vector, language)
        return await self._composed(hits, vector, language)

    async def follow_up(self, question: str, earlier: str, language: Language) -> Answer:
        """Answer the question as said about the earlier one: between the two in meaning, with the words of both."""
        encoder = self.search.encoder
        vector, before = await encoder.encode(question), await encoder.encode(earlier)
        between = (vector + before) / float(np.linalg.norm(vector + before))
        allowed = Filter(self.audiences, language, self.now)
        hits = await self.search.rank(
            self.session, f"{earlier} {question}", between, language, allowed
        )
        return await self._composed(hits, vector, language)

    async def _priced(
        self, question: str, hits: list[SearchHit], vector: Vector, language: Language
    ) -> Answer | None:
        """The rows of a price list that the question names; None where no list among the nearest articles has them."""
        near = hits[:PRICE_LISTS]
        quoted = await self.search.quotations(self.session, self.search.index, near, vector)
        for hit in near:
            for passage, score in quoted[hit.card.article_id]:
                rows = rows_asked_for(question, language, passage.text)
                if rows:
                    return Answer(
                        answerable=True,
                        text="\n".join(rows),
                        confidence=PRICED,
                        citations=[_citation(hit.card, passage, score)],
                        alternatives=[],
                        language=language,
                    )
        return None

    async def _whole(self, hits: list[SearchHit], vector: Vector, language: Language) -> Answer:
        """An article that was asked for by its title: from its beginning, as much as an answer holds."""
        quoted = await self.search.quotations(
            self.session, self.search.index, hits[:1], vector, gap=WHOLE
        )
        passages = sorted(quoted[hits[0].card.article_id], key=lambda pair: pair[0].ordinal)
        chosen = _short_enough(passages, hits[0].card.language)
        if not chosen:  # withdrawn this moment
            return _abstention(hits[1:], 0.0, language)
        return _quoting(hits, chosen, 1.0, language)

    async def _composed(self, hits: list[SearchHit], vector: Vector, language: Language) -> Answer:
        sure = confidence_of(hits, language) if hits else 0.0
        if sure < self.threshold:
            return _abstention(hits, sure, language)
        quoted = await self.search.quotations(self.session, self.search.index, hits[:1], vector)
        chosen = _short_enough(quoted[hits[0].card.article_id], hits[0].card.language)
        if not chosen:  # withdrawn this moment
            return _abstention(hits[1:], 0.0, language)
        return _quoting(hits, chosen, sure, language)


def _quoting(
    hits: list[SearchHit], chosen: list[Quotation], sure: float, language: Language
) -> Answer:
    return Answer(
        answerable=True,
        text="\n\n".join(passage.text for passage, _ in chosen),
        confidence=sure,
        citations=[_citation(hits[0].card, passage, score) for passage, score in chosen],
        alternatives=_alternatives(hits[1:]),
        language=language,
    )


def _abstention(hits: list[SearchHit], sure: float, language: Language) -> Answer:
    return Answer(
        answerable=False,
        text="",
        confidence=sure,
        citations=[],
        alternatives=_alternatives(hits),
        language=language,
    )


def _alternatives(hits: list[SearchHit]) -> list[Alternative]:
    return [Alternative(slug=a.card.slug, title=a.card.title) for a in hits[:MAX_ALTERNATIVES]]


def _may_follow(question: str, language: Language) -> bool:
    """Whether a question can be about the earlier one: it is short, or says so; longer ones speak for themselves."""
    size = len(question) / 2 if language == "zh" else len(question.split())
    return size <= FOLLOW_UP_WORDS or (
        size <= 2 * FOLLOW_UP_WORDS and bool(_GOES_ON[language].search(question))
    )


def _short_enough(quoted: list[Quotation], language: Language) -> list[Quotation]:
    """The nearest passages within the length of an answer, in reading order; the first one whatever its length."""
    chosen, length = quoted[:1], sum(len(passage.text) for passage, _ in quoted[:1])
    for passage, cosine in quoted[1:]:
        length += len(passage.text)
        if length > MAX_ANSWER[language]:
            break
        chosen.append((passage, cosine))
    return sorted(chosen, key=lambda pair: pair[0].ordinal)


def _citation(card: Card, passage: PassageText, score: float) -> Citation:
    return Citation(
        article_id=card.article_id,
        slug=card.slug,
        version=card.version,
        title=card.title,
        passage=passage.text,
        anchor=passage.anchor,
        language=card.language,
        score=round(score, 4),
    )


def _result(article: SearchHit, best: Quotation) -> SearchResult:
    card = article.card
    return SearchResult(
        article_id=card.article_id,
        slug=card.slug,
        version=card.version,
        title=card.title,
        passage=best[0].text,
        language=card.language,
        score=round(article.score, 4),
    )
