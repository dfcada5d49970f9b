"""Turns: a message is read without a connection, then taken in one transaction that writes message, effects, replies and state.

The conversation's row is locked in that transaction, so that turns follow each other over any number of processes; where the
state changed since the message was read, it is resolved anew against the present one. Nothing is written before, so a client's
retry after a crash finds either the whole turn or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.queries import accounts_of, cards_of, load_customer
from actions.tickets import queries as ticket_queries
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from actions.tickets.routing.signals import Sign
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from assistant.conversations import queries
from assistant.conversations.models import Conversation, Message, TurnTrace
from assistant.conversations.schemas import ActiveFlow, ClauseOut, MessageOut, State, TurnOut
from assistant.conversations.service import note_signs, speaker_of, store
from assistant.dialogue import engine, operations
from assistant.dialogue.commands import AnswerQuestion, Clarify, Command, Handoff, StartFlow
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.flows.service import load_flows
from assistant.dialogue.flows.switches import Switches, load_switches
from assistant.dialogue.masking import MaskedText, mask
from assistant.dialogue.operations.context import OperationContext, Services
from assistant.dialogue.outputs import Call, Outcome, Reply, Say
from assistant.dialogue.readings import Reading
from assistant.dialogue.replies import Composition, remember
from assistant.dialogue.resolution import resolve
from assistant.dialogue.resolution.context import flow_of
from assistant.dialogue.signs import care_for, grave, scam_steps, signs_from_json, signs_in
from assistant.dialogue.state import DialogueState
from assistant.dialogue.understanding import Understander
from assistant.dialogue.wording import say
from core.clock import SERVICE_HOURS, utc_now
from core.database import Database
from core.errors import Conflict, Invalid
from core.identity import Participant
from core.languages import Language, clean_text
from core.localized_text import LocalizedText

# More wait at the door, in order: inside, they would only wait for database connections and for Rasa, whose time is limited.
TURNS_AT_ONCE = 16
SHOWN_TICKETS = 20  # of one's own that a reference may be chosen from
SWITCH_AFTER = (
    2  # messages in a row in another language, after which the conversation goes on in it
)
MAX_CALLS = 12  # operations of one turn


@dataclass(frozen=True)
class Incoming:
    """A customer's message as it will be stored, with what was read of it."""

    masked: MaskedText
    client_id: str | None
    reading: Reading


@dataclass(frozen=True)
class _Before:
    """The answer that the client id had before, and what the message is read by."""

    answered: TurnOut | None
    language: Language
    at_agent: bool
    config: TicketConfig


