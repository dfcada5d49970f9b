"""A message in clauses: stretches with one intent and one stance each.

Rules alone, and rather too few boundaries than too many: a sentence that is torn apart loses its condition or its negation,
two requests in one clause are still read. Two kinds of boundaries:

- Strong ones stand in the text: ends of sentences, line breaks, list marks, and the edges of greetings, thanks and short answers.
- Weak ones are read: English by spaCy's parse, Chinese by commas, pauses and connectives.

A tagger that has read the whole message may propose boundaries. Then the strong ones hold, its proposals replace the weak
ones, and each proposal is moved to the beginning of the word it stands in and left out inside what never parts (references,
amounts, addresses, dates, abbreviations).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from assistant.dialogue import clauses_chinese, clauses_english
from assistant.dialogue.courtesy import courtesies, is_courtesy
from assistant.dialogue.normalisation import NormalisedText
from core.languages import MAX_MESSAGE, Language

MAX_CLAUSES = 20

# What never parts, whatever stands in it.
_WHOLE = re.compile(
    r"\S{1,64}@\S{1,255}|https?://\S{1,500}|www\.\S{1,500}|\b[a-z]{1,4}-?\d[\w-]{2,30}|•+ ?\d{0,4}"
    r"|[+(]?\d(?:[\d.,:/ ()-]{0,30}\d)?|(?<!\.)\.{2,9}(?= [a-z])",
    re.IGNORECASE | re.ASCII,
)
# Their full stop ends no sentence; behind the latter a capital letter begins one.
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|no|nr|vs|ref|tel|acct?|e\.g|i\.e|approx)\.$", re.IGNORECASE
)
_ABBREVIATION = re.compile(
    r"\b(?:[ap]\.m|[a-z]\.[a-z]|inc|ltd|plc|co|ext|max|min|etc|dept)\.$", re.IGNORECASE
)
_STOP = re.compile(
    r"(?<![.!?])(?:[!?]+|\.+)[\"')]*(?=\s|$|(?<=[!?])[A-Za-z\u3400-\u9fff]|(?<=[a-z]\.)[A-Z][a-z])|;|[。！？；…]+[\"')」]*"
)
_MARKS = re.compile(r"[ \n,.;:!?…，。！？；：、)]+")
_LIST_MARK = re.compile(
    r"(?:^|(?<=[\s,.;:!?。，；：、\u3400-\u9fff]))(?:\(?(?:\d{1,2}|[a-e]|[ivx]{1,4}|[一二三四五六七八九十])\)|\d{1,2}[.、](?!\d)(?=\s?\D)|[•*·-](?=\s)"
    r"|(?:firstly|secondly|thirdly|finally)\b|第[一二三四五六][,，、:：]?(?![次个张笔天位年月季步])|[一二三四五六]、|[一二三]是(?=[^一]))",
    re.IGNORECASE,
)
# A word that only begins what follows: "n when ...", "need", 然后.
_ONLY_BEGINS = re.compile(
    r"\W*(?:n|&|and|but|so|then|also|plus|or|need|want|i|we|a|an|the|my|那|然后|还有|另外|而且)\W*|"
    # What is asked about, before its verb: "which cards do" (I have).
    r"\W*(?:which|what|whose|how many) (?:my |of my )?(?:[\w-]+ )?\w+s(?: (?:do|did|have|can|could|will|would|should|are|were))?\s*",
    re.IGNORECASE,
)
MAX_BEGINNING = 40  # characters of such words with the blanks around them
WRAPPED = 60  # characters of a line that is wrapped and not ended


@dataclass(frozen=True)
class Span:
    """A clause: `text` is what stands between `start` and `end` of the message; courtesy asks and says nothing else."""

    text: str
    start: int
    end: int
    courtesy: bool = False


def split(
    text: NormalisedText | str, language: Language, boundaries: Sequence[int] | None = None
) -> list[Span]:
    """The clauses of a message in order, at most MAX_CLAUSES: the rest joins the last one.

    `boundaries` are offsets of a tagger, see the module's text. MAX_MESSAGE characters are read.
    """
    words = (text.text if isinstance(text, NormalisedText) else text)[:MAX_MESSAGE]
    pauses = text.pauses if isinstance(text, NormalisedText) else ()
    whole = [match.span() for match in _WHOLE.finditer(words)]
    strong = set(_strong(words, whole))
    polite = list(courtesies(words))
    strong.update(place for span in polite for place in span)
    if boundaries is None:
        weak = set(_weak(words, language, pauses, strong))
    else:
        weak = {_word_start(words, place) for place in boundaries if 0 < place < len(words)}
    places = _outside(_behind_marks(words, strong | weak), sorted([*whole, *polite]))
    return list(_spans(words, places))


def _strong(text: str, whole: Sequence[tuple[int, int]]) -> Iterator[int]:
    yield from (match.end() for match in _STOP.finditer(text) if _ends_sentence(text, match.end()))
    yield from _line_breaks(text)
    yield from _list_marks(text)


def _ends_sentence(text: str, place: int) -> bool:
    """Whether a full stop that may belong to an abbreviation ends a sentence."""
    before, behind = text[max(0, place - 8) : place], text[place : place + 2].strip()
    if _TITLE.search(before):
        return False
    return not _ABBREVIATION.search(before) or behind[:1].isupper() or not behind


def _line_breaks(text: str) -> Iterator[int]:
    """Line breaks but those that wrap a long line in the middle of a sentence."""
    start = 0
    for match in re.finditer(r"\n", text):
        line, following = text[start : match.start()], text[match.end() : match.end() + 1]
        if len(line) < WRAPPED or not following.islower() or line[-1:] in ".!?:;。":
            yield match.end()
        start = match.end()


def _list_marks(text: str) -> Iterator[int]:
    """Marks of a list: two of them at least, or one that begins a line."""
    marks = [match.start() for match in _LIST_MARK.finditer(text)]
    if len(marks) > 1:
        yield from marks


def _weak(
    text: str, language: Language, pauses: tuple[int, ...], strong: Iterable[int]
) -> Iterator[int]:
    """What is read between the strong boundaries."""
    edges = sorted({0, len(text), *strong})[: MAX_CLAUSES + 1]
    parts = [text[start:end] for start, end in pairwise(edges)]
    if language == "en":
        inside = clauses_english.weak_boundaries(parts)
    else:
        inside = [
            list(clauses_chinese.weak_boundaries(part, _inside(pauses, start, start + len(part))))
            for start, part in zip(edges, parts, strict=False)
        ]
    for start, places in zip(edges, inside, strict=False):
        yield from (start + place for place in places)


def _inside(pauses: Sequence[int], start: int, end: int) -> list[int]:
    """The pauses between two places, counted from the first."""
    return [pause - start for pause in pauses if start < pause < end]


def _word_start(text: str, place: int) -> int:
    """The beginning of the Latin word around a place; the place itself elsewhere."""
    while place > 0 and _is_latin(text[place - 1]) and _is_latin(text[place : place + 1] or " "):
        place -= 1
    return place


def _is_latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "'_")


def _behind_marks(text: str, places: Iterable[int]) -> set[int]:
    """The places, each moved behind the marks that end what stands before it."""
    runs = [match.span() for match in _MARKS.finditer(text)]
    starts = [start for start, _ in runs]

    def moved(place: int) -> int:
        number = bisect_right(starts, place) - 1
        return runs[number][1] if number >= 0 and place < runs[number][1] else place

    return {moved(place) for place in places}


def _outside(places: Iterable[int], whole: Sequence[tuple[int, int]]) -> list[int]:
    """The places that stand in nothing that never parts, in order."""
    starts = [start for start, _ in whole]
    ends = list(accumulate((end for _, end in whole), max))

    def inside(place: int) -> bool:
        number = bisect_left(starts, place) - 1
        return number >= 0 and place < ends[number]

    return sorted(place for place in places if not inside(place))


def _spans(text: str, places: Sequence[int]) -> Iterator[Span]:
    """The stretches between the places, without blanks around them.

    One without words joins the stretch before it, one that only begins something what follows.
    """
    stretches: list[tuple[int, int]] = []
    for start, end in zip([0, *places], [*places, len(text)], strict=True):
        part = text[start:end]
        before = text[slice(*stretches[-1])] if stretches else ""
        only_begins = len(before) <= MAX_BEGINNING and _ONLY_BEGINS.fullmatch(before)
        if only_begins or (not any(map(str.isalnum, part)) and stretches):
            stretches[-1] = (stretches[-1][0], end)
        elif part.strip():
            stretches.append((start, end))
    if len(stretches) > MAX_CLAUSES:
        stretches[MAX_CLAUSES - 1 :] = [(stretches[MAX_CLAUSES - 1][0], stretches[-1][1])]
    for start, end in stretches:
        part = text[start:end]
        first, last = start + len(part) - len(part.lstrip()), start + len(part.rstrip())
        yield Span(text[first:last], first, last, is_courtesy(text[first:last]))
