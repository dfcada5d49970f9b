"""Masking of what nobody may store: card numbers, security codes, PINs, passwords and one-time codes.

It comes first and works on the text as it was typed, so that nothing behind it sees more than is stored. It reads through
full-width and other scripts' digits, traditional characters, invisible characters and any separators. The last four digits
of a card stay readable. Which number is a card's is decided in `card_numbers`, what gives a code in `secret_codes`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.dialogue.card_numbers import CardNumber, find_card_numbers
from assistant.dialogue.normalisation import simplified
from assistant.dialogue.readings import MaskedKind
from assistant.dialogue.secret_codes import find_secret_codes

HIDDEN = "••••"
LAST = 4  # digits of a card that stay readable (PCI DSS 3.4.1 allows them)

# A security code typed behind a card's number and its expiry date, without a word.
_BEHIND_EXPIRY = re.compile(
    r"[^\w•]{1,4}(?:(?:exp\w*|valid\w*|有效期)\W{0,3})?(?:0[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d{2}\W{1,4}"
    r"(?P<code>\d{3,4})(?!\w|[.,]\d)",
    re.IGNORECASE | re.ASCII,
)
_IGNORED = frozenset({"Cf", "Mn", "Me", "Cc"})  # categories that a reader does not see


@dataclass(frozen=True)
class MaskedText:
    """A text without secrets; what was masked, in order; the last four digits of each card."""

    text: str
    kinds: tuple[MaskedKind, ...] = ()
    last_fours: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Secret:
    """What stands between two places of the original, and by what it is replaced."""

    start: int
    end: int
    kind: MaskedKind
    last_four: str = ""

    @property
    def replacement(self) -> str:
        return f"{HIDDEN} {self.last_four}" if self.last_four else HIDDEN


def mask(text: str) -> MaskedText:
    """The text with each secret replaced; the text itself where there is none. Masking again changes nothing."""
    view, origin = _view(text)
    secrets = [
        _Secret(origin[start], origin[end - 1] + 1, kind, last_four)
        for start, end, kind, last_four in _secrets(view)
    ]
    if not secrets:
        return MaskedText(text)
    return MaskedText(
        text=_replaced(text, secrets),
        kinds=tuple(secret.kind for secret in secrets),
        last_fours=tuple(secret.last_four for secret in secrets if secret.last_four),
    )


def _secrets(view: str) -> list[tuple[int, int, MaskedKind, str]]:
    """Start, end, kind and last four digits of what is masked, in order."""
    cards = find_card_numbers(view)
    rest = _without_cards(view, cards)
    codes = {(code.start, code.end): code.kind for code in find_secret_codes(rest)}
    for card in cards:
        if behind := _BEHIND_EXPIRY.match(view, card.end):
            codes.setdefault(behind.span("code"), "security_code")
    return sorted(
        [
            *((card.start, card.end, "card_number", card.digits[-LAST:]) for card in cards),
            *((start, end, kind, "") for (start, end), kind in codes.items()),
        ]
    )


def _without_cards(view: str, cards: Sequence[CardNumber]) -> str:
    """The text with each card number as one word of the same length, so that a code beside it is read apart."""
    parts, position = [], 0
    for card in cards:
        parts += [view[position : card.start], "x" * (card.end - card.start)]
        position = card.end
    return "".join([*parts, view[position:]])


def _replaced(text: str, secrets: Sequence[_Secret]) -> str:
    def parts() -> Iterator[str]:
        position = 0
        for secret in secrets:
            yield text[position : secret.start]
            yield secret.replacement
            position = secret.end
        yield text[position:]

    return "".join(parts())


def _view(text: str) -> tuple[str, list[int]]:
    """The text as its digits and words are recognised, one character for one, and where each stands."""
    folded = [_folded(character) for character in text]
    origin = [place for place, character in enumerate(folded) if character]
    return simplified("".join(folded)), origin


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    """One character in its plain form; nothing for an invisible one."""
    if character.isascii():
        return " " if character in "\t\r\v\f" else character
    category = unicodedata.category(character)
    if category in _IGNORED:
        return ""
    if category == "Pd":
        return "-"
    if category in {"Pi", "Pf"} or character in "「」『』":
        return '"' if category != "Pf" or character != "’" else "'"
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character