class TurnHandler:
    """Takes turns, those of one conversation in order."""

    def __init__(self, database: Database, services: Services, understander: Understander) -> None:
        self._database, self._services, self._understander = database, services, understander
        self._places = asyncio.Semaphore(TURNS_AT_ONCE)
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, speaker: Participant, text: str, client_id: str | None) -> TurnOut:
        """Answer a customer's message; the same client id is answered once, and the same again when repeated.

        Raises:
            Invalid: The client id was used for another text.
            Conflict: The conversation is closed.
        """
        lock = self._locks.setdefault(speaker.conversation_id, asyncio.Lock())
        async with lock, self._places:
            masked = mask(clean_text(text))
            before = await self._before(speaker, masked, client_id)
            if before.answered is not None:
                return before.answered
            incoming = Incoming(masked, client_id, await self._read(masked, before))
            async with self._database.transaction() as session:
                return await self._take(session, speaker, incoming)

    async def hand_over(
        self, session: AsyncSession, conversation: Conversation, reason: str, now: datetime
    ) -> Message:
        """Bring the conversation to a person at the press of a button; the message that says so."""
        state = conversation.dialogue
        facts = await load_facts(session, conversation, state.language, now)
        flows = await load_flows(session, await load_ticket_config(session))
        context = context_of(session, self._services, conversation, None, state, facts, flows, now)
        outcome = await operations.run(context, Call("handoff.request", {"reason": reason}))
        composed = Composition(state.language)
        composed.add_outcome(outcome)
        conversation.dialogue = remember(
            state.model_copy(update={"queue": outcome.queue or state.queue}), composed
        )
        return await store(
            session, _assistant_message(conversation, composed.reply(), state.language, None, [])
        )

    async def _before(
        self, speaker: Participant, masked: MaskedText, client_id: str | None
    ) -> _Before:
        """What reading the message depends on, in a transaction of its own."""
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id)
            earlier = await _answered_before(session, conversation, masked, client_id)
            if earlier is None and conversation.state == "closed":
                raise Conflict("conversation.closed_open_new")
            config = await load_ticket_config(session)
            language = conversation.dialogue.language
            return _Before(earlier, language, conversation.state == "agent", config)

    async def _read(self, masked: MaskedText, before: _Before) -> Reading:
        """Read the message without holding a connection; one that goes to an agent is not read."""
        if before.at_agent:
            return Reading(text=masked.text, normalised="", language=before.language)
        return await self._understander.read(masked, before.language, before.config, utc_now())

    async def _take(
        self, session: AsyncSession, speaker: Participant, incoming: Incoming
    ) -> TurnOut:
        conversation = await queries.load(session, speaker, speaker.conversation_id, lock=True)
        earlier = await _answered_before(session, conversation, incoming.masked, incoming.client_id)
        if earlier is not None:
            return earlier
        if conversation.state == "closed":
            raise Conflict("conversation.closed_open_new")
        message = await store(session, _customer_message(conversation, incoming))
        if conversation.state == "agent":
            return _turn_out([], conversation, None)
        return await _Turn(self._services, conversation, message, incoming, session).run()


class _Turn:
    """One turn inside its transaction."""

    def __init__(
        self,
        services: Services,
        conversation: Conversation,
        message: Message,
        incoming: Incoming,
        session: AsyncSession,
    ) -> None:
        self._services, self._conversation, self._message = services, conversation, message
        self._reading, self._session, self._now = incoming.reading, session, utc_now()

    async def run(self) -> TurnOut:
        """Resolve, run the engine with its operations, compose, store."""
        conversation, reading = self._conversation, self._reading
        state = _with_language(conversation.dialogue, reading)
        config = await load_ticket_config(self._session)
        switches = await load_switches(self._session)
        flows = switches.applied_to(await load_flows(self._session, config))
        facts = await load_facts(self._session, conversation, state.language, self._now)
        known = signs_from_json(conversation.signals)
        signs = note_signs(conversation, signs_in(self._message.text, reading.language))
        commands = resolve(reading, state, facts, flows)
        if (sign := grave(signs)) is not None and facts.state == "assistant":
            commands = [*_protective(commands), Handoff(reason=sign.reason.en)]
        if not switches.assistant:
            commands = [Handoff(reason="assistant_off")]
        steps = scam_steps([*known, *signs], self._message.text, state, facts, flows)
        if steps:
            commands = _without_doubt(commands)
        introduction = await self._introduction(state)
        composed = Composition(state.language, state.last_codes, state.last_text)
        composed.add_all(_openings(state, reading, signs, switches), state.language)
        composed.add_all(steps if known else [], state.language)
        before = state
        state = await self._engine(state, commands, facts, flows, switches, composed)
        composed.add_all([] if known else steps, state.language)
        state = remember(state, composed).model_copy(update={"introduced": True})
        reply = composed.reply()
        answer = _assistant_message(
            conversation, reply, state.language, self._message.id, _degraded(reading)
        )
        stored = [*introduction, await store(self._session, answer)]
        conversation.dialogue, conversation.language = state, state.language
        conversation.updated_at = self._now
        self._session.add(self._trace(before, commands, state))
        return _turn_out(stored, conversation, flows, reading)

    async def _introduction(self, state: DialogueState) -> list[Message]:
        """At first contact, who speaks and what becomes of the words; a message of its own, so that an effect is said first."""
        if state.introduced:
            return []
        reply = Reply(say("dialogue.introduction", state.language))
        message = _assistant_message(
            self._conversation, reply, state.language, self._message.id, []
        )
        return [await store(self._session, message)]

    async def _engine(
        self,
        state: DialogueState,
        commands: Sequence[Command],
        facts: Facts,
        flows: FlowSet,
        switches: Switches,
        composed: Composition,
    ) -> DialogueState:
        progress = engine.begin(state, commands, facts, flows)
        composed.add_all(progress.outputs, progress.state.language)
        for _ in range(MAX_CALLS):
            if progress.call is None:
                break
            facts = replace(facts, language=progress.state.language)
            context = context_of(
                self._session,
                self._services,
                self._conversation,
                self._message,
                progress.state,
                facts,
                flows,
                self._now,
            )
            is_off = progress.call.operation in switches.operations
            outcome = _OFF if is_off else await operations.run(context, progress.call)
            composed.add_outcome(outcome)
            if is_off:
                composed.add(Say(LocalizedText("dialogue.flow_gone")))
            if progress.call.operation not in operations.READS:
                facts = await self._refreshed(facts)
            progress = engine.resume(progress.state, outcome, facts, flows)
            composed.add_all(progress.outputs, progress.state.language)
        return progress.state

    async def _refreshed(self, facts: Facts) -> Facts:
        """The facts after an operation, which may have changed them."""
        return await load_facts(self._session, self._conversation, facts.language, self._now)

    def _trace(
        self, before: DialogueState, commands: Sequence[Command], after: DialogueState
    ) -> TurnTrace:
        """What the engine saw and did, for staff."""
        return TurnTrace(
            message_id=self._message.id,
            conversation_id=self._conversation.id,
            reading=self._reading.model_dump(mode="json"),
            commands=[command.model_dump(mode="json") for command in commands],
            stack_before=[frame.model_dump(mode="json") for frame in before.stack],
            stack_after=[frame.model_dump(mode="json") for frame in after.stack],
            created_at=self._now,
        )


