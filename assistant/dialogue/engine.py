"""The engine: a pure function of state, commands and facts that runs flows on the dialogue stack.

`begin` takes a turn's commands as far as the first operation; `resume` goes on with its outcome, until no call is left. Nothing
here reads a clock, a database or a model: a turn is replayed by the same commands and outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from assistant.dialogue import slot_types
from assistant.dialogue.commands import (
    Affirm,
    AggregateAccountData,
    AnswerQuestion,
    AskForWords,
    Cancel,
    Chitchat,
    Choose,
    Clarify,
    Command,
    CorrectSlot,
    DeclineOffer,
    Deny,
    Handoff,
    InvalidSlot,
    LeaveQueue,
    PassOn,
    Repeat,
    Restart,
    Resume,
    SetSlot,
    ShowAccountData,
    SkipSlot,
    StartFlow,
    SwitchLanguage,
    Undo,
)
from assistant.dialogue.facts import Facts
from assistant.dialogue.flow_run import FlowRun
from assistant.dialogue.flows.catalogue_flows import may_be_passed_on
from assistant.dialogue.flows.definition import (
    CONFIRMATION,
    TICKET_FLOW,
    Collect,
    Confirm,
    FlowSet,
)
from assistant.dialogue.outputs import Call, Outcome, Say
from assistant.dialogue.slot_types.texts import MAX_TEXT
from assistant.dialogue.state import MAX_ATTEMPTS, DialogueState, Frame, OfferItem, Slot
from assistant.dialogue.wording import person_item
from core.localized_text import LocalizedText

LEFT_FOR = timedelta(minutes=10)  # how long a flow that was left can be taken up again
MAX_FAILURES = 2  # turns in a row without help, after which a person is offered
# Steps of flows in one turn: a cycle of links is refused where flows are checked, and ends here.
MAX_STEPS = 200
MAX_OPTIONS = 3  # between which is asked when a message may mean several things


@dataclass(frozen=True)
class Progress:
    """A turn so far: the state, what was said since the last call, and the operation that must run now."""

    state: DialogueState
    outputs: tuple[Say, ...]
    call: Call | None = None


def begin(
    state: DialogueState, commands: Sequence[Command], facts: Facts, flows: FlowSet
) -> Progress:
    """Take a turn's commands, in their order, as far as the first operation."""
    was_away = state.was_away(facts.now)
    queued = tuple(command for command in state.pending if isinstance(command, StartFlow))
    state = state.model_copy(
        update={"turn": state.turn + 1, "pending": (*commands, *queued), "last_at": facts.now}
    )
    run = _Run(state, facts, flows, open_at_start=state.frame is not None)
    run.drop_withdrawn()
    run.queued, run.was_away = queued, was_away
    return run.proceed()


def resume(state: DialogueState, outcome: Outcome, facts: Facts, flows: FlowSet) -> Progress:
    """Go on with what came of the operation."""
    run = _Run(state, facts, flows, open_at_start=False)
    run.take_outcome(outcome)
    return run.proceed()


