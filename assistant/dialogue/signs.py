"""Signs in what a customer writes that call for care: a scam in progress, a crisis, bereavement, illness, hardship, anger,
urgency. What was read is stored with the conversation, word for word, so that whoever takes over sees why it is treated so.

Rules, not a model: a person must be able to read why somebody was taken for vulnerable (FCA FG21/1 names the drivers:
health, life events, resilience, capability). They are written for first-person reports; a question about the subject alone
("how do I recognise a scam?") is no sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from actions.tickets.routing.signals import (
    TREATMENTS,
    Sign,
    Signal,
    signs_as_json,
    signs_from_json,
)
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.outputs import Say
from assistant.dialogue.state import DialogueState, Offer, OfferItem
from assistant.dialogue.wording import person_item, say
from core.catalogue import has_message
from core.languages import Language
from core.localized_text import LocalizedText

__all__ = ["care_for", "care_text", "grave", "signs_as_json", "signs_from_json", "signs_in"]

READ = 2_000  # characters of a message in which signs are looked for
SHOUTED_LETTERS, SHOUTED_SHARE = 15, 0.8  # a message in capitals


_KIN = r"(?:mum|mom|mother|dad|father|husband|wife|son|daughter|brother|sister|partner|parents?|grandmother|grandfather|nan|child)"
_STRANGER = r"\b(?:someone|somebody|a (?:man|woman|guy|person|caller)|he|she|they|the caller|the (?:man|woman|guy|agent) on the phone|this (?:man|woman|guy|person|caller))"
_PATTERNS: dict[Signal, dict[Language, str]] = {
    "crisis": {
        "en": r"suicid(?:e|al)|kill(?:ing)? myself|end(?:ing)? (?:my life|it all)|(?:don'?t|do not) want to (?:live|be alive|go on living)|"
        r"hurt(?:ing)? myself|no reason to live|better off dead",
        "zh": r"自杀|不想活|活不下去|轻生|结束(?:自己的)?生命|自残|死了算了|活着没意思",
    },
    "scam": {
        "en": rf"safe account|{_STRANGER}\b[^.?!]{{0,60}}\b(?:ask|tell|told|want|instruct|keep|press|force|say)[a-z]*\s+(?:\w+\s+){{0,3}}?"
        r"(?:me\s+)?(?:to\s+|i\s+(?:must|have to|should|need to)\s+)(?:(?:move|transfer|withdraw|wire|install)\b|"
        r"(?:send|pay|buy|give|share|read|confirm|download)\b[^.?!]{0,40}(?:money|funds?|cash|savings|[€£$]|\d|code|pin|password|otp|gift|crypto|"
        r"bitcoin|voucher|screen|details|software|an app))|(?:asked|asking|wants?|demand\w*) (?:me )?for my (?:pin|password|one[- ]time|code|otp|passcode|card details|cvv)|"
        r"\bi(?:'ve)? (?:just |have |already |did |think i )*(?:gave|give|given|told|tell|sent|send|read|shared?)\b[^.?!]{0,40}\b(?:pin|password|code|otp|passcode|card (?:details|number)|cvv)\b|"
        r"\b(?:anydesk|team ?viewer|remote access)\b|gift cards? .{0,40}(?:police|tax|hmrc|irs|bank)|"
        r"(?:claims?|claiming|pretend\w*|says?|said) (?:to be|(?:that )?(?:he|she|they)(?:'s| is|'re| are| was| were)|it'?s) (?:from|with|calling from) "
        r"(?:the |my |your |our )?(?:bank|police|tax|hmrc|fraud|security|head office|microsoft|amazon)",
        "zh": r"安全账户|(?:让|叫|要求|要|催)我(?:先|马上|立刻|赶紧|现在|尽快|把)*(?:转账|转钱|汇款|汇钱|打钱|转到|把钱|钱转|取现|下载|安装|共享屏幕|开屏幕共享|"
        r"提供|说出|告诉|给他|给她|买(?:礼品|购物)卡)|(?:要|问|套)我的?(?:的)?(?:验证码|密码|卡号)|"
        r"(?:验证码|密码|卡号)[^。？！]{0,8}(?:给了|告诉了|发给了|说了|透露|提供给)|(?:给了|告诉了|发了)[^。？！]{0,12}(?:验证码|密码)|"
        r"(?:自称|冒充|说(?:他|她|自己)是)(?:是)?[^。？！]{0,6}(?:公安|警察|警官|检察|法院|银行|客服|税务|社保|快递)|屏幕共享|共享了?屏幕|杀猪盘",
    },
    "bereavement": {
        "en": rf"passed away|\bmy (?:late |\w+ )?{_KIN}\b[^.?!]{{0,30}}\b(?:died|has died|is dead|was killed)|\bdied\b[^.?!]{{0,30}}\b(?:last|this|on|in|week|month|yesterday)|"
        rf"\bmy late {_KIN}\b(?! (?:before|bank|used|always|had|never|also|told|said))|lost my {_KIN}\b(?!['’]s)|bereave(?:d|ment)|\b(?:deceased|my (?:husband|wife|mother|father)['’]s (?:death|estate|funeral))\b|"
        rf"death of (?:my|a) |\bfuneral\b",
        "zh": r"去世|过世|离世|病逝|亡故|逝世|不在人世|(?:办|料理)(?:完|了)?(?:丧事|后事|葬礼)|丧偶|走得很突然",
    },
    "illness": {
        "en": r"\b(?:i|i'm|i am|my|me|we)\b[^.?!]{0,50}\b(?:cancer|chemo(?:therapy)?|in (?:the )?hospital|hospitali[sz]ed|seriously ill|very ill|"
        r"(?:had|having) a stroke|dementia|alzheimer'?s?|depress(?:ed|ion)|surgery|operation next|bedridden|disabled|terminal(?:ly)?|mental health)\b|"
        r"\bdiagnosed with\b",
        "zh": r"(?:得了|确诊|患了?|查出)[^。？！]{0,8}(?:癌|肿瘤|白血病|重病|抑郁)|癌症|住院|重病|病重|化疗|中风|做手术|要手术|抑郁症|老年痴呆|失智|卧床|残疾|瘫痪",
    },
    "hardship": {
        "en": r"lost my job|(?:been |was |got )?(?:made redundant|laid off|fired)\b|\bi(?:'m| am)? (?:now )?(?:unemployed|out of work|bankrupt|broke)\b|"
        r"(?:can'?t|can ?not|could ?n[o']t|unable to|won'?t be able to|not able to) (?:afford|pay|repay|make|keep up|meet|cover)\b"
        r"(?![^.?!]{0,20}\b(?:with|by|at|in|online|via|contactless|abroad)\b)|"
        r"struggl(?:e|ing) (?:to (?:pay|make|keep|afford|get by|survive)|with (?:my )?(?:payments?|debts?|bills|money))|behind (?:on|with) (?:my|the|our) |"
        r"debt collectors?|drowning in debt|no money (?:left|for)|can'?t make ends meet|going hungry|(?:hours|salary|wages|pay) (?:was|were|has been|have been|got) cut",
        "zh": r"失业|被裁|下岗|丢了工作|没了工作|没有收入|还不起|还不上|无力(?:偿还|还款)|没钱(?:还|吃|交|付)|破产|逾期了|催收|经济困难|生活困难|付不起|交不起|"
        r"入不敷出|周转不开|降薪|揭不开锅|负债累累",
    },
    "anger": {
        "en": r"ridiculous|unacceptable|disgust(?:ed|ing)|furious|\bi(?:'m| am) (?:so |very |really |absolutely )?(?:angry|livid|fuming|mad|annoyed|outraged)|fed up|"
        r"sick (?:and tired )?of|worst bank|useless|(?:terrible|awful|appalling|horrible|shocking|rubbish|lousy) (?:service|bank|experience|support|treatment)|"
        r"(?:third|fourth|fifth|tenth|hundredth) time|how many (?:more )?times (?:do|must|did|will|should|have) i|incompetent|pathetic|(?:is|what) a (?:bad |sick )?joke|outrageous|shambles|"
        r"\bwtf\b|what the (?:hell|heck|f)|bullshit|\bf+u+c+k|screw you|you people|wast(?:ed|ing) my time|nobody (?:cares|listens|helps)",
        "zh": r"太差了?|垃圾|气死|气愤|生气|愤怒|受够|受不了|忍无可忍|什么破|破银行|离谱|坑人|太过分|烦死|恶心|第[三四五六七八九十]次了?|到底(?:管不管|行不行|要等|还要|想)|"
        r"怎么搞的|搞什么|没人管|敷衍|踢皮球|推来推去|浪费(?:我的?)?时间|忽悠|不像话|他妈|妈的|有病吧|废物|太慢了",
    },
    "urgency": {
        "en": r"urgent(?:ly)?|\basap\b|emergency|immediately|right (?:now|away)|as soon as possible|stranded|can'?t wait|it can'?t wait|time is running out|"
        r"at the (?:till|checkout|airport|petrol station)|(?:in|within) the next (?:hour|few hours|\d+ (?:minutes|hours))|before (?:the end of )?today",
        "zh": r"紧急|马上(?!就?到账)|立刻|立即|急用|十万火急|很急|非常急|特别急|着急|等着用|赶紧|来不及|今天之内|今天必须|救急|急需|急死",
    },
}
_COMPILED: dict[Signal, dict[Language, re.Pattern[str]]] = {
    signal: {
        language: re.compile(pattern, re.IGNORECASE | re.ASCII)
        for language, pattern in both.items()
    }
    for signal, both in _PATTERNS.items()
}
# "How do I report ...", "what is ...": somebody asks about the subject and tells nothing of themselves.
_GENERAL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\s*(?:how (?:do|can|does|would)|what (?:is|are|does|happens|should (?:i|people|one))|can you explain|is there|do you (?:offer|have)|where (?:do|can))\b"
        r"(?!.*\bmy\b)(?!.*\bi(?:'ve| have| am|'m)\b)",
        re.IGNORECASE | re.DOTALL,
    ),
    "zh": re.compile(
        r"^(?!.*我).*(?:怎么(?:办理|识别|防|判断)|如何|是什么|有哪些|吗[?？]?$|多少)", re.DOTALL
    ),
}
_ABOUT_ONESELF: frozenset[Signal] = frozenset({"scam", "bereavement", "illness", "hardship"})


def signs_in(text: str, language: Language) -> list[Sign]:
    """The signs in a message, the gravest first; both languages' rules read it, since people mix them."""
    read = text[:READ].replace("’", "'")
    general = bool(_GENERAL[language].search(read))
    signs: list[Sign] = []
    for signal, patterns in _COMPILED.items():
        if general and signal in _ABOUT_ONESELF:
            continue
        words = next(
            (m.group() for pattern in patterns.values() if (m := pattern.search(read))), None
        )
        if words is None and signal == "anger" and _is_shouted(read):
            words = read[:60]
        if words:
            signs.append(Sign(signal, words[:80]))
    return signs


