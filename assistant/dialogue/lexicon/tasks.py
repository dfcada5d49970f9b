"""What is said of a task and of questions: leaving it, refusing, proposing a value, holding something back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.dialogue.lexicon.common import MAX_READ, MAX_SHORT
from assistant.dialogue.lexicon.yes_no import begins_with_no
from core.languages import Language

_QUESTION: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\?\s*$|^\W*(?:(?:and|n|&|plus|or|but|so|also|wait|ok(?:ay)?|hm+|then|first|sorry|please|hi|hello|hey)\b[\s,]*)*"
        r"(?:how|what|when|where|which|who|whose|why|can|could|do(?! not\b)|does|did|is|are|was|were|may|will|would|should|am i|have|has|what's|how's)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[?？]\s*$|[吗呢么嘛]\s*[。!！]?\s*$|怎么|怎样|如何|多少|多久|哪里|哪儿|哪些|哪个|哪张|什么|为什么|为啥|咋|几天|几点|能不能|可不可以|是不是|会不会|有没有|要不要|请问|(?<!不知道)(?<!不知道是)(?<!不晓得)(?<!不晓得是)(?<!知道)谁[^,，。]{0,6}$"
    ),
}

# Questions that propose a value: "could it be Wednesday?", "how about the debit card?", 换成周三可以吗.
_PROPOSAL = re.compile(
    r"^\W*(?:(?:and|but|so|or|oh|no|wait|ok(?:ay)?|then|maybe|perhaps|actually|please|sorry)\b[\s,]*)*"
    r"(?:(?:can|could|would|will|may|shall) (?:you|we|it|that|this) (?:please )?(?:be|do|make|take|use|block|lock|freeze|change|move|put|have|book|say|go|try|not)\b|"
    r"(?:would|is|does|can|could) .{2,40}\b(?:ok(?:ay)?|possible|fine|suit|work|free|available|better)\b|how about|what about|make it|let'?s|shall we)|"
    r"^(?:那就?|就|要不|还是)?(?:能|可以|帮我)?(?:改|换|约|定|选)(?:到|成|为|在)?[^怎什多几后]{1,14}?(?:行|可以|好|成)?(?:吗|吧|不)|^(?:那就?|就|要不)?[^怎什多几后还]{1,10}(?:可以|行|好|成)(?:吗|不)",
    re.IGNORECASE,
)

_PROPOSAL_OF_TIME = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:can|could|may|shall) (?:i|we)\b|^[^怎么什多几]*(?:能|可以|可不可以|能不能)[^怎么什多几]*吗?",
    re.IGNORECASE,
)

_QUESTION_WORDS = re.compile(
    r"\b(?:how|what|when|where|which|who|why|can|could|do|does|did|will|would|is|are)\b|怎|什么|多|几|哪|能|会|可以|是不是|有没有|吗",
    re.IGNORECASE,
)

# Something less, or something else first, is wanted than what was asked for.
_HELD_BACK = re.compile(
    r"\b(?:before i|(?:only|just) (?:want|need|wanted|meant|mean)|temporar\w+|for (?:now|a (?:while|moment|bit))|not (?:for ever|forever|permanent\w*))\b|"
    r"只想|只是想|临时|暂时|先问|之前",
    re.IGNORECASE,
)

_UNDECIDED = re.compile(
    r"\b(?:(?:haven'?t|have not|not) (?:yet )?(?:decided|sure|made up)|undecided|(?:don'?t|do not) know (?:if|whether)|(?:don'?t|do not) (?:want to )?(?:block|freeze|lock|cancel) (?:it|them|the|my|anything) yet|in two minds)\b|"
    r"还?没(?:有)?(?:决定|想好|确定)|先别|先不要|不确定(?:要不要|是不是)|要不要(?:挂失|冻结|锁)",
    re.IGNORECASE,
)

_HOW = re.compile(
    r"\b(?:how (?:do|does|can|could|would|should|to|is|are)|where (?:do|can|would)|what (?:is|are|happens|do i)|why|when (?:do|does|can|should))\b(?! (?:my|the status))|"
    r"怎么|如何|怎样|咋|哪里|什么是|为什么",
    re.IGNORECASE,
)

_ENDS = re.compile(
    r"\b(?:clos\w+|cancel\w*|terminat\w*|end\w*|stop\w*|shut\w*|revok\w*|delet\w*|get rid|leav\w+|quit|discontinu\w*|give up|no longer|recall\w*|back)\b|销|注销|关闭|关掉|取消|停|终止|撤|结束|删|不要|追回|召回",
    re.IGNORECASE,
)

# What leaves a task, before the words for the task itself.
_LEAVES = re.compile(
    r"(?:^|[,.!;]|\b(?:just|please|to|can you|so|and|oh|ok(?:ay)?|no)\b)\W*(?:forget|cancel|stop|drop|leave|scrap|never ?mind|skip|abandon|call off)\b(?P<rest>[^,.!?;]{0,60})|"
    r"\b(?:i|we)(?:'m| am| are|'re)? (?:do not|don'?t|didn'?t|did not|no longer|not|won'?t|never)\b(?P<refused>[^,.!?;]{0,60})|"
    r"^\W*(?:no\W+)?(?:do not|don'?t)\b(?P<forbidden>[^,.!?;]{0,60})",
    re.IGNORECASE,
)

_MEANT_ELSE = re.compile(
    r"\bi (?:do not|don'?t|didn'?t|did not) mean\b|\bnot what i (?:mean|meant|want|wanted|asked)\b|我(?:不是|没)(?:说|问|要)(?:的是)?这个|不是这个意思",
    re.IGNORECASE,
)
_NOT_THAT = re.compile(
    r"\b(?:not|no) (?:a |an |the )?(?:ticket|report|complaint|appointment|form)\b(?! (?:yet|number))|(?:不是|不要|别|没有?)(?:要|让你?|叫你?)?(?:开|提交|建)?(?:工单|投诉|预约|报告)",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"^\s*(?:want |need |to |do |about |with |the whole )*(?:it|this|that|anything|all of it|everything|the whole thing)\s*(?:any ?more|now|please)?\s*$",
    re.IGNORECASE,
)

_REFUSES_WANT = re.compile(
    r"\b(?:want|need|wish|ask\w*|mean\w*|like|\w+ing|do|please|the|my|an?|any|that|this)\b",
    re.IGNORECASE,
)

STEM = 5  # letters by which a word of a title is recognised

_LEAVES_ZH = re.compile(
    r"(?:不|别|先不|不想|不用|不要|算了)[,，]?(?:再)?(?:约|办|弄|填|改|开|报|投诉|提交|申请|预约|补|关)(?:了|啦|吧|喇)+|"
    r"(?:取消|退出|放弃|停止)(?:这个|该|本次|我的)?(?:预约|申请|投诉|工单|办理|操作|流程|填写)?[,，。!！\s]*(?:不.{1,4}了)?[。!！\s]*$|^(?:不是|没有?|谁说)?(?:要|让你)?(?:关|开|提交)(?:工单|账户|户)[!！。]*$|"
    r"^(?:算了|不要了|不用了|不约了|不办了)[,，\s]*(?:取消|退出|不约了|不办了|算了)?[。!！\s]*$",
)

# A summary that waits for a yes is not to be done, however that is said.
_REFUSAL = re.compile(
    r"\b(?:(?:do not|don'?t|please don'?t|no need to) (?:send|do|open|report|submit|file|book|order|bother|change|block|go ahead|proceed|raise|create|log)|"
    r"(?:no|not a) (?:ticket|report|complaint|appointment|order|case|need|thank)|i (?:don'?t|do not) want (?:that|it|this|a|an|to)|not (?:needed|necessary)|"
    r"leave (?:it|that)|forget (?:it|that|about)|never ?mind|changed my mind|(?<!not a )(?<!no )(?<!n't a )false alarm|(?:it|that|they) (?:was|were|turned out to be) (?:me|mine|my own|ours) after all|it (?:was|is) me after all|(?<!believe it )(?<!believe that )(?<!n't )sorted itself(?: out)?)\b|"
    r"(?<!不)(?<!不能说)(?<!并非)是我自己(?:忘|弄|刷|买|搞)|虚惊一场|没事了|不用(?:报|查)了|"
    r"(?:不用|不要|别|先别|不必|不需要)(?:提交|发|报|开|办|约|改|交|了)|不提交|不开工单|算了|不用了|不办了",
    re.IGNORECASE,
)

_WRONG = re.compile(
    r"\b(?:wrong|incorrect|not (?:right|correct)|isn'?t (?:right|correct)|mistake|(?:change|correct|fix|edit) (?:the|my))\b|不对|错了|写错|有误|要改|改一下|修改",
    re.IGNORECASE,
)

MAX_BARE = 24  # characters of a value with a question mark after it

_TICKET = re.compile(
    r"\b(?:open|create|raise|log|file|submit|register|make|put in)\s+(?:me\s+)?(?:(?:an?|the|my|new|support|service|formal)\s+){0,3}(?:ticket|case)\b|"
    r"(?:开|建|提交|登记|创建|新建|提|记录)(?:一?[个张下])?(?:新)?(?:的)?(?:工单|单子)",
    re.IGNORECASE,
)

_NAMES_A_TICKET = re.compile(
    r"\b(?:tickets?|cases?|complaints?|requests?|reference|report(?:ed)?|enquir\w+|inquir\w+|T-?\d+)\b|工单|单子|单号|投诉|申请|进度|受理|编号|报案",
    re.IGNORECASE,
)

_EITHER = re.compile(r"\bor\b|还是", re.IGNORECASE)

MAX_EITHER = 40  # characters of a message that names two things and asks for neither


# Money to be moved, which no conversation does.
_PAYMENT_ORDER = re.compile(
    r"^\W*(?:(?:please|pls|ok(?:ay)?|and|then|now|also|can you|could you|i (?:want|need|would like) (?:you )?to|i'?d like (?:you )?to|just)\W+)*"
    r"(?:transfer|send|pay|move|wire|put)\b(?=.{0,60}(?:[€$£¥]\s?\d|\b\d+(?:[.,]\d+)?\s?(?:eur\w*|€|usd|dollars?|pounds?|gbp|k)?\b|\bmoney\b|\bmy (?:rent|bill)))"
    r"(?=.{0,90}\b(?:to|into|for|from|rent|bill)\b)|"
    r"^(?:请|麻烦|帮我|我要|我想|给我|替我|幫我|得|好|,|，)*(?:转(?:账)?|汇(?:款)?|付|打)(?:\d|[一二三四五六七八九十百千万]|钱|款)[^,，。?？]{0,20}(?:给|到|去|畀|俾|进)|^(?:请|麻烦|帮我|我要|我想|给我|替我)+(?:转账|汇款|付款|转钱|汇钱)(?:了|吧|一下)?[。!！]*$",
    re.IGNORECASE,
)


def orders_a_payment(text: str) -> bool:
    """Whether a clause tells the assistant to move money."""
    return bool(_PAYMENT_ORDER.search(text[: 4 * MAX_SHORT]))


def leaves_task(text: str, title: str) -> bool:
    """Whether a clause gives up the open task, named by a pronoun or by a word of its `title`: “forget the appointment”, 不约了."""
    short = text[: 2 * MAX_SHORT].lower()
    if any(words.search(short) for words in (_LEAVES_ZH, _NOT_THAT, _MEANT_ELSE)):
        return True
    stems = {word[:STEM] for word in re.findall(r"[a-z]{4,}", title.lower())}
    for match in _LEAVES.finditer(short):
        rest = next(part for part in match.groups() if part is not None)
        words = {word[:STEM] for word in re.findall(r"[a-z]{4,}", rest)}
        if _POINTER.match(rest) or (words & stems and _REFUSES_WANT.search(rest)):
            return True
    return False


# Words by which a text tells of somebody or of what happened: words alone are no addition to a report.
_TELLS = re.compile(
    r"\b(?:i|i'?m|i'?ve|my|me|mine|we|our|us|it|it's|they|them|he|she|his|her|was|were|is|are|had|has|have|did|been|got|paid|took|went|said)\b|\d|"
    r"[我他她它您你了过]|是|在|到|没|被",
    re.IGNORECASE,
)


def tells(text: str) -> bool:
    """Whether a text tells of somebody or of something that happened."""
    return bool(_TELLS.search(text[:MAX_READ]))


def refuses(text: str) -> bool:
    """Whether a clause says that what was summed up shall not be done."""
    return bool(_REFUSAL.search(text[: 4 * MAX_SHORT]))


_SHRUGS = re.compile(r"\bnever ?mind\b|算了", re.IGNORECASE)


def refuses_plainly(text: str) -> bool:
    """Whether a clause forbids what was summed up; a “never mind” alone may be of something else."""
    rest = _SHRUGS.sub(" ", text[: 4 * MAX_SHORT])
    return begins_with_no(rest) or refuses(rest)


def calls_wrong(text: str) -> bool:
    """Whether a message says that something of a summary is wrong, or asks to change it."""
    return len(text) <= MAX_SHORT and bool(_WRONG.search(text))


def proposes(text: str, *, at_a_time: bool) -> bool:
    """Whether a question proposes a value rather than asks about one; days and times are proposed in more ways."""
    if len(text) <= MAX_BARE and not _QUESTION_WORDS.search(text):
        return True
    if _PROPOSAL.search(text[: 4 * MAX_SHORT]):
        return True
    return at_a_time and bool(_PROPOSAL_OF_TIME.search(text[: 4 * MAX_SHORT]))


def holds_back(text: str) -> bool:
    """Whether a clause wants less than what was asked for, or something else first."""
    return bool(_HELD_BACK.search(text[: 4 * MAX_SHORT]))


def undecided(text: str) -> bool:
    """Whether a clause says that it is not decided yet."""
    return bool(_UNDECIDED.search(text[: 4 * MAX_SHORT]))


_CLOSES = re.compile(r"\b(?:clos|cancel|terminat|stop|delet|eras)\w*", re.IGNORECASE)


def closes_something(title: str) -> bool:
    """Whether an English title is of closing or stopping something."""
    return bool(_CLOSES.search(title))


def ends_something(text: str) -> bool:
    """Whether a text has a word of ending or cancelling something."""
    return bool(_ENDS.search(text[:MAX_READ]))


def asks_how(text: str) -> bool:
    """Whether a question is about how something is done, rather than asks for it."""
    return bool(_HOW.search(text[:MAX_READ]))


# What somebody is told to write down, after what to do with it: “add to it: ...”, 给它加一句：……
_DICTATES = re.compile(
    r"^.{0,60}?(?:\b(?:add|note|write|put|mention|say|tell them)\b|加|补充|备注|写|记|注明|添)[^:：]{0,40}[:：]\s*\S",
    re.IGNORECASE,
)


def dictates(text: str) -> bool:
    """Whether a clause says what is to be written down, whatever that speaks of."""
    return bool(_DICTATES.search(text[:MAX_READ]))


# What is said of money that somebody else took, of tricks and of secrets that got out.
_FRAUD = re.compile(
    r"\b(?:fraud\w*|scam\w*|swindl\w*|con(?:ned|man|artist)|trick(?:ed|ster)|dup(?:ed|e)|phish\w*|hack\w*|fake\w*|bogus|impersonat\w*|pretend\w*|posing|imposter|crook\w*|thie(?:f|ves)|stole\w*|robbed|theft|"
    r"unauthori[sz]ed|un(?:known|familiar|recogni[sz]ed)|suspicious|dodgy|strange|weird|funny|odd|someone|somebody|stranger|cloned?|skimm\w*|compromised|leaked|emptied|drained|cleaned out|"
    r"my (?:pin|code|codes|password|passcode|details|login|otp)|gave (?:him|her|them|out|away)|been had|wasn'?t (?:me|mine)|isn'?t (?:mine|me)|not (?:mine|me|my|ours|us)|aren'?t (?:mine|ours)|weren'?t (?:mine|me)|"
    r"(?:did not|didn'?t|never|don'?t|do not|haven'?t|have not) (?:\w+ )?(?:recogni[sz]e|make|made|authori[sz]e\w*|approve\w*|order\w*|buy|bought|know|sign\w*|set up|agree\w*|heard|been|spend|spent|pay|paid|send|sent))\b|"
    r"盗|骗|诈|钓鱼|黑客|冒充|冒用|假(?:冒|客服|警|网|的)|陌生|可疑|莫名|不明|异常|泄露|不认(?:识|得)|不是(?:我|本人)|唔系我|非本人|有人|被(?:人)?(?:转|刷|取|扣|划|盗|套|坑)|"
    r"(?:没有?|未|从没|冇|沒)(?:过|有)?(?:刷|买|付|转|消费|操作|授权|同意|用过|开通|办过|订|下单|买过|畀|俾|買)|验证码(?:给|告诉|报|发给|念)|(?:给|告诉|报|念)(?:了)?(?:他|她|他们|对方|人家).{0,6}(?:验证码|密码|卡号)",
    re.IGNORECASE,
)


def speaks_of_fraud(text: str) -> bool:
    """Whether a text has words of money that went without its owner, of tricks or of secrets that got out."""
    return bool(_FRAUD.search(text[:MAX_READ]))


# That what was shown is not to be sent, and nothing else instead.
_DONT_SEND = re.compile(
    r"(?<!why )\b(?:do not|don'?t|dont|please don'?t|no need to|not to) (?:you )?(?:dare )?(?:send|submit|file|lodge|open|report|log|raise|do|put|change|book) (?:it|that|this|them|anything|any of (?:it|that|this)|the (?:thing|request|report|ticket|form|complaint|claim))(?: (?:in|off|through|on|now|yet|then|please|at all|after all))*\W*(?:$|[.,;!?])|"
    r"(?:别|不要|先别|先不|先不要|还是不|不用|不必|唔使|唔好)(?:再|给我|帮我|替我)?(?:提交|发|报|上报|办|登记|送|销|弄|约|改|写|开|close|submit|send)(?:出去|上去|了|啦|喇|吧|住)*\W*(?:$|[，,。.!！;；])",
    re.IGNORECASE,
)


def holds_it_back(text: str) -> bool:
    """Whether a clause says that what was shown is not to be sent."""
    return bool(_DONT_SEND.search(text[:MAX_READ]))


def asks_for_ticket(text: str) -> bool:
    """Whether a message speaks of opening a ticket, in whatever words it goes on."""
    return bool(_TICKET.search(text[:MAX_READ]))


def names_a_ticket(text: str) -> bool:
    """Whether a message speaks of a ticket, a case or a request."""
    return bool(_NAMES_A_TICKET.search(text[:MAX_READ]))


def names_either(text: str) -> bool:
    """Whether a message only names two things, of which one is meant: "cards or balance"."""
    return len(text) <= MAX_EITHER and bool(_EITHER.search(text))


_TROUBLE = re.compile(
    r"\b(?:down by|wrong|incorrect|missing|short|gone|didn'?t|did not|hasn'?t|has not|haven'?t|never|no notes|double|twice|too (?:much|little|high|low)|move (?:it|the|all|what)|transfer (?:it|the|all|what)|"
    r"charged (?:me|twice)|fix (?:it|this|that)|close (?:it|my|the|that))\b|"
    r"少了|不对|有误|错了?|没(?:到|有到|进|收)|未到|多扣|重复|扣(?:了)?我|卡住|不见|改成|换成|挪|转到|销",
    re.IGNORECASE,
)


def tells_a_trouble(text: str) -> bool:
    """Whether a clause says that something is wrong, or is to be changed, rather than asks to see it."""
    return bool(_TROUBLE.search(text[:MAX_READ]))


def is_question(text: str, language: Language) -> bool:
    """Whether a clause has the form of a question."""
    return bool(_QUESTION[language].search(text))
