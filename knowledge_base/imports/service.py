"""Imports: ordered by a curator or at the console, run as a job, one transaction for each file.

The same content again changes nothing. What somebody edited here since the last import is kept and reported. A job
that was killed goes on behind its last finished file.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog
from anyascii import anyascii
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pypinyin import lazy_pinyin
from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.bounds import Code, ShortText
from core.clock import utc_now
from core.database import Database
from core.errors import DomainError, Invalid
from core.identity import Audience, Caller, actor, require
from core.jobs import Job, JobLine
from core.languages import Language, detect_language
from core.localized_text import LocalizedText
from core.safe_fetch import fetch, require_allowed
from core.settings import Settings
from core.validation import message_of
from knowledge_base.embedding import Embedded, embed, passages_in, write_passages
from knowledge_base.encoder import Encoder
from knowledge_base.imports.archives import File, TooMuch, files_in
from knowledge_base.imports.pool import ReadingPool
from knowledge_base.imports.reading import Document, Unreadable
from knowledge_base.models import Article, ImportedDocument, ImportUpload
from knowledge_base.schemas import ArticleChange, ArticleContent
from knowledge_base.service import (
    change_article,
    content_of,
    create_article,
    mark_published,
    take_step,
)

KIND, CONSOLE_KIND = "knowledge_import", "knowledge_import_console"
CHUNK_FILES, CHUNK_BYTES = (
    64,
    8_000_000,
)  # read and encoded together, while those before them are written
Outcome = Literal["created", "changed", "unchanged", "kept", "refused"]
_WEB_ENDINGS = {
    "text/html": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/zip": ".zip",
}
_CHANGEABLE = (
    "title",
    "body",
    "audience",
    "category",
    "tags",
    "questions",
    "valid_from",
    "valid_until",
    "review_by",
)
Progress = Callable[[Job, str, Outcome, LocalizedText | None], None]
log = structlog.get_logger(__name__)


MAX_URL = 2_000  # characters of an address that is imported


class ImportChoices(BaseModel):
    """How to import: what stands in the files themselves goes before these defaults."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None
    audience: Audience = "public"
    category: Code = "general"
    submit: bool = False  # for review at once
    replace: bool = False  # also what was edited here since


class ImportOrder(ImportChoices):
    """What to import: a file by name, or a page."""

    name: ShortText | None = None
    url: Annotated[str, Field(max_length=MAX_URL)] | None = None
    publish: bool = False  # at once; at the console alone


@dataclass
class Read:
    """A file on its way to the database."""

    file: File
    ordinal: int
    digest: str
    versions: dict[str, int] = field(default_factory=dict)  # that earlier imports of it made
    contents: list[ArticleContent] = field(default_factory=list)
    embedded: list[Embedded] = field(default_factory=list)
    outcome: Outcome | None = None
    reason: LocalizedText | None = None


Stage = asyncio.Queue[list[Read] | None]  # chunks on their way, None behind the last


async def order_import(
    session: AsyncSession,
    caller: Caller,
    order: ImportOrder,
    content: bytes | None,
    settings: Settings,
) -> Job:
    """A job that waits to be run; Invalid when it has neither file nor an address that we import from."""
    require(caller, "knowledge:write")
    if order.publish:
        raise Invalid.field(
            "publish",
            "import.review_first",
        )
    if order.url is not None:
        require_allowed(order.url, settings.import_hosts, private=settings.import_private_hosts)
    elif content is None or not order.name:
        raise Invalid.field("file", "import.source_missing")
    job = Job(
        kind=KIND,
        order=order.model_dump(exclude_defaults=True),
        owner=actor(caller),
        state="queued",
        done=0,
    )
    session.add(job)
    await session.flush()
    if content is not None:
        session.add(ImportUpload(job_id=job.id, name=order.name or "", content=content))
    return job


class Importer:
    """Runs imports in this process."""

    def __init__(
        self, database: Database, settings: Settings, encoders: Callable[[], Sequence[Encoder]]
    ) -> None:
        self._database, self._settings, self._encoders = database, settings, encoders

    async def run(
        self,
        job_id: UUID,
        caller: Caller,
        progress: Progress | None = None,
        path: Path | None = None,
    ) -> Job:
        """Import what was ordered, or the files of `path`; the finished job. What goes wrong with a file is in its line."""
        async with self._database.transaction() as session:
            job = await session.get_one(Job, job_id, with_for_update=True)
            job.state, job.started_at = "running", job.started_at or utc_now()
            lines = select(JobLine.ordinal).where(JobLine.job_id == job_id)
            settled = set((await session.scalars(lines)).all())
        work = _Import(
            self._database, caller, job, ImportOrder(**job.order), self._encoders, progress
        )
        error: LocalizedText | None = None
        try:
            async with ReadingPool() as pool:
                await work.import_all(self._files(job, path), settled, pool)
        except (TooMuch, DomainError) as problem:
            error = problem.text
        async with self._database.transaction() as session:
            job = await session.get_one(Job, job_id)
            job.state, job.error, job.finished_at = (
                ("failed" if error else "done"),
                error,
                utc_now(),
            )
            if (upload := await session.get(ImportUpload, job_id)) is not None:
                await session.delete(upload)
        return job

    async def _files(self, job: Job, path: Path | None) -> AsyncIterator[File]:
        """The files of the order, in the same order each time."""
        order = ImportOrder(**job.order)
        if path is not None:
            for file in await asyncio.to_thread(
                lambda: [p for p in sorted(path.rglob("*")) if _is_importable(p)] or [path]
            ):
                name = str(file.relative_to(path.parent)) if file != path else path.name
                content = await asyncio.to_thread(file.read_bytes)
                for member in files_in(name, content):
                    yield member
            return
        if order.url is not None:
            settings = self._settings
            page = await fetch(
                order.url,
                settings.import_hosts,
                settings.max_import_bytes,
                private=settings.import_private_hosts,
            )
            name, content = _web_name(page.url, page.content_type), page.content
        else:
            async with self._database.transaction() as session:
                upload = await session.get_one(ImportUpload, job.id)
            name, content = upload.name, upload.content
        for member in files_in(name, content):
            yield member


