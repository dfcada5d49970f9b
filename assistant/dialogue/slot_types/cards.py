"""Cards: by their last digits, by kind, by place in the list, the other one, all of them. Nothing else tells one from another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from actions.customers.models import Card
from actions.tickets.catalogue.fields import card_name
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.slot_types.base import (
    MAX_ORDINAL_ANSWER,
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
    ordinal,
    says_nothing,
)
from core.languages import Language
from core.localized_text import SEPARATORS

Cards = Sequence[Card]

_LAST_FOUR = re.compile(r"(?<![\d/.,-])\d{4}(?![\d/]|[.,-]\d)")
_EXPIRY = re.compile(r"(?<!\d)(0?[1-9]|1[0-2])\s?/\s?(?:20)?(\d{2})(?!\d)")
_KINDS = {
    "credit": re.compile(r"\bcredit\b|信用卡|贷记卡|信用的", re.IGNORECASE),
    "debit": re.compile(r"\bdebit\b|\bbank\s?card\b|借记卡|储蓄卡|借记的", re.IGNORECASE),
}
_NOT = re.compile(
    r"(?:\b(?:do not|don'?t|dont|never) (?:touch|block|lock|freeze|stop|want|use)|\b(?:leave|keep)"
    r"|\bnot|\bisn'?t|\bexcept|\bother than|\bno longer)"
    r"\s+(?:on\s+|my\s+|the\s+|a\s+|all\s+|both\s+){0,3}[\w-]+|"
    r"(?:不是|而不是|除了|别|不要|别动|别碰|不动|不用|保留)[^\s，,。]{1,8}",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\bboth\b|\ball\s+(?:of\s+)?(?:my|the|them|these|those|cards?|two|three|four)\b|\b(?:them\s+all|the\s+lot|every\s+(?:one|card|single))\b|"
    r"^\W*(?:just\s+|block\s+)?all(?:\s+please)?\W*$|都(?:要|是|丢|不见|被|给|挂|停|锁|冻)|^\W*都\W*$|全部|全都|所有|两张(?:都|卡)|^\W*两张\W*$",
    re.IGNORECASE,
)
_PLAINLY_ALL = re.compile(
    r"\b(?:both|all|every|each)\s+(?:of\s+)?(?:my\s+|the\s+|these\s+|our\s+){0,2}(?:bank\s+)?cards?\b|所有的?(?:银行)?卡|(?:卡|两张)[^，,。]{0,4}(?:全|都)|两张卡|全部的?卡",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\b(?:the\s+)?other\b|另一张|另外|别的|那张|不是这张", re.IGNORECASE)
_POINTS_AT_ONE = re.compile(
    r"\b(?:it|that|this|the|my|yes|yeah|yep|card|one|only)\b|这张|那张|卡|是的?|对|就",
    re.IGNORECASE,
)
# Where a card need not have to do with the matter, only an answer that is a card and nothing else names one.
_ONLY_A_CARD = re.compile(
    r"\W*(?:(?:yes|yeah|yep|ok|please|do|block|freeze|lock|stop|it|that|this|the|my|both|all|of|them|other|first|second|third|last|one|only|just|credit|debit|bank|"
    r"visa|master|cards?|ending|ends|in|with|now|then|too|and|number|ok(?:ay)?|sure|quick(?:ly)?|asap|right|away|instead|thanks?|thank|you|can|could|would|\d{1,4})\b\W*)+|"
    r"(?:是的?|对|好的?|请|帮我|把|我的?|[这那]张|第[一二三四五]张?|两张|都|全部|所有|另一张|尾号|信用卡|借记卡|储蓄卡|银行卡|卡|的|冻结|挂失|锁|停|掉|要|吧|\d{1,4}|[\s,，.。!！、])+",
    re.IGNORECASE,
)
_QUALIFIER = re.compile(
    r"\b(?:blue|red|green|black|gold|silver|white|platinum|old|older|new|newer|business|joint|virtual|his|her|their|(?:wi|hus|daughter|son|mother|father|partner)\w*'?s?)\b|"
    r"[蓝红绿黑金银白]色|旧|新|他的|她的|副卡",
    re.IGNORECASE,
)


class CardKind(SlotKind):
    """A card, or several: its id, or a list of ids. `pool` says which cards may be meant."""

    typed = True

    def __init__(self, pool: Callable[[Facts], Cards], none: str, wrong_state: str) -> None:
        self._pool, self._none, self._wrong_state = pool, none, wrong_state

    def read(self, answer: Answer) -> Reading:
        cards = self._pool(answer.facts)
        if not cards:
            return Unreadable(self._none)
        chosen = plainly(answer, cards) or _by_place(answer, cards)
        if chosen and not (answer.step.ask_always and not _ONLY_A_CARD.fullmatch(answer.short)):
            return Filled(_value(chosen))
        return self._why_not(answer, cards)

    def prefill(self, answer: Answer) -> Any:
        cards = self._pool(answer.facts)
        if _PLAINLY_ALL.search(_NOT.sub(" ", answer.short)):
            return _value(cards) if cards else None
        chosen = _by_digits(answer, cards) or _by_kind(answer.short, cards)
        return _value(chosen) if len(chosen) == 1 else None

    def default(self, step: Collect, facts: Facts) -> Any:
        cards = self._pool(facts)
        return str(cards[0].id) if len(cards) == 1 else None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        return card_options(self._pool(facts), facts.language)

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return show_cards(value, facts)

    def _why_not(self, answer: Answer, cards: Cards) -> Unreadable:
        """The digits of a card in another state or of none of these; or which one it is."""
        named = _digits(answer) if len(answer.text) <= MAX_ORDINAL_ANSWER else set()
        other = next((card for card in answer.facts.cards if card.last_four in named), None)
        if other is not None and other not in cards:
            return Unreadable(self._wrong_state, last_four=other.last_four)
        names = SEPARATORS[answer.language].join(card_name(c, answer.language) for c in cards)
        code = "dialogue.no_such_card" if named else "dialogue.which_of_these"
        return Unreadable(code, options=names)


def plainly(answer: Answer, cards: Cards) -> list[Card]:
    """The cards that an answer names: by digits, by expiry, all of them, or the only one of a kind."""
    text = answer.short
    affirmed = _NOT.sub(" ", text)
    if by_digits := _by_digits(answer, cards):
        return by_digits
    if dates := {(int(month), int(year)) for month, year in _EXPIRY.findall(text)}:
        return _single([c for c in cards if (c.expires_on.month, c.expires_on.year % 100) in dates])
    if _ALL.search(affirmed) and not _kinds(affirmed):
        return list(cards)
    return _by_kind(text, cards)


def may_be_own(text: str, facts: Facts) -> bool:
    """Whether the cards that a text names, by digits or kind, are among the customer's; true where it names none."""
    kinds, digits = _kinds(_NOT.sub(" ", text)), set(_LAST_FOUR.findall(text))
    fits_kind = not kinds or any(card.kind in kinds for card in facts.cards)
    return fits_kind and (not digits or any(card.last_four in digits for card in facts.cards))


