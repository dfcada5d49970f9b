"""What staff and customers do around the messages: the inbox, the place in the queue, transfers, notes, files, typing.

A transfer needs the conversation to be one's own, or the right to assign; notes are for staff alone; files go through the
same checks and scanner as those of tickets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets.attachments import MAX_FILES, StoredFile
from actions.tickets.notifications import BANK_NAMES
from actions.tickets.priorities import PRIORITIES
from actions.tickets.ticket_config.contents import fill
from actions.tickets.ticket_config.service import load_ticket_config, saved_reply
from assistant.conversations import queries
from assistant.conversations.models import (
    Conversation,
    ConversationFile,
    ConversationNote,
    ConversationToken,
    Message,
)
from assistant.conversations.schemas import InboxEntry, Transfer
from assistant.conversations.service import move, require_own, store
from assistant.dialogue.wording import queue_name, say
from core.accounts import StaffUser
from core.audit import record
from core.database import Json
from core.errors import Conflict, Invalid, NotFound
from core.identity import PERMISSIONS, Caller, Participant, Staff, actor, require
from core.languages import Language
from core.outbox import notify

View = Literal["waiting", "mine", "team", "assistant", "closed"]
MAX_INBOX = 500  # conversations of one look at the inbox
SHOWN_OF_MESSAGE = 140  # characters of the last message in the inbox
_rank: ColumnElement[int] = case(
    {name: number for number, name in enumerate(PRIORITIES)}, value=Conversation.priority
)


def _in_view(view: View, caller: Staff) -> ColumnElement[bool]:
    match view:
        case "waiting":
            return Conversation.state == "queued"
        case "mine":
            return and_(Conversation.state == "agent", Conversation.agent_id == caller.id)
        case "team":
            return Conversation.state == "agent"
        case "assistant" | "closed":
            return Conversation.state == view


def _entries(caller: Staff) -> Select[Any]:
    """Visible conversations with the customer, the agent, and what one of them wrote last; the assistant's words are no news."""
    last = (
        select(
            Message.author,
            func.left(Message.text, SHOWN_OF_MESSAGE).label("text"),
            Message.created_at,
        )
        .where(
            Message.conversation_id == Conversation.id, Message.author.in_(("customer", "agent"))
        )
        .order_by(Message.position.desc())
        .limit(1)
        .lateral("last")
    )
    return (
        queries.visible_conversations(caller)
        .add_columns(
            Customer.name,
            Customer.native_name,
            StaffUser.name,
            last.c.author,
            last.c.text,
            last.c.created_at,
        )
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(StaffUser, StaffUser.id == Conversation.agent_id)
        .outerjoin(last, text("true"))
    )


async def inbox(
    session: AsyncSession,
    caller: Staff,
    view: View,
    *,
    queue: str | None = None,
    ids: Sequence[UUID] = (),
) -> list[InboxEntry]:
    """The conversations of a view, the most pressing first, then who has waited longest; or those of `ids`, in any view."""
    chosen = Conversation.id.in_(ids) if ids else _in_view(view, caller)
    rows = _entries(caller).where(chosen)
    if queue:
        rows = rows.where(Conversation.queue == queue)
    since = func.coalesce(Conversation.queued_at, Conversation.updated_at)
    order = (
        (_rank.desc(), since)
        if view in ("waiting", "mine", "team")
        else (Conversation.updated_at.desc(),)
    )
    rows_read = await session.execute(rows.order_by(*order, Conversation.id).limit(MAX_INBOX))
    return [_entry(caller, *row) for row in rows_read]


def _entry(
    caller: Staff,
    conversation: Conversation,
    name: str | None,
    native: str | None,
    agent: str | None,
    author: str | None,
    last_text: str | None,
    at: datetime | None,
) -> InboxEntry:
    seen = "customers:read" in caller.permissions
    display_name = (native or name) if conversation.language == "zh" else name
    return InboxEntry.model_validate(
        {
            **InboxEntry.plain(conversation),
            "customer_name": display_name if seen else None,
            "agent_name": agent,
            "last_author": author,
            "last_text": last_text,
            "last_at": at,
        }
    )


