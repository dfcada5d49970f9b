"""Words of the customer's own: what a matter is about, a note, a name, an address. Checked for being that, kept as they are."""

from __future__ import annotations

import re
from typing import Any

from actions.tickets.intake.opening import subject_of
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Reading,
    SlotKind,
    Unreadable,
    is_question,
    says_nothing,
    statements,
)
from core.contacts import find_contact

MAX_TEXT = 5_000  # characters of a description or a note
MAX_SHOWN = 240  # characters of it that are repeated before the yes
MAX_ADDRESS = 300
MIN_WORDS, MIN_HAN = 3, 4  # of a description
MIN_NOTE_WORDS, MIN_NOTE_HAN = 2, 3
MAX_NAME_WORDS, MAX_NAME = 6, 80

_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTERS = re.compile(r"[^\W\d_]+")
# Repetitions have an end, so that a text is walked through once however often it says them.
# What people say to ask for a ticket; the rest of the message, if there is enough of it, is what the ticket is about.
_REQUEST = re.compile(
    r"\b(?:(?:please|can|could|would|you|i|i'd|want|need|like|to|me|for|my|a|an|the|and|us|help|hi|hello)\s++){0,12}"
    r"(?:open|create|raise|log|file|submit|start|register|make|put in|lodge)\s++(?:me\s++)?(?:(?:a|an|the|my)\s*+)?"
    r"(?:new\s++|support\s++|service\s++|formal\s++|official\s++){0,4}(?:ticket|request|case|issue|complaint|problem|appointment|report)s?\b"
    r"|\bi\s++(?:want|wish|would\s++like|need|have)\s++to\s++(?:complain|report\s++(?:a\s++)?(?:fraud|scam)|(?:make|book)\s++an?\s++(?:appointment|complaint))\b"
    r"|\bi'd\s++like\s++to\s++(?:complain|report\s++(?:a\s++)?(?:fraud|scam))\b"
    r"|(?:请|麻烦|帮我|我要|我想|给我|你好|您好|，|,){0,12}(?:开|建|提交|登记|创建|新建|提|记录)(?:一?[个张下份])?(?:新)?(?:的)?(?:工单|请求|单子|问题|投诉)|(?:我要|我想|我需要)?投诉(?=$|[，,。：:！!])|我要投诉",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:\s|[,.:;!?，。：；！？、—-]|about\b|because\b|regarding\b|concerning\b|that\b|for\b|with\b|please\b|关于|因为|是)+",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[:：]\s*(.+)|\b(?:tickets?|cases?|complaints?|requests?|reports?|notes?|it|add(?:ed)?|say(?:ing)?|mention|write|noted?|know|them)\s+(?:(?:also|too|please)\s+)?that\s+(.+)",
    re.DOTALL | re.IGNORECASE,
)


def _size(text: str) -> tuple[int, int]:
    han = len(_HAN.findall(text))
    return len(_LETTERS.findall(_HAN.sub(" ", text))), han


def _is_long_enough(text: str, words: int, han: int) -> bool:
    """Whether a text has so many words, or so many Chinese characters (a word counts as one beside them)."""
    english, chinese = _size(text)
    return english >= words or (chinese + english >= han and chinese > 0)


def _is_about_something(text: str, words: int, han: int) -> bool:
    """Whether the sentences of a text that ask nothing say enough."""
    stated = " ".join(statements(text))
    return not says_nothing(text) and _is_long_enough(stated, words, han)


class DescriptionKind(SlotKind):
    """What a matter is about."""

    def read(self, answer: Answer) -> Reading:
        text = answer.text[:MAX_TEXT]
        if _is_about_something(text, MIN_WORDS, MIN_HAN):
            return Filled(text)
        return Unreadable("dialogue.bad_description")

    def prefill(self, answer: Answer) -> Any:
        rest = _LEADING.sub("", _REQUEST.sub(" ", answer.text[:MAX_TEXT])).strip()
        return rest if _is_about_something(rest, MIN_WORDS, MIN_HAN) else None

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return subject_of(str(value), MAX_SHOWN)


