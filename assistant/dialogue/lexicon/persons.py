"""Persons and the machine: who speaks, wanting somebody else, waiting and waiting no longer."""

from __future__ import annotations

import re

from assistant.dialogue.lexicon.common import MAX_SHORT, MAX_SMALL
from core.languages import Language

_LEAVE_QUEUE = re.compile(
    r"\b(?:(?:leave|exit|quit) (?:the )?(?:queue|line)|(?:stop|done|tired of) waiting|(?:don'?t|do not|no longer) (?:want|need) (?:to (?:wait|talk)|a (?:person|human|agent)|an agent)"
    r"(?: any ?more)?|no (?:person|human|agent) needed|cancel the (?:agent|queue|hand ?over)|back to (?:the )?(?:bot|assistant))\b|"
    r"\b(?:cancel|never ?mind|forget|leave)\b.{0,20}\b(?:person|agent|human|colleague|somebody|someone|anybody|anyone|call ?back)\b|"
    r"\b(?:do not|don'?t|no longer|needn'?t|need not)\b.{0,24}\b(?:need|want|fetch|bother)\b.{0,16}\b(?:them|anybody|anyone|somebody|someone|person|agent|human|colleague|to wait)\b|"
    r"[不唔](?:想|用|使|要|再)?等(?:了|喇|啦|下去)|不排队?了|(?:取消|退出|撤)(?:了)?(?:排队|人工)|(?:不用|不要|不需要|别|不)(?:再)?(?:转|叫|找|接)?(?:人工|真人|客服)(?:了|啦)?|不用转了|别转了|人工不用了",
    re.IGNORECASE,
)

_STAY_IN_QUEUE = re.compile(
    r"(?:\b(?:not|never|without|before)|n't)\s+(?:\w+\s+){0,3}?(?:leave|leaving|exit|quit|cancel|back)\b|(?:不想|不要|别|不会)(?:退出|取消)",
    re.IGNORECASE,
)

# Who wants no machine wants a person.
_NO_MACHINE = re.compile(
    r"^\W*(?:(?:please|look|sorry|but|and|no|hi|hello)\b\W*)*(?:i (?:really )?(?:do not|don'?t|won'?t|am not going to|refuse to) ?(?:want|like|wanna|speak|talk|chat|deal)?"
    r"(?: to| with| (?:speak|talk|chat|deal)(?:ing)?| be| an?| any| this| your| the)*|no(?: more)?|enough of(?: the| this)?|stop(?: this)?) "
    r"(?:chat ?)?(?:bots?|robots?|machines?|computers?|automated \w+|ai)\b|"
    r"(?:不要|不想[要跟和用]?|别给我|不跟|不和|讨厌)(?:跟|和|用|再|你?这个?|什么)*(?:机器人|智能客服|人工智能|自动回复|机器|AI)",
    re.IGNORECASE,
)

_IDENTITY = re.compile(
    r"\bare (?:you|u) (?:even |really |actually |still |just |a |an |the )*(?:human|person|real|robot|bot|machine|computer|ai|automated|chat ?bot)\b|"
    r"\bam i (?:talking|speaking|chatting|writing) (?:to|with) (?:a|an|the) (?:\w+ )?(?:human|person|robot|bot|machine|computer|ai)\b|"
    r"\b(?:is this|is it|is that) (?:a|an) (?:\w+ )?(?:human|person|robot|bot|machine|computer|ai|chat ?bot)\b|"
    r"\b(?:who|what) (?:are|r) (?:you|u)\b(?!\s+(?:doing|going|asking|talking|saying|charging))|\bwho (?:am i|reads?|can read|sees?|is reading|will read)\b.{0,30}\b(?:talking|this|these|it|messages?|chats?)\b|"
    r"\bare (?:you|u|these|my) (?:\w+ ){0,3}(?:recording|recorded|storing|stored|saving|saved|logging)\b|"
    r"\b(?:can|could|will|do|would) you (?:do|change|move) (?:\w+ ){0,5}without (?:asking|telling)\b|"
    r"(?:你|您|这)[^,。?？]{0,6}(?:是不是|是)[^,。?？]{0,6}(?:机器人|真人|人工智能|AI|ai|智能客服|电脑|骗子)|是(?:真人|机器人|AI)(?:还是|吗|吧|么)|"
    r"你(?:到底)?是谁|您是哪位|谁(?:会|能|可以)?看(?:得|到|见)*(?:这些|我的|到)|(?:聊天|消息|对话|内容)[^,。]{0,6}(?:录音|保存|记录|监控)",
    re.IGNORECASE,
)

_QUEUE_STATE = re.compile(
    r"\b(?:how long|when)\b.{0,30}\b(?:wait|queue|answer me|get through|someone|somebody|person|agent|colleague|will (?:it|that|this) (?:be|take))\b|"
    r"\b(?:am i|are we) (?:still )?(?:waiting|in (?:the |a )?(?:queue|line)|next)\b|\bhow many (?:people )?(?:are )?(?:ahead|before|in front)\b|\b(?:queue|waiting) (?:time|position)\b|"
    r"(?:还要|要|得)?等多久|排(?:到)?(?:多久|第几|几)|前面(?:还有|排)?(?:几|多少)|还在排|多久(?:能|才|会)?(?:有人|接通|轮到|来人)|(?:人工|客服)[^,。]{0,6}(?:多久|什么时候|还在)",
    re.IGNORECASE,
)


