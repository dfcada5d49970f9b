"""Every SQL statement of compliance; each that reads for a caller begins with what the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.models import Alert, Watchlist, WatchlistEntry
from core.identity import Caller, require


def visible_alerts(caller: Caller) -> Select[Alert]:
    """Alerts, for those who work on them."""
    require(caller, "compliance:read")
    return select(Alert)


async def open_alerts(session: AsyncSession, caller: Caller, customer_id: UUID) -> Sequence[Alert]:
    """A customer's open alerts; none for a caller who may not know of any."""
    if "compliance:read" not in caller.permissions:
        return []
    query = visible_alerts(caller).where(Alert.customer_id == customer_id, Alert.state == "open")
    return (await session.scalars(query)).all()


async def count_open_alerts(session: AsyncSession, customer_id: UUID) -> int:
    """How many open alerts a customer has, for the checkpoints; warnings about loans and mere reviews do not count there."""
    suspicious = and_(Alert.kind.not_like("loan.%"), Alert.kind.not_like("review.%"))
    query = select(func.count(Alert.id)).where(
        Alert.customer_id == customer_id, Alert.state == "open", suspicious
    )
    return await session.scalar(query) or 0


async def watchlist_revision(session: AsyncSession) -> tuple[int, int]:
    """What changes with each load of a list, and how many entries there are: whether the names in memory are behind."""
    entries = (
        select(func.count(WatchlistEntry.id))
        .where(WatchlistEntry.removed_at.is_(None))
        .scalar_subquery()
    )
    revisions = select(func.coalesce(func.sum(Watchlist.revision), 0)).scalar_subquery()
    row = (await session.execute(select(revisions, entries))).one()
    return int(row[0]), int(row[1])