_EXCLAIMS = re.compile(r"!|\b(?:nobody|never|still|waiting|again|enough)\b", re.IGNORECASE)


def _is_shouted(text: str) -> bool:
    """Whether a message is in capitals and exclaims; capitals alone are how some people write."""
    if not _EXCLAIMS.search(text):
        return False
    letters = [c for c in text if c.isascii() and c.isalpha()]
    return len(letters) >= SHOUTED_LETTERS and sum(
        c.isupper() for c in letters
    ) >= SHOUTED_SHARE * len(letters)


# What somebody tells or asks who was being deceived a moment ago: that it has happened, and what to do now.
_GOES_ON = re.compile(
    r"\b(?:what (?:do|should|can|shall) i do|what now|help|i(?:'ve)? (?:already |have |just |did )*(?:gave|give|sent|send|transferr?ed|paid|pay|told|tell|read|clicked|installed|shared?))\b|"
    r"\b(?:code|pin|password|passcode|card number|money)\b|怎么办|咋办|咋整|点算|已经?(?:转|汇|付|给|说|点|填|告诉)|(?:转|汇|付|给|说|填|点)(?:了|过去|出去)|验证码|密码|追回|拦住|拦下",
    re.IGNORECASE,
)


def is_about_the_scam(text: str) -> bool:
    """Whether a message goes on about a scam that the conversation showed before."""
    return bool(_GOES_ON.search(text[:READ]))


