"""What the copilot shows beside a conversation: summary, intent and mood, a reply, articles, tickets, actions, warnings.

What it says of the conversation is in the employee's language, what may be sent is in the customer's. A reply is made of
public articles only; staff's own are offered for reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries as customers
from actions.customers.access import audit_read
from actions.customers.models import Customer
from actions.customers.views import customer_out
from actions.marketing.campaigns import next_best_offer
from actions.tickets.routing.signals import SIGNALS
from assistant.conversations import queries
from assistant.conversations.models import Conversation, Message
from assistant.copilot import log
from assistant.copilot.questions import Copilot
from assistant.copilot.wording import ACTIONS, INTENTS, MOODS, WARNINGS, summary_of
from assistant.dialogue.signs import signs_from_json, signs_in
from core.contacts import find_contact
from core.identity import Audience, Staff, audience_of
from core.languages import Language
from knowledge_base.answers import answer_question, search_passages
from knowledge_base.catalogue import Filter
from knowledge_base.schemas import SearchResult
from nlu.client import Parse

SHOWN_ARTICLES = SHOWN_TICKETS = 3
LOOKED_AT = 30  # related tickets among which the resolved ones are looked for
MOOD_MESSAGES = 3  # of the customer's last, in which signs of the mood are read
LOOKED_BACK = 4  # of the customer's messages, among which the topic is
# Intents of messages that name no topic of their own.
NO_TOPIC = frozenset(
    {
        "talk_to_person",
        "greet",
        "thank",
        "goodbye",
        "affirm",
        "deny",
        "help",
        "repeat",
        "restart",
        "give_feedback",
    }
)
SOLVED = ("resolved", "closed", "archived")
MUST_ACKNOWLEDGE = (
    "kyc_rejected",
    "kyc_not_valid",
    "crisis",
    "scam",
    "bereavement",
    "illness",
    "hardship",
)


class IntentRow(TypedDict):
    """What the customer wants, and how sure that is."""

    name: str
    title: str
    confidence: float


class MoodRow(TypedDict):
    """How the customer is, and the words that tell."""

    name: str
    title: str
    words: str | None


class ReplyRow(TypedDict):
    """What may be sent, with its sources."""

    text: str
    citations: list[dict[str, object]]


class SolvedRow(TypedDict):
    """A resolved ticket about the same."""

    id: str
    reference: str
    subject: str
    state: str
    cause: str | None
    cosine: float


class ActionRow(TypedDict):
    """What the agent could do next, with a form filled in."""

    type: str
    title: str
    reason: str
    prefill: dict[str, str]


class WarningRow(TypedDict):
    """What must be known before writing."""

    code: str
    text: str
    must_acknowledge: bool


async def suggest(
    copilot: Copilot,
    session: AsyncSession,
    caller: Staff,
    conversation_id: UUID,
    now: datetime,
    *,
    language: Language | None,
    another: bool,
) -> dict[str, object]:
    """Everything that helps with the last message; with `another`, a reply from an article that was not tried yet. Logged."""
    conversation = await queries.load(session, caller, conversation_id)
    messages = await queries.transcript(session, conversation)
    customer_messages = [m for m in messages if m.author == "customer"]
    last = customer_messages[-1] if customer_messages else None
    reply_language: Language = language or (last or conversation).language
    customer = await _customer(session, caller, conversation)
    topic, intent = await topic_of(copilot, customer_messages)
    shown = {
        "summary": summary_of(conversation, messages, customer, reply_language),
        "intent": _intent(intent, reply_language),
        "mood": mood_of(customer_messages, reply_language),
        "reply": await _reply(copilot, session, caller, conversation, topic, now, another=another),
        "articles": [
            article.model_dump(mode="json")
            for article in await _articles(copilot, session, topic, audience_of(caller), now)
        ]
        if topic
        else [],
        "similar_tickets": await _solved(copilot, session, caller, topic),
        "next_actions": [
            *actions_for(conversation, customer_messages, reply_language),
            *await _offers(copilot, session, caller, conversation, customer, reply_language, now),
        ],
        "warnings": warnings_for(conversation, customer, now.date(), reply_language),
        "customer": customer_out(customer).model_dump(mode="json") if customer else None,
    }
    logged = await log.keep_suggestion(
        session, caller, conversation, topic.id if topic else None, shown, now
    )
    open_warnings = await log.open_warnings(session, caller, conversation)
    if customer:  # last, since whoever holds the trail must wait for nobody who waits for it
        await audit_read(session, caller, customer, "copilot")
    return {**shown, "id": logged.id, "unacknowledged": open_warnings}


async def _customer(
    session: AsyncSession, caller: Staff, conversation: Conversation
) -> Customer | None:
    if conversation.customer_id is None or "customers:read" not in caller.permissions:
        return None
    return await customers.load_customer(session, caller, conversation.customer_id)


async def _articles(
    copilot: Copilot,
    session: AsyncSession,
    last: Message,
    audiences: tuple[Audience, ...],
    now: datetime,
    limit: int = SHOWN_ARTICLES,
) -> list[SearchResult]:
    language: Language = last.language
    allowed = Filter(audiences, language, now)
    return await search_passages(session, copilot.search, last.text, language, allowed, limit)


async def _reply(
    copilot: Copilot,
    session: AsyncSession,
    caller: Staff,
    conversation: Conversation,
    last: Message | None,
    now: datetime,
    *,
    another: bool,
) -> ReplyRow:
    """What may be sent, with its sources; empty where the articles say nothing."""
    nothing: ReplyRow = {"text": "", "citations": []}
    if last is None:
        return nothing
    if not another:
        language: Language = last.language
        answer = await answer_question(
            session, copilot.search, last.text, language, ("public",), now, copilot.threshold
        )
        cited = [c.model_dump(mode="json") for c in answer.citations]
        return {"text": answer.text, "citations": cited} if answer.answerable else nothing
    tried = await log.earlier_replies(session, caller, conversation, last.id)
    hits = await _articles(copilot, session, last, ("public",), now, SHOWN_ARTICLES + len(tried))
    fresh = next((result for result in hits if result.slug not in tried), None)
    if fresh is None:
        return nothing
    return {"text": fresh.passage, "citations": [fresh.model_dump(mode="json")]}


async def topic_of(
    copilot: Copilot, messages: Sequence[Message]
) -> tuple[Message | None, Parse | None]:
    """The message that help is wanted with, and what was understood of it.

    "I want a person" or "thank you" is about what was asked before it; when nothing was, it is the last message itself.
    """
    last = None
    for message in reversed(messages[-LOOKED_BACK:]):
        parse = await copilot.parse(message.text)
        if parse is None or parse.intent not in NO_TOPIC:
            return message, parse
        last = last or (message, parse)
    return last or (None, None)


def _intent(parse: Parse | None, language: Language) -> IntentRow | None:
    if parse is None or parse.intent is None:
        return None
    title = INTENTS.get(parse.intent, {}).get(language, parse.intent.replace("_", " "))
    return {"name": parse.intent, "title": title, "confidence": round(parse.confidence, 2)}


def mood_of(messages: Sequence[Message], language: Language) -> MoodRow:
    """How the customer is, by the signs in the last messages, the gravest first; calm when there are none."""
    seen = [sign for m in messages[-MOOD_MESSAGES:] for sign in signs_in(m.text, m.language)]
    gravest = min(seen, key=lambda sign: SIGNALS.index(sign.signal), default=None)
    name = gravest.signal if gravest else "calm"
    return {
        "name": name,
        "title": MOODS[name][language],
        "words": gravest.words if gravest else None,
    }


async def _solved(
    copilot: Copilot, session: AsyncSession, caller: Staff, last: Message | None
) -> list[SolvedRow]:
    """Tickets about the same that were resolved."""
    if last is None or "tickets:read" not in caller.permissions:
        return []
    vector = await copilot.search.encoder.encode(last.text)  # known by now
    near = await copilot.tickets.related(session, caller, vector, LOOKED_AT)
    solved = [(ticket, cosine) for ticket, cosine in near if ticket.state in SOLVED][:SHOWN_TICKETS]
    return [
        {
            "id": str(t.id),
            "reference": t.reference,
            "subject": t.subject,
            "state": t.state,
            "cause": t.root_cause,
            "cosine": round(cosine, 2),
        }
        for t, cosine in solved
    ]


def actions_for(
    conversation: Conversation, messages: Sequence[Message], language: Language
) -> list[ActionRow]:
    """What the agent could do next, with a form filled in."""
    if not messages:
        return []
    contact = next((address for m in reversed(messages) if (address := find_contact(m.text))), None)
    prefill = {
        "subject": messages[-1].text[:80],
        "description": "\n".join(m.text for m in messages[-3:]),
        "conversation_id": str(conversation.id),
        "language": conversation.language,
        **({"customer_id": str(conversation.customer_id)} if conversation.customer_id else {}),
        **({"contact": contact} if contact and not conversation.customer_id else {}),
    }
    offered = [_action("open_ticket", language, prefill)]
    if conversation.customer_id:
        sale = {"customer_id": str(conversation.customer_id), "purpose": "product_sale"}
        offered.append(_action("check_sale", language, sale))
    return offered


def _action(code: str, language: Language, prefill: dict[str, str]) -> ActionRow:
    words = ACTIONS[code][language]
    return {"type": code, "title": words["title"], "reason": words["reason"], "prefill": prefill}


async def _offers(
    copilot: Copilot,
    session: AsyncSession,
    caller: Staff,
    conversation: Conversation,
    customer: Customer | None,
    language: Language,
    now: datetime,
) -> list[ActionRow]:
    """The offer that may be made in this conversation now; none where the mood or compliance is against it."""
    if customer is None or "sales:work" not in caller.permissions:
        return []
    signs = signs_from_json(conversation.signals)
    offer = await next_best_offer(
        session, copilot.watchlist, customer, "workspace", signs, language, now
    )
    if offer is None:
        return []
    prefill = {
        "contact_id": offer.contact.id,
        "product_id": offer.product.id,
        "customer_id": customer.id,
    }
    title = f"Offer {offer.product.name}" if language == "en" else f"推荐{offer.product.name_zh}"
    reason = " ".join([offer.text, *offer.reasons[:2]])
    return [
        {
            "type": "offer",
            "title": title,
            "reason": reason,
            "prefill": {k: str(v) for k, v in prefill.items()},
        }
    ]


def warnings_for(
    conversation: Conversation, customer: Customer | None, today: date, language: Language
) -> list[WarningRow]:
    """What compliance wants the agent to know before they write; nothing that would tip somebody off."""
    codes = [str(entry["signal"]) for entry in conversation.signals if entry["signal"] in WARNINGS]
    if conversation.customer_id is None:
        codes.append("visitor")
    elif customer is not None and customer.kyc_state == "rejected":
        codes.append("kyc_rejected")
    elif customer is not None and (customer.kyc_state != "verified" or customer.kyc_until < today):
        codes.append("kyc_not_valid")
    return [
        {
            "code": code,
            "text": WARNINGS[code][language],
            "must_acknowledge": code in MUST_ACKNOWLEDGE,
        }
        for code in codes
    ]
