"""Products that suit what the customer said, with what must be read out; what is not said is not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from actions.customers.models import Customer
from actions.recommendations.outcomes import decline as remember_declined
from actions.recommendations.schemas import RecommendationRequest, RecommendationsOut
from actions.recommendations.service import recommend
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    ask_to_sign_in,
    refusal,
)
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.wording import offer_item, say
from core.languages import Language

OFFERED = 3
NEEDS = ("goal", "amount", "horizon_months")


async def show(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Products for `goal`, `amount` ({amount, currency}) and `horizon` (months); the advice is stored as it was given."""
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    need = need_of(arguments.get("goal"), arguments.get("amount"), arguments.get("horizon"))
    advice = await recommend(
        context.session, context.speaker, customer, need, context.language, context.now
    )
    text = "\n".join(lines_of(advice, customer, need, context.language))
    reply = Reply(text, actions=[_shown_action(advice)])
    products = [str(product.product_id) for product in advice.recommendations]
    if not products:
        return Outcome((reply,), stops_flow=True, offer=context.person_offer())
    none = StartFlow(flow="decline_recommendations", slots={"products": products})
    item = offer_item("dialogue.no_offers", none, context.language)
    return Outcome((reply,), offer=context.offer(item, declined=none), slots={"products": products})


def need_of(goal: Any, amount: Any, horizon: Any) -> RecommendationRequest:
    """The need as slots hold it; what is no value of its kind is left out."""
    need: dict[str, Any] = {"limit": OFFERED}
    for name, value in zip(NEEDS, (goal, amount, horizon), strict=True):
        try:
            RecommendationRequest.model_validate({name: value})
        except ValidationError:
            continue
        need[name] = value
    return RecommendationRequest.model_validate(need)


def lines_of(
    advice: RecommendationsOut, customer: Customer, need: RecommendationRequest, language: Language
) -> list[str]:
    """What suits, with its reasons and what must be read out; or that nothing does, and why."""
    if not advice.recommendations:
        reason = advice.excluded[0].reason if advice.excluded else ""
        return [say("dialogue.nothing_suitable", language, reason=reason)]
    has_need = any(getattr(need, name) is not None for name in NEEDS)
    code = "dialogue.recommended_for_needs" if has_need else "dialogue.recommended"
    lines = [say(code, language, level=customer.risk_level)]
    for product in advice.recommendations:
        lines.append(f"• {product.name} ({product.risk_level}): {' '.join(product.reasons)}")
        lines += [f"  {disclosure}" for disclosure in product.disclosures]
    return lines


def _shown_action(advice: RecommendationsOut) -> dict[str, Any]:
    products = [
        product.model_dump(mode="json", exclude={"score"}) for product in advice.recommendations
    ]
    return {"type": "recommendation.shown", "id": str(advice.decision_id), "products": products}


async def decline(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Remember that the customer wants none of `products` (ids)."""
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    ids = [key for value in arguments.get("products") or () if (key := as_uuid(value))]
    if not ids:
        return refusal(context, context.say("dialogue.offer_gone"))
    await remember_declined(context.session, context.speaker, customer, ids, context.now)
    return Outcome((Reply(context.say("dialogue.offers_declined")),))
