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
from assistant.dialogue.readings import Clause, Entity, Reading
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
    """A message as it was read, and what it is resolved against."""

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
    """A text in the form in which a tap is compared."""
    return normalise(text).text.strip().casefold()


def conversational(text: str) -> Command | None:
    """What is said of the conversation itself: once more, from the beginning."""
    if lexicon.repeats(text):
        return Repeat()
    return Restart() if lexicon.restarts(text) else None


def steps_of(context: Context, frame: Frame) -> Sequence[Step]:
    """The steps of an open flow; none of one that is gone."""
    flow = context.flows.at(frame.flow, frame.version)
    return flow.steps_in(frame.branch) if flow else ()


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


def joined(clauses: Sequence[Clause]) -> tuple[str, list[Entity]]:
    """Clauses as one text that was read, with all that they name."""
    text = " ".join(clause.text for clause in clauses)
    return text, [entity for clause in clauses for entity in clause.entities]


def joined_words(clauses: Sequence[Clause]) -> str:
    """Clauses as one text in the customer's own words."""
    return " ".join(clause.words for clause in clauses)


def holds_value(context: Context, step: Collect, clauses: Sequence[Clause]) -> bool:
    """Whether clauses hold a typed value of a step, whatever else their words are like."""
    text, entities = joined(clauses)
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
    """Answer a clause as a question, made complete by the topic, with what can be done about it beside the answer."""
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
    """Whether a clause asks something, by its form or its stance."""
    return clause.stance == "asked" or lexicon.is_question(clause.text, context.language)


def start_flow(
    context: Context, flow: FlowDefinition, clauses: Sequence[Clause], *, at_once: bool
) -> StartFlow:
    """Begin a flow with what the message plainly holds for it."""
    text, entities = joined(clauses)
    text, words = text or context.reading.normalised, joined_words(clauses) or context.reading.text
    slots: dict[str, Any] = {}
    for step in flow.steps_in(flow.branch_for(signed_in=context.facts.signed_in)):
        if isinstance(step, Collect):
            if step.type == "card" and lexicon.keeps_a_card(text):
                continue
            own = words if step.type in FREE_TEXT else text
            value = slot_types.prefill(step, own, entities, context.facts)
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
