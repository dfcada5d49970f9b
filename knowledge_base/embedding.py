"From live versions to passages with vectors: at publication, and when the encoder was changed."

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.languages import Language
from knowledge_base import queries
from knowledge_base.chunking import passages_of
from knowledge_base.encoder import Encoder
from knowledge_base.models import Article, Passage, PassageVector

EMBEDDED_AT_ONCE = 40  # articles in one transaction of a change of encoder


async def index_versions(
    session: AsyncSession, versions: Sequence[tuple[Article, int, dict[str, Any]]], encoders: Sequence[Encoder]
) -> None:
    "Passages and example questions of each version with their vectors replace its article's former ones."
    drafts = [(article, passages_in(article, version, content)) for article, version, content in versions]
    texts = [embedded_text(passage) for _, made in drafts for passage in made]
    vectors = [(encoder.name, await encoder.encode_all(texts)) for encoder in encoders]
    for article, made in drafts:
        await queries.replace_passages(session, article.id, made)
    await session.flush()
    passages = [passage for _, made in drafts for passage in made]
    for name, rows in vectors:
        session.add_all(
            PassageVector(passage_id=passage.id, encoder=name, vector=row.tobytes())
            for passage, row in zip(passages, rows, strict=True)
        )
    for article, _ in drafts:
        article.index_revision = await queries.next_revision(session)


async def embed_missing(session: AsyncSession, encoder: Encoder) -> int:
    "Give some live passages that have no vector of this encoder one; how many got it, 0 when none was missing."
    passages = await queries.passages_without_vector(session, encoder.name, EMBEDDED_AT_ONCE)
    vectors = await encoder.encode_all([embedded_text(passage) for passage in passages])
    for passage, vector in zip(passages, vectors, strict=True):
        session.add(PassageVector(passage_id=passage.id, encoder=encoder.name, vector=vector.tobytes()))
    if passages and (await queries.current_state(session)).encoder == encoder.name:
        changed = select(Article).where(Article.id.in_({passage.article_id for passage in passages}))
        for article in (await session.scalars(changed.order_by(Article.id))).all():
            article.index_revision = await queries.next_revision(session)
    return len(passages)


def passages_in(article: Article, version: int, content: dict[str, Any]) -> list[Passage]:
    "The rows of a version, in reading order, its title and example questions behind its passages."
    language: Language = article.language  # type: ignore[assignment]  # checked on the way in
    pieces = passages_of(content["title"], content["body"], language)
    rows = [("passage", p.anchor, p.heading_path, p.text) for p in pieces]
    rows += [("question", "top", content["title"], q) for q in (content["title"], *content["questions"])]
    return [
        Passage(
            article_id=article.id, version=version, kind=kind, ordinal=number, anchor=anchor, heading_path=path, text=text
        )
        for number, (kind, anchor, path, text) in enumerate(rows)
    ]  # fmt: skip


def embedded_text(passage: Passage) -> str:
    "A passage is understood with the headings above it, a question stands for itself."
    return f"{passage.heading_path}. {passage.text}" if passage.kind == "passage" else passage.text
