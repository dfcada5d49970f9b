"""What the signed-in customer has, and what suits the customer. The customer is the token's, whatever the text says."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries
from actions.customers.models import Customer
from actions.dialogue import needs
from actions.dialogue.entities import Named
from actions.dialogue.formats import day_text, money_text
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import SHOWN, Reply, Turn
from actions.products.queries import name_of
from actions.recommendations.schemas import RecommendationRequest
from core.languages import Language
from core.money import BASE_CURRENCY, Money

RECENT = 8
NOTHING = Named()
SHORT = 60  # characters of a message that goes on about what was shown
_GOES_ON = re.compile(
    r"^\s*(?:and|what about|how about|only|just|but)\b|^(?:那|还有|只看|只要|以及)|呢[?？]?\s*$",
    re.IGNORECASE,
)
_VIEW_OF_PRODUCT = {
    "credit_card": "show_cards",
    "debit_card": "show_cards",
    "current_account": "show_balance",
    "savings_account": "show_balance",
    "mortgage": "show_loans",
    "personal_loan": "show_loans",
    "loan": "show_loans",
    "fund": "show_holdings",
    "bond": "show_holdings",
}
KINDS_ZH = {
    "current": "活期账户",
    "savings": "储蓄账户",
    "debit": "借记卡",
    "credit": "信用卡",
    "personal": "个人贷款",
    "mortgage": "房屋按揭",
    "active": "正常",
    "blocked": "已冻结",
    "expired": "已过期",
}


def _kind(name: str, language: Language) -> str:
    return KINDS_ZH.get(name, name) if language == "zh" else name


async def show_own(turn: Turn, intent: str, named: Named = NOTHING) -> Reply:
    """Balances, transactions, cards, loans or holdings of the signed-in customer; a visitor is asked to sign in.

    Transactions are those of the days, the party and the amount that are named.
    """
    customer = await signed_in_customer(turn)
    if customer is None:
        return ask_to_sign_in(turn)
    turn.memory[SHOWN] = intent
    turn.memory.pop("topic", None)
    title, lines = await view_of(turn.session, customer, intent, turn.language, named)
    none = (
        "no_such_transactions"
        if intent == "show_transactions" and _bookings(named).narrow
        else "nothing"
    )
    text = "\n".join([say(title, turn.language), *lines]) if lines else say(none, turn.language)
    return Reply(text, actions=[{"type": "profile.shown", "part": title}])


async def view_of(
    session: AsyncSession,
    customer: Customer,
    intent: str,
    language: Language,
    named: Named = NOTHING,
) -> tuple[str, list[str]]:
    """Which part of a customer's own data an intent asks for, and its lines."""
    title, lines_of = VIEWS[intent]
    return title, await lines_of(session, language, customer, named)


def meant_view(turn: Turn, named: Named) -> str | None:
    """Which own data a short message goes on about after others were shown: “and last month?”, 那信用卡呢."""
    shown = turn.memory.get(SHOWN)
    if shown is None or not _GOES_ON.search(turn.text) or len(turn.text) > SHORT:
        return None
    if shown == "show_transactions" and named.first("date", "merchant", "organisation", "amount"):
        return str(shown)
    return _VIEW_OF_PRODUCT.get(str(named.first("product")))


async def signed_in_customer(turn: Turn) -> Customer | None:
    """The customer whose token opened this conversation."""
    if turn.speaker.customer_id is None:
        return None
    return await queries.load_customer(turn.session, turn.speaker, turn.speaker.customer_id)


def ask_to_sign_in(turn: Turn) -> Reply:
    """Own data need a sign-in."""
    return Reply(
        say("sign_in", turn.language), quick_replies=[quick("person", "say_person", turn.language)]
    )


async def recommend_products(turn: Turn, named: Named) -> Reply:
    """Suitable products for what the customer said; nothing is guessed."""
    customer = await signed_in_customer(turn)
    if customer is None:
        return ask_to_sign_in(turn)
    return await needs.offer(turn, customer, need_of(named))


def need_of(named: Named) -> RecommendationRequest:
    """The need as one message tells it; an amount without a currency is in the bank's own."""
    amount = (
        Money(amount=named.amount, currency=named.currency or BASE_CURRENCY)
        if named.amount
        else None
    )
    return RecommendationRequest.model_validate(
        {
            "goal": named.first("goal"),
            "amount": amount,
            "horizon_months": named.first("horizon"),
            "limit": needs.OFFERED,
        }
    )


def _bookings(named: Named) -> queries.Bookings:
    return queries.Bookings(named.days, named.first("merchant", "organisation"), named.amount)


async def _accounts(
    session: AsyncSession, language: Language, customer: Customer, named: Named
) -> list[str]:
    return [
        f"• {_kind(a.kind, language)} ****{a.iban[-4:]}: {money_text(a.balance, a.currency, language)}"
        for a in await queries.accounts_of(session, customer)
    ]


async def _transactions(
    session: AsyncSession, language: Language, customer: Customer, named: Named
) -> list[str]:
    return [
        f"• {day_text(t.booked_at, language)} {t.counterparty}: {money_text(t.amount, t.currency, language)}"
        for t in await queries.transactions_of(session, customer, RECENT, _bookings(named))
    ]


async def _cards(
    session: AsyncSession, language: Language, customer: Customer, named: Named
) -> list[str]:
    return [
        f"• {_kind(c.kind, language)} ****{c.last_four}: {_kind(c.state, language)}, {c.expires_on:%m/%y}"
        for c in await queries.cards_of(session, customer)
    ]


async def _loans(
    session: AsyncSession, language: Language, customer: Customer, named: Named
) -> list[str]:
    return [
        f"• {_kind(loan.kind, language)}: {money_text(loan.outstanding, loan.currency, language)}, "
        f"{loan.next_due_on.isoformat()}: {money_text(loan.instalment, loan.currency, language)}"
        for loan in await queries.loans_of(session, customer)
    ]


async def _holdings(
    session: AsyncSession, language: Language, customer: Customer, named: Named
) -> list[str]:
    return [
        f"• {name_of(product, language)} ({product.risk_level}): "
        f"{money_text(holding.value, holding.currency, language)}"
        for holding, product in await queries.holdings_of(session, customer)
    ]


VIEWS: dict[
    str, tuple[str, Callable[[AsyncSession, Language, Customer, Named], Awaitable[list[str]]]]
] = {
    "show_balance": ("accounts", _accounts),
    "show_transactions": ("transactions", _transactions),
    "show_cards": ("cards", _cards),
    "show_loans": ("loans", _loans),
    "show_holdings": ("holdings", _holdings),
}
