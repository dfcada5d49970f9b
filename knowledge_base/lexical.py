"Words of passages: BM25 (bm25s) with jieba for Chinese and a light stemmer for English."

from __future__ import annotations

import re
from collections import Counter
from math import log

import bm25s
import numpy as np
from numpy.typing import NDArray

from core.languages import Language
from knowledge_base.glosses import cut

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_HAN_OR_WORD = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "so",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "am",
        "please",
        "get",
        "got",
        "i'm",
        "i've",
        "it's",
    ]
)
_STOP_ZH = frozenset(
    [
        "的",
        "了",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "我",
        "你",
        "您",
        "是",
        "在",
        "和",
        "有",
        "要",
        "请问",
        "一下",
        "怎么",
        "什么",
        "可以",
        "能",
        "会",
        "想",
        "就",
        "都",
        "也",
        "还",
        "这",
        "那",
        "个",
    ]
)


def words_of(text: str, language: Language) -> list[str]:
    "Index words of a text, without those that every text has."
    if language == "zh":
        return [w.lower() for w in cut(text) if _HAN_OR_WORD.match(w) and w not in _STOP_ZH]
    return [_stem(word) for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP]


def _stem(word: str) -> str:
    "Cut plural, past and -ing endings (Harman's S-stemmer, extended); enough to join card and cards."
    for ending, replacement in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):  # noqa: PLR2004
            return word[: -len(ending)] + replacement
    return word


class LexicalIndex:
    "BM25 over texts of one language; positions are those of the texts given."

    def __init__(self, texts: list[str], language: Language) -> None:
        self.language = language
        corpus = [words_of(text, language) for text in texts]
        self._words = [frozenset(words) for words in corpus]
        frequency = Counter(word for words in self._words for word in words)
        self._rarity = {word: log(1 + len(texts) / count) for word, count in frequency.items()}
        self._unknown = log(1 + max(len(texts), 1))
        self._model: bm25s.BM25 | None = None
        if any(corpus):
            self._model = bm25s.BM25(k1=1.2, b=0.75)  # Robertson and Zaragoza 2009, usual values
            self._model.index(corpus, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        "BM25 of every text for the query; zeros when no word is known."
        words = [word for word in words_of(query, self.language) if word in self._rarity]
        if not words or self._model is None:
            return np.zeros(len(self._words), dtype=np.float32)
        return np.asarray(self._model.get_scores(words), dtype=np.float32)

    def coverage(self, query: str, position: int) -> float:
        "Share of the query's words, weighed by rarity, that the text at `position` holds: 0 to 1."
        words = set(words_of(query, self.language))
        weights = {word: self._rarity.get(word, self._unknown) for word in words}
        total = sum(weights.values())
        return sum(w for word, w in weights.items() if word in self._words[position]) / total if total else 0.0
