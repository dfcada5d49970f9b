"""While a confirmation is awaited: a yes, a no, a change before it, more to be added, or something else that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon
from assistant.dialogue.commands import Affirm, Cancel, Command, CorrectSlot, Deny, InvalidSlot
from assistant.dialogue.corrections import corrected
from assistant.dialogue.flows.definition import CONFIRMATION, Collect, Step
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.answering import beside, other_slots
from assistant.dialogue.resolution.context import (
    PREFILLED_BY_TEXT,
    Context,
    asks,
    consents_to,
    content_of,
    flow_of,
    joined_words,
    start_flow,
    steps_of,
)
from assistant.dialogue.slot_types import label_words
from assistant.dialogue.state import Frame
from core.languages import Language
from core.localized_text import LocalizedText, translate

# Each clause with what it asks for beside the confirmation.
Asides = Sequence[tuple[Clause, Sequence[Command]]]
LEAST_ADDED = {"en": 3, "zh": 5}  # words, characters of a statement that is added to a description


def at_confirmation(context: Context, frame: Frame) -> list[Command]:
    """What a message means to a summary that waits for a yes; what it asks for beside it comes after."""
    text, clauses = context.reading.normalised, content_of(context.reading)
    instead = corrected(text)
    if _is_plain_yes(context, frame, text):
        return [Affirm()]
    if lexicon.denies(text) and instead is None:
        return [Deny()]
    steps = steps_of(context, frame)
    asides = [(clause, _aside(context, frame, clause)) for clause in clauses]
    said = _about_the_summary(asides)
    if not _confirms(context, frame, said):
        changes = _changes(context, frame, steps, said, instead)
        if changes is not None:
            return [*changes, *_commands(asides)]
    return _by_clause(context, frame, steps, asides)


def _by_clause(
    context: Context,
    frame: Frame,
    steps: Sequence[Step],
    asides: Asides,
) -> list[Command]:
    """A yes, a no or an addition in some clauses, and in others what is asked for beside it; the last word counts."""
    said, others = _about_the_summary(asides), _commands(asides)
    if _ends_with_yes([clause for clause, _ in asides]) and _confirms(context, frame, said[-1:]):
        return [Affirm(), *(one for one in others if not isinstance(one, Cancel))]
    if any(isinstance(one, Cancel) for one in others):
        return others
    if _confirms(context, frame, said):
        return [Affirm(), *others, *_more_of_the_same(context, frame, said)]
    if (refusal := _refusal(context, said)) is not None:
        return [refusal, *others]
    addition = _addition(
        context, frame, steps, [one for one in said if not _is_yes(context, frame, one)]
    )
    if addition is not None:
        return [addition, *others]
    return others or [InvalidSlot(slot=CONFIRMATION, reason="dialogue.yes_or_no")]


def _ends_with_yes(clauses: Sequence[Clause]) -> bool:
    """Whether the last word is a plain yes after a “never mind” of something else; “don't send it. Yes, I'm sure” is none."""
    earlier, last = clauses[:-1], clauses[-1]
    if not earlier or not lexicon.affirms(last.text):
        return False
    return not any(lexicon.refuses_plainly(one.text) for one in earlier)


def _about_the_summary(asides: Asides) -> list[Clause]:
    """The clauses that speak of the summary itself."""
    return [clause for clause, aside in asides if not aside]


def _commands(asides: Asides) -> list[Command]:
    return [command for _, aside in asides for command in aside]


def _refusal(context: Context, said: Sequence[Clause]) -> Command | None:
    """A no to all of it; where only something in it is called wrong, what is right is asked for."""
    refusing = [clause for clause in said if _refuses(context, clause)]
    if not refusing:
        return None
    rest = [clause for clause in said if clause not in refusing]
    is_plain = all(lexicon.denies(clause.text) for clause in refusing)
    if rest and is_plain and not any(lexicon.nothing_more(clause.text) for clause in rest):
        return InvalidSlot(slot=CONFIRMATION, reason="dialogue.say_what_to_change")
    return Deny()


def _more_of_the_same(context: Context, frame: Frame, said: Sequence[Clause]) -> list[Command]:
    """The same task once more, for what a yes goes on to ask: "yes, and the phone too: ..."."""
    flow = context.flows.flows.get(frame.flow)
    again = [
        one
        for one in said
        if not _is_yes(context, frame, one) and _is_same_request(context, frame, one)
    ]
    if flow is None or not again:
        return []
    begun = start_flow(context, flow, again, at_once=False)
    new = {name: value for name, value in begun.slots.items() if value != frame.value(name)}
    return [begun] if new else []


def _changes(
    context: Context,
    frame: Frame,
    steps: Sequence[Step],
    clauses: Sequence[Clause],
    instead: str | None,
) -> list[Command] | None:
    """Other values before the yes; None where the message names none."""
    stated = [clause for clause in clauses if not _only_asks(context, clause)]
    for said in (stated, *([clause] for clause in reversed(stated))):
        if changes := other_slots(context, frame, steps, None, said):
            return changes
    if slot := _wrong_slot(context, frame, steps):
        return [CorrectSlot(slot=slot, value=None)]
    if instead is None or _only_asks(context, clauses[-1]):
        return None
    text = _description(frame, steps)
    if text is not None:
        before = str(frame.value(text.collect))
        return [CorrectSlot(slot=text.collect, value=_put_right(before, instead, context.language))]
    other = _other_reference(frame, steps, instead)
    return [other] if other else None


def _only_asks(context: Context, clause: Clause) -> bool:
    """Whether a clause asks about something and proposes nothing."""
    return asks(context, clause) and not lexicon.proposes(clause.text, at_a_time=True)


def _wrong_slot(context: Context, frame: Frame, steps: Sequence[Step]) -> str | None:
    """The slot that a message calls wrong, or wants changed, without saying how."""
    text = context.reading.normalised
    if not lexicon.calls_wrong(text):
        return None
    named = [
        step.collect
        for step in steps
        if isinstance(step, Collect)
        and frame.value(step.collect) is not None
        and any(word in text.lower() for word in label_words(step, context.language))
    ]
    return named[0] if len(named) == 1 else None


def _aside(context: Context, frame: Frame, clause: Clause) -> list[Command]:
    """What a clause asks for beside the confirmation; nothing where it is part of the answer to it."""
    if _is_yes(context, frame, clause) or lexicon.is_small_praise(clause.text):
        return []
    if lexicon.denies(clause.text) or _is_same_request(context, frame, clause):
        return []
    return beside(context, frame, None, clause) or []


def _is_plain_yes(context: Context, frame: Frame, text: str) -> bool:
    """Whether a text is a yes, or a consent in more words, and nothing else."""
    flow = context.flows.at(frame.flow, frame.version)
    return flow is not None and consents_to(flow, text)


def _is_yes(context: Context, frame: Frame, clause: Clause) -> bool:
    return _is_plain_yes(context, frame, clause.text) or (
        clause.intent == "affirm" and lexicon.begins_with_yes(clause.text)
    )


def _refuses(context: Context, clause: Clause) -> bool:
    """Whether a clause says that what was summed up shall not be done."""
    if asks(context, clause) or lexicon.nothing_more(clause.text):
        return False
    says_no = clause.intent == "deny" and lexicon.begins_with_no(clause.text)
    return says_no or lexicon.denies(clause.text) or lexicon.refuses(clause.text)


def _confirms(context: Context, frame: Frame, said: Sequence[Clause]) -> bool:
    """Whether what a message says of the summary is a plain yes, or the request once more: no condition, doubt or question.

    An “ok” before a question waits for its answer; a “yes” does not.
    """
    said = [clause for clause in said if not lexicon.is_small_praise(clause.text)]
    yes = [clause for clause in said if _is_yes(context, frame, clause)]
    unsure = [clause for clause in said if not _is_plain_yes(context, frame, clause.text)]
    if not yes or any(clause.stance != "asserted" for clause in unsure):
        return False
    content = content_of(context.reading)
    asking = any(asks(context, clause) for clause in content)
    if any(lexicon.objects(clause.text) for clause in said):
        return False
    if any(lexicon.waits(clause.text) for clause in content):
        return False
    if asking and all(lexicon.acknowledges(clause.text) for clause in yes):
        return False
    return all(clause in yes or _is_same_request(context, frame, clause) for clause in said)


def _is_same_request(context: Context, frame: Frame, clause: Clause) -> bool:
    flow = flow_of(clause, context.flows)
    return flow is not None and flow.name == frame.flow


def _addition(
    context: Context, frame: Frame, steps: Sequence[Step], clauses: Sequence[Clause]
) -> Command | None:
    """What is told beside a description that is to be confirmed belongs to it."""
    step = _description(frame, steps)
    words = joined_words(clauses)
    size = len(words) if context.language == "zh" else len(words.split())
    if step is None or size < LEAST_ADDED[context.language] or lexicon.nothing_more(words):
        return None
    if any(lexicon.denies(clause.text) or asks(context, clause) for clause in clauses):
        return None
    if not lexicon.tells(words):
        return None
    return CorrectSlot(slot=step.collect, value=f"{frame.value(step.collect)} {words}")


def _description(frame: Frame, steps: Sequence[Step]) -> Collect | None:
    """The step whose text is to be confirmed."""
    return next(
        (
            step
            for step in steps
            if isinstance(step, Collect)
            and step.type in PREFILLED_BY_TEXT
            and frame.value(step.collect)
        ),
        None,
    )


def _other_reference(frame: Frame, steps: Sequence[Step], instead: str) -> Command | None:
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