_ENOUGH = re.compile(
    r"\b(?:not|no|never|no longer|stop|cancel|leave|leaving|quit|exit|enough|back to|forget|without|instead|done|skip)\b|n't\b|不|别|取消|退|撤|算了|停|唔",
    re.IGNORECASE,
)


# A person to talk to, in the words for them and for talking; "have somebody look at it" wants something done.
_PERSON = (
    r"(?:person|people|human\w*|agent|adviser|advisor|operator|colleague|representative|rep|manager|employee|staff|member of staff|"
    r"some(?:body|one)|any(?:body|one)|lady|gentleman|man|woman|soul|clerk|expert|specialist|team|department|support|service|one of you)"
)
_TALK = r"(?:talk|speak|chat|connect|put (?:me )?through|transfer|pass me|get me|give me|hand me|forward me|call|ring|phone|reach|hear from|have a word|deal with|help from|answer\w*|take over)"
_WANTS_PERSON = re.compile(
    rf"\b{_TALK}\b(?:\W+\w+){{0,6}}?\W+{_PERSON}\b|\b{_PERSON}\b(?:\W+\w+){{0,5}}?\W+{_TALK}\b|"
    r"\b(?:real|live|actual|human|proper|flesh)\b(?:\W+\w+){0,2}?\W+(?:person|people|human|being|agent|adviser|advisor|someone|somebody|voice|blood)\b|\b(?:a|any) humans?\b|\bhumans?\W*$|"
    r"\b(?:any(?:body|one)|some(?:body|one)) (?:\w+ ){0,2}(?:there|here|around|available|in|on duty|real)\b|"
    r"^\W*(?:(?:please|pls|an?|the|to|get|need|want|i|now)\W+)*(?:agent|operator|representative|person|human|adviser|advisor|supervisor|manager)\b|"
    r"人工|真人|活人|客服|专员|经理|顾问|主管|领导|坐席|喘气|人类|同事|负责人|"
    r"(?:换|找|叫|来|让|请|派|转)[^,，。]{0,4}(?:个|位)?(?:会|能|懂)[^,，。]{0,6}人|(?:跟|和|与|找)[^,，。]{0,4}人(?:说|聊|谈|讲|沟通)|(?:有|还有)(?:没有?)?(?:个)?人(?:在|吗|没|能|可以)|转(?:接)?(?:给)?人",
    re.IGNORECASE,
)


def wants_a_person(text: str) -> bool:
    """Whether a clause speaks of a person to talk to, and not only of somebody who should do something."""
    return bool(_WANTS_PERSON.search(text[: 4 * MAX_SHORT]))


def has_enough(text: str) -> bool:
    """Whether a clause has a word of giving up; "I'm still waiting" has none."""
    return bool(_ENOUGH.search(text[: 4 * MAX_SHORT]))


# Asking for a language, also as a question: "can we go on in English?", 可以说中文吗.
_LANGUAGE = r"(?:english|chinese|mandarin|putonghua|中文|汉语|国语|普通话|英文|英语|英語)"
_ASKS_FOR_LANGUAGE = re.compile(
    rf"^\W*(?:(?:hi|hello|sorry|please|pls|ok(?:ay)?|and|so|i'?d (?:like|prefer)|i (?:want|prefer|would like)|let'?s|"
    rf"(?:can|could|would|may|shall) (?:you|we|i|u)(?: please)?(?: rather)?|is it possible|to|you|us|if possible)\W+)*"
    rf"(?:(?:speak|talk|write|chat|answer|reply|respond|continue|go on|carry on|do this|switch|change)(?: to| with)?(?: me| us)?(?: back)? )?(?:over )?(?:in |to |into )?{_LANGUAGE}"
    rf"(?:[ ,]{{1,2}}(?:please|pls|instead|from now on|now|only|would be (?:easier|better|nice)))*\W*$|"
    rf"^(?:请|麻烦|能不能|可不可以|可以|能|我们|咱们|你|您|还是|那)*(?:用|说|讲|换成|改成|切换到|切换成|转成|换)+{_LANGUAGE}(?:回答|回复|聊|说|交流|跟我说|沟通)?(?:吗|吧|好吗|行吗|可以吗|谢谢|一下)*[?？。!！,，\s]*$",
    re.IGNORECASE,
)