def grave(signs: Iterable[Sign]) -> Sign | None:
    """The sign that brings a person at once, if there is one."""
    return next((sign for sign in signs if TREATMENTS[sign.signal].handoff), None)


def care_text(signal: str, language: Language) -> str | None:
    """What is said first to somebody who shows a sign; None where nothing is fitting."""
    code = f"dialogue.care_{signal}"
    return say(code, language) if has_message(code, language) else None


def scam_steps(
    signs: Iterable[Sign], text: str, state: DialogueState, facts: Facts, flows: FlowSet
) -> list[Say]:
    """What can be done here at once by somebody who is or was being deceived, with a tap for each; empty for others."""
    if state.frame is not None or not any(sign.signal == "scam" for sign in signs):
        return []
    if not is_about_the_scam(text):
        return []
    names = ("report_lost_card", "report_fraud") if facts.active_cards else ("report_fraud",)
    tasks = [flows.flows[name] for name in names if name in flows.flows]
    items = tuple(
        OfferItem.titled(flow.title.of(state.language), StartFlow(flow=flow.name, text=text))
        for flow in tasks
    )
    return [Say(LocalizedText("dialogue.scam_steps"), Offer(items=items, turn=state.turn + 1))]


def care_for(new_signs: Sequence[Sign], language: Language, turn: int = 0) -> list[Say]:
    """The sentence for the gravest of the signs that are new, said before the answer; empty where none is fitting.

    A grave sign's goes with a handover (`handoff.request`, without its own `care`); beside the others an agent is offered.
    """
    for sign in new_signs:
        code = f"dialogue.care_{sign.signal}"
        if has_message(code, language):
            is_grave = TREATMENTS[sign.signal].handoff
            offer = None if is_grave else Offer(items=(person_item(language),), turn=turn)
            return [Say(LocalizedText(code), offer)]
    return []
