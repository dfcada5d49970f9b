"Where a ticket goes: readable rules first, then the topic of the nearest article, else the general queue."

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.signals import Sign, raised, team
from actions.tickets.lifecycle import Kind, Priority, Queue

RULES_VERSION = 1
CERTAIN, LIKELY, GUESS = 0.95, 0.75, 0.3
MEANING_FLOOR = 0.35  # cosine below which the nearest article says nothing about the topic

# Categories of articles and the queues that work on them.
CATEGORY_QUEUES: dict[str, Queue] = {
    "cards": "cards", "payments": "payments", "transfers": "payments", "accounts": "accounts", "lending": "lending",
    "wealth": "wealth", "digital": "digital", "security": "fraud", "complaints": "complaints", "compliance": "compliance",
}  # fmt: skip


# Kinds that name their team and the least priority, whatever else the text speaks of.
KIND_DECIDES: dict[Kind, tuple[Queue, Priority]] = {
    "fraud_report": ("fraud", "urgent"),
    "complaint": ("complaints", "high"),
}


@dataclass(frozen=True)
class Rule:
    "A pattern in either language and what it decides; earlier rules win."

    id: str
    pattern: re.Pattern[str]
    kind: Kind | None = None
    queue: Queue | None = None
    priority: Priority | None = None


def _rule(id: str, pattern: str, **decides: str) -> Rule:
    return Rule(id, re.compile(pattern, re.IGNORECASE | re.ASCII), **decides)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    _rule("fraud", r"fraud|scam|phish|hacked|did ?n[o']t (make|authori[sz]e|recogni[sz]e)|stole[n]?\b.*(money|account)|"
          r"诈骗|被骗|盗刷|骗子|钓鱼|不是我(本人)?(操作|刷|消费|转)|被盗", kind="fraud_report", queue="fraud", priority="urgent"),
    _rule("complaint", r"complain|unacceptable|disgust|ombudsman|投诉|太差|不满|监管", kind="complaint",
          queue="complaints", priority="high"),
    _rule("lost-card", r"(lost|stolen|missing)\b.*\bcard|card\b.*\b(lost|stolen|missing)|卡.*(丢|遗失|被偷|不见)|"
          r"(丢|遗失|偷).*卡|挂失", kind="service_request", queue="cards", priority="urgent"),
    _rule("hardship", r"(can ?n[o']t|unable to) (pay|repay)|lost my job|bereave|passed away|失业|还不起|无力偿还|去世|过世",
          kind="service_request", priority="high"),
    _rule("cards", r"\bcards?\b|\bpin\b|\batm\b|cash ?machine|卡|密码|取款机", queue="cards"),
    _rule("lending", r"\bloans?\b|mortgage|repayment|instal?ment|贷款|按揭|房贷|还款|分期", queue="lending"),
    _rule("wealth", r"invest|\bfunds?\b|wealth|portfolio|bond|理财|基金|投资|债券", queue="wealth"),
    _rule("payments", r"transfer|payment|direct debit|standing order|payee|refund|转账|汇款|付款|扣款|退款|到账",
          queue="payments"),
    _rule("digital", r"\bapp\b|log ?in|password|online banking|website|登录|手机银行|网银|应用|闪退", queue="digital"),
    _rule("accounts", r"account|statement|address|interest|certificate|账户|对账单|地址|利息|证明|销户|开户",
          queue="accounts"),
    _rule("urgent", r"urgent|immediately|right now|asap|紧急|马上|立刻|着急", priority="high"),
)  # fmt: skip


@dataclass(frozen=True)
class Routing:
    "A decision and its reasons; `confidence` 0 to 1."

    kind: Kind
    queue: Queue
    priority: Priority
    method: str
    confidence: float
    reasons: list[str] = field(default_factory=list)


def route(
    text: str,
    *,
    kind: Kind | None = None,
    queue: Queue | None = None,
    priority: Priority | None = None,
    topic: tuple[str, float] | None = None,
    signs: Sequence[Sign] = (),
) -> Routing:
    "Decide what is absent; `topic` is the nearest article's category and its cosine, `signs` raise the priority."
    reasons = [f"given: {name} {value}" for name, value in _given(kind, queue, priority) if value]
    confidence, method = CERTAIN, "rule"
    if kind in KIND_DECIDES:
        queue, priority = queue or KIND_DECIDES[kind][0], priority or KIND_DECIDES[kind][1]
    for rule in RULES:
        if not rule.pattern.search(text):
            continue
        decided = [x for x in (not kind and rule.kind, not queue and rule.queue, not priority and rule.priority) if x]
        if decided:
            reasons.append(f"rule {rule.id} v{RULES_VERSION}: {', '.join(decided)}")
        kind, queue, priority = kind or rule.kind, queue or rule.queue, priority or rule.priority
    if queue is None and (named := team(signs)):
        queue = named
        reasons.append(f"team for {signs[0].signal}: {named}")
    if queue is None and topic and topic[1] >= MEANING_FLOOR and topic[0] in CATEGORY_QUEUES:
        queue, method, confidence = CATEGORY_QUEUES[topic[0]], "model", LIKELY
        reasons.append(f"nearest article's category {topic[0]}, cosine {topic[1]:.2f}")
    if queue is None:
        queue, confidence = "general", GUESS
        reasons.append("no rule and no near article: general queue")
    pressing = raised(priority or "normal", signs)
    if pressing != (priority or "normal"):
        reasons += [sign.reason for sign in signs]
    return Routing(kind or "service_request", queue, pressing, method, confidence, reasons)


def _given(*values: str | None) -> list[tuple[str, str | None]]:
    return list(zip(("kind", "queue", "priority"), values, strict=True))
