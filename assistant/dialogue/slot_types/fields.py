"""Fields of the service catalogue's entries, read by their own type; texts are checked for being an answer at all."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum import iban

from actions.tickets.catalogue.fields import (
    NotAnswered,
    Surroundings,
    account_name,
    answer_from_text,
    check_answer,
    choices,
    is_skip,
    shown,
)
from actions.tickets.ticket_config.contents import FieldContent
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.formats import money_text
from assistant.dialogue.slot_types import cards, needs, texts
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
    is_question,
    ordinal,
    says_nothing,
    statements,
)
from assistant.dialogue.slot_types.moments import day_in
from assistant.dialogue.wording import say
from core.languages import LANGUAGES, Language
from core.localized_text import SEPARATORS
from core.localized_text import shown as localized

_ADDRESS_KEY = re.compile(r"address")
_NAME_KEY = re.compile(r"^(?:name|person|deceased|payee|.*_name)$")
_IBAN = re.compile(r"\bIBAN\b")
_IBAN_LIKE = re.compile(r"\b[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{2,4}){3,8}\b")
_TYPED = frozenset({"date", "amount", "card", "account", "phone", "email"})
_ACCOUNT_KINDS = {
    "current": re.compile(r"\bcurrent\b|\bchecking\b|活期|往来", re.IGNORECASE),
    "savings": re.compile(r"\bsavings?\b|储蓄|定期", re.IGNORECASE),
}
MAX_CHOICE_ANSWER = 120  # characters


class FieldKind(SlotKind):
    """What an entry of the service catalogue asks for."""

    def read(self, answer: Answer) -> Reading:
        field = _field(answer.step)
        if not field.required and is_skip(answer.short):
            return Filled(None)
        reader = _READERS.get(field.type, _read_by_type)
        return reader(answer, field)

    def prefill(self, answer: Answer) -> Any:
        """Dates, amounts, cards and accounts that a first message names."""
        field = _field(answer.step)
        value = _PREFILLS[field.type](answer, field) if field.type in _PREFILLS else None
        if value is None:
            return None
        try:
            return check_answer(field, value, surroundings(answer.facts))
        except NotAnswered:
            return None

    def default(self, step: Collect, facts: Facts) -> Any:
        """The only card or account."""
        field = _field(step)
        values = _values(field, facts) if field.type in ("card", "account") else []
        return values[0] if field.required and len(values) == 1 else None

    def likely(self, step: Collect, facts: Facts) -> Any:
        """The only current account, from which people pay."""
        current = [str(one.id) for one in facts.accounts if one.kind == "current"]
        return current[0] if _field(step).type == "account" and len(current) == 1 else None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        field, around = _field(step), surroundings(facts)
        titles = choices(field.model_copy(update={"required": True}), around)
        return [Option(t, t, value) for t, value in zip(titles, _values(field, facts), strict=True)]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        field = _field(step)
        if field.type == "date":
            return localized(date.fromisoformat(str(value)), facts.language)
        if field.type == "amount":
            return money_text(Decimal(value["amount"]), value["currency"], facts.language)
        return shown(field, value, surroundings(facts))


def is_typed_field(step: Collect) -> bool:
    """Whether the field's answer has a form by which it is recognised."""
    return step.field is not None and step.field.type in _TYPED


def surroundings(facts: Facts) -> Surroundings:
    """Whose request it is, and when, as the catalogue's fields are read."""
    return Surroundings(facts.now, facts.language, tuple(facts.cards), tuple(facts.accounts))


def _field(step: Collect) -> FieldContent:
    if step.field is None:
        raise ValueError(f"the slot {step.collect} is of type field and has none")
    return step.field


def _values(field: FieldContent, facts: Facts) -> list[Any]:
    """The values of what can be tapped, in the order of `choices`."""
    match field.type:
        case "card":
            return [str(card.id) for card in facts.cards]
        case "account":
            return [str(account.id) for account in facts.accounts]
        case "choice":
            return [option.value for option in field.options]
        case "yes_no":
            return [True, False]
    return []


# --- reading by type ----------------------------------------------------------------------------------------------------


def _read_by_type(answer: Answer, field: FieldContent) -> Reading:
    try:
        return Filled(answer_from_text(field, answer.text, surroundings(answer.facts)))
    except NotAnswered as error:
        return _as_unreadable(error)


