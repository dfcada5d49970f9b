"""Card numbers in what somebody typed, told from references, amounts, phone numbers and accounts.

ISO/IEC 7812: 13 to 19 digits that end in Luhn's check digit.
- With the prefix and length of an issuer, in one piece or in the groups that cards are printed in, it is a card number; in
  other groups only where the message speaks of a card.
- Without such a prefix, or with a wrong check digit (a slip of the finger), it is one only where the message speaks of a
  card, or where the digits stand in a card's four groups of four.
- Behind a plus sign or a currency, glued to letters (references, IBANs) or as a Chinese identity number it is none.
- What the message calls an order, a reference, a phone number and the like is none although it may pass Luhn's check by
  chance (one in ten does), unless it stands in a card's groups. What it calls an account is one with a prefix of
  UnionPay, since the card's number is the account's in China.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Literal

from stdnum import iban
from stdnum.cn import ric

MIN_DIGITS, MAX_DIGITS = 13, 19
SHORT = 4  # digits that a printed group has at least

# Issuer prefixes with the lengths in use: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, RuPay,
# Mir, Troy (the issuers' published ranges of ISO/IEC 7812 numbers).
_LONG = frozenset(range(16, 20))
_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 18, 19})),
    (51, 55, frozenset({16})),
    (2221, 2720, frozenset({16})),
    (34, 34, frozenset({15})),
    (37, 37, frozenset({15})),
    (300, 305, _LONG | {14}),
    (3095, 3095, _LONG | {14}),
    (36, 36, _LONG | {14}),
    (38, 39, _LONG | {14}),
    (6011, 6011, _LONG),
    (644, 659, _LONG),
    (3528, 3589, _LONG),
    (62, 62, _LONG),
    (81, 81, _LONG),
    (50, 50, _LONG | {13, 14, 15}),
    (56, 58, _LONG | {13, 14, 15}),
    (60, 60, frozenset({16})),
    (63, 63, _LONG),
    (67, 67, _LONG | {13, 14, 15}),
    (2200, 2204, _LONG),
    (9792, 9792, frozenset({16})),
)
_UNIONPAY = ("62", "81")
_FOURS = (4, 4, 4, 4)
_PRINTED = frozenset(
    {
        _FOURS,
        *((*_FOURS, rest) for rest in (1, 2, 3)),
        *((4, 6, 5), (4, 6, 4), (4, 3, 3, 3), (8, 8), (6, 13)),
    }
)

Topic = Literal["card", "reference", "account"]
CONTEXT_BEFORE, CONTEXT_BEHIND = 40, 20  # characters from a number in which it may be named
_TOPICS = re.compile(
    r"(?P<card>\bcards?\b|\bcc\b|\bpan\b|\bvisa\b|\bmaster ?card\b|\bamex\b|\bamerican express\b|\bmaestro\b"
    r"|\bunion ?pay\b|卡号|[行用记蓄借贷]卡|银联|卡片|[这张的]卡)"
    r"|(?P<account>\baccount\b|\bacct\b|\ba/c\b|账号|账户)"
    r"|(?P<reference>\border|\brefs?\b|\breference|\bcase\b|\bticket|\binvoice|\btransaction|\btransfer|\btracking|\bbooking"
    r"|\bconfirmation|\b(?:customer|client|policy|contract|receipt|payment|mandate|membership) ?(?:id|no|num|ref)"
    r"|\bphone|\btel\b|\btelephone|\bmobile|\bcell\b|\bcall\b|\bfax\b|\bwhatsapp|\bimei|\bserial|\bparcel|\bshipment|\bid\b"
    r"|\btimestamp|\bbarcode|\biban\b|订单|单号|流水|交易号|参考号|编号|工单|快递|运单|发票|合同|客户号|电话|手机|身份证"
    r"|序列号|保单|回单|凭证|时间戳)",
    re.IGNORECASE | re.ASCII,
)
_SEPARATED = re.compile(r"\d(?:(?:[^\w£$€¥%+]|_){0,3}\d)*")
_GROUP = re.compile(r"\d+")
_GLUED = re.compile(r"([A-Za-z]{1,20})[-_#/]?$")
_LABEL = re.compile(r"(?:card|visa|amex|maestro|pay|pan|cc|is|number|num|nr|no|it)$", re.IGNORECASE)
_AMOUNT_BEFORE = re.compile(r"(?:[£$€¥+]|\b(?:eur|usd|gbp|cny|rmb))\s?$|\d[.,]$", re.IGNORECASE)
_AMOUNT_BEHIND = re.compile(
    r"[.,]\d{1,2}(?![\d/])|\s?(?:[£$€¥%]|[元块]|美元|(?:eur|usd|gbp|cny|rmb|euros?|dollars?|pounds?)\b)",
    re.IGNORECASE,
)
_IBAN_START = re.compile(r"\b[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
MIN_IBAN, MAX_IBAN = 15, 34  # ISO 13616
MAX_IBANS = 50  # more in one text are not a customer's

_ENGLISH_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DIGIT_WORDS: dict[str, str] = {
    **{word: str(digit) for digit, word in enumerate(_ENGLISH_DIGITS)},
    **{character: str(digit) for digit, character in enumerate("零一二三四五六七八九")},
    **{"oh": "0", "〇": "0", "幺": "1"},
}
_WORD = rf"(?:{'|'.join(DIGIT_WORDS)})"
_IN_WORDS = re.compile(
    rf"(?<![a-z]){_WORD}(?:[\s,.-]{{0,3}}(?<![a-z]){_WORD}|(?<=[零〇一二三四五六七八九幺]){_WORD}){{12,}}(?![a-z])",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(_WORD, re.IGNORECASE)


@dataclass(frozen=True)
class CardNumber:
    """Where a card number stands and its digits."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True)
