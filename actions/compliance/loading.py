"""Loading a watchlist: what is new or changed is written, what the list dropped is taken off, what cannot be used is told.

A load is one transaction: it is there as a whole or not at all, and may be repeated. Customers are screened anew against
what is new or changed by a task (rescreening.py), which finds the entries by their empty `screened_at`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.alerts import digest_of
from actions.compliance.models import Watchlist, WatchlistEntry
from actions.compliance.tasks import rescreen_customers
from actions.compliance.watchlists import Format, Listed, Refusal, read_list
from core.audit import record
from core.errors import Invalid
from core.identity import Caller, actor, require

TOGETHER = 1_000  # rows of one statement
MAX_NAMED_REFUSALS = 50  # refusals that a report names
MAX_DROPPED = 0.5  # share of a list that may vanish at one load: more is a broken file until somebody says otherwise


@dataclass
class Report:
    """What came of a load."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    refusals: list[dict[str, str]] = field(default_factory=list)


def digest_of_entry(listed: Listed) -> str:
    """What changes when the entry's content does."""
    return digest_of([listed.type, listed.names, listed.birth_dates, listed.countries])


def entry_row(source: str, listed: Listed, key: UUID, screened_at: datetime) -> WatchlistEntry:
    """An entry as the table keeps it."""
    return WatchlistEntry(id=key, screened_at=screened_at, **_values(source, listed))


def _values(source: str, listed: Listed) -> dict[str, object]:
    return {
        "source_list": source,
        "source_id": listed.source_id,
        "type": listed.type,
        "name": listed.names[0],
        "aliases": list(listed.names[1:]),
        "birth_dates": list(listed.birth_dates),
        "countries": list(listed.countries),
        "digest": digest_of_entry(listed),
    }


async def load_list(
    session: AsyncSession,
    caller: Caller,
    code: str,
    form: Format,
    content: IO[bytes],
    now: datetime,
    *,
    shrinking: bool = False,
) -> Report:
    """Load a list. Invalid for a file that cannot be this list."""
    require(caller, "compliance:manage")
    watchlist = await session.get(Watchlist, code, with_for_update=True)
    entries_by_key = await _known(session, code)
    report, seen = Report(), set[str]()
    rows: list[dict[str, object]] = []
    for listed in read_list(content, form):
        if isinstance(listed, Refusal) or listed.source_id in seen:
            reason = asdict(listed) if isinstance(listed, Refusal) else _twice(listed)
            report.refused += 1
            report.refusals += [reason] if len(report.refusals) < MAX_NAMED_REFUSALS else []
            continue
        seen.add(listed.source_id)
        key, digest = entries_by_key.get(listed.source_id, (None, None))
        if digest == digest_of_entry(listed):
            report.unchanged += 1
            continue
        report.added += key is None
        report.changed += key is not None
        rows.append(
            {
                "id": key or uuid4(),
                **_values(code, listed),
                "removed_at": None,
                "screened_at": None,
                "created_at": now,
            }
        )
    report.removed = await _take_off(session, code, entries_by_key, seen, now, shrinking=shrinking)
    await _write(session, rows)
    if rows:
        await rescreen_customers.defer(session)
    await _note(session, caller, watchlist, code, form, report, len(seen), now)
    return report


def _twice(listed: Listed) -> dict[str, str]:
    return {"where": listed.source_id, "reason": "the file has this number twice"}


async def _known(session: AsyncSession, code: str) -> dict[str, tuple[UUID, str | None]]:
    """By number: id and digest, None for an entry that is off the list."""
    rows = await session.execute(
        select(
            WatchlistEntry.source_id,
            WatchlistEntry.id,
            WatchlistEntry.digest,
            WatchlistEntry.removed_at,
        ).where(WatchlistEntry.source_list == code)
    )
    return {
        source_id: (key, None if removed else digest) for source_id, key, digest, removed in rows
    }


async def _take_off(
    session: AsyncSession,
    code: str,
    remaining: dict[str, tuple[UUID, str | None]],
    seen: set[str],
    now: datetime,
    *,
    shrinking: bool,
) -> int:
    gone = [
        key
        for source_id, (key, digest) in remaining.items()
        if digest is not None and source_id not in seen
    ]
    live = sum(digest is not None for _, digest in remaining.values())
    if not seen:
        raise Invalid.field("file", "watchlist.no_entries")
    if gone and len(gone) > MAX_DROPPED * live and not shrinking:
        raise Invalid.field(
            "file",
            "watchlist.shrinking",
            missing=len(gone),
            live=live,
            code=code,
        )
    for start in range(0, len(gone), TOGETHER):
        some = gone[start : start + TOGETHER]
        await session.execute(
            update(WatchlistEntry).where(WatchlistEntry.id.in_(some)).values(removed_at=now)
        )
    return len(gone)


async def _write(session: AsyncSession, rows: Iterable[dict[str, object]]) -> None:
    table = WatchlistEntry.__table__
    renamed = [
        {("list" if name == "source_list" else name): value for name, value in row.items()}
        for row in rows
    ]
    for start in range(0, len(renamed), TOGETHER):
        statement = insert(table).values(renamed[start : start + TOGETHER])  # type: ignore[arg-type]  # a table it is
        fresh = {
            name: statement.excluded[name]
            for name in renamed[start]
            if name not in ("id", "created_at")
        }
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fresh))


async def _note(
    session: AsyncSession,
    caller: Caller,
    watchlist: Watchlist | None,
    code: str,
    form: Format,
    report: Report,
    entries: int,
    now: datetime,
) -> None:
    row = watchlist or Watchlist(code=code, revision=0)
    row.format, row.entries, row.report = form, entries, asdict(report)
    row.revision, row.loaded_by, row.loaded_at = row.revision + 1, actor(caller), now
    session.add(row)
    await session.flush()
    counts = {name: value for name, value in asdict(report).items() if name != "refusals"}
    await record(
        session,
        caller,
        "watchlist.loaded",
        f"watchlist:{code}",
        {"revision": row.revision, **counts},
    )
