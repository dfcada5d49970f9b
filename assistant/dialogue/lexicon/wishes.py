"""Wishes that no intent was read in: something is to be done, contact details are others now, somebody wants to meet.

What they hint at is only offered, or shown and confirmed before it is done.
"""

from __future__ import annotations

import re

from assistant.dialogue.lexicon.common import MAX_READ

_VERBS = (
    r"send|give|get|refund|pay|return|credit|raise|increase|lower|reduce|convert|correct|change|check|cancel|stop|remove|delete|replace|reissue|issue|print|post|register|reverse|"
    r"recalculate|look into|investigate|trace|fix|sort|follow up|put right|put that right|unlock|reset|confirm|waive|adjust|review|forward"
)
_DONE = re.compile(
    rf"\b(?:please|pls|plz|kindly)\b.{{0,40}}\b(?:{_VERBS}|make|have|do|let|provide|treat|flag|note|arrange|ensure|see to)\b|"
    rf"\b(?:{_VERBS})\b.{{0,60}}\b(?:please|pls|plz)\b|"
    rf"\b(?:can|could|will|would) (?:you|u|someone|somebody|one of you|your \w+)\b.{{0,30}}\b(?:{_VERBS}|have a look|take|tell|arrange|provide|help)\b|would (?:you )?be so kind|"
    # "Can anybody still pay with it?" asks nobody to do anything.
    r"\b(?:can|could|will|would) any(?:one|body)\b.{0,20}\b(?:help|have a look|look into|check|sort|fix|trace|investigate|follow up|put right)\b|"
    r"\bi(?:'?d like| would like| want| need| demand| expect| insist on| request| require| should like| claim)\b.{0,40}\b(?:back|sent|fixed|corrected|checked|changed|refunded|removed|raised|cancelled|stopped|explained|explanation|certificate|confirmation|letter|copy|duplicate|statement|refund|"
    r"compensation|document|limit|cheque ?books?|receipt|proof|breakdown|recalculation|replacement)\b|"
    r"\b(?:sort (?:it|this|that)|fix (?:it|this|that)|look into (?:it|this|that)|follow (?:it|this|that) up|put (?:it|that|this) right|trace (?:it|the|my)|treat this as|i'?m (?:claiming|disputing|letting you know)|i hereby|stop (?:sending|charging|calling)|give it back|formal (?:claim|request))\b|"
    r"\b(?:i'?d like|i would like|i should like|i want|i need|i wish|let me|can i|could i|help me) to (?:apply|sign up|set up|take out|ask you to|have|report|close|stop|cancel|order|get)\b|"
    r"^\W*(?:need|want|request(?:ing)?)\b.{0,30}\b(?:a|an|the|my|\d+)\b|"
    r"(?:请(?!假|客|问|教)|麻烦|帮我|帮忙|给我|替我|劳驾|烦请|拜托|能不能|能否|可否|可不可以)[^,，。]{0,20}(?:查|改|退|补|寄|开|办|换|重|调|停|删|登记|处理|解决|更正|转给|反馈|核实|追|加|定价|关|取消|赔|解释|弄|还|备注|出具)|"
    r"(?:我要(?!求)|我想要?|想要|要求|申请(?!的))[^,，。]{0,12}(?:退|赔|开|办|换|补|重|改|一份|一张|证明|回单|流水|报案|投诉|复印件|提额|解释|说法)|查一?[下查]|瞧瞧|退[还回给]我|给(?:个)?(?:说法|解释)|报备|看着办|调监控",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:thank|wish you|really great|has been (?:fixed|solved|sorted))\b|谢谢|感谢|解决了|处理好了|办好了|批下来|已经(?:好|办|收)",
    re.IGNORECASE,
)
# Wishes to know are questions.
_TO_KNOW = re.compile(
    r"\b(?:(?:to|me|i'?d|don'?t|not|want|like) know|know (?:how|what|whether|if|why|when|where)|wonder\w*|tell me|ask(?:ing)?|explain how|understand|find out|information|advice|recommend\w*)\b|知道|了解|咨询|想问|请问|请教|推荐|介绍|建议我",
    re.IGNORECASE,
)


