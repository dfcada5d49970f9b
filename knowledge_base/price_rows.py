"""Rows of price lists: a question about the cost of a thing is answered by the row that names it, not by the whole list.

A row is a line "label: value" of a passage whose value is a price. It answers where the question names every word of the label
that says what is priced; a country outside the Single Euro Payments Area stands for "outside SEPA".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from core.languages import Language

MAX_ROWS = 3  # a question that fits more rows asks for the list
MAX_QUESTION = 300
_ROW = re.compile(
    r"^[ \t]{0,8}(?:[•*-][ \t]{0,4})?(?P<label>[^:：\n]{2,60})[:：]\s*(?P<value>\S.*)$",
    re.MULTILINE,
)
_PRICE = re.compile(
    r"[€$£¥%]|\b(?:free|eur|usd|gbp|percent)\b|免费|欧元|美元|英镑|元|百分之", re.IGNORECASE
)
_ASKS_COST: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:costs?|fees?|charges?|charged?|prices?|expensive|free|how much (?:is|are|does|do|for|to|would|will)|pay for)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"费|多少钱|收钱|要钱|免费|价格|价钱|几块|贵"),
}
# What a label says besides the thing that is priced.
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "first",
        "our",
        "at",
        "in",
        "of",
        "to",
        "for",
        "per",
        "another",
        "each",
        "your",
    ]
)
_SAME: Mapping[str, str] = {
    "wire": "transfer",
    "remittance": "transfer",
    "send": "transfer",
    "sending": "transfer",
    "money": "transfer",
    "atm": "machine",
    "atms": "machine",
    "withdraw": "cash",
    "withdrawal": "cash",
    "withdrawing": "cash",
    "checking": "current",
    "abroad": "outside",
    "overseas": "outside",
    "international": "outside",
    "foreign": "currency",
    "statements": "statement",
}
_SAME_ZH: tuple[tuple[str, str], ...] = (
    ("汇款", "转账"),
    ("电汇", "转账"),
    ("汇钱", "转账"),
    ("打款", "转账"),
    ("取钱", "取款"),
    ("取现", "取款"),
    ("往来账户", "活期账户"),
    ("储蓄卡", "借记卡"),
    ("外国货币", "外币"),
)
# ISO 3166 codes of the Single Euro Payments Area (European Payments Council, EPC409-09).
_SEPA = (
    "AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA "
    "AL MD ME MK RS"
)
SEPA = frozenset(_SEPA.split())
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ"})
_COUNTRY = re.compile(r"[A-Z]{2}")
SHORTEST_PLURAL = 4  # letters


def asks_cost(question: str, language: Language) -> bool:
    """Whether a question is about what something costs."""
    return bool(_ASKS_COST[language].search(question[:MAX_QUESTION]))


def rows_asked_for(question: str, language: Language, passage: str) -> list[str]:
    """The price rows of a passage that a question names, each as "label: value"; none where it names many."""
    priced = [row for row in _ROW.finditer(passage) if _PRICE.search(row["value"])]
    if not priced:
        return []
    asked = _asked(question[:MAX_QUESTION].lower(), language)
    colon = ": " if language == "en" else "："
    rows = [
        f"{row['label'].strip()}{colon}{row['value'].strip()}"
        for row in priced
        if _is_named(row["label"].lower(), asked, language)
        and not _is_of_another_bank(row["label"].lower(), question.lower())
    ]
    return rows if len(rows) <= MAX_ROWS else []


def _asked(question: str, language: Language) -> str | frozenset[str]:
    outside = _names_a_country_outside(question, language)
    if language == "zh":
        question = re.sub(r"(?<!对)账单", "对账单", question)
        for word, same in _SAME_ZH:
            question = question.replace(word, same)
        return f"{question} sepa 以外" if outside else question
    words = {_stem(_SAME.get(word, word)) for word in re.findall(r"[a-z]+", question)}
    words |= {_stem(word) for word in re.findall(r"[a-z]+", question)}
    return frozenset(words | {"outside", "sepa"} if outside else words)


def _is_named(label: str, asked: str | frozenset[str], language: Language) -> bool:
    """Whether every word of a label that says what is priced is asked for."""
    if isinstance(asked, str):
        parts = re.findall(r"[a-z]+|[\u3400-\u9fff]+", label)
        named = [re.sub(r"^(?:首张|我行|以外)|(?:费|业务)$", "", part) for part in parts]
        outside = "以外" in label
        return all(part in asked for part in named if part) and outside == ("以外" in asked)
    words = {_stem(word) for word in re.findall(r"[a-z]+", label) if word not in _FILLERS}
    return (
        bool(words) and words <= asked and ("outside" in words or not {"outside", "sepa"} <= asked)
    )


_OURS = re.compile(r"\bour\b|我行|本行")
_OTHERS = re.compile(
    r"\b(?:another|other|different|any) bank|\bforeign (?:atm|bank|machine)|\babroad\b|\boverseas\b|他行|别的银行|其他银行|境外|国外"
)


def _is_of_another_bank(label: str, question: str) -> bool:
    """Whether a price of our own machines is asked of another bank's."""
    return bool(_OURS.search(label) and _OTHERS.search(question))


def _stem(word: str) -> str:
    is_plural = word.endswith("s") and len(word) >= SHORTEST_PLURAL and not word.endswith("ss")
    return word[:-1] if is_plural else word


def _names_a_country_outside(question: str, language: Language) -> bool:
    return any(name in question for name in _countries_outside(language))


@lru_cache(maxsize=2)
def _countries_outside(language: Language) -> tuple[str, ...]:
    """Names of the countries that are not in SEPA, in small letters."""
    territories = Locale.parse(language).territories
    names = [
        str(name).lower()
        for code, name in territories.items()
        if _COUNTRY.fullmatch(code) and code not in SEPA | _NO_COUNTRY
    ]
    common = {"en": ("america", "the us", "the usa", "usa"), "zh": ("美国",)}
    return tuple(name for name in (*names, *common[language]) if len(name) > 1)
