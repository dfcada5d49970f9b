"""Whether two names may be of the same person or organisation, with the reasons a person can check. Pure rules.

rigour (OpenSanctions) reads a name: its parts, and what they stand for in any script (a given name, a nickname, a company
form, a number, a kind of business). What both names stand for is paired first, then parts that are spelt alike, then the
letters written together. We weigh that evidence: what both sides say, what only one says, and what contradicts. The
weights are rounded from a search on the development pairs (docs/measurements.md, `make evaluate-screening`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Literal

from rapidfuzz import fuzz
from rigour.names import (
    Alignment,
    CompareConfig,
    Name,
    NamePart,
    NamePartTag,
    NameTypeTag,
    SymbolCategory,
    analyze_names,
    compare_parts,
    pair_symbols,
)

from actions.name_matching.chinese_names import has_han, is_romanised, readings_of
from core.localized_text import LocalizedText

EntityType = Literal["person", "organisation"]
MATCH = 0.7  # score from which two names match
LONGEST = 300  # characters of a name that are read
MAX_PAIRINGS = 4  # ways to pair what two names stand for
REMEMBERED = 50_000  # names that were read, some 3 kB each

# Weights of parts: an ordinary one weighs 1.
PARTICLE, FORM, BUSINESS, PLACE, NUMBER = 0.24, 0.16, 0.83, 0.72, 0.5
# What pairs of parts are worth that stand for the same but are written differently, and how it is said.
SAME_MEANING: dict[SymbolCategory, tuple[float, str]] = {
    SymbolCategory.NAME: (0.91, "name_match.same_name"),
    SymbolCategory.NICK: (0.93, "name_match.short_form"),
    SymbolCategory.INITIAL: (0.85, "name_match.initial"),
    SymbolCategory.DOMAIN: (1.0, "name_match.same_business"),
}
INITIAL = SAME_MEANING[SymbolCategory.INITIAL][0]
INITIAL_WEIGHT = 0.8
SPELT_ALIKE = 0.68  # rigour's score of two parts below which they are not one
LETTERS_ALIKE, LETTERS_WORTH, SHORTEST = (
    0.7,
    0.86,
    3,
)  # share of letters of a looser pair, what it is worth, its least letters
TOGETHER_ALIKE, TOGETHER_WORTH = (
    0.82,
    0.95,
)  # all letters written together, where one side has more parts than the other
AS_MANY_ALIKE = 0.94  # the same where both have as many
# What counts against: parts that only one side has, and parts that both have and that differ.
ONLY_IN_QUERY: dict[EntityType, float] = {"person": 0.84, "organisation": 0.88}
ONLY_LISTED: dict[EntityType, float] = {"person": 0.2, "organisation": 0.88}
CONTRADICTION, OTHER_FORM, LONE_FORM = 1.67, 0.9, 0.11
NOTHING_OF_WEIGHT = 0.94  # of a score whose pairs are particles and forms alone
HOMOPHONES = 0.65  # of the score of two names in characters that only sound alike
_CONFIG = CompareConfig(budget_tolerance=0.9)
_TAGS: dict[EntityType, NameTypeTag] = {"person": NameTypeTag.PER, "organisation": NameTypeTag.ORG}


@dataclass(frozen=True)
class Comparison:
    """How alike two names are (0 to 1) and why."""

    score: float
    reasons: tuple[LocalizedText, ...]

    @property
    def match(self) -> bool:
        return self.score >= MATCH


@dataclass
class _Evidence:
    """What speaks for and against, gathered pair by pair."""

    agreed: float = 0.0
    weighed: float = 0.0
    substantial: int = 0
    reasons: list[LocalizedText] = field(default_factory=list)

    def add(
        self, weight: float, score: float, reason: LocalizedText, *, substantial: bool = True
    ) -> None:
        self.agreed += weight * score
        self.weighed += weight
        self.substantial += substantial
        self.reasons.append(reason)

    @property
    def score(self) -> float:
        whole = self.agreed / self.weighed if self.weighed else 0.0
        return whole if self.substantial else whole * NOTHING_OF_WEIGHT


@dataclass(frozen=True)
class Reading:
    """A name as rigour reads it, with the weights of its parts, those that are forms of company, and its words for all letters."""

    name: Name
    weights: dict[NamePart, float]
    forms: frozenset[NamePart]
    words: tuple[str, ...]
    chinese: bool  # it is a Chinese name in characters, or can be one in pinyin

    def weight(self, parts: Iterable[NamePart]) -> float:
        """Of several parts."""
        return sum(self.weights[part] for part in parts)


def compare(name: str, other: str, kind: EntityType) -> Comparison:
    """Compare a name that is asked for with one that is listed."""
    chinese = (has_han(name), has_han(other))
    if all(chinese):
        return _both_chinese(name, other, kind)
    best = Comparison(0.0, (LocalizedText("name_match.no_words"),))
    for query, listed in product(parsed(name, kind, asked=True), parsed(other, kind, asked=False)):
        comparison = _compared(query, listed)
        best = comparison if comparison.score > best.score else best
        if best.score == 1:  # nothing can be better
            break
    if any(chinese) and best.score > 0:
        return Comparison(best.score, (*best.reasons, LocalizedText("name_match.romanised")))
    return best


def _both_chinese(name: str, other: str, kind: EntityType) -> Comparison:
    """Two names in characters: the same characters, or one that only sounds alike, which is another name.

    Both are read alike, so each reading of one needs to meet only the same reading of the other.
    """
    sounds = [readings_of(one, kind)[-1].replace(" ", "") for one in (name, other)]
    if not _same_characters(name, other):
        alike = fuzz.ratio(*sounds) / 100 * HOMOPHONES
        return Comparison(
            round(alike, 4),
            (
                LocalizedText(
                    "name_match.sounds_like", one=sounds[0], other=sounds[1], score=f"{alike:.2f}"
                ),
                LocalizedText("name_match.other_characters"),
            ),
        )
    pairs = zip(parsed(name, kind, asked=True), parsed(other, kind, asked=False), strict=False)
    return max(
        (_compared(*pair) for pair in pairs), key=lambda one: one.score, default=Comparison(0.0, ())
    )


def _same_characters(name: str, other: str) -> bool:
    """Whether both are written with the same characters, simplified or traditional, or one holds the other."""
    left, right = (readings_of(n, "organisation")[0].replace(" ", "") for n in (name, other))
    return left in right or right in left or fuzz.ratio(left, right) >= 100 * TOGETHER_ALIKE


@lru_cache(maxsize=REMEMBERED)
def parsed(name: str, kind: EntityType, *, asked: bool) -> tuple[Reading, ...]:
    """The name as rigour reads it; a Chinese one in each of its readings, in their order."""
    return tuple(_reading(one, kind) for one in names_in(name, kind, asked=asked))


def names_in(name: str, kind: EntityType, *, asked: bool) -> list[Name]:
    """rigour's names of each of its readings."""
    readable = [
        analyze_names(
            _TAGS[kind], [reading], infer_initials=asked, consolidate=False, phonetics=False
        )
        for reading in readings_of(name[:LONGEST], kind)
    ]
    return [one for names in readable for one in names]