async def counts(session: AsyncSession, caller: Staff) -> dict[str, int]:
    """How many conversations wait, are the caller's, are with the team, are with the assistant, and wait in each queue."""
    visible = queries.visible_conversations(caller).where(Conversation.state != "closed").subquery()
    mine = func.count().filter(visible.c.agent_id == caller.id, visible.c.state == "agent")
    rows = await session.execute(
        select(visible.c.state, visible.c.queue, func.count(), mine).group_by(
            visible.c.state, visible.c.queue
        )
    )
    totals = {"waiting": 0, "mine": 0, "team": 0, "assistant": 0}
    for state, queue, number, own in rows:
        totals[{"queued": "waiting", "agent": "team"}.get(state, "assistant")] += number
        totals["mine"] += own
        if state == "queued":
            totals[f"queue:{queue}"] = totals.get(f"queue:{queue}", 0) + number
    return totals


async def place_of(session: AsyncSession, conversation: Conversation) -> int | None:
    """The place in its queue, 1 for the next; None when it does not wait. The more pressing go first, then who waited longer."""
    if conversation.state != "queued" or conversation.queued_at is None:
        return None
    pressing = PRIORITIES.index(conversation.priority)
    before = or_(
        _rank > pressing, and_(_rank == pressing, Conversation.queued_at < conversation.queued_at)
    )
    waiting = select(func.count()).select_from(Conversation)
    ahead = waiting.where(
        Conversation.state == "queued", Conversation.queue == conversation.queue, before
    )
    return (await session.scalar(ahead) or 0) + 1


async def transfer(
    session: AsyncSession,
    caller: Staff,
    conversation: Conversation,
    target: Transfer,
    now: datetime,
) -> None:
    """To another team, or to a colleague by name; the customer is told, and the note stays among staff."""
    require(caller, "conversations:write")
    if conversation.state == "closed":
        raise Conflict("conversation.closed")
    if conversation.state == "agent" and "customers:assign" not in caller.permissions:
        require_own(caller, conversation)
    language: Language = conversation.language
    if target.agent_id:
        colleague = await _able(session, target.agent_id)
        conversation.agent_id = colleague.id
        notice = say("dialogue.transferred_to_colleague", language)
        move(session, conversation, "agent", now)
    else:
        conversation.agent_id, conversation.queue = None, target.queue
        notice = say(
            "dialogue.transferred_to_team", language, team=queue_name(str(target.queue), language)
        )
        move(session, conversation, "queued", now)
    await _tell(session, conversation, notice, [], now)
    if target.note:
        await add_note(session, caller, conversation, target.note, now)
    details = {"queue": target.queue, "agent": target.agent_id}
    await record(
        session, caller, "conversation.transferred", f"conversation:{conversation.id}", details
    )


async def _able(session: AsyncSession, staff_id: UUID) -> StaffUser:
    colleague = await session.scalar(
        select(StaffUser).where(StaffUser.id == staff_id, StaffUser.active)
    )
    if colleague is None or "conversations:write" not in PERMISSIONS[colleague.caller().role]:
        raise Invalid.field("agent_id", "conversation.colleague_unknown")
    return colleague


async def _tell(
    session: AsyncSession,
    conversation: Conversation,
    content: str,
    actions: list[Json],
    now: datetime,
    author: str = "system",
) -> Message:
    return await store(
        session,
        Message(
            conversation_id=conversation.id,
            author=author,
            text=content,
            language=conversation.language,
            citations=[],
            quick_replies=[],
            actions=actions,
            degraded=[],
            created_at=now,
        ),
    )


async def add_note(
    session: AsyncSession, caller: Staff, conversation: Conversation, content: str, now: datetime
) -> ConversationNote:
    """A line among staff."""
    require(caller, "conversations:write")
    note = ConversationNote(
        conversation_id=conversation.id, staff_id=caller.id, text=content, created_at=now
    )
    session.add(note)
    await session.flush()
    return note


