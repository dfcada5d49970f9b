"""Normalisation for reading only: one spelling of what customers type in many. What they typed is what is stored.

NFKC, Traditional to Simplified Chinese, emoji to their meaning, invisible characters removed, white space squeezed, quotation
marks straightened. Every character remembers which part of the original it stands for, so that a span that was read can be
shown in the customer's own words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

import opencc
import regex

from core.languages import MAX_MESSAGE, MAX_READ, Language, detect_language

MAX_CLUSTER = 32  # characters of one cluster: UAX 15, stream-safe text, allows 30 marks on a letter

# Characters that become one character each, unless a mark follows, hence the look-ahead: ASCII, Latin-1 letters, curly
# quotation marks, Chinese punctuation, common Han characters, full-width ASCII.
_PLAIN = r"[\n\t -~\u00c0-\u00ff\u2018-\u201f\u3000-\u3002\u300c-\u300f\u4e00-\u9fff\uff01-\uff5e]"
_CLUSTERS = regex.compile(rf"(?P<plain>{_PLAIN}++(?!\p{{M}}|\u200d)|{_PLAIN}+(?={_PLAIN}))|\X")
_INVISIBLE = regex.compile(r"[\p{DI}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\u2800--[\n\t]]", regex.V1)
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}]")
_KEYCAP = "\u20e3"
_FEATURE = regex.compile(r"[\p{L}\p{N}]")
_HAN = regex.compile(r"\p{Han}")
_CHINESE = regex.compile(r"[\p{Han}、。]")
_SPACES = regex.compile(r"\s{2,}+|\n|(?<=[\p{Han}、。])\s(?=[\p{Han}、。])")

_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ´", "'"),
        **dict.fromkeys("“”„‟″«»「」『』", '"'),
        **dict.fromkeys("‐‑‒−﹣", "-"),
        **{chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)},
        "\u3000": " ",
    }
)
_CIRCLED = {chr(0x2460 + number): f"({number + 1})" for number in range(20)}

# What answers a question, alone or before words; behind words it only decorates them ("no need 👍").
_ANSWERS: dict[str, tuple[str, str]] = {
    **dict.fromkeys("👍👌✅✔✓☑🆗🙆💯🤝", ("yes", "是的")),
    **dict.fromkeys("👎❌✖✗✘❎🙅🚫⛔", ("no", "不是")),
}
# What says something beside words as well.
_REMARKS: dict[str, tuple[str, str]] = {
    **dict.fromkeys("🙏", ("thanks", "谢谢")),
    **dict.fromkeys("👋", ("hello", "你好")),
    **dict.fromkeys("😡😠🤬👿💢😤", ("angry", "生气")),
    **dict.fromkeys("😢😭😞😔☹", ("sad", "难过")),
    **dict.fromkeys("😱😰😨", ("worried", "担心")),
    **dict.fromkeys("🆘", ("help", "救命")),
}
_MARKS = {"❓": "?", "❔": "?", "❗": "!", "❕": "!", "‼": "!!", "⁉": "!?", "⁈": "?!", "⁇": "??"}
_KEPT_SYMBOLS = frozenset("©®™")
_ENDS_PART = frozenset(".,;:!?。、…\n")

# OpenCC leaves these, since they are spelled both ways in Simplified Chinese; banks spell them so.
_BANK_SPELLING = regex.compile(r"(?<![蚊营])帐(?![篷幕])")


@dataclass(frozen=True)
class NormalisedText:
    """A message as it is read; `starts` and `ends` say for each character which part of `original` it stands for."""

    text: str
    original: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    # Offsets at which white space or a picture between Chinese characters was left out: a writer's pause, or only a habit.
    pauses: tuple[int, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to before `end` stand in the original; an empty span stays empty."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def original_text(self, start: int, end: int) -> str:
        """The customer's own words for the characters from `start` to before `end`."""
        first, last = self.original_span(start, end)
        return self.original[first:last]


def normalise(text: str, language: Language | None = None) -> NormalisedText:
    """The text as it is read; emoji become words of the text's language, of `language` where there is no other text.

    At most MAX_READ characters are read and MAX_MESSAGE returned. Sources: Unicode UAX 15 (NFKC) and UAX 29 (clusters),
    OpenCC's tables (tw2s).
    """
    writer = _Writer(chinese=detect_language(text, language or "en") == "zh")
    for match in _CLUSTERS.finditer(text[:MAX_READ]):
        if match["plain"]:
            writer.add_plain(match["plain"], match.start())
        else:
            writer.add_cluster(match.group(), match.start(), match.end())
    return _squeezed(writer, text)


def has_features(normalised: NormalisedText) -> bool:
    """Whether there is a letter, a character or a digit to read; not in marks, invisible characters and mere pictures."""
    return _FEATURE.search(normalised.text) is not None


