"""What the index lets through, takes out again and keeps on disk: filters act inside the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from core.languages import Language
from knowledge_base import snapshots
from knowledge_base.catalogue import Card, Filter
from knowledge_base.index import KnowledgeIndex, LiveVersion
from knowledge_base.lexical import words_of
from knowledge_base.vectors import EXACT_UP_TO, LISTS_UP_TO, FaissVectors

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIMENSIONS = 8
PUBLIC = Filter(("public",), None, NOW)
OURS = uuid4()


def card(slug: str, language: Language = "en") -> Card:
    return Card(uuid4(), slug, 1, slug, language, "public", "cards", None, None, 1)


def live(
    card: Card,
    vectors: np.ndarray | None = None,
    texts: Sequence[str] = ("lost card",),
    first: int = 1,
) -> LiveVersion:
    rows = (
        np.full((len(texts), DIMENSIONS), DIMENSIONS**-0.5, np.float32)
        if vectors is None
        else vectors
    )
    words = [words_of(text, card.language) for text in texts]
    return LiveVersion(card, list(range(first, first + len(texts))), 1, words, rows)


def index_of(cards: Sequence[Card]) -> KnowledgeIndex:
    index = KnowledgeIndex("encoder", DIMENSIONS, FaissVectors.empty(DIMENSIONS))
    index.replace([], [live(c, first=10 * number + 1) for number, c in enumerate(cards)])
    return index


def found(index: KnowledgeIndex, allowed: Filter) -> list[str]:
    assert index.vectors is not None
    query = np.full(DIMENSIONS, DIMENSIONS**-0.5, np.float32)
    rows, _ = index.vectors.nearest(query, index.admitted(allowed), 10)
    wordwise = index.wordwise(["lost", "card"], "en", index.admitted(allowed), 10)
    assert {index.card_of(int(r)).slug for r in wordwise} <= {
        index.card_of(int(r)).slug for r in rows
    }
    return sorted(index.card_of(int(row)).slug for row in rows)


MISSING_IN_CHINESE = Filter(("public",), "en", NOW, missing_in="zh")


def test_the_other_language_fills_only_what_is_missing() -> None:
    index = index_of([card("limits", "en"), card("limits", "zh"), card("fees", "en")])
    assert found(index, MISSING_IN_CHINESE) == ["fees"]


@pytest.mark.parametrize(
    "hidden",
    [
        {"audience": "staff"},
        {"valid_until": NOW - timedelta(days=1)},
        {"valid_from": NOW + timedelta(days=1)},
    ],
)
def test_an_article_that_the_caller_cannot_see_counts_as_missing(hidden: dict[str, object]) -> None:
    chinese = replace(card("limits", "zh"), **hidden)  # type: ignore[arg-type]
    assert found(index_of([card("limits", "en"), chinese]), MISSING_IN_CHINESE) == ["limits"]


def test_an_article_is_found_from_its_first_to_its_last_moment_and_not_after() -> None:
    from_monday = replace(card("sale"), valid_from=NOW, valid_until=NOW + timedelta(days=1))
    index = index_of([from_monday, card("fees")])
    moments = (
        NOW - timedelta(seconds=1),
        NOW,
        NOW + timedelta(days=1) - timedelta(seconds=1),
        NOW + timedelta(days=1),
    )
    seen = [
        "sale" in found(index, replace(PUBLIC, now=moment))
        for moment in (*moments, *reversed(moments))
    ]
    assert seen == [False, True, True, False, False, True, True, False]


def test_what_was_taken_out_is_not_found_and_what_came_instead_is() -> None:
    old, other = card("limits"), card("fees")
    index = index_of([old, other])
    index.replace([old.article_id], [live(replace(old, slug="limits-now", version=2), first=101)])
    assert found(index, PUBLIC) == ["fees", "limits-now"]
    assert index.rows_of([1, 101, 11]).tolist() == [2, 1]
    index.replace([old.article_id, other.article_id], [])
    assert found(index, PUBLIC) == []
    assert index.needs_building


@pytest.mark.parametrize("count", [EXACT_UP_TO, EXACT_UP_TO + 1, LISTS_UP_TO + 1])
def test_every_layout_finds_what_the_exact_search_finds_also_behind_a_narrow_filter(
    count: int,
) -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(count, DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = FaissVectors.empty(DIMENSIONS, count, vectors[:: max(1, count // 60_000)])
    kept.add(vectors)
    kept.tune()
    for share in (1.0, 0.02):
        admitted = random.random(count) < share
        recalls = []
        for query in vectors[random.choice(count, 20)]:
            exact = np.argsort(-np.where(admitted, vectors @ query, -2))[:10]
            recalls.append(
                len(set(exact.tolist()) & set(kept.nearest(query, admitted, 10)[0].tolist())) / 10
            )
        assert np.mean(recalls) >= (
            0.9 if kept.layout == "coded lists" else 0.98
        )  # 8 dimensions are hard on codes


def test_a_snapshot_brings_back_the_same_index(tmp_path: Path) -> None:
    index = index_of([card("limits"), card("fees"), card("limits", "zh")])
    gone = index.catalogue.cards[0].article_id
    index.replace([gone], [live(card("rates"), first=77)])
    index.revision = 9
    snapshots.save(tmp_path, index, OURS)
    again = snapshots.load(tmp_path, OURS, "encoder", True)
    assert again is not None
    assert again.revision == 9
    assert len(again) == len(index)
    for allowed in (PUBLIC, MISSING_IN_CHINESE):
        assert found(again, allowed) == found(index, allowed)
    again.replace([], [live(card("added"), first=900)])
    assert "added" in found(again, PUBLIC)


@pytest.mark.parametrize(
    "change", ["torn", "cut", "lost", "foreign", "other encoder", "no manifest"]
)
def test_a_snapshot_that_is_not_whole_or_not_ours_is_not_read(tmp_path: Path, change: str) -> None:
    written = snapshots.save(tmp_path, index_of([card("limits")]), OURS)
    vectors = written / snapshots.VECTORS
    match change:
        case "torn":
            vectors.write_bytes(vectors.read_bytes()[:-1] + b"\x01")
        case "cut":
            vectors.write_bytes(vectors.read_bytes()[:40])
        case "lost":
            (written / snapshots.ROWS).unlink()
        case "no manifest":
            (written / snapshots.MANIFEST).write_text("{", encoding="utf-8")
    identity = uuid4() if change == "foreign" else OURS
    assert (
        snapshots.load(
            tmp_path, identity, "other" if change == "other encoder" else "encoder", True
        )
        is None
    )


def test_a_snapshot_replaces_the_former_one(tmp_path: Path) -> None:
    index = index_of([card("limits")])
    for _ in range(3):
        last = snapshots.save(tmp_path, index, OURS)
    assert list(tmp_path.iterdir()) == [last]
