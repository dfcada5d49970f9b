"""While a flow waits: questions are answered, other acts judged, and what is left of the message answers the open step."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon, slot_types
from assistant.dialogue.commands import (
    Affirm,
    Cancel,
    Chitchat,
    Choose,
    Command,
    CorrectSlot,
    Deny,
    InvalidSlot,
    SetSlot,
    SkipSlot,
    StartFlow,
    filling,
)
from assistant.dialogue.corrections import corrected
from assistant.dialogue.flows.definition import (
    CONFIRMATION,
    MAX_OPTIONS,
    Collect,
    Step,
)
from assistant.dialogue.policy import judge
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import (
    FREE_TEXT,
    PREFILLED_BY_TEXT,
    SOCIAL,
    SURE_TASK,
    Context,
    ask_knowledge,
    asks,
    at_any_time,
    content_of,
    conversational,
    flow_of,
    holds_value,
    joined,
    joined_words,
    start_flow,
    steps_of,
)
from assistant.dialogue.state import Frame
from core.languages import Language
from core.localized_text import LocalizedText, translate


def in_flow(context: Context, frame: Frame) -> list[Command]:
    """Questions are answered and other acts judged; what is left of the message answers the open step."""
    text = context.reading.normalised
    if lexicon.cancels(text):
        return [Cancel()]
    if command := conversational(text):
        return [command]
    steps = steps_of(context, frame)
    step = next((s for s in steps if isinstance(s, Collect) and s.collect == frame.waiting), None)
    whole = _answers_as_a_whole(context, frame, step)
    if whole is not None:
        return whole
    commands: list[Command] = []
    answering: list[Clause] = []
    for clause in content_of(context.reading):
        aside = _aside(context, frame, step, clause)
        commands += aside or []
        if aside is None or _describes(step, aside):
            answering.append(clause)
    if answering:
        commands = [*_answer_step(context, frame, steps, step, answering), *commands]
    return commands


def _describes(step: Collect | None, aside: Sequence[Command]) -> bool:
    """Whether a clause that protects a card at once is also what was asked for: what the matter is."""
    protects = any(isinstance(one, StartFlow) and one.at_once for one in aside)
    return protects and step is not None and step.type in PREFILLED_BY_TEXT


def _answers_as_a_whole(
    context: Context, frame: Frame, step: Collect | None
) -> list[Command] | None:
    """A yes, a no, an ordinal, a skip: the message as a whole answers the open step; None where it does not."""
    text = context.reading.normalised
    if frame.waiting == CONFIRMATION:
        return _whole_confirmation(context, frame)
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
        if reason is not None:
            return [Cancel() if reason == "later" else SkipSlot(reason=reason)]
    return None


def _is_described(context: Context, step: Collect) -> bool:
    """Whether a message says what the matter is, even where that is what somebody forgot or does not know."""
    if step.type not in PREFILLED_BY_TEXT:
        return False
    read = slot_types.read_slot(step, context.reading.normalised, (), context.facts)
    return isinstance(read, slot_types.Filled)


def _whole_confirmation(context: Context, frame: Frame) -> list[Command] | None:
    """A yes, a no, or a correction that the message is as a whole."""
    text, clauses = context.reading.normalised, content_of(context.reading)
    if lexicon.affirms(text):
        return [Affirm()]
    instead = corrected(text)
    if lexicon.denies(text) and instead is None:
        return [Deny()]
    if instead is None or lexicon.is_question(text, context.language):
        return None
    steps = steps_of(context, frame)
    return _at_confirmation(context, frame, steps, clauses, instead)


def _aside(
    context: Context, frame: Frame, step: Collect | None, clause: Clause
) -> list[Command] | None:
    """What a clause asks beside the open step; None where it is meant as its answer."""
    if step is not None and holds_value(context, step, (clause,)):
        return None
    if lexicon.cancels(clause.text) or _gives_up(step, clause):
        return [Cancel()]
    if clause.intent in SOCIAL and clause.courtesy:
        return [Chitchat(kind=SOCIAL[clause.intent])]
    if always := at_any_time(context, clause):
        return always
    if corrected(clause.text) is not None:
        return None
    return _question_or_task(context, frame, step, clause)


def _gives_up(step: Collect | None, clause: Clause) -> bool:
    """Whether a clause leaves the flow by its intent; what describes a matter may speak of cancelling."""
    sure = clause.stance == "asserted" and clause.confidence >= SURE_TASK
    describes = step is not None and step.type in FREE_TEXT
    return clause.intent == "cancel" and sure and not describes


def _question_or_task(
    context: Context, frame: Frame, step: Collect | None, clause: Clause
) -> list[Command] | None:
    """A question, or another task that is plainly asked for; what protects comes first, what a text may speak of does not."""
    if _is_question(context, clause, step):
        return ask_knowledge(context, clause)
    flow = flow_of(clause, context.flows)
    if flow is None or flow.name == frame.flow:
        return None
    verdict = judge(clause, flow, context.reading.source)
    if flow.effect == "protective" and verdict == "at_once":
        return [start_flow(context, flow, (clause,), at_once=True)]
    is_free = step is not None and step.type in FREE_TEXT
    sure = clause.evidence and clause.confidence >= SURE_TASK
    if is_free or not sure or verdict not in ("start", "at_once"):
        return None
    return [start_flow(context, flow, (clause,), at_once=False)]


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
    if frame.waiting == CONFIRMATION:
        return _at_confirmation(context, frame, steps, clauses, instead)
    if step is None:
        return []
    others = _other_slots(context, frame, steps, step, clauses)
    previous = frame.value(step.collect)
    # What is said of a card that is there names none to block.
    kept = step.type == "card" and lexicon.keeps_a_card(text)
    words = joined_words(clauses) if step.type in FREE_TEXT else text
    answer, named = ("", []) if kept else (instead or words, entities)
    read = slot_types.read_slot(step, answer, named, context.facts, previous)
    if isinstance(read, slot_types.Filled):
        return [*others, filling(step.collect, read.value)]
    if others:
        return others
    if described := _description_instead(context, frame, steps, step, text):
        return described
    return [InvalidSlot(slot=step.collect, reason=read.code, params=dict(read.params))]


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


def _other_slots(
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
    for step in steps:
        if not isinstance(step, Collect) or step is open_step or step.type in FREE_TEXT:
            continue
        if _type_of(step) == taken:
            continue
        value = slot_types.prefill(step, text, entities, context.facts)
        before = frame.value(step.collect)
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


def _at_confirmation(
    context: Context,
    frame: Frame,
    steps: Sequence[Step],
    clauses: Sequence[Clause],
    instead: str | None,
) -> list[Command]:
    """Something is put right before the yes; anything else is asked again."""
    corrections = _other_slots(context, frame, steps, None, clauses)
    if corrections:
        return corrections
    free = next(
        (
            step
            for step in steps
            if isinstance(step, Collect)
            and step.type in PREFILLED_BY_TEXT
            and frame.value(step.collect)
        ),
        None,
    )
    if instead and free is not None:
        before = str(frame.value(free.collect))
        return [CorrectSlot(slot=free.collect, value=_put_right(before, instead, context.language))]
    if instead and (other := _other_reference(context, frame, steps, instead)):
        return [other]
    if _confirms(context, frame, clauses):
        return [Affirm()]
    if any(clause.intent == "deny" for clause in clauses):
        return [Deny()]
    return [InvalidSlot(slot=CONFIRMATION, reason="dialogue.yes_or_no")]


def _confirms(context: Context, frame: Frame, clauses: Sequence[Clause]) -> bool:
    """Whether a message is a plain yes: each part of it a yes or the request once more, with no condition, doubt or question.

    An “ok” before a question waits for its answer; a “yes” does not.
    """
    content = content_of(context.reading)
    asking = [clause for clause in content if asks(context, clause)]
    said = [clause for clause in content if clause not in asking]
    yes = [clause for clause in said if clause.intent == "affirm" or lexicon.affirms(clause.text)]
    unsure = [clause for clause in said if not lexicon.affirms(clause.text)]
    if not yes or any(clause.stance != "asserted" for clause in unsure):
        return False
    if any(lexicon.objects(clause.text) for clause in content):
        return False
    if asking and all(lexicon.acknowledges(clause.text) for clause in yes):
        return False
    return all(clause in yes or _is_same_request(context, frame, clause) for clause in said)


def _is_same_request(context: Context, frame: Frame, clause: Clause) -> bool:
    flow = flow_of(clause, context.flows)
    return flow is not None and flow.name == frame.flow


def _other_reference(
    context: Context, frame: Frame, steps: Sequence[Step], instead: str
) -> Command | None:
    """Another ticket or card is meant, and not said which: it is asked for."""
    for step in steps:
        if isinstance(step, Collect) and step.type in ("ticket", "card", "blocked_card"):
            before = frame.value(step.collect)
            if before is not None and lexicon.names_another(instead):
                return CorrectSlot(slot=step.collect, value=None)
    return None


def _put_right(before: str, instead: str, language: Language) -> str:
    """A correction of the whole replaces it; of a part, stands beside it."""
    if len(instead) >= len(before):
        return instead
    text = LocalizedText("dialogue.put_right", before=before, instead=instead)
    return translate(text, language)