# The language of what is said here: told as a wish, an ability or a possibility.
_ENDS = r"(?=\W*(?:$|[,.;!?]|please|pls|instead|now|only|from now|would|is|was|it|if|so|for me|with me|because|and|than|then|better|easier|ok))"
_MEDIUM = re.compile(
    rf"\b(?:in|into|to|over to|back to|on in) {_LANGUAGE}\b{_ENDS}|"
    rf"\b{_LANGUAGE}\W+(?:would|is|suits?|works?|please|pls|instead|now|only|better|easier|possible|ok)\b|"
    rf"\b(?:speak|talk|write|type|prefer|use|better at|good at)\W+(?:\w+\W+){{0,2}}?{_LANGUAGE}\b{_ENDS}|"
    rf"(?:用|说|讲|聊|换|转|切|改|变|打)(?:成|到|为|回|用)?{_LANGUAGE}(?!名|签|课|字|版|地址|填|考|的)|{_LANGUAGE}(?:可以|可唔可以|行|方便|沟通|交流|讲|聊|继续|繼續)",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:can|could|may|would|please|pls|prefer|better|easier|change|switch|possible|rather|want|need|let'?s|went on|go on|carry on|continue|instead|comfortable|at ease)\b(?!'t)|"
    r"可以|可唔可以|能|吗|请|麻烦|换|改|变|转|更|方便|谢谢|想|要|吧|继续|繼續",
    re.IGNORECASE,
)
_NOT_THAT_LANGUAGE = re.compile(
    rf"\b(?:can'?t|cannot|don'?t|do not|not|never|stop|without|no|why|isn'?t)\b.{{0,25}}{_LANGUAGE}|(?:不|别|没|看不懂|听不懂|唔识|为什么|为啥)[^,，。]{{0,6}}{_LANGUAGE}",
    re.IGNORECASE,
)
# A language of something else: of a document, of the staff, of other people.
_OTHER_LANGUAGE = re.compile(
    r"\b(?:statements?|contracts?|letters?|certificates?|forms?|documents?|terms|receipts?|version|article|translat\w+|branch|staff|adviser|advisor|colleagues?|hotline|phone|app|website|menu|seller|"
    r"new year|course|class|lessons?|school|teacher|learn\w*|stud(?:y|ied|ying)|passport|company|friend|he|she|they|mother|father|mum|dad|wife|husband|son|daughter|parents?)\b|"
    r"对账单|合同|证明|文件|条款|版本|回单|说明书|柜员|客服|顾问|网点|经理|电话|热线|人工|老师|课|学校|护照|翻译|他|她们|你们那|开户|名字|户名|姓名|签名|附言|填",
    re.IGNORECASE,
)


def asks_for_a_language(text: str) -> bool:
    """Whether a clause asks to go on in a language that it names, and says nothing else."""
    return bool(_ASKS_FOR_LANGUAGE.search(text[:MAX_SMALL]))


def wishes_for_a_language(text: str) -> bool:
    """Whether a clause that says more wishes for a language in this conversation: “Chinese would be easier for me”."""
    return bool(_WISH.search(text[: 4 * MAX_SHORT])) and speaks_of_a_language_here(text)


def speaks_of_a_language_here(text: str) -> bool:
    """Whether a clause names a language as that of this conversation: “I'd rather write in Chinese”."""
    read = text[: 4 * MAX_SHORT]
    other = _OTHER_LANGUAGE.search(read) or _NOT_THAT_LANGUAGE.search(read)
    return bool(_MEDIUM.search(read)) and not other


def leaves_queue(text: str) -> bool:
    """Whether a message no longer wants to wait for a person."""
    read = text[: 4 * MAX_SHORT]
    return bool(_LEAVE_QUEUE.search(read)) and not _STAY_IN_QUEUE.search(read)


def refuses_a_machine(text: str) -> bool:
    """Whether a message asks for a person by refusing the machine."""
    return bool(_NO_MACHINE.search(text[: 4 * MAX_SHORT]))


def asks_who_speaks(text: str) -> bool:
    """Whether somebody wants to know who or what answers, who reads along, and what it may do."""
    return bool(_IDENTITY.search(text[:MAX_SMALL]))


def asks_about_the_queue(text: str) -> bool:
    """Whether somebody who waits wants to know how long, or whether they still do."""
    return bool(_QUEUE_STATE.search(text[:MAX_SMALL]))


_LANGUAGES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?<![a-z])english(?![a-z])|英文|英语|英語|\bin en\b", re.IGNORECASE),
    "zh": re.compile(
        r"(?<![a-z])(?:chinese|mandarin|putonghua)(?![a-z])|中文|汉语|普通话|国语", re.IGNORECASE
    ),
}
# A language that is only named beside the one that is wanted: “better at Chinese than English”.
_NOT_WANTED = re.compile(
    r"\b(?:than|instead of|rather than|not|no|my) (?:in |with )?(?:english|chinese|mandarin)\b|"
    r"(?:不是|不用|不说)(?:英文|英语|中文)|我(?:英文|英语|中文)(?:不|差|只|是|一般|很)",
    re.IGNORECASE,
)


def named_language(text: str) -> Language | None:
    """The one language that a text names."""
    read = _NOT_WANTED.sub(" ", text)
    named = [language for language, words in _LANGUAGES.items() if words.search(read)]
    return named[0] if len(named) == 1 else None
