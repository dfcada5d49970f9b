"""Short things people say that a dialogue must recognise without a model: yes, no, the second one, forget it, in total."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from core.languages import Language

MAX_READ = 2_000  # characters in which a request for a ticket is looked for
MAX_SHORT = 80  # characters of a message that may be one of these
_TRAIL = r"(?:[\s,.!~。！，、…]*(?:please|pls|thanks|thank you|thx|mate|then|now|谢谢|谢了|吧|啊|呀|哈|呢|了|哦|的))*[\s.!?~。！？…]*"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"[\s,.!，。！]*(?:{pattern}){_TRAIL}", re.IGNORECASE)


_AFFIRM = _whole(
    r"(?:yes|yep|yeah|yup|ya|aye|sure|ok(?:ay)?|okey|alright|all right|correct|right|exactly|indeed|absolutely|certainly|definitely|"
    r"of course|go ahead|do it|do that|send it|that'?s (?:right|correct|it|fine|good)|sounds good|perfect|fine|please do|confirm(?:ed)?|"
    r"i (?:do|agree|confirm)|y|👍|"
    r"是的?|对的?|对对+|好的?|好好+|行|可以|嗯+|没错|确认|没问题|当然|要的?|需要|同意|提交|就这样|办|ok)"
    r"(?:[\s,.!，、。]*(?:yes|yeah|sure|ok(?:ay)?|please|go ahead|do it|do that|send it|that'?s (?:right|correct|it|fine)|open it|submit it|block it|"
    r"是的?|对的?|好的?|可以|确认|提交|没错|办吧|就这样|麻烦了?|请))*"
)
# What of it only acknowledges what was said: nobody is taken at their word by it.
_ACKNOWLEDGE = _whole(
    r"(?:ok(?:ay)?|okey|alright|all right|right|correct|exactly|indeed|fine|perfect|sounds good|that'?s (?:right|correct|fine|good)|good|great|"
    r"嗯+|好的?|好好+|对的?|对对+|行|没错|没问题)(?:[\s,.!，、。]*(?:ok(?:ay)?|fine|right|good|great|好的?|对的?))*"
)
_OBJECTION = re.compile(
    r"\b(?:but|wait|hold on|hang on|except|unless|if|only|until|not|before|instead|first)\b|n't\b|不过|但是?|等等|等一下|先不|除非|如果|只要|先别|不|也许|maybe|perhaps",
    re.IGNORECASE,
)
_DENY = _whole(
    r"(?:no+|nope|nah|not (?:now|today|yet|really|that|this)|no (?:thanks|thank you|need)|don'?t|do not|rather not|n|👎|"
    r"不+|不是的?|不对|不用|不要|不需要|不行|不了|否|没有|别|不必)"
    r"(?:[\s,.!，、。]*(?:no|not|thanks|thank you|don'?t|leave it|i don'?t (?:want|need) (?:it|that|to)|谢谢|不用|不要|不是|先不|算了))*"
)
_CANCEL = _whole(
    r"(?:(?:oh |ok(?:ay)? |no,? |actually,? |well,? |sorry,? )*(?:never ?mind|nevermind|nvm|forget (?:it|about it|that|this)|cancel(?: (?:it|that|this|everything))?|"
    r"stop(?: (?:it|that|this))?|leave it|drop it|scrap (?:it|that)|skip the whole thing|i(?:'ve| have)? changed my mind|i don'?t want (?:this|that|to) any ?more|let'?s not|quit|abort|exit)|"
    r"(?:那|还是|哎|唉|好吧|先)*(?:算了|取消|不办了|不弄了|不搞了|不用了|别办了|停|停止|退出|不要了|当我没说|改主意了|先不弄|下次再说))"
)
_UNKNOWN = re.compile(
    r"\b(?:i (?:do(?:n'?t| not)|dunno) (?:know|remember|have (?:it|that)|recall)|i'?m not sure|not sure|no idea|dunno|idk|can'?t (?:remember|say|tell)|"
    r"couldn'?t say|haven'?t (?:got|a clue)|i forgot)\b|不知道|不清楚|不记得|忘了|没印象|不确定|说不上来|不晓得|没有这个",
    re.IGNORECASE,
)
_UNWILLING = re.compile(
    r"\b(?:(?:i'?d |i would )?rather not|i (?:don'?t|do not|won'?t) want to (?:say|tell|give|answer|share)|none of your business|why do you (?:need|ask)|not telling|prefer not)\b|"
    r"不想说|不方便|不告诉|保密|不想透露|为什么要问",
    re.IGNORECASE,
)
_SKIP = _whole(
    r"(?:skip(?: (?:it|this|that|this one))?|next(?: question)?|leave (?:it|that) (?:out|blank|empty)|pass|doesn'?t matter|whatever|any(?:thing)?(?: is fine)?|"
    r"跳过|略过|下一个|随便|都行|都可以|无所谓|不填)"
)
_NONE_OF_THESE = re.compile(
    r"\b(?:none of (?:these|those|them|the above)|neither(?: of (?:them|these))?|not (?:any|one) of (?:these|those|them)|something else|none)\b|"
    r"都不是|都不对|没有一个|以上都不|都不要|其他的|别的问题|都不需要",
    re.IGNORECASE,
)
_LATER = _whole(
    r"(?:(?:maybe |i'?ll do (?:it|that) |do (?:it|that) |some other time|another time|not now,? )*(?:later|tomorrow|another time|some other time)|以后再说|回头再说|晚点|稍后|等会儿?再说|改天)"
)
_RESUME = _whole(
    r"(?:(?:let'?s |can we |please )*(?:continue|go on|carry on|resume|back to (?:it|that|the form))(?: (?:where we were|with (?:it|that)))?|where were we|继续|接着来?|接着办|回到刚才(?:的)?)"
)
_PLACES = (
    "first 1st one 一",
    "second 2nd two 二 两",
    "third 3rd three 三",
    "fourth 4th four 四",
    "fifth 5th 五",
)
_ORDINALS = {word: place for place, words in enumerate(_PLACES) for word in words.split()}
_ORDINALS["last"] = -1
_ORDINAL = re.compile(
    r"[\s,.]*(?:(?:i(?:'ll| will)? (?:take|want|mean|choose|pick)|make it|that'?s|let'?s (?:take|do)|(?:no|number|option)\.?)\s+)?(?:the\s+)?"
    r"(?P<word>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|last)(?:\s+(?:one|option|choice))?[\s,.!]*(?:please)?[\s.!]*|"
    r"[\s,.]*(?:option|number|no\.?|#)\s*(?P<digit>[1-9])[\s.!]*|(?P<bare>[1-9])[\s.!)]*|"
    r"[，\s]*(?:我?(?:要|选|是))?(?:第(?P<han>[一二三四五])(?:个|张|项|条|种)?|(?P<final>最后)(?:一)?(?:个|张|项|条|种)?)(?:吧|呢|的|啊|谢谢)*[。！\s]*",
    re.IGNORECASE,
)
Aggregate = Literal["sum", "largest", "smallest", "count", "latest"]
_AGGREGATES: Mapping[Aggregate, re.Pattern[str]] = {
    "sum": re.compile(
        r"\b(?:in total|all together|altogether|total(?: of (?:that|those|these))?|sum(?: of)?|add(?:s|ed)? up|combined)\b|一共|总共|合计|加起来|总额|总计",
        re.IGNORECASE,
    ),
    "largest": re.compile(
        r"\b(?:biggest|largest|highest|most expensive|greatest|maximum)\b|最大|最高|最多|最贵",
        re.IGNORECASE,
    ),
    "smallest": re.compile(
        r"\b(?:smallest|lowest|least|cheapest|minimum)\b|最小|最低|最少|最便宜", re.IGNORECASE
    ),
    "count": re.compile(r"\bhow many\b|多少笔|几笔|几个|几张|多少个", re.IGNORECASE),
    "latest": re.compile(
        r"\b(?:latest|newest|most recent)(?: one)?\b|最近一笔|最新|最后一笔", re.IGNORECASE
    ),
}
_TERMS = re.compile(
    r"\b(?:(?:can|may|could|must|should) (?:i|we|you)|do you|does|days?|hours?|weeks?|limits?|fees?|charges?|rates?|allowed|interest)\b|"
    r"可以|能|限额|额度|手续费|收费|利率|利息|几天|多久",
    re.IGNORECASE,
)
_LEAVE_QUEUE = re.compile(
    r"\b(?:(?:leave|exit|quit) (?:the )?(?:queue|line)|(?:stop|done|tired of) waiting|(?:don'?t|do not|no longer) (?:want|need) (?:to (?:wait|talk)|a (?:person|human|agent)|an agent)"
    r"(?: any ?more)?|no (?:person|human|agent) needed|cancel the (?:agent|queue|hand ?over)|back to (?:the )?(?:bot|assistant))\b|"
    r"不等了|不排队了|取消排队|退出排队|不用人工了?|不需要人工|不转人工了|不用转了|别转了",
    re.IGNORECASE,
)
_STAY_IN_QUEUE = re.compile(
    r"(?:\b(?:not|never|without|before)|n't)\s+(?:\w+\s+){0,3}?(?:leave|leaving|exit|quit|cancel|back)\b|(?:不想|不要|别|不会)(?:退出|取消)",
    re.IGNORECASE,
)
_UNDO = re.compile(
    r"\b(?:undo|unblock|un-block|unfreeze|reactivate|take (?:it|that) back|reverse (?:it|that))\b|撤销|撤回|解冻|解除挂失|解挂|取消挂失|恢复(?:使用|我的卡)|解锁",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\b(?:accounts?|app|online|banking|pin|passwords?|phone|log-?in|profile|user|access|transfers?)\b|账户|账号|网银|手机|密码|登录|转账",
    re.IGNORECASE,
)
_CARD = re.compile(r"\bcards?\b|卡", re.IGNORECASE)
_WHICH_CARD = re.compile(r"\b(?:credit|debit|other|\d{4})\b|信用卡|借记卡|储蓄卡|另", re.IGNORECASE)
_QUESTION: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\?\s*$|^\W*(?:(?:and|but|so|also|wait|ok(?:ay)?|hm+|then|first|sorry|please|hi|hello|hey)\b[\s,]*)*"
        r"(?:how|what|when|where|which|who|whose|why|can|could|do|does|did|is|are|was|were|may|will|would|should|am i|have|has|what's|how's)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[?？]\s*$|[吗呢么嘛]\s*[。!！]?\s*$|怎么|怎样|如何|多少|多久|哪里|哪儿|哪些|哪个|哪张|什么|为什么|为啥|咋|几天|几点|能不能|可不可以|是不是|会不会|有没有|要不要|请问"
    ),
}
_REPEAT = _whole(
    r"(?:(?:can|could) you |please )*(?:say (?:that|it) again|repeat(?: (?:that|it|yourself))?|once more|come again|pardon(?: me)?|what did you say)|"
    r"(?:请|麻烦)*(?:再说一遍|再说一次|重复一遍|重复一下|没听清|你说什么)"
)
_RESTART = _whole(
    r"(?:(?:let'?s |can we |please )*(?:start (?:over|again|from scratch|afresh)|begin again|restart|reset))|"
    r"(?:我们|请)*(?:重新开始|从头(?:开始|再来)|重来|重置)"
)
_TICKET = re.compile(
    r"\b(?:open|create|raise|log|file|submit|register|make|put in)\s+(?:me\s+)?(?:(?:an?|the|my|new|support|service|formal)\s+){0,3}(?:ticket|case)\b|"
    r"(?:开|建|提交|登记|创建|新建|提|记录)(?:一?[个张下])?(?:新)?(?:的)?(?:工单|单子)",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:the )?other(?: one| card)?\b|\b(?:both|all|also|too|as well)\b|另外?一?张|另一|别的|那张|不是这张|两张|都|也",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"\bstill\b|(?:\b(?:is|are)|'s)\s+(?:fine|safe|here|ok(?:ay)?|with me|in my)\b|\b(?:i have|i've got|found)\s+(?:it|that|them|this|the|my)\b|"
    r"\b(?:do|did|was|is|have|has)(?:n't| not)\b|\bnever\b|还在|没丢|没有丢|没被|好好的|找到|不要|不想|别(?!的)",
    re.IGNORECASE,
)
_ONLY_ANOTHER = re.compile(
    r"\W*(?:(?:no+|nope|sorry|not (?:that|this)(?: one)?|wrong(?: one| card)?|actually|i mean(?:t)?|and|also|please|block|freeze|lock|it'?s|it is|that'?s|"
    r"the|my|other|both|all|credit|debit|bank|one|ones|card|cards|of|them|ending|in|too|as well|\d{4})\b\W*)+",
    re.IGNORECASE,
)
_ONLY_ANOTHER_ZH = re.compile(
    r"(?:不是|不对|错了|弄错了|我?说错了|应该是|我是说|是|还有|另外|另|也|都|把|请|帮我|冻结|挂失|锁|停|掉|一?下|[这那一两]?张|我的?|的|信用卡|借记卡|储蓄卡|卡|要|吧|\d{4}|[\s,，.。!！、])+"
)
_EITHER = re.compile(r"\bor\b|还是", re.IGNORECASE)
MAX_EITHER = 40  # characters of a message that names two things and asks for neither


def only_names_another(text: str) -> bool:
    """Whether a message says no more than which other thing is meant: “no, the other one”, 信用卡也要."""
    patterns = (_ONLY_ANOTHER, _ONLY_ANOTHER_ZH)
    return len(text) <= MAX_SHORT and any(pattern.fullmatch(text) for pattern in patterns)


def keeps_a_card(text: str) -> bool:
    """Whether a message says of a card that it is there, or is not to be touched: it names one that is not the lost one."""
    return bool(_KEEPS.search(text[: 4 * MAX_SHORT]))


def names_another(text: str) -> bool:
    """Whether a message speaks of another thing than the one before."""
    return len(text) <= MAX_SHORT and bool(_ANOTHER.search(text))


def names_either(text: str) -> bool:
    """Whether a message only names two things, of which one is meant: "cards or balance"."""
    return len(text) <= MAX_EITHER and bool(_EITHER.search(text))


def repeats(text: str) -> bool:
    """Whether a message asks for the last reply again."""
    return len(text) <= MAX_SHORT and bool(_REPEAT.fullmatch(text))


def restarts(text: str) -> bool:
    """Whether a message begins the conversation anew."""
    return len(text) <= MAX_SHORT and bool(_RESTART.fullmatch(text))


def asks_for_ticket(text: str) -> bool:
    """Whether a message speaks of opening a ticket, in whatever words it goes on."""
    return bool(_TICKET.search(text[:MAX_READ]))


def affirms(text: str) -> bool:
    """Whether a message is a yes and nothing else."""
    return len(text) <= MAX_SHORT and bool(_AFFIRM.fullmatch(text))


def acknowledges(text: str) -> bool:
    """Whether a message says no more than that it was understood: “ok”, “right”, 好的."""
    return len(text) <= MAX_SHORT and bool(_ACKNOWLEDGE.fullmatch(text))


def objects(text: str) -> bool:
    """Whether a clause holds something back: “but ...”, “wait”, “if ...”, 不过, 等一下."""
    return bool(_OBJECTION.search(text[:MAX_READ]))


def denies(text: str) -> bool:
    """Whether a message is a no and nothing else."""
    return len(text) <= MAX_SHORT and bool(_DENY.fullmatch(text))


def cancels(text: str) -> bool:
    """Whether a message leaves what was begun and says nothing else."""
    return len(text) <= MAX_SHORT and bool(_CANCEL.fullmatch(text))


def resumes(text: str) -> bool:
    """Whether a message goes on with what was left."""
    return len(text) <= MAX_SHORT and bool(_RESUME.fullmatch(text))


def skip_reason(text: str) -> Literal["unknown", "unwilling", "none_of_these", "later"] | None:
    """Why a message gives no answer to what was asked; None when it may be one."""
    if len(text) > MAX_SHORT:
        return None
    if _LATER.fullmatch(text):
        return "later"
    if _UNWILLING.search(text):
        return "unwilling"
    if _NONE_OF_THESE.search(text):
        return "none_of_these"
    return "unknown" if _SKIP.fullmatch(text) or _UNKNOWN.search(text) else None


def ordinal(text: str, count: int) -> int | None:
    """Which of `count` offered things a message names by its place, from 0."""
    if len(text) > MAX_SHORT or not (found := _ORDINAL.fullmatch(text)):
        return None
    if found["digit"] or found["bare"]:
        place = int(found["digit"] or found["bare"]) - 1
    elif found["final"]:
        place = -1
    else:
        place = _ORDINALS[(found["word"] or found["han"]).lower()]
    place = count - 1 if place < 0 else place
    return place if 0 <= place < count else None


def aggregate(text: str) -> Aggregate | None:
    """Which figure over a list a short message asks for."""
    if len(text) > MAX_SHORT:
        return None
    return next((name for name, words in _AGGREGATES.items() if words.search(text)), None)


def asks_about_terms(text: str) -> bool:
    """Whether a question over figures is one about what the bank allows or charges, not about one's own."""
    return bool(_TERMS.search(text[: 4 * MAX_SHORT]))


def leaves_queue(text: str) -> bool:
    """Whether a message no longer wants to wait for a person."""
    read = text[: 4 * MAX_SHORT]
    return bool(_LEAVE_QUEUE.search(read)) and not _STAY_IN_QUEUE.search(read)


def names_an_account(text: str) -> bool:
    """Whether a message speaks of an account, a sign-in or a device, and of no card."""
    read = text[: 4 * MAX_SHORT]
    return bool(_ACCOUNT.search(read)) and not _CARD.search(read)


def names_a_card(text: str) -> bool:
    """Whether a message says by kind or digits which card is meant."""
    return bool(_WHICH_CARD.search(text[: 4 * MAX_SHORT]))


def takes_back(text: str) -> bool:
    """Whether a message asks for something done here to be undone."""
    return bool(_UNDO.search(text[: 4 * MAX_SHORT]))


def is_question(text: str, language: Language) -> bool:
    """Whether a clause has the form of a question."""
    return bool(_QUESTION[language].search(text))