class NoteKind(SlotKind):
    """What is to be added to a ticket: shorter than a description may be."""

    def read(self, answer: Answer) -> Reading:
        text = answer.text[:MAX_TEXT]
        has_number = bool(re.search(r"\d", text)) and not is_question(text)
        if has_number or _is_about_something(text, MIN_NOTE_WORDS, MIN_NOTE_HAN):
            return Filled(text)
        return Unreadable("dialogue.bad_note")

    def prefill(self, answer: Answer) -> Any:
        match = _NOTE.search(answer.text[:MAX_TEXT])
        note = (match.group(1) or match.group(2)).strip() if match else ""
        return note if _is_about_something(note, MIN_WORDS, MIN_HAN) else None

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return subject_of(str(value), MAX_SHOWN)


_TOPIC = re.compile(
    r"\b(?:about|regarding|concerning|to\s+(?:discuss|talk\s+about|go\s+over))\s+(.{3,})|关于(.{2,}?)(?:的|$)|(?:面谈|谈谈|聊聊|咨询|了解|谈一谈|聊一聊|谈|聊)(?:一下)?(?!一下)(.{2,})",
    re.IGNORECASE,
)
MAX_TOPIC = 200
# “About eleven in the morning” says when, not what about.
_TIME = re.compile(
    r"^(?:\d{1,2}(?:[:.]\d{2})?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midday|half|quarter)\b|[上下]午|点钟?$",
    re.IGNORECASE,
)
_TOPIC_END = re.compile(
    r"\s+(?:on|at|tomorrow|today|next|this)\s.*$|\s*[,.;!?，。；！？].*$|\s+(?:tomorrow|today|please)\b.*$",
    re.IGNORECASE | re.DOTALL,
)


class TopicKind(SlotKind):
    """What somebody wants to talk about: a word is enough."""

    def read(self, answer: Answer) -> Reading:
        text = answer.text[:MAX_TOPIC]
        enough = not says_nothing(text) and _is_long_enough(" ".join(statements(text)), 1, 2)
        return Filled(text) if enough else Unreadable("dialogue.bad_topic")

    def prefill(self, answer: Answer) -> Any:
        match = _TOPIC.search(answer.short)
        topic = next((part for part in match.groups() if part), "") if match else ""
        topic = _TOPIC_END.sub("", topic).strip()
        if _TIME.search(topic):
            return None
        return topic if topic and _is_long_enough(topic, 1, 2) else None


# --- how somebody is reached --------------------------------------------------------------------------------------------

_SPELT_OUT = re.compile(r"\s+(?:at|\(at\)|\[at\])\s+(?=[\w-]+(?:\s+dot\s+|\.)\w)", re.IGNORECASE)
_SPELT_DOT = re.compile(r"\s+(?:dot|\(dot\)|\[dot\])\s+", re.IGNORECASE)


class ContactKind(SlotKind):
    """An email address or a phone number."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        contact = contact_in(answer.text)
        return Filled(contact) if contact else Unreadable("dialogue.bad_contact")

    def prefill(self, answer: Answer) -> Any:
        return contact_in(answer.text)


def contact_in(text: str) -> str | None:
    """An email address, also “anna at example dot com”, or a phone number; a ticket's reference is none."""
    plain = re.sub(r"\bT-?\d{6,12}\b", " ", text, flags=re.IGNORECASE)
    return find_contact(plain) or find_contact(
        _SPELT_DOT.sub(".", _SPELT_OUT.sub("@", plain[:200]))
    )


# --- names --------------------------------------------------------------------------------------------------------------

