"""Who searches vectors: FAISS in this process, or pgvector in PostgreSQL. Both pass the same tests.

`VECTOR_ENGINE=pgvector` is for a knowledge base that outgrows one process's memory; words are searched here either way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import SetupError
from core.languages import Language
from knowledge_base import queries
from knowledge_base.catalogue import Filter
from knowledge_base.encoder import Vector
from knowledge_base.index import KnowledgeIndex
from knowledge_base.vectors import Matrix, Rows

NEIGHBOURS, WORDWISE = 160, 30  # entries taken by meaning and by words; more gained nothing
OVERSAMPLED = 4  # candidates by codes for each row that is wanted
SEARCH_WIDTH = 200  # hnsw.ef_search: candidates kept while the graph is walked; more than we take
BUILD_MEMORY = "512MB"  # maintenance_work_mem while a graph is built
BATCH = 500  # articles copied at once
_LOCK = 7_230_003  # advisory lock key: one process brings the tables in PostgreSQL up to date
Asked = tuple[Sequence[str], Language]  # words of a question and its language
Run = Callable[..., Awaitable[Any]]  # runs a function with its arguments in a thread


class VectorEngine(Protocol):
    """Finds rows of an index by meaning."""

    async def refresh(self, session: AsyncSession, index: KnowledgeIndex) -> None:
        """Follow the index."""

    async def nearest(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        limit: int,
    ) -> Rows:
        """Rows by cosine to a unit vector, best first; the filter acts inside the search."""

    async def vectors(self, session: AsyncSession, index: KnowledgeIndex, rows: Rows) -> Matrix:
        """Vectors of rows, a row each."""

    async def around(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        words: Asked,
    ) -> tuple[Rows, Matrix]:
        """The rows nearest by meaning together with the best by words, rising, and their vectors."""


class InMemory:
    """The vectors that the index itself holds in FAISS.

    Where it holds codes, they find candidates, and the vectors in PostgreSQL say which of them are the nearest. The ranking
    takes its 160 candidates by their codes, among which the nearest are.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    async def refresh(self, session: AsyncSession, index: KnowledgeIndex) -> None:
        """Nothing to do: the index is its own replica."""

    async def nearest(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        limit: int,
    ) -> Rows:
        """Rows by cosine, best first."""
        candidates = limit if index.searchable_vectors.is_exact else OVERSAMPLED * limit
        rows: Rows = await self._run(_nearest, index, vector, allowed, candidates)
        if index.searchable_vectors.is_exact:
            return rows
        cosines = (await stored_vectors(session, index, rows)) @ vector
        return rows[np.argsort(-cosines, kind="stable")[:limit]]

    async def vectors(self, session: AsyncSession, index: KnowledgeIndex, rows: Rows) -> Matrix:
        """Vectors of rows."""
        matrix: Matrix = await self._run(index.searchable_vectors.of, rows)
        return matrix

    async def around(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        words: Asked,
    ) -> tuple[Rows, Matrix]:
        """Rows by meaning and by words with their vectors, in one go."""
        nearby: tuple[Rows, Matrix] = await self._run(_around, index, vector, allowed, words)
        return nearby


