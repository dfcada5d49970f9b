"""The life of a flow: proposed by one person, approved by another, published, replaced or withdrawn; read by every turn.

The flows that the product comes with are published at the first start and again whenever their files change, unless somebody
of the bank has published one of their own: then the changed file waits as a draft.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.ticket_config.service import (
    TicketConfig,
    default_services,
    load_ticket_config,
)
from assistant.dialogue.flows.catalogue_flows import flows_of_services
from assistant.dialogue.flows.definition import FlowDefinition, FlowSet
from assistant.dialogue.flows.loading import FlowFile, default_files, read_files, validated
from assistant.dialogue.flows.models import FlowSource, FlowState, FlowVersion
from assistant.dialogue.flows.problems import FlowsInvalid
from assistant.dialogue.flows.queries import (
    lock_flows,
    newest_revision,
    next_revision,
    published_versions,
    used_versions,
    versions_of,
)
from assistant.dialogue.flows.validation import check, require_valid
from core.audit import record
from core.errors import Conflict, NotAllowed, NotFound
from core.guards import require_step
from core.identity import Caller, System, actor, require

PERMISSION = "flows:manage"
STEPS: dict[FlowState, tuple[FlowState, ...]] = {
    "draft": ("approved", "withdrawn"),
    "approved": ("published", "withdrawn"),
    "published": ("withdrawn",),
    "replaced": ("published", "withdrawn"),
    "withdrawn": (),
}


@dataclass(frozen=True)
class _Cached:
    config: int
    flows: FlowSet


_FLOWS: WeakKeyDictionary[object, _Cached] = WeakKeyDictionary()  # by engine


async def load_flows(session: AsyncSession, ticket_config: TicketConfig) -> FlowSet:
    """The published flows with those of the service catalogue; read anew when either has changed."""
    engine, revision = session.get_bind(), await newest_revision(session)
    cached = _FLOWS.get(engine)
    if cached is None or (cached.flows.revision, cached.config) != (
        revision,
        ticket_config.revision,
    ):
        versions = await used_versions(session)
        cached = _Cached(ticket_config.revision, _flow_set(revision, versions, ticket_config))
        _FLOWS[engine] = cached
    return cached.flows


def _flow_set(
    revision: int, versions: Sequence[FlowVersion], ticket_config: TicketConfig
) -> FlowSet:
    flows = flows_of_services(ticket_config.services)
    earlier: dict[str, FlowDefinition] = {}
    for row in versions:
        definition = definition_of(row)
        if row.state == "published":
            flows[row.name] = definition
        else:
            earlier[f"{row.name}@{row.version}"] = definition
    return FlowSet(revision=revision, flows=flows, earlier=earlier)


def definition_of(row: FlowVersion) -> FlowDefinition:
    """A stored definition with its version."""
    return FlowDefinition.model_validate({**row.definition, "version": row.version})


# --- four eyes ----------------------------------------------------------------------------------------------------------


async def propose(
    session: AsyncSession, caller: Caller, content: Mapping[str, Any], now: datetime
) -> FlowVersion:
    """A new version as a draft; FlowsInvalid names each place that is wrong."""
    require(caller, PERMISSION)
    definition = validated(content, str(content.get("name") or "flow"))
    await lock_flows(session)
    await _require_fits(session, definition)
    row = await _add(session, definition, "draft", "staff", caller, now)
    await _record(session, caller, row, "proposed")
    return row


async def approve(
    session: AsyncSession, caller: Caller, name: str, version: int, now: datetime
) -> FlowVersion:
    """A draft is good; NotAllowed for the person who wrote it."""
    row = await _load(session, caller, name, version)
    require_step("flow", row.state, "approved", STEPS[row.state])
    if row.author == actor(caller):
        raise NotAllowed("flow.own_draft")
    row.approver, row.approved_at = actor(caller), now
    return await _move(session, caller, row, "approved", now)


async def publish(
    session: AsyncSession, caller: Caller, name: str, version: int, now: datetime
) -> FlowVersion:
    """An approved version, or one that was replaced, is used from now on; conversations in the one before go on."""
    row = await _load(session, caller, name, version)
    require_step("flow", row.state, "published", STEPS[row.state])
    await _require_fits(session, definition_of(row))
    await _replace(session, name, caller, now)
    return await _move(session, caller, row, "published", now)


async def withdraw(
    session: AsyncSession, caller: Caller, name: str, version: int, now: datetime
) -> FlowVersion:
    """A version is used no more, also by conversations that are in it; Conflict while a published flow goes on with it."""
    row = await _load(session, caller, name, version)
    require_step("flow", row.state, "withdrawn", STEPS[row.state])
    if row.state == "published":
        await _require_not_linked(session, name)
    return await _move(session, caller, row, "withdrawn", now)


async def _load(session: AsyncSession, caller: Caller, name: str, version: int) -> FlowVersion:
    require(caller, PERMISSION)
    await lock_flows(session)
    row = await session.get(FlowVersion, (name, version), populate_existing=True)
    if row is None:
        raise NotFound("flow")
    return row


async def _move(
    session: AsyncSession, caller: Caller, row: FlowVersion, state: FlowState, now: datetime
) -> FlowVersion:
    row.state, row.changed_by, row.changed_at = state, actor(caller), now
    row.revision = await next_revision(session)
    await session.flush()
    await _record(session, caller, row, state)
    return row


async def _replace(session: AsyncSession, name: str, caller: Caller, now: datetime) -> None:
    """The published version, if there is one, is replaced."""
    before = await session.scalar(versions_of(name).where(FlowVersion.state == "published"))
    if before is not None:
        before.state, before.changed_by, before.changed_at = "replaced", actor(caller), now
        before.revision = await next_revision(session)
        await session.flush()


async def _record(session: AsyncSession, caller: Caller, row: FlowVersion, step: str) -> None:
    details = {"version": row.version, "state": row.state, "digest": row.digest}
    await record(session, caller, f"flow.{step}", f"flow:{row.name}", details)


async def _require_fits(session: AsyncSession, definition: FlowDefinition) -> None:
    """FlowsInvalid unless the published flows are right together with this one in the place of its namesake."""
    config = await load_ticket_config(session)
    others = [
        FlowFile(definition_of(row), row.name)
        for row in await published_versions(session)
        if row.name != definition.name
    ]
    own = FlowFile(definition, definition.name)
    problems = [p for p in check([*others, own], config.services) if p.file == definition.name]
    if problems:
        raise FlowsInvalid(problems)


async def _require_not_linked(session: AsyncSession, name: str) -> None:
    linking = [
        row.name
        for row in await published_versions(session)
        if any(step.get("link") == name for step in _stored_steps(row.definition))
    ]
    if linking:
        raise Conflict("flow.linked", flows=linking)


def _stored_steps(definition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*definition.get("steps", ()), *definition.get("without_sign_in", ())]


# --- what the product comes with ----------------------------------------------------------------------------------------


async def load_default_flows(session: AsyncSession, now: datetime) -> int:
    """Publish the product's flows that are new or changed; how many. FlowsInvalid when a file is wrong."""
    flows = read_defaults()
    await lock_flows(session)
    added = 0
    for flow in flows:
        added += await _load_default(session, flow.definition, now)
    return added


