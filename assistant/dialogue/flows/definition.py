"""A flow as data: what starts it, what it collects, confirms, calls and says. Validated where it is read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from actions.tickets.ticket_config.contents import FieldContent, Texts
from assistant.dialogue.readings import Stance

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+([.-][a-z0-9_]+)*$", max_length=80)]
CONFIRMATION = "confirmation"
TICKET_FLOW = "open_ticket"  # the flow by which a message is passed on to a colleague

# What a flow does to the world, for the action policy.
EffectKind = Literal["none", "protective", "writes", "hard_to_take_back", "handoff"]
# The steps that everybody goes through, and those of a visitor where a flow has some.
Branch = Literal["steps", "without_sign_in"]
# The reader of a slot: see assistant/dialogue/slot_types.
SlotType = Literal[
    "field",
    "card",
    "blocked_card",
    "ticket",
    "appointment",
    "description",
    "note",
    "contact",
    "moment",
    "time",
    "topic",
    "goal",
    "amount",
    "horizon",
    "score",
    "choice",
    "address",
    "name",
]


# What somebody may have, for conditions.
Owned = Literal["active_card", "blocked_card", "ticket", "open_ticket", "appointment"]
MAX_OPTIONS = 20  # of one choice
MAX_STEPS = 60  # of one flow; a longer one is several that link to each other


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Part):
    """When a step applies: all that is set must hold. See conditions.holds.

    `without_time` names a slot whose moment is a day without a time, `foreign` one with a ticket that is not among the
    speaker's own; `has` and `lacks` say what the speaker has or has none of.
    """

    signed_in: bool | None = None
    slot: Name | None = None
    equals: Any = None
    missing: Name | None = None
    on_duty: bool | None = None
    without_time: Name | None = None
    foreign: Name | None = None
    has: Owned | None = None
    lacks: Owned | None = None


class Collect(_Part):
    """Ask for a slot unless it has a value; `ask` and `ask_again` are catalogue codes, `field` is a catalogue entry's own field.

    Only an answer to the question fills a slot with `ask_always`: no first message does, and no default. After an answer to one
    with `run_again` the steps before run again, with what is known then. `synonyms` are other words for an option, in any
    language.
    """

    collect: Name
    type: SlotType
    ask: str | None = None
    ask_again: str | None = None
    label: str | None = None
    required: bool = True
    ask_always: bool = False
    run_again: bool = False
    options: Annotated[tuple[Name, ...], Field(max_length=MAX_OPTIONS)] = ()
    synonyms: dict[Name, tuple[str, ...]] = {}
    field: FieldContent | None = None
    when: Condition | None = None


class Confirm(_Part):
    """Repeat what was collected and ask for a yes. `show` are the slots that are repeated."""

    confirm: str
    show: tuple[Name, ...] = ()
    denied: str = "dialogue.left_alone"
    when: Condition | None = None


class CallStep(_Part):
    """Run an operation with slots and fixed values as arguments; `undo` takes it back."""

    call: str
    slots: tuple[Name, ...] = ()
    arguments: dict[str, Any] = {}
    undo: str | None = None
    when: Condition | None = None


class SayStep(_Part):
    """Say a text of the catalogue; `show` are slots that it names."""

    say: str
    show: tuple[Name, ...] = ()
    when: Condition | None = None


class OfferStep(_Part):
    """Offer what may come next."""

    offer: tuple[Name, ...]
    when: Condition | None = None


class Link(_Part):
    """Go on with another flow, which takes over the slots of the same names."""

    link: Name
    when: Condition | None = None


class End(_Part):
    """The flow is over."""

    end: Literal[True]
    when: Condition | None = None


STEP_KINDS = ("collect", "confirm", "call", "say", "offer", "link", "end")


def step_kind(step: Any) -> str | None:
    """What kind of step this is, by its first word; None when it has none of them."""
    words = step if isinstance(step, dict) else getattr(type(step), "model_fields", {})
    return next((kind for kind in STEP_KINDS if kind in words), None)


Step = Annotated[
    Annotated[Collect, Tag("collect")]
    | Annotated[Confirm, Tag("confirm")]
    | Annotated[CallStep, Tag("call")]
    | Annotated[SayStep, Tag("say")]
    | Annotated[OfferStep, Tag("offer")]
    | Annotated[Link, Tag("link")]
    | Annotated[End, Tag("end")],
    Discriminator(step_kind),
]


class Start(_Part):
    """The intents (or, for a request of the catalogue, the entry) that start the flow, and the stance that they need."""

    intents: tuple[Name, ...] = ()
    service: Name | None = None
    requires: Stance = "asserted"


class FlowDefinition(_Part):
    """One flow. `name` is what the contract calls it; `title` is what a quick reply says.

    `inputs` are slots that whatever starts the flow may bring along; they are never asked for.
    """

    name: Name
    version: int = 0
    title: Texts
    description: Texts
    start: Start
    effect: EffectKind = "none"
    sign_in: Literal["never", "optional", "required"] = "optional"
    second_factor: bool = False
    inputs: tuple[Name, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS)]
    without_sign_in: Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)] = ()

    def branch_for(self, *, signed_in: bool) -> Branch:
        """Which of its lists of steps a speaker goes through."""
        return "without_sign_in" if self.without_sign_in and not signed_in else "steps"

    def steps_in(self, branch: Branch) -> tuple[Step, ...]:
        """The steps of a branch."""
        return self.without_sign_in if branch == "without_sign_in" else self.steps


class FlowSet(_Part):
    """The published flows by name, and earlier versions for conversations that are still in one (`name@version`)."""

    revision: int
    flows: dict[str, FlowDefinition]
    earlier: dict[str, FlowDefinition] = {}

    def by_intent(self, intent: str) -> FlowDefinition | None:
        """The flow that an intent starts."""
        return next((flow for flow in self.flows.values() if intent in flow.start.intents), None)

    def by_service(self, code: str) -> FlowDefinition | None:
        """The flow of an entry of the service catalogue."""
        return self.flows.get(f"service.{code}")

    def at(self, name: str, version: int) -> FlowDefinition | None:
        """The version that a conversation is in; None when it is gone, so that the flow ends politely."""
        flow = self.flows.get(name)
        if flow is not None and flow.version == version:
            return flow
        return self.earlier.get(f"{name}@{version}")

    def without(self, names: Collection[str], operations: Collection[str]) -> FlowSet:
        """The flows without those of these names and those that call one of these operations."""

        def is_on(flow: FlowDefinition) -> bool:
            calls = {
                s.call for s in (*flow.steps, *flow.without_sign_in) if isinstance(s, CallStep)
            }
            return flow.name not in names and calls.isdisjoint(operations)

        return FlowSet(
            revision=self.revision,
            flows={name: flow for name, flow in self.flows.items() if is_on(flow)},
            earlier={name: flow for name, flow in self.earlier.items() if is_on(flow)},
        )
