"""Answering a question from the articles with citations, else honest doubt with what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.dialogue.commands import AnswerQuestion, StartFlow
from assistant.dialogue.operations.context import OperationContext
from assistant.dialogue.operations.topics import aspect_in, product_in
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import OfferItem, Topic
from assistant.dialogue.wording import fresh_wording, person_item
from core.identity import audience_of
from knowledge_base.answers import Earlier, answer_question, keep_gap
from knowledge_base.schemas import Answer, Citation

MAX_QUESTION = 300  # characters of a question that the topic remembers
MAX_SUGGESTIONS = 3
# By which the bare question must be answered more surely than the complete one, which alone says all that is meant.
MARGIN = 0.1
# Cosine of an alternative's title to the question below which it is no likely meaning. On the demonstration's articles, titles
# came to at most 0.28 of twenty questions that had nothing to do with a bank, and what was meant to 0.41 and more.
ALTERNATIVE_FLOOR = 0.35
DOUBT = ("dialogue.unknown", "dialogue.unknown_again", "dialogue.unknown_third")
OFFERED = ("dialogue.can_do",)
DOUBT_WITH_ALTERNATIVES = (
    "dialogue.unknown_with_alternatives",
    "dialogue.unknown_with_alternatives_again",
)


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
    question, best = await _best(context, arguments["question"], arguments.get("rewritten"))
    suggested = suggestions(context, arguments.get("suggest") or (), question)
    if best.answerable:
        return _answered(context, question, best, suggested)
    if suggested and arguments.get("instead"):
        text = fresh_wording(OFFERED, context.language, context.state.last_text)
        return Outcome((Reply(text),), offer=context.offer(*suggested))
    about_the_bank = arguments.get("about_the_bank", True)
    return await _unanswered(context, question, best, suggested, about_the_bank=about_the_bank)


def suggestions(context: OperationContext, names: Any, text: str) -> list[OfferItem]:
    """Flows as items of an offer, in the order of their names; none that was offered just now."""
    flows = [context.flows.flows[name] for name in names if name in context.flows.flows]
    titles = [(flow.title.of(context.language), flow.name) for flow in flows]
    again = _offered_titles(context)
    return [
        OfferItem.titled(title, StartFlow(flow=name, text=text))
        for title, name in titles[:MAX_SUGGESTIONS]
        if title not in again
    ]


def _offered_titles(context: OperationContext) -> set[str]:
    """What the last reply offered, which is not offered twice in a row."""
    offer = context.state.last_offer
    return {item.title for item in offer.items} if offer else set()


async def _best(
    context: OperationContext, question: str, rewritten: str | None
) -> tuple[str, Answer]:
    """The question as it was answered, and its answer; the complete question where neither is answered."""
    topic = context.state.topic
    earlier = Earlier(topic.question, topic.article_id) if topic and topic.article_id else None
    bare = await _attempt(context, question, earlier)
    if not rewritten or rewritten == question:
        return question, bare
    complete = await _attempt(context, rewritten, None)
    bare_is_surer = bare.answerable and bare.confidence > complete.confidence + MARGIN
    if bare_is_surer or (bare.answerable and not complete.answerable):
        return question, bare
    return rewritten, complete


async def _attempt(context: OperationContext, question: str, earlier: Earlier | None) -> Answer:
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
    *,
    about_the_bank: bool,
) -> Outcome:
    gap = await keep_gap(context.session, question, best, "public", context.conversation_id)
    alternatives = await _alternatives(context, question, best)
    codes = DOUBT_WITH_ALTERNATIVES if alternatives else DOUBT
    text = fresh_wording(codes, context.language, context.state.last_text)
    recorded = {"type": "gap.recorded", "id": str(gap.id)}
    items = [*alternatives, *suggested]
    return Outcome(
        (Reply(text, actions=[recorded]),),
        helped=not about_the_bank,
        offer=context.offer(*items) if items else None,
    )


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
