"""Tables of conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.lifecycle import Queue
from actions.tickets.priorities import Priority
from assistant.conversations.schemas import Author, Channel, State
from assistant.dialogue.state import DialogueState
from core.database import Base, Created, Json, Key, TypedJson
from core.languages import Language


class Conversation(Base):
    """A conversation; who it belongs to was decided by a token when it was made and never changes."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_state_created", "state", "created_at"),
        Index("ix_conversations_created_at", "created_at"),
        Index("ix_conversations_kept", "closed_at", postgresql_where=text("erased_at is null")),
    )

    id: Mapped[Key]
    channel: Mapped[Channel]
    language: Mapped[Language]
    state: Mapped[State] = mapped_column(default="assistant")
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    mfa_valid_until: Mapped[
        datetime | None
    ]  # until when the customer counts as identified by a second factor
    queue: Mapped[Queue | None]
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_users.id"), index=True)
    handoff_reason: Mapped[str | None]
    priority: Mapped[Priority] = mapped_column(default="normal")
    signals: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list
    )  # see assistant/dialogue/signs.py
    dialogue: Mapped[DialogueState] = mapped_column(TypedJson(DialogueState), default=DialogueState)
    rating: Mapped[int | None]
    rating_comment: Mapped[str | None]
    queued_at: Mapped[
        datetime | None
    ]  # since when a person is waited for; of the last time, when it was more than once
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class ConversationToken(Base):
    """What speaks for a conversation's customer; one for each device on which it is open. Kept as a hash."""

    __tablename__ = "conversation_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), index=True)
    expires_at: Mapped[
        datetime | None
    ]  # when the session at the bank ends, for a customer who was signed in there
    created_at: Mapped[Created]


class ConversationNote(Base):
    """What staff tell each other about a conversation; the customer never sees it."""

    __tablename__ = "conversation_notes"
    __table_args__ = (Index("ix_conversation_notes_conversation", "conversation_id", "created_at"),)

    id: Mapped[Key]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"))
    text: Mapped[str]
    created_at: Mapped[Created]


class ConversationFile(Base):
    """A file that was sent in a conversation; its content lies in the folder of attachments under its id."""

    __tablename__ = "conversation_files"

    id: Mapped[Key]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    scan: Mapped[str]  # clean, not_scanned
    uploaded_by: Mapped[str]
    created_at: Mapped[Created]


class Message(Base):
    """One message. Replies carry `answers`, the id of the message they answer."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id", name="uq_messages_client"),
        Index("ix_messages_conversation", "conversation_id", "position"),
        Index(
            "ix_messages_answers_at", "created_at", postgresql_where=text("author = 'assistant'")
        ),
    )

    id: Mapped[Key]
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    author: Mapped[Author]
    text: Mapped[str]
    language: Mapped[Language]
    citations: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    quick_replies: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    client_message_id: Mapped[str | None]
    answers: Mapped[UUID | None] = mapped_column(index=True)
    degraded: Mapped[list[str]] = mapped_column(default=list)
    sent_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class TurnTrace(Base):
    """A turn as the engine saw it: the clauses that were read, the commands, the dialogue stack before and after."""

    __tablename__ = "turn_traces"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), index=True)
    reading: Mapped[Json]
    commands: Mapped[list[dict[str, Any]]]
    stack_before: Mapped[list[dict[str, Any]]]
    stack_after: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]
