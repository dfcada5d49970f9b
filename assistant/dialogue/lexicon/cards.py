"""What is said of cards: lost, locked for now, found again, the other one, not that one."""

from __future__ import annotations

import re

from assistant.dialogue.lexicon.common import MAX_READ, MAX_SHORT, MAX_SMALL

_UNDO = re.compile(
    r"\b(?:undo|unblock|un-block|unfreeze|unlock|reactivate|(?:lift|remove|cancel|take off) (?:the |my )?(?:block|lock|freeze)|take the (?:block|lock) off|turn (?:it|my \w+(?: card)?|the \w+(?: card)?) (?:back )?on again|take (?:it|that) back|reverse (?:it|that))\b|撤销|撤回|解冻|解除挂失|解挂|(?:取消|撤销|撤|解除)(?:掉|了)?(?:我的)?挂失|挂失[^,，。]{0,8}(?:取消|撤|解)|不(?:用|要|需要)挂失了|恢复(?:使用|我的卡)|解锁",
    re.IGNORECASE,
)

_ACCOUNT = re.compile(
    r"\b(?:accounts?|app|online|banking|pin|passwords?|phone|log-?in|profile|user|access|transfers?)\b|账户|账号|网银|手机|密码|登录|转账",
    re.IGNORECASE,
)

_CARD = re.compile(r"\bcards?\b|卡", re.IGNORECASE)

_WHICH_CARD = re.compile(r"\b(?:credit|debit|other|\d{4})\b|信用卡|借记卡|储蓄卡|另", re.IGNORECASE)

_LOSS = re.compile(
    r"\b(?:los[et]\w*|losing|lsot|misplac\w*|missing|gone|stolen|stole|steal\w*|nick(?:ed)?|pinch\w*|robb\w*|mugg\w*|snatch\w*|swip\w*|burgl\w*|taken|took|pickpocket\w*|thie\w+|"
    r"left|dropped|fell out|can'?t find|cannot find|disappear\w*|vanish\w*|somewhere|block\w*|freez\w*|frozen|froze|lock\w*|stop\w*|cancel\w*|deactivat\w*|disabl\w*|kill|shut\w*|suspend\w*|cloned|skimm\w*)\b|"
    r"丢|掉|遗失|失窃|偷|盗|抢|不见|找不|没了|挂失|挂上|冻|锁|止付|停用|停掉|停了|停住|停下|作废|废掉|拿走|捡走|收走|落在|落下|忘在|没影|不翼而飞|遗落|被骗",
    re.IGNORECASE,
)

_LOCK = re.compile(
    r"\b(?:temporar\w+|for (?:now|a (?:while|moment|bit|few \w+))|until (?:i|we|tonight|tomorrow)|paus\w+)\b.{0,60}|"
    r"\block(?:ed|ing)?\b(?! (?:out|me))|暂时|临时|先锁|锁(?:一下|卡|住|定|上)|停(?:用)?一下",
    re.IGNORECASE,
)

_NOT_GONE = re.compile(
    r"\b(?:not|isn'?t|wasn'?t|hasn'?t been|never) (?:really |been )?(?:lost|stolen|gone|missing)|(?:不是|没有?|别|不要|还没决定要不要)(?:丢|挂失|被?偷|被?盗)",
    re.IGNORECASE,
)

