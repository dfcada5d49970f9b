"""A large knowledge base for measuring: passages made of the demonstration's, in PostgreSQL as publication leaves them.

A vector is a mixture of those of two real passages of a language with noise, a text the halves of their texts: as near
to each other and as alike in words as those of a bank with a thousand products would be, which nobody could encode here
in reasonable time. Queries are real questions, encoded.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray

from assistant.demonstration.articles import articles
from core.languages import LANGUAGES
from knowledge_base.embedding import PassageDraft, passages_in
from knowledge_base.encoder import Encoder

PER_ARTICLE = 20  # rows: four passages and sixteen questions
QUOTABLE = 4
NOISE = 0.03  # standard deviation in each of 384 dimensions: cosine 0.86 with the mixture
CHUNK = 1_000  # articles


@dataclass(frozen=True)
class Material:
    """The demonstration's passages of a language with their vectors."""

    language: str
    drafts: list[PassageDraft]
    vectors: NDArray[np.float32]


async def material(encoder: Encoder) -> list[Material]:
    """What generated passages are mixed from."""
    found = []
    for language in LANGUAGES:
        of_language = [a for a in articles() if a.language == language]
        drafts = [draft for a in of_language for draft in passages_in(language, a.model_dump())]
        vectors = await encoder.encode_all([draft.embedded_text for draft in drafts])
        found.append(Material(language, drafts, vectors))
    return found


def fill(url: str, encoder: str, sources: list[Material], rows: int, seed: int = 1) -> None:
    """Publish so many passages, half of them in each language."""
    random = np.random.default_rng(seed)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for start in range(0, rows // PER_ARTICLE, CHUNK):
            count = min(CHUNK, rows // PER_ARTICLE - start)
            _copy(cursor, encoder, sources[(start // CHUNK) % len(sources)], start, count, random)
        cursor.execute(
            "update knowledge_state set revision = revision + 1, encoder = %s", (encoder,)
        )
        cursor.execute(
            "update articles set index_revision = (select revision from knowledge_state) where index_revision = 0"
        )
        connection.commit()
        connection.autocommit = True
        cursor.execute("vacuum (analyze)")  # so that nothing of it is left to do while we measure
        cursor.execute("checkpoint")


def _copy(
    cursor: psycopg.Cursor[tuple[object, ...]],
    encoder: str,
    source: Material,
    start: int,
    count: int,
    random: np.random.Generator,
) -> None:
    ids = [uuid.UUID(int=int.from_bytes(random.bytes(16), "big")) for _ in range(count)]
    first = (cursor.execute("select coalesce(max(id), 0) + 1 from passages").fetchone() or (1,))[0]
    mixed = list(mixtures(source, count * PER_ARTICLE, random))
    titles = [mixed[number * PER_ARTICLE][0][:80] for number in range(count)]
    with cursor.copy(
        "copy articles (id, slug, language, title, body, audience, category, tags, questions, state, version, "
        "published_version, index_revision, author) from stdin"
    ) as copy:
        for number, (article_id, title) in enumerate(zip(ids, titles, strict=True), start=start):
            copy.write_row(
                (
                    article_id,
                    f"generated-{number}",
                    source.language,
                    title,
                    title,
                    "public",
                    "general",
                    "[]",
                    "[]",
                    "published",
                    1,
                    1,
                    0,
                    "system:bench",
                )
            )
    content = {"body": "", "audience": "public", "category": "general", "tags": [], "questions": []}
    with cursor.copy(
        "copy article_versions (article_id, version, content, author) from stdin"
    ) as copy:
        for article_id, title in zip(ids, titles, strict=True):
            copy.write_row(
                (
                    article_id,
                    1,
                    json.dumps(content | {"title": title}, ensure_ascii=False),
                    "system:bench",
                )
            )
    with cursor.copy(
        "copy passages (id, article_id, version, kind, ordinal, anchor, heading_path, text) from stdin"
    ) as copy:
        for row, (text, _) in enumerate(mixed):
            number, place = divmod(row, PER_ARTICLE)
            kind = "passage" if place < QUOTABLE else "question"
            copy.write_row(
                (int(str(first)) + row, ids[number], 1, kind, place, "top", titles[number], text)
            )
    with cursor.copy(
        "copy passage_vectors (passage_id, encoder, vector) from stdin with (format binary)"
    ) as copy:
        copy.set_types(["int8", "text", "bytea"])
        for row, (_, vector) in enumerate(mixed):
            copy.write_row((int(str(first)) + row, encoder, vector.tobytes()))
    cursor.execute(
        "select setval(pg_get_serial_sequence('passages', 'id'), (select max(id) from passages))"
    )


def mixtures(
    source: Material, count: int, random: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Texts with their vectors."""
    one, other = random.integers(0, len(source.drafts), (2, count))
    weight = random.beta(2, 5, (count, 1)).astype(np.float32)
    vectors = (1 - weight) * source.vectors[one] + weight * source.vectors[other]
    vectors += random.normal(0, NOISE, vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for a, b, vector in zip(one, other, vectors, strict=True):
        texts = source.drafts[a].text, source.drafts[b].text
        yield texts[0][: len(texts[0]) // 2 + 1] + texts[1][len(texts[1]) // 2 :], vector
