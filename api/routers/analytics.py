"""Figures: at a glance, live, as reports over a period with their export, ahead, and reports that are kept and sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import IdempotencyKey, Listing, NowDep, SessionDep, StaffDep, once
from assistant.analytics import forecast, live, overview, reports, saved
from assistant.analytics.reports import Figures, Kind, Period
from core.bounds import Code, Instant
from core.clock import SERVICE_HOURS
from core.exports import MEDIA, Format, export
from core.identity import Staff
from core.languages import Language
from core.localized_text import term_in_each

router = APIRouter(prefix="/v1/analytics", tags=["analytics"])
DEFAULT_PERIOD = timedelta(days=30)
PAST = timedelta(days=84)  # that volume is forecast from
AHEAD = 14  # days
UNUSED_SINCE = timedelta(days=90)
ReportCode = Literal["conversations", "answers", "tickets", "complaints", "gaps", "copilot"]


class QueueNow(BaseModel):
    """Who waits in a queue, and for how many seconds the first one has."""

    waiting: int
    longest_s: int


class ClocksNow(BaseModel):
    """Tickets whose next clock is broken, or runs out within the hour."""

    broken: int
    soon: int


class AgentNow(BaseModel):
    """An employee with what they have open."""

    id: UUID
    name: str
    presence: str
    on_duty: bool
    conversations: int
    tickets: int
    most_tickets: int
    queues: list[str]


class LiveOut(BaseModel):
    """What goes on now."""

    at: datetime
    waiting: int
    active: int
    longest_wait_s: int
    queues: dict[str, QueueNow]
    clocks: ClocksNow
    agents: list[AgentNow]


class MeasureOut(BaseModel):
    """A figure of a report, how it is called and how it is shown."""

    key: str
    kind: Kind
    names: dict[Language, str]


class ReportInfo(BaseModel):
    """A report: its figures, and what it may be grouped by and narrowed to."""

    code: ReportCode
    names: dict[Language, str]
    measures: list[MeasureOut]
    groups: list[str]


class RowOut(BaseModel):
    """A group with its figures, in the measures' order, and those of the period before when it is compared."""

    group: str
    values: list[float | None]
    before: list[float | None] | None = None


class FiguresOut(BaseModel):
    """A report over a period; all together, and the period before."""

    code: ReportCode
    by: str
    measures: list[MeasureOut]
    rows: list[RowOut]
    total: RowOut


class DayOut(BaseModel):
    """A day that was."""

    day: date
    value: float


class ExpectedOut(BaseModel):
    """A day to come, with the range that eight in ten fell into."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    value: float
    low: float
    high: float


class ForecastOut(BaseModel):
    """Conversations a day: those that were, those expected; `error` is how far forecasts of the last weeks were off, a share."""

    past: list[DayOut]
    expected: list[ExpectedOut]
    error: float | None
    naive_error: float | None


class UnusedOut(BaseModel):
    """An article that nobody reads."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    language: Language
    title: str
    audience: str


class SavedQuery(BaseModel):
    """How a kept report is asked: grouped by what, over how many last days, narrowed to what."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, StringConstraints(pattern="^[a-z_]+$", max_length=30)] = "day"
    days: Annotated[int, Field(ge=1, le=366)] = 7
    only: Annotated[
        dict[Code, Annotated[str, StringConstraints(max_length=80)]], Field(max_length=20)
    ] = {}


class SavedNew(BaseModel):
    """A report to keep; with a schedule it is mailed at seven in the bank's zone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Cards, weekly",
                    "report": "tickets",
                    "query": {"by": "day", "days": 7, "only": {"queue": "cards"}},
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    report: ReportCode
    query: SavedQuery = SavedQuery()
    schedule: saved.Schedule | None = None
    recipients: Annotated[list[EmailStr], Field(max_length=20)] = []
    language: Language = "en"


class SavedOut(BaseModel):
    """A kept report."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    report: ReportCode
    query: SavedQuery
    schedule: saved.Schedule | None
    recipients: list[str]
    language: Language
    next_at: datetime | None


def period(
    now: NowDep,
    start: Annotated[Instant | None, Query(alias="from")] = None,
    end: Annotated[Instant | None, Query(alias="to")] = None,
) -> Period:
    """From one time to another, the last thirty days where nothing is said."""
    until = end or now
    return Period(start or until - DEFAULT_PERIOD, until)


def narrowed(request: Request) -> dict[str, str]:
    """What a report is narrowed to: its filters among the query's parameters."""
    reported = {name for report in reports.REPORTS.values() for name in report.columns}
    return {
        name: value for name, value in request.query_params.items() if name in reported and value
    }


PeriodDep = Annotated[Period, Depends(period)]


@router.get("/overview")
async def read_overview(
    who: StaffDep, session: SessionDep, over: PeriodDep, now: NowDep
) -> overview.Overview:
    """Figures of a period, the last thirty days by default."""
    return await overview.overview(session, who, over.start, over.end, now)


@router.get("/live")
async def read_live(who: StaffDep, session: SessionDep, now: NowDep) -> LiveOut:
    """Who waits, who is there, whose clocks run out."""
    return LiveOut.model_validate(await live.live(session, who, now))


@router.get("/unused-articles")
async def list_unused(who: StaffDep, session: SessionDep, now: NowDep) -> list[UnusedOut]:
    """Published articles that nobody opened and no answer quoted in ninety days."""
    unused = await overview.unused_articles(session, who, now - UNUSED_SINCE)
    return [UnusedOut.model_validate(row) for row in unused]


