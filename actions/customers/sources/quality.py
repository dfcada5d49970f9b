"""What a source's data are worth: shares from 0 to 1, computed from its records and its last loads.

Valid: rows taken of rows read in the last load. Complete: filled fields of those that a person should have. Unique: people who
are no second row of the same customer. Fresh: rows of the last thirty days. The score is their mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.identity import Caller, require

EXPECTED = (
    "name",
    "birth_date",
    "nationality",
    "residency",
    "email",
    "phone",
    "address",
    "document_number",
)
STATEMENT = text("""
with last as (select distinct on (source) source, rows, refused, started_at, state from source_loads
    where state <> 'running' and rows > 0 order by source, started_at desc),
people as (select r.source, count(*) as people,
    avg((select count(*) from unnest(cast(:expected as text[])) f where r.content ? f)::float / :fields) as complete,
    1 - (count(*) filter (where r.customer_id is not null) - count(distinct r.customer_id))::float / greatest(count(*), 1) as single
    from source_records r where r.type = 'person' group by 1),
fresh as (select source, avg((as_of > :now - interval '30 days')::int)::float as fresh, count(*) as records from source_records group by 1)
select s.code, coalesce(f.records, 0), coalesce(p.people, 0), 1 - l.refused::float / l.rows, p.complete, p.single, f.fresh,
    l.started_at, l.state
from sources s left join last l on l.source = s.code left join people p on p.source = s.code left join fresh f on f.source = s.code
order by s.code
""")


@dataclass(frozen=True)
class Quality:
    """The worth of a source's data; None where there is nothing to judge by."""

    source: str
    records: int
    people: int
    valid: float | None
    complete: float | None
    unique: float | None
    fresh: float | None
    loaded_at: datetime | None
    last_state: str | None

    @property
    def score(self) -> float | None:
        """The mean of what can be judged."""
        measured = [
            share
            for share in (self.valid, self.complete, self.unique, self.fresh)
            if share is not None
        ]
        return round(sum(measured) / len(measured), 4) if measured else None


async def quality_of(session: AsyncSession, caller: Caller, now: datetime) -> list[Quality]:
    """Every source's data and what they are worth."""
    require(caller, "sources:manage")
    rows = await session.execute(
        STATEMENT, {"expected": list(EXPECTED), "fields": len(EXPECTED), "now": now}
    )
    return [Quality(*row) for row in rows]
