"""A flow being run: its steps on the dialogue stack, what they ask and say, and the operation that they call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.dialogue import slot_types
from assistant.dialogue.commands import (
    Affirm,
    Command,
    Deny,
    Resume,
    StartFlow,
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
from assistant.dialogue.outputs import Call, Say
from assistant.dialogue.state import DialogueState, Frame, Offer, OfferItem, Slot
from assistant.dialogue.wording import offer_item, person_item
from core.localized_text import LocalizedText, Param, translate

CONTACT = "contact"  # the slot that flows share
_FORM_TYPES = {"description": "long_text", "note": "long_text"}


class FlowRun:
    """The state as a turn changes it, what is said, and the operation that must run now."""

    def __init__(
        self, state: DialogueState, facts: Facts, flows: FlowSet, *, open_at_start: bool
    ) -> None:
        """`open_at_start` says that a flow was open when the turn began, so that another task is asked about first."""
        self.state, self.facts, self.flows = state, facts, flows
        self.open_at_start = open_at_start
        self.says: list[Say] = []
        self.call: Call | None = None

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
            suggested=command.suggested,
            confirmed=command.confirmed,
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
            case Confirm() if frame.confirmed:
                self._replace_frame(step=frame.step + 1)
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
        if value is None and not corrected and flow.effect == "writes":
            value = slot_types.likely(step, self.facts)
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
            if frame.value(name) is not None and self._applies(frame, name)
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

    def _applies(self, frame: Frame, slot: str) -> bool:
        """Whether a slot is asked for with what is known by now; the time of a day that has one is not."""
        step = self._collect_step(frame, slot)
        return step is None or holds(step.when, _values(frame), self.facts)

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
