"""Words of passages: BM25 over segments, and a kernel of words and word pairs; jieba for Chinese, a stemmer for English.

Texts are added without touching those before (a segment each time, small neighbours merged), so publishing an article
costs the same in a large knowledge base as in a small one; docs/decisions/0006-index.md has what was measured.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.languages import Language

jieba.setLogLevel(logging.WARNING)

Rows = NDArray[np.int64]
Words = NDArray[np.int32]  # numbers of words
Scores = NDArray[np.float32]

K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009, usual values
MERGED = 20_000  # texts up to which neighbouring segments are merged: a tenth of a second

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_HAN_OR_WORD = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_STOP = frozenset(
    """
    a an and are as at be but by can could did do does for from had has have how i if in is it its me my
    no not of on or so that the their them then there this to was we what when where which who why will
    with would you your am please get got i'm i've it's
    """.split()
)
_STOP_ZH = frozenset(
    "的 了 吗 呢 吧 啊 呀 我 你 您 是 在 和 有 要 请问 一下 怎么 什么 可以 能 会 想 就 都 也 还 这 那 个".split()
)


def words_of(text: str, language: Language) -> list[str]:
    """Index words of a text, without those that every text has."""
    if language == "zh":
        return [w.lower() for w in jieba.lcut(text) if _HAN_OR_WORD.match(w) and w not in _STOP_ZH]
    return [
        _stem(word) for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP
    ]


def _stem(word: str) -> str:
    """Cut plural, past and -ing endings (Harman's S-stemmer, extended); enough to join card and cards."""
    for ending, replacement in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):  # noqa: PLR2004
            return word[: -len(ending)] + replacement
    return word


@dataclass(frozen=True)
class Texts:
    """Words of some texts, one text after the other, and for each word the number of its text."""

    words: NDArray[np.int64]
    text: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, texts: Sequence[Sequence[int]]) -> Texts:
        """Texts given one by one."""
        sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
        words = np.fromiter(chain.from_iterable(texts), np.int64, int(sizes.sum()))
        return cls(words, np.repeat(np.arange(len(texts)), sizes), len(texts))

    def and_then(self, later: Texts) -> Texts:
        """These and more behind them."""
        text = np.concatenate([self.text, later.text + self.count])
        return Texts(np.concatenate([self.words, later.words]), text, self.count + later.count)


@dataclass(frozen=True)
class Segment:
    """Texts as numbers of words, one after the other; text `i`, of row `rows[i]`, ends at `ends[i]`."""

    rows: Rows
    words: Words
    ends: Rows

    @classmethod
    def of(cls, rows: Rows, texts: Sequence[Sequence[int]]) -> Segment:
        """A segment of texts."""
        sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
        return cls(
            rows,
            np.fromiter(chain.from_iterable(texts), np.int32, int(sizes.sum())),
            np.cumsum(sizes),
        )

    def and_then(self, later: Segment) -> Segment:
        """This and a later one in one."""
        ends = np.concatenate([self.ends, later.ends + len(self.words)])
        return Segment(
            np.concatenate([self.rows, later.rows]), np.concatenate([self.words, later.words]), ends
        )

    def texts(self, rows: Rows) -> Texts:
        """The texts of rows that are all here."""
        positions = np.searchsorted(self.rows, rows)
        starts = np.where(positions > 0, self.ends[positions - 1], 0)
        sizes = self.ends[positions] - starts
        before = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
        return Texts(
            self.words[places].astype(np.int64), np.repeat(np.arange(len(rows)), sizes), len(rows)
        )


