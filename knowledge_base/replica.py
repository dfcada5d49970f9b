"""Keeping this process's index equal to what is published: built once, then followed change by change.

PostgreSQL is the truth. A snapshot on disk only saves time at the start, and is believed article by article where its
revisions are those of the database. When the encoder changes, the vectors of the former one are searched until those
of the new one are complete.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Database
from knowledge_base import queries, snapshots
from knowledge_base.catalogue import Card
from knowledge_base.embedding import embed_missing, indexed_text
from knowledge_base.encoder import Encoder, encoder_named
from knowledge_base.engines import Run
from knowledge_base.index import KnowledgeIndex, LiveVersion
from knowledge_base.lexical import words_of
from knowledge_base.vectors import EXACT_UP_TO, FaissVectors, Matrix, training_size

BATCH = 200  # articles read at once
FOLLOW_S = 1.0  # an article that nobody asks for is in every process after so long
SNAPSHOT_AFTER, SNAPSHOT_SHARE = (
    50,
    0.02,
)  # changed articles, and their share of all, after which a snapshot is written
MAX_SEGMENTED = 250_000  # texts in a segment of words after building
Result = TypeVar("Result")
log = structlog.get_logger(__name__)


class Replica:
    """The index of this process and the encoder whose vectors it holds."""

    def __init__(
        self,
        encoder: Encoder,
        database: Database | None = None,
        snapshot_folder: Path | None = None,
        *,
        holds_vectors: bool = True,
    ) -> None:
        self.target = self.encoder = encoder
        self._database, self._folder, self._holds_vectors = database, snapshot_folder, holds_vectors
        self.index = self._empty(encoder)
        self._threads = {name: ThreadPoolExecutor(1, name) for name in ("index", "builder")}
        self._lock = asyncio.Lock()
        self._building: asyncio.Task[None] | None = None
        self._unsaved_changes = 0

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """Who must make vectors of what is published: the encoder that is searched with, and the one that comes."""
        return (self.encoder,) if self.encoder is self.target else (self.encoder, self.target)

    @property
    def is_changing(self) -> bool:
        """Whether the configured encoder's vectors are not complete yet."""
        return self.index.revision >= 0 and self.index.encoder != self.target.name

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """Run what reads or changes the index in its thread."""
        return await self._run_in("index", work, *arguments)

    async def refresh(self, session: AsyncSession) -> None:
        """Bring the index up to what is committed."""
        if self._is_current(await queries.current_state(session)):
            return
        async with self._lock:
            state = await queries.current_state(session)
            if self._is_current(state):
                return
            if self.index.revision < 0:
                await self._begin(session, state)
            elif state.encoder not in (None, self.index.encoder):
                self._build_behind()
            await self._catch_up(session, self.index, state.revision, self.run)
            if self.index.needs_building:
                self._build_behind()

    async def follow(self) -> None:
        """Refresh without being asked, give missing vectors, and keep snapshots; runs until it is cancelled."""
        database, adopted, complete = self._require_database(), False, False
        while True:
            try:
                async with database.transaction() as session:
                    if not adopted:
                        await self._adopt_encoder(session)
                    await self.refresh(session)
                adopted = True
                if not complete:
                    await self.embed()
                    complete = True  # what is published from now on gets its vectors at once
                await self._keep_when_due()
            except Exception as error:  # must outlive a database that is away for a while
                log.warning("index.not_followed", reason=type(error).__name__)
            await asyncio.sleep(FOLLOW_S)

    async def keep(self) -> None:
        """Write a snapshot of the index, if it changed since the last one."""
        if (
            self._folder is None
            or self._database is None
            or not self._unsaved_changes
            or self.index.revision < 0
        ):
            return
        async with self._database.transaction() as session:
            identity = (await queries.current_state(session)).identity
        async with self._lock:
            await self._in_builder(snapshots.save, self._folder, self.index, identity)
            self._unsaved_changes = 0

    async def built(self) -> None:
        """Wait for building in the background, if there is any."""
        if self._building is not None:
            await self._building

    def close(self) -> None:
        """Let the threads end."""
        if self._building is not None:
            self._building.cancel()
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)

    def _require_database(self) -> Database:
        if self._database is None:
            raise LookupError("this replica was made without a database of its own")
        return self._database

    def _is_current(self, state: queries.State) -> bool:
        building = self._building is not None and not self._building.done()
        same_encoder = state.encoder in (None, self.index.encoder) or building
        return state.revision == self.index.revision and same_encoder

    async def _adopt_encoder(self, session: AsyncSession) -> None:
        """Search with the configured encoder at once when nobody else's vectors can be used."""
        state = await queries.current_state(session)
        if state.encoder is None or (
            state.encoder != self.target.name and not encoder_named(state.encoder)
        ):
            await queries.use_encoder(session, self.target.name)
            state = await queries.current_state(session)
        await queries.forget_vectors(session, [self.target.name, str(state.encoder)])

    def _serving(self, name: str | None) -> Encoder:
        if name in (None, self.target.name):
            return self.target
        return encoder_named(str(name)) or self.target

    def _empty(
        self, encoder: Encoder, expected: int = 0, training: Matrix | None = None
    ) -> KnowledgeIndex:
        vectors = (
            FaissVectors.empty(encoder.dimensions, expected, training)
            if self._holds_vectors
            else None
        )
        return KnowledgeIndex(encoder.name, encoder.dimensions, vectors)

    async def _begin(self, session: AsyncSession, state: queries.State) -> None:
        """The first index: from the snapshot as far as it is true, else built."""
        self.encoder = self._serving(state.encoder)
        index = None
        if self._folder is not None:
            load = partial(
                snapshots.load, self._folder, state.identity, self.encoder.name, self._holds_vectors
            )
            index = await self._in_builder(load)
        if index is None:
            index = await self._build(session, self.encoder)
            self._unsaved_changes = SNAPSHOT_AFTER
        else:
            indexed = {
                a: index.catalogue.cards[place].revision
                for a, place in index.catalogue.place_of.items()
            }
            live = await queries.live_revisions(session)
            changed = [a for a in indexed.keys() | live.keys() if indexed.get(a) != live.get(a)]
            await self._apply(session, index, changed, self._in_builder)
            log.info("index.restored", articles=len(indexed), changed=len(changed))
        index.revision = state.revision
        self.index = index

    async def _build(self, session: AsyncSession, encoder: Encoder) -> KnowledgeIndex:
        """An index of everything published."""
        revision = (await queries.current_state(session)).revision
        count, training = await queries.vector_count(session, encoder.name), None
        if count > EXACT_UP_TO and self._holds_vectors:
            sample = await queries.vector_sample(
                session, encoder.name, training_size(count) / count
            )
            training = np.frombuffer(b"".join(sample), np.float32).reshape(
                len(sample), encoder.dimensions
            )
        index = await self._in_builder(self._empty, encoder, count, training)
        await self._apply(
            session, index, list(await queries.live_revisions(session)), self._in_builder
        )
        await self._in_builder(_finish, index)
        index.revision = revision
        log.info("index.built", articles=len(index.catalogue), entries=len(index))
        return index

    def _build_behind(self) -> None:
        if self._database is not None and (self._building is None or self._building.done()):
            self._building = asyncio.create_task(
                self._rebuild(self._database), name="index-building"
            )

    async def _rebuild(self, database: Database) -> None:
        """Build an index beside the one that is searched, and change over."""
        async with database.transaction() as session:
            encoder = self._serving((await queries.current_state(session)).encoder)
            index = await self._build(session, encoder)
        async with database.transaction() as session, self._lock:
            await self._catch_up(
                session, index, (await queries.current_state(session)).revision, self._in_builder
            )
            self.index, self.encoder, self._unsaved_changes = index, encoder, SNAPSHOT_AFTER

    async def _catch_up(
        self, session: AsyncSession, index: KnowledgeIndex, revision: int, run: Run
    ) -> None:
        changed = await queries.changed_articles(session, index.revision)
        await self._apply(session, index, changed, run)
        index.revision = revision
        self._unsaved_changes += len(changed)

    async def _apply(
        self, session: AsyncSession, index: KnowledgeIndex, changed: Sequence[UUID], run: Run
    ) -> None:
        """Take the present state of articles over into an index."""
        for start in range(0, len(changed), BATCH):
            batch = changed[start : start + BATCH]
            rows = await queries.published_passages(session, batch, index.encoder)
            live = await self._in_builder(_live_versions, index, rows)
            await run(index.replace, batch, live)

    async def embed(self) -> int:
        """Give what is published vectors of the configured encoder; when they are complete, all search with them."""
        database, count = self._require_database(), 0
        while True:
            async with database.transaction() as session:
                made = await embed_missing(session, self.target)
                count += made
                if made:
                    continue
                state = await queries.current_state(session)
                if state.encoder != self.target.name:
                    await queries.use_encoder(session, self.target.name)
                    log.info("encoder.changed", encoder=self.target.name)
            return count

    async def _keep_when_due(self) -> None:
        if self._unsaved_changes >= max(SNAPSHOT_AFTER, SNAPSHOT_SHARE * len(self.index.catalogue)):
            await self.keep()

    async def _in_builder(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await self._run_in("builder", work, *arguments)

    async def _run_in(self, thread: str, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads[thread], work, *arguments
        )


@contextlib.asynccontextmanager
async def following(replica: Replica) -> AsyncIterator[None]:
    """Follow in the background; at the end the last snapshot is written."""
    task = asyncio.create_task(replica.follow(), name="index-following")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(Exception):  # a snapshot only saves time
            await replica.keep()


def _live_versions(index: KnowledgeIndex, rows: Sequence[RowMapping]) -> list[LiveVersion]:
    return [
        _live(index, list(group)) for _, group in groupby(rows, key=lambda row: row["article_id"])
    ]


def _live(index: KnowledgeIndex, rows: Sequence[RowMapping]) -> LiveVersion:
    """A version from its rows."""
    first = rows[0]
    card = Card(
        **{
            name: first[name]
            for name in (
                "article_id",
                "slug",
                "version",
                "title",
                "language",
                "audience",
                "category",
                "revision",
            )
        },
        valid_from=_moment(first["valid_from"]),
        valid_until=_moment(first["valid_until"]),
    )
    texts = [indexed_text(row["kind"], card.title, row["text"]) for row in rows]
    nothing = bytes(4 * index.dimensions)
    vectors = np.frombuffer(b"".join(row["vector"] or nothing for row in rows), np.float32)
    return LiveVersion(
        card=card,
        ids=[row["id"] for row in rows],
        quotable=sum(row["kind"] == "passage" for row in rows),
        texts=[words_of(text, card.language) for text in texts],
        vectors=vectors.reshape(len(rows), index.dimensions),
    )


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _finish(index: KnowledgeIndex) -> None:
    for lexical in index.lexical.values():
        lexical.compact(MAX_SEGMENTED)
    if index.vectors is not None:
        index.vectors.tune()
