"""What a message asks of the engine. The reading and a configured model both produce these; nothing else reaches the engine."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.languages import Language

ChitchatKind = Literal[
    "greet",
    "thank",
    "goodbye",
    "affirm",
    "deny",
    "help",
    "give_feedback",
    "out_of_scope",
    "identity",
    "queue_state",
    "payment_order",
]
SlotSource = Literal["user", "correction", "profile", "default"]


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True)


class StartFlow(_Command):
    """Begin a flow with what the message holds for its slots.

    `at_once` says that the action policy allows its protective step without another word; `suggested`, that nobody asked for
    it by name: what goes on about something else leaves it; `confirmed`, that the customer has said already to send it.
    """

    type: Literal["start_flow"] = "start_flow"
    flow: str
    slots: dict[str, Any] = {}
    text: str = ""
    at_once: bool = False
    suggested: bool = False
    confirmed: bool = False


class SetSlot(_Command):
    """A value for a slot of the open flow, as the type's reader made it."""

    type: Literal["set_slot"] = "set_slot"
    slot: str
    value: Any
    source: SlotSource = "user"


class CorrectSlot(_Command):
    """Another value for a slot that has one; None where it is not said which, so that it is asked for again."""

    type: Literal["correct_slot"] = "correct_slot"
    slot: str
    value: Any


class InvalidSlot(_Command):
    """What was written for a slot is no value of its type; `reason` is a catalogue code with its parameters."""

    type: Literal["invalid_slot"] = "invalid_slot"
    slot: str
    reason: str
    params: dict[str, Any] = {}


class SkipSlot(_Command):
    """The customer cannot or will not answer."""

    type: Literal["skip_slot"] = "skip_slot"
    reason: Literal["unknown", "unwilling", "none_of_these", "later"] = "unknown"


def filling(slot: str, value: Any) -> SetSlot | SkipSlot:
    """What a value for a slot asks of the engine; None leaves the slot out."""
    return SkipSlot() if value is None else SetSlot(slot=slot, value=value)


class Affirm(_Command):
    """Yes to the open confirmation."""

    type: Literal["affirm"] = "affirm"


class Deny(_Command):
    """No to the open confirmation."""

    type: Literal["deny"] = "deny"


class Choose(_Command):
    """An item of the last offer, by its place from 0; any other number asks which of them is meant."""

    type: Literal["choose"] = "choose"
    item: int


class DeclineOffer(_Command):
    """None of what was offered last."""

    type: Literal["decline_offer"] = "decline_offer"


class Cancel(_Command):
    """Leave the open flow; what was typed is remembered for a while.

    `by` tells whether the customer leaves it, or the conversation went on without it: of a flow that was only suggested
    nothing is said then, of another that it waits.
    """

    type: Literal["cancel"] = "cancel"
    by: Literal["customer", "conversation"] = "customer"


class PassOn(_Command):
    """Send what was told for the open request as a ticket, though something that it asks for is missing."""

    type: Literal["pass_on"] = "pass_on"


class Resume(_Command):
    """Go on with the flow that was left."""

    type: Literal["resume"] = "resume"


class Restart(_Command):
    """Begin the conversation anew."""

    type: Literal["restart"] = "restart"


class AnswerQuestion(_Command):
    """Answer from the knowledge base; `rewritten` is the complete question where the customer's own words lean on the topic.

    `suggest` are flows that are offered beside the answer, or `instead` of one where no article has it. `before` is what the
    customer said just before it, which a short question may be about. `aside` is of a statement that asks nothing: where no
    article has it, nothing is said. `otherwise` is the task that begins where no article answers.
    """

    type: Literal["answer_question"] = "answer_question"
    question: str
    rewritten: str | None = None
    about_the_bank: bool = True
    suggest: tuple[str, ...] = ()
    instead: bool = False
    before: str | None = None
    aside: bool = False
    otherwise: StartFlow | None = None


class ShowAccountData(_Command):
    """Show the customer's own data; `filters` narrows transactions (days, party, amount)."""

    type: Literal["show_account_data"] = "show_account_data"
    view: str
    filters: dict[str, Any] = {}


class AggregateAccountData(_Command):
    """A figure over what was shown last: the sum, the largest, the smallest, the count.

    `filters` narrows it (party, days, amount, and `outgoing` for payments alone).
    """

    type: Literal["aggregate_account_data"] = "aggregate_account_data"
    aggregate: Literal["sum", "largest", "smallest", "count", "latest"]
    over: str
    filters: dict[str, Any] = {}


class Handoff(_Command):
    """Bring the customer to a person."""

    type: Literal["handoff"] = "handoff"
    reason: str = "asked"


class LeaveQueue(_Command):
    """The customer no longer waits for a person."""

    type: Literal["leave_queue"] = "leave_queue"


class SwitchLanguage(_Command):
    """Go on in another language."""

    type: Literal["switch_language"] = "switch_language"
    language: Language


class Clarify(_Command):
    """Ask which of these flows is meant; at most three."""

    type: Literal["clarify"] = "clarify"
    flows: tuple[str, ...] = ()
    text: str = ""


class Chitchat(_Command):
    """Greetings, thanks and the like."""

    type: Literal["chitchat"] = "chitchat"
    kind: ChitchatKind


class Repeat(_Command):
    """Say the last reply again."""

    type: Literal["repeat"] = "repeat"


class Undo(_Command):
    """Take back what this conversation did."""

    type: Literal["undo"] = "undo"
    effect: str


class AskForWords(_Command):
    """The message had nothing to read: one friendly question."""

    type: Literal["ask_for_words"] = "ask_for_words"


Command = Annotated[
    StartFlow
    | SetSlot
    | CorrectSlot
    | InvalidSlot
    | SkipSlot
    | Affirm
    | Deny
    | Choose
    | DeclineOffer
    | Cancel
    | PassOn
    | Resume
    | Restart
    | AnswerQuestion
    | ShowAccountData
    | AggregateAccountData
    | Handoff
    | LeaveQueue
    | SwitchLanguage
    | Clarify
    | Chitchat
    | Repeat
    | Undo
    | AskForWords,
    Field(discriminator="type"),
]
