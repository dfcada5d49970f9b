"""Readings into commands, in the light of the state: the last offer, the open step, the last figures, the topic.

Pure: the same reading in the same state gives the same commands. What a clause may do is the policy's to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon
from assistant.dialogue.commands import (
    Affirm,
    AnswerQuestion,
    AskForWords,
    Cancel,
    Choose,
    Clarify,
    Command,
    CorrectSlot,
    Deny,
    InvalidSlot,
    PassOn,
    SetSlot,
    SkipSlot,
    StartFlow,
    SwitchLanguage,
)
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import CONFIRMATION, FlowSet
from assistant.dialogue.readings import Reading
from assistant.dialogue.resolution.answering import in_flow, without_flow
from assistant.dialogue.resolution.confirming import at_confirmation
from assistant.dialogue.resolution.context import Context, content_of, conversational
from assistant.dialogue.resolution.offers import of_the_offer, tapped
from assistant.dialogue.resolution.requests import freely
from assistant.dialogue.state import MAX_ATTEMPTS, DialogueState, Frame

# Commands by which a message answers, changes or leaves the open flow.
_ABOUT_THE_FLOW = (Affirm, Deny, Cancel, Choose, CorrectSlot, PassOn, SetSlot, SkipSlot)
MAX_QUESTIONS = 3  # of one message that are answered


def resolve(reading: Reading, state: DialogueState, facts: Facts, flows: FlowSet) -> list[Command]:
    """What the message asks of the engine, in the order that it is asked."""
    # Offers are counted by the turn that this message begins, as the engine counts them.
    last_offer = None if state.was_away(facts.now) else state.last_offer
    state = state.model_copy(update={"turn": state.turn + 1, "last_offer": last_offer})
    context = Context(reading, state, facts, flows)
    if not reading.has_features:
        return [AskForWords()]
    if choice := tapped(context):
        return [choice]
    frame = state.frame
    flow = flows.at(frame.flow, frame.version) if frame else None
    if frame is not None and frame.waiting is not None and flow is not None:
        commands = _in_a_flow(context, frame)
    else:
        commands = of_the_offer(context) or freely(context, content_of(reading))
    return _bounded(commands)


def _in_a_flow(context: Context, frame: Frame) -> list[Command]:
    """What a message means while a flow waits for an answer."""
    text = context.reading.normalised
    if lexicon.cancels(text):
        return [Cancel()]
    if command := conversational(text):
        return [command]
    answers = at_confirmation if frame.waiting == CONFIRMATION else in_flow
    commands = answers(context, frame)
    if _goes_on_without(context, frame, commands):
        others = freely(context, content_of(context.reading))
        return [Cancel(by="conversation"), *without_flow(others, frame.flow)]
    return commands


def _goes_on_without(context: Context, frame: Frame, commands: Sequence[Command]) -> bool:
    """Whether a message goes on about something else than a flow that waits for little, or that was asked for in vain.

    It waits for little where nobody asked for it by name, or where it only shows something and has shown it.
    """
    is_about_it = any(isinstance(one, _ABOUT_THE_FLOW) for one in commands)
    flow = context.flows.at(frame.flow, frame.version)
    if frame.suggested or (flow is not None and flow.effect == "none"):
        asks_besides = any(isinstance(one, AnswerQuestion | StartFlow) for one in commands)
        adds = all(
            isinstance(one, CorrectSlot) for one in commands if isinstance(one, _ABOUT_THE_FLOW)
        )
        return not is_about_it or (adds and asks_besides)
    fails = any(isinstance(one, InvalidSlot) for one in commands)
    return fails and not is_about_it and frame.attempts > MAX_ATTEMPTS


def _bounded(commands: Sequence[Command]) -> list[Command]:
    """Each thing once, protective first, and at most MAX_QUESTIONS questions."""
    unique = list({command.model_dump_json(): command for command in commands}.values())
    questions = [command for command in unique if isinstance(command, AnswerQuestion)]
    dropped = questions[MAX_QUESTIONS:]
    chosen = [command for command in unique if command not in dropped]
    return sorted(chosen, key=_order)


def _order(command: Command) -> int:
    """What protects comes first, what begins a task last; a question is answered before the reply ends with one.

    A person is fetched before a task begins, since that leaves the open one.
    """
    if isinstance(command, StartFlow):
        return 0 if command.at_once else 3
    if isinstance(
        command, SetSlot | CorrectSlot | Affirm | Deny | Choose | Cancel | PassOn | SwitchLanguage
    ):
        return 1
    return 4 if isinstance(command, InvalidSlot | Clarify) else 2
