"""While a flow waits: questions are answered, other acts judged, and what is left of the message answers the open step."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon, slot_types
from assistant.dialogue.commands import (
    AnswerQuestion,
    Cancel,
    Chitchat,
    Choose,
    Command,
    CorrectSlot,
    InvalidSlot,
    PassOn,
    SetSlot,
    ShowAccountData,
    SkipSlot,
    StartFlow,
    filling,
)
from assistant.dialogue.corrections import corrected
from assistant.dialogue.flows.catalogue_flows import may_be_passed_on
from assistant.dialogue.flows.conditions import has_its_time
from assistant.dialogue.flows.definition import (
    CONFIRMATION,
    MAX_OPTIONS,
    Collect,
    Step,
)
from assistant.dialogue.policy import judge
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.appointments import of_an_appointment
from assistant.dialogue.resolution.context import (
    PREFILLED_BY_TEXT,
    SOCIAL,
    SURE_TASK,
    VIEWS,
    Context,
    ask_knowledge,
    asks,
    at_any_time,
    content_of,
    filters_of,
    flow_of,
    holds_value,
    joined,
    joined_words,
    start_flow,
    steps_of,
    titles_of,
)
from assistant.dialogue.resolution.requests import freely, may_act_at_once
from assistant.dialogue.resolution.undoing import undone
from assistant.dialogue.slot_types import FREE_TEXT
from assistant.dialogue.state import Frame


def in_flow(context: Context, frame: Frame) -> list[Command]:
    """Questions are answered and other acts judged; what is left of the message answers the open step."""
    steps = steps_of(context, frame)
    step = next((s for s in steps if isinstance(s, Collect) and s.collect == frame.waiting), None)
    whole = _answers_as_a_whole(context, step)
    if whole is not None:
        return whole
    if _submits_incomplete(context, frame, step):
        return [PassOn()]
    commands: list[Command] = []
    answering: list[Clause] = []
    for clause in content_of(context.reading):
        aside = beside(context, frame, step, clause)
        commands += aside or []
        if aside is None or _describes(step, aside):
            answering.append(clause)
    if any(isinstance(one, Cancel) for one in commands):
        others = freely(context, answering) if answering else []
        return [*commands, *without_flow(others, frame.flow)]
    if answering:
        commands = [*_answer_step(context, frame, steps, step, answering), *commands]
    return commands


def _submits_incomplete(context: Context, frame: Frame, step: Collect | None) -> bool:
    """Whether a customer who has told something of a request says to send it, where something is still asked for."""
    flow = context.flows.at(frame.flow, frame.version)
    if flow is None or step is None or not may_be_passed_on(flow, context.facts):
        return False
    if step.field is not None and step.field.type in ("yes_no", "choice"):
        return False
    text, title = context.reading.normalised, titles_of(flow)
    has_told = frame.attempts > 0 or any(slot.source == "user" for slot in frame.slots.values())
    sends = lexicon.says_to_send(text, title) or (
        frame.attempts > 0 and lexicon.consents(text, title)
    )
    return has_told and sends


def without_flow(commands: Sequence[Command], flow: str) -> list[Command]:
    """Commands that neither begin a flow, which was just left, nor offer it."""
    left: list[Command] = []
    for command in commands:
        if isinstance(command, StartFlow) and command.flow == flow:
            continue
        if isinstance(command, AnswerQuestion):
            suggest = tuple(name for name in command.suggest if name != flow)
            begins = command.otherwise and command.otherwise.flow == flow
            otherwise = None if begins else command.otherwise
            left.append(command.model_copy(update={"suggest": suggest, "otherwise": otherwise}))
        else:
            left.append(command)
    return left


def _describes(step: Collect | None, aside: Sequence[Command]) -> bool:
    """Whether a clause that protects a card at once is also what was asked for: what the matter is."""
    protects = any(isinstance(one, StartFlow) and one.at_once for one in aside)
    return protects and step is not None and step.type in PREFILLED_BY_TEXT


def _answers_as_a_whole(context: Context, step: Collect | None) -> list[Command] | None:
    """A no, an ordinal, a skip: the message as a whole answers the open step; None where it does not."""
    text = context.reading.normalised
    offer = context.state.offer
    place = lexicon.ordinal(text, len(offer.items)) if offer and offer.items else None
    if place is not None and step is not None and step.type not in ("amount", "horizon", "score"):
        return [Choose(item=place)]
    if step is not None and not holds_value(context, step, context.reading.clauses):
        if not step.required and lexicon.denies(text):
            return [SkipSlot(reason="unwilling")]
        reason = lexicon.skip_reason(text)
        if reason in ("unknown", "none_of_these") and _is_described(context, step):
            return None
        if any(asks(context, clause) for clause in content_of(context.reading)):
            return None
        if reason is not None:
            return [Cancel() if reason == "later" else SkipSlot(reason=reason)]
    return None


def _is_described(context: Context, step: Collect) -> bool:
    """Whether a message says what the matter is, even where that is what somebody forgot or does not know."""
    if step.type not in PREFILLED_BY_TEXT:
        return False
    read = slot_types.read_slot(step, context.reading.normalised, (), context.facts)
    return isinstance(read, slot_types.Filled)


def beside(
    context: Context, frame: Frame, step: Collect | None, clause: Clause
) -> list[Command] | None:
    """What a clause asks beside the open step; None where it is meant as its answer."""
    if _leaves_by_name(context, frame, step, clause):
        return [Cancel()]
    if step is not None and holds_value(context, step, (clause,)):
        return None if _gives_value(context, step, clause) else ask_knowledge(context, clause)
    if lexicon.cancels(clause.text) or _gives_up(step, clause) or _is_not_to_be_sent(clause):
        return [Cancel()]
    if clause.intent in SOCIAL and clause.courtesy:
        return [Chitchat(kind=SOCIAL[clause.intent])]
    if corrected(clause.text) is not None:
        return at_any_time(context, clause) or None
    return at_any_time(context, clause) or _question_or_task(context, frame, step, clause)


def _gives_value(context: Context, step: Collect, clause: Clause) -> bool:
    """Whether a clause that holds the open step's value offers it: a question about the very thing chooses nothing."""
    if step.type == "card" and lexicon.holds_back(clause.text):
        return False
    return not asks(context, clause) or lexicon.proposes(clause.text, at_a_time=_is_moment(step))