class Postings:
    """BM25 of a segment: for each of its words the texts that hold it with the weight there, rarity aside."""

    def __init__(self, segment: Segment) -> None:
        sizes = np.diff(segment.ends, prepend=0)
        text = np.repeat(np.arange(len(sizes)), sizes)
        size = np.int64(max(len(sizes), 1))
        pairs, counts = np.unique(segment.words.astype(np.int64) * size + text, return_counts=True)
        words, texts = np.divmod(pairs, size)
        length = sizes[texts] / max(float(sizes.mean()) if len(sizes) else 1.0, 1.0)
        self._weights = (counts * (K1 + 1) / (counts + K1 * (1 - B + B * length))).astype(
            np.float32
        )
        self._texts = texts.astype(np.int32)
        self.words, starts, self.frequency = np.unique(words, return_index=True, return_counts=True)
        self._starts = np.append(starts, len(pairs))
        self._size = len(sizes)

    def scores(self, words: Iterable[tuple[int, float]]) -> Scores:
        """BM25 of every text for words with their rarity."""
        scores = np.zeros(self._size, np.float32)
        for word, rarity in words:
            at = int(np.searchsorted(self.words, word))
            if at < len(self.words) and self.words[at] == word:
                span = slice(self._starts[at], self._starts[at + 1])
                scores[self._texts[span]] += rarity * self._weights[span]
        return scores