def _checked(field: FieldContent, value: object, answer: Answer) -> Reading:
    try:
        return Filled(check_answer(field, value, surroundings(answer.facts)))
    except NotAnswered as error:
        return _as_unreadable(error)


def _as_unreadable(error: NotAnswered) -> Unreadable:
    return Unreadable(error.text.code or "answer.missing", **error.text.params)


def _read_text(answer: Answer, field: FieldContent) -> Reading:
    """A text is no question and no “I don't know”; addresses and names are checked for being that."""
    if _ADDRESS_KEY.search(field.key):
        address = texts.AddressKind().read(answer)
        return _checked(field, address.value, answer) if isinstance(address, Filled) else address
    text = answer.text
    if says_nothing(text):
        return Unreadable("dialogue.text_needed", name=field.names.of(answer.language))
    if not statements(text):
        return Unreadable("dialogue.text_needed", name=field.names.of(answer.language))
    if _IBAN.search(field.ask.en) and not any(
        iban.is_valid(word) for word in _IBAN_LIKE.findall(text)
    ):
        return Unreadable("dialogue.bad_iban")
    if _NAME_KEY.match(field.key):
        text = texts.name_in(text) or text
    return _checked(field, text, answer)


def _read_card(answer: Answer, field: FieldContent) -> Reading:
    return _CARDS.read(answer)


def _read_account(answer: Answer, field: FieldContent) -> Reading:
    accounts = answer.facts.accounts
    if not accounts:
        return Unreadable("answer.none")
    named = _account(answer)
    place = ordinal(answer.short, len(accounts))
    if named is None and place is not None:
        named = str(accounts[place].id)
    if named is not None:
        return Filled(named)
    names = [account_name(account, answer.language) for account in accounts]
    return Unreadable("answer.account", options=SEPARATORS[answer.language].join(names))


def _account(answer: Answer) -> str | None:
    """The account that is named by its last digits, or the only one of a kind."""
    accounts = answer.facts.accounts
    digits = {str(value)[-4:] for value in answer.values("account", "card")}
    digits |= set(re.findall(r"(?<!\d)\d{4}(?!\d)", answer.short))
    named = [a for a in accounts if a.iban[-4:] in digits] or [
        a
        for a in accounts
        if a.kind in _ACCOUNT_KINDS and _ACCOUNT_KINDS[a.kind].search(answer.short)
    ]
    return str(named[0].id) if len(named) == 1 else None


def _read_date(answer: Answer, field: FieldContent) -> Reading:
    """A day; a week or a month is asked for more exactly."""
    day = _day(answer, field)
    if isinstance(day, Unreadable):
        return day
    return _read_by_type(answer, field) if day is None else _checked(field, day, answer)


def _day(answer: Answer, field: FieldContent) -> str | Unreadable | None:
    """The day that is named, the coming one where a field looks ahead."""
    today = answer.facts.now.date()
    if field.least is not None and field.least >= 0:
        day = day_in(answer, today)
        return day if isinstance(day, Unreadable) else day.isoformat() if day else None
    dates = [str(value) for value in answer.values("date")]
    exact = next((value for value in dates if "/" not in value), None)
    return Unreadable("dialogue.which_day") if dates and exact is None else exact


def _read_amount(answer: Answer, field: FieldContent) -> Reading:
    amount = needs.AmountKind().read(answer)
    return (
        _checked(field, amount.value, answer)
        if isinstance(amount, Filled)
        else Unreadable("answer.amount")
    )


def _read_choice(answer: Answer, field: FieldContent) -> Reading:
    names = [(option.value, [option.names.en, option.names.zh]) for option in field.options]
    if (value := choose(answer.short, names)) is not None:
        return Filled(value)
    options = [option.names.of(answer.language) for option in field.options]
    return Unreadable("answer.choice", options=SEPARATORS[answer.language].join(options))


def _read_phone(answer: Answer, field: FieldContent) -> Reading:
    return _checked(field, texts.contact_in(answer.text) or answer.text, answer)


_YES_NO_QUESTION = re.compile(r"^\W*(?:yes|yeah|yep|no|nope|sure|是|否|不|好|对|要)", re.IGNORECASE)


def _read_yes_no(answer: Answer, field: FieldContent) -> Reading:
    if is_question(answer.short) and not _YES_NO_QUESTION.match(answer.short):
        return Unreadable("answer.yes_no")
    return _read_by_type(answer, field)


