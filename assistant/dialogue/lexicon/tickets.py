"""Tickets that exist: which words name one, add to it, or take it back."""

from __future__ import annotations

import re

from assistant.dialogue.lexicon.common import MAX_READ

_NOUN = r"(?:ticket|case|complaint|dispute|enquiry|inquiry|investigation)"
_ZH_NOUN = r"(?:工单|单子|案子|(?:报案|投诉|申请|争议)(?:的)?单|那(?:个|份)?(?:投诉|争议|申请|报案)|争议那单|(?:投诉|报案|申请|争议)那)"
_NAMES_EXISTING = re.compile(
    rf"\b(?:my|our|the|that|this|these|those|existing|same|earlier|last|old|open|second|duplicate|running|pending)\b(?:\W+\w+){{0,2}}?\W+{_NOUN}s?\b|"
    rf"\b{_NOUN}s?\b\W{{0,3}}(?:no\.?|number|nr\.?|of|from|dated|with)?\W{{0,3}}(?:[a-z]{{1,4}}-?)?\d{{3,}}|\bT-?\d{{3,}}\b|"
    r"\b(?:my|the|our) (?:fraud |first |last |earlier )?(?:report|notification|request|submission|claim)\b(?! card)|"
    r"\b(?:about|regarding|concerning|re|ref)\W{0,3}(?:no\.? )?\d{5,}\b|\b(?:what|the thing) i (?:have )?(?:reported|wrote|filed|complained|submitted|told you)\b|"
    rf"{_ZH_NOUN}|(?:之前|上次|刚才|前面|上周|上礼拜|昨天|前天)[^,，。?？]{{0,6}}(?:报的(?!警)|提的|投诉|申请|争议)|撤(?:诉|案|单)|撤(?:回|销)(?:了)?投诉",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:add(?:ed|ing)?|attach\w*|append\w*|include|put|stick|note|write|mention|supplement|belongs?|one more thing|forgot to (?:say|mention|write|tell|add)|left out|"
    r"correction|correct (?:the|my|that|it)|tell them|let them know|pass (?:it|this|that) (?:on|to))\b|"
    r"补(?:充|上|材料|一下|进|到)|加(?:上|进|到|在|入|一)|添(?:加|上|进)|附(?:上|进|在|到|一)|登记(?:进|上|到)|备注|注明|写(?:进|到|上|在|明)|记(?:到|进|上|在|录到)|并(?:到|入|进)|放(?:到|进|在)|录入|更正|改(?:成|写)|漏(?:了|说|写)|忘(?:了)?[说写提]",
    re.IGNORECASE,
)
_WITHDRAWS = re.compile(
    r"\b(?:close|cancel|withdraw\w*|drop(?:ped)?|bin|scrap|delete|remove|discontinue|shut|retract|rescind|revoke|(?:be|can be|may be) (?:closed|cancelled|dropped|binned|deleted|removed)|"
    r"take (?:it|that|this|them) (?:back|away|off)|(?:can|may|could) go\b(?! up| down| on| over| to| through)|no (?:point|need|reason) (?:in|for|to|of) (?:\w+ing|keep|go on|anyone|anybody|you)|not needed|superfluous|no longer (?:need\w*|necessary|relevant)|"
    r"stop (?:the |this |that |your )?(?:investigat\w+|looking|working|process\w*|search\w*))\b|"
    r"撤(?:销|掉|回|了|下|诉|案|单|吧)|取消|结(?:了|掉|案|单|束)|销(?:掉|了|案|单)|关(?:了|掉|闭|单)|(?:不用|不必|不需要|无需)(?:再)?(?:你们|您|麻烦)?(?:处理|查|跟进|管|理)|别(?:再)?(?:查|处理|跟)|作废|了结|删(?:了|掉|除)",
    re.IGNORECASE,
)
_NOT_WITHDRAWN = re.compile(
    r"\b(?:do not|don'?t|did not|didn'?t|never|not|without|why|who|won'?t|wouldn'?t|must not|mustn'?t|no one|nobody)\b(?:\W+\w+){0,4}?\W+(?:clos\w+|cancel\w*|withdraw\w*|drop\w*|delet\w+|remov\w+|shut)\b|"
    r"\bre-?open\w*\b|\bopen (?:it|that|this|my \w+) again\b|"
    r"(?:别|不要|不能|不想|没有?|不是要|谁|为什么|为啥|怎么)[^,，。]{0,4}(?:撤|取消|关|结|销|删)|重新?打?开|被(?:你们)?关|(?:问题|事情?)(?:已经)?解决了?没",
    re.IGNORECASE,
)
# What is cancelled or added to is something else than a ticket.
_OTHER_MATTER = re.compile(
    r"\b(?:cards?|savings? account|current account|my account|direct debits?|standing orders?|transfers?|appointments?|insurance|subscription|police|credit report|overdraft|policy)\b|"
    r"报警|警方|账单|下单|订单|年费|卡(?:作废|关|停|注销|销)|账户(?:关|销|注销)|工资卡|信用卡关|预约",
    re.IGNORECASE,
)
_TICKET_ITSELF = re.compile(r"\btickets?\b|工单|单子", re.IGNORECASE)
_MAKES_NEW = re.compile(
    r"\b(?:record|register|log|file|lodge|raise|make|put) (?:a|my|this|an) (?:formal |new |official )?complaint\b|\bcomplaint on record\b|登记(?:一下)?(?:这个|我的)?投诉",
    re.IGNORECASE,
)


# A wish in the words of the past: “the one I reported last week can be closed”, "tell them that I sent it on Monday".
_STILL_WANTED = re.compile(
    r"^\W*(?:(?:please|then|and|so|also|oh|but)\W+)*(?:add|tell|note|put|include|attach|let|mention|write|record|pass|close|drop|withdraw|cancel)\b|\b(?:please|can|may|could)\b|"
    r"可以|请|麻烦|帮|把|吧|劳驾|烦",
    re.IGNORECASE,
)


def still_wants_it(text: str) -> bool:
    """Whether a clause that is told as past asks for something now."""
    return bool(_STILL_WANTED.search(text[:MAX_READ]))


def names_an_existing_ticket(text: str) -> bool:
    """Whether a message speaks of a ticket, a complaint or a report that was made before."""
    read = text[:MAX_READ]
    return bool(_NAMES_EXISTING.search(read)) and not _MAKES_NEW.search(read)


def adds_to_a_ticket(text: str) -> bool:
    """Whether a clause has words of adding or correcting something."""
    return bool(_ADDS.search(text[:MAX_READ]))


def withdraws_a_ticket(text: str) -> bool:
    """Whether a clause has words of taking something back that may be a ticket, and does not forbid it."""
    read = text[:MAX_READ]
    return bool(_WITHDRAWS.search(read)) and not _NOT_WITHDRAWN.search(read)


def speaks_of_another_matter(text: str) -> bool:
    """Whether a text speaks of something else that is cancelled or closed: a card, an account, a payment, an appointment.

    A ticket that is named as such may be about any of them: 九月账单那个工单.
    """
    read = text[:MAX_READ]
    return bool(_OTHER_MATTER.search(read)) and not _TICKET_ITSELF.search(read)
