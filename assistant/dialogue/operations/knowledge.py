"""Answering a question from the articles with citations, else honest doubt with what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.dialogue import lexicon
from assistant.dialogue.commands import AnswerQuestion, StartFlow, SwitchLanguage
from assistant.dialogue.flows.definition import TICKET_FLOW, FlowDefinition
from assistant.dialogue.operations.context import OperationContext
from assistant.dialogue.operations.topics import aspect_in, product_in
from assistant.dialogue.outputs import Doubt, Outcome, Reply
from assistant.dialogue.slot_types import prefilled
from assistant.dialogue.state import OfferItem, Topic
from assistant.dialogue.wording import person_item
from core.identity import audience_of
from core.languages import Language
from knowledge_base.answers import answer_question, keep_gap
from knowledge_base.schemas import Answer, Citation

MAX_QUESTION = 300  # characters of a question that the topic remembers
MAX_OPEN_TOPIC = 80  # of one that was not answered
MAX_SUGGESTIONS = 3
LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "zh": "中文"}  # in their own words
# By which the bare question must be answered more surely than the complete one, which alone says all that is meant.
MARGIN = 0.1
# Cosine of an alternative's title to the question below which it is no likely meaning. On the demonstration's articles, titles
# came to at most 0.28 of twenty questions that had nothing to do with a bank, and what was meant to 0.41 and more.
ALTERNATIVE_FLOOR = 0.35


# One's own payment or account held, reviewed or listed: what a check found is nobody's to tell (tipping-off), so that such a
# question gets the same answer whether anything was found or not.
_OWN_REVIEW = re.compile(
    r"\b(?:why|am i|is my|are my|was my|has my|what)\b.{0,60}\b(?:review(?:ed)?|held|on hold|flagged|blacklist(?:ed)?|watch ?list|"
    r"screened|investigat\w+|suspicious|sanction\w*)\b|"
    r"我.{0,20}(?:审核|审查|风控|被拦截|黑名单|可疑|名单|调查|洗钱|制裁)",
    re.IGNORECASE,
)


async def answer(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Answer `question`, or its complete form `rewritten`, whichever an article answers more surely.

    `suggest` names flows that are offered beside the answer. An unanswered question is recorded as a gap; it counts as no
    help unless it had nothing to do with the bank (`about_the_bank`).
    """
    if context.signed_in and _OWN_REVIEW.search(arguments["question"][:MAX_QUESTION]):
        return Outcome((Reply(context.say("dialogue.own_review")),), offer=context.person_offer())
    question, best = await _best(context, arguments)
    suggested = suggestions(context, arguments.get("suggest") or (), arguments["question"])
    if best.answerable:
        return _answered(context, question, best, suggested)
    if arguments.get("aside"):
        return Outcome()
    if suggested and arguments.get("instead"):
        return Outcome(doubt=Doubt(question, can_act=True), offer=context.offer(*suggested))
    if begins := arguments.get("otherwise"):
        gap = await keep_gap(context.session, question, best, "public", context.conversation_id)
        recorded = {"type": "gap.recorded", "id": str(gap.id)}
        return Outcome((Reply("", actions=[recorded]),), begins=begins)
    about_the_bank = arguments.get("about_the_bank", True)
    return await _unanswered(
        context, question, best, suggested, arguments["question"], about_the_bank=about_the_bank
    )


def suggestions(context: OperationContext, names: Any, text: str) -> list[OfferItem]:
    """Flows as items of an offer, in the order of their names; none that was offered just now."""
    flows = [context.flows.flows[name] for name in names if name in context.flows.flows]
    again = _offered_titles(context)
    titles = [(flow.title.of(context.language), flow) for flow in flows[:MAX_SUGGESTIONS]]
    return [
        OfferItem.titled(title, _begun(context, flow, text))
        for title, flow in titles
        if title not in again
    ]


def _begun(context: OperationContext, flow: FlowDefinition, text: str) -> StartFlow:
    """The command of a suggestion: begun with what the message says beyond doubt; a card only by its kind or digits.

    What the customer writes of their own, such as a description, is the whole message.
    """
    slots = prefilled(flow, text, context.text, (), context.facts)
    return StartFlow(flow=flow.name, slots=slots, text=text)


def _offered_titles(context: OperationContext) -> set[str]:
    """What the last reply offered, which is not offered twice in a row."""
    offer = context.state.last_offer
    return {item.title for item in offer.items} if offer else set()


