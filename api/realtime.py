"""Live events: one connection listens to PostgreSQL, one query at a time reads what happened for all who follow.

While a query runs, further notifications wait, so that under load one query serves many conversations.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.database import Database, libpq_url
from core.outbox import CHANNEL, Event, events_of

RECONNECT_S = 1.0
HEARTBEAT_S = 15  # between the pings of a live stream
# Ids are given when an event is written, and transactions may commit in another order: so many behind the last one that was
# told are looked at again.
LOOK_BACK = 500
MAX_BEHIND = 1_000  # changes that a page may be behind
TYPING = "typing:"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Change:
    """What happened, by the event's type, and in which conversation if in one."""

    type: str
    conversation_id: UUID | None


EVERYTHING = Change("everything", None)


class Follower:
    """Somebody who is told of a conversation's events, each once."""

    def __init__(self, after: int) -> None:
        self._from = after
        self.last = after
        self._told: deque[int] = deque(maxlen=LOOK_BACK)
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()

    def tell(self, event: Event) -> None:
        """Pass an event on, unless it was told already or is from before the beginning."""
        if event.id > self._from and event.id not in self._told:
            self._told.append(event.id)
            self.last = max(self.last, event.id)
            self._waiting.put_nowait(event)

    def glimpse(self, event: Event) -> None:
        """Pass on what is kept nowhere, such as that somebody writes."""
        self._waiting.put_nowait(event)

    def end(self) -> None:
        """Nothing more will come."""
        self._waiting.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self._waiting.get()) is not None:
            yield event


class Watcher:
    """An employee's page that is told which conversation, or what else, changed; it then reads what it shows."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Change | None] = asyncio.Queue(MAX_BEHIND)

    def tell(self, change: Change | None) -> None:
        """Pass a change on; a page that does not keep up is told to read everything again."""
        while self._waiting.full():
            self._waiting.get_nowait()
            change = EVERYTHING if change is not None else None
        self._waiting.put_nowait(change)

    async def __aiter__(self) -> AsyncIterator[Change]:
        while (change := await self._waiting.get()) is not None:
            yield change


class Hub:
    """Tells followers of what happens in their conversations, and watchers where something happens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: dict[UUID, set[Follower]] = defaultdict(set)
        self._watchers: set[Watcher] = set()
        self._due: set[UUID] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to read."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="hub"),
            asyncio.create_task(self._read(), name="hub-reader"),
        ]

    async def stop(self) -> None:
        """Stop, and end everybody's stream."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for followers in self._followers.values():
            for follower in followers:
                follower.end()
        for watcher in self._watchers:
            watcher.tell(None)

    @contextmanager
    def following(self, conversation_id: UUID, after: int) -> Iterator[Follower]:
        """The conversation's events behind an event id, and all that come."""
        follower = Follower(after)
        self._followers[conversation_id].add(follower)
        self._read_soon({conversation_id})
        try:
            yield follower
        finally:
            self._followers[conversation_id].discard(follower)
            if not self._followers[conversation_id]:
                del self._followers[conversation_id]

    @contextmanager
    def watching(self) -> Iterator[Watcher]:
        """Everything that happens from now on, as changes."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def _read_soon(self, conversations: set[UUID]) -> None:
        self._due |= conversations
        self._wake.set()

    async def _listen(self) -> None:
        while True:
            try:
                async for payload in self._notifications():
                    self._notified(payload)
            except (psycopg.Error, OSError) as error:
                log.warning("hub.disconnected", reason=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    def _notified(self, payload: str) -> None:
        number, name, kind = payload.split(" ", 2)
        conversation_id = None if name == "-" else UUID(name)
        for watcher in self._watchers:
            watcher.tell(Change(kind, conversation_id))
        if conversation_id not in self._followers:
            return
        if number != "0":
            self._read_soon({conversation_id})
            return
        seen = Event(
            id=0,
            type="typing",
            payload={"author": kind.removeprefix(TYPING)},
            conversation_id=conversation_id,
        )
        for follower in self._followers[conversation_id]:
            follower.glimpse(seen)

    async def _notifications(self) -> AsyncIterator[str]:
        url = libpq_url(self._database.url)
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=5
        ) as connection:
            await connection.execute(f"listen {CHANNEL}")  # a constant
            self._read_soon(set(self._followers))  # whatever happened while we did not listen
            for watcher in self._watchers:
                watcher.tell(EVERYTHING)
            async for notification in connection.notifies():
                yield notification.payload

    async def _read(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            due, self._due = self._due, set()
            try:
                await self._tell(due)
            except (SQLAlchemyError, OSError) as error:
                log.warning("hub.unread", reason=type(error).__name__)
                await asyncio.sleep(RECONNECT_S)
                self._read_soon(due)

    async def _tell(self, due: set[UUID]) -> None:
        followed = {
            conversation_id: self._followers[conversation_id]
            for conversation_id in due & self._followers.keys()
        }
        if not followed:
            return
        oldest = (
            min(follower.last for followers in followed.values() for follower in followers)
            - LOOK_BACK
        )
        async with self._database.transaction() as session:
            events = (await session.scalars(events_of(list(followed), oldest))).all()
        for event in events:
            for follower in followed[event.conversation_id]:  # type: ignore[index]  # asked for by conversation
                follower.tell(event)