def _reading(name: Name, kind: EntityType) -> Reading:
    meanings: dict[NamePart, set[SymbolCategory]] = {part: set() for part in name.parts}
    for span in name.spans:
        for part in span.parts:
            meanings[part].add(span.symbol.category)
    forms = frozenset(part for part, categories in meanings.items() if _is_form(part, categories))
    words = tuple(part.comparable for part in name.parts if part.tag != NamePartTag.LEGAL)
    chinese = kind == "person" and (is_romanised(words) or all(map(has_han, words)))
    # "an" is a particle elsewhere; in a Chinese name every syllable counts.
    weights = {
        part: 1.0 if chinese else _weight_of(part, categories, kind)
        for part, categories in meanings.items()
    }
    return Reading(name, weights, forms, words, chinese)


def _weight_of(part: NamePart, categories: set[SymbolCategory], kind: EntityType) -> float:
    if _is_form(part, categories):
        return FORM
    if part.tag in (NamePartTag.STOP, NamePartTag.TITLE, NamePartTag.HONORIFIC):
        return PARTICLE
    if part.tag == NamePartTag.NUM or SymbolCategory.NUMERIC in categories:
        return NUMBER
    if kind == "organisation" and SymbolCategory.LOCATION in categories:
        return PLACE
    if kind == "organisation" and SymbolCategory.DOMAIN in categories:
        return BUSINESS
    return 1.0


def _is_form(part: NamePart, categories: set[SymbolCategory]) -> bool:
    return part.tag == NamePartTag.LEGAL or SymbolCategory.ORG_CLASS in categories


def _compared(query: Reading, listed: Reading) -> Comparison:
    pairings = pair_symbols(query.name, listed.name)[:MAX_PAIRINGS] or [()]
    # A syllable of Mandarin is no misspelling of another: 晓明 and 晓红 are two names, however alike their letters.
    exact = query.chinese and listed.chinese
    best = max(
        (_weighed(query, listed, list(pairs), exact=exact) for pairs in pairings),
        key=lambda comparison: comparison.score,
    )
    together = _together(query, listed, exact=exact)
    if together > best.score:
        return Comparison(round(together, 4), (*best.reasons, LocalizedText("name_match.together")))
    return best


