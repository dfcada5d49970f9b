"""Quick replies, and words that refer to the last offer: yes, the second one, the debit one."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.dialogue import lexicon
from assistant.dialogue.commands import (
    Chitchat,
    Choose,
    Command,
    DeclineOffer,
    Handoff,
    StartFlow,
)
from assistant.dialogue.resolution.context import Context, asks, flow_of, folded, start_flow
from assistant.dialogue.state import Offer, OfferItem
from core.languages import Language

MAX_TAKEN = 80  # characters of a yes with values beside it
MAX_CHOICE_WORDS = 6  # of a message that picks an offered item by its words


def tapped(context: Context) -> Command | None:
    """A quick reply, word for word: of the last offer, or of an earlier one whose words name a flow."""
    text = folded(context.reading.text)
    offer = context.state.last_offer
    for number, item in enumerate(offer.items if offer else ()):
        if text in (folded(item.payload), folded(item.title)) and context.state.offer:
            return Choose(item=number)
    for flow in context.flows.flows.values():
        if text in (_folded_title(flow.title.en), _folded_title(flow.title.zh)):
            return start_flow(context, flow, context.reading.clauses, at_once=False)
    return None


# Every message is compared with every flow's titles, which change when a flow is published.
_folded_title = lru_cache(maxsize=1024)(folded)


def of_the_offer(context: Context) -> list[Command]:
    """A message that only answers what was offered last."""
    offer, text = context.state.offer, context.reading.normalised
    if offer is None or not offer.items:
        return []
    place = _numbered(text, offer) if text.strip()[:1].isdigit() else None
    place = lexicon.ordinal(text, len(offer.items)) if place is None else place
    if place is not None:
        return [Choose(item=place)]
    if lexicon.affirms(text):
        return [_accepted(context, offer, text)]
    if taken := _taken_with_words(context, offer):
        return [taken]
    if lexicon.denies(text) or lexicon.skip_reason(text) == "none_of_these":
        return [DeclineOffer()]
    picked = _picked(text, offer, context.language)
    return [] if picked is None else [Choose(item=picked)]


def _accepted(context: Context, offer: Offer, text: str) -> Command:
    """What a yes means: the only item, else which is asked; an “ok” takes nothing that acts at once."""
    if lexicon.acknowledges(text) and any(_acts_at_once(context, item) for item in offer.items):
        return Chitchat(kind="affirm")
    if not re.search(r"\w", context.reading.text):
        return Choose(item=-1)  # a picture alone says “fine” as often as “do it”
    is_clear = all(isinstance(item.command, Handoff) for item in offer.items[1:])
    return Choose(item=0 if is_clear else -1)


def _taken_with_words(context: Context, offer: Offer) -> Command | None:
    """A yes with values beside it, "yes, both of them please": the one task that was offered, begun with them."""
    text = context.reading.normalised
    tasks = [one.command for one in offer.items if isinstance(one.command, StartFlow)]
    flow = context.flows.flows.get(tasks[0].flow) if len(tasks) == 1 else None
    if flow is None or len(text) > MAX_TAKEN or not lexicon.begins_with_yes(text):
        return None
    if lexicon.objects(text) or any(asks(context, one) for one in context.reading.clauses):
        return None
    begun = start_flow(context, flow, context.reading.clauses, at_once=False)
    said_again = any(
        one.stance == "asserted" and flow_of(one, context.flows) is flow
        for one in context.reading.clauses
    )
    goes_on = bool(begun.slots) or said_again or lexicon.wants_it_done(text)
    if not goes_on:
        return None
    return begun.model_copy(update={"slots": {**tasks[0].slots, **begun.slots}, "at_once": True})


def _acts_at_once(context: Context, item: OfferItem) -> bool:
    """Whether choosing an item does something at once, without another question."""
    if isinstance(item.command, Handoff):
        return True
    name = item.command.flow if isinstance(item.command, StartFlow) else ""
    flow = context.flows.flows.get(name)
    return flow is not None and flow.effect in ("protective", "handoff")


def _numbered(text: str, offer: Offer) -> int | None:
    """The item that itself begins with this number, as a score does; its place in the list is not meant then."""
    digits = re.match(r"\s*(\d+)", text)
    titles = [re.match(r"\d+", item.title) for item in offer.items]
    if digits is None or not all(titles):
        return None
    return next((n for n, found in enumerate(titles) if found and found[0] == digits[1]), None)


def _picked(text: str, offer: Offer, language: Language) -> int | None:
    """The one item whose words a short message names, and no question: "the debit one"."""
    if lexicon.is_question(text, language):
        return None
    words = _words(text, language)
    if not words or len(words) > MAX_CHOICE_WORDS:
        return None
    matching = [
        number
        for number, item in enumerate(offer.items)
        if words <= _words(f"{item.title} {item.payload}", language)
    ]
    return matching[0] if len(matching) == 1 else None


_FILLERS = frozenset(
    {"the", "a", "an", "one", "ones", "my", "please", "that", "this", "it", "is", "i", "mean"}
    | {"want", "take", "pick", "with", "to", "of", "card", "ending"}
)


def _words(text: str, language: Language) -> frozenset[str]:
    """What of a text can tell items apart: words without fillers, or pairs of Han characters."""
    latin = {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _FILLERS}
    if language == "en":
        return frozenset(latin)
    han = re.sub(r"[那这]?[张个条项]?(?:吧|的|呢|我要|我选|就|选|要)", "", text)
    han = "".join(re.findall(r"[\u3400-\u9fff]", han))
    return frozenset(latin | {han[at : at + 2] for at in range(len(han) - 1)})
