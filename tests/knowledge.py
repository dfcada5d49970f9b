"""A knowledge base of its own for a test: an embedded PostgreSQL, the real encoder, articles as curators publish them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import utc_now
from core.database import Database
from core.embedded import embedded_server
from core.identity import System
from core.languages import Language
from core.schema import migrate
from knowledge_base.answers import search_passages
from knowledge_base.catalogue import Filter
from knowledge_base.encoder import Encoder
from knowledge_base.engines import PgVector
from knowledge_base.models import Article
from knowledge_base.replica import Replica
from knowledge_base.schemas import ArticleContent
from knowledge_base.search import KnowledgeSearch
from knowledge_base.service import create_article, load_article, publish_all, take_step

CURATOR = System("test", frozenset({"knowledge:read", "knowledge:write", "knowledge:approve"}))


@dataclass
class Desk:
    """The desk of a knowledge base, and replicas that follow it."""

    database: Database
    encoder: Encoder
    searches: list[KnowledgeSearch] = field(default_factory=list)

    def replica(
        self, engine: str = "faiss", encoder: Encoder | None = None, folder: Path | None = None
    ) -> KnowledgeSearch:
        """Another process's search."""
        in_memory = engine == "faiss"
        replica = Replica(encoder or self.encoder, self.database, folder, holds_vectors=in_memory)
        search = KnowledgeSearch(replica, None if in_memory else PgVector(replica.run))
        self.searches.append(search)
        return search

    async def publish(
        self, slug: str, body: str, encoders: Sequence[Encoder] = (), **more: Any
    ) -> Article:
        """Write and publish an article."""
        content = ArticleContent(
            **{
                "slug": slug,
                "language": "en",
                "title": slug.replace("-", " "),
                "body": body,
                **more,
            }
        )
        async with self.database.transaction() as session:
            article = await create_article(session, CURATOR, content)
            await publish_all(session, [article], list(encoders) or [self.encoder])
        return article

    async def archive(self, article: Article) -> None:
        """Withdraw an article."""
        async with self.database.transaction() as session:
            loaded = await load_article(session, CURATOR, article.id, lock=True)
            await take_step(session, CURATOR, loaded, "archive", [self.encoder], utc_now())

    async def slugs(
        self,
        search: KnowledgeSearch,
        query: str,
        language: Language = "en",
        now: datetime | None = None,
        audiences: tuple[Any, ...] = ("public",),
        category: str | None = None,
    ) -> list[str]:
        """What a query finds, best first."""
        allowed = Filter(audiences, language, now or utc_now(), category)
        async with self.database.transaction() as session:
            return [
                r.slug for r in await search_passages(session, search, query, language, allowed, 10)
            ]


@asynccontextmanager
async def knowledge_desk(folder: Path, encoder: Encoder) -> AsyncIterator[Desk]:
    """An empty knowledge base."""
    with embedded_server(folder / "postgres") as url:
        await asyncio.to_thread(migrate, url)
        desk = Desk(Database(url, 6), encoder)
        try:
            yield desk
        finally:
            for search in desk.searches:
                search.close()
            await desk.database.close()