def _weighed(query: Reading, listed: Reading, pairs: list[Alignment], *, exact: bool) -> Comparison:
    evidence = _Evidence()
    used = {part for pair in pairs for part in (*pair.qps, *pair.rps)}
    left, right = ([part for part in one.name.parts if part not in used] for one in (query, listed))
    query_only: list[NamePart] = []
    only_listed: list[NamePart] = []
    for pair in [*pairs, *compare_parts(left, right, _CONFIG)]:
        alike = pair.symbol is not None or (
            pair.qstr == pair.rstr if exact else pair.score >= SPELT_ALIKE
        )
        if pair.qps and pair.rps and alike:
            _add_pair(evidence, pair, query, listed)
        else:
            query_only += pair.qps
            only_listed += pair.rps
    _add_initials(evidence, query_only, only_listed)
    if not (
        query.chinese or listed.chinese
    ):  # half the letters of a pinyin word are those of a hundred others
        _add_loose(evidence, query_only, only_listed)
    _add_against(evidence, query, query_only, listed, only_listed, exact=exact)
    return Comparison(round(evidence.score, 4), tuple(evidence.reasons))


def _add_pair(evidence: _Evidence, pair: Alignment, query: Reading, listed: Reading) -> None:
    weight = (query.weight(pair.qps) + listed.weight(pair.rps)) / 2
    if pair.qstr == pair.rstr:
        score, reason = 1.0, LocalizedText("name_match.same", one=pair.qstr)
    elif pair.symbol is not None:
        score, code = SAME_MEANING.get(pair.symbol.category, (1.0, "name_match.same_meaning"))
        reason = LocalizedText(code, one=pair.qstr, other=pair.rstr)
    else:
        score, reason = (
            pair.score,
            LocalizedText(
                "name_match.spelt_like", one=pair.qstr, other=pair.rstr, score=f"{pair.score:.2f}"
            ),
        )
    evidence.add(weight, score, reason, substantial=weight >= min(len(pair.qps), len(pair.rps)) / 2)


def _add_initials(evidence: _Evidence, left: list[NamePart], right: list[NamePart]) -> None:
    """A letter alone that begins a part of the other side."""
    for mine, theirs in ((left, right), (right, left)):
        for letter in [part for part in mine if len(part.comparable) == 1]:
            name = next((part for part in theirs if part.comparable[:1] == letter.comparable), None)
            if name is not None:
                mine.remove(letter)
                theirs.remove(name)
                reason = LocalizedText(
                    "name_match.initial", one=letter.comparable, other=name.comparable
                )
                evidence.add(INITIAL_WEIGHT, INITIAL, reason, substantial=False)


def _add_loose(evidence: _Evidence, left: list[NamePart], right: list[NamePart]) -> None:
    """Parts that share more than half of their letters."""
    for part in [p for p in left if len(p.comparable) >= SHORTEST]:
        others = [p for p in right if len(p.comparable) >= SHORTEST and not p.numeric]
        scored = [
            (fuzz.ratio(part.comparable, other.comparable) / 100, n)
            for n, other in enumerate(others)
        ]
        score, number = max(scored, default=(0.0, 0))
        if score >= LETTERS_ALIKE:
            left.remove(part)
            right.remove(others[number])
            reason = LocalizedText(
                "name_match.shared_letters",
                one=part.comparable,
                other=others[number].comparable,
                score=f"{score:.2f}",
            )
            evidence.add(1.0, score * LETTERS_WORTH, reason)


def _add_against(
    evidence: _Evidence,
    query: Reading,
    query_only: list[NamePart],
    listed: Reading,
    only_listed: list[NamePart],
    *,
    exact: bool,
) -> None:
    kind: EntityType = "person" if query.name.tag == NameTypeTag.PER else "organisation"
    sides = ((query, query_only), (listed, only_listed))
    forms = [sum(part in side.forms for part in rest) for side, rest in sides]
    evidence.weighed += OTHER_FORM if all(forms) else LONE_FORM * sum(forms)
    alone = [side.weight(part for part in rest if part not in side.forms) for side, rest in sides]
    both = min(alone)
    evidence.weighed += both * CONTRADICTION
    costs = (CONTRADICTION, CONTRADICTION) if exact else (ONLY_IN_QUERY[kind], ONLY_LISTED[kind])
    evidence.weighed += (alone[0] - both) * costs[0] + (alone[1] - both) * costs[1]
    if all(forms):
        evidence.reasons.append(LocalizedText("name_match.other_company_form"))
    if both:
        evidence.reasons.append(LocalizedText("name_match.no_counterparts"))
    elif any(alone):
        evidence.reasons.append(LocalizedText("name_match.no_counterpart"))


def _together(query: Reading, listed: Reading, *, exact: bool) -> float:
    """The likeness of all letters, in the order of each and in alphabetical order of the parts."""
    words = (query.words, listed.words)
    if not all(map("".join, words)):
        return 0.0
    minimum = TOGETHER_ALIKE if len(words[0]) != len(words[1]) else AS_MANY_ALIKE
    if query.chinese or listed.chinese:
        minimum = 1.0 if exact else AS_MANY_ALIKE
    straight = fuzz.ratio(*map("".join, words), score_cutoff=100 * minimum)
    ordered = fuzz.ratio(*("".join(sorted(each)) for each in words), score_cutoff=100 * minimum)
    return max(straight, ordered) / 100 * TOGETHER_WORTH
