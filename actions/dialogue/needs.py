"""What a customer needs is asked, a thing at a time, beside the offers that fit what is known; what is not said is not guessed.

What was asked and what was offered stand in the conversation's memory for one message: an answer narrows the offers, a "no,
thanks" is remembered, anything else goes the usual way.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.customers.models import Customer
from actions.customers.queries import load_customer
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn
from actions.recommendations.outcomes import decline
from actions.recommendations.schemas import RecommendationRequest, RecommendationsOut
from actions.recommendations.service import recommend
from actions.tickets.catalogue.fields import is_skip
from core.languages import Language
from core.money import BASE_CURRENCY, Money
from nlu import values
from nlu.components.entity_patterns import find

NEED = "need"  # in a conversation's memory
ASKED = ("goal", "amount", "horizon")  # in this order
GOALS = ("savings", "growth", "income", "retirement", "home", "education", "protection")
HORIZONS = (12, 36, 60, 120)
OFFERED = 3
LONGEST_ANSWER = 40  # characters; who writes more says something else
_NO_THANKS = re.compile(
    r"\s*(?:no(?:,?\s*(?:thanks|thank you))?|not interested|none of (?:these|them)(?:,? (?:thanks|thank you))?|"
    r"i don'?t want (?:any|these|them)|"
    r"(?:都)?不(?:用|需要|要|感兴趣)了?[，,]?(?:谢谢)?|都不要|没兴趣)\s*[.!。！]?\s*",
    re.IGNORECASE,
)


async def offer(
    turn: Turn, customer: Customer, wanted: RecommendationRequest, skipped: tuple[str, ...] = ()
) -> Reply:
    """Products that fit what is known, with what must be read out, and the question that would say more."""
    advice = await recommend(turn.session, turn.speaker, customer, wanted, turn.language, turn.now)
    shown = [
        product.model_dump(mode="json", exclude={"score"}) for product in advice.recommendations
    ]
    actions: list[dict[str, Any]] = [
        {"type": "recommendation.shown", "id": str(advice.decision_id), "products": shown}
    ]
    if not advice.recommendations:
        turn.memory.pop(NEED, None)
        text = "\n".join(lines_of(advice, customer, wanted, turn.language))
        return Reply(
            text, quick_replies=[quick("person", "say_person", turn.language)], actions=actions
        )
    lines = lines_of(advice, customer, wanted, turn.language)
    missing = next(
        (name for name in ASKED if _known(wanted, name) is None and name not in skipped), None
    )
    turn.memory[NEED] = {
        "wanted": wanted.model_dump(mode="json"),
        "skipped": list(skipped),
        "asked": missing,
        "after": str(turn.message_id),
        "offered": [str(product.product_id) for product in advice.recommendations],
    }
    if missing:
        lines.append(say(f"ask_{missing}", turn.language))
    return Reply("\n".join(lines), quick_replies=_taps(missing, turn.language), actions=actions)


def lines_of(
    advice: RecommendationsOut,
    customer: Customer,
    wanted: RecommendationRequest,
    language: Language,
) -> list[str]:
    """What suits, with its reasons and what must be read out; or that nothing does, and why."""
    if not advice.recommendations:
        return [
            say(
                "nothing_suitable",
                language,
                reason=advice.excluded[0].reason if advice.excluded else "",
            )
        ]
    told = any(_known(wanted, name) is not None for name in ASKED)
    lines = [
        say("recommended_for_needs" if told else "recommended", language, level=customer.risk_level)
    ]
    for product in advice.recommendations:
        lines.append(f"• {product.name} ({product.risk_level}): {' '.join(product.reasons)}")
        lines += [f"  {disclosure}" for disclosure in product.disclosures]
    return lines


def is_answer(memory: dict[str, Any], text: str) -> bool:
    """Whether a message answers what was asked beside the offers, or declines them."""
    kept = memory.get(NEED)
    if kept is None or len(text) > LONGEST_ANSWER:
        return False
    return bool(_NO_THANKS.fullmatch(text)) or (
        kept["asked"] is not None and (is_skip(text) or read(kept["asked"], text) is not None)
    )


async def take(turn: Turn) -> Reply | None:
    """Go on with an answer, or remember that none of the offers is wanted; None when the message is about something else."""
    kept = turn.memory.get(NEED)
    if kept is None or kept["after"] == str(turn.message_id):
        return None  # it was asked in this very turn
    turn.memory.pop(NEED)
    if turn.speaker.customer_id is None or not is_answer({NEED: kept}, turn.text):
        return None
    customer = await load_customer(turn.session, turn.speaker, turn.speaker.customer_id)
    if _NO_THANKS.fullmatch(turn.text):
        await decline(
            turn.session, turn.speaker, customer, [UUID(key) for key in kept["offered"]], turn.now
        )
        return Reply(say("offers_declined", turn.language))
    skipped = (*kept["skipped"], kept["asked"]) if is_skip(turn.text) else tuple(kept["skipped"])
    given = {} if is_skip(turn.text) else {_field(kept["asked"]): read(kept["asked"], turn.text)}
    return await offer(
        turn, customer, RecommendationRequest.model_validate(kept["wanted"] | given), skipped
    )


def read(asked: str, text: str) -> Any:
    """A goal, a sum or a term in months that a short message gives; None when it gives none."""
    match asked:
        case "goal":
            return _goal(text)
        case "amount":
            return _amount(text)
    return values.months(text)


def _goal(text: str) -> str | None:
    """A goal by the name that was offered, or as it is said in a sentence."""
    said = text.strip().strip(".。!！").casefold()
    named = (
        goal
        for goal in GOALS
        if said in (say(f"goal_{goal}", "en").casefold(), say(f"goal_{goal}", "zh"), goal)
    )
    return next(named, None) or next(
        (found.value for found in find(text) if found.entity == "goal"), None
    )


def _amount(text: str) -> dict[str, str] | None:
    found = (
        values.money(text) if any(c.isdigit() or "\u4e00" <= c <= "\u9fff" for c in text) else None
    )
    if found is None or found["amount"] is None:
        return None
    return Money(Decimal(found["amount"]), found["currency"] or BASE_CURRENCY).as_json()


def _known(wanted: RecommendationRequest, name: str) -> Any:
    return getattr(wanted, _field(name))


def _field(name: str) -> str:
    return "horizon_months" if name == "horizon" else name


def _taps(asked: str | None, language: Language) -> list[dict[str, str]]:
    choices = {
        "goal": [f"goal_{goal}" for goal in GOALS],
        "horizon": [f"horizon_{months}" for months in HORIZONS],
    }
    taps = [quick(key, key, language) for key in choices.get(asked or "", [])]
    return [*taps, quick("no_offers", "no_offers", language)]