def read_defaults() -> list[FlowFile]:
    """The product's flows, checked against the service catalogue that it comes with."""
    flows, problems = read_files(default_files())
    if problems:
        raise FlowsInvalid(problems)
    require_valid(flows, default_services())
    return flows


async def _load_default(session: AsyncSession, definition: FlowDefinition, now: datetime) -> bool:
    """Whether a flow of the product was new or changed; one that the bank has changed or withdrawn stays as it is."""
    versions = (await session.scalars(versions_of(definition.name))).all()
    digest = _digest(_content(definition))
    if any(row.source == "product" and row.digest == digest for row in versions):
        return False
    live = next((row for row in versions if row.state == "published"), None)
    is_banks = bool(versions) and (live is None or live.source == "staff")
    caller = System()
    if not is_banks:
        await _replace(session, definition.name, caller, now)
    state: FlowState = "draft" if is_banks else "published"
    row = await _add(session, definition, state, "product", caller, now)
    if versions:  # what an empty database begins with is nobody's act
        await _record(session, caller, row, "loaded")
    return True


async def _add(
    session: AsyncSession,
    definition: FlowDefinition,
    state: FlowState,
    source: FlowSource,
    caller: Caller,
    now: datetime,
) -> FlowVersion:
    content = _content(definition)
    newest = await session.scalar(versions_of(definition.name).limit(1))
    row = FlowVersion(
        name=definition.name,
        version=newest.version + 1 if newest else 1,
        revision=await next_revision(session),
        state=state,
        source=source,
        definition=content,
        digest=_digest(content),
        author=actor(caller),
        created_at=now,
        changed_by=actor(caller),
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    return row


def _content(definition: FlowDefinition) -> dict[str, Any]:
    """What is stored: the definition without its version and what it leaves open."""
    return definition.model_dump(mode="json", exclude={"version"}, exclude_unset=True)


def _digest(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
