"""`make evaluate-knowledge`: does the right article come first, is the wrong question turned away, in both languages.

Writes its tables into docs/measurements.md. What is measured here was never used to write phrasings or to fit anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import numpy as np
from sklearn.metrics import roc_auc_score
from sqlalchemy.ext.asyncio import AsyncSession

from bench.knowledge import (
    Question,
    banking_questions,
    foreign_questions,
    loaded_articles,
    own_chinese_questions,
    rank_of,
    search_all,
)
from bench.report import table, write_section
from core.clock import utc_now
from core.languages import Language
from core.settings import Settings
from knowledge_base.answers import confidence_of
from knowledge_base.catalogue import Filter
from knowledge_base.engines import NEIGHBOURS
from knowledge_base.lexical import words_of
from knowledge_base.search import KnowledgeSearch, SearchHit

WORST = 10
ANSWERED = 0.85  # share of the real questions that the abstention figure answers


async def main() -> None:
    """Measure, print, write."""
    async with loaded_articles() as (session, search):
        english = banking_questions(measured=True)
        found = await search_all(session, search, english, "en")
        chinese = own_chinese_questions()
        parts = [
            "### The right article, first and in the first three\n",
            table(
                ("questions", "n", "first", "in three"),
                await accuracies(session, search, english, found, chinese),
            ),
            "\n### The ten worst English topics\n",
            table(("topic", "n", "right first", "mostly taken for"), worst_topics(english, found)),
            "\n### Abstention\n",
            await abstention(session, search, found),
        ]
    text = "\n".join(parts)
    print(text)
    write_section("knowledge", text)


async def accuracies(
    session: AsyncSession,
    search: KnowledgeSearch,
    english: list[Question],
    found: list[list[SearchHit]],
    chinese: list[Question],
) -> list[tuple[object, ...]]:
    """A row for each set of questions and way of searching."""
    fused = await search_all(session, search, chinese, "zh")
    across = await search_all(session, search, chinese, "zh", articles_in="en")
    english_across = await search_all(session, search, english, "en", articles_in="zh")
    vectors, words = await one_sided(search, chinese, "zh")
    return [
        (
            "BANKING77, English",
            *shares([rank_of(f, q) for f, q in zip(found, english, strict=True)]),
        ),
        (
            "own, Chinese, fused",
            *shares([rank_of(f, q) for f, q in zip(fused, chinese, strict=True)]),
        ),
        ("own, Chinese, vectors alone", *shares(vectors)),
        ("own, Chinese, words alone", *shares(words)),
        (
            "Chinese questions, English articles",
            *shares([rank_of(f, q) for f, q in zip(across, chinese, strict=True)]),
        ),
        (
            "English questions, Chinese articles",
            *shares([rank_of(f, q) for f, q in zip(english_across, english, strict=True)]),
        ),
    ]


async def one_sided(
    search: KnowledgeSearch, questions: list[Question], language: Language
) -> tuple[list[int], list[int]]:
    """Ranks by the nearest vector alone, and by BM25 alone."""
    vectors = await search.encoder.encode_all([question.text for question in questions])
    index, admitted = search.index, search.index.admitted(Filter(("public",), language, utc_now()))
    by_vector: list[int] = []
    by_words: list[int] = []
    for question, vector in zip(questions, vectors, strict=True):
        near, _ = index.searchable_vectors.nearest(vector, admitted, NEIGHBOURS)
        wordwise = index.wordwise(words_of(question.text, language), language, admitted, NEIGHBOURS)
        for rows, ranks in ((near, by_vector), (wordwise, by_words)):
            slugs = list(dict.fromkeys(index.card_of(int(row)).slug for row in rows))
            ranks.append(slugs.index(question.slug) if question.slug in slugs else 10**6)
    return by_vector, by_words


def shares(ranks: list[int]) -> tuple[int, str, str]:
    """How many, and the shares of first and of the first three."""
    return (
        len(ranks),
        f"{np.mean([r == 0 for r in ranks]):.1%}",
        f"{np.mean([r < 3 for r in ranks]):.1%}",
    )


def worst_topics(
    questions: list[Question], found: list[list[SearchHit]]
) -> list[tuple[object, ...]]:
    """Topics by how seldom they come first, with what takes their place."""
    taken: dict[str, Counter[str]] = {}
    for question, articles in zip(questions, found, strict=True):
        taken.setdefault(str(question.slug), Counter())[articles[0].card.slug] += 1
    share = {slug: counts[slug] / counts.total() for slug, counts in taken.items()}
    rows: list[tuple[object, ...]] = []
    for slug in sorted(share, key=lambda s: share[s])[:WORST]:
        others = [f"{other} ({n})" for other, n in taken[slug].most_common(3) if other != slug]
        rows.append((slug, taken[slug].total(), f"{share[slug]:.0%}", ", ".join(others)))
    return rows


async def abstention(
    session: AsyncSession, search: KnowledgeSearch, found: list[list[SearchHit]]
) -> str:
    """How well the confidence tells real questions from others, and the calibration curve."""
    foreign = await search_all(session, search, foreign_questions("validation"), "en")
    real = np.array([confidence_of(f, "en") for f in found])
    other = np.array([confidence_of(f, "en") for f in foreign])
    auroc = roc_auc_score([1] * len(real) + [0] * len(other), [*real, *other])
    at = float(np.quantile(real, 1 - ANSWERED))
    threshold = Settings().answer_threshold
    right = np.array(
        [
            f[0].card.slug == q.slug
            for f, q in zip(found, banking_questions(measured=True), strict=True)
        ]
    )
    lines = [
        f"{len(real):,} real questions, {len(other):,} of CLINC150's validation rows from other domains: "
        f"AUROC {auroc:.3f}. Where {ANSWERED:.0%} of the real ones are answered (confidence {at:.2f}), "
        f"{np.mean(other >= at):.1%} of the others are. At the product's threshold of {threshold}, "
        f"{np.mean(real >= threshold):.1%} and {np.mean(other >= threshold):.1%}.\n",
        table(
            ("confidence", "n", "right article"),
            curve(np.r_[real, other], np.r_[right, np.zeros(len(other))]),
        ),
    ]
    return "\n".join(lines)


def curve(sure: np.ndarray, right: np.ndarray) -> list[tuple[object, ...]]:
    """Calibration: of the questions at a confidence, how many get the right article."""
    rows: list[tuple[object, ...]] = []
    for low in np.arange(0, 1, 0.1):
        chosen = (sure >= low) & (sure < low + 0.1 if low < 0.89 else sure <= 1)
        if chosen.any():
            rows.append(
                (f"{low:.1f} to {low + 0.1:.1f}", int(chosen.sum()), f"{right[chosen].mean():.0%}")
            )
    return rows


if __name__ == "__main__":
    asyncio.run(main())
