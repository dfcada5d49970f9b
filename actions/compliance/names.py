"Whether two names may be the same: scripts, order, initials, honorifics, spelling. Pure rules, with reasons."

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from anyascii import anyascii
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

EntityType = Literal["person", "organisation"]
MATCH = 0.72  # score from which two names match; chosen on the development pairs, docs/measurements.md
TOKEN_MATCH = 0.86  # Jaro-Winkler from which two words count as one
INITIAL_SCORE = 0.85
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z0-9]+")
_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "dame",
        "lord",
        "lady",
        "hon",
        "rev",
        "sheikh",
        "haji",
        "eng",
        "capt",
        "gen",
    ]
)
_FORMS = frozenset(
    [
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "llp",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "pte",
        "pty",
        "jsc",
        "ooo",
        "oao",
        "pao",
        "zao",
        "pjsc",
        "ojsc",
        "holding",
        "holdings",
        "group",
        "gongsi",
        "youxian",
        "gufen",
        "jituan",
        "the",
        "and",
        "of",
        "for",
    ]
)


@dataclass(frozen=True)
class Comparison:
    "How alike two names are (0 to 1) and why."

    score: float
    reasons: tuple[str, ...]

    @property
    def match(self) -> bool:
        return self.score >= MATCH


def compare(name: str, other: str, kind: EntityType) -> Comparison:
    "Compare two names of persons or organisations."
    left, right = words_of(name, kind), words_of(other, kind)
    if not left or not right:
        return Comparison(0.0, ("one name has no words to compare",))
    aligned, reasons = _aligned(left, right)
    together = fuzz.ratio("".join(sorted(left)), "".join(sorted(right))) / 100
    joined = fuzz.ratio("".join(left), "".join(right)) / 100
    score = max(aligned, 0.97 * joined if joined > 0.93 else 0.0)  # noqa: PLR2004  (words written together)
    score = min(score, 0.5 + together / 2)
    if _HAN.search(name) or _HAN.search(other):
        reasons = (*reasons, "Chinese read as pinyin")
    if sorted(left) == sorted(right) and left != right:
        reasons = (*reasons, "same words in another order")
    return Comparison(round(score, 4), reasons)


@lru_cache(maxsize=65_536)
def words_of(name: str, kind: EntityType) -> tuple[str, ...]:
    "Latin words of a name without honorifics or company forms; all of them when nothing else is left."
    words = tuple(_WORD.findall(latin(name)))
    empty = _HONORIFICS if kind == "person" else _FORMS
    return tuple(word for word in words if word not in empty) or words


def latin(name: str) -> str:
    "The name in lower-case ASCII letters; Chinese as pinyin, family name first, given name as one word."
    if _HAN.search(name):
        syllables = lazy_pinyin("".join(_HAN.findall(name)))
        return f"{syllables[0]} {''.join(syllables[1:])}".strip()
    return anyascii(name.replace("’", "").replace("'", "").replace(".", ". ")).lower()


def _aligned(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
    "Pair words greedily, best pair first; words without a partner weigh by their length."
    pairs = sorted(((_word_score(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(right)), reverse=True)
    used_left: dict[int, float] = {}
    used_right: dict[int, float] = {}
    reasons: list[str] = []
    for score, i, j in pairs:
        if score < TOKEN_MATCH - 0.05 or i in used_left or j in used_right:
            continue
        used_left[i] = used_right[j] = score
        reasons.append(_why(left[i], right[j], score))
    shorter = min(len(left), len(right))
    if len(used_left) < shorter:
        reasons.append("a word has no counterpart")
    return (_covered(left, used_left) + _covered(right, used_right)) / 2, tuple(reasons)


def _word_score(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return INITIAL_SCORE if a[0] == b[0] else 0.0
    similar: float = JaroWinkler.similarity(a, b)
    edits = 1 - fuzz.ratio(a, b) / 100
    return similar if edits <= 0.25 else similar * (1 - edits / 2)  # noqa: PLR2004  (a quarter of the letters)


def _covered(words: tuple[str, ...], scores: dict[int, float]) -> float:
    weights = [len(word) + 2 for word in words]
    return sum(weights[i] * score for i, score in scores.items()) / sum(weights)


def _why(a: str, b: str, score: float) -> str:
    if a == b:
        return f"{a} is the same"
    if min(len(a), len(b)) == 1:
        return f"{a} may be the initial of {b}"
    return f"{a} is spelt like {b} ({score:.2f})"
