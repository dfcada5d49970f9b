"""The two languages, told apart by script, and text made safe to work on."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

import regex

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

MAX_MESSAGE = 10_000  # characters of one message that we read
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_NO_LANGUAGE = re.compile(
    r"(?<!\S)[^\s@]++@\S+|https?://\S+|(?<![A-Za-z])[A-Z]{1,2}-?\d\w*", re.ASCII
)  # addresses, references, account numbers
# Ordering marks takes the square of their number: what no script writes is left out (UAX 15, stream-safe text).
_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}


MAX_READ = 4 * MAX_MESSAGE  # characters of a text that are looked at; invisible ones count here


def clean_text(text: str) -> str:
    """NFC text without control and zero-width characters, with single spaces; line breaks are kept."""
    normal = unicodedata.normalize("NFC", _MARKS.sub(r"\1", text[:MAX_READ]))
    visible = "".join(
        c for c in normal if c == "\n" or unicodedata.category(c) not in _INVISIBLE or c == "\t"
    )
    return "\n".join(" ".join(line.split()) for line in visible.split("\n")).strip()[:MAX_MESSAGE]


def detect_language(text: str, otherwise: Language = "en") -> Language:
    """Chinese when Han characters outnumber Latin words, English when there are such words only, else `otherwise`."""
    words = _NO_LANGUAGE.sub(" ", text)
    han, latin = len(_HAN.findall(words)), len(_LATIN_WORD.findall(words))
    if han == 0 and latin == 0:
        return otherwise
    return "zh" if han >= latin else "en"
