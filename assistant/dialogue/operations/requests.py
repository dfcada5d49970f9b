"""A request of the service catalogue, written after it was collected and confirmed; what can be done at once is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from actions.customers.models import Card
from actions.tickets.catalogue.service import (
    is_sure_enough,
    may_ask,
    request_service,
    service_of,
)
from actions.tickets.ticket_config.contents import ServiceContent
from actions.tickets.ticket_config.service import load_ticket_config
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.operations.cards import block_effect
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    refusal,
    ticket_action,
)
from assistant.dialogue.operations.tickets import visitor_contact
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import EffectDone, OfferItem
from assistant.dialogue.wording import person_item
from core.errors import Invalid
from core.localized_text import translate


async def write(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Write the request `code` with its `answers`; whoever took longer than the second factor counts confirms it again."""
    config, code = await load_ticket_config(context.session), str(arguments.get("code"))
    if code not in config.services:
        return refusal(context, context.say("dialogue.request_gone"))
    service = service_of(config, code)
    answers = {k: v for k, v in (arguments.get("answers") or {}).items() if v is not None}
    contact = answers.pop("contact", None) if _asks_no_contact(service) else None
    name = service.names.of(context.language)
    if not may_ask(service, context.speaker):
        return refusal(context, context.say("dialogue.request_sign_in", name=name))
    if not is_sure_enough(service, context.speaker, context.now):
        return _confirm_again(context, service, code, answers)
    active = await _active_cards(context, service, answers)
    try:
        ticket, done = await request_service(
            context.session,
            context.speaker,
            config,
            code,
            answers,
            context.now,
            customer_id=context.speaker.customer_id,
            language=context.language,
            contact=visitor_contact(context, contact or arguments.get("contact")),
            channel=context.channel,
        )
    except Invalid as error:
        reasons = [translate(text, context.language) for _, text in error.errors]
        text = context.say("dialogue.request_incomplete", name=name, reason=" ".join(reasons))
        return refusal(context, text)
    wording = "dialogue.request_done_at_once" if done else "dialogue.request_written"
    text = context.say(wording, name=name, reference=ticket.reference)
    reply = Reply(text, actions=[*done, ticket_action("ticket.created", ticket)])
    slots = {"reference": ticket.reference}
    return Outcome((reply,), effect=_effect(context, done, active), slots=slots)


def _asks_no_contact(service: ServiceContent) -> bool:
    """Whether `contact` among the answers is how a visitor is reached, and no field of the request's own."""
    return all(field.key != "contact" for field in service.fields)


def _confirm_again(
    context: OperationContext, service: ServiceContent, code: str, answers: dict[str, Any]
) -> Outcome:
    name = service.names.of(context.language)
    command = StartFlow(flow=f"service.{code}", slots=answers)
    again = OfferItem.titled(name, command)
    offer = context.offer(again, person_item(context.language))
    return refusal(context, context.say("dialogue.request_be_sure", name=name), offer)


async def _active_cards(
    context: OperationContext, service: ServiceContent, answers: Mapping[str, Any]
) -> list[Card]:
    """The cards that the request would block and that are still active."""
    if service.effect != "lock_card":
        return []
    fields = [field.key for field in service.fields if field.type == "card"]
    ids = [card_id for key in fields if (card_id := as_uuid(answers.get(key)))]
    own = select(Card).where(Card.id.in_(ids), Card.customer_id == context.speaker.customer_id)
    active = own.where(Card.state == "active").with_for_update()
    return list((await context.session.scalars(active)).all())


def _effect(
    context: OperationContext, done: list[dict[str, str]], active: list[Card]
) -> EffectDone | None:
    blocked = {action["id"] for action in done if action["type"] == "card.blocked"}
    return block_effect(context, [card for card in active if str(card.id) in blocked])
