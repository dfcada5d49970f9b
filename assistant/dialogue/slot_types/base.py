"""What every type of slot can do: read an answer, find a value in a first message, offer what can be tapped, show a value."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.readings import Entity
from assistant.dialogue.wording import say
from core.languages import MAX_MESSAGE, Language
from nlu.values import MAX_READ, entities_in


@dataclass(frozen=True)
class Filled:
    """What was written is a value of the slot."""

    value: Any


@dataclass(frozen=True, init=False)
class Unreadable:
    """What was written is none; `code` and `params` are a text of the catalogue that says what is needed."""

    code: str
    params: dict[str, Any]

    def __init__(self, code: str, /, **params: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "params", params)


Reading = Filled | Unreadable


@dataclass(frozen=True)
class Option:
    """Something that can be tapped. A `value` of None leaves the slot out."""

    title: str
    payload: str
    value: Any


@dataclass(frozen=True)
class Answer:
    """A message read for a slot; `previous` is the value that the slot has already."""

    step: Collect
    text: str
    entities: tuple[Entity, ...]
    facts: Facts
    previous: Any = None

    @classmethod
    def of(
        cls,
        step: Collect,
        text: str,
        entities: Sequence[Entity],
        facts: Facts,
        previous: Any = None,
    ) -> Answer:
        """A message as a person types it: at most MAX_MESSAGE characters, one form of apostrophe."""
        cleaned = text[:MAX_MESSAGE].replace("’", "'").strip()
        return cls(step, cleaned, tuple(entities), facts, previous)

    @property
    def language(self) -> Language:
        return self.facts.language

    @property
    def short(self) -> str:
        """The characters in which a value is looked for."""
        return self.text[:MAX_READ]

    def values(self, *kinds: str) -> list[Any]:
        """The values of the named things of these kinds, by the reading or else by the patterns alone."""
        read = [entity.value for entity in self.entities if entity.kind in kinds]
        return read or [named["value"] for named in self._named if named["entity"] in kinds]

    def first(self, *kinds: str) -> Any:
        """The first of them, None without one."""
        return next(iter(self.values(*kinds)), None)

    @cached_property
    def _named(self) -> list[dict[str, Any]]:
        return entities_in(self.short, self.facts.now)


class SlotKind(ABC):
    """A type of slot. `typed` values are recognised whatever else a sentence says."""

    typed = False

    @abstractmethod
    def read(self, answer: Answer) -> Reading:
        """The value of a message that answers the question for this slot."""

    def prefill(self, answer: Answer) -> Any:
        """The value that a message holds plainly though it was not asked for, else None."""
        return None

    def default(self, step: Collect, facts: Facts) -> Any:
        """The only value that is possible, else None."""
        return None

    def likely(self, step: Collect, facts: Facts) -> Any:
        """The value that is meant most often where nothing is said, else None."""
        return None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        """What can be tapped."""
        return []

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        """The value as a person reads it."""
        return str(value)


# --- what is an answer at all -------------------------------------------------------------------------------------------

_WAIT = (
    r"(?:(?:wait|hang on|hold on|but|ok(?:ay)?|sorry|and|so|um+|well|first|before that|等等|等一下|那|不过)"
    r"[\s,，.。!]*){0,3}"
)
_ASKS_EN = re.compile(
    rf"^\W*{_WAIT}(?:how|what(?:'s| is| are| if| happens|ever)?|when(?:'s| is| will| do| does| can)|where(?:'s| is| do| can)|why|"
    r"who(?:'s| is| can)|which|(?:can|could|may|will|would|should|do|does|did|is|are|am|was|were|has|have)\s+"
    r"(?:i|you|we|it|they|the|this|that|there|my|someone|anyone)\b)\b",
    re.IGNORECASE,
)
_ASKS_ZH = re.compile(
    rf"^\W*{_WAIT}(?:请问|怎么|如何|为什么|为何|什么时候|什么是|哪里|哪儿|多少|多久|能不能|可不可以|可以.{{0,20}}吗|是不是|要不要|有没有)"
    r"|(?:吗|呢|多少钱|多久|什么意思|怎么办|为什么)\W*$"
)
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
_UNKNOWN = re.compile(
    r"^\W*(?:(?:(?:sorry|well|um+|hm+|honestly)\W+)?(?:i\s+)?(?:really\s+|just\s+)?(?:don'?t|do not)\s+(?:really\s+)?"
    r"(?:know|remember|have (?:one|it|that)|care|mind)(?:\W.{0,30})?|idk|dunno|(?:i\s+have\s+|i'?ve\s+)?no\s+(?:idea|clue)|"
    r"(?:(?:i'?m|i\s+am)\s+)?not\s+sure(?:\s+yet)?|unsure|no\s+preference|whatever|skip(?:\s+(?:it|this|that))?|(?:maybe\s+)?later|"
    r"pass|nothing|none(?:\s+of\s+(?:these|them|those))?|n/?a|"
    r"(?:我|你|这个)?(?:真的|也)?(?:不知道|不清楚|不晓得|不记得|忘了|没想好|不确定|说不清)了?|随便|都行|跳过|以后再说|没有|都不是)\W*$",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|no|nope|ok(?:ay)?|sure|fine|thanks?(?:\s+you)?|cheers|please|hi|hello|hey|good\s+(?:morning|afternoon|evening)|bye|cancel|stop|"
    r"never\s*mind|forget\s+it|what|huh|是的?|不是?|不用了?|好的?|可以|行|谢谢|你好|您好|嗯|哦|取消|算了|什么)\W*){1,4}$",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether a sentence asks something."""
    sentence = text[:MAX_READ].strip()
    marked = sentence.endswith(("?", "？"))
    return marked or bool(_ASKS_EN.search(sentence) or _ASKS_ZH.search(sentence))


