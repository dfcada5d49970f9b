"""Every SQL statement of the flows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.dialogue.flows.models import REVISIONS, FlowVersion

USED_STATES = ("published", "replaced")


async def lock_flows(session: AsyncSession) -> None:
    """Let nobody else change flows until this transaction ends: revisions are committed in their order."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("flows"))))


async def next_revision(session: AsyncSession) -> int:
    """The revision of a change."""
    return int((await session.execute(REVISIONS.next_value().select())).scalar_one())


async def newest_revision(session: AsyncSession) -> int:
    """The revision of the last change, 0 before any."""
    return await session.scalar(select(func.max(FlowVersion.revision))) or 0


async def used_versions(session: AsyncSession) -> Sequence[FlowVersion]:
    """Published versions, and those that conversations may still be in."""
    versions = select(FlowVersion).where(FlowVersion.state.in_(USED_STATES))
    return (await session.scalars(versions.order_by(FlowVersion.name, FlowVersion.version))).all()


async def published_versions(session: AsyncSession) -> Sequence[FlowVersion]:
    """The published version of each flow."""
    published = select(FlowVersion).where(FlowVersion.state == "published")
    return (await session.scalars(published.order_by(FlowVersion.name))).all()


def versions_of(name: str) -> Select[FlowVersion]:
    """Every version of a flow, the newest first."""
    return select(FlowVersion).where(FlowVersion.name == name).order_by(FlowVersion.version.desc())


def newest_versions() -> Select[FlowVersion]:
    """The newest version of each flow, by name."""
    return (
        select(FlowVersion)
        .distinct(FlowVersion.name)
        .order_by(FlowVersion.name, FlowVersion.version.desc())
    )