def card_options(cards: Cards, language: Language) -> list[Option]:
    """Each card to tap."""
    names = [(card_name(card, language), card) for card in cards]
    return [Option(name, name, str(card.id)) for name, card in names]


def show_cards(value: Any, facts: Facts) -> str:
    """Kind and last digits of a card or of several."""
    ids = value if isinstance(value, list) else [value]
    names = [card_name(card, facts.language) for card in facts.cards if str(card.id) in ids]
    return SEPARATORS[facts.language].join(names) or "•"


def _by_digits(answer: Answer, cards: Cards) -> list[Card]:
    named = _digits(answer)
    return [card for card in cards if card.last_four in named]


def _digits(answer: Answer) -> set[str]:
    named = {str(value) for value in answer.values("card")}
    return named | set(_LAST_FOUR.findall(answer.short))


def _by_kind(text: str, cards: Cards) -> list[Card]:
    """The only card of the kind that is named; of the other kind, where one is ruled out."""
    wanted = _kinds(_NOT.sub(" ", text))
    refused = {kind for part in _NOT.findall(text) for kind in _kinds(part)} - wanted
    if wanted:
        return _single([card for card in cards if card.kind in wanted])
    return _single([card for card in cards if card.kind not in refused]) if refused else []


def _kinds(text: str) -> set[str]:
    return {kind for kind, words in _KINDS.items() if words.search(text)}


def _by_place(answer: Answer, cards: Cards) -> list[Card]:
    """The first, the second; the other one than the present one; or “that one” where there is only one."""
    text = answer.short
    if (place := ordinal(text, len(cards))) is not None:
        return [cards[place]]
    if _kinds(text) or _digits(answer) or _QUALIFIER.search(text):
        return []
    if _OTHER.search(text):
        present = answer.previous if isinstance(answer.previous, list) else [answer.previous]
        return _single([card for card in cards if str(card.id) not in present])
    points = _POINTS_AT_ONE.search(text) and not _refuses(text)
    return _single(list(cards)) if points else []


def _refuses(text: str) -> bool:
    return bool(re.match(r"\W*(?:no\b|nope|none|not\b|不|没)", text, re.IGNORECASE)) or (
        says_nothing(text) and not re.match(r"\W*(?:yes|yeah|yep|是|对)", text, re.IGNORECASE)
    )


def _single(cards: list[Card]) -> list[Card]:
    return cards if len(cards) == 1 else []


def _value(cards: Cards) -> Any:
    """One id, or a list where several were named."""
    ids = [str(card.id) for card in cards]
    return ids[0] if len(ids) == 1 else ids
