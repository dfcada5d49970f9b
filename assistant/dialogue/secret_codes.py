"""PINs, passwords, security codes and one-time codes in what somebody typed: a value that a sentence gives for one of them.

"my PIN is 4821", "4821 is my PIN", 密码是四八二一. Words that only speak of codes ("I forgot my PIN", 密码错了三次, "the
code is 6 digits") hold no value. A sentence has to connect the two; numbers elsewhere in it stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.dialogue.card_numbers import DIGIT_WORDS
from assistant.dialogue.readings import MaskedKind

# ASCII: between a Chinese character and a Latin one is the border of a word.
_I = re.IGNORECASE | re.ASCII

# What is named. The first alternative that fits decides; `code` alone is a one-time code unless another word explains it.
_NAMES = (
    r"(?P<security_code>\b(?:cvv|cvc|csc)2?(?:\b(?: ?code| ?number)?|(?=\d{3,4}\b))"
    r"|\b(?:card (?:verification|security)|security) (?:code|number|value|digits)"
    r"|\b(?:last )?(?:3|three)[ -]digits?(?: (?:code|number))?(?: (?:on|at|from) (?:the )?(?:back|reverse))?"
    r"(?: of (?:the |my )?card)?\b|\b(?:code|number|digits) on the (?:back|reverse)(?: of (?:the |my )?card)?"
    r"|安全码|(?:背面|签名栏|背后)[^。!?\n\d,]{0,6}三位(?:数字?|号码|码)?|(?:信用卡|卡)验证码)"
    r"|(?P<one_time_code>\botp(?:\b(?: ?code)?|(?=\d{4,8}\b))|\bone[ -]?time[ -](?:pass ?code|pass ?word|pin|code)\b"
    r"|\b(?:verification|confirmation|authentication|authori[sz]ation|activation|log[ -]?in|sign[ -]?in|access"
    r"|sms|text|2fa|mfa|two[ -]factor|(?:6|six)[ -]digit|push) (?:message )?(?:code|token|tan|number)\b"
    r"|(?-i:\b[ms]?TAN\b)(?: (?:code|number))?"
    r"|(?:验证|校验|动态|确认|授权|短信|识别)码|(?:动态|一次性)(?:密码|口令))"
    r"|(?P<pin>pin\s?码|\bp\.?i\.?n(?:\b\.?(?:[ -]?(?:code|number|no\b\.?))?|(?=\d{4,6}\b))"
    r"|(?:取款|取现|提款|交易|支付|查询|[行用记]卡|卡|六位|6位|atm)的?密码)"
    r"|(?P<password>\bpass[ -]?(?:word|code|key)\b|\bpasswd\b|\bpwd\b|\bpw\b|密码|口令)"
    r"|(?P<passphrase>\bpass[ -]?phrase\b|\b(?:memorable|secret|security) (?:word|answer)\b)"
    r"|(?P<code>\bcode\b)"
)
_NAME = re.compile(_NAMES, _I)
# The names where nobody asks which it was.
_ANY_NAME = re.sub(r"\(\?P<\w+>", "(?:", _NAMES)
# Codes that are no secret: what the word before says.
_BEFORE_CODE = re.compile(r"([a-z]{2,12})[ -]$", _I)
_OPEN_CODES = re.compile(
    "area|bank|bar|bic|branch|category|color|colour|country|coupon|currency|dialing|dialling|discount|dress|error|"
    "fault|iban|merchant|morse|post|postal|product|promo|qr|reason|reference|referral|sort|source|status|swift|tax|"
    "voucher|zip",
    re.IGNORECASE,
)

# Values. A digit word may stand for two ("double four"); tens are for "twelve thirty-four".
_TENS = (
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    "|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_TWO_DIGITS = re.compile(_TENS)
_ENGLISH_DIGIT = rf"(?:{'|'.join(word for word in DIGIT_WORDS if word.isascii())}|o|{_TENS})"
_HAN_DIGIT = "[零〇一二三四五六七八九幺两]"
_UNIT = (
    r"(?!\s?(?:%|[次个天位年月日号元万千百点岁笔条遍倍回家块周]|分钟|秒|小时|星期|times?\b|x\b|min(?:ute)?s?\b|hours?\b|hrs?\b"
    r"|days?\b|weeks?\b|months?\b|years?\b|digits?\b|numbers?\b|attempts?\b|euros?\b|eur\b|usd\b|gbp\b|cny\b|rmb\b|dollars?\b"
    r"|pounds?\b|quid\b|cents?\b|am\b|pm\b|o'?clock|characters?\b|letters?\b|percent\b|customers?\b|people\b|tries\b|goes\b"
    r"|seconds?\b|secs?\b))"
)
_NUMBER = (
    r"(?<![\d.,/+£$€¥#])(?:\d(?:[ .-]\d){2,11}(?![a-z0-9_]|[./:-]\d)"
    r"|(?!\d{4}-\d\d-\d\d)\d{2,4}(?:[ -]\d{2,4}){1,3}(?![a-z0-9_]|[./:-]\d)"
    r"|\d{3,10}(?![a-z0-9_]|[./:-]\d|,\d{2,3}(?!\d)))" + _UNIT
)
_SPELT = (
    rf"(?:\b(?:(?:double|triple) )?{_ENGLISH_DIGIT}(?:[ ,-]{{1,2}}(?:(?:double|triple) )?{_ENGLISH_DIGIT}){{2,11}}\b"
    rf"|\b(?:{_TENS})(?:[ -](?:{_ENGLISH_DIGIT})){{1,3}}\b"
    rf"|(?:double|triple) {_ENGLISH_DIGIT} (?:double|triple) {_ENGLISH_DIGIT}\b"
    rf"|(?<!{_HAN_DIGIT}){_HAN_DIGIT}(?:[ ,-]?{_HAN_DIGIT}){{2,11}}(?!十)){_UNIT}"
)
_DIGITS = rf"(?:{_NUMBER}|{_SPELT})"
# Letters and digits mixed, as one-time codes and passwords are; no reference of ours (T-100234), no ordinal, no duration.
_CHARACTER = r"[^\s,;\"'()\u0080-\U0010ffff]"
_MIXED = (
    r"(?<![a-z0-9_@])(?=[a-z0-9!#$%^&*_+])(?!t-\d{6}\b)(?!\d+(?:st|nd|rd|th|h|hrs?|min|mins|am|pm|x|k|eur|gbp|usd)\b)(?!\S{1,64}@\S{1,64}\.[a-z])"
    rf"(?:(?={_CHARACTER}{{0,64}}\d)(?={_CHARACTER}{{0,64}}[a-z!@#$%^&*_+])|(?=[a-z]{{1,32}}[!@#$%^&*_+]{{1,4}}[a-z0-9]))"
    rf"[a-z0-9!@#$%^&*_+]{_CHARACTER}{{3,64}}"
)
_QUOTED = r"(?<=[\"'])[^\"'\n]{3,64}(?=[\"'])"
_WORD = r"\b[a-z]{4,32}\b"

_OPENING = r"[\s:=\"'(]{0,3}"

# What connects a name with a value behind it. Words between must not begin another thought.
_OTHER_THOUGHT = (
    r"(?:and|but|or|because|since|so|when|while|if|after|before|transactions?|amount|balance|fee|fees|charge|payment|limit"
    r"|account|order|ticket|reference|ending|ends|expired?|moved|paid|spent)\b"
)
_BETWEEN = rf"(?: (?!{_OTHER_THOUGHT})[^\s.!?,:;=。]{{1,20}}){{0,6}}?"
_IS = (
    r"(?:[:=]|->|\b(?:is|are|was|were|be|being|to|as|from|with|using|reads|says|said|it'?s|its|called)\b)"
    r"(?: ?(?:[:=]|now|still|just|currently|actually|set to|the following|definitely|probably|maybe|not|it'?s)(?![a-z]))?"
)
_LINK = rf"(?:[\s:=#>(\"',?-]{{1,4}}|{_BETWEEN} ?{_IS}{_OPENING})"
_LINK_WORDED = rf"(?:[:=]|{_BETWEEN} ?{_IS}){_OPENING}"
_HAN_BETWEEN = r"[^\s。!?\n\d,:=]{0,12}?"
_HAN_LINK = (
    rf"(?:[\s:=(,\"'-]{{0,3}}|{_HAN_BETWEEN},?\s?"
    rf"(?:就?[是系係]|为|[:=叫]|[设改换输填用](?:置|入|的)?(?:成了?|为|的?是|了)?){_OPENING})"
)
_HAN_LINK_WORDED = (
    rf"{_HAN_BETWEEN},?\s?(?:就?[是系係]|为|[:=叫]|[设改换](?:置|的)?(?:成了?|为|的?是)){_OPENING}"
)
_FORWARD_DIGITS = re.compile(rf"(?:{_HAN_LINK}|{_LINK})(?P<value>{_DIGITS})", _I)
_FORWARD_MIXED = re.compile(rf"(?:{_HAN_LINK}|{_LINK})(?P<value>{_MIXED})", _I)
_FORWARD_MIXED_WORDED = re.compile(
    rf"(?:{_HAN_LINK_WORDED}|{_LINK_WORDED})(?P<value>{_QUOTED}|{_MIXED})", _I
)
_FORWARD_WORD = re.compile(
    rf"(?:(?:[:=]|{_BETWEEN} ?(?:[:=]|\b(?:is|was|it'?s|called)\b(?: (?:still|now|just))?)){_OPENING}"
    rf"(?P<value>{_WORD})(?=\s*(?:[.,;!?)\"'\n]|$|and\b|but\b|or\b))"
    rf"|{_HAN_LINK_WORDED}(?P<latin>[a-z]{{4,32}})(?![a-z]))",
    _I,
)
_FORWARD_PHRASE = re.compile(
    rf"{_LINK_WORDED}(?P<value>[a-z]{{2,20}}(?: [a-z]{{2,20}}){{0,7}})(?=\s*(?:[.,;!?)\"'\n]|$))",
    _I,
)
# Further values behind the first: "1234 or 4321", "from 1234 to 4321".
_MORE = re.compile(
    rf"(?:,? ?(?:\b(?:or|and|then|to)\b|或者?|[和跟]|改[成为])|[,/]) ?(?:it'?s |maybe )?(?P<value>{_DIGITS}|{_MIXED})",
    _I,
)
_ALL_DIGITS = re.compile(rf"(?:\d[\d .-]*|{_SPELT})", _I)
_TOKEN = re.compile(rf"\d|[a-z]+|{_HAN_DIGIT}")
_WORDS = re.compile(r"[a-z' -]+", _I)
_TIMES = {"double": 2, "triple": 3}

# A value that a sentence gives before the name.
_OWN = (
    r"(?:(?:my|the|your|our|a|an|new|old|this|that|correct|right|wrong|card|card's|bank|secret|current|sms|debit|credit|online"
    r"|banking|app|atm|not|one|(?:4|6|four|six)[ -]?digit) ){0,5}"
)
_HAN_OWN = r"(?:我的?|你们?的?|您的?|新的?|旧的?|原来的?|这个|卡的?|发来的?|收到的?|登录|银行|刚刚?|的){0,4}"
_VALUE_BEFORE = rf"(?<![a-z0-9_])(?<!\d[ .-])(?P<value>{_DIGITS}|{_MIXED})"
_BACKWARD = re.compile(
    rf"{_VALUE_BEFORE}[\"')]?(?:(?: (?:is|was|isn'?t|as|being|are)|(?<=\d)\s?[(=:-]) ?{_OWN}"
    rf"|[\s,]?(?:就?[是为]|这个|作为?|当作?|做|=|\(|设[为成置]|改[为成]){_HAN_OWN})(?={_ANY_NAME})",
    _I,
)
_TYPED = re.compile(
    rf"\b(?:use|used|enter|entered|typed?|put|tried|set|chose|choose)(?: in)? {_VALUE_BEFORE} (?:as|for|in|into) {_OWN}"
    rf"(?={_ANY_NAME})",
    _I,
)
_TEXTED = re.compile(
    r"\b(?:texted|sms(?:ed)?|messaged)(?: (?:me|us))?(?: (?:the|this|a))?(?: (?:number|digits))?:? (?P<value>\d{6})(?!\w|[.,]\d)",
    _I,
)

# Words that say how a password is, not what it is.
_STATES = re.compile(
    "about|accepted|access|active|again|already|also|always|anyone|anything|asked|available|because|been|being|"
    "blank|blocked|book|broken|case|certain|change|changed|changing|clear|complex|complicated|compromised|"
    "confidential|correct|correctly|current|dead|default|denied|different|difficult|disabled|down|easy|email|empty|"
    "enabled|enough|enter|everyone|everything|expired|exposed|false|file|fine|forget|forgotten|frozen|gone|good|"
    "guessable|hacked|hard|have|help|here|hidden|identical|important|impossible|inactive|incorrectly|insecure|"
    "invalid|just|kept|know|known|later|leaked|less|letter|list|locked|log|login|long|longer|lost|make|mandatory|"
    "maybe|meant|mine|missing|more|necessary|needed|never|new|no|nobody|not|nothing|now|numeric|obsolete|obvious|"
    "offline|okay|old|online|only|open|optional|ours|outdated|paper|permanent|personal|phone|please|possible|"
    "private|probably|properly|public|ready|really|recent|recover|refused|rejected|remember|required|reset|right|"
    "rubbish|safe|safeguarded|same|saved|secret|secure|sensitive|sent|setup|shared|short|shown|sign|similar|simple|"
    "somebody|someone|something|soon|still|stolen|stored|strange|strong|stupid|suddenly|supposed|sure|temporary|"
    "that|theirs|them|there|these|this|those|today|tomorrow|too|transfer|true|type|typed|unavailable|unclear|unique|"
    "unknown|unlocked|unsafe|useless|valid|very|visible|weak|weird|what|when|where|which|work|working|works|written|"
    "wrong|wrongly|yesterday|your|yours",
    re.IGNORECASE,
)
_STATE_ENDINGS = ("ed", "ing", "ly", "able", "ible", "ful", "less", "ous", "ive", "ect")


@dataclass(frozen=True)
class SecretCode:
    """Where a value stands that only its owner may know, and what it is."""

    start: int
    end: int
    kind: MaskedKind


def find_secret_codes(text: str) -> list[SecretCode]:
    """The codes that a text gives, in order, without overlap; digits are ASCII and Chinese is simplified."""
    return _without_overlap(
        sorted(
            [*_behind_names(text), *_before_names(text)], key=lambda code: (code.start, -code.end)
        )
    )


def _behind_names(text: str) -> Iterator[SecretCode]:
    for name in _NAME.finditer(text):
        kind = _kind(name)
        place = _value_behind(text, name) if kind else None
        while kind and place:
            yield SecretCode(*place, kind)
            more = _MORE.match(text, place[1])
            place = _place(more, _min_digits(name)) if more else None


def _before_names(text: str) -> Iterator[SecretCode]:
    for pattern in (_BACKWARD, _TYPED):
        for match in pattern.finditer(text):
            name = _NAME.match(text, match.end())
            kind = _kind(name) if name else None
            place = _place(match, _min_digits(name)) if name and kind else None
            if kind and place:
                yield SecretCode(*place, kind)
    for match in _TEXTED.finditer(text):
        yield SecretCode(*match.span("value"), "one_time_code")


def _kind(name: re.Match[str]) -> MaskedKind | None:
    """What the name of a code stands for; None when such codes are no secret."""
    match name.lastgroup:
        case "security_code" | "one_time_code" | "pin" | "password" as kind:
            return kind
        case "passphrase":
            return "password"
    before = _BEFORE_CODE.search(name.string[max(0, name.start() - 14) : name.start()])
    return None if before and _OPEN_CODES.fullmatch(before[1]) else "one_time_code"


def _min_digits(name: re.Match[str]) -> int:
    return 3 if name.lastgroup in {"security_code", "code"} else 4


def _value_behind(text: str, name: re.Match[str]) -> tuple[int, int] | None:
    """Where the value of a named code stands behind its name."""
    for pattern in _patterns(name.lastgroup or ""):
        match = pattern.match(text, name.end())
        if match and (place := _place(match, _min_digits(name))):
            return place
    return None


def _patterns(name: str) -> Sequence[re.Pattern[str]]:
    match name:
        case "password":
            return (_FORWARD_DIGITS, _FORWARD_MIXED_WORDED, _FORWARD_MIXED, _FORWARD_WORD)
        case "passphrase":
            return (_FORWARD_MIXED_WORDED, _FORWARD_PHRASE)
        case "one_time_code" | "code":
            return (_FORWARD_DIGITS, _FORWARD_MIXED_WORDED)
    return (_FORWARD_DIGITS,)


def _place(match: re.Match[str], min_digits: int) -> tuple[int, int] | None:
    """Where a value stands without the marks that end its sentence; None when it is none after all."""
    group = "value" if match["value"] is not None else "latin"
    value = match[group].rstrip(".?:")
    start = match.start(group)
    if _WORDS.fullmatch(value) and _says_how(value):
        return None
    enough = not _ALL_DIGITS.fullmatch(value) or _count_digits(value) >= min_digits
    return (start, start + len(value)) if enough else None


def _says_how(value: str) -> bool:
    """Whether words say how a password is ("blocked", "still wrong") and not what it is."""
    words = value.lower().split(" ")
    states = sum(bool(_STATES.fullmatch(word)) or word.endswith(_STATE_ENDINGS) for word in words)
    return states > len(words) / 2


def _count_digits(value: str) -> int:
    """How many digits a number has that may be spelt out."""
    count, times = 0, 1
    for token in _TOKEN.findall(value.lower()):
        if token in _TIMES:
            times = _TIMES[token]
            continue
        count += times * (2 if _TWO_DIGITS.fullmatch(token) else 1)
        times = 1
    return count


def _without_overlap(codes: Sequence[SecretCode]) -> list[SecretCode]:
    apart: list[SecretCode] = []
    for code in codes:
        if not apart or code.start >= apart[-1].end:
            apart.append(code)
    return apart
