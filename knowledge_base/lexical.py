"Words of passages: BM25 (bm25s) with jieba for Chinese and a light stemmer for English."

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt

import bm25s
import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.languages import Language

jieba.setLogLevel(logging.WARNING)

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
    "Index words of a text, without those that every text has."
    if language == "zh":
        return [w.lower() for w in jieba.lcut(text) if _HAN_OR_WORD.match(w) and w not in _STOP_ZH]
    return [_stem(word) for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP]


def _stem(word: str) -> str:
    "Cut plural, past and -ing endings (Harman's S-stemmer, extended); enough to join card and cards."
    for ending, replacement in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):  # noqa: PLR2004
            return word[: -len(ending)] + replacement
    return word


def index_words(text: str, language: Language) -> tuple[str, ...]:
    "The words of a text, to be kept beside it."
    return tuple(words_of(text, language))


class LexicalIndex:
    "Words of texts of one language, given as their words: BM25, and a kernel. Positions are those of the texts given."

    def __init__(self, texts: Sequence[tuple[str, ...]]) -> None:
        frequency = Counter(word for words in texts for word in set(words))
        self._rarity = {word: log(1 + len(texts) / count) for word, count in frequency.items()}
        self._unknown = log(1 + max(len(texts), 1))
        self._terms: dict[str, int] = {}
        self._bags = self._weighed(texts)
        self._model: bm25s.BM25 | None = None
        if any(texts):
            self._model = bm25s.BM25(k1=1.2, b=0.75)  # Robertson and Zaragoza 2009, usual values
            self._model.index([list(words) for words in texts], show_progress=False)

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        "BM25 of every text for the words of a query; zeros when no word is known."
        known = [word for word in words if word in self._rarity]
        if not known or self._model is None:
            return np.zeros(self._bags.shape[0], dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)

    def kernel(
        self, positions: NDArray[np.int64], query: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        "Cosines of words and word pairs, weighed by rarity: of the texts with each other, and with the query."
        chosen = self._bags[positions]
        weights = self._terms_of(query)
        asked = np.zeros(len(self._terms), dtype=np.float32)
        for term, weight in weights.items():
            if term in self._terms:
                asked[self._terms[term]] = weight
        asked /= sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return np.asarray((chosen @ chosen.T).toarray(), np.float32), np.asarray(chosen @ asked, np.float32)

    def coverage(self, positions: NDArray[np.int64], query: Sequence[str]) -> NDArray[np.float32]:
        "Share of the query's words, weighed by rarity, that each of the texts holds: 0 to 1."
        weights = {word: self._rarity.get(word, self._unknown) for word in query}
        wanted = np.zeros(len(self._terms), dtype=np.float32)
        for word, weight in weights.items():
            if word in self._rarity:
                wanted[self._terms[word]] = weight
        held = self._bags[positions]
        held.data = np.ones_like(held.data)
        return np.asarray(held @ wanted, np.float32) / (sum(weights.values()) or 1.0)

    def _weighed(self, texts: Sequence[tuple[str, ...]]) -> csr_matrix:
        "A row of unit length for each text."
        self._terms = {word: number for number, word in enumerate(self._rarity)}
        rows, columns, values = [], [], []
        for row, words in enumerate(texts):
            weights = self._terms_of(words)
            length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for term, weight in weights.items():
                rows.append(row)
                columns.append(self._terms.setdefault(term, len(self._terms)))
                values.append(weight / length)
        return csr_matrix((values, (rows, columns)), shape=(len(texts), len(self._terms)), dtype=np.float32)

    def _terms_of(self, words: Sequence[str]) -> dict[str, float]:
        "Words and pairs of neighbouring words with their rarity; a pair's is the mean of its words'."
        terms = {word: self._rarity.get(word, self._unknown) for word in words}
        return terms | {f"{a} {b}": (terms[a] + terms[b]) / 2 for a, b in pairwise(words)}
