"""Reports over a period: what is counted, by what it is grouped, and what it is narrowed to.

Every figure is an expression over a view of facts (migration 0017), and tested against cases that were counted by hand.
Names of columns come from the catalogue below, never from a caller; what a caller gives is bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SERVICE_HOURS
from core.errors import Invalid, NotFound
from core.identity import Caller, require

Kind = Literal["count", "share", "minutes", "hours", "days", "stars", "money"]
Grain = Literal["day", "week", "month"]
Figure = int | float | None
GRAINS: tuple[Grain, ...] = get_args(Grain)
COMMON = {"channel": "channel", "language": "language", "queue": "queue", "agent": "agent_id"}
MAX_GROUPS = 500


@dataclass(frozen=True)
class Measure:
    """A figure: its name, how it is shown, and the SQL that makes it."""

    key: str
    kind: Kind
    sql: str


@dataclass(frozen=True)
class Report:
    """Figures of one view of facts, and what they may be grouped by beside time, channel, language, queue and employee."""

    code: str
    view: str
    measures: tuple[Measure, ...]
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """What it may be grouped by, with the column."""
        return {**COMMON, **self.groups}


def _count(key: str, condition: str | None = None) -> Measure:
    return Measure(
        key, "count", f"count(*) filter (where {condition})" if condition else "count(*)"
    )


def _share(key: str, condition: str, of: str = "true") -> Measure:
    return Measure(key, "share", f"avg(case when {of} then ({condition})::int end)::float")


def _median(key: str, kind: Kind, column: str) -> Measure:
    return Measure(key, kind, f"percentile_cont(0.5) within group (order by {column})::float")


def _mean(key: str, column: str) -> Measure:
    return Measure(key, "stars", f"avg({column})::float")


REPORTS: dict[str, Report] = {
    report.code: report
    for report in (
        Report(
            "conversations",
            "conversation_facts",
            (
                _count("conversations"),
                _share("contained", "contained", "asked > 0"),
                _share("deflected", "deflected", "asked > 0"),
                _share("escalated", "escalated"),
                _median("wait", "minutes", "wait_minutes"),
                _median("first_word", "minutes", "first_word_minutes"),
                _mean("rating", "rating"),
                _count("ratings", "rating is not null"),
            ),
        ),
        Report(
            "answers",
            "answer_facts",
            (
                _count("questions"),
                _share("answered", "answered"),
                _share("abstained", "abstained"),
                _count("wrong", "wrong"),
                _share("wrong_share", "wrong", "answered"),
                _count("helpful", "helpful"),
            ),
            {"topic": "topic", "article": "slug"},
        ),
        Report(
            "tickets",
            "ticket_facts",
            (
                _count("tickets"),
                _count("resolved", "resolved"),
                _share(
                    "first_response_met", "first_response_met", "first_response_met is not null"
                ),
                _share("resolution_met", "resolution_met", "resolution_met is not null"),
                _median("first_response", "hours", "first_response_hours"),
                _median("resolution", "hours", "resolution_hours"),
                _mean("satisfaction", "satisfaction"),
                _count("ratings", "satisfaction is not null"),
            ),
            {"kind": "kind", "priority": "priority", "segment": "segment", "cause": "cause"},
        ),
        Report(
            "complaints",
            "complaint_facts",
            (
                _count("complaints"),
                _share("acknowledged", "acknowledged"),
                _share("final", "final"),
                _share("in_time", "in_time", "in_time is not null"),
                _share("upheld", "upheld", "outcome is not null"),
                _count("referred", "referred"),
                _median("final_days", "days", "final_days"),
                Measure("redress", "money", "coalesce(sum(redress), 0)::float"),
            ),
            {"jurisdiction": "jurisdiction", "cause": "cause"},
        ),
        Report("gaps", "gap_facts", (_count("gaps"), _count("open", "open")), {"state": "state"}),
        Report(
            "copilot",
            "copilot_facts",
            (
                _count("suggestions", "offered"),
                _share("used", "used", "offered"),
                _share("sent", "sent", "offered"),
                _share("edited", "edited", "offered"),
                _count("wrong", "wrong"),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Period:
    """From one time to another, both with their zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid.field("from", "period.zone_missing", example="2024-06-01T00:00:00Z")
        if self.start >= self.end:
            raise Invalid.field("from", "period.reversed")

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return Period(self.start - (self.end - self.start), self.start)


@dataclass(frozen=True)
class Figures:
    """A report's rows, each with its group and figures in the measures' order, and the figures of all together."""

    report: Report
    by: str
    rows: list[tuple[str, list[Figure]]]
    total: list[Figure]


def report_of(code: str) -> Report:
    """A report of the catalogue; NotFound for another."""
    if code not in REPORTS:
        raise NotFound("report")
    return REPORTS[code]


async def figures(
    session: AsyncSession,
    caller: Caller,
    code: str,
    period: Period,
    *,
    by: str,
    only: Mapping[str, str],
) -> Figures:
    """The figures of a period, by a grain of time or by a column, for what `only` narrows them to."""
    require(caller, "analytics:read")
    report = report_of(code)
    bind_values: dict[str, object] = {
        "start": period.start,
        "end": period.end,
        "zone": SERVICE_HOURS.zone,
    }
    where = ["at >= :start", "at < :end"]
    for name, value in only.items():
        if name not in report.columns:
            raise Invalid.field(name, "report.filter_unknown", columns=report.columns)
        where.append(f"{report.columns[name]}::text = :only_{name}")
        bind_values[f"only_{name}"] = value
    measured = ", ".join(measure.sql for measure in report.measures)
    facts = f"select *, {_group(report, by)} as name from {report.view} where {' and '.join(where)}"  # noqa: S608  (the catalogue's)
    # All together and each group, in one pass over the facts.
    counted = text(
        f"select grouping(name), name, {measured} from ({facts}) facts group by grouping sets ((name), ()) "  # noqa: S608  (the catalogue's)
        f"order by 1 desc, 2 limit {MAX_GROUPS + 1}"
    )
    total, *rows = (await session.execute(counted, bind_values)).all()
    return Figures(report, by, [(str(row[1]), list(row[2:])) for row in rows], list(total[2:]))


def _group(report: Report, by: str) -> str:
    """The expression that rows are grouped by: a day, week or month in the bank's zone, or a column."""
    if by in GRAINS:
        return f"to_char(date_trunc('{by}', at at time zone :zone), 'YYYY-MM-DD')"
    if by not in report.columns:
        raise Invalid.field("by", "report.grouping_unknown", columns=(*GRAINS, *report.columns))
    if by == "agent":
        return "coalesce((select name from staff_users where id = agent_id), '')"
    return f"coalesce({report.columns[by]}, '')"