async def _best(context: OperationContext, arguments: Mapping[str, Any]) -> tuple[str, Answer]:
    """The question as it was answered, and its answer; the complete question where neither is answered."""
    question, rewritten = arguments["question"], arguments.get("rewritten")
    topic = context.state.topic
    earlier = arguments.get("before") or (topic.question if topic else None)
    bare = await _attempt(context, question, earlier)
    if not rewritten or rewritten == question:
        return question, bare
    complete = await _attempt(context, rewritten, None)
    bare_is_surer = bare.answerable and bare.confidence > complete.confidence + MARGIN
    if bare_is_surer or (bare.answerable and not complete.answerable):
        return question, bare
    return rewritten, complete


async def _attempt(context: OperationContext, question: str, earlier: str | None) -> Answer:
    return await answer_question(
        context.session,
        context.services.search,
        question,
        context.language,
        audience_of(context.speaker),
        context.now,
        context.services.answer_threshold,
        earlier,
    )


def _answered(
    context: OperationContext, question: str, best: Answer, suggested: list[OfferItem]
) -> Outcome:
    first = best.citations[0]
    topic = Topic(
        question=question[:MAX_QUESTION],
        article_id=first.article_id,
        title=first.title,
        product=product_in(question) or product_in(first.title),
        aspect=aspect_in(question, context.language),
        turn=context.state.turn,
    )
    text, cited = _unlike_the_last(context, best)
    if not text:
        text = context.say("dialogue.answered_already", title=first.title)
        suggested = [*suggested, person_item(context.language)]
    citations = [citation.model_dump(mode="json") for citation in cited]
    offer = context.offer(*suggested) if suggested else None
    return Outcome((Reply(text, citations=citations),), topic=topic, offer=offer)


def _unlike_the_last(context: OperationContext, best: Answer) -> tuple[str, list[Citation]]:
    """The answer; where the customer has just read it, its nearest passage alone, and no text where that was all of it."""
    last = context.state.last_text
    if best.text not in last:
        return best.text, best.citations
    nearest = max(best.citations, key=lambda citation: citation.score)
    only_part = nearest.passage not in (best.text, last)
    return (nearest.passage if only_part else ""), [nearest]


async def _unanswered(
    context: OperationContext,
    question: str,
    best: Answer,
    suggested: list[OfferItem],
    asked: str,
    *,
    about_the_bank: bool,
) -> Outcome:
    gap = await keep_gap(context.session, question, best, "public", context.conversation_id)
    alternatives = await _alternatives(context, question, best)
    recorded = {"type": "gap.recorded", "id": str(gap.id)}
    items = [*alternatives, *suggested, *_other_language(context)]
    return Outcome(
        (Reply("", actions=[recorded]),),
        doubt=Doubt(asked, can_pass_on=_is_passed_on(items)),
        helped=not about_the_bank,
        topic=_open_topic(context, question) if about_the_bank else None,
        offer=context.offer(*items) if items else None,
    )


def _other_language(context: OperationContext) -> list[OfferItem]:
    """The other language, where the message names it and may want it."""
    named = lexicon.named_language(context.text[:MAX_QUESTION])
    if named is None or named == context.state.language:
        return []
    return [OfferItem.titled(LANGUAGE_NAMES[named], SwitchLanguage(language=named))]


def _is_passed_on(items: Sequence[OfferItem]) -> bool:
    """Whether the message can be passed on as a ticket."""
    return any(
        isinstance(one.command, StartFlow) and one.command.flow == TICKET_FLOW for one in items
    )


def _open_topic(context: OperationContext, question: str) -> Topic | None:
    """A short question stays the topic though nothing answered it; a statement does not become one."""
    if len(question) > MAX_OPEN_TOPIC or not lexicon.is_question(question, context.language):
        return None
    return Topic(question=question)


async def _alternatives(context: OperationContext, question: str, best: Answer) -> list[OfferItem]:
    """The articles that may have been meant; none below the floor, and none that was offered just now."""
    if not best.alternatives:
        return []
    titles = [alternative.title for alternative in best.alternatives]
    encoder = context.services.search.encoder
    vectors = await encoder.encode_all([question, *titles])
    again = _offered_titles(context)
    return [
        OfferItem.titled(title, AnswerQuestion(question=title))
        for title, cosine in zip(titles, vectors[1:] @ vectors[0], strict=True)
        if cosine >= ALTERNATIVE_FLOOR and title not in again
    ]