class _Run(FlowRun):
    """One stretch of a turn: its commands, taken until an operation is due."""

    def __init__(
        self, state: DialogueState, facts: Facts, flows: FlowSet, *, open_at_start: bool
    ) -> None:
        super().__init__(state, facts, flows, open_at_start=open_at_start)
        self.queued: tuple[Command, ...] = ()  # from earlier turns: they wait for the open flow
        self.was_away = False
        self.steps = 0

    def proceed(self) -> Progress:
        """Run flows and commands until an operation is due or nothing is left to do."""
        while self.call is None and self.steps < MAX_STEPS:
            self.steps += 1
            frame = self.state.frame
            if frame is not None and frame.waiting is None:
                self._step(frame)
            elif (command := self._next_command()) is not None:
                self._apply(command)
            else:
                self._finish()
                break
        return Progress(self.state, tuple(self.says), self.call)

    def drop_withdrawn(self) -> None:
        """Flows that were withdrawn while the conversation was in them end, and it is said."""
        stack = tuple(frame for frame in self.state.stack if self._flow_of(frame) is not None)
        if len(stack) < len(self.state.stack):
            self._update(stack=stack, last_offer=None)
            self.open_at_start = bool(stack)
            self._say("dialogue.flow_gone")

    def take_outcome(self, outcome: Outcome) -> None:
        """Put what an operation brought into the state."""
        changes: dict[str, Any] = {
            name: value
            for name in ("result", "topic", "offer", "queue")
            if (value := getattr(outcome, name)) is not None
        }
        names = {"result": "last_result", "offer": "last_offer"}
        self._update(**{names.get(name, name): value for name, value in changes.items()})
        if outcome.effect is not None:
            self._update(effects=(*self.state.effects, outcome.effect))
        if outcome.slots and self.state.frame:
            slots = {name: self._slot(value, "default") for name, value in outcome.slots.items()}
            self._replace_frame(slots={**self.state.frame.slots, **slots})
        if outcome.offered_product:
            self._update(offered_product=True)
        if outcome.begins is not None:
            self._update(pending=(outcome.begins, *self.state.pending))
        if outcome.stops_flow and self.state.frame and self.state.frame.waiting is None:
            self._pop()
        self._count(helped=outcome.helped)

    def _next_command(self) -> Command | None:
        """The next command that can be taken now; while a flow waits, another flow waits for it."""
        waiting = self.state.frame is not None
        for number, command in enumerate(self.state.pending):
            waits = command in self.queued or not self._interrupts(command)
            if waiting and isinstance(command, StartFlow) and waits:
                continue
            rest = (*self.state.pending[:number], *self.state.pending[number + 1 :])
            self._update(pending=rest)
            return command
        return None

    def _interrupts(self, command: Command) -> bool:
        if not isinstance(command, StartFlow):
            return True
        flow = self.flows.flows.get(command.flow)
        frame = self.state.frame
        if flow is None or (frame is not None and frame.flow == command.flow):
            return True
        return flow.effect in ("protective", "handoff", "none") or self.open_at_start

    def _apply(self, command: Command) -> None:
        handler = _HANDLERS[type(command)]
        handler(self, command)

    def _set_slot(self, command: SetSlot) -> None:
        frame = self.state.frame
        if frame is None:
            return
        slots = {**frame.slots, command.slot: self._slot(command.value, command.source)}
        answered = frame.waiting == command.slot
        if answered:
            self._update(last_offer=None)
        step = self._collect_step(frame, command.slot)
        again = answered and step is not None and step.run_again
        self._replace_frame(
            slots=slots,
            step=0 if again else frame.step,
            waiting=None if answered else frame.waiting,
            attempts=0 if answered else frame.attempts,
        )

    def _correct_slot(self, command: CorrectSlot) -> None:
        frame = self.state.frame
        if frame is None:
            return
        if command.value is None:
            slots = {**frame.slots, command.slot: self._slot(None, "correction")}
            self._replace_frame(slots=slots, step=0, waiting=None, attempts=0)
            return
        slots = {**frame.slots, command.slot: self._slot(command.value, "correction")}
        self._replace_frame(slots=slots, waiting=None, attempts=0)
        step = self._collect_step(frame, command.slot)
        if step is not None and frame.waiting != CONFIRMATION:
            shown = slot_types.show_slot(step, command.value, self.facts)
            self._say("dialogue.corrected", value=shown)

    def _invalid_slot(self, command: InvalidSlot) -> None:
        frame = self.state.frame
        if frame is None or frame.waiting is None:
            return
        attempts = frame.attempts + 1
        self._replace_frame(attempts=attempts)
        if attempts >= MAX_ATTEMPTS:
            self._offer_other_ways(frame)
            return
        step = self._collect_step(frame, command.slot)
        offer = self._options_offer(step) if step else self._yes_no()
        self._say(command.reason, offer=offer, question=True, shown=command.params)

    def _skip_slot(self, command: SkipSlot) -> None:
        frame = self.state.frame
        step = self._collect_step(frame, frame.waiting) if frame and frame.waiting else None
        if frame is None or step is None:
            self._say("dialogue.deny")
        elif step.required:
            self._offer_other_ways(frame)
        else:
            self._update(last_offer=None)
            skipped = Slot(source="user", turn=self.state.turn, skipped=True)
            slots = {**frame.slots, step.collect: skipped}
            self._replace_frame(slots=slots, waiting=None, attempts=0)

    def _offer_other_ways(self, frame: Frame) -> None:
        """Offered, never imposed: leave the field out, a person, or another time; what waits for a yes still does."""
        if frame.waiting == CONFIRMATION:
            yes_no = self._yes_no().items
            offer = self._offer(*yes_no, person_item(self.facts.language))
            name = self._title(self._flow_of(frame))
            self._say("dialogue.confirm_or_leave", offer=offer, question=True, name=name)
            return
        step = self._collect_step(frame, frame.waiting or "")
        items = []
        flow = self._flow_of(frame)
        if flow is not None and may_be_passed_on(flow, self.facts):
            items.append(self._item("dialogue.pass_on", PassOn()))
        if step is not None and not step.required:
            items.append(self._item("dialogue.skip", SkipSlot()))
        items += [person_item(self.facts.language), self._item("dialogue.later", Cancel())]
        self._say("dialogue.other_ways", offer=self._offer(*items), question=True)

    def _pass_on(self, _: PassOn) -> None:
        """What was told goes to a colleague as a ticket, who asks for the rest."""
        frame = self.state.frame
        flow = self._flow_of(frame) if frame else None
        if frame is None or flow is None or not may_be_passed_on(flow, self.facts):
            self._say("dialogue.nothing_offered")
            return
        lines = [
            f"{self._label(frame, step.collect)}: {self._shown(frame, step.collect)}"
            for step in self._steps_of(frame)
            if isinstance(step, Collect) and frame.value(step.collect) is not None
        ]
        description = "\n".join([f"{self._title(flow)}: {frame.text}", *lines])
        self._pop()
        self._update(last_offer=None)
        self.open_at_start = False
        self._say("dialogue.passed_on", name=self._title(flow))
        self._start(
            StartFlow(
                flow=TICKET_FLOW,
                slots={"description": description[:MAX_TEXT]},
                text=frame.text,
                confirmed=True,
            )
        )

    def _affirm(self, _: Affirm) -> None:
        frame = self.state.frame
        if frame is not None and frame.waiting == CONFIRMATION and self.was_away:
            self._replace_frame(waiting=None)
        elif frame is not None and frame.waiting == CONFIRMATION:
            self._update(last_offer=None)
            self._replace_frame(step=frame.step + 1, waiting=None, attempts=0)
        else:
            self._say("dialogue.affirm")

    def _deny(self, _: Deny) -> None:
        frame = self.state.frame
        if frame is None or frame.waiting != CONFIRMATION:
            self._say("dialogue.deny")
            return
        self._leave(frame)
        self._say(self._denied(frame))

    def _choose(self, command: Choose) -> None:
        offer = self.state.offer
        if offer is None:
            self._say("dialogue.nothing_offered")
            return
        if not 0 <= command.item < len(offer.items):
            self._say("dialogue.which_meaning", offer=offer, question=True)
            return
        chosen = offer.items[command.item].command
        self._update(last_offer=None)
        if isinstance(chosen, StartFlow):
            chosen = chosen.model_copy(update={"at_once": True})
            self.open_at_start = False
        self._apply(chosen)

    def _decline_offer(self, _: DeclineOffer) -> None:
        declined = self.state.offer.declined if self.state.offer else None
        self._update(last_offer=None)
        if declined is not None:
            self._apply(declined)
        else:
            self._say("dialogue.deny")

    def _cancel(self, command: Cancel) -> None:
        frame = self.state.frame
        if frame is None:
            self._update(last_offer=None)
            self._say("dialogue.deny")
            return
        self._leave(frame)
        self._update(pending=self._without_tasks())
        if command.by == "customer":
            self._say(self._denied(frame))
            return
        self.open_at_start = False
        flow = self._flow_of(frame)
        if not frame.suggested and flow is not None and flow.effect != "none":
            self._say("dialogue.put_aside", name=self._title(flow))

    def _without_tasks(self) -> tuple[Command, ...]:
        """What is still to be taken, without tasks of earlier turns that would have come after the one that was left."""
        return tuple(one for one in self.state.pending if one not in self.queued)

    def _denied(self, frame: Frame) -> str:
        """What a flow says when it is left: that nothing was sent."""
        steps = self._steps_of(frame)
        return next((s.denied for s in steps if isinstance(s, Confirm)), "dialogue.left_alone")

    def _resume_left(self, _: Resume) -> None:
        left, at = self.state.left, self.state.left_at
        if self.state.frame is not None:
            self._replace_frame(waiting=None)
        elif left is not None and at is not None and self.facts.now - at <= LEFT_FOR:
            taken_up = left.model_copy(update={"waiting": None, "attempts": 0})
            self._update(stack=(*self.state.stack, taken_up), left=None, left_at=None)
        else:
            self._say("dialogue.nothing_left")

    def _restart(self, _: Restart) -> None:
        self._update(
            stack=(),
            left=None,
            last_offer=None,
            last_result=None,
            topic=None,
            pending=(),
            failures=0,
        )
        self._say("dialogue.restart")

    def _answer(self, command: AnswerQuestion) -> None:
        self.call = Call(
            "knowledge.answer",
            {
                "question": command.question,
                "rewritten": command.rewritten,
                "about_the_bank": command.about_the_bank,
                "suggest": list(command.suggest),
                "instead": command.instead,
                "before": command.before,
                "aside": command.aside,
                "otherwise": command.otherwise,
            },
        )

    def _show(self, command: ShowAccountData) -> None:
        if not self.facts.signed_in:
            self._say("dialogue.sign_in", offer=self._person_offer())
            return
        self.call = Call("accounts.show", {"view": command.view, "filters": command.filters})

    def _aggregate(self, command: AggregateAccountData) -> None:
        self.call = Call(
            "accounts.aggregate",
            {"aggregate": command.aggregate, "over": command.over, "filters": command.filters},
        )

    def _handoff(self, command: Handoff) -> None:
        if self.facts.state == "queued":
            self._say("dialogue.still_waiting")
            return
        self.call = Call("handoff.request", {"reason": command.reason})
        if self.state.frame is not None:
            self._update(left=self.state.frame, left_at=self.facts.now)
        self._update(stack=())

    def _leave_queue(self, _: LeaveQueue) -> None:
        self.call = Call("handoff.leave")
        self._update(queue=None)

    def _switch_language(self, command: SwitchLanguage) -> None:
        changed = {"type": "language.changed", "language": command.language}
        actions = (changed,) if command.language != self.state.language else ()
        self.facts = replace(self.facts, language=command.language)
        self._update(language=command.language, other_language_turns=0)
        self._say("dialogue.switch_language", actions=actions)
        if self.state.frame is not None and self.state.frame.waiting is not None:
            self._replace_frame(waiting=None)

    def _clarify(self, command: Clarify) -> None:
        items = [self._option(name, command.text) for name in command.flows[:MAX_OPTIONS]]
        person = person_item(self.facts.language)
        self._say("dialogue.which_meaning", offer=self._offer(*items, person), question=True)

    def _option(self, name: str, text: str) -> OfferItem | None:
        """A flow, or a view of one's own data, that a message may mean."""
        if name.startswith("show_"):
            return self._item(f"dialogue.view_{name}", ShowAccountData(view=name))
        return self._flow_item(self.flows.flows.get(name), text=text)

    def _chitchat(self, command: Chitchat) -> None:
        if command.kind in ("greet", "help"):
            ticket = self._flow_item(self.flows.flows.get("open_ticket"))
            offer = self._offer(ticket, person_item(self.facts.language))
            self._say(f"dialogue.{command.kind}", offer=offer)
            return
        self._say(f"dialogue.{command.kind}")
        may_offer = self.facts.signed_in and not self.state.offered_product
        if command.kind in ("thank", "goodbye") and may_offer and self.state.frame is None:
            self.call = Call("offers.next_best")

    def _repeat(self, _: Repeat) -> None:
        if self.state.last_text:
            self.says.append(Say(LocalizedText.free(self.state.last_text)))
        else:
            self._say("dialogue.repeat_nothing")

    def _undo(self, command: Undo) -> None:
        effect = next((one for one in self.state.effects if one.id == command.effect), None)
        if effect is None or effect.undo is None:
            self._say("dialogue.nothing_to_undo", offer=self._person_offer())
            return
        self.call = Call(effect.undo, effect.arguments)
        left = tuple(one for one in self.state.effects if one.id != effect.id)
        self._update(effects=left)

    def _ask_for_words(self, _: AskForWords) -> None:
        self._say("dialogue.empty")

    def _finish(self) -> None:
        """One short sentence back to the open step, and what is still to come."""
        frame = self.state.frame
        if frame is None or frame.waiting is None or self._asked_this_turn:
            return
        flow = self._flow_of(frame)
        if flow is None:
            return
        self._say("dialogue.back_to", name=self._title(flow))
        step = self._steps_of(frame)[frame.step]
        if isinstance(step, Collect):
            self._ask(frame.model_copy(update={"slots": _as_user(frame.slots)}), flow, step)
        elif isinstance(step, Confirm):
            self._ask_confirmation(frame, flow, step)

    @property
    def _asked_this_turn(self) -> bool:
        """Whether the reply ends with a question already."""
        return any(say.question for say in self.says)

    def _count(self, *, helped: bool) -> None:
        failures = 0 if helped else self.state.failures + 1
        self._update(failures=failures)
        if failures >= MAX_FAILURES:
            self._say("dialogue.offer_person", offer=self._person_offer())


