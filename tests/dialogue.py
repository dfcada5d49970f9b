"""A conversation with the engine alone: readings go in, what was said and called comes out. No database, no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from actions.customers.models import Account, Card
from actions.tickets.models import Ticket
from assistant.dialogue import engine
from assistant.dialogue.commands import Command, StartFlow
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.flows.loading import default_files, read_files
from assistant.dialogue.normalisation import normalise
from assistant.dialogue.outputs import Call, Outcome, Reply
from assistant.dialogue.readings import Candidate, Clause, Entity, Reading, Stance
from assistant.dialogue.replies import Composition, remember
from assistant.dialogue.resolution import resolve
from assistant.dialogue.state import DialogueState, EffectDone, Offer, OfferItem
from core.languages import Language, detect_language
from nlu.values import entities_in

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@cache
def shipped_flows() -> FlowSet:
    """The flows that the product comes with."""
    files, problems = read_files(default_files())
    assert not problems, problems
    return FlowSet(revision=1, flows={one.definition.name: one.definition for one in files})


def card(last_four: str, kind: str = "debit", state: str = "active") -> Card:
    """A card of the speaker's."""
    return Card(id=uuid4(), last_four=last_four, kind=kind, state=state)


def clause(
    text: str,
    intent: str,
    stance: Stance = "asserted",
    *,
    evidence: bool | None = None,
    services: tuple[str, ...] = (),
    confidence: float = 0.95,
    now: datetime = MONDAY,
) -> Clause:
    """A clause as the reading would have it; evidence goes with an assertion unless said otherwise."""
    entities = tuple(Entity.of(named) for named in entities_in(text, now))
    return Clause(
        text=text,
        start=0,
        end=len(text),
        intent=intent,
        confidence=confidence,
        ranking=(Candidate(name=intent, confidence=confidence),),
        stance=stance,
        stance_confidence=0.95,
        evidence=stance == "asserted" if evidence is None else evidence,
        services=tuple(Candidate(name=code, confidence=0.8) for code in services),
        entities=entities,
        courtesy=intent in ("greet", "thank", "goodbye"),
    )


@dataclass
class Turn:
    """What came of a message."""

    text: str
    calls: list[Call]
    commands: list[Command]
    taps: list[str]
    state: DialogueState

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]


@dataclass
class Talk:
    """A conversation; `outcomes` says what an operation answers instead of a plain reply that names it."""

    language: Language = "en"
    signed_in: bool = True
    confirmed: bool = True
    cards: list[Card] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    now: datetime = MONDAY
    state: DialogueState = field(default_factory=DialogueState)
    flows: FlowSet = field(default_factory=shipped_flows)

    def __post_init__(self) -> None:
        self.state = self.state.model_copy(update={"language": self.language})

    @property
    def facts(self) -> Facts:
        return Facts(
            now=self.now,
            language=self.state.language,
            signed_in=self.signed_in,
            confirmed=self.confirmed,
            state="queued" if self.state.queue else "assistant",
            cards=self.cards,
            accounts=self.accounts,
            tickets=self.tickets,
        )

    def blocked_here(self) -> None:
        """This conversation has blocked the first card."""
        done = EffectDone(
            id="1",
            operation="cards.block",
            arguments={"card": str(self.cards[0].id)},
            undo="cards.unblock",
        )
        self.state = self.state.model_copy(update={"effects": (done,)})

    def say(self, *clauses: Clause, text: str | None = None) -> Turn:
        """A message of these clauses, or an answer without an intent of its own (`text`)."""
        if text is not None:
            clauses = (clause(text, "statement", evidence=False, confidence=0.4),)
        joined = " ".join(one.text for one in clauses)
        reading = Reading(
            text=joined,
            normalised=normalise(joined).text,
            language=detect_language(joined, self.language),
            clauses=clauses,
        )
        return self.take(resolve(reading, self.state, self.facts, self.flows))

    def take(self, commands: list[Command]) -> Turn:
        """Commands, taken by the engine to the end of the turn."""
        composed = Composition(self.state.language, self.state.last_codes, self.state.last_text)
        progress = engine.begin(self.state, commands, self.facts, self.flows)
        composed.add_all(progress.outputs, progress.state.language)
        calls = []
        while progress.call is not None:
            calls.append(progress.call)
            outcome = self._outcome(progress.call)
            composed.add_outcome(outcome)
            facts = replace(self.facts, language=progress.state.language)
            progress = engine.resume(progress.state, outcome, facts, self.flows)
            composed.add_all(progress.outputs, progress.state.language)
        self.state = remember(progress.state, composed)
        reply = composed.reply()
        self.now += timedelta(minutes=1)
        taps = [tap["payload"] for tap in reply.quick_replies]
        return Turn(reply.text, calls, commands, taps, self.state)

    def _outcome(self, call: Call) -> Outcome:
        if call.operation in self.outcomes:
            return self.outcomes[call.operation]
        offer = self._suggested(call.arguments.get("suggest", ()))
        effect: EffectDone | None = None
        if call.undo is not None:
            effect = EffectDone(
                id=str(uuid4()), operation=call.operation, arguments=call.arguments, undo=call.undo
            )
        return Outcome((Reply(f"[{call.operation}]"),), effect=effect, offer=offer)

    def _suggested(self, names: Sequence[str]) -> Offer | None:
        """The flows that an answer is given with, as the knowledge operation offers them."""
        titles = {name: self.flows.flows[name].title.of(self.state.language) for name in names}
        items = tuple(
            OfferItem(title=title, payload=title, command=StartFlow(flow=name))
            for name, title in titles.items()
        )
        return Offer(items=items, turn=self.state.turn) if items else None

    def values(self) -> dict[str, Any]:
        """The slots of the open flow."""
        frame = self.state.frame
        return {name: slot.value for name, slot in frame.slots.items()} if frame else {}