def context_of(
    session: AsyncSession,
    services: Services,
    conversation: Conversation,
    message: Message | None,
    state: DialogueState,
    facts: Facts,
    flows: FlowSet,
    now: datetime,
) -> OperationContext:
    """What an operation of this conversation works with; who speaks is read from the conversation."""
    return OperationContext(
        session=session,
        services=services,
        speaker=speaker_of(conversation),
        conversation_id=conversation.id,
        message_id=message.id if message else None,
        text=message.text if message else "",
        language=state.language,
        now=now,
        channel=conversation.channel,
        signs=signs_from_json(conversation.signals),
        facts=facts,
        state=state,
        flows=flows,
    )


async def load_facts(
    session: AsyncSession, conversation: Conversation, language: Language, now: datetime
) -> Facts:
    """Who speaks, what they have, and when."""
    speaker = speaker_of(conversation)
    confirmed = conversation.mfa_valid_until is not None and conversation.mfa_valid_until > now
    facts = Facts(
        now=now,
        language=language,
        signed_in=speaker.customer_id is not None,
        confirmed=confirmed,
        state="queued" if conversation.state == "queued" else "assistant",
        on_duty=SERVICE_HOURS.is_open(now),
    )
    own = ticket_queries.visible_tickets(speaker).order_by(
        Ticket.state.in_(ACTIVE).desc(), Ticket.created_at.desc()
    )
    tickets = (await session.scalars(own.limit(SHOWN_TICKETS))).all()
    if speaker.customer_id is None:
        return replace(facts, tickets=tickets)
    customer = await load_customer(session, speaker, speaker.customer_id)
    return replace(
        facts,
        tickets=tickets,
        cards=await cards_of(session, customer),
        accounts=await accounts_of(session, customer),
    )