def simplified(text: str) -> str:
    """Simplified Chinese of the same length; other text as it is."""
    if not _HAN.search(text):
        return text
    converted = _converter().convert(text).replace("甚么", "什么")
    return _BANK_SPELLING.sub("账", converted) if len(converted) == len(text) else text


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    # Taiwan's variants too: 著 is written for 着 there, which the plain table leaves.
    return opencc.OpenCC("tw2s")


@dataclass
class _Writer:
    """Collects the text that is read, each character with the part of the original it stands for."""

    chinese: bool
    characters: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    has_words: bool = False
    said: str = ""  # the meaning of the emoji just before, so that a row of them says it once

    def add_plain(self, text: str, start: int) -> None:
        """Add characters that stand for themselves."""
        if self.said:
            self._close_emoji(text)
        self.characters.extend(text.translate(_PUNCTUATION))
        self.starts.extend(range(start, start + len(text)))
        self.ends.extend(range(start + 1, start + len(text) + 1))
        self.has_words = self.has_words or bool(_FEATURE.search(text))

    def add_cluster(self, cluster: str, start: int, end: int) -> None:
        """Add what one cluster is read as: a mark, the meaning of an emoji, or its compatibility form."""
        if picture := _picture(cluster):
            self._add_picture(picture, start, end)
        elif composed := _composed(cluster):
            if self.said:
                self._close_emoji(composed)
            self._add(composed, start, end)
            self.has_words = self.has_words or bool(_FEATURE.search(composed))

    def _add_picture(self, picture: str, start: int, end: int) -> None:
        meanings = _REMARKS.get(picture) or (None if self.has_words else _ANSWERS.get(picture))
        if not meanings:
            self._add(_MARKS.get(picture, " "), start, end)
        elif (meaning := meanings[self.chinese]) != self.said:
            self._part_from_words(start, end)
            self._add(meaning, start, end)
            self.said = meaning

    def _part_from_words(self, start: int, end: int) -> None:
        """A comma before an emoji's words, unless the words before them are ended already."""
        while self.characters and self.characters[-1] == " ":
            del self.characters[-1], self.starts[-1], self.ends[-1]
        if self.characters and self.characters[-1] not in _ENDS_PART:
            self._add(",", start, end)
        if self.characters and not self.chinese:
            self._add(" ", start, end)

    def _close_emoji(self, following: str) -> None:
        """Part an emoji's words from words behind it."""
        first = following.lstrip()[:1]
        if first and first not in _ENDS_PART:
            self._add("," if self.chinese else ", ", self.starts[-1], self.ends[-1])
        self.said = "" if first else self.said

    def _add(self, text: str, start: int, end: int) -> None:
        self.characters.extend(text)
        self.starts.extend([start] * len(text))
        self.ends.extend([end] * len(text))


@lru_cache(maxsize=4096)
def _picture(cluster: str) -> str | None:
    """The emoji of a cluster, without skin tone and joined ones."""
    found = None if cluster[0].isalpha() else _PICTURE.search(cluster[:MAX_CLUSTER])
    return found.group() if found and found.group() not in _KEPT_SYMBOLS else None


@lru_cache(maxsize=4096)
def _composed(cluster: str) -> str:
    """The compatibility form of a cluster without what is invisible in it."""
    if circled := _CIRCLED.get(cluster):
        return circled
    visible = _INVISIBLE.sub("", cluster[:MAX_CLUSTER]).translate(_PUNCTUATION)
    return unicodedata.normalize("NFKC", visible).replace(_KEYCAP, "")


def _squeezed(writer: _Writer, original: str) -> NormalisedText:
    """White space squeezed: one space or line break, nothing at the ends and between Chinese characters."""
    text = simplified("".join(writer.characters)).replace("\t", " ")
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    parts: list[str] = []
    places: list[int] = []
    pauses: list[int] = []
    for match in _SPACES.finditer(text, start, end):
        parts.append(text[start : match.start()])
        places.extend(range(start, match.start()))
        start = match.end()
        if "\n" not in match.group() and _between_chinese(text, match.start(), match.end()):
            pauses.append(len(places))
        else:
            parts.append("\n" if "\n" in match.group() else " ")
            places.append(match.start())
    parts.append(text[start:end])
    places = [*places, *range(start, end)][:MAX_MESSAGE]
    return NormalisedText(
        text="".join(parts)[:MAX_MESSAGE],
        original=original,
        starts=tuple(writer.starts[place] for place in places),
        ends=tuple(writer.ends[place] for place in places),
        pauses=tuple(pause for pause in pauses if pause < MAX_MESSAGE),
    )


def _between_chinese(text: str, start: int, end: int) -> bool:
    return bool(_CHINESE.match(text[start - 1]) and _CHINESE.match(text[end]))
