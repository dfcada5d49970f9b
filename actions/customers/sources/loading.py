"""Loads: rows are checked, kept as the source has them, and what changed is carried into the master record.

A load can be repeated: what has not changed is passed over, and one that was killed goes on where its last batch ended. What is
refused is reported with its line, its field and the check; the rest goes on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.models import CardRequest
from actions.customers.identity.resolution import resolve_waiting
from actions.customers.source_models import QualityIssue, Source, SourceLoad, SourceRecord
from actions.customers.sources.applying import apply_waiting
from actions.customers.sources.connectors import (
    Connector,
    FileDrop,
    Files,
    OwnDatabase,
    Rest,
    RestApi,
    Row,
    Views,
    config_of,
)
from actions.customers.sources.records import (
    CardRow,
    OfPerson,
    Problem,
    Record,
    RecordType,
    TransactionRow,
    digest_of,
    read_row,
)
from core.audit import record
from core.database import Database
from core.errors import DomainError, NotFound
from core.guards import require_version
from core.identity import Caller, actor, require
from core.settings import Settings

BATCH = 500
MAX_ISSUES = 10_000  # kept of one load; the count goes on


async def put_source(
    session: AsyncSession,
    caller: Caller,
    code: str,
    kind: str,
    connector: dict[str, object],
    trust: int,
    expected: int | None,
    now: datetime,
) -> Source:
    """A new source, or other settings of one."""
    require(caller, "sources:manage")
    checked = config_of(connector).model_dump(mode="json")
    source = await session.get(Source, code, with_for_update=True)
    if source is None:
        source = Source(code=code, version=0, cursor=None)
        session.add(source)
    else:
        require_version(source.version, expected)
    if source.version and source.connector != checked:
        source.cursor = None  # another place is read from its beginning
    source.kind, source.connector, source.trust = kind, checked, trust
    source.version, source.changed_by, source.changed_at = source.version + 1, actor(caller), now
    await session.flush()
    await record(
        session,
        caller,
        "source.changed",
        f"source:{code}",
        {"version": source.version, "trust": trust},
    )
    return source


def connector_of(source: Source, database: Database, settings: Settings) -> Connector:
    """The connector of a source."""
    config = config_of(source.connector)
    match config:
        case FileDrop(folder=folder):
            return Files((settings.source_folder or settings.var_dir / "sources") / folder)
        case RestApi():
            token = settings.source_tokens.get(source.code)
            return Rest(config, settings.source_hosts, token.get_secret_value() if token else None)
        case OwnDatabase():
            return Views(database, config)


async def begin_load(session: AsyncSession, caller: Caller, code: str, now: datetime) -> SourceLoad:
    """Order a load."""
    require(caller, "sources:manage")
    if await session.get(Source, code) is None:
        raise NotFound("source")
    load = SourceLoad(source=code, state="running", ordered_by=actor(caller), started_at=now)
    session.add(load)
    await session.flush()
    await record(session, caller, "source.load", f"source:{code}", {"load": str(load.id)})
    return load


async def run_load(
    database: Database, settings: Settings, load_id: UUID, now: datetime
) -> SourceLoad:
    """Read a source into the records, then link people and carry everything into the master record."""
    async with database.transaction() as session:
        load = await session.get_one(SourceLoad, load_id)
        source = await session.get_one(Source, load.source)
    seen: set[tuple[str, str]] = set()
    try:
        connector = connector_of(source, database, settings)
        async for batch in _batches(connector.rows(source.cursor)):
            async with database.transaction() as session:
                await _take(session, load_id, source.code, batch, seen, now)
        cursor = await connector.end(source.cursor)
        await carry(database, now)
    except DomainError as error:
        return await _end(database, load_id, "failed", error.detail, None, now)
    return await _end(database, load_id, "done", None, cursor, now)


async def carry(database: Database, now: datetime) -> None:
    """Carry all that waits into the master record, a batch to a transaction."""
    for step in (resolve_waiting, apply_waiting):
        done = BATCH
        while done >= BATCH:
            async with database.transaction() as session:
                done = await step(session, now, BATCH)


async def _end(
    database: Database,
    load_id: UUID,
    state: str,
    error: str | None,
    cursor: str | None,
    now: datetime,
) -> SourceLoad:
    async with database.transaction() as session:
        load = await session.get_one(SourceLoad, load_id, with_for_update=True)
        load.state, load.error, load.finished_at, load.cursor = state, error, now, cursor
        if state == "done":
            (await session.get_one(Source, load.source)).cursor = cursor
        return load


async def _batches(rows: AsyncIterator[Row]) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for row in rows:
        if batch and (len(batch) >= BATCH or row.type != batch[0].type):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


@dataclass
class _Checked:
    """Rows of a batch that are good, and what is wrong with the others."""

    good: list[tuple[Row, Record]] = field(default_factory=list)
    issues: list[tuple[Row, Problem]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len({row.line for row, _ in self.issues})


async def _take(
    session: AsyncSession,
    load_id: UUID,
    source: str,
    batch: Sequence[Row],
    seen: set[tuple[str, str]],
    now: datetime,
) -> None:
    """Check a batch of one type and keep what is new or changed."""
    kind = batch[0].type
    checked = _checked(batch, seen)
    await _check_references(session, source, kind, checked)
    keys = [read.key for _, read in checked.good]
    rows = select(SourceRecord).where(
        SourceRecord.source == source, SourceRecord.type == kind, SourceRecord.key.in_(keys)
    )
    existing = {row.key: row for row in (await session.scalars(rows.with_for_update())).all()}
    requested = await _requested_cards(session, existing.values()) if kind == "card" else set()
    load = await session.get_one(SourceLoad, load_id, with_for_update=True)
    fresh = []
    for _, read in checked.good:
        digest, content = (
            digest_of(read),
            read.model_dump(mode="json", exclude={"as_of", "key"}, exclude_none=True),
        )
        before = existing.get(read.key)
        if before is None:
            fresh.append(
                {
                    "id": uuid4(),
                    "source": source,
                    "type": kind,
                    "key": read.key,
                    "content": content,
                    "digest": digest,
                    "as_of": read.as_of or now,
                    "dated": read.as_of is not None,
                }
            )
        elif before.digest == digest:
            load.unchanged += 1
            if before.entity_id in requested:
                _show_again(before, read.as_of)
        else:
            before.content, before.digest, before.as_of = content, digest, read.as_of or now
            before.dated = read.as_of is not None
            load.changed += 1
    if fresh:
        await session.execute(insert(SourceRecord), fresh)
    load.rows, load.added, load.refused = (
        load.rows + len(batch),
        load.added + len(fresh),
        load.refused + checked.refused,
    )
    await _report(session, load, kind, checked)


async def _requested_cards(session: AsyncSession, rows: Iterable[SourceRecord]) -> set[UUID]:
    """Cards of the rows that the core banking system was asked to block or unblock."""
    ids = [row.entity_id for row in rows if row.entity_id]
    requested = select(CardRequest.card_id).where(CardRequest.card_id.in_(ids))
    return set((await session.scalars(requested)).all())


def _show_again(row: SourceRecord, as_of: datetime | None) -> None:
    """Carry a row once more that says the same of a newer time: what it says may count now."""
    if as_of is not None and as_of > row.as_of:
        row.as_of, row.dated, row.applied_digest = as_of, True, None


def _checked(batch: Sequence[Row], seen: set[tuple[str, str]]) -> _Checked:
    result = _Checked()
    for row in batch:
        read = read_row(row.type, row.values)
        if isinstance(read, list):
            result.issues += [(row, problem) for problem in read]
        elif (row.type, read.key) in seen:
            issue = Problem(
                field="key",
                check="duplicate",
                message=f"The key {read.key} came before in this load.",
            )
            result.issues.append((row, issue))
        else:
            seen.add((row.type, read.key))
            result.good.append((row, read))
    return result


async def _check_references(
    session: AsyncSession, source: str, kind: RecordType, checked: _Checked
) -> None:
    """Refuse what belongs to a person or an account that the source has not delivered."""
    for name, keys, forms in (
        ("person", "person", OfPerson),
        ("account", "account", (CardRow, TransactionRow)),
    ):
        named = {getattr(read, name) for _, read in checked.good if isinstance(read, forms)}
        if not named:
            continue
        rows = select(SourceRecord.key).where(
            SourceRecord.source == source, SourceRecord.type == keys, SourceRecord.key.in_(named)
        )
        missing = named - set((await session.scalars(rows)).all())
        bad = [(row, read) for row, read in checked.good if getattr(read, name, None) in missing]
        checked.good = [
            (row, read) for row, read in checked.good if getattr(read, name, None) not in missing
        ]
        checked.issues += [
            (
                row,
                Problem(
                    field=name,
                    check="reference",
                    message=f"The source has no {keys} {getattr(read, name)}.",
                ),
            )
            for row, read in bad
        ]


async def _report(
    session: AsyncSession, load: SourceLoad, kind: RecordType, checked: _Checked
) -> None:
    stored = (
        await session.scalar(
            select(func.count(QualityIssue.id)).where(QualityIssue.load_id == load.id)
        )
        or 0
    )
    session.add_all(
        QualityIssue(
            load_id=load.id,
            type=kind,
            key=str(row.values.get("key") or "")[:80] or None,
            line=row.line,
            field=problem.field[:80],
            check=problem.check,
            message=problem.message[:300],
        )
        for row, problem in checked.issues[: MAX_ISSUES - stored]
    )
    await session.flush()
