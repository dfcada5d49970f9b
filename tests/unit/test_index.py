"What the index lets through: languages, audiences and validity act inside the search."

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest

from core.languages import Language
from knowledge_base.index import Entry, Filter, KnowledgeIndex

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIMENSIONS = 4


def entry(slug: str, language: Language) -> Entry:
    return Entry(
        id=0, article_id=uuid4(), slug=slug, version=1, title=slug, language=language, audience="public", category="cards",
        kind="passage", ordinal=0, anchor="top", text=slug, valid_from=None, valid_until=None,
    )  # fmt: skip


def found(entries: list[Entry], allowed: Filter) -> list[str]:
    index = KnowledgeIndex(DIMENSIONS)
    vectors = np.full((len(entries), DIMENSIONS), 0.5, np.float32)
    index.replace([e.article_id for e in entries], entries, vectors)
    return sorted(e.slug for e, _ in index.nearest(vectors[0], allowed, 10))


MISSING_IN_CHINESE = Filter(("public",), "en", NOW, missing_in="zh")


def test_the_other_language_fills_only_what_is_missing() -> None:
    entries = [entry("limits", "en"), entry("limits", "zh"), entry("fees", "en")]
    assert found(entries, MISSING_IN_CHINESE) == ["fees"]


@pytest.mark.parametrize(
    "hidden", [{"audience": "staff"}, {"valid_until": NOW - timedelta(days=1)}, {"valid_from": NOW + timedelta(days=1)}]
)
def test_an_article_that_the_caller_cannot_see_counts_as_missing(hidden: dict[str, object]) -> None:
    chinese = replace(entry("limits", "zh"), **hidden)  # type: ignore[arg-type]
    assert found([entry("limits", "en"), chinese], MISSING_IN_CHINESE) == ["limits"]