@dataclass
class _Import:
    database: Database
    caller: Caller
    job: Job
    order: ImportOrder
    encoders: Callable[[], Sequence[Encoder]]
    progress: Progress | None

    async def import_all(
        self, files: AsyncIterator[File], settled: set[int], pool: ReadingPool
    ) -> None:
        """Read a chunk of files while the one before it is encoded and the one before that is written."""
        read: Stage = asyncio.Queue(1)
        encoded: Stage = asyncio.Queue(1)
        try:
            async with asyncio.TaskGroup() as stages:
                stages.create_task(self._read_all(files, settled, pool, read))
                stages.create_task(self._encode_all(read, encoded))
                stages.create_task(self._write_all(encoded))
        except BaseExceptionGroup as problems:
            raise problems.exceptions[0] from None

    async def _read_all(
        self, files: AsyncIterator[File], settled: set[int], pool: ReadingPool, to: Stage
    ) -> None:
        async for chunk in _chunks(files, settled):
            imported = await self._imported_before(chunk)
            for read in chunk:
                digest, read.versions = imported.get(read.file.name, ("", {}))
                if read.file.problem:
                    read.outcome, read.reason = "refused", read.file.problem
                elif digest == read.digest:
                    read.outcome = "unchanged"
                else:
                    await self._read(read, pool)
            await to.put(chunk)
        await to.put(None)

    async def _encode_all(self, read: Stage, to: Stage) -> None:
        while (chunk := await read.get()) is not None:
            if self.order.publish:
                await self._encode([one for one in chunk if one.outcome is None])
            await to.put(chunk)
        await to.put(None)

    async def _write_all(self, encoded: Stage) -> None:
        while (chunk := await encoded.get()) is not None:
            await self._note([read for read in chunk if read.outcome is not None])
            for read in chunk:
                if read.outcome is None:
                    await self._write(read)

    async def _imported_before(self, chunk: list[Read]) -> dict[str, tuple[str, dict[str, int]]]:
        """By source, what it said when it was last imported, and the versions made of that."""
        table = ImportedDocument
        query = select(table.source, table.digest, table.versions).where(
            table.source.in_([r.file.name for r in chunk])
        )
        async with self.database.transaction() as session:
            return {row[0]: (row[1], row[2]) for row in (await session.execute(query)).all()}

    async def _read(self, read: Read, pool: ReadingPool) -> None:
        try:
            documents = await pool.read(read.file.name, read.file.content)
            read.contents = [_content(document, self.order) for document in documents]
            _require_distinct(read.contents)
        except Unreadable as problem:
            read.outcome, read.reason = "refused", problem.text
        except ValidationError as problem:
            wrong = problem.errors()[0]
            read.outcome, read.reason = (
                "refused",
                LocalizedText(
                    "import.field_not_valid",
                    field=".".join(map(str, wrong["loc"])),
                    reason=message_of(wrong),
                ),
            )

    async def _encode(self, chunk: list[Read]) -> None:
        contents = [content for read in chunk for content in read.contents]
        drafts = await asyncio.to_thread(
            lambda: [passages_in(c.language, c.model_dump()) for c in contents]
        )
        embedded = await embed(drafts, self.encoders())
        for read in chunk:
            read.embedded, embedded = embedded[: len(read.contents)], embedded[len(read.contents) :]

    async def _note(self, settled: list[Read]) -> None:
        """Lines of files that change nothing, in one transaction."""
        if not settled:
            return
        async with self.database.transaction() as session:
            session.add_all(self._line(read, []) for read in settled)
            await self._count(session, len(settled))
        self._tell(settled)

    async def _write(self, read: Read) -> None:
        """One file in one transaction with its line."""
        try:
            async with self.database.transaction() as session:
                articles = await self._save(session, read)
                session.add(self._line(read, [str(article.id) for article in articles]))
                await self._count(session, 1)
        except DomainError as problem:
            read.outcome, read.reason = "refused", problem.text
            await self._note([read])
            return
        self._tell([read])

    async def _save(self, session: AsyncSession, read: Read) -> list[Article]:
        now = utc_now()
        locked = (
            await session.scalars(_articles_of(read.contents))
        ).all()  # all, before the first of them is changed
        there = {(article.slug, article.language): article for article in locked}
        versions = dict(read.versions)
        outcomes: list[Outcome] = []
        saved: list[Article] = []
        for number, content in enumerate(read.contents):
            previous = there.get((content.slug, content.language))
            article, outcome = await self._save_article(session, previous, content, versions, now)
            outcomes.append(outcome)
            if outcome == "kept":
                read.reason = LocalizedText("import.edited_since", slug=content.slug)
                continue
            versions[str(article.id)] = article.version
            saved.append(article)
            if outcome == "unchanged":
                continue
            if self.order.publish:
                await write_passages(session, [(article, article.version, read.embedded[number])])
                mark_published(article)
            elif self.order.submit:
                await take_step(session, self.caller, article, "submit", [], now)
        read.outcome = next(
            (o for o in ("kept", "changed", "created") if o in outcomes), "unchanged"
        )
        if read.outcome != "kept":
            columns = {"digest": read.digest, "versions": versions, "imported_at": now}
            noted = insert(ImportedDocument).values(source=read.file.name, **columns)
            await session.execute(
                noted.on_conflict_do_update(index_elements=["source"], set_=columns)
            )
        return saved

    async def _save_article(
        self,
        session: AsyncSession,
        article: Article | None,
        content: ArticleContent,
        versions: dict[str, int],
        now: datetime,
    ) -> tuple[Article, Outcome]:
        """Create the article, or change the one that an earlier import made and nobody edited since."""
        if article is None:
            return await create_article(session, self.caller, content), "created"
        fresh = Article(**content.model_dump())
        if content_of(fresh) == content_of(article):
            return article, "unchanged"
        if versions.get(str(article.id)) != article.version and not self.order.replace:
            return article, "kept"
        change = ArticleChange(**content.model_dump(include=set(_CHANGEABLE)))
        return await change_article(session, self.caller, article, change, now), "changed"

    async def _count(self, session: AsyncSession, files: int) -> None:
        await session.execute(
            update(Job).where(Job.id == self.job.id).values(done=Job.done + files)
        )

    def _line(self, read: Read, subjects: list[str]) -> JobLine:
        return JobLine(
            job_id=self.job.id,
            ordinal=read.ordinal,
            name=read.file.name,
            outcome=str(read.outcome),
            reason=read.reason,
            subjects=subjects,
        )

    def _tell(self, reads: list[Read]) -> None:
        for read in reads:
            if self.progress is not None and read.outcome is not None:
                self.progress(self.job, read.file.name, read.outcome, read.reason)