class _Window:
    """Neighbouring groups of digits, and where they stand."""

    start: int
    end: int
    digits: str
    sizes: tuple[int, ...]
    whole: bool  # whether it is all digits of its run


def find_card_numbers(text: str) -> list[CardNumber]:
    """The card numbers of a text whose digits are ASCII, in order, without overlap."""
    topics = _Topics(text)
    ibans = _ibans(text)
    cards = [
        CardNumber(window.start, window.end, window.digits)
        for run in _SEPARATED.finditer(text)
        if sum(map(str.isdigit, run.group())) >= MIN_DIGITS
        for window in _cards_in(run, topics, ibans)
    ]
    return sorted([*cards, *_in_words(text, topics)], key=lambda card: card.start)


def passes_luhn(digits: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1 annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def has_issuer(digits: str) -> bool:
    """Whether prefix and length are those of an issuer."""
    return any(
        low <= int(digits[: len(str(low))]) <= high and len(digits) in lengths
        for low, high, lengths in _ISSUERS
    )


class _Topics:
    """What numbers are called in a text."""

    def __init__(self, text: str) -> None:
        matches = list(_TOPICS.finditer(text))
        self._starts = [match.start() for match in matches]
        self._ends = [match.end() for match in matches]
        self._kinds = [match.lastgroup for match in matches]
        self._cards = [match.start() for match in matches if match.lastgroup == "card"]

    def at(self, start: int, end: int) -> str | None:
        """The nearest name before a number, else the nearest behind it."""
        before = bisect_left(self._ends, start + 1) - 1
        if before >= 0 and start - self._ends[before] <= CONTEXT_BEFORE:
            return self._kinds[before]
        behind = bisect_left(self._starts, end)
        if behind < len(self._starts) and self._starts[behind] - end <= CONTEXT_BEHIND:
            return self._kinds[behind]
        return None

    def near_card(self, start: int) -> bool:
        """Whether a card is spoken of near a number that begins there."""
        first = bisect_left(self._cards, start - 2 * CONTEXT_BEFORE)
        return first < len(self._cards) and self._cards[first] < start + 2 * CONTEXT_BEFORE


def _cards_in(run: re.Match[str], topics: _Topics, ibans: Sequence[range]) -> Iterator[_Window]:
    groups = list(_GROUP.finditer(run.group()))
    taken = 0
    for first in range(len(groups)):
        # Short groups are a card's only beside the word, or all together; a long row of them is not tried at each place.
        short = first > 0 and len(groups[first].group()) < SHORT
        if first < taken or (short and not topics.near_card(run.start() + groups[first].start())):
            continue
        windows = [
            window
            for window in _windows(run, groups, first)
            if _is_card(run.string, window, topics, ibans)
        ]
        if windows:
            best = max(windows, key=lambda window: (window.sizes in _PRINTED, len(window.digits)))
            taken = first + len(best.sizes)
            yield best


def _windows(run: re.Match[str], groups: Sequence[re.Match[str]], first: int) -> Iterator[_Window]:
    """Windows of the right length from a group on."""
    parts = [group.group() for group in islice(groups, first, first + MAX_DIGITS)]
    for count, length in enumerate(accumulate(map(len, parts)), start=1):
        if length > MAX_DIGITS:
            return
        if length >= MIN_DIGITS:
            yield _Window(
                start=run.start() + groups[first].start(),
                end=run.start() + groups[first + count - 1].end(),
                digits="".join(parts[:count]),
                sizes=tuple(map(len, parts[:count])),
                whole=count == len(groups),
            )


def _is_card(text: str, window: _Window, topics: _Topics, ibans: Sequence[range]) -> bool:
    topic = topics.at(window.start, window.end)
    printed = window.sizes in _PRINTED
    if not (printed or len(window.sizes) == 1 or window.whole or topic == "card"):
        return False
    if not _may_be_card(text, window, topic, ibans):
        return False
    issuer, valid = has_issuer(window.digits), passes_luhn(window.digits)
    if topic == "card":
        return _is_named_card(window, issuer, valid)
    if topic is not None and not printed:
        return topic == "account" and window.digits.startswith(_UNIONPAY) and issuer and valid
    usual = printed or len(window.sizes) == 1 or set(window.sizes) == {1}
    return (usual and issuer and valid) or (topic is None and window.sizes == _FOURS)


def _is_named_card(window: _Window, issuer: bool, valid: bool) -> bool:
    """Whether digits beside the word card are one: with one flaw at most of check digit, prefix and groups."""
    usual = window.sizes in _PRINTED or len(window.sizes) == 1 or window.whole
    if valid:
        return issuer or usual
    return window.sizes in _PRINTED or (issuer and len(window.sizes) == 1)


def _may_be_card(text: str, window: _Window, topic: str | None, ibans: Sequence[range]) -> bool:
    before = text[max(0, window.start - CONTEXT_BEFORE // 2) : window.start]
    if any(window.start in span for span in ibans) or before.rstrip(" (").endswith("+"):
        return False
    if (glued := _GLUED.search(before)) and not _LABEL.search(glued[1]):
        return False
    if len(window.sizes) == 1 and (
        _AMOUNT_BEFORE.search(before) or _AMOUNT_BEHIND.match(text, window.end)
    ):
        return False
    return topic == "card" or not (ric.is_valid(window.digits) or _is_listing(window))


def _is_listing(window: _Window) -> bool:
    """Four years or four round amounts beside each other."""
    numbers = [window.digits[at : at + 4] for at in range(0, 16, 4)]
    return window.sizes == _FOURS and (
        all(number.startswith(("19", "20")) for number in numbers)
        or all(number.endswith("00") for number in numbers)
    )


def _ibans(text: str) -> list[range]:
    """Where valid IBANs stand (ISO 13616)."""
    spans = []
    for match in islice(_IBAN_START.finditer(text), MAX_IBANS):
        places = [
            match.start() + offset
            for offset, character in enumerate(text[match.start() : match.start() + 2 * MAX_IBAN])
            if character.isalnum() and character.isascii()
        ][:MAX_IBAN]
        written = "".join(text[place] for place in places)
        for length in range(MIN_IBAN, len(written) + 1):
            if iban.is_valid(written[:length]):
                spans.append(range(match.start(), places[length - 1] + 1))
    return spans


def _in_words(text: str, topics: _Topics) -> Iterator[CardNumber]:
    """Card numbers spelt out: "four five three nine ...", 六二二二 ..."""
    for match in _IN_WORDS.finditer(text):
        digits = "".join(DIGIT_WORDS[word.lower()] for word in _ONE_WORD.findall(match.group()))
        named = topics.at(match.start(), match.end()) == "card"
        if MIN_DIGITS <= len(digits) <= MAX_DIGITS and (
            has_issuer(digits) if passes_luhn(digits) else named
        ):
            yield CardNumber(match.start(), match.end(), digits)
