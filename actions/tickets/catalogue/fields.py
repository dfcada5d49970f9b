"""Typed answers to what a request asks for: checked from a page or an application, read from a sentence in the dialogue.

Both come out the same: text, ISO 8601 days, amounts with currency, E.164 numbers, ids of the customer's own cards and accounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email
from pydantic import TypeAdapter, ValidationError

from actions.customers.models import Account, Card
from actions.tickets.ticket_config.contents import FieldContent, compiled
from core.bounds import MAX_NUMBER
from core.contacts import find_contact
from core.errors import DomainError
from core.languages import Language
from core.money import BASE_CURRENCY, AmountDecimal, Money, currencies
from nlu.values import day_or_span, money, number

# What is stored as an answer: text, a number, yes or no, or an amount with its currency.
Answer = str | bool | int | float | dict[str, str]
Owned = TypeVar("Owned", Card, Account)
_SENT = TypeAdapter(dict[str, object])
EXAMPLE_DAY = date(2026, 12, 24).isoformat()
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(AmountDecimal)
MAX_EMAIL = 320  # characters: RFC 3696, erratum 1690 allows fewer
LONGEST = {"text": 300, "long_text": 3000}
_SKIP = re.compile(
    r"^\W*(?:skip|none|no|nothing|leave it|not needed|跳过|没有|无|不用|不需要|不变)\W*$",
    re.IGNORECASE,
)
_YES = re.compile(r"\b(?:yes|yep|yeah|sure|ok|true)\b|^(?:是|对|好|要|可以)", re.IGNORECASE)
_NO = re.compile(r"\b(?:no|nope|not|false)\b|^(?:否|不|没)", re.IGNORECASE)
_LAST_FOUR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_ALL_CARD_KINDS = {"credit": r"\bcredit\b|信用卡|贷记", "debit": r"\bdebit\b|借记|储蓄卡"}
_ACCOUNT_KINDS = {
    "current": r"\bcurrent\b|checking|活期|往来",
    "savings": r"\bsavings?\b|储蓄|定期",
}


class NotAnswered(DomainError):
    """A field has no good answer; `text` says what is wrong."""

    status, title = 422, "Not valid"


@dataclass(frozen=True)
class Surroundings:
    """Whose request it is, and when: the customer's own cards and accounts."""

    now: datetime
    language: Language
    cards: Sequence[Card] = ()
    accounts: Sequence[Account] = ()


_WRONG: dict[str, dict[Language, str]] = {
    "missing": {"en": "This is needed.", "zh": "此项必填。"},
    "text": {
        "en": "Please write a text of at most {most} characters.",
        "zh": "请填写不超过 {most} 个字符的文字。",
    },
    "pattern": {"en": "This is not in the form that is needed.", "zh": "格式不符合要求。"},
    "date": {
        "en": "I could not read a day in that. An example: 2026-12-24.",
        "zh": "没有识别到日期。例如：2026-12-24。",
    },
    "date_range": {
        "en": "The day must lie between {least} and {most}.",
        "zh": "日期须在 {least} 至 {most} 之间。",
    },
    "amount": {
        "en": "I could not read an amount in that. An example: 250 EUR.",
        "zh": "没有识别到金额。例如：250 欧元。",
    },
    "number": {"en": "I could not read a number in that.", "zh": "没有识别到数字。"},
    "range": {
        "en": "It must lie between {least} and {most}.",
        "zh": "须在 {least} 至 {most} 之间。",
    },
    "card": {
        "en": "Please name one of your cards: {options}.",
        "zh": "请选择您的一张卡：{options}。",
    },
    "account": {
        "en": "Please name one of your accounts: {options}.",
        "zh": "请选择您的一个账户：{options}。",
    },
    "none": {"en": "There is none that this could be done for.", "zh": "没有可办理的对象。"},
    "choice": {"en": "Please choose: {options}.", "zh": "请选择：{options}。"},
    "country": {
        "en": "I do not know this country. An example: Japan.",
        "zh": "没有识别到国家。例如：日本。",
    },
    "phone": {
        "en": "I read no phone number in that. An example: +44 20 7946 0000.",
        "zh": "没有识别到电话号码，例如：+86 138 0013 8000。",
    },
    "email": {
        "en": "I could not read an email address. An example: anna@example.com.",
        "zh": "没有识别到邮箱。例如：anna@example.com。",
    },
    "yes_no": {"en": "Please answer yes or no.", "zh": "请回答“是”或“否”。"},
}


