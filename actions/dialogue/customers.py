"What the signed-in customer has, and what suits the customer. The customer is the token's, whatever the text says."

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from actions.customers import queries
from actions.customers.models import Customer
from actions.customers.schemas import MoneyValue
from actions.dialogue.formats import day_text, money_text
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn
from actions.recommendations.schemas import RecommendationRequest
from actions.recommendations.service import name_of, recommend
from core.languages import Language

RECENT = 8
OFFERED = 3
KINDS_ZH = {"current": "活期账户", "savings": "储蓄账户", "debit": "借记卡", "credit": "信用卡", "personal": "个人贷款",
            "mortgage": "房屋按揭", "active": "正常", "blocked": "已冻结", "expired": "已过期"}  # fmt: skip


def _kind(name: str, language: Language) -> str:
    return KINDS_ZH.get(name, name) if language == "zh" else name


async def show_own(turn: Turn, intent: str) -> Reply:
    "Balances, transactions, cards, loans or holdings of the signed-in customer; a visitor is asked to sign in."
    customer = await signed_in_customer(turn)
    if customer is None:
        return ask_to_sign_in(turn)
    title, lines_of = _VIEWS[intent]
    lines = await lines_of(turn, customer)
    text = "\n".join([say(title, turn.language), *lines]) if lines else say("nothing", turn.language)
    return Reply(text, actions=[{"type": "profile.shown", "part": title}])


async def signed_in_customer(turn: Turn) -> Customer | None:
    "The customer whose token opened this conversation."
    if turn.speaker.customer_id is None:
        return None
    return await queries.load_customer(turn.session, turn.speaker, turn.speaker.customer_id)


def ask_to_sign_in(turn: Turn) -> Reply:
    "Own data need a sign-in."
    return Reply(say("sign_in", turn.language), quick_replies=[quick("person", "say_person", turn.language)])


async def recommend_products(turn: Turn, entities: dict[str, str]) -> Reply:
    "Suitable products for what the customer said; nothing is guessed."
    customer = await signed_in_customer(turn)
    if customer is None:
        return ask_to_sign_in(turn)
    wanted = need_of(entities)
    advice = await recommend(turn.session, turn.speaker, customer, wanted, turn.language, turn.now)
    actions: list[dict[str, Any]] = [{"type": "recommendation.shown", "id": str(advice.decision_id)}]
    if not advice.recommendations:
        reason = advice.excluded[0].reason if advice.excluded else ""
        text = say("nothing_suitable", turn.language, reason=reason)
        return Reply(text, quick_replies=[quick("person", "say_person", turn.language)], actions=actions)
    lines = [say("recommended", turn.language, level=customer.risk_level)]
    for offer in advice.recommendations:
        lines.append(f"• {offer.name} ({offer.risk_level}): {' '.join(offer.reasons)}")
        lines += [f"  {disclosure}" for disclosure in offer.disclosures]
    return Reply("\n".join(lines), actions=actions)


def need_of(entities: dict[str, str]) -> RecommendationRequest:
    "The need as the entities of one message tell it."
    amount = _amount(entities.get("amount", ""))
    return RecommendationRequest.model_validate(
        {
            "goal": entities.get("goal"),
            "amount": MoneyValue(amount=amount, currency="EUR") if amount else None,
            "horizon_months": _months(entities.get("horizon", "")),
            "limit": OFFERED,
        }
    )


def _amount(text: str) -> Decimal | None:
    digits = re.sub(r"[^\d.]", "", text)
    return Decimal(digits) if digits.strip(".") else None


def _months(text: str) -> int | None:
    found = re.search(r"\d+", text)
    if not found:
        return None
    number = int(found.group())
    return number * 12 if re.search(r"year|年", text) else number


async def _accounts(turn: Turn, customer: Customer) -> list[str]:
    return [
        f"• {_kind(a.kind, turn.language)} ****{a.iban[-4:]}: {money_text(a.balance, a.currency, turn.language)}"
        for a in await queries.accounts_of(turn.session, customer)
    ]


async def _transactions(turn: Turn, customer: Customer) -> list[str]:
    return [
        f"• {day_text(t.booked_at, turn.language)} {t.counterparty}: {money_text(t.amount, t.currency, turn.language)}"
        for t in await queries.transactions_of(turn.session, customer, RECENT)
    ]


async def _cards(turn: Turn, customer: Customer) -> list[str]:
    return [
        f"• {_kind(c.kind, turn.language)} ****{c.last_four}: {_kind(c.state, turn.language)}, {c.expires_on:%m/%y}"
        for c in await queries.cards_of(turn.session, customer)
    ]


async def _loans(turn: Turn, customer: Customer) -> list[str]:
    return [
        f"• {_kind(loan.kind, turn.language)}: {money_text(loan.outstanding, loan.currency, turn.language)}, "
        f"{loan.next_due_on.isoformat()}: {money_text(loan.instalment, loan.currency, turn.language)}"
        for loan in await queries.loans_of(turn.session, customer)
    ]


async def _holdings(turn: Turn, customer: Customer) -> list[str]:
    return [
        f"• {name_of(product, turn.language)} ({product.risk_level}): "
        f"{money_text(holding.value, holding.currency, turn.language)}"
        for holding, product in await queries.holdings_of(turn.session, customer)
    ]


_VIEWS: dict[str, tuple[str, Callable[[Turn, Customer], Awaitable[list[str]]]]] = {
    "show_balance": ("accounts", _accounts),
    "show_transactions": ("transactions", _transactions),
    "show_cards": ("cards", _cards),
    "show_loans": ("loans", _loans),
    "show_holdings": ("holdings", _holdings),
}
