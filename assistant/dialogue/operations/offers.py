"""An offer of marketing beside a farewell: at most one a conversation, and only where consent and compliance allow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.customers.models import Customer
from actions.marketing.campaigns import Offer, contact_by_id, next_best_offer
from actions.marketing.leads import open_lead
from actions.marketing.models import Campaign, CampaignContact
from actions.marketing.schemas import CampaignChannel, LeadNew
from actions.products.models import Product
from actions.products.queries import name_of
from actions.recommendations.outcomes import decline as remember_declined
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    ask_to_sign_in,
    refusal,
)
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.wording import offer_item


async def next_best(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """The offer that may be shown in this moment, if there is one; no reply otherwise."""
    watchlist, customer = context.services.watchlist, await context.customer()
    if watchlist is None or customer is None or context.state.offered_product:
        return Outcome()
    channel: CampaignChannel = "app" if context.channel == "app" else "web"
    best = await next_best_offer(
        context.session, watchlist, customer, channel, context.signs, context.language, context.now
    )
    if best is None:
        return Outcome()
    text = "\n".join([best.text, *best.reasons[:1], *best.disclosures])
    slots = {"contact": str(best.contact.id)}
    accept_flow = StartFlow(flow="accept_offer", slots=slots)
    decline_flow = StartFlow(flow="decline_offer", slots=slots)
    offer = context.offer(
        offer_item("dialogue.offer_more", accept_flow, context.language),
        offer_item("dialogue.offer_no", decline_flow, context.language),
        declined=decline_flow,
    )
    reply = Reply(text, actions=[_shown_action(context, best)])
    return Outcome((reply,), offer=offer, offered_product=True)


def _shown_action(context: OperationContext, best: Offer) -> dict[str, Any]:
    product = {
        "product_id": str(best.product.id),
        "name": name_of(best.product, context.language),
        "risk_level": best.product.risk_level,
        "reasons": best.reasons[:1],
        "disclosures": list(best.disclosures),
    }
    return {
        "type": "recommendation.shown",
        "id": str(best.contact.id),
        "campaign": best.campaign.code,
        "products": [product],
    }


async def accept(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """The customer wants to know more of the offer `contact`: a lead, and what must be read out."""
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    contact = await _own_contact(context, customer, arguments)
    if contact is None:
        return refusal(context, context.say("dialogue.offer_gone"))
    product = await _product_of(context, contact)
    contact.clicked_at = contact.clicked_at or context.now
    name = name_of(product, context.language)
    new = LeadNew(
        customer_id=customer.id,
        subject=name,
        product_id=product.id,
        conversation_id=context.conversation_id,
    )
    await open_lead(context.session, context.speaker, new, "campaign", context.now, contact=contact)
    text = context.say("dialogue.offer_taken", product=name, level=product.risk_level)
    return Outcome((Reply("\n".join([text, *product.disclosures[context.language]])),))


async def decline(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Remember that the customer does not want what the offer `contact` was of."""
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    contact = await _own_contact(context, customer, arguments)
    if contact is None:
        return refusal(context, context.say("dialogue.offer_gone"))
    product = await _product_of(context, contact)
    contact.declined_at = context.now
    await remember_declined(context.session, context.speaker, customer, [product.id], context.now)
    return Outcome((Reply(context.say("dialogue.offers_declined")),))


async def _own_contact(
    context: OperationContext, customer: Customer, arguments: Mapping[str, Any]
) -> CampaignContact | None:
    """The customer's own place in a campaign; another's is nobody's."""
    contact_id = as_uuid(arguments.get("contact"))
    if contact_id is None:
        return None
    contact = await contact_by_id(context.session, contact_id)
    return contact if contact.customer_id == customer.id else None


async def _product_of(context: OperationContext, contact: CampaignContact) -> Product:
    campaign = await context.session.get_one(Campaign, contact.campaign_id)
    return await context.session.get_one(Product, campaign.product_id)