def wants_something_done(text: str) -> bool:
    """Whether a text asks the bank to do something, and not only to be told something."""
    read = text[:MAX_READ]
    return bool(_DONE.search(read)) and not (_TO_KNOW.search(read) or _OVER.search(read))


_DETAIL = re.compile(
    r"\b(?:address|postcode|zip|e-?mails?|inbox|phone|mobile|cell|numbers?|post|mail|letters|messages|codes|moved|relocat\w+|street|flat|apartment)\b|"
    r"地址|住址|搬|手机|号码|换号|电话|邮箱|邮件|寄|预留|短信",
    re.IGNORECASE,
)
_OTHER_NOW = re.compile(
    r"\b(?:new|chang\w+|moved|moving|now|instead|different|correct\w*|wrong|no longer|any ?more|old|replac\w+|updat\w+|somewhere else|should (?:have|be)|from now on|use (?:this|that|the))\b|"
    r"新|换|改|变|搬|不用了|停(?:了|用)|寄到|错|别(?:再)?寄|以后",
    re.IGNORECASE,
)
_NOT_ONES_OWN = re.compile(
    r"\b(?:scam|spam|phishing|called me|keyboard|from \S+@\S+|card number|ticket number|account number|booking|parcel|cheque|statement|payment|transfer)\b|工单|转账|付款|流水|支票|卡号",
    re.IGNORECASE,
)


def speaks_of_new_details(text: str) -> bool:
    """Whether a text tells that an address, a number or an e-mail is another one now."""
    read = text[:MAX_READ]
    if _NOT_ONES_OWN.search(read):
        return False
    return bool(_DETAIL.search(read)) and bool(_OTHER_NOW.search(read))


_MEETING = re.compile(
    r"\b(?:meet|meeting|appointment|see (?:some\w+|an? \w+|mr|mrs|ms|dr)|sit(?:ting)? down with|come (?:in|by|over|round)|call in|drop (?:in|by)|pop (?:in|by)|slot|free on|discuss (?:it|that|this) with|go over .{0,40}with)\b|"
    r"(?<![大合纽节违条契])约(?!束)|面谈|见个?面|见一面|当面|上门|(?:什么时候|啥时候|几时|哪天)[^,，。]{0,8}(?:能去|过去|方便|有空)|过去(?:一趟|坐坐|办)|排个?时间",
    re.IGNORECASE,
)


def speaks_of_a_meeting(text: str) -> bool:
    """Whether a text speaks of seeing somebody of the bank."""
    return bool(_MEETING.search(text[:MAX_READ]))


# A request in the form of a question: “could you send me a new one?”, 能帮我约个时间吗.
_INDIRECT = re.compile(
    r"\b(?:can|could|would|will) (?:you|u|someone|somebody|one of you|your \w+)\b|"
    r"\b(?:can|could|may|might) (?:i|we) (?:please |just |possibly )?(?:have|get|be (?:given|sent|put)|book|order|request|arrange|make an appointment|see (?:some|an?|mr|mrs|ms))\b|"
    r"\bany chance (?:of|you|i)\b|\bwould it be possible (?:to|for you)\b|"
    r"(?:能不能|可不可以|可否|能否|能|可以)(?:请|麻烦)?(?:你们|您|你)?(?:先)?(?:帮我|给我|替我|帮忙|安排|把我的)",
    re.IGNORECASE,
)
# What makes it a question about doing it: where, how, at what cost, whether at all.
_ABOUT_DOING = re.compile(
    r"\b(?:in the app|online|by phone|at (?:the|a|any|every) branch|how|when|what|which|why|if|whether|without|abroad|charge|cost|free|tell|explain|say|understand|let me know|recommend|advise)\b|"
    r"怎么|如何|什么|哪|几|多少|多久|为什么|手机上|网上|(?<![a-z])app(?![a-z])|免费|收费|如果|告诉|解释|说说|介绍|推荐|讲",
    re.IGNORECASE,
)


def requests_indirectly(text: str) -> bool:
    """Whether a question asks for something to be done, and not about doing it."""
    read = text[:MAX_READ]
    return bool(_INDIRECT.search(read)) and not _ABOUT_DOING.search(read)
