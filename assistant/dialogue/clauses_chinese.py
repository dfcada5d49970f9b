"""Where Chinese sentences end and begin: by punctuation, pauses and connectives, with cues for what a comma parts.

A comma parts two requests or only breathes; it is a boundary where what follows begins anew: a connective, a request, a
question behind a statement, what is wanted instead of what is not. A condition stays with what it is the condition for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MIN_CLAUSE, MIN_WHOLE = 2, 3  # characters
MAX_READ = 60  # characters on either side of a pause that are looked at

_QUESTION = (
    r"(?:吗|呢|怎么|怎样|咋|为什么|为啥|为何|干嘛|多少|多久|多长|哪|几[个时天位点次年月]|什么|啥|谁|能不能|可不可以|可否|能否|是否|有没有"
    r"|是不是|行不行|要不要|会不会|好不好|够不够|算不算|查不查|有无|[不没]$|\?)"
)
_REQUEST = (
    r"(?:请|麻烦|劳驾|拜托|帮我|帮忙|帮|给我|替我|我要|我想|我需要|我得|想要|想问|想查|想看|赶紧|赶快|快点|快给|立刻|马上|直接|重新"
    r"|把|转人工|转接|查一?下|看一?下|看看|查查|你给|你帮|你们给|你们帮|叫|换成|改成|改约|开个|办个|取消|撤|告诉我|说一?下|讲讲)"
)
_CONNECTIVE = (
    r"(?:另外|此外|还有(?![多几没点钱余剩])|顺便|順便|但是?|可是|不过(?![期户了])|然而|然后|接着|而且|并且|同时|对了|再(?:帮|给|查|问|说|补|加|请|来|把|就)"
    r"|再者|其次|最后|只是|只想|就是想|就想|现在|倒是|反而|反正|结果|所以|因此|那么?就?|要不|要么|或者|还是(?!不|没)|请问|先问|问一?下)"
)
# Behind a pause without a mark these alone begin anew, since other words stand inside sentences.
_STRONG_CONNECTIVE = (
    r"(?:另外(?![一二两的])|此外|顺便|順便|但是|可是|不过(?![期户了来])|然后|接着|而且|并且|对了|还有(?:就是|个|一个|件|一件)|请问"
    r"|(?<![多])谢谢)"
)
# What leans on what follows: conditions, reasons, times, topics, words that introduce what somebody says.
_SUBORDINATE = re.compile(
    r"(?:.{0,6}(?:如果|要是|假如|假设|假若|倘若|万一|哪怕|即使|即便|就算|既然|只要|除非|因为|由于|虽然|尽管|自从|等到|倘|若是|假使)"
    r"|关于|至于|比如|等(?!不|了)|.{0,40}(?:的话|的?时候|之后|以后|之前|以前|的(?:规定|流程|条件|年限|方法|步骤|意思|费用|事|资料|手续|途径)"
    r"|情况|说|问|觉得|以为|听说|告诉我|想知道|让我问问|呢|啊|里|上|今天|昨天|明天|前天|上周|下周|去年|上个?月|下个?月|前几天|刚才|密码)$)"
)
# A sentence that is whole: something has happened, or is asked, or is left.
_WHOLE = re.compile(
    r".{2,}(?:[了过吧嘛呀啦哈哦完好]|的|到|错|没有|不见|不用|不了|人|钱)$|.*(?:[在是有要想会能用转查不别]|没)"
)
_SUBJECT = re.compile(
    r"(?:我|你|您|他|她|它|咱|俺|这|那|人家|对方|银行|老公|老婆|儿子|女儿|爸|妈|钱|卡|单子|工单|地址|手机|账|号|人(?!工)|客服|系统)"
)
_PREDICATE = re.compile(
    r"[了过吗呢吧在是有要想会能没不给把帮查改换开关取转办寄看用问说找退催停叫求已到掉]"
)
_CONTINUES = re.compile(
    r"(?:是|不是(?!我)|就(?!是?想|按)|都|也|才|越|连|让|会|能不|可以吗|行吗|好吗|对吗|成吗|行不|可以不|有没有$)"
)
_INSTEAD = re.compile(rf"(?:{_REQUEST}|只|光|[我你您他她]|改|换|说|用)")
_NEGATED = re.compile(
    r"(?:我?(?:不用|不必|不要|不想|不需要|没必要|先不|先别|别|甭|不是|没有?|用不着|无需|暂时不))"
)
_ASKS = re.compile(_QUESTION)
_ASKS_AT_END = re.compile(r"(?:吗|呢|吧|不|没|么|嘛|\?|多少|多久|怎么办|什么|哪里?|哪儿)$")
_CONNECTS = re.compile(_CONNECTIVE)
_REQUESTS = re.compile(_REQUEST)
_ANSWER = re.compile(
    r"(?:好的?|行|可以|对的?|是的?|嗯+|没错|不|不是|不对|不行|算了|停|取消|取消吧|要|不要)$"
)
_INSIDE = re.compile(_STRONG_CONNECTIVE)
_NOUNS_ONLY = re.compile(
    r"[^了吗呢吧要不没怎哪多谁谢给帮查改关取撤算急办开转还想能行快催停换看找]{1,4}$"
)

_PAUSES = re.compile(r"[,，]+| (?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) |——|--|~+")


def weak_boundaries(text: str, pauses: Sequence[int]) -> Iterator[int]:
    """Behind commas and pauses, and before connectives, where something begins anew."""
    places = _pauses(text, pauses)
    edges = [0, *places, len(text)]
    start = 0
    for number, place in enumerate(places, start=1):
        left = text[max(start, place - MAX_READ) : place].strip(" ,，")
        right = text[place : min(edges[number + 1], place + MAX_READ)].strip(" ,，。!?")
        if parts(left, right, comma=place > 0 and text[place - 1] in ",，"):
            yield place
            start = place
    for match in _INSIDE.finditer(text):
        yield match.start()


def parts(left: str, right: str, comma: bool) -> bool:
    """Whether a comma or pause between the two parts clauses."""
    if len(left) < MIN_CLAUSE and not _ANSWER.match(left):
        return False
    if not right or _SUBORDINATE.match(left):
        return False
    if not comma:
        return not _NOUNS_ONLY.match(right) or bool(_ANSWER.match(left))
    return _begins_anew(left, right)


def _begins_anew(left: str, right: str) -> bool:
    """Whether what stands behind a comma is a clause of its own."""
    if _ANSWER.match(left) or _CONNECTS.match(right):
        return True
    if _CONTINUES.match(right):
        return False
    return bool(
        _ASKS_AT_END.search(left)
        or _ASKS.search(right)
        or (_NEGATED.match(left) and _INSTEAD.match(right))
        or (
            len(right) >= MIN_WHOLE
            and _WHOLE.match(left)
            and (_REQUESTS.match(right) or (_SUBJECT.match(right) and _PREDICATE.search(right)))
        )
    )


def _pauses(text: str, pauses: Sequence[int]) -> list[int]:
    """Where a sentence pauses. Spaces between all characters are a habit and no pause."""
    spaced = [match.end() for match in _PAUSES.finditer(text) if not match.group().isspace()]
    blanks = [
        *pauses,
        *(match.end() for match in _PAUSES.finditer(text) if match.group().isspace()),
    ]
    if 3 * len(blanks) < len(text):
        spaced += blanks
    return sorted({place for place in spaced if 0 < place < len(text)})
