"""Words: the same BM25 as a library's, whatever the segments; additions change nothing of what stood before."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest

from knowledge_base.lexical import LexicalIndex, Texts, words_of

TEXTS = [
    "My card was lost in the post",
    "The card payment is pending",
    "How long does a transfer take",
    "A transfer that failed comes back",
    "Fees of a card abroad: the card fee and the exchange fee",
    "Opening hours of branches",
    "A pending payment can be cancelled",
    "Why was my card payment declined",
    "Lost card, new card, card replacement",
]
QUERIES = ["lost card", "pending transfer", "fee for the card abroad", "payment payment"]


def index_of(texts: list[str], at_once: int) -> LexicalIndex:
    index = LexicalIndex()
    for start in range(0, len(texts), at_once):
        part = [words_of(text, "en") for text in texts[start : start + at_once]]
        index.add(np.arange(start, start + len(part)), part)
    return index


def test_one_segment_scores_as_the_library_does() -> None:
    library = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    library.index([words_of(text, "en") for text in TEXTS], show_progress=False)
    index = index_of(TEXTS, len(TEXTS))
    for query in QUERIES:
        words = words_of(query, "en")
        expected = library.get_scores(words) * (
            1.2 + 1
        )  # the library leaves out the constant factor
        rows, scores = index.best(words, np.ones(len(TEXTS), bool), len(TEXTS))
        assert np.allclose(expected[rows], scores, atol=1e-4)
        assert np.count_nonzero(expected) == len(rows)


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_additions_end_in_the_same_as_everything_at_once(at_once: int) -> None:
    whole, parts = index_of(TEXTS, len(TEXTS)), index_of(TEXTS, at_once)
    parts.compact(1_000)
    everything = np.ones(len(TEXTS), bool)
    rows = np.arange(len(TEXTS))
    for query in QUERIES:
        words = words_of(query, "en")
        assert np.array_equal(
            whole.best(words, everything, 4)[0], parts.best(words, everything, 4)[0]
        )
        (asked,) = whole.numbers([words])
        kernels = [
            i.kernel(i.texts_of(rows).and_then(Texts.of(i.numbers([words]))))
            for i in (whole, parts)
        ]
        assert np.allclose(*kernels, atol=1e-6)
        assert np.allclose(
            whole.coverage(whole.texts_of(rows), asked), parts.coverage(parts.texts_of(rows), asked)
        )


def test_only_admitted_texts_are_found() -> None:
    index = index_of(TEXTS, 3)
    admitted = np.zeros(len(TEXTS), bool)
    admitted[[4, 8]] = True
    assert index.best(["card"], admitted, 9)[0].tolist() in ([8, 4], [4, 8])
    assert index.best(["unheard"], admitted, 9)[0].tolist() == []


def test_a_restored_index_is_the_same() -> None:
    index = index_of(TEXTS, 2)
    again = LexicalIndex.restored(*index.dump())
    everything = np.ones(len(TEXTS), bool)
    for query in QUERIES:
        words = words_of(query, "en")
        for one, other in zip(
            index.best(words, everything, 9), again.best(words, everything, 9), strict=True
        ):
            assert np.array_equal(one, other)