@router.get("/forecast")
async def read_forecast(who: StaffDep, session: SessionDep, now: NowDep) -> ForecastOut:
    """Conversations a day in the last weeks, and what is expected of the next two."""
    return await _forecast(who, session, now)


@router.get("/forecast/export")
async def export_forecast(
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    form: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The same as a file: a line for each day that was or is to come."""
    forecast = await _forecast(who, session, now)

    async def lines() -> AsyncIterator[Sequence[object]]:
        for was in forecast.past:
            yield [was.day, was.value, "", "", ""]
        for day in forecast.expected:
            yield [day.day, "", day.value, day.low, day.high]

    name = f'attachment; filename="forecast.{form}"'
    content = export(form, ("day", "was", "expected", "low", "high"), lines(), "forecast")
    return StreamingResponse(content, media_type=MEDIA[form], headers={"Content-Disposition": name})


async def _forecast(who: Staff, session: AsyncSession, now: datetime) -> ForecastOut:
    zone = ZoneInfo(SERVICE_HOURS.zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = await reports.figures(
        session, who, "conversations", Period(midnight - PAST, midnight), by="day", only={}
    )
    by_day = {date.fromisoformat(name): float(values[0] or 0) for name, values in counted.rows}
    yesterday = midnight.date() - timedelta(days=1)
    first = min(by_day, default=yesterday)
    past = (
        [first + timedelta(days=at) for at in range((yesterday - first).days + 1)] if by_day else []
    )
    history = [by_day.get(day, 0.0) for day in past]
    ahead = forecast.forecast(history, yesterday, AHEAD)
    return ForecastOut(
        past=[DayOut(day=day, value=value) for day, value in zip(past, history, strict=True)],
        expected=[ExpectedOut.model_validate(day) for day in ahead.days],
        error=ahead.error,
        naive_error=ahead.naive_error,
    )


@router.get("/reports")
async def list_reports(who: StaffDep) -> Listing[ReportInfo]:
    """What can be counted, and by what."""
    infos = []
    for report in reports.REPORTS.values():
        groups = [*reports.GRAINS, *report.columns]
        names = term_in_each("report_name", report.code)
        infos.append(
            ReportInfo(code=report.code, names=names, measures=_measures(report), groups=groups)
        )
    return Listing(items=infos, next_cursor=None)


@router.get("/reports/{code}")
async def read_report(
    code: ReportCode,
    who: StaffDep,
    session: SessionDep,
    over: PeriodDep,
    only: Annotated[dict[str, str], Depends(narrowed)],
    by: Annotated[str, Query(pattern="^[a-z_]+$", max_length=30)] = "day",
    compare: bool = False,
) -> FiguresOut:
    """A report by day, week, month, channel, language, queue, agent or what else it names, narrowed by the same names.

    With `compare`, each group has the figures of the period of the same length before.
    """
    now = await reports.figures(session, who, code, over, by=by, only=only)
    before = (
        await reports.figures(session, who, code, over.before, by=by, only=only)
        if compare
        else None
    )
    return _figures(now, before)


@router.get("/reports/{code}/export")
async def export_report(
    code: ReportCode,
    who: StaffDep,
    session: SessionDep,
    over: PeriodDep,
    only: Annotated[dict[str, str], Depends(narrowed)],
    by: Annotated[str, Query(pattern="^[a-z_]+$", max_length=30)] = "day",
    form: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The same as a file."""
    counted = await reports.figures(session, who, code, over, by=by, only=only)
    header = [by, *(measure.key for measure in counted.report.measures)]
    name = f'attachment; filename="{code}-by-{by}.{form}"'
    content = export(form, header, _lines(counted), code)
    return StreamingResponse(content, media_type=MEDIA[form], headers={"Content-Disposition": name})


@router.get("/saved")
async def list_saved(who: StaffDep, session: SessionDep) -> Listing[SavedOut]:
    """The caller's own reports."""
    saved_reports = (await session.scalars(saved.own_reports(who))).all()
    return Listing(items=[SavedOut.model_validate(row) for row in saved_reports], next_cursor=None)


@router.post("/saved", status_code=201, response_model=SavedOut)
async def keep_report(
    new: SavedNew,
    request: Request,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Keep a report, and have it sent."""

    async def create() -> SavedOut:
        row = await saved.keep(
            session,
            who,
            name=new.name,
            report=new.report,
            query=new.query.model_dump(),
            schedule=new.schedule,
            recipients=new.recipients,
            language=new.language,
            now=now,
        )
        return SavedOut.model_validate(row)

    return await once(request, session, who, key, new, create)


@router.delete("/saved/{report_id}", status_code=204)
async def remove_report(report_id: UUID, who: StaffDep, session: SessionDep) -> None:
    """Take away one's own report; it is sent no more."""
    await saved.remove(session, who, report_id)


def _measures(report: reports.Report) -> list[MeasureOut]:
    return [
        MeasureOut(key=measure.key, kind=measure.kind, names=term_in_each("measure", measure.key))
        for measure in report.measures
    ]


def _figures(now: Figures, before: Figures | None) -> FiguresOut:
    earlier = dict(before.rows) if before else {}
    rows = [
        RowOut(group=group, values=values, before=earlier.get(group)) for group, values in now.rows
    ]
    total = RowOut(group="", values=now.total, before=before.total if before else None)
    return FiguresOut(
        code=now.report.code, by=now.by, measures=_measures(now.report), rows=rows, total=total
    )


async def _lines(counted: Figures) -> AsyncIterator[Sequence[object]]:
    for group, values in counted.rows:
        yield [group, *values]
