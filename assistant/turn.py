"""A turn: a message is stored once, understood by Rasa, answered by our actions, stored, and told to live clients."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from actions.dialogue import handoff, needs, offers, ratings
from actions.dialogue.phrases import say
from actions.dialogue.signals import from_json, signs_in
from actions.dialogue.turn import SAID, Reply, Services, Turn, kept_replies
from actions.tickets.routing.signals import Sign
from assistant import degraded
from assistant.conversations import queries
from assistant.conversations.models import Conversation, Message
from assistant.conversations.schemas import MessageOut, State, TurnOut
from assistant.conversations.service import note_signs, speaker_of, store
from assistant.understanding import vector_of
from core.clock import utc_now
from core.contacts import find_contact
from core.database import Database
from core.errors import Conflict, NotFound
from core.identity import Participant
from core.languages import clean_text, detect_language
from nlu.client import RasaClient, RasaUnavailable

log = structlog.get_logger(__name__)


# More wait at the door, in order: inside, they would only wait for database connections and for Rasa, whose time is limited.
TURNS_AT_ONCE = 16
OWN_QUESTIONS = (
    ratings,
    needs,
    offers,
)  # what is asked without Rasa, each remembered for one message


@dataclass(frozen=True)
class Received:
    """A stored message, the conversation's state, the signs it newly showed, and the answer if it was answered before.

    `begun` is true where the degraded dialogue has asked something that Rasa, which may be back, knows nothing of; `ours`
    where it answers what this service asked without Rasa.
    """

    message: Message
    state: State
    signs: tuple[Sign, ...]
    kept: TurnOut | None = None
    begun: bool = False
    ours: bool = False


class TurnHandler:
    """Takes turns, those of one conversation in order."""

    def __init__(self, database: Database, services: Services, rasa: RasaClient) -> None:
        self._database, self._services, self._rasa = database, services, rasa
        self._places = asyncio.Semaphore(TURNS_AT_ONCE)
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, speaker: Participant, text: str, client_id: str | None) -> TurnOut:
        """Answer a customer's message; the same client id is answered once, and the same again when repeated."""
        lock = self._locks.setdefault(speaker.conversation_id, asyncio.Lock())
        async with lock, self._places:
            received = await self._receive(speaker, clean_text(text), client_id)
            if received.kept is not None:
                return received.kept
            if received.state != "assistant":
                return await self._while_waiting(speaker, received)
            if not received.message.text or handoff.grave(received.signs) or received.ours:
                return await self._answer(speaker, received, [], [])
            if received.begun:
                return await self._answer(speaker, received, None, ["rasa"])
            return await self._understand(speaker, received)

    async def _receive(self, speaker: Participant, text: str, client_id: str | None) -> Received:
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id)
            state: State = conversation.state
            known = client_id and await queries.message_by_client_id(
                session, conversation.id, client_id
            )
            if known:
                replies = await queries.replies_to(session, known.id)
                if replies or state != "assistant":
                    return Received(known, state, (), _turn_out(list(replies), state))
                signs = signs_in(known.text, known.language)
                # it was stored, but we died before answering
                return _received(known, conversation, signs)
            if state == "closed":
                raise Conflict("conversation.closed_open_new")
            language = detect_language(text, conversation.language)
            message = Message(
                conversation_id=conversation.id,
                author="customer",
                text=text,
                language=language,
                citations=[],
                quick_replies=[],
                actions=[],
                degraded=[],
                client_message_id=client_id,
                created_at=utc_now(),
            )
            signs = note_signs(conversation, signs_in(text, language))
            await store(session, message)
            return _received(message, conversation, signs)

    async def _understand(self, speaker: Participant, received: Received) -> TurnOut:
        message = received.message
        metadata = {"message_id": str(message.id)}
        encoder = self._services.search.encoder
        encoding = asyncio.create_task(encoder.encode(message.text))
        encoding.add_done_callback(lambda task: task.exception())
        try:
            metadata.update(await vector_of(encoder, message.text))
            sent = await self._rasa.send(str(message.conversation_id), message.text, metadata)
            numbers = [int(entry["custom"]["reply"]) for entry in sent if "custom" in entry]
            if numbers:
                return await self._answer(speaker, received, numbers, [])
            log.warning("rasa.silent", conversation_id=str(message.conversation_id))
        except RasaUnavailable as error:
            log.warning(
                "rasa.unavailable", reason=str(error), conversation_id=str(message.conversation_id)
            )
        return await self._answer(speaker, received, None, ["rasa"])

    async def _answer(
        self, speaker: Participant, received: Received, numbers: list[int] | None, down: list[str]
    ) -> TurnOut:
        """Store the replies that the actions kept; without Rasa, those of the degraded dialogue. One transaction."""
        message = received.message
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id, lock=True)
            turn = make_turn(session, self._services, conversation, message, utc_now())
            replies = await self._replies(turn, received.signs, numbers)
            keep_memory(conversation, turn)
            stored = [await store(session, _message_of(reply, message, down)) for reply in replies]
            conversation.language, conversation.updated_at = message.language, utc_now()
            remembered = {name: kept for name, kept in conversation.memory.items() if name != SAID}
            if not turn.happened("failed"):
                remembered.pop(handoff.UNHELPED, None)
            conversation.memory = {**remembered, "last_text": replies[-1].text}
            return _turn_out(stored, conversation.state)

    async def _replies(
        self, turn: Turn, signs: Sequence[Sign], numbers: list[int] | None
    ) -> list[Reply]:
        """A word of care before the answer; where a sign is grave, a person instead of one."""
        if not turn.text:
            return [Reply(say("empty", turn.language))]
        if sign := handoff.grave(signs):
            return await handoff.take_over(turn, sign)
        for part in OWN_QUESTIONS:
            if taken := await part.take(turn):
                return [taken]
        kept = [] if numbers is None else kept_replies(turn.memory, turn.message_id, numbers)
        care = handoff.with_care(turn, signs)
        return [*([care] if care else []), *(kept or await degraded.respond(turn))]

    async def _while_waiting(self, speaker: Participant, received: Received) -> TurnOut:
        """The assistant is silent to the customer, but for the contact that a visitor leaves outside the hours."""
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id, lock=True)
            contact = (
                find_contact(received.message.text)
                if handoff.CALL_BACK in conversation.memory
                else None
            )
            if contact is None:
                return TurnOut(messages=[], state=received.state, degraded=[])
            turn = make_turn(session, self._services, conversation, received.message, utc_now())
            reply = await handoff.promise_call_back(turn, contact)
            keep_memory(conversation, turn)
            return _turn_out(
                [await store(session, _message_of(reply, received.message, []))], conversation.state
            )


