"""Short answers and words about the conversation: yes, no, skip, the second one, say that again, from the beginning."""

from __future__ import annotations

import re
from typing import Literal

from assistant.dialogue.lexicon.common import MAX_READ, MAX_SHORT, MAX_SMALL

_TRAIL = r"(?:[\s,.!~。！，、…]*(?:please|pls|thanks|thank you|thx|mate|then|now|谢谢|谢了|吧|啊|呀|哈|呢|了|哦|的))*[\s.!?~。！？…]*"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"[\s,.!，。！]*(?:{pattern}){_TRAIL}", re.IGNORECASE)


_AFFIRM = _whole(
    r"(?:yes|yep|yeah|yup|yea|yeh|yh|ye|ya|aye|sure|ok(?:ay)?|okey|alright|all right|correct|right|exactly|indeed|absolutely|certainly|definitely|"
    r"of course|go ahead|do it|do that|send it|that'?s (?:right|correct|it|fine|good)|sounds good|perfect|fine|please do|confirm(?:ed)?|"
    r"i (?:do|agree|confirm)|y|👍|"
    r"(?:请|麻烦)?(?:你|您)?(?:帮我|给我|替我)(?:提交|办理?)|"
    r"是的?|对的?|对对+|好的?|好好+|行|可以|嗯+|没错|确认|没问题|当然|要的?|需要|同意|提交|就这样|办|ok)"
    r"(?:[\s,.!，、。]*(?:yes|yeah|sure|ok(?:ay)?|please|go ahead|do it|do that|send it|that'?s (?:right|correct|it|fine)|open it|submit it|block it|"
    r"是的?|对的?|好的?|可以|确认|提交|没错|办吧|就这样|麻烦了?|请))*"
)

_BEGINS_WITH_YES = re.compile(
    r"^\W*(?:(?:oh|ah|well|um)\W+)*(?:yes|yep|yeah|yup|yea|yeh|yh|ye|ya|y|aye|sure|ok(?:ay)?|k|alright|all right|correct|right|exactly|absolutely|certainly|definitely|of course|go ahead|"
    r"please do|do it|send it|that'?s (?:right|correct|it|fine|good)|confirm(?:ed)?|fine|perfect|sounds good)\b|^\W*(?:是|对|好|行|可以|嗯|没错|确认|没问题|当然|同意|提交)",
    re.IGNORECASE,
)

_BEGINS_WITH_NO = re.compile(
    r"^\W*(?:(?:oh|ah|well|um|hm+|sorry)\W+)*(?:no|nope|nah|not|don'?t|do not|rather not|never)\b|^\W*(?:不|否|没|别|算了)",
    re.IGNORECASE,
)

