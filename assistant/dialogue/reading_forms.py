"""What a clause says, in the words that the reader and Rasa know: a masked number is a card's end, "the debit one" a debit card."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.dialogue.cantonese import as_standard
from core.languages import Language

_MASKED = re.compile(r"•{2,}\s*(?P<digits>\d{4})")
_ENDING: Mapping[Language, str] = {"en": r"ending \g<digits>", "zh": r"尾号\g<digits>"}
_KIND_ALONE: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?P<kind>debit|credit) ones?\b", re.IGNORECASE),
    "zh": re.compile(r"(?P<kind>借记|信用)的(?=那?张|吧|了|呢|$|[,，。!！?？])"),
}
_WITH_CARD: Mapping[Language, str] = {"en": r"\g<kind> card", "zh": r"\g<kind>卡"}


# A condition of courtesy is none: “if it isn't too much trouble” asks all the same.
_COURTESY: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r",?[ ]{0,2}\b(?:if (?:it|that)(?:'s| is|'d be| would be)?(?:n'?t| not)? (?:(?:too|not) )*(?:much (?:trouble|bother)|a (?:problem|bother)|ok(?:ay)?|all right|possible|convenient)(?: (?:for|with) you)?|"
        r"if (?:at all )?possible|if you (?:don'?t|do not|wouldn'?t) mind|if i may|if you (?:could|would|can)(?: be so kind)?(?= *[,.!]|$))",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?:如果|要是)?(?:方便|不麻烦|可以)的话[,，]?"),
}


_CHAT_AND = re.compile(r"(?:^|(?<=\s))(?:n|&)(?=\s+\w)", re.IGNORECASE)


# English words that Chinese customers mix in, and what they mean there.
_MIXED_IN: Mapping[str, str] = {
    "block": "冻结",
    "freeze": "冻结",
    "lock": "锁定",
    "unblock": "解除冻结",
    "unlock": "解锁",
    "cancel": "取消",
    "dispute": "提出异议",
    "transfer": "转账",
    "balance": "余额",
    "pin": "卡密码",
    "atm": "取款机",
    "app": "手机银行",
    "debit": "借记",
    "credit": "信用",
    "card": "卡",
    "statement": "对账单",
    "fee": "手续费",
    "cut": "冻结",
}
_ENGLISH_WORD = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(_MIXED_IN)})(?:s|ed)?(?![A-Za-z])", re.IGNORECASE
)
_HAN = re.compile(r"[\u3400-\u9fff]")


def _in_chinese(text: str) -> str:
    """English words of banking inside a Chinese sentence in Chinese; a text without Han characters stays as it is."""
    if not _HAN.search(text):
        return text
    return _ENGLISH_WORD.sub(lambda match: _meaning(match.group()), text)


def _meaning(word: str) -> str:
    word = word.lower()
    return (
        _MIXED_IN.get(word)
        or _MIXED_IN.get(word.removesuffix("s"))
        or _MIXED_IN[word.removesuffix("ed")]
    )


def as_read(text: str, language: Language) -> str:
    """The text of a clause as it is encoded and parsed; what is stored and shown stays the customer's own."""
    text = _in_chinese(as_standard(text)) if language == "zh" else text
    text = _CHAT_AND.sub("and", text) if language == "en" else text
    plain = _COURTESY[language].sub("", text)
    named = _MASKED.sub(_ENDING[language], plain if plain.strip() else text)
    return _KIND_ALONE[language].sub(_WITH_CARD[language], named)