_NAME_LEAD = re.compile(
    r"^\W*(?:(?:sure|ok(?:ay)?|yes|hi|hello)\W+)?(?:(?:my|the|his|her|their|new|full|first|last)\s+){0,3}(?:name\s+is|name'?s|name\s*:|it'?s|it\s+is|this\s+is|i\s+am|i'm|call\s+me|"
    r"that\s+would\s+be)\s+|^\W*(?:我的?|他的?|她的?|新的?)?(?:名字|姓名|全名)?(?:是|叫|为)\s*",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]+(?:[-'’.·][^\W\d_]*)*\.?")
_NO_NAME = re.compile(
    r"\b(?:want|need|cost|much|have|has|please|send|the|card|account|bank|money|don'?t|not|can|will|is|are|was|why|what|how|same|before|address|help|agent|person|"
    r"someone|nobody|wait|sorry)\b|(?:什么|怎么|不|没|请|需要|多少|银行|地址|人工|一样)",
    re.IGNORECASE,
)


class NameKind(SlotKind):
    """A person's name: letters, at most six words."""

    def read(self, answer: Answer) -> Reading:
        name = name_in(answer.text)
        return Filled(name) if name else Unreadable("dialogue.bad_name")


def name_in(text: str) -> str | None:
    """The name that a short answer is, without “my name is”; None when it is something else."""
    if is_question(text) or says_nothing(text):
        return None
    name = _NAME_LEAD.sub("", text[: 2 * MAX_NAME]).strip(" .,!，。！\n")
    words = name.split()
    if not words or len(words) > MAX_NAME_WORDS or len(name) > MAX_NAME or _NO_NAME.search(name):
        return None
    return name if all(_NAME.fullmatch(word) for word in words) else None


# --- addresses ----------------------------------------------------------------------------------------------------------

_ADDRESS_LEAD = re.compile(
    r"^\W*(?:(?:sure|ok(?:ay)?|yes|please|so|hi|hello|thanks)\W+){0,3}(?:how\s+about\s+|what\s+about\s+)?"
    r"(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?"
    r"(?:(?:send|deliver|post|mail|ship)\s+(?:it|them|the\s+card|that|this)?\s*(?:to\s+)?)?"
    r"(?:(?:my|the|our)\s+)?(?:new\s+|home\s+|current\s+|postal\s+)?(?:address\s*(?:is|:|=)?\s*(?:now\s+)?|"
    r"(?:it'?s|it\s+is|i\s+live|we\s+live|i(?:'ve|\s+have)?\s+(?:now\s+)?moved|we(?:'ve|\s+have)?\s+moved|to)\s*"
    r"(?:now\s+)?(?:at|in|to)?\s+)?",
    re.IGNORECASE,
)
_ADDRESS_LEAD_ZH = re.compile(
    r"^(?:请)?(?:寄到|寄往|送到)?(?:我的?|新的?)*(?:家庭|现在的?)?(?:住址|地址)?(?:是|为|改成|改为|：|:)?\s*"
)
_STREET = re.compile(
    r"\b(?:street|str|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|place|pl|square|sq|terrace|way|crescent|gardens|grove|row|mews|hill|park|walk|boulevard|blvd|"
    r"quay|wharf|house|flat|apartment|apt|suite|unit|floor|building|block|farm|cottage|estate|rue|via|calle|platz|allee|gasse|weg)\b\.?|\w+(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|straat)\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\b(?:house|flat|apartment|building|farm|cottage|estate|hall|lodge|manor|mill)\b",
    re.IGNORECASE,
)
_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|post\s?box|postfach)\s*\d+|(?:邮政)?信箱\s*\d+", re.IGNORECASE
)
_HAN_PLACE = re.compile(r"[省市区县镇乡村州]")
_HAN_STREET = re.compile(r"路|街|道|巷|弄|胡同|小区|大厦|花园|公寓|新村|广场|苑")
_HAN_NUMBER = re.compile(r"[\d一二三四五六七八九十百]+\s*(?:号|弄|栋|幢|楼|室|单元|座|层)")
_NO_ADDRESS = re.compile(
    r"\b(?:i|i'm|i'd|you|we|they|he|she|that's|it's|is|are|was|do|does|don'?t|can'?t|not|yes|thanks|will|when|where|what|how|no(?!\.?\s*\d))\b|"
    r"\b(?:cost|costs|much|charge|fee|same|before|usual|on\s+file|already|know|want|need|why|because|lost|stolen|problem|card\s+is|euros?|pounds?|dollars?)\b|[€$£¥@]|"
    r"多少|费用|一样|原来的|老地址|不变|为什么|怎么",
    re.IGNORECASE,
)