_DONE = re.compile(
    r"\b(?:please|do (?:it|that|so)|go ahead|quick(?:ly)?|now|both|all of (?:it|them))\b|请|麻烦|帮我|快|赶紧|办",
    re.IGNORECASE,
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
    r"(?:[\s,.!，、。]*(?:no|not|thanks|thank you|don'?t|leave it|i don'?t (?:want|need) (?:it|that|to)|谢谢|不用|不要|不是|不对|先不|算了))*"
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

_NOTHING_MORE = re.compile(
    r"\b(?:nothing (?:else|more|to add)|no(?:thing)? (?:more|further|other) (?:details?|info\w*)?|that'?s (?:all|it|everything)|no more)\b|没有了|没了|就这些|没有其他|没别的",
    re.IGNORECASE,
)

_REPEAT = _whole(
    r"(?:(?:can|could) you |please )*(?:say (?:that|it) again|repeat(?: (?:that|it|yourself))?|once more|come again|pardon(?: me)?|what did you say)|"
    r"(?:请|麻烦)*(?:再说一遍|再说一次|重复一遍|重复一下|没听清|你说什么)"
)

_RESTART = _whole(
    r"(?:(?:let'?s |can we |please )*(?:start (?:over|again|from scratch|afresh)|begin again|restart|reset))|"
    r"(?:我们|请)*(?:重新开始|从头(?:开始|再来)|重来|重置)"
)


def affirms(text: str) -> bool:
    """Whether a message is a yes and nothing else."""
    return len(text) <= MAX_SHORT and bool(_AFFIRM.fullmatch(text))


# A consent in more words than a yes: what was shown is right, and is to be sent. Only words that can add nothing to it.
# Each part is taken whole, so that time grows with the text alone.
_ADVERB = r"(?:please|pls|just|do(?!\W+(?:it|that|this|so|them)\b|\W*$)|then|so|now|kindly|also|well|ok(?:ay)?|yes|yeah|and|you (?:can|may|could)|let'?s|let us|go (?:ahead|on) and|i'?d like you to|i want you to)"
_THING = r"(?:it|that|this|them|all of it|everything|the lot|the (?:request|report|complaint|ticket|form|claim|message|thing|note|change|details?|application|block|summary))"
_SEND = (
    r"(?:send|submit|file|lodge|put|log|do|update|add|confirm|record|report|register|request|pass|raise|make|proceed|carry on|go on|go ahead|get (?=it|that|this)|"
    r"(?P<own>book|change|close|open|block|cancel|lock|save|issue|order|activate|stop))"
    rf"(?: {_THING}| so)?+(?: (?:off|in|through|on|over|out|down|along|across|up|for me|to them|like that|as (?:it is|is|shown|written|above|you(?: have|'ve)? (?:written|put|said|wrote)(?: it)?)|right away|at once|straight away)\b)*+"
)
_SUBJECT = (
    r"(?:that|it|this|all|everything|which|what you (?:wrote|have|put))(?:'?s| is| are| all)*+ "
)
_FINE = r"(?:right|correct|fine|good|great|perfect|ok(?:ay)?|lovely|well|better(?: than i \w+(?: it)?)?|it|the one|what i (?:want(?:ed)?|meant|said|mean)|in order|as it should be)"
_READS = r"(?:reads?|looks?|sounds?|seems?|says? it|puts? it)"
_RIGHT = (
    rf"(?:{_SUBJECT}(?:{_READS} )?+|{_READS} )(?:(?:all|very|just|quite|perfectly|exactly|now) )*+{_FINE}(?: (?:now|then|by me|with me|for me|indeed)\b)*+"
    r"|(?:exactly|just) (?:that wording|that|so|like that|as (?:you|i) (?:wrote|said|put) it)|(?:i )?(?:agree|confirm|approve)(?: (?:it|that|this|all of it))?|(?:i'?m |i am )?(?:happy|fine|ok(?:ay)?|content) with (?:it|that|this)|(?:it |that )?suits me(?: fine| well)?"
    r"|oui|si|sí|ja|haan|theek hai|passt(?: so)?|c'?est bon|number sahi hai"
)
_YES_WORD = r"(?:yes|yep|yeah|yup|yea|aye|sure|correct|exactly|absolutely|certainly|definitely|of course|by all means|please do|go ahead|confirm(?:ed)?|k)"
_SOFT = (
    r"(?:lovely|great|splendid|wonderful|good|super|brilliant|excellent|marvellous|smashing|very well|very good|right then|right|fine|perfect|go on(?: then)?|i see|nice|cool|oh|ah|well|alright|all right|ok(?:ay)?|"
    r"that'?s (?:a relief|kind(?: of you)?|honest(?: of you)?|clear|helpful)|(?:many |and )*(?:thank you|thanks|cheers|ta)(?: (?:very much|so much|a lot|ever so much|for [\w' ]{1,40}))?+|my dear|dear|mate|quickly|quick|please|pls|por favor|bitte|then|now|indeed|sir|madam|bon)"
)
_CONSENT_EN = re.compile(
    rf"\W*+(?:(?P<sends>(?:{_ADVERB}\W+)*+{_SEND})|(?P<right>{_RIGHT})|(?P<plain>{_YES_WORD})|(?P<soft>{_SOFT}|{_ADVERB}))(?:\W+|$)",
    re.IGNORECASE,
)
_CONSENT_ZH = re.compile(
    r"(?:(?P<soft>那就好|挺好的?|好极了|太好了|写得(?:挺|很)?(?:清楚|好)的?|我?看(?:过|了)(?:一[遍下])?|谢谢(?:你|您|啊|了)?|麻烦(?:你|您|了)*|辛苦(?:你|您|了)*|唔该晒?|多谢|快点|快|赶紧|那|就|嗯+|哦|噢|啊|呀|nice|thx|thanks|please|pls)"
    r"|(?P<plain>(?:对|是|好|行|可以|成|中|没错|冇错|正确|确认|没问题|冇问题|同意|当然|yes|yep|ok|okay|sure|right|confirm|haan)+(?:的|了|啦|嘅|滴)*)"
    r"|(?P<right>(?:这样|这回|这次|现在|这|都|全|内容|信息|号码|地址|刚才那个|上面)*(?:就|也|都)?(?:对|行|好|可以|没错|没问题|正确|ok)(?:了|的)*|(?:就|都)?(?:按|照|依)(?:这个|这样|你说的|您说的|上面的?|你写的)?(?:来|办|弄|做|写)?|(?:就)?(?:这样|这么|就这)(?:弄|办|写|发|报|来|定|说)?(?:上去|了)*)"
    r"|(?P<sends>(?:就|那|请|麻烦|帮我|给我|替我|直接|赶紧|快|现在|刚才那个|你|您|把它|帮忙|马上|可以)*(?:提交|发|寄|办|报|上报|递|加|写|更新|登记|弄|下单|处理|送|申请|受理|send|submit|confirm|update|(?P<own>约|改|换|激活|开|关|补|停|追|挂失|锁))(?:上去|上|出去|出|过去|进去|掉|好)?))"
    r"(?:吧|啦|喇|了|呗|呀|啊|哈|嘛|的|哦|喔|咯|一下|\W)*",
    re.IGNORECASE,
)


def consents(text: str, title: str) -> bool:
    """Whether a clause says in more words than a yes that what was shown is right, or is to be sent, and adds nothing.

    A verb that names a task ("close it", 改吧) consents to a task whose title has it.
    """
    return bool(_parts_of_consent(text, title) & {"plain", "sends", "right"})


def says_to_send(text: str, title: str) -> bool:
    """Whether a consent says in so many words that what was told is to be sent: “please submit it”, 提交吧."""
    return "sends" in _parts_of_consent(text, title)


def is_small_praise(text: str) -> bool:
    """Whether a clause only says that something is well: “lovely, that's a relief”, 那就好."""
    return _parts_of_consent(text) == {"soft"}


def _parts_of_consent(text: str, title: str = "") -> frozenset[str]:
    """What a text consists of, where it is nothing but consent: yes, words of sending, words of being right, small praise."""
    if len(text) > MAX_SMALL:
        return frozenset()
    for pattern in (_CONSENT_EN, _CONSENT_ZH):
        at = 0
        kinds: set[str] = set()
        while at < len(text) and (part := pattern.match(text, at)) and part.end() > at:
            if part["own"] and part["own"].lower() not in title.lower():
                break
            kinds |= {name for name, words in part.groupdict().items() if words}
            at = part.end()
        if at == len(text):
            return frozenset(kinds)
    return frozenset()


def begins_with_yes(text: str) -> bool:
    """Whether a clause begins as a yes does, whatever follows."""
    return bool(_BEGINS_WITH_YES.match(text))


def begins_with_no(text: str) -> bool:
    """Whether a clause begins as a no does, whatever follows."""
    return bool(_BEGINS_WITH_NO.match(text))


def wants_it_done(text: str) -> bool:
    """Whether a yes goes on to ask for what was offered: “yes, do that please, quickly”."""
    return bool(_DONE.search(text[: 4 * MAX_SHORT]))


def acknowledges(text: str) -> bool:
    """Whether a message says no more than that it was understood: “ok”, “right”, 好的."""
    return len(text) <= MAX_SHORT and bool(_ACKNOWLEDGE.fullmatch(text))


_WAITS = re.compile(
    r"\b(?:wait|hold on|hang on|before (?:you|i|we|that)|first|unless|if (?!so\b))\b|等等|等一下|先不|先别|先告诉|除非|如果|要是",
    re.IGNORECASE,
)


def waits(text: str) -> bool:
    """Whether a clause puts a condition or a delay before a yes."""
    return bool(_WAITS.search(text[: 4 * MAX_SHORT]))


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


def repeats(text: str) -> bool:
    """Whether a message asks for the last reply again."""
    return len(text) <= MAX_SHORT and bool(_REPEAT.fullmatch(text))


def restarts(text: str) -> bool:
    """Whether a message begins the conversation anew."""
    return len(text) <= MAX_SHORT and bool(_RESTART.fullmatch(text))


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


def nothing_more(text: str) -> bool:
    """Whether a message says that there is no more to tell."""
    return len(text) <= MAX_SHORT and bool(_NOTHING_MORE.search(text))