def _received(message: Message, conversation: Conversation, signs: Sequence[Sign]) -> Received:
    """A message that is to be answered, with what was asked before it by others than Rasa."""
    memory, state = conversation.memory, conversation.state
    ours = any(part.is_answer(memory, message.text) for part in OWN_QUESTIONS)
    return Received(message, state, tuple(signs), begun=degraded.PENDING in memory, ours=ours)


def make_turn(
    session: AsyncSession,
    services: Services,
    conversation: Conversation,
    message: Message | None,
    now: datetime,
) -> Turn:
    """The turn of a stored message, or of a pressed button without one; who speaks is read from the conversation."""
    return Turn(
        session=session,
        services=services,
        speaker=speaker_of(conversation),
        message_id=message.id if message else uuid4(),
        language=(message or conversation).language,
        text=message.text if message else "",
        now=now,
        channel=conversation.channel,
        signs=from_json(conversation.signals),
        memory=dict(conversation.memory),
    )


def keep_memory(conversation: Conversation, turn: Turn) -> None:
    """What the actions remembered stays with the conversation."""
    if turn.memory != conversation.memory:
        conversation.memory = turn.memory
        flag_modified(conversation, "memory")


async def pending_turn(
    session: AsyncSession,
    services: Services,
    conversation_id: UUID,
    message_id: UUID,
    now: datetime,
) -> tuple[Turn, Conversation]:
    """The turn that an action of Rasa's belongs to; NotFound when there is none, or when it was answered without Rasa."""
    answered = exists().where(Message.answers == message_id)
    found = await session.execute(
        select(Conversation, Message)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.id == conversation_id, Message.id == message_id, ~answered)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("turn")
    return make_turn(session, services, row[0], row[1], now), row[0]


def _message_of(reply: Reply, message: Message, down: list[str]) -> Message:
    return Message(
        conversation_id=message.conversation_id,
        author="assistant",
        text=reply.text,
        language=detect_reply(reply, message),
        citations=reply.citations,
        quick_replies=reply.quick_replies,
        actions=reply.actions,
        answers=message.id,
        degraded=down,
        created_at=utc_now(),
    )


def detect_reply(reply: Reply, message: Message) -> str:
    """The language of a reply: the message's, unless the language was switched."""
    switched = [
        action["language"] for action in reply.actions if action.get("type") == "language.changed"
    ]
    return switched[0] if switched else message.language


def _turn_out(messages: list[Message], state: str) -> TurnOut:
    down = sorted({part for message in messages for part in message.degraded})
    return TurnOut.model_validate(
        {
            "messages": [MessageOut.model_validate(m) for m in messages],
            "state": state,
            "degraded": down,
        }
    )