class LexicalIndex:
    """Words of the texts of one language, each text by its row; rows come in rising order."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._frequency = np.zeros(0, np.int64)
        self._texts = 0
        self._segments: list[tuple[Segment, Postings]] = []

    def __len__(self) -> int:
        return self._texts

    def add(self, rows: Rows, texts: Sequence[Sequence[str]]) -> None:
        """Add texts, given as their words."""
        if not len(rows):
            return
        number = self._number
        segment = Segment.of(
            rows, [[number.setdefault(word, len(number)) for word in words] for words in texts]
        )
        self._append(segment)

    def best(
        self, words: Sequence[str], admitted: NDArray[np.bool_], limit: int
    ) -> tuple[Rows, Scores]:
        """Rows by BM25, best first, among the admitted; those without a common word are left out."""
        numbers = [self._number[word] for word in words if word in self._number]
        rarity = list(zip(numbers, self._bm25_rarity(numbers).tolist(), strict=True))
        rows, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for segment, postings in self._segments:
            ranked = postings.scores(rarity)
            places = np.flatnonzero(ranked)
            places = places[admitted[segment.rows[places]]]
            top = _top(ranked[places], limit)
            rows.append(segment.rows[places[top]])
            scores.append(ranked[places[top]])
        top = _top(np.concatenate(scores), limit)
        return np.concatenate(rows)[top], np.concatenate(scores)[top]

    def kernel(self, texts: Texts) -> NDArray[np.float32]:
        """Cosines of the texts with each other, by words and word pairs weighed by rarity (a pair's: its words' mean)."""
        words, text = texts.words, texts.text
        rarity = self._rarity(words)
        inside = text[:-1] == text[1:]
        pairs = ((words[:-1] + 1) * (len(self._number) + len(words) + 1) + words[1:] + 1)[inside]
        terms = np.concatenate([words, pairs])
        weights = np.concatenate([rarity, ((rarity[:-1] + rarity[1:]) / 2)[inside]])
        rows = np.concatenate([text, text[:-1][inside]])
        _, columns = np.unique(terms, return_inverse=True)
        _, first = np.unique(rows * (len(terms) + 1) + columns, return_index=True)
        shape = (texts.count, int(columns.max(initial=-1)) + 1)
        bags = csr_matrix(
            (weights[first], (rows[first], columns[first])), shape=shape, dtype=np.float32
        )
        products = np.asarray((bags @ bags.T).toarray(), np.float32)
        lengths = np.sqrt(np.diagonal(products))
        inverse = 1 / np.where(lengths > 0, lengths, 1.0)
        return np.asarray(products * inverse[:, None] * inverse[None, :], np.float32)

    def coverage(self, texts: Texts, query: Sequence[int]) -> NDArray[np.float32]:
        """Share of the query's words, weighed by rarity, that each of the texts holds: 0 to 1."""
        query_words = np.unique(np.asarray(query, np.int64))
        if not len(query_words):
            return np.zeros(texts.count, np.float32)
        weights = self._rarity(query_words)
        at = np.minimum(np.searchsorted(query_words, texts.words), len(query_words) - 1)
        same = query_words[at] == texts.words
        present = np.zeros((texts.count, len(query_words)), np.float32)
        present[texts.text[same], at[same]] = 1.0
        return np.asarray(present @ weights / weights.sum(), np.float32)

    def numbers(self, texts: Sequence[Sequence[str]]) -> list[list[int]]:
        """Texts as numbers of their words; unknown words get numbers of their own behind the known."""
        unknown: dict[str, int] = {}

        def number(word: str) -> int:
            existing = self._number.get(word)
            return (
                unknown.setdefault(word, len(self._number) + len(unknown))
                if existing is None
                else existing
            )

        return [[number(word) for word in text] for text in texts]

    def texts_of(self, rows: Rows) -> Texts:
        """The words of texts by their rising rows, which are all of this language."""
        firsts = np.asarray([segment.rows[0] for segment, _ in self._segments], np.int64)
        numbers = np.searchsorted(firsts, rows, side="right") - 1
        texts = Texts.of([])
        for number in np.unique(numbers).tolist():
            texts = texts.and_then(self._segments[number][0].texts(rows[numbers == number]))
        return texts

    @property
    def byte_size(self) -> int:
        """Memory of the arrays, the vocabulary aside."""
        arrays = (
            a
            for segment, p in self._segments
            for a in (
                segment.rows,
                segment.words,
                segment.ends,
                p._weights,
                p._texts,
                p.words,
                p.frequency,
                p._starts,
            )
        )
        return sum(array.nbytes for array in arrays)

    def compact(self, limit: int) -> None:
        """Join neighbouring segments as long as they hold at most so many texts: fewer are searched faster."""
        joined: list[Segment] = []
        for segment, _ in self._segments:
            if joined and len(joined[-1].rows) + len(segment.rows) <= limit:
                joined[-1] = joined[-1].and_then(segment)
            else:
                joined.append(segment)
        if len(joined) < len(self._segments):
            self._segments, self._texts = [], 0
            self._frequency = np.zeros(0, np.int64)
            for segment in joined:
                self._count(segment, Postings(segment))

    def dump(self) -> tuple[list[str], list[Segment]]:
        """The vocabulary and the segments, to be kept."""
        return list(self._number), [segment for segment, _ in self._segments]

    @classmethod
    def restored(cls, vocabulary: Sequence[str], segments: Sequence[Segment]) -> LexicalIndex:
        """An index from what `dump` gave."""
        index = cls()
        index._number = {word: number for number, word in enumerate(vocabulary)}
        for segment in segments:
            index._count(segment, Postings(segment))
        return index

    def _append(self, segment: Segment) -> None:
        while self._segments and len(self._segments[-1][0].rows) <= 2 * len(segment.rows):
            last = self._segments[-1][0]
            if len(last.rows) + len(segment.rows) > MERGED:
                break
            _, postings = self._segments.pop()
            self._frequency[postings.words] -= postings.frequency
            self._texts -= len(last.rows)
            segment = last.and_then(segment)
        self._count(segment, Postings(segment))

    def _count(self, segment: Segment, postings: Postings) -> None:
        self._segments.append((segment, postings))
        self._texts += len(segment.rows)
        grown = np.zeros(len(self._number), np.int64)
        grown[: len(self._frequency)] = self._frequency
        grown[postings.words] += postings.frequency
        self._frequency = grown

    def _rarity(self, words: NDArray[np.int64]) -> NDArray[np.float32]:
        """log(1 + N / n) of each word; an unknown one counts as held by one text."""
        in_vocabulary = words < len(self._frequency)
        frequency = np.where(
            in_vocabulary,
            self._frequency[np.where(in_vocabulary, words, 0)] if len(self._frequency) else 1,
            1,
        )
        return np.log1p(max(self._texts, 1) / np.maximum(frequency, 1)).astype(np.float32)

    def _bm25_rarity(self, words: Sequence[int]) -> NDArray[np.float64]:
        """Inverse document frequency as Lucene has it: log(1 + (N - n + 0.5) / (n + 0.5))."""
        frequency = self._frequency[np.asarray(words, np.int64)] if words else np.zeros(0)
        return np.asarray(np.log1p((self._texts - frequency + 0.5) / (frequency + 0.5)), np.float64)


def _top(scores: Scores, limit: int) -> NDArray[np.int64]:
    """Positions of the highest scores, highest first."""
    if len(scores) > limit:
        chosen = np.argpartition(-scores, limit)[:limit]
        return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")], np.int64)
    return np.asarray(np.argsort(-scores, kind="stable"), np.int64)
