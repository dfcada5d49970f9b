"""Slot types: what an answer, or a first message, holds for a step of a flow. Pure; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.conditions import has_its_time
from assistant.dialogue.flows.definition import Collect, FlowDefinition, SlotType
from assistant.dialogue.readings import Entity
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
    skip_option,
)
from assistant.dialogue.slot_types.cards import CardKind
from assistant.dialogue.slot_types.cards import may_be_own as may_be_own_card
from assistant.dialogue.slot_types.fields import ChoiceKind, FieldKind, is_typed_field
from assistant.dialogue.slot_types.moments import MomentKind, TimeKind
from assistant.dialogue.slot_types.needs import AmountKind, GoalKind, HorizonKind, ScoreKind
from assistant.dialogue.slot_types.texts import (
    AddressKind,
    ContactKind,
    DescriptionKind,
    NameKind,
    NoteKind,
    TopicKind,
)
from assistant.dialogue.slot_types.tickets import TicketKind
from assistant.dialogue.wording import say
from core.languages import Language

__all__ = [
    "FREE_TEXT",
    "KINDS",
    "Filled",
    "Option",
    "Reading",
    "Unreadable",
    "default",
    "holds_value",
    "label_words",
    "may_be_own_card",
    "options",
    "prefill",
    "prefilled",
    "read_slot",
    "show_slot",
]

FREE_TEXT = frozenset({"description", "note", "name", "address"})
KINDS: dict[SlotType, SlotKind] = {
    "field": FieldKind(),
    "card": CardKind(
        lambda facts: facts.active_cards, "dialogue.no_active_card", "dialogue.card_not_active"
    ),
    "blocked_card": CardKind(
        lambda facts: [card for card in facts.cards if card.state == "blocked"],
        "dialogue.no_blocked_card",
        "dialogue.card_already_active",
    ),
    "ticket": TicketKind(lambda facts: facts.tickets),
    "appointment": TicketKind(lambda facts: facts.appointments),
    "description": DescriptionKind(),
    "note": NoteKind(),
    "contact": ContactKind(),
    "moment": MomentKind(),
    "time": TimeKind(),
    "topic": TopicKind(),
    "goal": GoalKind(),
    "amount": AmountKind(),
    "horizon": HorizonKind(),
    "score": ScoreKind(),
    "choice": ChoiceKind(),
    "address": AddressKind(),
    "name": NameKind(),
}


def read_slot(
    step: Collect, text: str, entities: Sequence[Entity], facts: Facts, previous: Any = None
) -> Reading:
    """What a message that answers the open question is worth; `previous` is the slot's present value, for “the other one”.

    A value of None leaves an optional field out.
    """
    return KINDS[step.type].read(Answer.of(step, text, entities, facts, previous))


def prefill(
    step: Collect, text: str, entities: Sequence[Entity], facts: Facts, previous: Any = None
) -> Any:
    """The value that a message plainly holds though it was not asked for it; None without one, never a guess.

    `previous` is the slot's present value, which a message may change in a part: “at four instead”.
    """
    if step.ask_always:
        return None
    return KINDS[step.type].prefill(Answer.of(step, text, entities, facts, previous))


def prefilled(
    flow: FlowDefinition, text: str, words: str, entities: Sequence[Entity], facts: Facts
) -> dict[str, Any]:
    """What a first message plainly holds for a flow, by slot; `words` are the customer's own, for free text."""
    slots: dict[str, Any] = {}
    for step in flow.steps_in(flow.branch_for(signed_in=facts.signed_in)):
        if isinstance(step, Collect) and not has_its_time(step.when, slots):
            own = words if step.type in FREE_TEXT else text
            value = prefill(step, own, entities, facts)
            if value is not None:
                slots[step.collect] = value
    return {**_implied(flow, slots), **slots}


def _implied(flow: FlowDefinition, slots: Mapping[str, Any]) -> dict[str, Any]:
    """The choice that a value belongs to, which need not be asked: an email address is told, so it is the email that changes."""
    chosen = {
        (step.when.slot, step.when.equals)
        for step in flow.steps
        if isinstance(step, Collect) and step.collect in slots and step.when is not None
        if step.when.slot is not None and step.when.equals is not None
    }
    return {slot: value for slot, value in chosen if slot is not None} if len(chosen) == 1 else {}


def default(step: Collect, facts: Facts) -> Any:
    """The only value that is possible, such as the only active card; None without one, or where the slot may be left out."""
    return KINDS[step.type].default(step, facts) if step.required and not step.ask_always else None


def likely(step: Collect, facts: Facts) -> Any:
    """The value that a request is most often about, which the summary shows for correction: the only current account."""
    return KINDS[step.type].likely(step, facts) if step.required and not step.ask_always else None


def options(step: Collect, facts: Facts) -> list[Option]:
    """What can be tapped; where a slot may be left out, the last one has the value None and leaves it out."""
    offered = KINDS[step.type].options(step, facts)
    required = step.required and (step.field is None or step.field.required)
    return offered if required else [*offered, skip_option(facts.language)]


def show_slot(step: Collect, value: Any, facts: Facts) -> str:
    """A value as a person reads it in the language of the conversation; empty without one."""
    return "" if value is None else KINDS[step.type].show(step, value, facts)


def holds_value(step: Collect, text: str, entities: Sequence[Entity], facts: Facts) -> bool:
    """Whether a message holds a typed value of this slot (a date, an amount, a card ...), whatever else its words are like."""
    kind = KINDS[step.type]
    is_typed = is_typed_field(step) if step.type == "field" else kind.typed
    return is_typed and prefill(step, text, entities, facts) is not None


def label_words(step: Collect, language: Language) -> tuple[str, ...]:
    """By which words a customer names a slot, in small letters: its label, and the label's last word."""
    own = say(step.label, language) if step.label else step.collect
    label = step.field.names.of(language) if step.field is not None else own
    label = label.lower()
    return (label, label.split()[-1]) if language == "en" else (label, label[-2:])