async def _chunks(files: AsyncIterator[File], settled: set[int]) -> AsyncIterator[list[Read]]:
    """Files that have no line yet, some at a time."""
    chunk: list[Read] = []
    ordinal = 0
    async for file in files:
        if ordinal not in settled:
            chunk.append(Read(file, ordinal, hashlib.sha256(file.content).hexdigest()))
        ordinal += 1
        if (
            len(chunk) >= CHUNK_FILES
            or sum(len(read.file.content) for read in chunk) >= CHUNK_BYTES
        ):
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _articles_of(contents: Sequence[ArticleContent]) -> Select[Article]:
    named = tuple_(Article.slug, Article.language).in_(
        [(content.slug, content.language) for content in contents]
    )
    return select(Article).where(named).order_by(Article.id).with_for_update()


def slug_of(title: str) -> str:
    """A slug from a title in either language: Chinese by its pinyin."""
    latin = anyascii(" ".join(lazy_pinyin(title)))
    return (
        "-".join(re.findall(r"[a-z0-9]+", latin.lower()))[:100].strip("-")
        or f"article-{uuid4().hex[:8]}"
    )


def _content(document: Document, order: ImportOrder) -> ArticleContent:
    """An article's content, checked like one that comes over HTTP."""
    defaults: dict[str, object] = {
        "slug": slug_of(document.title),
        "language": order.language or detect_language(f"{document.title}\n{document.body}"),
        "audience": order.audience,
        "category": order.category,
    }
    fields = {"title": document.title, "body": document.body, "questions": document.questions}
    return ArticleContent.model_validate({**defaults, **document.more, **fields})


def _require_distinct(contents: list[ArticleContent]) -> None:
    keys: set[tuple[str, str]] = set()
    for content in contents:
        if (content.slug, content.language) in keys:
            raise Unreadable("file.duplicate_slug", slug=content.slug)
        keys.add((content.slug, content.language))


def _is_importable(path: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.parts[-2:])


def _web_name(url: str, content_type: str) -> str:
    """A name that tells where a page is from and what it is."""
    parts = urlsplit(url)
    name = f"{parts.netloc}{parts.path}".rstrip("/") + (f"?{parts.query}" if parts.query else "")
    ending = _WEB_ENDINGS.get(content_type)
    return name if ending is None or name.lower().endswith(ending) else f"{name}{ending}"