_CARDS = cards.CardKind(lambda facts: facts.cards, "answer.none", "dialogue.card_not_active")
_READERS = {
    "text": _read_text,
    "long_text": _read_text,
    "card": _read_card,
    "account": _read_account,
    "date": _read_date,
    "amount": _read_amount,
    "choice": _read_choice,
    "phone": _read_phone,
    "email": _read_phone,
    "yes_no": _read_yes_no,
}


# --- what a first message holds -----------------------------------------------------------------------------------------


def _card_in(answer: Answer, field: FieldContent) -> object:
    value = _CARDS.prefill(answer)
    return None if isinstance(value, list) else value


def _account_in(answer: Answer, field: FieldContent) -> object:
    return _account(answer)


def _date_in(answer: Answer, field: FieldContent) -> object:
    day = _day(answer, field)
    return None if isinstance(day, Unreadable) else day


def _amount_in(answer: Answer, field: FieldContent) -> object:
    return needs.AmountKind().prefill(answer)


def _contact_in(answer: Answer, field: FieldContent) -> object:
    contact = texts.contact_in(answer.text)
    is_phone = bool(contact and contact.startswith("+"))
    return contact if contact and is_phone == (field.type == "phone") else None


_PREFILLS = {
    "card": _card_in,
    "account": _account_in,
    "date": _date_in,
    "amount": _amount_in,
    "phone": _contact_in,
    "email": _contact_in,
}


# --- choices ------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[a-z]{3,}|[\u3400-\u9fff]{2,}", re.IGNORECASE)
_COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "was",
        "has",
        "have",
        "its",
        "not",
        "that",
        "this",
        "one",
        "please",
        "card",
        "account",
        "with",
        "from",
    ]
)


class ChoiceKind(SlotKind):
    """One of the step's options; the option `x` of the slot `detail` is called `dialogue.detail_x`."""

    def read(self, answer: Answer) -> Reading:
        step = answer.step
        names = [
            (option, [option, *self._titles(step, option), *step.synonyms.get(option, ())])
            for option in step.options
        ]
        if (value := choose(answer.short, names)) is not None:
            return Filled(value)
        titles = [self._title(step, option, answer.language) for option in step.options]
        return Unreadable("answer.choice", options=SEPARATORS[answer.language].join(titles))

    def prefill(self, answer: Answer) -> Any:
        reading = self.read(answer)
        return reading.value if isinstance(reading, Filled) else None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        titles = [(self._title(step, option, facts.language), option) for option in step.options]
        return [Option(title, title, option) for title, option in titles]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return (
            self._title(step, str(value), facts.language) if value in step.options else str(value)
        )

    def _titles(self, step: Collect, option: str) -> list[str]:
        return [self._title(step, option, language) for language in LANGUAGES]

    def _title(self, step: Collect, option: str, language: Language) -> str:
        return say(f"dialogue.{step.collect}_{option}", language)


def choose(text: str, options: list[tuple[str, list[str]]]) -> str | None:
    """The one option that a text names: by name, by place, or by words that no other option shares."""
    folded = text[:MAX_CHOICE_ANSWER].strip(" .!。！\n").casefold()
    exact = [value for value, names in options if folded in {name.casefold() for name in names}]
    if exact:
        return exact[0]
    inside = [value for value, names in options if any(_contains(folded, name) for name in names)]
    if len(inside) == 1:
        return inside[0]
    if not inside and (place := ordinal(text, len(options))) is not None:
        return options[place][0]
    asked = _words(folded)
    shared = [value for value, names in options if any(asked & _words(name) for name in names)]
    return shared[0] if len(shared) == 1 else None


def _contains(text: str, name: str) -> bool:
    name = name.casefold()
    if not name.isascii():
        return len(name) > 1 and name in text
    return bool(re.search(rf"\b{re.escape(name)}s?\b", text))


def _words(text: str) -> set[str]:
    """Words that tell options apart: English ones, Chinese by pairs of characters."""
    parts = [match.group().casefold() for match in _WORD.finditer(text)]
    english = {part.removesuffix("s") for part in parts if part.isascii()} - _COMMON
    pairs = {part[i : i + 2] for part in parts if not part.isascii() for i in range(len(part) - 1)}
    return english | pairs