class AddressKind(SlotKind):
    """Where post arrives: a street or a number and a town, or a post-office box."""

    def read(self, answer: Answer) -> Reading:
        address = address_in(answer.text)
        if address:
            return Filled(address)
        code = "dialogue.address_incomplete" if _is_a_part(answer.text) else "dialogue.bad_address"
        return Unreadable(code)

    def prefill(self, answer: Answer) -> Any:
        """Only what follows “address is”, “live at”, “moved to”, 地址是."""
        match = _PLAIN_ADDRESS.search(answer.short)
        return address_in(answer.short[match.end() :]) if match else None


_PLAIN_ADDRESS = re.compile(
    r"\b(?:address\s*(?:is|:|to)|live\s+(?:now\s+)?(?:at|in)|moved\s+to|deliver(?:ed)?\s+(?:it\s+)?to|send\s+(?:it\s+)?to)\s+(?:now\s+)?|(?:地址(?:是|改成|改为|：|:)|搬到了?|寄到)\s*",
    re.IGNORECASE,
)


def address_in(text: str) -> str | None:
    """The address that a message is, without “please send it to”; None when it is a question, a sentence, or lacks the town."""
    address = _without_lead(text)
    if not address or len(address) > MAX_ADDRESS or _NO_ADDRESS.search(address):
        return None
    if is_question(address.rstrip("?？ ")) or says_nothing(address):
        return None
    address = address.rstrip(" ?？.!。！")
    if _BOX.search(address):
        return address if _names_after_box(address) else None
    address = _ADDRESS_END.sub("", address)
    complete = _is_chinese_address if _HAN.search(address) else _is_western_address
    return address if complete(address) else None


def _without_lead(text: str) -> str:
    without = _ADDRESS_LEAD.sub("", text[: 2 * MAX_ADDRESS], count=1)
    return _ADDRESS_LEAD_ZH.sub("", without, count=1).strip(" \n,;，；")


def _names_after_box(address: str) -> bool:
    """Whether something beside the box says where it is."""
    return bool(_LETTERS.search(_BOX.sub(" ", address)))


def _is_western_address(address: str) -> bool:
    """A street word or a number, and something named after or beside it that may be the town."""
    parts = [part for part in re.split(r"[,;\n]", address) if _LETTERS.search(part)]
    located = [bool(_STREET.search(part) or re.search(r"\d", part)) for part in parts]
    if len(parts) > 1:
        return any(located) and bool(re.search(r"\d", address) or _HOUSE.search(address))
    street = _STREET.search(address)
    if street and street.start() > 0:
        rest = address[street.end() :]
        return bool(_LETTERS.search(rest)) and bool(re.search(r"\d", address))
    number = re.search(r"(?<=[^\W\d_])\s+\d+\w?\b", address)
    return bool(number and _LETTERS.search(address[number.end() :]))


def _is_chinese_address(address: str) -> bool:
    """A street or a compound with a number in a town or district."""
    numbered = bool(_HAN_NUMBER.search(address) or re.search(r"\d", address))
    placed = bool(_HAN_PLACE.search(address)) or len(_HAN.findall(address)) >= MIN_HAN_ADDRESS
    return bool(_HAN_STREET.search(address) or (numbered and _HAN_PLACE.search(address))) and (
        numbered and placed
    )


# From when it holds is another value.
_ADDRESS_END = re.compile(
    r"[\s,;]+(?:(?:starting|beginning|effective|valid)\s+)?(?:from|as\s+of|since|on|by|starting)\s+(?:the\s+)?(?:next\s+|this\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b.*$|"
    r"[\s,;]+(?:from|as\s+of|since|starting)\s+(?:the\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\b|now\b|tomorrow\b|today\b|next\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)).*$|"
    r"[\s,，;；]*(?:从|自).{1,12}(?:起|开始|生效).*$",
    re.IGNORECASE | re.DOTALL,
)
MIN_HAN_ADDRESS = 5  # characters of one that names its town without 市 or 区: 上海南京西路100号


def _is_a_part(text: str) -> bool:
    """Whether a short answer is an address without its town."""
    short = text[:MAX_ADDRESS]
    has_street = bool(
        (_STREET.search(short) and re.search(r"\d", short)) or _HAN_STREET.search(short)
    )
    return has_street and not is_question(short) and not _NO_ADDRESS.search(short)