def _is_moment(step: Collect) -> bool:
    """Whether a step asks for a day or a time, which people propose as questions."""
    return step.type in ("moment", "time") or (step.field is not None and step.field.type == "date")


def _leaves_by_name(context: Context, frame: Frame, step: Collect | None, clause: Clause) -> bool:
    """Whether a clause gives up the open task and says so of it; one that rules out a card chooses another."""
    flow = context.flows.at(frame.flow, frame.version)
    if flow is None or asks(context, clause):
        return False
    if step is not None and step.type == "card" and lexicon.names_a_card(clause.text):
        return False
    title = flow.title.of(context.language)
    if step is not None and step.type in FREE_TEXT and context.language == "en":
        title = title.split()[-1]
    return lexicon.leaves_task(clause.text, title)


def _gives_up(step: Collect | None, clause: Clause) -> bool:
    """Whether a clause leaves the flow by its intent; what describes a matter may speak of cancelling."""
    sure = clause.stance == "asserted" and clause.confidence >= SURE_TASK
    describes = step is not None and step.type in FREE_TEXT
    return clause.intent == "cancel" and sure and not describes


def _is_not_to_be_sent(clause: Clause) -> bool:
    """Whether a clause holds back what was shown, and proposes nothing in its place."""
    return lexicon.holds_it_back(clause.text) and corrected(clause.text) is None


def _question_or_task(
    context: Context, frame: Frame, step: Collect | None, clause: Clause
) -> list[Command] | None:
    """A question, or another task that is plainly asked for; what protects comes first, what a text may speak of does not."""
    is_free = step is not None and step.type in FREE_TEXT
    if not is_free and (shown := _shown(context, frame, clause)) is not None:
        return [shown]
    if _is_question(context, clause, step):
        return ask_knowledge(context, clause)
    existing = undone(context, clause, (clause,)) or of_an_appointment(context, clause)
    if existing is not None:
        return [existing]
    task = _other_task(context, frame, clause, is_free=is_free)
    return [task] if task is not None else None


def _shown(context: Context, frame: Frame, clause: Clause) -> Command | None:
    """What only shows something is shown beside the open step: one's own data, tickets, products."""
    if clause.intent in VIEWS and clause.stance in ("asserted", "asked"):
        sure = clause.confidence >= SURE_TASK
        return ShowAccountData(view=clause.intent, filters=filters_of(clause)) if sure else None
    flow = flow_of(clause, context.flows)
    if flow is None or flow.effect != "none" or flow.name == frame.flow:
        return None
    is_asked = clause.stance == "asked" and judge(clause, flow, context.reading.source) == "start"
    return start_flow(context, flow, (clause,), at_once=False) if is_asked else None