def _as_user(slots: dict[str, Slot]) -> dict[str, Slot]:
    """Marked as begun, so that a question asked again does not introduce the request again."""
    return {**slots, "": Slot(source="user")}


_HANDLERS: dict[type[Any], Callable[[_Run, Any], None]] = {
    StartFlow: _Run._start,
    SetSlot: _Run._set_slot,
    CorrectSlot: _Run._correct_slot,
    InvalidSlot: _Run._invalid_slot,
    SkipSlot: _Run._skip_slot,
    Affirm: _Run._affirm,
    Deny: _Run._deny,
    Choose: _Run._choose,
    DeclineOffer: _Run._decline_offer,
    Cancel: _Run._cancel,
    PassOn: _Run._pass_on,
    Resume: _Run._resume_left,
    Restart: _Run._restart,
    AnswerQuestion: _Run._answer,
    ShowAccountData: _Run._show,
    AggregateAccountData: _Run._aggregate,
    Handoff: _Run._handoff,
    LeaveQueue: _Run._leave_queue,
    SwitchLanguage: _Run._switch_language,
    Clarify: _Run._clarify,
    Chitchat: _Run._chitchat,
    Repeat: _Run._repeat,
    Undo: _Run._undo,
    AskForWords: _Run._ask_for_words,
}
