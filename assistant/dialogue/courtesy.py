"""Greetings, thanks, apologies and farewells around what somebody wants, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = r"(?:[\s,.!~:;-]|$)"
_PEOPLE = (
    r"(?: (?:there|team|all|everyone|everybody|guys|folks|again|bank|sir|madam|sirs?|mate|love|dear|assistant|bot"
    r"|robot|support|to you|you))"
)
_GREETING = (
    rf"(?:(?:hi+|hello+|hey+|hiya|howdy|greetings|heya|yo|hullo|salam){_PEOPLE}{{0,2}}|good (?:morning|afternoon"
    rf"|evening|day|night){_PEOPLE}{{0,2}}"
    r"|^(?:morning|evening|afternoon)\b(?= ?(?:,|all|team|there))"
    r"|respected (?:sir|madam|team)|dear (?:sirs?(?: (?:or|and|/) ?madam)?|madam|team|bank|all|(?:customer )?(?:service|support)(?: team)?"
    r"|assistant|colleagues?)|to whom it may concern)"
)
_THANKS = (
    r"(?:(?:ok(?:ay)? |please and )?(?:many |much )?(?:thanks|thank you|thank u|thankyou|thanx|thx|tks|ty|tyvm|cheers"
    r"|ta)(?: (?:very much|so much|a lot|a million|a mill|a bunch|again"
    r"|in advance|everyone|mate|love|pet|all|anyway|bye|kindly|and regards|you|a ton|loads"
    r"|to (?:you|the team|you all|everyone)|for that|for the offer|though|for nothing"
    r"|for everything|for (?:your|the|all your) (?:help|time|patience|reply|answer|assistance)))*"
    r"|much appreciated|thanking you|gracias|merci|danke|(?:i )?appreciate it|god bless(?: you)?|bless(?: you)?)"
)
_FAREWELL = (
    r"(?:(?:good ?)?bye(?: ?bye)?(?: now)?|see (?:you|ya)(?: later)?|ttyl|take care|have a (?:nice|good|great"
    r"|lovely) (?:day|one|evening|weekend|night)"
    r"|(?:(?:kind|best|warm) )?regards|(?:yours )?(?:sincerely|faithfully)|best wishes|all the best|good night)"
)
_SORRY = (
    r"(?:(?:i'?m )?(?:so |very |really )?sorry(?: (?:to (?:bother|disturb|trouble) (?:you|ye)(?: again)?"
    r"|for (?:the (?:trouble|bother|disturbance)|bothering you)(?: again)?|again|about (?:that|earlier|this)))?"
    r"|apologies(?: for (?:the )?(?:trouble|bother|disturbance))?|excuse me|pardon me|(?:i )?hope (?:you'?re|you are"
    r"|this finds you) (?:well|good|having a good day)"
    r"|how are you(?: (?:doing|today))*)"
)
_ENGLISH = rf"(?:{_GREETING}|{_THANKS}|{_FAREWELL}|{_SORRY})"
_LEADING = re.compile(rf"(?:{_ENGLISH}[\s,.!~:;-]*)+(?={_END}|$|(?<=[\s,.!~:;-]))", re.IGNORECASE)
_TRAILING = re.compile(rf"(?<![\w'])(?:(?:and|many) )?(?:{_ENGLISH}[\s,.!~:;-]*)+$", re.IGNORECASE)
_ONLY = re.compile(
    rf"[\s\W]*(?:(?:{_ENGLISH}|please|pls|and|so|ok)[\s,.!?~:;'\"()-]*)+", re.IGNORECASE
)

_HAN_GREETING = (
    r"(?:[你您]好[啊呀]?|大家好|哈喽|哈啰|嗨|喂+|hello|hi|早上好|上午好|中午好|下午好|晚上好|早安|晚安|各位好|亲|在吗|在不在"
    r"|有人吗|有人在吗|客服[你您]?好)"
)
_HAN_THANKS = (
    r"(?:(?:先|多|太|非常|十分|万分|那就?)?(?:谢谢|感谢|多谢|谢了|谢啦|谢过|唔该|thanks?|thx|3q)"
    r"(?:你们?|您们?|了|啦|啊|哈|大家|各位|帮忙|亲|支持|配合|先)*"
    r"|(?:真是)?(?:麻烦|辛苦|有劳|劳烦|拜托|费心)(?:你们?|您们?|大家)?(?:了|啦|啊|哈)+)"
)
_HAN_FAREWELL = r"(?:再见|拜拜?|回见|回头见|晚安|先这样(?:吧|拜)?|bye|886|祝(?:你们?|您)?(?:好|顺利|愉快|生活愉快|工作顺利))"
_HAN_SORRY = r"(?:(?:不好意思|对不起|抱歉|打扰(?:了|一下|你们了|您了)?|打搅了|冒昧(?:问一下|打扰)?)(?:啊|哈|了|呀)?)"
_CHINESE = rf"(?:{_HAN_GREETING}|{_HAN_THANKS}|{_HAN_FAREWELL}|{_HAN_SORRY})"
_HAN_MARKS = r"[\s,.!?~。，！？～、]*"
_HAN_LEADING = re.compile(rf"(?:{_CHINESE}{_HAN_MARKS})+", re.IGNORECASE)
_HAN_TRAILING = re.compile(rf"(?<![被别甭想要不帮我])(?:{_CHINESE}{_HAN_MARKS})+$", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
MAX_COURTESY = 120  # characters at either end in which courtesy is looked for


def courtesies(text: str) -> Iterator[tuple[int, int]]:
    """Where greetings and thanks stand at the two ends of a message."""
    leading, trailing = (
        (_HAN_LEADING, _HAN_TRAILING) if _HAN.search(text) else (_LEADING, _TRAILING)
    )
    first = leading.match(text[:MAX_COURTESY])
    if first and _ends_word(text, first.end()):
        yield first.span()
    offset = max(0, len(text) - MAX_COURTESY)
    if last := trailing.search(text[offset:]):
        yield offset + last.start(), offset + last.end()


def is_courtesy(text: str) -> bool:
    """Whether a clause holds courtesy alone."""
    return bool(_ONLY.fullmatch(text) or _HAN_LEADING.fullmatch(text))


def _ends_word(text: str, place: int) -> bool:
    return place == len(text) or not (
        text[place - 1].isalpha() and text[place].isalpha() and text[place].isascii()
    )