async def notes_of(
    session: AsyncSession, caller: Staff, conversation: Conversation
) -> Sequence[tuple[ConversationNote, str]]:
    """The lines among staff in order, with who wrote them."""
    require(caller, "conversations:read")
    query = (
        select(ConversationNote, StaffUser.name)
        .join(StaffUser, StaffUser.id == ConversationNote.staff_id)
        .where(ConversationNote.conversation_id == conversation.id)
        .order_by(ConversationNote.created_at, ConversationNote.id)
    )
    return [(note, name) for note, name in await session.execute(query)]


async def may_add_file(session: AsyncSession, caller: Caller, conversation: Conversation) -> None:
    """Conflict when it is closed, full, or another agent's."""
    if conversation.state == "closed":
        raise Conflict("conversation.closed_open_new")
    if isinstance(caller, Staff):
        require_own(caller, conversation)
    stored = select(func.count()).where(ConversationFile.conversation_id == conversation.id)
    if (await session.scalar(stored) or 0) >= MAX_FILES:
        raise Conflict("conversation.too_many_files", maximum=MAX_FILES)


async def add_file(
    session: AsyncSession,
    caller: Caller,
    conversation: Conversation,
    stored: StoredFile,
    now: datetime,
) -> list[Message]:
    """The file as a message of whoever sent it; while the assistant leads, it says that the file is kept."""
    row = ConversationFile(
        **asdict(stored), conversation_id=conversation.id, uploaded_by=actor(caller), created_at=now
    )
    session.add(row)
    await session.flush()
    shown = {
        "type": "file.added",
        "id": str(row.id),
        "name": row.name,
        "size": row.size,
        "content_type": row.content_type,
    }
    author = "agent" if isinstance(caller, Staff) else "customer"
    messages = [await _tell(session, conversation, row.name, [shown], now, author)]
    if author == "customer" and conversation.state == "assistant":
        language: Language = conversation.language
        messages.append(
            await _tell(
                session,
                conversation,
                say("dialogue.file_kept", language, name=row.name),
                [],
                now,
                "assistant",
            )
        )
    conversation.updated_at = now
    return messages


async def load_file(
    session: AsyncSession, conversation: Conversation, file_id: UUID
) -> ConversationFile:
    """A file of a conversation that the caller may see."""
    file = await session.scalar(
        select(ConversationFile).where(
            ConversationFile.id == file_id, ConversationFile.conversation_id == conversation.id
        )
    )
    if file is None:
        raise NotFound("file")
    return file


async def ready_line(
    session: AsyncSession, caller: Staff, conversation: Conversation, code: str
) -> str:
    """A ready answer for conversations, filled in, in the conversation's language; NotFound when there is none."""
    require(caller, "conversations:write")
    template = saved_reply(await load_ticket_config(session), code, "chat")
    language: Language = conversation.language
    customer = (
        await session.get(Customer, conversation.customer_id) if conversation.customer_id else None
    )
    name = (
        ((customer.native_name if language == "zh" else None) or customer.name) if customer else ""
    )
    values = {"customer_name": name, "agent_name": caller.name, "bank_name": BANK_NAMES[language]}
    return fill(template.body.of(language), values)


async def tell_typing(session: AsyncSession, caller: Caller, conversation: Conversation) -> None:
    """Live clients see that somebody writes; it is told once and kept nowhere."""
    author = "customer" if isinstance(caller, Participant) else "agent"
    if isinstance(caller, Staff):
        require_own(caller, conversation)
    await notify(session, f"typing:{author}", conversation.id)


async def leave(session: AsyncSession, token_hash: str) -> None:
    """The customer signed out at the bank: the token of this device is good for nothing from now on."""
    await session.execute(
        delete(ConversationToken).where(ConversationToken.token_hash == token_hash)
    )
