"""The rule book in this process, and how it is changed.

Each process keeps the live entries and asks once in each transaction only whether the book's revision is still the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

import yaml
from pydantic import ValidationError
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import Kind
from actions.tickets.priorities import Priority
from actions.tickets.ticket_config.contents import (
    CONTENTS,
    CalendarContent,
    CauseContent,
    Content,
    EntryKind,
    JurisdictionContent,
    MacroContent,
    PolicyContent,
    RoutingContent,
    ServiceContent,
    TemplateContent,
)
from actions.tickets.ticket_config.models import ConfigEntry
from actions.tickets.ticket_config.sla_targets import SlaTarget
from core.audit import record
from core.clock import BusinessCalendar
from core.errors import Conflict, Invalid, NotFound
from core.guards import require_version
from core.identity import Caller, System, actor, require
from core.localized_text import term
from core.outbox import emit
from core.validation import field_errors

ROUTING = "routing"  # the code of the one list of routing rules
DEFAULTS = Path(__file__).parent / "defaults"
Some = TypeVar("Some", bound=Content)


@dataclass(frozen=True)
class TicketConfig:
    """The live entries by code."""

    revision: int
    calendars: dict[str, CalendarContent] = field(default_factory=dict)
    policies: dict[str, PolicyContent] = field(default_factory=dict)
    services: dict[str, ServiceContent] = field(default_factory=dict)
    templates: dict[str, TemplateContent] = field(default_factory=dict)
    macros: dict[str, MacroContent] = field(default_factory=dict)
    jurisdictions: dict[str, JurisdictionContent] = field(default_factory=dict)
    causes: dict[str, CauseContent] = field(default_factory=dict)
    routing: RoutingContent = field(default_factory=lambda: RoutingContent(rules=[]))
    routing_version: int = 0

    @cached_property
    def open_hours(self) -> dict[str, BusinessCalendar]:
        """Calendars as the clocks read them."""
        return {code: content.calendar(code) for code, content in self.calendars.items()}

    def policy_for(
        self, kind: Kind, priority: Priority, segment: str | None
    ) -> tuple[str, PolicyContent]:
        """The most particular policy that fits, with its code; Conflict when the book has none for this ticket."""
        fitting = [
            (code, policy)
            for code, policy in self.policies.items()
            if policy.kind in (None, kind)
            and policy.priority in (None, priority)
            and policy.segment in (None, segment)
        ]
        if not fitting:
            raise Conflict(
                "sla.no_policy", kind=term("ticket_kind", kind), priority=term("priority", priority)
            )
        return max(fitting, key=lambda entry: (_particular(entry[1]), entry[0]))

    def sla_target_for(self, kind: Kind, priority: Priority, segment: str | None) -> SlaTarget:
        """The promise of the fitting policy."""
        _, policy = self.policy_for(kind, priority, segment)
        return policy.sla_target(self.open_hours[policy.calendar])


def _particular(policy: PolicyContent) -> tuple[bool, bool, bool]:
    return (policy.kind is not None, policy.segment is not None, policy.priority is not None)


_BOOKS: WeakKeyDictionary[object, TicketConfig] = WeakKeyDictionary()  # by engine
_READ = "rulebook"  # key in a session's info of the book that this transaction reads


def saved_reply(book: TicketConfig, code: str, use: str) -> TemplateContent:
    """The template of a ready answer for a use, `reply` in a ticket or `chat`; NotFound when there is none."""
    template = book.templates.get(code)
    if template is None or template.use != use:
        raise NotFound("ready_answer")
    return template


async def load_ticket_config(session: AsyncSession) -> TicketConfig:
    """The live rule book."""
    if (read := session.info.get(_READ)) is not None:
        return read  # type: ignore[no-any-return]  # put there below
    engine = session.get_bind()
    revision = await session.scalar(select(func.max(ConfigEntry.ordinal))) or 0
    cached = _BOOKS.get(engine)
    if cached is None or cached.revision != revision:
        cached = _book(revision, (await session.scalars(_live())).all())
        _BOOKS[engine] = cached
    session.info[_READ] = cached
    return cached


def _live() -> Select[ConfigEntry]:
    return (
        select(ConfigEntry)
        .where(ConfigEntry.state == "live")
        .order_by(ConfigEntry.kind, ConfigEntry.code)
    )


def _book(revision: int, entries: Sequence[ConfigEntry]) -> TicketConfig:
    def those(kind: EntryKind, form: type[Some]) -> dict[str, Some]:
        return {
            entry.code: form.model_validate(entry.content)
            for entry in entries
            if entry.kind == kind
        }

    routing = next((entry for entry in entries if entry.kind == ROUTING), None)
    return TicketConfig(
        revision,
        calendars=those("calendar", CalendarContent),
        policies=those("policy", PolicyContent),
        services=those("service", ServiceContent),
        templates=those("template", TemplateContent),
        macros=those("macro", MacroContent),
        jurisdictions=those("jurisdiction", JurisdictionContent),
        causes=those("cause", CauseContent),
        routing=RoutingContent.model_validate(routing.content)
        if routing
        else RoutingContent(rules=[]),
        routing_version=routing.version if routing else 0,
    )


def _calendars_in_use(book: TicketConfig) -> set[str]:
    return {p.calendar for p in book.policies.values()} | {
        j.calendar for j in book.jurisdictions.values()
    }


def entries_of(kind: EntryKind, code: str | None = None) -> Select[ConfigEntry]:
    """Live entries of a kind, or every version of one."""
    entries = select(ConfigEntry).where(ConfigEntry.kind == kind)
    if code is None:
        return entries.where(ConfigEntry.state == "live").order_by(ConfigEntry.code)
    return entries.where(ConfigEntry.code == code).order_by(ConfigEntry.version.desc())


async def put_entry(
    session: AsyncSession,
    caller: Caller,
    kind: EntryKind,
    code: str,
    content: Mapping[str, object],
    now: datetime,
    *,
    expected: int | None = None,
    draft: bool = False,
) -> ConfigEntry:
    """A new version of an entry, live at once unless it is a draft; Invalid, field by field, when it cannot be."""
    require(caller, "tickets:configure")
    checked = check_content(kind, content)
    await _require_references(session, kind, code, checked)
    newest, live = await _versions(session, kind, code)
    if (newest and not draft) or expected is not None:
        require_version(live.version if live else newest, expected)
    if live is not None and not draft:
        live.state = "retired"
        await session.flush()
    entry = ConfigEntry(
        kind=kind,
        code=code,
        version=newest + 1,
        state="draft" if draft else "live",
        content=checked.model_dump(mode="json", exclude_unset=True),
        changed_by=actor(caller),
        changed_at=now,
    )
    return await _written(session, caller, entry)


async def publish_draft(
    session: AsyncSession, caller: Caller, kind: EntryKind, code: str, version: int, now: datetime
) -> ConfigEntry:
    """A draft, or an earlier version, as a new live version."""
    require(caller, "tickets:configure")
    chosen = await session.get(ConfigEntry, (kind, code, version))
    if chosen is None:
        raise NotFound("version")
    newest, live = await _versions(session, kind, code)
    return await put_entry(
        session, caller, kind, code, chosen.content, now, expected=live.version if live else newest
    )


async def retire_entry(
    session: AsyncSession, caller: Caller, kind: EntryKind, code: str, now: datetime
) -> None:
    """Take an entry out of use; Conflict while others need it."""
    require(caller, "tickets:configure")
    _, live = await _versions(session, kind, code)
    if live is None:
        raise NotFound(kind)
    book = await load_ticket_config(session)
    if kind == "calendar" and code in _calendars_in_use(book):
        raise Conflict("calendar.in_use")
    if kind == "policy" and [c for c, p in book.policies.items() if not any(_particular(p))] == [
        code
    ]:
        raise Conflict("sla.last_policy")
    if kind == ROUTING:
        raise Conflict("routing.rules_not_removable")
    live.state = "retired"
    await session.flush()
    gone = ConfigEntry(
        kind=kind,
        code=code,
        version=live.version + 1,
        state="retired",
        content=live.content,
        changed_by=actor(caller),
        changed_at=now,
    )
    await _written(session, caller, gone)


async def load_defaults(session: AsyncSession, now: datetime) -> int:
    """Put in what the product comes with and the book does not have yet; how many entries."""
    existing = {
        tuple(row)
        for row in await session.execute(select(ConfigEntry.kind, ConfigEntry.code).distinct())
    }
    added = 0
    for kind, entries in default_entries().items():
        for code, content in entries.items():
            if (kind, code) not in existing:
                session.add(
                    ConfigEntry(
                        kind=kind,
                        code=code,
                        version=1,
                        state="live",
                        content=content,
                        changed_by=actor(System()),
                        changed_at=now,
                    )
                )
                added += 1
    await session.flush()
    session.info.pop(_READ, None)
    return added


def default_entries() -> dict[EntryKind, dict[str, dict[str, object]]]:
    """What the product comes with, by kind and code, checked."""
    defaults: dict[EntryKind, dict[str, dict[str, object]]] = {}
    for kind, form in CONTENTS.items():
        entries = yaml.safe_load((DEFAULTS / f"{kind}.yml").read_text(encoding="utf-8"))
        defaults[kind] = {
            code: form.model_validate(content).model_dump(mode="json", exclude_unset=True)
            for code, content in entries.items()
        }
    return defaults


def default_services() -> dict[str, ServiceContent]:
    """The entries of the service catalogue that the product comes with."""
    entries = default_entries()["service"]
    return {code: ServiceContent.model_validate(content) for code, content in entries.items()}


def check_content(kind: EntryKind, content: Mapping[str, object]) -> Content:
    """The content as its kind wants it; Invalid names each field that is not."""
    try:
        return CONTENTS[kind].model_validate(content)
    except ValidationError as error:
        problems = field_errors(error.errors(), kind)
        raise Invalid(
            "ticket_config.invalid", thing=term("thing", kind), errors=problems
        ) from error


async def _require_references(
    session: AsyncSession, kind: EntryKind, code: str, content: Content
) -> None:
    """Invalid when the content names something that the book does not have."""
    book = await load_ticket_config(session)
    match content:
        case PolicyContent(calendar=calendar) | JurisdictionContent(calendar=calendar) if (
            calendar not in book.calendars
        ):
            raise Invalid.field(
                "calendar", "calendar.unknown", calendar=calendar, available=book.calendars
            )
        case JurisdictionContent(deadlines=deadlines):
            _require_letters(book, [deadline.letter for deadline in deadlines])
        case ServiceContent(letters=letters):
            _require_letters(
                book, [letter for letter in (letters.opened, letters.resolved) if letter]
            )
        case CauseContent():
            _require_cause(book, code)


def _require_letters(book: TicketConfig, letters: Sequence[str]) -> None:
    if unknown := [letter for letter in letters if letter not in book.templates]:
        raise Invalid.field("letter", "letter.unknown", letter=unknown)


def _require_cause(book: TicketConfig, code: str) -> None:
    above = code.rpartition(".")[0]
    if above and above not in book.causes:
        raise Invalid.field("code", "cause.parent_unknown", cause=above)


async def _versions(
    session: AsyncSession, kind: EntryKind, code: str
) -> tuple[int, ConfigEntry | None]:
    """The newest version's number, 0 when there is none, and the live one."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtext(f"rulebook {kind} {code}")))
    )
    entries = (await session.scalars(entries_of(kind, code))).all()
    return (entries[0].version if entries else 0), next(
        (entry for entry in entries if entry.state == "live"), None
    )


async def _written(session: AsyncSession, caller: Caller, entry: ConfigEntry) -> ConfigEntry:
    session.add(entry)
    await session.flush()
    session.info.pop(_READ, None)
    emit(
        session,
        "rulebook.changed",
        {"kind": entry.kind, "code": entry.code, "version": entry.version},
    )
    details = {"version": entry.version, "state": entry.state}
    await record(
        session, caller, f"rulebook.{entry.kind}", f"rulebook:{entry.kind}:{entry.code}", details
    )
    return entry
