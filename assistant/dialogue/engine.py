"""The engine: a pure function of state, commands and facts that runs flows on the dialogue stack.

`begin` takes a turn's commands as far as the first operation; `resume` goes on with its outcome, until no call is left. Nothing
here reads a clock, a database or a model: a turn is replayed by the same commands and outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    Repeat,
    Restart,
    Resume,
    SetSlot,
    ShowAccountData,
    SkipSlot,
    StartFlow,
    SwitchLanguage,
    Undo,
    filling,
)
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.conditions import holds
from assistant.dialogue.flows.definition import (
    CONFIRMATION,
    CallStep,
    Collect,
    Confirm,
    FlowDefinition,
    FlowSet,
    Link,
    OfferStep,
    SayStep,
    Step,
)
from assistant.dialogue.outputs import Call, Outcome, Say
from assistant.dialogue.state import DialogueState, Frame, Offer, OfferItem, Slot
from assistant.dialogue.wording import offer_item, person_item
from core.localized_text import LocalizedText, Param, translate

LEFT_FOR = timedelta(minutes=10)  # how long a flow that was left can be taken up again
MAX_ATTEMPTS = 2  # unreadable answers to one question, after which other ways are offered
MAX_FAILURES = 2  # turns in a row without help, after which a person is offered
# Steps of flows in one turn: a cycle of links is refused where flows are checked, and ends here.
MAX_STEPS = 200
CONTACT = "contact"  # the slot that flows share
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


class _Run:
    """One stretch of a turn: the state as it changes, and what is said."""

    def __init__(
        self, state: DialogueState, facts: Facts, flows: FlowSet, *, open_at_start: bool
    ) -> None:
        self.state, self.facts, self.flows = state, facts, flows
        self.open_at_start = open_at_start
        self.says: list[Say] = []
        self.call: Call | None = None
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
        if outcome.stops_flow and self.state.frame and self.state.frame.waiting is None:
            self._pop()
        self._count(helped=outcome.helped)

    # --- commands ---------------------------------------------------------------------------------------------------

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

    def _start(self, command: StartFlow) -> None:
        flow, frame = self.flows.flows.get(command.flow), self.state.frame
        if flow is None:
            self._say("dialogue.flow_gone")
            return
        if frame is not None and frame.flow == flow.name:
            self._merge(frame, command)
            return
        if (
            frame is not None
            and self.open_at_start
            and flow.effect in ("writes", "hard_to_take_back")
        ):
            self._ask_which_first(flow, frame, command)
            return
        if not self._may_begin(flow, command):
            return
        slots = {name: self._slot(value, "user") for name, value in command.slots.items()}
        branch = flow.branch_for(signed_in=self.facts.signed_in)
        begun = Frame(
            flow=flow.name,
            version=flow.version,
            slots=slots,
            text=command.text,
            branch=branch,
        )
        self._update(stack=(*self.state.stack, begun), last_offer=None)

    def _merge(self, frame: Frame, command: StartFlow) -> None:
        """The flow is open already: what was said again is taken, and the open step is asked again."""
        slots = {name: self._slot(value, "user") for name, value in command.slots.items()}
        self._replace_frame(slots={**frame.slots, **slots}, waiting=None)

    def _may_begin(self, flow: FlowDefinition, command: StartFlow) -> bool:
        if flow.sign_in == "required" and not self.facts.signed_in and not flow.without_sign_in:
            self._say(
                "dialogue.request_sign_in", offer=self._person_offer(), name=self._title(flow)
            )
            return False
        return self._is_confirmed(flow, command.slots, command.text)

    def _is_confirmed(self, flow: FlowDefinition, slots: dict[str, Any], text: str) -> bool:
        """Whether a second factor counts where the flow needs one; else it is asked for, and the flow offered again."""
        if not flow.second_factor or not self.facts.signed_in or self.facts.confirmed:
            return True
        again = self._flow_item(flow, slots, text)
        offer = self._offer(again, person_item(self.facts.language))
        self._say("dialogue.request_be_sure", offer=offer, name=self._title(flow))
        return False

    def _ask_which_first(self, flow: FlowDefinition, frame: Frame, command: StartFlow) -> None:
        """Another task in the middle of one: the customer says which comes first."""
        running = self._flow_of(frame)
        self.open_at_start = False
        go_on = self._item("dialogue.go_on_first", Resume(), name=self._title(running))
        switch = self._item("dialogue.do_first", command, name=self._title(flow))
        self._say(
            "dialogue.which_first",
            offer=self._offer(go_on, switch),
            question=True,
            name=self._title(flow),
            current=self._title(running),
        )

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
        """Offered, never imposed: leave the field out, a person, or another time."""
        step = self._collect_step(frame, frame.waiting or "")
        items = []
        if step is not None and not step.required:
            items.append(self._item("dialogue.skip", SkipSlot()))
        items += [person_item(self.facts.language), self._item("dialogue.later", Cancel())]
        self._say("dialogue.other_ways", offer=self._offer(*items), question=True)

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

    def _cancel(self, _: Cancel) -> None:
        frame = self.state.frame
        if frame is None:
            self._update(last_offer=None)
            self._say("dialogue.deny")
            return
        self._leave(frame)
        self._update(pending=self._without_tasks())
        self._say(self._denied(frame))

    def _without_tasks(self) -> tuple[Command, ...]:
        """What is still to be taken, without the tasks that would have come after the one that was left."""
        return tuple(one for one in self.state.pending if not isinstance(one, StartFlow))

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
            },
        )

    def _show(self, command: ShowAccountData) -> None:
        if not self.facts.signed_in:
            self._say("dialogue.sign_in", offer=self._person_offer())
            return
        self.call = Call("accounts.show", {"view": command.view, "filters": command.filters})

    def _aggregate(self, command: AggregateAccountData) -> None:
        self.call = Call(
            "accounts.aggregate", {"aggregate": command.aggregate, "over": command.over}
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
        self.facts = replace(self.facts, language=command.language)
        self._update(language=command.language, other_language_turns=0)
        changed = {"type": "language.changed", "language": command.language}
        self._say("dialogue.switch_language", actions=(changed,))
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

    # --- steps of a flow --------------------------------------------------------------------------------------------

    def _step(self, frame: Frame) -> None:
        flow = self._flow_of(frame)
        if flow is None:
            self._pop()
            self._say("dialogue.flow_gone")
            return
        steps = self._steps_of(frame)
        if frame.step >= len(steps):
            self._pop()
            return
        step = steps[frame.step]
        if not holds(step.when, _values(frame), self.facts):
            self._replace_frame(step=frame.step + 1)
            return
        self._run_step(frame, flow, step)

    def _run_step(self, frame: Frame, flow: FlowDefinition, step: Step) -> None:
        match step:
            case Collect():
                self._collect(frame, flow, step)
            case Confirm():
                self._ask_confirmation(frame, flow, step)
            case CallStep():
                self._call(frame, flow, step)
            case SayStep():
                shown = {name: self._shown(frame, name) for name in step.show}
                self._replace_frame(step=frame.step + 1)
                self._say(step.say, shown=shown)
            case OfferStep():
                self._replace_frame(step=frame.step + 1)
                self._offer_next(step)
            case Link():
                self._link(frame, step)
            case _:
                self._pop()

    def _offer_next(self, step: OfferStep) -> None:
        """What may come next; nothing while another flow waits to go on."""
        items = [self._flow_item(self.flows.flows.get(name)) for name in step.offer]
        if len(self.state.stack) == 1 and not self.state.pending and any(items):
            self._say("dialogue.offer_next", offer=self._offer(*items))

    def _collect(self, frame: Frame, flow: FlowDefinition, step: Collect) -> None:
        slot = frame.slots.get(step.collect)
        if slot is not None and (slot.skipped or slot.value is not None):
            self._replace_frame(step=frame.step + 1)
            return
        corrected = slot is not None and slot.source == "correction"
        value = None if corrected else slot_types.default(step, self.facts)
        if value is not None:
            filled = {**frame.slots, step.collect: self._slot(value, "profile")}
            self._replace_frame(slots=filled, step=frame.step + 1)
            return
        self._replace_frame(waiting=step.collect)
        self._ask(frame, flow, step)

    def _ask(self, frame: Frame, flow: FlowDefinition, step: Collect) -> None:
        offer, form = self._options_offer(step), (self._form(frame, flow),)
        if step.field is not None:
            text = LocalizedText.free(step.field.ask.of(self.facts.language))
            if not any(slot.source == "user" for slot in frame.slots.values()):
                self._say("dialogue.request_begins", name=self._title(flow))
            self.says.append(Say(text, offer, question=True, actions=form))
        else:
            ask = step.ask or "dialogue.ask_description"
            self._say(ask, offer=offer, question=True, actions=form)
        if offer is not None:
            self._update(last_offer=offer)

    def _form(self, frame: Frame, flow: FlowDefinition) -> dict[str, Any]:
        """What is still asked for, as an action of the reply: where pages show fields, all may be filled in at once.

        A field: {name, label, type, required, options}. Each answer is sent as a message of its own, in this order.
        """
        values = _values(frame)
        fields = [
            {
                "name": step.collect,
                "label": self._label(frame, step.collect),
                "type": step.field.type if step.field else _FORM_TYPES.get(step.type, "text"),
                "required": step.required,
                "options": [option.title for option in slot_types.options(step, self.facts)],
            }
            for step in self._steps_of(frame)[frame.step :]
            if isinstance(step, Collect)
            and step.collect not in frame.slots
            and holds(step.when, values, self.facts)
        ]
        return {"type": "form.asked", "title": self._title(flow), "fields": fields}

    def _ask_confirmation(self, frame: Frame, flow: FlowDefinition, step: Confirm) -> None:
        self._replace_frame(waiting=CONFIRMATION)
        lines = [
            f"• {self._label(frame, name)}: {self._shown(frame, name)}"
            for name in step.show
            if frame.value(name) is not None
        ]
        values = {name: self._shown(frame, name) for name in step.show}
        self._say(
            step.confirm,
            offer=self._yes_no(),
            question=True,
            name=self._title(flow),
            answers="\n".join(lines),
            shown=values,
        )

    def _call(self, frame: Frame, flow: FlowDefinition, step: CallStep) -> None:
        if not self._is_confirmed(flow, {n: s.value for n, s in frame.slots.items()}, frame.text):
            self._pop()
            return
        values = {name: value for name, value in _values(frame).items() if name in step.slots}
        answers = {"answers": values} if step.call == "services.request" else values
        arguments = {**step.arguments, **answers}
        self._replace_frame(step=frame.step + 1)
        self.call = Call(step.call, arguments, step.undo)

    def _link(self, frame: Frame, step: Link) -> None:
        flow = self.flows.flows.get(step.link)
        self._pop()
        if flow is None:
            self._say("dialogue.flow_gone")
            return
        names = {one.collect for one in flow.steps if isinstance(one, Collect)}
        slots = {name: slot.value for name, slot in frame.slots.items() if name in names}
        self.open_at_start = False
        self._start(StartFlow(flow=flow.name, slots=slots, text=frame.text))

    # --- the end of a turn ------------------------------------------------------------------------------------------

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

    # --- pieces -----------------------------------------------------------------------------------------------------

    def _count(self, *, helped: bool) -> None:
        failures = 0 if helped else self.state.failures + 1
        self._update(failures=failures)
        if failures >= MAX_FAILURES:
            self._say("dialogue.offer_person", offer=self._person_offer())

    def _say(
        self,
        code: str,
        offer: Offer | None = None,
        *,
        question: bool = False,
        actions: tuple[dict[str, Any], ...] = (),
        shown: Mapping[str, Param] | None = None,
        **params: Param,
    ) -> None:
        text = LocalizedText(code, **{**(shown or {}), **params})
        self.says.append(Say(text, offer, question, actions))
        if offer is not None:
            self._update(last_offer=offer)

    def _word(self, code: str, **params: Any) -> str:
        return translate(LocalizedText(code, **params), self.facts.language)

    def _title(self, flow: FlowDefinition | None) -> str:
        return flow.title.of(self.facts.language) if flow else ""

    def _offer(self, *items: OfferItem | None, declined: Command | None = None) -> Offer:
        present = tuple(item for item in items if item is not None)
        return Offer(items=present, turn=self.state.turn, declined=declined)

    def _person_offer(self) -> Offer:
        return self._offer(person_item(self.facts.language))

    def _flow_item(
        self, flow: FlowDefinition | None, slots: dict[str, Any] | None = None, text: str = ""
    ) -> OfferItem | None:
        if flow is None:
            return None
        command = StartFlow(flow=flow.name, slots=slots or {}, text=text)
        return OfferItem.titled(self._title(flow), command)

    def _yes_no(self) -> Offer:
        return self._offer(self._item("dialogue.yes", Affirm()), self._item("dialogue.no", Deny()))

    def _item(self, code: str, command: Command, **params: Param) -> OfferItem:
        return offer_item(code, command, self.facts.language, **params)

    def _options_offer(self, step: Collect) -> Offer | None:
        options = slot_types.options(step, self.facts)
        if not options:
            return None
        items = [
            OfferItem(
                title=option.title,
                payload=option.payload,
                command=filling(step.collect, option.value),
            )
            for option in options
        ]
        return self._offer(*items)

    def _flow_of(self, frame: Frame) -> FlowDefinition | None:
        """The version that the conversation is in; None once it was withdrawn."""
        return self.flows.at(frame.flow, frame.version)

    def _steps_of(self, frame: Frame) -> Sequence[Step]:
        flow = self._flow_of(frame)
        return flow.steps_in(frame.branch) if flow else ()

    def _collect_step(self, frame: Frame, slot: str | None) -> Collect | None:
        return next(
            (
                step
                for step in self._steps_of(frame)
                if isinstance(step, Collect) and step.collect == slot
            ),
            None,
        )

    def _shown(self, frame: Frame, slot: str) -> str:
        step, value = self._collect_step(frame, slot), frame.value(slot)
        if value is None:
            return ""
        return slot_types.show_slot(step, value, self.facts) if step else str(value)

    def _label(self, frame: Frame, slot: str) -> str:
        step = self._collect_step(frame, slot)
        if step is not None and step.field is not None:
            return step.field.names.of(self.facts.language)
        return self._word(step.label) if step is not None and step.label else slot

    def _slot(self, value: Any, source: Any) -> Slot:
        return Slot(value=value, source=source, turn=self.state.turn)

    def _leave(self, frame: Frame) -> None:
        self._pop()
        self._update(left=frame, left_at=self.facts.now, last_offer=None)

    def _pop(self) -> None:
        """The top flow ends; the one below goes on, with what the customer has just said of how to be reached."""
        ended, below = self.state.stack[-1], self.state.stack[:-1]
        self._update(stack=below)
        if not below:
            return
        self.open_at_start = False
        contact = ended.slots.get(CONTACT)
        if contact is not None and contact.value and self._collect_step(below[-1], CONTACT):
            slots = {CONTACT: contact, **below[-1].slots}
            waits = below[-1].waiting if below[-1].waiting != CONTACT else None
            self._replace_frame(slots=slots, waiting=waits)

    def _replace_frame(self, **changes: Any) -> None:
        top = self.state.stack[-1].model_copy(update=changes)
        self._update(stack=(*self.state.stack[:-1], top))

    def _update(self, **changes: Any) -> None:
        self.state = self.state.model_copy(update=changes)


def _values(frame: Frame) -> dict[str, Any]:
    """What a flow knows, without what was skipped."""
    return {name: slot.value for name, slot in frame.slots.items() if slot.value is not None}


def _as_user(slots: dict[str, Slot]) -> dict[str, Slot]:
    """Marked as begun, so that a question asked again does not introduce the request again."""
    return {**slots, "": Slot(source="user")}


_FORM_TYPES = {"description": "long_text", "note": "long_text"}

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
