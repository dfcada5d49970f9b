"""The dialogue while Rasa is away: questions are answered, a person and a ticket can still be asked for."""

from __future__ import annotations

import asyncio

import numpy as np

from actions.dialogue import handoff, knowledge, tickets
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, Turn
from core.contacts import find_contact
from nlu.training import phrasings

NEAR = 0.72  # cosine to a training phrasing from which the intent is believed
TASKS = ("talk_to_person", "open_ticket")
PENDING = "degraded_ticket"


async def respond(turn: Turn) -> list[Reply]:
    """Replies to the turn."""
    if turn.memory.get(PENDING) is not None:
        return [await _go_on_with_ticket(turn)]
    match await _task(turn):
        case "talk_to_person":
            return [await handoff.to_a_person(turn)]
        case "open_ticket":
            said = tickets.description_in(turn.text, "open_ticket", turn.language)
            return [await _ticket_with(turn, said, find_contact(turn.text))]
    return await knowledge.answer(turn)


async def _task(turn: Turn) -> str | None:
    """The task whose training phrasings are nearest, if they are near."""
    encoder = turn.services.search.encoder
    vector = await encoder.encode(turn.text[:200])
    best, chosen = NEAR, None
    for task in TASKS:
        known = [text for language, text in phrasings(task) if language == turn.language]
        vectors = await asyncio.gather(
            *(encoder.encode(text) for text in known)
        )  # from its cache, but for the first time
        similar = float(np.max(np.stack(vectors) @ vector))
        if similar > best:
            best, chosen = similar, task
    return chosen


async def _go_on_with_ticket(turn: Turn) -> Reply:
    kept = turn.memory[PENDING]
    description = kept.get("description") or turn.text[:5000]
    contact = kept.get("contact") or find_contact(turn.text)
    if kept.get("description") and contact is None and not turn.signed_in:
        turn.memory.pop(PENDING)
        return Reply(say("ticket_not_opened", turn.language))
    return await _ticket_with(turn, description, contact)


async def _ticket_with(turn: Turn, description: str | None, contact: str | None) -> Reply:
    if description is None:
        turn.memory[PENDING] = {"contact": contact}
        return Reply(say("ask_description", turn.language))
    if contact is None and not turn.signed_in:
        turn.memory[PENDING] = {"description": description}
        return Reply(say("ask_contact", turn.language))
    turn.memory.pop(PENDING, None)
    return await tickets.write_ticket(turn, description, None, contact)
