"""What resolving works with: the reading in its state, and the commands that several situations share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.dialogue import follow_ups, lexicon, slot_types
from assistant.dialogue.commands import (
    AnswerQuestion,
    ChitchatKind,
    Command,
    Handoff,
    LeaveQueue,
    Repeat,
    Restart,
    StartFlow,
    SwitchLanguage,
)
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import (
    Collect,
    FlowDefinition,
    FlowSet,
    Step,
)
from assistant.dialogue.normalisation import normalise
from assistant.dialogue.readings import Clause, Reading
from assistant.dialogue.state import DialogueState, Frame, Topic
from core.languages import Language

VIEWS = frozenset(
    {"show_balance", "show_transactions", "show_cards", "show_loans", "show_holdings"}
)


SOCIAL: dict[str, ChitchatKind] = {
    "greet": "greet",
    "thank": "thank",
    "goodbye": "goodbye",
    "help": "help",
    "give_feedback": "give_feedback",
}


FREE_TEXT = frozenset({"description", "note", "name", "address"})


PREFILLED_BY_TEXT = frozenset({"description", "note"})


SURE_TASK = 0.6  # confidence from which another task is believed while a flow waits for an answer


_LANGUAGES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\benglish\b|英文|英语|\bin en\b", re.IGNORECASE),
    "zh": re.compile(r"\b(?:chinese|mandarin)\b|中文|汉语|普通话|国语", re.IGNORECASE),
}


@dataclass(frozen=True)
class Context:
    reading: Reading
    state: DialogueState
    facts: Facts
    flows: FlowSet

    @property
    def language(self) -> Language:
        """The language that the message is read in."""
        return self.reading.language


def flow_of(clause: Clause, flows: FlowSet) -> FlowDefinition | None:
    """The flow that a clause is about, whatever its stance."""
    if (
        clause.intent == "open_ticket"
        and clause.services
        and not lexicon.asks_for_ticket(clause.text)
    ):
        return flows.by_service(clause.services[0].name)
    return flows.by_intent(clause.intent)


def folded(text: str) -> str:
    return normalise(text).text.strip().casefold()


def conversational(text: str) -> Command | None:
    """What is said of the conversation itself: once more, from the beginning."""
    if lexicon.repeats(text):
        return Repeat()
    return Restart() if lexicon.restarts(text) else None


def steps_of(flow: FlowDefinition | None, frame: Frame) -> Sequence[Step]:
    if flow is None:
        return ()
    return flow.without_sign_in if frame.branch == "without_sign_in" else flow.steps


def at_any_time(context: Context, clause: Clause) -> list[Command]:
    """Commands of the conversation itself, which no flow swallows."""
    if context.state.queue is not None and _leaves_queue(context, clause):
        return [LeaveQueue()]
    command = _of_the_conversation(context, clause) if clause.stance == "asserted" else None
    return [command] if command else []


def _leaves_queue(context: Context, clause: Clause) -> bool:
    """Whether a clause gives up waiting: in plain words, or by its intent as asserted; a question or a report does not."""
    if asks(context, clause) or clause.stance in ("reported", "hypothetical", "past"):
        return False
    if lexicon.leaves_queue(clause.text):
        return True
    return clause.intent == "leave_queue" and clause.stance == "asserted"


def _of_the_conversation(context: Context, clause: Clause) -> Command | None:
    command: Command | None = None
    match clause.intent:
        case "talk_to_person" if clause.evidence:
            command = Handoff()
        case "restart" if clause.confidence >= SURE_TASK:
            command = Restart()
        case "repeat" if clause.confidence >= SURE_TASK:
            command = Repeat()
        case "switch_language":
            named = named_language(clause.text)
            if named and named != context.facts.language:
                command = SwitchLanguage(language=named)
    return command


def holds_value(context: Context, step: Collect, clauses: Sequence[Clause]) -> bool:
    text = " ".join(clause.text for clause in clauses)
    entities = [entity for clause in clauses for entity in clause.entities]
    return slot_types.holds_value(step, text, entities, context.facts)


def filters_of(clause: Clause) -> dict[str, Any]:
    """Days, party and amount that a clause names for its transactions."""
    named = {
        "days": clause.first("date"),
        "party": clause.first("merchant", "organisation"),
        "amount": clause.first("amount"),
    }
    return {name: value for name, value in named.items() if value is not None}


def ask_knowledge(
    context: Context,
    clause: Clause,
    topic: Topic | None = None,
    suggest: tuple[str, ...] = (),
) -> list[Command]:
    topic = topic or context.state.topic
    rewritten = follow_ups.rewrite(clause.text, topic, context.language)
    services = tuple(
        f"service.{candidate.name}"
        for candidate in clause.services
        if f"service.{candidate.name}" in context.flows.flows
    )
    return [
        AnswerQuestion(
            question=clause.text,
            rewritten=rewritten,
            about_the_bank=clause.intent != "out_of_scope",
            suggest=tuple(dict.fromkeys((*suggest, *services)))[:2],
            instead=bool(suggest) and not asks(context, clause),
        )
    ]


def asks(context: Context, clause: Clause) -> bool:
    return clause.stance == "asked" or lexicon.is_question(clause.text, context.language)


def start_flow(
    context: Context, flow: FlowDefinition, clauses: Sequence[Clause], *, at_once: bool
) -> StartFlow:
    """Begin a flow with what the message plainly holds for it."""
    text = " ".join(clause.text for clause in clauses) or context.reading.normalised
    words = " ".join(clause.words for clause in clauses) or context.reading.text
    entities = [entity for clause in clauses for entity in clause.entities]
    steps = (
        flow.steps if context.facts.signed_in or not flow.without_sign_in else flow.without_sign_in
    )
    slots: dict[str, Any] = {}
    for step in steps:
        if isinstance(step, Collect):
            if step.type == "card" and lexicon.keeps_a_card(text):
                continue
            said = words if step.type in FREE_TEXT else text
            value = slot_types.prefill(step, said, entities, context.facts)
            if value is not None:
                slots[step.collect] = value
    return StartFlow(flow=flow.name, slots=slots, text=context.reading.text, at_once=at_once)


def named_language(text: str) -> Language | None:
    """The one language that a text names."""
    named = [language for language, words in _LANGUAGES.items() if words.search(text)]
    return named[0] if len(named) == 1 else None


def content_of(reading: Reading) -> list[Clause]:
    """The clauses without the courtesies around them; those where there is nothing else."""
    content = [clause for clause in reading.clauses if not clause.courtesy]
    return content or list(reading.clauses)
