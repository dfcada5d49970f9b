"""Persons and the machine: who speaks, wanting somebody else, waiting and waiting no longer."""

from __future__ import annotations

import re

from assistant.dialogue.lexicon.common import MAX_SHORT, MAX_SMALL

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


def has_enough(text: str) -> bool:
    """Whether a clause has a word of giving up; "I'm still waiting" has none."""
    return bool(_ENOUGH.search(text[: 4 * MAX_SHORT]))


# Asking for a language, also as a question: "can we go on in English?", 可以说中文吗.
_LANGUAGE = r"(?:english|chinese|mandarin|putonghua|中文|汉语|国语|普通话|英文|英语)"
_ASKS_FOR_LANGUAGE = re.compile(
    rf"^\W*(?:(?:hi|hello|sorry|please|pls|ok(?:ay)?|and|so|i'?d (?:like|prefer)|i (?:want|prefer|would like)|let'?s|"
    rf"(?:can|could|would|may|shall) (?:you|we|i|u)(?: please)?(?: rather)?|is it possible|to|you|us|if possible)\W+)*"
    rf"(?:(?:speak|talk|write|chat|answer|reply|respond|continue|go on|carry on|do this|switch|change)(?: to| with)?(?: me| us)?(?: back)? )?(?:over )?(?:in |to |into )?{_LANGUAGE}"
    rf"(?:[ ,]{{1,2}}(?:please|pls|instead|from now on|now|only|would be (?:easier|better|nice)))*\W*$|"
    rf"^(?:请|麻烦|能不能|可不可以|可以|能|我们|咱们|你|您|还是|那)*(?:用|说|讲|换成|改成|切换到|切换成|转成|换)+{_LANGUAGE}(?:回答|回复|聊|说|交流|跟我说|沟通)?(?:吗|吧|好吗|行吗|可以吗|谢谢|一下)*[?？。!！,，\s]*$",
    re.IGNORECASE,
)


def asks_for_a_language(text: str) -> bool:
    """Whether a clause asks to go on in a language that it names, and says nothing else."""
    return bool(_ASKS_FOR_LANGUAGE.search(text[:MAX_SMALL]))


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
