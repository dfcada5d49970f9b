"Live events: one connection listens to PostgreSQL and wakes the clients whose conversation something happened in."

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import structlog

from core.database import libpq_url
from core.outbox import CHANNEL

RECONNECT_S = 1.0
ANY = "*"  # followers of everything, such as the webhook dispatcher
log = structlog.get_logger(__name__)


class Hub:
    "Wakes followers by conversation id."

    def __init__(self, database_url: str) -> None:
        self._url = libpq_url(database_url)
        self._followers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self.running = False

    def start(self) -> None:
        "Begin to listen."
        self.running = True
        self._task = asyncio.create_task(self._listen(), name="hub")

    async def stop(self) -> None:
        "Stop listening and wake everybody, so that they can end."
        self.running = False
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._wake_all()

    @contextmanager
    def following(self, key: str) -> Iterator[asyncio.Event]:
        "An event that is set whenever something happened for `key`."
        wake = asyncio.Event()
        self._followers[key].add(wake)
        try:
            yield wake
        finally:
            self._followers[key].discard(wake)
            if not self._followers[key]:
                del self._followers[key]

    async def _listen(self) -> None:
        while True:
            try:
                async for payload in self._notifications():
                    _, conversation_id, _ = payload.split(" ", 2)
                    for wake in (*self._followers.get(conversation_id, ()), *self._followers.get(ANY, ())):
                        wake.set()
            except (psycopg.Error, OSError) as error:
                log.warning("hub.disconnected", reason=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _notifications(self) -> AsyncIterator[str]:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"listen {CHANNEL}")  # a constant
            self._wake_all()  # whatever happened while we did not listen is read from the table
            async for notification in connection.notifies():
                yield notification.payload

    def _wake_all(self) -> None:
        for wakes in list(self._followers.values()):
            for wake in wakes:
                wake.set()