_GONE = re.compile(
    r"\b(?:los[et]\w*|stolen|stole|nick(?:ed)?|robb\w*|missing|gone|thie\w+)\b|丢|遗失|偷|盗|抢|不见|挂失",
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

_CARD_STATE = re.compile(
    r"\b(?:is|are|was|were|has|have)\b.{0,30}\b(?:cards?|it|debit|credit)\b.{0,30}\b(?:blocked|unblocked|locked|unlocked|active|activated|stopped|frozen|working|ok(?:ay)?)\b|"
    r"\b(?:card|debit|credit|it) (?:is )?(?:blocked|unblocked|locked|working) (?:now|again|yet|already)\b|\bhave you (?:really |already |just )?(?:blocked|unblocked|locked|stopped)\b|"
    r"卡[^,。]{0,8}(?:挂失|冻结|锁|解|能用|恢复)[^,。]{0,4}(?:了没|没有|了吗|了么|成功|好了吗)|(?:挂失|冻结|解除)(?:成功|好)?了(?:吗|没|么)",
    re.IGNORECASE,
)

_PROTEST = re.compile(
    r"\b(?:wrong (?:card|one)|i (?:did not|didn'?t|never) (?:ask|say|want|tell|mean|agree)|not what i (?:said|asked|wanted|meant)|why (?:did|have|would) you|you(?:'ve)? (?:just )?(?:blocked|locked) (?:my|the|it)|"
    r"i (?:only|just) (?:asked|wanted|meant)|put (?:it|that|my card) back|(?:it|that) (?:isn'?t|is not|wasn'?t) (?:lost|stolen)|i said)\b|"
    r"我?没(?:有)?(?:让|叫|要|说)(?:你|您)?|谁让你|谁叫你|不是(?:要|让你)?挂失|不是让|弄错|搞错|我说的是|为什么(?:要)?(?:挂失|冻结|锁)",
    re.IGNORECASE,
)


def names_a_loss(text: str) -> bool:
    """Whether a text has a word of loss, theft or blocking."""
    return bool(_LOSS.search(text[:MAX_READ]))


_BLOCKS = re.compile(
    r"\b(?:block\w*|freez\w*|frozen|froze|lock\w*|stop\w*|cancel\w*|deactivat\w*|disabl\w*|kill|shut\w*|suspend\w*)\b|"
    r"挂失|挂上|冻结?|锁|止付|停(?:用|掉|了|住|下)?|作废|废掉",
    re.IGNORECASE,
)
# Blocking asked for in so many words, of a card or of what was named just before.
_VERB = r"(?:block|freeze|lock|stop|kill|cancel|deactivate|disable|suspend)"
_BLOCK_IT = re.compile(
    rf"(?:^|[,.!;]|\b(?:so|and|then|please|pls|just|quick(?:ly)?|now|can you|could you|will you|would you)\b)\W*(?:please\W+|just\W+|quickly\W+)*{_VERB}\W+"
    r"(?:(?:it|them|both|that one|this one|everything)\b(?=\W*(?:$|[,.!?;]|please|pls|now|right|at once|immediately|asap|quick|before|so|for me|straight|all))|(?:all )?(?:the|my|that|this|those|these) (?:\w+ )?(?:cards?|visa|mastercard|plastic)\b)|"
    r"\b(?:need|want|have|get) (?:it|them|both|the cards?|my cards?|that one) (?:blocked|frozen|locked|stopped|cancelled|deactivated|disabled)\b|"
    r"(?:给我|帮我|帮忙|麻烦|请|求|马上|赶紧|立刻|赶快|快|唔該)[^,，。]{0,12}(?:停(?!车|止|机|业|电|在|留|发)|冻|锁|挂失|挂上|挂了|止付|废掉)|(?:停|冻|锁|挂)(?:掉|了|住|上|咗)?(?:吧|呗|一下)|"
    r"(?:把|将)(?:我的?)?(?:卡|它|这张|那张|银行卡|信用卡|借记卡)[^,，。]{0,4}(?:停(?!车|止|机)|冻|锁|挂)",
    re.IGNORECASE,
)
_ANOTHER_OBJECT = re.compile(
    r"扣款|账单|短信|自动|转账|定投|预约|工单|投诉|营销|邮件|通知|订阅|会员", re.IGNORECASE
)


def asks_to_block(text: str) -> bool:
    """Whether a clause asks for a card to be blocked in so many words."""
    read = text[:MAX_READ]
    return bool(_BLOCK_IT.search(read)) and not _ANOTHER_OBJECT.search(read)


# Words of a loss in what is none: money that is left, debts that are paid off.
_NO_LOSS = re.compile(
    r"\b(?:is|are|was|were|much|money|credit|euros?|balance) left\b|\bleft on\b|[还用花关改退取][^,，。]{0,3}掉|掉(?:头|以轻心)",
    re.IGNORECASE,
)


def tells_of_a_loss(text: str) -> bool:
    """Whether a text says that something is gone, and does not only ask for a block."""
    read = _NO_LOSS.sub(" ", _BLOCKS.sub(" ", text[:MAX_READ]))
    return bool(_LOSS.search(read))


def wants_a_lock(text: str) -> bool:
    """Whether a text speaks of locking for a time rather than of a loss."""
    read = text[:MAX_READ]
    return bool(_LOCK.search(read)) and not _GONE.search(_NOT_GONE.sub(" ", read))


def keeps_a_card(text: str) -> bool:
    """Whether a message says of a card that it is there, or is not to be touched: it names one that is not the lost one."""
    return bool(_KEEPS.search(text[: 4 * MAX_SHORT]))


_RULES_OUT = re.compile(
    r"\b(?:do not|don'?t|dont|never) (?:touch|block|lock|freeze|stop)\b|别[动碰锁冻停]|不[动碰]",
    re.IGNORECASE,
)


def rules_out(text: str) -> bool:
    """Whether a message says which card is not to be touched, so that it is another one."""
    return bool(_RULES_OUT.search(text[: 4 * MAX_SHORT]))


def names_a_card(text: str) -> bool:
    """Whether a message says by kind or digits which card is meant."""
    return bool(_WHICH_CARD.search(text[: 4 * MAX_SHORT]))


_CARRIER = re.compile(
    r"\b(?:cards?|visa|master ?card|maestro|girocard|amex|union ?pay|plastic|wallet|purse|handbag)\b|卡|钱包|皮夹|手袋|包包",
    re.IGNORECASE,
)


def speaks_of_a_card(text: str) -> bool:
    """Whether a text speaks of a card, by its make too, or of what cards are kept in."""
    return bool(_CARRIER.search(text[:MAX_READ]))


def names_an_account(text: str) -> bool:
    """Whether a message speaks of an account, a sign-in or a device, and of no card."""
    read = text[: 4 * MAX_SHORT]
    return bool(_ACCOUNT.search(read)) and not _CARD.search(read)


def only_names_another(text: str) -> bool:
    """Whether a message says no more than which other thing is meant: “no, the other one”, 信用卡也要."""
    patterns = (_ONLY_ANOTHER, _ONLY_ANOTHER_ZH)
    return len(text) <= MAX_SHORT and any(pattern.fullmatch(text) for pattern in patterns)


def names_another(text: str) -> bool:
    """Whether a message speaks of another thing than the one before."""
    return len(text) <= MAX_SHORT and bool(_ANOTHER.search(text))


_FOUND = re.compile(
    r"\bfound\b|\bturned up\b|\b(?:got|have) it back\b|\bit was in my\b|\bnot lost\b|找到|找着|找回|搵返|没丢|没有丢|不用挂失|不挂失|手滑|就在(?:家|包|口袋)",
    re.IGNORECASE,
)


def reports_recovery(text: str) -> bool:
    """Whether a message says that a card is there after all."""
    return bool(_FOUND.search(text[: 4 * MAX_SHORT]))


def takes_back(text: str) -> bool:
    """Whether a message asks for something done here to be undone."""
    return bool(_UNDO.search(text[: 4 * MAX_SHORT]))


def asks_whether_a_card_is_blocked(text: str) -> bool:
    """Whether somebody wants to know in which state a card is."""
    return bool(_CARD_STATE.search(text[:MAX_SMALL]))


def protests(text: str) -> bool:
    """Whether somebody says that what was done is not what they wanted."""
    return bool(_PROTEST.search(text[:MAX_SMALL]))
