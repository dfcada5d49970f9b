"""Reports that somebody keeps: by name, and by mail each morning, week or month.

They are sent to employees who may read figures, and to nobody else, and count what the owner may count when they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlalchemy import ForeignKey, Index, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.notifications import BANK_NAMES, MESSAGE_DOMAIN, Notification
from assistant.analytics.reports import Figure, Figures, Measure, Period, figures, report_of
from core.accounts import StaffUser
from core.audit import record
from core.clock import SERVICE_HOURS
from core.database import Base, Created, Json, Key
from core.errors import Invalid, NotFound
from core.identity import PERMISSIONS, Caller, Staff, require
from core.languages import Language
from core.localized_text import LocalizedText, term, translate

Schedule = Literal["daily", "weekly", "monthly"]
SENT_AT = 7  # o'clock in the bank's zone
TEMPLATE = "report"
EMPTY = "–"


class SavedReport(Base):
    """A report with what it is narrowed to, and when it is sent to whom."""

    __tablename__ = "saved_reports"
    __table_args__ = (
        Index("ix_saved_reports_due", "next_at", postgresql_where=text("next_at is not null")),
    )

    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"), index=True)
    name: Mapped[str]
    report: Mapped[str]
    query: Mapped[Json]  # {by, days, only}
    schedule: Mapped[Schedule | None]
    recipients: Mapped[list[str]]
    language: Mapped[Language]
    next_at: Mapped[datetime | None]
    created_at: Mapped[Created]


def own_reports(caller: Caller) -> Select[SavedReport]:
    """The caller's own."""
    require(caller, "analytics:read")
    owner = caller.id if isinstance(caller, Staff) else None
    return (
        select(SavedReport)
        .where(SavedReport.owner_id == owner)
        .order_by(SavedReport.created_at, SavedReport.id)
    )


def next_sending(schedule: Schedule | None, now: datetime) -> datetime | None:
    """When a report is sent next: in the morning, on Monday, or on the first, in the bank's zone."""
    if schedule is None:
        return None
    here = now.astimezone(ZoneInfo(SERVICE_HOURS.zone))
    morning = here.replace(hour=SENT_AT, minute=0, second=0, microsecond=0)
    if schedule == "monthly":
        first = morning.replace(day=1)
        return first if first > here else first + relativedelta(months=1)
    if schedule == "weekly":
        morning -= timedelta(days=morning.weekday())
    step = timedelta(days=1 if schedule == "daily" else 7)
    return morning if morning > here else morning + step


async def keep(
    session: AsyncSession,
    caller: Staff,
    *,
    name: str,
    report: str,
    query: Mapping[str, object],
    schedule: Schedule | None,
    recipients: Sequence[str],
    language: Language,
    now: datetime,
) -> SavedReport:
    """Keep a report; Invalid where a recipient is nobody who may read figures."""
    require(caller, "analytics:read")
    report_of(report)
    addresses = sorted({address.strip().lower() for address in recipients})
    await _require_readers(session, addresses)
    if schedule and not addresses:
        raise Invalid.field("recipients", "report.recipients_missing")
    row = SavedReport(
        owner_id=caller.id,
        name=name,
        report=report,
        query=query,
        schedule=schedule,
        recipients=addresses,
        language=language,
        next_at=next_sending(schedule, now),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await record(
        session, caller, "report.kept", f"report:{row.id}", {"report": report, "schedule": schedule}
    )
    return row


async def remove(session: AsyncSession, caller: Staff, report_id: UUID) -> None:
    """Take away one's own."""
    row = await session.scalar(own_reports(caller).where(SavedReport.id == report_id))
    if row is None:
        raise NotFound("report")
    await session.delete(row)


async def _require_readers(session: AsyncSession, addresses: Sequence[str]) -> None:
    allowed = await session.scalars(
        select(StaffUser).where(StaffUser.email.in_(addresses), StaffUser.active)
    )
    readers = {
        user.email for user in allowed if "analytics:read" in PERMISSIONS[user.caller().role]
    }
    if strangers := [address for address in addresses if address not in readers]:
        raise Invalid.field("recipients", "report.recipients_not_permitted", names=strangers)


async def send_due(session: AsyncSession, now: datetime, max_reports: int) -> int:
    """Write the mails of reports whose time has come, and say when they come next; how many."""
    due = (
        select(SavedReport)
        .where(SavedReport.next_at <= now)
        .order_by(SavedReport.next_at)
        .limit(max_reports)
    )
    waiting = (await session.scalars(due.with_for_update(skip_locked=True))).all()
    for row in waiting:
        owner = await session.get_one(StaffUser, row.owner_id)
        if owner.active and "analytics:read" in PERMISSIONS[owner.caller().role]:
            await _write(session, row, owner.caller(), now)
        row.next_at = next_sending(row.schedule, now)
    return len(waiting)


async def _write(session: AsyncSession, row: SavedReport, owner: Staff, now: datetime) -> None:
    period = Period(now - timedelta(days=int(row.query["days"])), now)
    counted = await figures(
        session, owner, row.report, period, by=row.query["by"], only=row.query.get("only", {})
    )
    language: Language = row.language
    body = as_text(counted, period, language)
    for address in row.recipients:
        about = f"{row.id}:{now.isoformat()}:{address}"
        session.add(
            Notification(
                id=uuid4(),
                ticket_id=None,
                template=TEMPLATE,
                about=about,
                address=address,
                language=language,
                subject=f"{BANK_NAMES[language]}: {row.name}",
                body=body,
                message_id=make_msgid(domain=MESSAGE_DOMAIN),
                state="pending",
                attempts=0,
                next_attempt_at=now,
                created_at=now,
            )
        )


def as_text(counted: Figures, period: Period, language: Language) -> str:
    """The figures as a mail says them: a paragraph for each group, all together first."""
    head = LocalizedText(
        "report_line.head",
        name=term("report_name", counted.report.code),
        start=f"{period.start:%Y-%m-%d}",
        end=f"{period.end:%Y-%m-%d}",
    )
    every = translate(LocalizedText("report_line.all"), language)
    groups = [(every, counted.total), *counted.rows]
    return "\n\n".join(
        [
            translate(head, language),
            *(_paragraph(group or EMPTY, values, counted, language) for group, values in groups),
        ]
    )


def _paragraph(group: str, values: Sequence[Figure], counted: Figures, language: Language) -> str:
    pairs = zip(counted.report.measures, values, strict=True)
    return "\n".join([group, *(_line(m, value, language) for m, value in pairs)])


def _line(measure: Measure, value: Figure, language: Language) -> str:
    name = term("measure", measure.key)
    line = LocalizedText("report_line.figure", name=name, value=shown(measure, value))
    return translate(line, language)


def shown(measure: Measure, value: Figure) -> str:
    """A figure as text."""
    if value is None:
        return EMPTY
    if measure.kind == "share":
        return f"{100 * value:.1f} %"
    return str(value) if measure.kind == "count" else f"{value:.2f}"