def statements(text: str) -> list[str]:
    """The sentences of a text that ask nothing."""
    sentences = (match.group().strip() for match in _SENTENCE.finditer(text))
    return [sentence for sentence in sentences if sentence and not is_question(sentence)]


def says_nothing(text: str) -> bool:
    """Whether a message is no more than “I don't know”, “skip”, “ok” or “thanks”."""
    short = text[:MAX_READ]
    return not re.search(r"\w", short) or bool(_UNKNOWN.match(short) or _REACTION.match(short))


# --- the first, the second, the last ------------------------------------------------------------------------------------

_PLACES = (
    (0, r"\b(?:first|1st|former|top)\b|第一|头一|上面那"),
    (1, r"(?<!\ba )(?<!\bone )\b(?:second|2nd)\b|第二"),
    (2, r"\b(?:third|3rd)\b|第三"),
    (3, r"\b(?:fourth|4th)\b|第四"),
    (4, r"\b(?:fifth|5th)\b|第五"),
    (-1, r"\b(?:last|latter|bottom)\b|最后|末尾|下面那"),
)
_ORDINALS = tuple((place, re.compile(words, re.IGNORECASE)) for place, words in _PLACES)
_BARE_NUMBER = re.compile(r"^\W*(?:(?:number|no\.?|option|选项?)\s*)?#?([1-9])\W*$", re.IGNORECASE)
MAX_ORDINAL_ANSWER = 60  # characters; who writes more tells something else


def ordinal(text: str, count: int) -> int | None:
    """The place, from 0, of what a short text points to in a list of `count`: “the second one”, “2”, 最后一个."""
    if len(text) > MAX_ORDINAL_ANSWER:
        return None
    if number := _BARE_NUMBER.match(text):
        place = int(number.group(1)) - 1
        return place if place < count else None
    places = {
        place % count
        for place, words in _ORDINALS
        if count and words.search(text) and place < count
    }
    return places.pop() if len(places) == 1 else None


def skip_option(language: Language) -> Option:
    """A tap that leaves a slot out."""
    title = say("dialogue.skip", language)
    return Option(title, title, None)