async def _answered_before(
    session: AsyncSession, conversation: Conversation, masked: MaskedText, client_id: str | None
) -> TurnOut | None:
    """What this client id was answered; None for a new one.

    Raises:
        Invalid: It was sent with another text.
    """
    if not client_id:
        return None
    known = await queries.message_by_client_id(session, conversation.id, client_id)
    if known is None:
        return None
    if known.text != masked.text:
        raise Invalid.field("client_message_id", "conversation.client_id_reused")
    return _turn_out(list(await queries.replies_to(session, known.id)), conversation, None)


def _with_language(state: DialogueState, reading: Reading) -> DialogueState:
    """The language changes by two messages in a row in another one; the first message decides it."""
    if not reading.has_features or reading.language == state.language:
        return state.model_copy(update={"other_language_turns": 0})
    turns = state.other_language_turns + 1
    if state.turn == 0 or turns >= SWITCH_AFTER:
        return state.model_copy(update={"language": reading.language, "other_language_turns": 0})
    return state.model_copy(update={"other_language_turns": turns})


def _protective(commands: Sequence[Command]) -> list[Command]:
    """What a person is not waited for: a card is blocked at once."""
    return [one for one in commands if isinstance(one, StartFlow) and one.at_once]


def _without_doubt(commands: Sequence[Command]) -> list[Command]:
    """Beside the steps after a scam nothing is asked back, and a question is answered or passed over."""
    return [
        one.model_copy(update={"aside": True}) if isinstance(one, AnswerQuestion) else one
        for one in commands
        if not isinstance(one, Clarify)
    ]


_OFF = Outcome(helped=False, stops_flow=True)  # of an operation that is switched off


def _openings(
    state: DialogueState, reading: Reading, signs: Sequence[Sign], switches: Switches
) -> list[Say]:
    """What comes before the answer: an incident, what was masked, a word of care."""
    says = []
    if switches.incident is not None and (not switches.assistant or not state.introduced):
        says.append(Say(LocalizedText.free(switches.incident.of(state.language))))
    if reading.masked:
        says.append(Say(LocalizedText("dialogue.masked")))
    return [*says, *care_for(signs, state.language)]


def _customer_message(conversation: Conversation, incoming: Incoming) -> Message:
    reading = incoming.reading
    return Message(
        conversation_id=conversation.id,
        author="customer",
        text=incoming.masked.text,
        language=reading.language,
        citations=[],
        quick_replies=[],
        actions=[],
        degraded=[],
        client_message_id=incoming.client_id,
        created_at=utc_now(),
    )


def _assistant_message(
    conversation: Conversation,
    reply: Reply,
    language: Language,
    answers: UUID | None,
    degraded: list[str],
) -> Message:
    return Message(
        conversation_id=conversation.id,
        author="assistant",
        text=reply.text,
        language=language,
        citations=reply.citations,
        quick_replies=reply.quick_replies,
        actions=reply.actions,
        answers=answers,
        degraded=degraded,
        created_at=utc_now(),
    )


def _degraded(reading: Reading) -> list[str]:
    return ["rasa"] if reading.source == "nearest" and reading.has_features else []


def _turn_out(
    messages: Sequence[Message],
    conversation: Conversation,
    flows: FlowSet | None,
    reading: Reading | None = None,
) -> TurnOut:
    frame = conversation.dialogue.frame
    active = (
        ActiveFlow(name=frame.flow, step=frame.step, collecting=frame.waiting) if frame else None
    )
    state: State = conversation.state
    return TurnOut(
        messages=[MessageOut.model_validate(message) for message in messages],
        state=state,
        degraded=sorted({part for message in messages for part in message.degraded}),
        active_flow=active,
        understood=understood(reading, flows) if reading and flows else None,
    )


def understood(reading: Reading, flows: FlowSet) -> list[ClauseOut]:
    """The clauses of a reading as the contract writes them."""
    return [
        ClauseOut(
            text=clause.text,
            intent=clause.intent,
            flow=flow.name if (flow := flow_of(clause, flows)) else None,
            stance=clause.stance,
            confidence=clause.confidence,
        )
        for clause in reading.clauses
    ]