def is_skip(reply: str) -> bool:
    """Whether a sentence leaves a field out that may be left out."""
    return bool(_SKIP.match(reply))


def answer_from_text(field: FieldContent, reply: str, around: Surroundings) -> Answer | None:
    """The value of a field from a sentence, None for a field that may be left out and is; NotAnswered when there is none."""
    if not field.required and is_skip(reply):
        return None
    return check_answer(field, _READERS.get(field.type, _plain)(field, reply, around), around)


def check_answer(field: FieldContent, value: object, around: Surroundings) -> Answer | None:
    """The value in its one form; NotAnswered when it is none."""
    if value is None or value == "":
        if field.required:
            raise NotAnswered("answer.missing")
        return None
    return _CHECKS[field.type](field, value, around)


def shown(field: FieldContent, value: object, around: Surroundings) -> str:
    """A value as a person reads it."""
    language = around.language
    match field.type:
        case "card":
            text = next((card_name(c, language) for c in around.cards if str(c.id) == value), "•")
        case "account":
            text = next(
                (account_name(a, language) for a in around.accounts if str(a.id) == value), "•"
            )
        case "choice":
            text = next(
                (o.names.of(language) for o in field.options if o.value == value), str(value)
            )
        case "country":
            text = str(_locale(language).territories.get(str(value), value))
        case "amount":
            text = (
                f"{value['amount']} {value['currency']}" if isinstance(value, dict) else str(value)
            )
        case "yes_no":
            text = {"en": ("yes", "no"), "zh": ("是", "否")}[language][not value]
        case _:
            text = str(value)
    return text


def choices(field: FieldContent, around: Surroundings) -> list[str]:
    """What can be tapped: the customer's cards or accounts, options, yes and no; a way to leave out."""
    match field.type:
        case "card":
            titles = [card_name(card, around.language) for card in around.cards]
        case "account":
            titles = [account_name(account, around.language) for account in around.accounts]
        case "choice":
            titles = [option.names.of(around.language) for option in field.options]
        case "yes_no":
            titles = ["Yes", "No"] if around.language == "en" else ["是", "否"]
        case _:
            titles = []
    skip = [] if field.required else ["Skip" if around.language == "en" else "跳过"]
    return [*titles, *skip]


def card_name(card: Card, language: Language) -> str:
    """How a card is named: kind and last digits."""
    kinds = {
        "credit": {"en": "credit card", "zh": "信用卡"},
        "debit": {"en": "debit card", "zh": "借记卡"},
    }
    return f"{kinds.get(card.kind, kinds['debit'])[language]} •{card.last_four}"


def account_name(account: Account, language: Language) -> str:
    """How an account is named: kind and last digits of its IBAN."""
    kinds = {
        "current": {"en": "current account", "zh": "活期账户"},
        "savings": {"en": "savings account", "zh": "储蓄账户"},
    }
    return f"{kinds.get(account.kind, kinds['current'])[language]} •{account.iban[-4:]}"


# --- reading a sentence -----------------------------------------------------------------------------------------------