def _other_task(
    context: Context, frame: Frame, clause: Clause, *, is_free: bool
) -> StartFlow | None:
    """Another task that a clause plainly asks for; into a free text only what protects breaks in."""
    flow = flow_of(clause, context.flows)
    if flow is None or flow.name == frame.flow:
        return None
    verdict = judge(clause, flow, context.reading.source)
    if flow.effect == "protective" and verdict == "at_once":
        may_act = may_act_at_once(context, flow, (clause,))
        return start_flow(context, flow, (clause,), at_once=True) if may_act else None
    wanted = clause.evidence or frame.waiting == CONFIRMATION
    sure = wanted and clause.stance == "asserted" and clause.confidence >= SURE_TASK
    if is_free or not sure or verdict not in ("start", "at_once"):
        return None
    return start_flow(context, flow, (clause,), at_once=False)


def _is_question(context: Context, clause: Clause, step: Collect | None) -> bool:
    """Whether a clause asks something, rather than answers the open step."""
    if not asks(context, clause):
        return False
    is_text = step is not None and step.type in PREFILLED_BY_TEXT
    return not is_text or len(content_of(context.reading)) == 1


def _answer_step(
    context: Context,
    frame: Frame,
    steps: Sequence[Step],
    step: Collect | None,
    clauses: Sequence[Clause],
) -> list[Command]:
    """The open step's value, and those of others that the message holds as well."""
    text, entities = joined(clauses)
    instead = corrected(text)
    if step is None:
        return []
    others = other_slots(context, frame, steps, step, clauses)
    previous = frame.value(step.collect)
    # What is said of a card that is there names none to block.
    kept = step.type == "card" and lexicon.keeps_a_card(text) and not lexicon.rules_out(text)
    words = joined_words(clauses) if step.type in FREE_TEXT else text
    is_empty = kept or (step.type in FREE_TEXT and _only_consents(text))
    answer, named = ("", []) if is_empty else (instead or words, entities)
    read = slot_types.read_slot(step, answer, named, context.facts, previous)
    if isinstance(read, slot_types.Filled):
        return [*others, filling(step.collect, read.value)]
    if others:
        return others
    if described := _description_instead(context, frame, steps, step, text):
        return described
    return [InvalidSlot(slot=step.collect, reason=read.code, params=dict(read.params))]


def _only_consents(text: str) -> bool:
    """Whether an answer is a yes or praise, which is no text to be written down."""
    return lexicon.affirms(text) or lexicon.consents(text, "") or lexicon.is_small_praise(text)


def _description_instead(
    context: Context, frame: Frame, steps: Sequence[Step], step: Collect, text: str
) -> list[Command]:
    """Where the open question may be left out, a sentence that says what the matter is leaves it out."""
    later = next((s for s in steps if isinstance(s, Collect) and s.type == "description"), None)
    if step.required or not step.ask_always or later is None:
        return []
    if not isinstance(slot_types.read_slot(later, text, (), context.facts), slot_types.Filled):
        return []
    before = frame.value(later.collect)
    description = f"{before}\n{text}" if before else text
    return [SetSlot(slot=later.collect, value=description), SkipSlot(reason="none_of_these")]


def other_slots(
    context: Context,
    frame: Frame,
    steps: Sequence[Step],
    open_step: Collect | None,
    clauses: Sequence[Clause],
) -> list[Command]:
    """Values for other steps that the message plainly holds: new ones are set, other ones correct."""
    commands: list[Command] = []
    text, entities = joined(clauses)
    if lexicon.ordinal(text, MAX_OPTIONS) is not None:
        return []
    taken = _type_of(open_step)
    values = {name: slot.value for name, slot in frame.slots.items() if slot.value is not None}
    for step in steps:
        if not isinstance(step, Collect) or step is open_step or step.type in FREE_TEXT:
            continue
        if _type_of(step) == taken or has_its_time(step.when, values):
            continue
        before = frame.value(step.collect)
        value = slot_types.prefill(step, text, entities, context.facts, before)
        if value is None or value == before:
            continue
        if before is None:
            commands.append(SetSlot(slot=step.collect, value=value))
        else:
            commands.append(CorrectSlot(slot=step.collect, value=value))
    return commands


def _type_of(step: Collect | None) -> str | None:
    """The type of a slot, for a catalogue entry's field the field's own."""
    if step is None:
        return None
    return step.field.type if step.field is not None else step.type
