"""What resolving works with: the reading in its state, and the commands that several situations share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.dialogue import follow_ups, lexicon, slot_types
from assistant.dialogue.commands import (
    AnswerQuestion,
    Chitchat,
    ChitchatKind,
    Command,
    Handoff,
    LeaveQueue,
    Repeat,
    Restart,
    ShowAccountData,
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
from assistant.dialogue.reading_forms import as_read
from assistant.dialogue.readings import Candidate, Clause, Entity, Reading
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
PREFILLED_BY_TEXT = frozenset({"description", "note"})
OF_A_TICKET = frozenset({"ticket_status", "add_to_ticket", "close_ticket"})
LOCK = "card-lock"  # the entry of the catalogue for a lock that can be taken back
SURE_INTENT = 0.8  # confidence from which an intent needs no second opinion
NEAR_ENTRY = 0.75  # share from which an entry of the catalogue is one
SURE_TASK = 0.6  # confidence from which another task is believed while a flow waits for an answer


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
        return next((flow for flow in _services(clause, flows)), None)
    flow = flows.by_intent(clause.intent)
    if flow is None or flow.effect != "protective":
        return _of_a_surer_entry(clause, flow, flows)
    if lexicon.wants_a_lock(clause.text):
        return flows.by_service(LOCK) or flow
    return flow if lexicon.names_a_loss(clause.text) else None


def _of_a_surer_entry(
    clause: Clause, flow: FlowDefinition | None, flows: FlowSet
) -> FlowDefinition | None:
    """The flow of the intent, or an entry of the catalogue that is nearer to the words than the intent is sure."""
    writes = flow is not None and flow.effect == "writes"
    if not writes or clause.confidence >= SURE_INTENT or clause.intent in OF_A_TICKET:
        return flow
    near = [one for one in clause.services if one.confidence >= NEAR_ENTRY]
    entries = entries_of(near, clause.text, flows)
    return entries[0] if entries else flow


def _services(clause: Clause, flows: FlowSet) -> list[FlowDefinition]:
    return entries_of(clause.services, clause.text, flows)


def entries_of(services: Sequence[Candidate], text: str, flows: FlowSet) -> list[FlowDefinition]:
    """The catalogue's entries that a text may ask for; one that ends something only where its words end something."""
    entries = [flows.by_service(candidate.name) for candidate in services]
    return [
        flow
        for flow in entries
        if flow is not None
        and (not lexicon.closes_something(flow.title.en) or lexicon.ends_something(text))
    ]


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
    if named := _by_words(context, clause):
        return [named]
    command: Command | None = None
    if lexicon.asks_for_a_language(clause.text) or (
        clause.stance in ("asserted", "asked") and lexicon.wishes_for_a_language(clause.text)
    ):
        command = _language_named(clause)
    elif clause.stance == "asserted":
        command = _of_the_conversation(context, clause)
    return [command] if command else []


def _by_words(context: Context, clause: Clause) -> Command | None:
    """What a clause asks of the conversation in plain words, whatever its intent is taken for."""
    if lexicon.refuses_a_machine(clause.text) and not asks(context, clause):
        return Handoff()
    if lexicon.asks_who_speaks(clause.text):
        return Chitchat(kind="identity")
    if context.facts.state == "queued" and lexicon.asks_about_the_queue(clause.text):
        return Chitchat(kind="queue_state")
    if context.facts.cards and lexicon.asks_whether_a_card_is_blocked(clause.text):
        return ShowAccountData(view="show_cards")
    return None


def _language_named(clause: Clause) -> SwitchLanguage | None:
    """The language that a clause names alone."""
    named = lexicon.named_language(clause.text)
    return SwitchLanguage(language=named) if named else None


def _leaves_queue(context: Context, clause: Clause) -> bool:
    """Whether a clause gives up waiting: in plain words, or by its intent as asserted; a question or a report does not."""
    if asks(context, clause) or clause.stance in ("reported", "hypothetical", "past"):
        return False
    if lexicon.leaves_queue(clause.text):
        return True
    return (
        clause.intent == "leave_queue"
        and clause.stance == "asserted"
        and lexicon.has_enough(clause.text)
    )


def _of_the_conversation(context: Context, clause: Clause) -> Command | None:
    command: Command | None = None
    match clause.intent:
        case "talk_to_person" if clause.evidence and lexicon.wants_a_person(clause.text):
            command = Handoff()
        case "restart" if clause.confidence >= SURE_TASK:
            command = Restart()
        case "repeat" if clause.confidence >= SURE_TASK:
            command = Repeat()
        case "switch_language" if lexicon.speaks_of_a_language_here(clause.text):
            command = _language_named(clause)
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
    standard = as_read(clause.text, context.language)
    rewritten = follow_ups.rewrite(standard, topic, context.language)
    if rewritten is None and standard != clause.text:
        rewritten = standard
    services = () if suggest else tuple(flow.name for flow in _services(clause, context.flows))
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
    slots = slot_types.prefilled(flow, text, words, entities, context.facts)
    if lexicon.keeps_a_card(text):
        cards = {
            step.collect for step in flow.steps if isinstance(step, Collect) and step.type == "card"
        }
        slots = {name: value for name, value in slots.items() if name not in cards}
    return StartFlow(flow=flow.name, slots=slots, text=context.reading.text, at_once=at_once)


def consents_to(flow: FlowDefinition, text: str) -> bool:
    """Whether a text is a yes to a flow, or a consent in more words, and nothing else."""
    return lexicon.affirms(text) or lexicon.consents(text, titles_of(flow))


def titles_of(flow: FlowDefinition) -> str:
    """A flow's names in both languages, in which people consent to it."""
    return f"{flow.title.en} {flow.title.zh}"


def size_of(text: str, language: Language) -> int:
    """Characters of a Chinese text, words of an English one."""
    return len(text) if language == "zh" else len(text.split())


def content_of(reading: Reading) -> list[Clause]:
    """The clauses without the courtesies around them; those where there is nothing else."""
    content = [clause for clause in reading.clauses if not clause.courtesy]
    return content or list(reading.clauses)
