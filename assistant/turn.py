"A turn: a message is stored once, understood by Rasa, answered by our actions, stored, and told to live clients."

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from actions.dialogue.phrases import say
from actions.dialogue.turn import SAID, Reply, Services, Turn, kept_replies
from assistant import degraded
from assistant.conversations import queries
from assistant.conversations.models import Conversation, Message
from assistant.conversations.schemas import MessageOut, State, TurnOut
from assistant.conversations.service import speaker_of, store
from core.clock import utc_now
from core.database import Database
from core.errors import NotFound, Refused
from core.identity import Participant
from core.languages import clean_text, detect_language
from knowledge_base.encoder import Vector
from nlu.client import RasaClient, RasaUnavailable

log = structlog.get_logger(__name__)


class TurnTaker:
    "Takes turns, those of one conversation in order."

    def __init__(self, database: Database, services: Services, rasa: RasaClient) -> None:
        self._database, self._services, self._rasa = database, services, rasa
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def take(self, speaker: Participant, text: str, client_id: str | None) -> TurnOut:
        "Answer a customer's message; the same client id is answered once, and the same again when repeated."
        lock = self._locks.setdefault(speaker.conversation_id, asyncio.Lock())
        async with lock:
            message, state, kept = await self._receive(speaker, clean_text(text), client_id)
            if kept is not None or state != "assistant":
                return kept or TurnOut(messages=[], state=state, degraded=[])
            if not message.text:
                return await self._answer(speaker, message, [], [])
            return await self._understand(speaker, message)

    async def _receive(
        self, speaker: Participant, text: str, client_id: str | None
    ) -> tuple[Message, State, TurnOut | None]:
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id)
            state: State = conversation.state  # type: ignore[assignment]  # one of ours
            known = client_id and await queries.message_by_client_id(session, conversation.id, client_id)
            if known:
                replies = await queries.replies_to(session, known.id)
                if replies or state != "assistant":
                    return known, state, _turn_out(list(replies), state)
                return known, state, None  # it was stored, but we died before answering
            if state == "closed":
                raise Refused("The conversation is closed: open a new one.")
            language = detect_language(text, conversation.language)  # type: ignore[arg-type]
            message = Message(
                conversation_id=conversation.id, author="customer", text=text, language=language, citations=[],
                quick_replies=[], actions=[], degraded=[], client_message_id=client_id, created_at=utc_now(),
            )  # fmt: skip
            await store(session, message)
            return message, state, None

    async def _understand(self, speaker: Participant, message: Message) -> TurnOut:
        metadata = {"message_id": str(message.id)}
        encoder = self._services.search.encoder
        encoding = asyncio.create_task(encoder.encode(message.text))
        encoding.add_done_callback(lambda task: task.exception())
        try:
            if encoder.is_bundled:  # then Rasa reads the text by the same vector
                metadata["sentence_vector"] = as_metadata(await encoding)
            sent = await self._rasa.send(str(message.conversation_id), message.text, metadata)
            numbers = [int(entry["custom"]["reply"]) for entry in sent if "custom" in entry]
            if numbers:
                return await self._answer(speaker, message, numbers, [])
            log.warning("rasa.silent", conversation_id=str(message.conversation_id))
        except RasaUnavailable as error:
            log.warning("rasa.unavailable", reason=str(error), conversation_id=str(message.conversation_id))
        return await self._answer(speaker, message, None, ["rasa"])

    async def _answer(
        self, speaker: Participant, message: Message, numbers: list[int] | None, down: list[str]
    ) -> TurnOut:
        "Store the replies that the actions kept; without Rasa, those of the degraded dialogue. One transaction."
        async with self._database.transaction() as session:
            conversation = await queries.load(session, speaker, speaker.conversation_id, lock=True)
            replies = [] if numbers is None else kept_replies(conversation.memory, message.id, numbers)
            if not message.text:
                replies = [Reply(say("empty", message.language))]  # type: ignore[arg-type]  # one of ours
            elif not replies:
                turn = make_turn(session, self._services, conversation, message, utc_now())
                replies = await degraded.respond(turn)
                keep_memory(conversation, turn)
            stored = [await store(session, _message_of(reply, message, down)) for reply in replies]
            conversation.language, conversation.updated_at = message.language, utc_now()
            remembered = {name: kept for name, kept in conversation.memory.items() if name != SAID}
            conversation.memory = {**remembered, "last_text": replies[-1].text}
            return _turn_out(stored, conversation.state)


def as_metadata(vector: Vector) -> str:
    "A vector as Rasa's sentence features take it: float16, base64."
    return base64.b64encode(vector.astype("<f2").tobytes()).decode()


def make_turn(
    session: AsyncSession, services: Services, conversation: Conversation, message: Message, now: datetime
) -> Turn:
    "The turn of a stored message; who speaks is read from the conversation."
    return Turn(
        session=session,
        services=services,
        speaker=speaker_of(conversation),
        message_id=message.id,
        language=message.language,  # type: ignore[arg-type]  # one of ours
        text=message.text,
        now=now,
        memory=dict(conversation.memory),
    )


def keep_memory(conversation: Conversation, turn: Turn) -> None:
    "What the actions remembered stays with the conversation."
    if turn.memory != conversation.memory:
        conversation.memory = turn.memory
        flag_modified(conversation, "memory")


async def pending_turn(
    session: AsyncSession, services: Services, conversation_id: UUID, message_id: UUID, now: datetime
) -> tuple[Turn, Conversation]:
    "The turn that an action of Rasa's belongs to; NotFound when there is none, or when it was answered without Rasa."
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
        conversation_id=message.conversation_id, author="assistant", text=reply.text, language=detect_reply(reply, message),
        citations=reply.citations, quick_replies=reply.quick_replies, actions=reply.actions, answers=message.id,
        degraded=down, created_at=utc_now(),
    )  # fmt: skip


def detect_reply(reply: Reply, message: Message) -> str:
    "The language of a reply: the message's, unless the language was switched."
    switched = [action["language"] for action in reply.actions if action.get("type") == "language.changed"]
    return switched[0] if switched else message.language


def _turn_out(messages: list[Message], state: str) -> TurnOut:
    down = sorted({part for message in messages for part in message.degraded})
    return TurnOut.model_validate(
        {"messages": [MessageOut.model_validate(m) for m in messages], "state": state, "degraded": down}
    )
