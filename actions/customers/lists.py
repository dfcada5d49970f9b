"""Portraits of all customers, computed anew by a task a batch at a time, and the relationship managers' lists over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.figures import figures_of
from actions.customers.insights import Figures, each_score, lists_of, scores
from actions.customers.models import Customer, PortraitRow
from actions.customers.views import plain

STALE = timedelta(hours=24)


async def draw_portraits(session: AsyncSession, now: datetime, limit: int) -> int:
    """Compute those portraits anew that are missing or a day old, the oldest first; how many were."""
    rows = (
        select(Customer.id)
        .outerjoin(PortraitRow, PortraitRow.customer_id == Customer.id)
        .where(Customer.merged_into.is_(None))
        .where(or_(PortraitRow.customer_id.is_(None), PortraitRow.computed_at < now - STALE))
        .order_by(PortraitRow.computed_at.nulls_first())
        .limit(limit)
    )
    return await draw(session, (await session.scalars(rows)).all(), now)


async def draw(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> int:
    """Compute the portraits of these customers."""
    figures_by_id = await figures_of(session, ids, now)
    if not figures_by_id:
        return 0
    made = insert(PortraitRow).values(
        [_row(key, figures, now) for key, figures in figures_by_id.items()]
    )
    columns = {column.name: made.excluded[column.name] for column in PortraitRow.__table__.columns}
    await session.execute(made.on_conflict_do_update(index_elements=["customer_id"], set_=columns))
    return len(figures_by_id)


def _row(customer_id: UUID, figures: Figures, now: datetime) -> dict[str, object]:
    made = scores(figures, now.date())
    fields = {
        name: {"value": plain(s.value), "inputs": plain(s.inputs), "formula": s.formula.as_json()}
        for name, s in each_score(made)
    }
    return {
        "customer_id": customer_id,
        "assets": made["assets"].value,
        "contribution": made["contribution"].value,
        "potential": made["potential"].value,
        "churn_risk": made["churn_risk"].value,
        "depth": made["depth"].value,
        "lists": lists_of(made),
        "interests": made["interests"].value or [],
        "scores": fields,
        "computed_at": now,
    }
