"""An offer in the conversation: beside a farewell or a thank-you, once, and only where marketing and compliance allow it.

What is answered next decides: "tell me more" makes a lead and reads out what must be read out, "no, thanks" is remembered.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from actions.customers.models import Customer
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn
from actions.marketing.campaigns import contact_by_id, next_best_offer
from actions.marketing.leads import open_lead
from actions.marketing.models import Campaign
from actions.marketing.schemas import CampaignChannel, LeadNew
from actions.products.models import Product
from actions.products.queries import name_of
from actions.recommendations.outcomes import decline

OFFER = "offer"  # in a conversation's memory: the contact, and the message after which it was shown
OFFERED = "offered_once"  # that this conversation has had its offer
_MORE = re.compile(
    r"\s*(?:yes,?\s*)?(?:please\s*)?(?:tell me more|more details|i(?:'m| am) interested|sounds good|想了解(?:一下)?|了解一下|感兴趣|"
    r"告诉我更多|详细说说)\s*[.!。！]?\s*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\s*(?:no(?:,?\s*(?:thanks|thank you))?|not interested|不用了?[，,]?(?:谢谢)?|不感兴趣|不需要)\s*[.!。！]?\s*",
    re.IGNORECASE,
)


async def beside(turn: Turn) -> Reply | None:
    """An offer for the signed-in customer, if there is one that may be shown in this moment; at most one a conversation."""
    watchlist = turn.services.watchlist
    if watchlist is None or turn.speaker.customer_id is None or OFFERED in turn.memory:
        return None
    customer = await turn.session.get_one(Customer, turn.speaker.customer_id)
    channel: CampaignChannel = "app" if turn.channel == "app" else "web"
    found = await next_best_offer(
        turn.session, watchlist, customer, channel, turn.signs, turn.language, turn.now
    )
    if found is None:
        return None
    turn.memory[OFFERED] = True
    turn.memory[OFFER] = {"contact": str(found.contact.id), "after": str(turn.message_id)}
    lines = [found.text, *found.reasons[:1], *found.disclosures]
    taps = [
        quick("offer_more", "offer_more", turn.language),
        quick("offer_no", "offer_no", turn.language),
    ]
    product = {
        "product_id": str(found.product.id),
        "name": name_of(found.product, turn.language),
        "risk_level": found.product.risk_level,
        "reasons": found.reasons[:1],
        "disclosures": list(found.disclosures),
    }
    action = {
        "type": "recommendation.shown",
        "id": str(found.contact.id),
        "campaign": found.campaign.code,
        "products": [product],
    }
    return Reply("\n".join(lines), quick_replies=taps, actions=[action])


def is_answer(memory: dict[str, Any], text: str) -> bool:
    """Whether a message takes or declines the offer that was shown just before."""
    return OFFER in memory and bool(_MORE.fullmatch(text) or _NO.fullmatch(text))


async def take(turn: Turn) -> Reply | None:
    """Make a lead of a yes and remember a no; None when the message is about something else."""
    kept = turn.memory.get(OFFER)
    if kept is None or kept["after"] == str(turn.message_id):
        return None  # it was shown in this very turn
    turn.memory.pop(OFFER)
    wants = bool(_MORE.fullmatch(turn.text))
    if turn.speaker.customer_id is None or not (wants or _NO.fullmatch(turn.text)):
        return None
    contact = await contact_by_id(turn.session, UUID(kept["contact"]))
    campaign = await turn.session.get_one(Campaign, contact.campaign_id)
    product = await turn.session.get_one(Product, campaign.product_id)
    if not wants:
        contact.declined_at = turn.now
        customer = await turn.session.get_one(Customer, turn.speaker.customer_id)
        await decline(turn.session, turn.speaker, customer, [product.id], turn.now)
        return Reply(say("offers_declined", turn.language))
    contact.clicked_at = contact.clicked_at or turn.now
    new = LeadNew(
        customer_id=turn.speaker.customer_id,
        subject=name_of(product, turn.language),
        product_id=product.id,
        conversation_id=turn.speaker.conversation_id,
    )
    await open_lead(turn.session, turn.speaker, new, "campaign", turn.now, contact=contact)
    text = say(
        "offer_taken",
        turn.language,
        product=name_of(product, turn.language),
        level=product.risk_level,
    )
    return Reply("\n".join([text, *product.disclosures[turn.language]]))