class PgVector:
    """A table of half-precision vectors with an HNSW graph for each encoder, in the schema `vector_engine`.

    It is a replica like the index in memory: brought up to date by whoever searches first after a publication.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    async def refresh(self, session: AsyncSession, index: KnowledgeIndex) -> None:
        """Copy what was published or withdrawn since the table was last up to date."""
        table = _table(index.encoder)
        done = await self._copied(session, table)
        if done is not None and done >= index.revision:
            return
        await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if done is None:
            done = await _create(session, table, index.dimensions)
        done = await self._copied(session, table) or done
        changed = await queries.changed_articles(session, done)
        for start in range(0, len(changed), BATCH):
            await self._copy(session, index, table, changed[start : start + BATCH])
        if done < 0:
            await _build_graph(session, table)
        await session.execute(
            text("update vector_engine.copied set revision = :revision where name = :name"),
            {"revision": index.revision, "name": table},
        )

    async def nearest(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        limit: int,
    ) -> Rows:
        """Rows by cosine, best first, by an iterative scan that goes on until enough pass the filter."""
        await session.execute(text(f"set local hnsw.ef_search = {SEARCH_WIDTH}"))
        await session.execute(text("set local hnsw.iterative_scan = strict_order"))
        where, values = _conditions(allowed, _table(index.encoder))
        result = await session.execute(
            text(
                f"select passage_id from vector_engine.{_table(index.encoder)} t where {where} "
                f"order by embedding <=> cast(:vector as halfvec) limit :limit"
            ),
            {**values, "vector": HalfVector(vector).to_text(), "limit": limit},
        )
        rows: Rows = await self._run(index.rows_of, [row[0] for row in result])
        return rows

    async def vectors(self, session: AsyncSession, index: KnowledgeIndex, rows: Rows) -> Matrix:
        """Vectors of rows, from where they are kept in full precision."""
        return await stored_vectors(session, index, rows)

    async def around(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        vector: Vector,
        allowed: Filter,
        words: Asked,
    ) -> tuple[Rows, Matrix]:
        """Rows by meaning, from the table, and by words, from memory, with their vectors."""
        near = await self.nearest(session, index, vector, allowed, NEIGHBOURS)
        rows = np.unique(np.concatenate([near, await self._run(_wordwise, index, allowed, words)]))
        return rows, await self.vectors(session, index, rows)

    async def _copied(self, session: AsyncSession, table: str) -> int | None:
        """The revision that the table has, None when there is no table."""
        if not await session.scalar(text("select to_regclass('vector_engine.copied') is not null")):
            return None
        revision: int | None = await session.scalar(
            text("select revision from vector_engine.copied where name = :name"), {"name": table}
        )
        return revision

    async def _copy(
        self, session: AsyncSession, index: KnowledgeIndex, table: str, articles: Sequence[UUID]
    ) -> None:
        await session.execute(
            text(f"delete from vector_engine.{table} where article_id = any(:ids)"),
            {"ids": list(articles)},
        )
        rows = [
            {
                **{
                    name: row[name]
                    for name in ("article_id", "slug", "language", "audience", "category")
                },
                "passage_id": row["id"],
                "valid_from": row["valid_from"],
                "valid_until": row["valid_until"],
                "embedding": HalfVector(np.frombuffer(row["vector"], np.float32)).to_text(),
            }
            for row in await queries.published_passages(session, articles, index.encoder)
            if row["vector"] is not None
        ]
        if rows:
            await session.execute(
                text(
                    f"insert into vector_engine.{table} values (:passage_id, :article_id, :slug, :language, :audience, "
                    ":category, cast(:valid_from as timestamptz), cast(:valid_until as timestamptz), "
                    "cast(:embedding as halfvec))"
                ),
                rows,
            )


async def stored_vectors(session: AsyncSession, index: KnowledgeIndex, rows: Rows) -> Matrix:
    """Vectors of rows as PostgreSQL keeps them, a row each; zeros for one that was withdrawn this moment."""
    ids = index.ids[rows].tolist()
    vectors = await queries.passage_vectors(session, ids, index.encoder)
    nothing = bytes(4 * index.dimensions)
    joined = b"".join(vectors.get(i, nothing) for i in ids)
    return np.frombuffer(joined, np.float32).reshape(len(ids), index.dimensions)


def _nearest(index: KnowledgeIndex, vector: Vector, allowed: Filter, limit: int) -> Rows:
    return index.searchable_vectors.nearest(vector, index.admitted(allowed), limit)[0]


def _wordwise(index: KnowledgeIndex, allowed: Filter, words: Asked) -> Rows:
    return index.wordwise(*words, index.admitted(allowed), WORDWISE)


def _around(
    index: KnowledgeIndex, vector: Vector, allowed: Filter, words: Asked
) -> tuple[Rows, Matrix]:
    near = _nearest(index, vector, allowed, NEIGHBOURS)
    rows = np.unique(np.concatenate([near, _wordwise(index, allowed, words)]))
    return rows, index.searchable_vectors.of(rows)


def _table(encoder: str) -> str:
    return f"passages_{hashlib.sha256(encoder.encode()).hexdigest()[:12]}"


async def _create(session: AsyncSession, table: str, dimensions: int) -> int:
    """The extension, the schema and the encoder's table; SetupError when the server has no pgvector."""
    if not await session.scalar(
        text("select count(*) from pg_available_extensions where name = 'vector'")
    ):
        raise SetupError(
            "VECTOR_ENGINE=pgvector needs the extension `vector` (0.8 or newer) on the database server."
        )
    for statement in (
        "create extension if not exists vector",
        "create schema if not exists vector_engine",
        "create table if not exists vector_engine.copied (name text primary key, revision bigint not null)",
        f"create table if not exists vector_engine.{table} (passage_id bigint primary key, article_id uuid not null, "
        "slug text not null, language text not null, audience text not null, category text not null, "
        f"valid_from timestamptz, valid_until timestamptz, embedding halfvec({dimensions}) not null)",
        f"create index if not exists {table}_article on vector_engine.{table} (article_id)",
    ):
        await session.execute(text(statement))
    await session.execute(
        text("insert into vector_engine.copied values (:name, -1) on conflict do nothing"),
        {"name": table},
    )
    return -1


async def _build_graph(session: AsyncSession, table: str) -> None:
    """After the first copy, which is many times faster than growing it row by row."""
    await session.execute(text("set local statement_timeout = 0"))
    await session.execute(text(f"set local maintenance_work_mem = '{BUILD_MEMORY}'"))
    await session.execute(
        text(
            f"create index if not exists {table}_graph on vector_engine.{table} using hnsw (embedding halfvec_cosine_ops)"
        )
    )


def _conditions(allowed: Filter, table: str) -> tuple[str, dict[str, object]]:
    """The filter as SQL."""
    where = [
        "audience = any(:audiences)",
        "(valid_from is null or valid_from <= :now)",
        "(valid_until is null or valid_until > :now)",
    ]
    values: dict[str, object] = {"audiences": list(allowed.audiences), "now": allowed.now}
    for name in ("language", "category"):
        if (value := getattr(allowed, name)) is not None:
            where.append(f"{name} = :{name}")
            values[name] = value
    if allowed.without is not None:
        where.append("article_id <> :without")
        values["without"] = allowed.without
    if allowed.missing_in is not None:
        there = (
            " and ".join(where[:3])
            .replace("valid_", "o.valid_")
            .replace("audience =", "o.audience =")
        )
        where.append(
            f"not exists (select from vector_engine.{table} o where o.slug = t.slug and o.language = :missing "
            f"and {there})"
        )
        values["missing"] = allowed.missing_in
    return " and ".join(where), values
