"""From live versions to passages with vectors: at publication, and when the encoder was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Json
from knowledge_base import queries
from knowledge_base.chunking import passages_of
from knowledge_base.encoder import Encoder
from knowledge_base.models import Article, Passage, PassageVector

EMBEDDED_AT_ONCE = 40  # articles in one transaction of a change of encoder


@dataclass(frozen=True)
class PassageDraft:
    """A passage or example question without its article."""

    kind: str
    ordinal: int
    anchor: str
    heading_path: str
    text: str

    @property
    def embedded_text(self) -> str:
        """What the encoder reads."""
        return embedded_text(self.kind, self.heading_path, self.text)


@dataclass(frozen=True)
class Embedded:
    """The passages of a version, and by encoder their vectors, a row each."""

    passages: Sequence[PassageDraft]
    vectors: Mapping[str, NDArray[np.float32]]


async def embed(
    versions: Sequence[Sequence[PassageDraft]], encoders: Sequence[Encoder]
) -> list[Embedded]:
    """Vectors of several versions' passages, encoded together, which is several times faster."""
    texts = [passage.embedded_text for passages in versions for passage in passages]
    rows = {encoder.name: await encoder.encode_all(texts) for encoder in encoders}
    ends = list(accumulate(len(passages) for passages in versions))
    starts = [0, *ends]
    return [
        Embedded(passages, {name: vectors[start:end] for name, vectors in rows.items()})
        for passages, start, end in zip(versions, starts, ends, strict=False)
    ]


async def index_versions(
    session: AsyncSession,
    versions: Sequence[tuple[Article, int, Json]],
    encoders: Sequence[Encoder],
) -> None:
    """Make passages of versions with their vectors and write them."""
    drafts = [passages_in(article.language, content) for article, _, content in versions]
    made = await embed(drafts, encoders)
    await write_passages(
        session,
        [(article, number, e) for (article, number, _), e in zip(versions, made, strict=True)],
    )


async def write_passages(
    session: AsyncSession, versions: Sequence[tuple[Article, int, Embedded]]
) -> None:
    """The passages of versions replace those of their articles, with one new revision for all."""
    await queries.remove_passages(session, [article.id for article, _, _ in versions])
    rows = [
        {"article_id": article.id, "version": number, **asdict(draft)}
        for article, number, embedded in versions
        for draft in embedded.passages
    ]
    made = insert(Passage).returning(Passage.id, sort_by_parameter_order=True)
    ids = iter((await session.scalars(made, rows)).all() if rows else ())
    vectors = [
        {"passage_id": passage_id, "encoder": encoder, "vector": matrix[place].tobytes()}
        for _, _, embedded in versions
        for place, passage_id in enumerate(islice(ids, len(embedded.passages)))
        for encoder, matrix in embedded.vectors.items()
    ]
    if vectors:
        await session.execute(insert(PassageVector), vectors)
    revision = await queries.next_revision(session)
    for article, _, _ in versions:
        article.index_revision = revision


async def embed_missing(session: AsyncSession, encoder: Encoder) -> int:
    """Give some live passages that have no vector of this encoder one; how many got it, 0 when none was missing."""
    passages = await queries.passages_without_vector(session, encoder.name, EMBEDDED_AT_ONCE)
    vectors = await encoder.encode_all(
        [embedded_text(p.kind, p.heading_path, p.text) for p in passages]
    )
    for passage, vector in zip(passages, vectors, strict=True):
        session.add(
            PassageVector(passage_id=passage.id, encoder=encoder.name, vector=vector.tobytes())
        )
    if passages and (await queries.current_state(session)).encoder == encoder.name:
        changed = (
            select(Article)
            .where(Article.id.in_({passage.article_id for passage in passages}))
            .order_by(Article.id)
        )
        articles = (await session.scalars(changed.with_for_update())).all()
        revision = await queries.next_revision(session)
        for article in articles:
            article.index_revision = revision
    return len(passages)


def passages_in(language: str, content: Mapping[str, Any]) -> list[PassageDraft]:
    """The passages of a version in reading order, its title and example questions behind them."""
    pieces = passages_of(content["title"], content["body"], language)  # type: ignore[arg-type]  # checked on the way in
    rows = [("passage", p.anchor, p.heading_path, p.text) for p in pieces]
    rows += [
        ("question", "top", content["title"], q) for q in (content["title"], *content["questions"])
    ]
    return [
        PassageDraft(kind, number, anchor, path, text)
        for number, (kind, anchor, path, text) in enumerate(rows)
    ]


def embedded_text(kind: str, heading_path: str, text: str) -> str:
    """What the encoder reads: a passage with the headings above it, a question by itself."""
    return f"{heading_path}. {text}" if kind == "passage" else text


def indexed_text(kind: str, title: str, text: str) -> str:
    """What is searched for words: a passage also by its article's title."""
    return f"{title}\n{text}" if kind == "passage" else text
