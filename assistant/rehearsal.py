"""Conversations that a model must lead rightly before it is used: read, resolved and taken by the engine, without a database.

What an operation would do is noted, not done; facts stay as a conversation names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import yaml
from pydantic import BaseModel, ConfigDict

from actions.customers.models import Card
from actions.tickets.catalogue.finder import ServiceFinder
from actions.tickets.ticket_config.service import TicketConfig, default_services
from assistant.dialogue import engine
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.catalogue_flows import flows_of_services
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.flows.loading import default_files, read_files
from assistant.dialogue.masking import mask
from assistant.dialogue.nearest import NearestPhrasings
from assistant.dialogue.outputs import Call, Outcome, Reply
from assistant.dialogue.reader.model import Reader, reader
from assistant.dialogue.resolution import resolve
from assistant.dialogue.state import DialogueState, EffectDone
from assistant.dialogue.understanding import Understander
from core.clock import utc_now
from core.languages import Language
from knowledge_base.encoder import Encoder
from nlu.client import RasaClient
from nlu.training import PROJECT

CONVERSATIONS = PROJECT / "checks" / "conversations.yml"
MAX_CALLS = 12  # operations of a turn


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Part):
    """A message, the operations that it must lead to, and the flow that is open after it."""

    say: str
    does: tuple[str, ...] = ()
    open: str | None = None


class Conversation(_Part):
    """Messages of one customer, with the kinds of cards that they have."""

    language: Language
    cards: tuple[str, ...] = ("debit",)
    turns: tuple[Expected, ...]

    @classmethod
    def read_all(cls, path: Path = CONVERSATIONS) -> list[Conversation]:
        """The conversations of a file."""
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [cls.model_validate(entry) for entry in entries]


@dataclass
class Rehearsal:
    """A model, by a client that reads with it, in the dialogue that the product comes with."""

    rasa: RasaClient
    encoder: Encoder
    reads: Reader = field(default_factory=reader)

    def __post_init__(self) -> None:
        services = default_services()
        self._config = TicketConfig(revision=1, services=services)
        files, _ = read_files(default_files())
        flows = {one.definition.name: one.definition for one in files}
        self._flows = FlowSet(revision=1, flows={**flows, **flows_of_services(services)})
        finder = ServiceFinder(self.encoder)
        self._understander = Understander(
            self.encoder, self.rasa, self.reads, finder, NearestPhrasings()
        )

    async def faults(self, conversations: Sequence[Conversation]) -> list[str]:
        """Each turn that did something else, or left another flow open, than its conversation says."""
        return [fault for one in conversations for fault in await self._faults_of(one)]

    async def _faults_of(self, conversation: Conversation) -> list[str]:
        state = DialogueState(language=conversation.language)
        cards = [
            Card(id=uuid4(), last_four=f"{1000 + number}", kind=kind, state="active")
            for number, kind in enumerate(conversation.cards)
        ]
        facts = Facts(utc_now(), conversation.language, True, confirmed=True, cards=cards)
        for turn in conversation.turns:
            state, done = await self._turn(state, facts, turn.say)
            left_open = state.frame.flow if state.frame else None
            if done != list(turn.does) or left_open != turn.open:
                expected = _described(turn.does, turn.open)
                return [f"“{turn.say}” led to {_described(done, left_open)}, not to {expected}"]
        return []

    async def _turn(
        self, state: DialogueState, facts: Facts, text: str
    ) -> tuple[DialogueState, list[str]]:
        """The state after a message, and what it did."""
        reading = await self._understander.read(mask(text), state.language, self._config, facts.now)
        facts = replace(
            facts, language=state.language, state="queued" if state.queue else "assistant"
        )
        commands = resolve(reading, state, facts, self._flows)
        progress = engine.begin(state, commands, facts, self._flows)
        done: list[str] = []
        for _ in range(MAX_CALLS):
            if progress.call is None:
                break
            done.append(progress.call.operation)
            outcome = _noted(progress.call)
            progress = engine.resume(progress.state, outcome, facts, self._flows)
        return progress.state, done


def _noted(call: Call) -> Outcome:
    """An operation that went well."""
    effect = None
    if call.undo is not None:
        effect = EffectDone(
            id=str(uuid4()), operation=call.operation, arguments=call.arguments, undo=call.undo
        )
    return Outcome((Reply(call.operation),), effect=effect)


def _described(does: Sequence[str], left_open: str | None) -> str:
    return f"{', '.join(does) or 'nothing'} with {left_open or 'no task'} open"
