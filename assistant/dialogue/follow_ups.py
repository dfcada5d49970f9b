"""Follow-up questions made complete: "and for the credit card?" after a question about limits is a question about its limit.

A rewriting is a proposal: the knowledge operation answers by it only where an article answers it more surely than the
customer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.dialogue.state import Topic
from core.languages import Language
from nlu.components.entity_patterns import find

MAX_FOLLOW_UP = 120  # characters of a message that may lean on what was asked before
MAX_ELLIPTIC = {
    "en": 6,
    "zh": 10,
}  # words, Han characters of a question without a subject of its own

MIN_SUBJECT = {"en": 1, "zh": 2}  # words, Han characters that make a subject
_HAN = re.compile(r"[\u3400-\u9fff]")
# Words that ask for a side of something without saying of what.
_WITHOUT_SUBJECT: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:how|what|when|where|why|who|which|can|could|do|does|did|is|are|will|would|should|may|much|many|long|soon|often|far|fast|"
        r"and|but|then|so|ok|okay|please|exactly|about|the|any|for|cost|costs|fee|fees|charge|price|take|takes|need|needed|work|works|have|get|"
        r"limit|limits|maximum|minimum|apply|free|time|day|days|cancel|change|raise|increase|lower|undo|stop|there|you|your|that|this|they|them|"
        r"now|today|again|online|abroad|app|branch|happen|happens|next|else|open|close)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"多少钱?|多久|多长时间|几天|什么时候|怎么(?:办理?|弄|收费?|取消|修改)?|如何|哪里|哪些|什么|为什么|谁|能不能|可不可以|可以|需要|要|会|能|吗|呢|"
        r"那么?|还有|费用|手续费|收费|年费|免费|限额|额度|上限|最多|最低|最高|到账|生效|材料|条件|时间|办理|取消|修改|提高|线上|网点|手机银行|"
        r"是|有|在|的|了|我|你们|一下|请问"
    ),
}

# How a message goes on: what follows is new, the rest is the question before.
_GOES_ON: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(?:(?:and|but|ok(?:ay)?|so|then|also|hm+|right|thanks)\b[\s,]*)*(?:what about|how about|what if it'?s|same (?:for|with)|and|or)?\s*"
        r"(?P<new>(?:(?:for|with|from|to|in|on|at|by|if|via)\s+)?(?:an?\s+|the\s+|my\s+)?[\w' -]{2,60}?)\s*[?.!]*$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^[，,\s]*(?:那么?|还有|另外|换成|要是|如果是|改成)?[，,\s]*(?P<new>[^？?。！]{1,20}?)(?:的话)?(?:呢|也一样吗|也是吗|也行吗|可以吗|一样吗)?[?？。\s]*$"
    ),
}
_STARTS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"^\W*(?:and|or|what about|how about|same (?:for|with))\b", re.IGNORECASE),
    "zh": re.compile(r"^[，,\s]*(?:那|还有|另外|换成)|呢[?？]?\s*$"),
}
_PRONOUN: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:it|its|that|this|them|they|those|these|one|there|the same)\b(?! is\b)(?!'s\b)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"它们?|这个|那个|这种|那种|这项|那项|这些|那些|这(?=要|能|怎|多|是|需)|那(?=要|能|怎|多|是|需)"
    ),
}
_QUESTION_WORD: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will|should|may)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"怎|如何|多少|多久|几|哪|什么|谁|吗|能|可以|会|要"),
}
# What comes before the subject of a question, and is not part of it.
_FRAME: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(?:(?:hi|hello|please|ok(?:ay)?|so|and|well|sorry)\b[\s,]*)*(?:(?:can|could) you (?:tell me|explain)\s+|(?:i )?(?:want|would like|need) to know\s+|tell me\s+)?"
        r"(?:how (?:do|can|could|should|would) (?:i|we|you|one)\s+|how (?:much|long|many|soon|often)\s+(?:is|are|does|do|can i|may i|will)?\s*|"
        r"what (?:is|are|does|do|'s)\s+|where (?:do|can) i\s+|when (?:do|does|will|is|can i)\s+|(?:can|could|may|do|does|is|are|am) (?:i|there|it|we)?\s*)?",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"^(?:请问|我想(?:知道|问一下|了解)|想问一?下|麻烦问?一?下|你好)*[，,\s]*"),
}
_TAIL_ZH = re.compile(
    r"(?:是?(?:怎么样?|如何|多少钱?|多久|几天|什么|哪里|哪些)|要?怎么(?:办理?|弄|做|开通|申请|操作)?|需要什么|吗|呢|有什么要求|能不能|可以吗)+[?？。\s]*$"
)


def rewrite(question: str, topic: Topic | None, language: Language) -> str | None:
    """The question as one that stands alone; None where it does so already, or where there is nothing to lean on."""
    if topic is None or len(question) > MAX_FOLLOW_UP:
        return None
    if _STARTS[language].search(question) and (new := _new_part(question, language)):
        return _with_new_part(topic, new, language)
    subject = subject_of(topic, language)
    if not subject:
        return None
    if _PRONOUN[language].search(question):
        return _PRONOUN[language].sub(_as_replacement(subject, language), question, count=1)
    if _is_elliptic(question, language) and subject.lower() not in question.lower():
        return _joined(question, subject, language)
    return None


_NEW_ONE = re.compile(
    r"\b(?P<new>(?:an?|the) (?:new|replacement|second|spare)|another|new) ones?\b", re.IGNORECASE
)
_NEW_ZH = re.compile(r"(?P<new>新|另一张|补)的(?!卡)")
_THINGS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(card|pin|account|password|statement|phone|chip)\b", re.IGNORECASE),
    "zh": re.compile(r"(银行卡|信用卡|借记卡|卡|密码|账户|对账单)"),
}


def with_thing(question: str, before: str, language: Language) -> str | None:
    """“A new one” with the thing that was spoken of just before; None where the question points at none."""
    pattern = _NEW_ONE if language == "en" else _NEW_ZH
    things = _THINGS[language].findall(before)
    if not things or not pattern.search(question):
        return None
    return pattern.sub(
        rf"\g<new> {things[-1]}" if language == "en" else rf"\g<new>{things[-1]}", question
    )


def subject_of(topic: Topic, language: Language) -> str:
    """What the topic is about, as words that can stand in another question."""
    subject = _FRAME[language].sub("", topic.question).strip(" ?？.。!！")
    if language == "zh":
        subject = _TAIL_ZH.sub("", subject).strip()
    return subject or topic.title


def _new_part(question: str, language: Language) -> str | None:
    found = _GOES_ON[language].match(question)
    return found["new"].strip() if found else None


def _with_new_part(topic: Topic, new: str, language: Language) -> str | None:
    """The former question about the new thing: a product takes the product's place, a question of its own keeps the subject."""
    if _QUESTION_WORD[language].search(new):
        subject = subject_of(topic, language)
        if _PRONOUN[language].search(new):
            return _PRONOUN[language].sub(_as_replacement(subject, language), new, count=1)
        return _joined(new, subject, language)
    question = topic.question.strip(" ?？.。")
    if place := _product_span(question, new):
        start, end = place
        bare = re.sub(r"^(?:for|with|from|to|in|on|at|by)\s+", "", new, flags=re.IGNORECASE)
        bare = re.sub(r"^(?:an?|the|my)\s+", "", bare, flags=re.IGNORECASE)
        return f"{question[:start]}{bare}{question[end:]}"
    if language == "zh":
        return f"{new}{question}"
    joined = (
        new
        if re.match(r"(?:for|with|from|to|in|on|at|by|if|via)\b", new, re.IGNORECASE)
        else f"for {new}"
    )
    return f"{question} {joined}"


def _product_span(question: str, new: str) -> tuple[int, int] | None:
    """Where the former question names a product, if the new part names one too."""
    if not any(found.entity == "product" for found in find(new)):
        return None
    products = [found for found in find(question) if found.entity == "product"]
    return (products[0].start, products[0].end) if products else None


def _is_elliptic(question: str, language: Language) -> bool:
    """Whether a question has no subject of its own: "how long does that take", 多少钱."""
    size = len(_HAN.findall(question)) if language == "zh" else len(question.split())
    if size > MAX_ELLIPTIC[language] or not _QUESTION_WORD[language].search(question):
        return False
    rest = _WITHOUT_SUBJECT[language].sub(" ", question)
    own = _HAN.findall(rest) if language == "zh" else re.findall(r"[A-Za-z]{3,}", rest)
    return len(own) < MIN_SUBJECT[language]


def _joined(question: str, subject: str, language: Language) -> str:
    bare = question.strip(" ?？.。")
    return f"{subject}{bare}" if language == "zh" else f"{bare} ({subject})"


def _as_replacement(subject: str, language: Language) -> str:
    """A subject as it stands in a replacement, where a backslash would mean something."""
    return subject.replace("\\", r"\\")
