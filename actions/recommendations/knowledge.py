"""What a customer must understand of a kind of product before it may be recommended: statements that are true or not.

Asked by an adviser, kept with the customer (MiFID II, article 25(3); article 56 of Regulation 2017/565).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from core.audit import record
from core.errors import Invalid
from core.identity import Caller, require
from core.languages import Language
from core.localized_text import terms


@dataclass(frozen=True)
class Statement:
    """A sentence about a kind of product, and whether it is true."""

    text: Mapping[Language, str]
    true: bool


def _statement(true: bool, en: str, zh: str) -> Statement:
    return Statement({"en": en, "zh": zh}, true)


STATEMENTS: Mapping[str, Sequence[Statement]] = {
    "fund": (
        _statement(
            False, "A fund gives back at least what I paid in.", "基金至少会退还我投入的本金。"
        ),
        _statement(
            True, "Its value can fall and stay low for years.", "基金净值可能下跌，并且多年不回升。"
        ),
        _statement(True, "Its costs lower what I get each year.", "基金费用会降低我每年的收益。"),
        _statement(
            False, "A fund in another currency has no further risk.", "外币基金没有额外风险。"
        ),
    ),
    "note": (
        _statement(
            True,
            "If the issuer fails I can lose all of it.",
            "如果发行人违约，我可能损失全部本金。",
        ),
        _statement(False, "I can sell it at any time for what I paid.", "我可以随时按买入价卖出。"),
        _statement(
            True, "What I get depends on how something else does.", "我的收益取决于挂钩标的的表现。"
        ),
        _statement(False, "It is protected like a deposit.", "它和存款一样受存款保险保障。"),
    ),
    "insurance": (
        _statement(
            True,
            "Ending it early can cost me a part of what I paid.",
            "提前退保可能损失部分已交保费。",
        ),
        _statement(
            False,
            "I can use the money like a savings account.",
            "我可以像活期存款一样随时动用这笔钱。",
        ),
        _statement(True, "Payments out may be taxed.", "领取时可能需要缴税。"),
    ),
}


async def show_knowledge(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    kind: str,
    answers: Sequence[bool],
    now: datetime,
) -> bool:
    """Note that a customer understands a kind of product; whether all answers were right. Wrong ones take it back."""
    require(caller, "customers:write")
    statements = STATEMENTS.get(kind)
    if statements is None:
        raise Invalid.field(
            "kind", "knowledge_test.kind_unknown", kinds=terms("product_kind", STATEMENTS)
        )
    if len(answers) != len(statements):
        raise Invalid.field("answers", "knowledge_test.incomplete", count=len(statements))
    understood = [statement.true for statement in statements] == list(answers)
    kinds = {*customer.knowledge, kind} if understood else {*customer.knowledge} - {kind}
    customer.knowledge = sorted(kinds)
    await session.flush()
    details = {
        "kind": kind,
        "understood": understood,
        "answers": list(answers),
        "at": now.isoformat(),
    }
    await record(session, caller, "customer.knowledge", f"customer:{customer.id}", details)
    return understood
