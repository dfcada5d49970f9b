"""What the evaluations of the knowledge base share: the articles in an index, and the questions put to it.

Development data are read from DATA_DIR and split by a fixed seed: the first 3,000 rows of BANKING77 are for measuring
alone; phrasings, thresholds and weights were looked at on the other rows only.
"""

from __future__ import annotations

import asyncio
import csv
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.demonstration.bank import load_articles
from core.clock import utc_now
from core.database import Database
from core.embedded import embedded_server
from core.languages import Language
from core.schema import migrate
from core.settings import ROOT
from knowledge_base.catalogue import Filter
from knowledge_base.encoder import Encoder
from knowledge_base.replica import Replica
from knowledge_base.search import KnowledgeSearch, SearchHit

DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT.parent / "shared" / "data"))
OWN = Path(__file__).parent / "data"
SPLIT_SEED, MEASURED = 77, 3_000
BANK_DOMAINS = ("banking", "credit_cards")


@dataclass(frozen=True)
class Question:
    """A question and the article that answers it, None when no article does."""

    text: str
    slug: str | None


def banking_questions(*, measured: bool) -> list[Question]:
    """BANKING77's questions: the 3,000 that are measured, or the others, in a fixed random order."""
    rows = read_rows("banking77", "train")
    order = list(range(len(rows)))
    Random(SPLIT_SEED).shuffle(order)
    chosen = order[:MEASURED] if measured else order[MEASURED:]
    return [Question(rows[i]["text"], slug_of(rows[i]["category"])) for i in chosen]


def slug_of(category: str) -> str:
    """The article of a BANKING77 category."""
    return category.lower().replace("_", "-").replace("?", "")


def foreign_questions(part: str) -> list[Question]:
    """CLINC150's questions that no bank answers: every domain but banking and credit cards, out-of-scope ones included."""
    return [
        Question(row["text"], None)
        for row in read_rows("clinc150", part)
        if row["domain"] not in BANK_DOMAINS
    ]


def read_rows(folder: str, part: str) -> list[dict[str, str]]:
    """Rows of a development data set."""
    with (DATA_DIR / folder / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def own_chinese_questions() -> list[Question]:
    """Chinese questions written for measuring."""
    data = yaml.safe_load((OWN / "questions_zh.yml").read_text(encoding="utf-8"))
    return [Question(text, slug) for slug, texts in data.items() for text in texts]


@asynccontextmanager
async def loaded_articles() -> AsyncIterator[tuple[AsyncSession, KnowledgeSearch]]:
    """The demonstration's articles in an empty database and an index over them."""
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "postgres") as url:
        await asyncio.to_thread(migrate, url)
        database, encoder = Database(url, 2), Encoder(threads=2)
        search = KnowledgeSearch(Replica(encoder))
        async with database.transaction() as session:
            await load_articles(session, encoder)
        async with database.transaction() as session:
            await search.refresh(session)
            yield session, search
        await database.close()
        search.close()
        encoder.close()


async def search_all(
    session: AsyncSession,
    search: KnowledgeSearch,
    questions: list[Question],
    language: Language,
    articles_in: Language | None = None,
) -> list[list[SearchHit]]:
    """What is found for each question among the public articles of a language."""
    vectors = await search.encoder.encode_all([question.text for question in questions])
    allowed = Filter(("public",), articles_in or language, utc_now())
    return [
        await search.rank(session, q.text, vector, language, allowed)
        for q, vector in zip(questions, vectors, strict=True)
    ]


def rank_of(found: list[SearchHit], question: Question) -> int:
    """Where the right article stands, 0 for first; a large number when it was not found."""
    slugs = [article.card.slug for article in found]
    return slugs.index(question.slug) if question.slug in slugs else 10**6