def _plain(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    return reply


def _read_date(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    days = day_or_span(reply, around.now)
    return days.split("/")[0] if days else reply


def _read_amount(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    amount = money(reply)
    if not amount or amount["amount"] is None:
        raise NotAnswered("answer.amount")
    return {"amount": amount["amount"], "currency": amount["currency"] or BASE_CURRENCY}


def _read_number(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    digits = re.search(r"-?\d+(?:[.,]\d+)?", reply)
    found = Decimal(digits.group().replace(",", ".")) if digits else number(reply)
    if found is None:
        raise NotAnswered("answer.number")
    return float(found)


def _read_card(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    cards = list(around.cards)
    digits = set(_LAST_FOUR.findall(reply))
    named = [c for c in cards if c.last_four in digits] or [
        c for c in cards if re.search(_ALL_CARD_KINDS.get(c.kind, "$^"), reply, re.IGNORECASE)
    ]
    return str(_only(named or cards, "answer.card", around, card_name).id)


def _read_account(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    accounts = list(around.accounts)
    digits = set(_LAST_FOUR.findall(reply)) | {reply.replace(" ", "").upper()[-4:]}
    named = [a for a in accounts if a.iban[-4:] in digits] or [
        a for a in accounts if re.search(_ACCOUNT_KINDS.get(a.kind, "$^"), reply, re.IGNORECASE)
    ]
    return str(_only(named or accounts, "answer.account", around, account_name).id)


def _only(
    matching: list[Owned], code: str, around: Surroundings, name: Callable[[Owned, Language], str]
) -> Owned:
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise NotAnswered("answer.none")
    raise NotAnswered(code, options=", ".join(name(one, around.language) for one in matching))


def _read_choice(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    lowered = reply.strip().lower()
    for option in field.options:
        names = {option.value, option.names.en.lower(), option.names.zh}
        if lowered in names or any(len(name) > 1 and name in lowered for name in names):
            return option.value
    return reply


def _read_country(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    names = _countries()
    lowered = reply.lower()
    return next((code for name, code in names if re.search(_bounded(name), lowered)), reply)


def _bounded(name: str) -> str:
    return rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name)


def _read_phone(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    return find_contact(reply) or reply


def _read_yes_no(field: FieldContent, reply: str, around: Surroundings) -> Answer:
    if _NO.search(reply):
        return False
    return True if _YES.search(reply) else reply


_READERS = {
    "date": _read_date,
    "amount": _read_amount,
    "number": _read_number,
    "card": _read_card,
    "account": _read_account,
    "choice": _read_choice,
    "country": _read_country,
    "phone": _read_phone,
    "email": _read_phone,
    "yes_no": _read_yes_no,
}


# --- checking a value -------------------------------------------------------------------------------------------------


def _check_text(field: FieldContent, value: object, around: Surroundings) -> str:
    max_length = LONGEST[field.type]
    if not isinstance(value, str) or not value.strip() or len(value) > max_length:
        raise NotAnswered("answer.text", maximum=max_length)
    if field.pattern and not _fits(field.pattern, value.strip()):
        raise NotAnswered("answer.pattern")
    return value.strip()


def _fits(pattern: str, text: str) -> bool:
    """Whether a text has a form; one that cannot be decided in time has not."""
    try:
        return bool(compiled(pattern).fullmatch(text, timeout=0.1))
    except TimeoutError:
        return False


def _check_date(field: FieldContent, value: object, around: Surroundings) -> str:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise NotAnswered("answer.date", example=EXAMPLE_DAY) from error
    today = around.now.date()
    earliest = today + timedelta(days=field.least) if field.least is not None else date.min
    latest = today + timedelta(days=field.most) if field.most is not None else date.max
    if not earliest <= day <= latest:
        raise NotAnswered("answer.date_range", minimum=earliest, maximum=latest)
    return day.isoformat()


def _check_amount(field: FieldContent, value: object, around: Surroundings) -> dict[str, str]:
    try:
        sent = _SENT.validate_python(value)
        amount, currency = _AMOUNT.validate_python(str(sent["amount"])), str(sent["currency"])
    except (KeyError, ValidationError) as error:
        raise NotAnswered("answer.amount") from error
    if currency not in currencies():
        raise NotAnswered("answer.amount")
    _require_range(field, amount, around)
    return Money(amount, currency).as_json()


def _check_number(field: FieldContent, value: object, around: Surroundings) -> float | int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not abs(value) <= MAX_NUMBER
    ):
        raise NotAnswered("answer.number")
    _require_range(field, value, around)
    return int(value) if value == int(value) else value


def _require_range(field: FieldContent, value: float | Decimal, around: Surroundings) -> None:
    lowest = field.least if field.least is not None else float("-inf")
    highest = field.most if field.most is not None else float("inf")
    if not lowest <= value <= highest:
        raise NotAnswered("answer.range", minimum=f"{lowest:g}", maximum=f"{highest:g}")


def _check_card(field: FieldContent, value: object, around: Surroundings) -> str:
    if str(value) not in {str(card.id) for card in around.cards}:
        names = ", ".join(card_name(card, around.language) for card in around.cards)
        raise NotAnswered("answer.card", options=names) if names else NotAnswered("answer.none")
    return str(value)


def _check_account(field: FieldContent, value: object, around: Surroundings) -> str:
    if str(value) not in {str(account.id) for account in around.accounts}:
        names = ", ".join(account_name(account, around.language) for account in around.accounts)
        raise NotAnswered("answer.account", options=names) if names else NotAnswered("answer.none")
    return str(value)


def _check_choice(field: FieldContent, value: object, around: Surroundings) -> str:
    if not isinstance(value, str) or value not in {option.value for option in field.options}:
        raise NotAnswered(
            "answer.choice", options=[o.names.of(around.language) for o in field.options]
        )
    return str(value)


def _check_country(field: FieldContent, value: object, around: Surroundings) -> str:
    if not isinstance(value, str) or value not in {code for _, code in _countries()}:
        raise NotAnswered("answer.country")
    return str(value)


def _check_phone(field: FieldContent, value: object, around: Surroundings) -> str:
    contact = find_contact(str(value))
    if contact is None or not contact.startswith("+"):
        raise NotAnswered("answer.phone")
    return str(
        phonenumbers.format_number(phonenumbers.parse(contact), phonenumbers.PhoneNumberFormat.E164)
    )


def _check_email(field: FieldContent, value: object, around: Surroundings) -> str:
    text = str(value)
    if len(text) > MAX_EMAIL:
        raise NotAnswered("answer.email")
    try:
        return str(validate_email(text, check_deliverability=False).normalized).lower()
    except EmailNotValidError as error:
        raise NotAnswered("answer.email") from error


def _check_yes_no(field: FieldContent, value: object, around: Surroundings) -> bool:
    if not isinstance(value, bool):
        raise NotAnswered("answer.yes_no")
    return value


_CHECKS: dict[str, Callable[[FieldContent, object, Surroundings], Answer]] = {
    "text": _check_text,
    "long_text": _check_text,
    "date": _check_date,
    "amount": _check_amount,
    "number": _check_number,
    "card": _check_card,
    "account": _check_account,
    "choice": _check_choice,
    "country": _check_country,
    "phone": _check_phone,
    "email": _check_email,
    "yes_no": _check_yes_no,
}


@lru_cache
def _locale(language: Language) -> Locale:
    return Locale.parse({"en": "en_GB", "zh": "zh_CN"}[language])


@lru_cache
def _countries() -> list[tuple[str, str]]:
    """Names of countries in both languages with their codes, long names first."""
    languages: tuple[Language, ...] = ("en", "zh")
    names = {
        (str(name).lower(), code)
        for language in languages
        for code, name in _locale(language).territories.items()
        if len(code) == 2 and code.isalpha()  # noqa: PLR2004  (ISO 3166 alpha-2)
    } | {
        ("uk", "GB"),
        ("usa", "US"),
        ("america", "US"),
        ("england", "GB"),
        ("scotland", "GB"),
        ("英国", "GB"),
        ("美国", "US"),
    }
    return sorted(names, key=lambda entry: -len(entry[0]))
