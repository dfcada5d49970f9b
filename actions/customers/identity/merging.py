"""Deciding about doubtful pairs, merging customers who turn out to be one, and undoing it.

A merge moves rows and keeps which; undoing moves those back that are still there, and chooses the values of both anew. The row
of the customer who is gone stays: whoever holds a token for it speaks as the one who was kept.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.identity.models import IdentityChange, IdentityReview
from actions.customers.identity.resolution import apply_survivorship, new_customer
from actions.customers.models import Customer
from actions.customers.source_models import SourceRecord
from core.audit import record
from core.errors import Conflict, NotFound
from core.identity import Caller, actor, require
from core.localized_text import term

# What goes along with a customer. Decisions, alerts' cases and campaign contacts stay as they were made.
MOVED = (
    "accounts",
    "cards",
    "loans",
    "holdings",
    "tickets",
    "conversations",
    "alerts",
    "advice",
    "life_events",
    "leads",
    "kyc_documents",
    "source_records",
)


def visible_reviews(caller: Caller) -> Select[IdentityReview]:
    """Doubtful pairs, for those who may decide about them."""
    require(caller, "customers:merge")
    return select(IdentityReview)


async def decide(
    session: AsyncSession, caller: Caller, review_id: UUID, *, same: bool, now: datetime
) -> IdentityReview:
    """Say whether a row is a customer. A yes answers the row's other pairs; when all are a no, the row is a new customer."""
    review = await session.scalar(
        visible_reviews(caller).where(IdentityReview.id == review_id).with_for_update()
    )
    if review is None:
        raise NotFound("review")
    if review.state != "open":
        raise Conflict("review.decided_already", state=term("review_state", review.state))
    row = await session.get_one(SourceRecord, review.record_id, with_for_update=True)
    others = (
        await session.scalars(
            select(IdentityReview).where(
                IdentityReview.record_id == row.id,
                IdentityReview.state == "open",
                IdentityReview.id != review.id,
            )
        )
    ).all()
    _close(review, "same" if same else "other", caller, now)
    if same:
        for other in others:
            _close(other, "other", caller, now)
        row.customer_id, row.confidence = review.customer_id, 1.0
    elif not others:
        await new_customer(session, row, now)
    await session.flush()
    if row.customer_id is not None:
        await apply_survivorship(session, row.customer_id)
    details = {"record": str(row.id), "same": same}
    await record(session, caller, "identity.decided", f"customer:{review.customer_id}", details)
    return review


def _close(review: IdentityReview, state: str, caller: Caller, now: datetime) -> None:
    review.state, review.decided_by, review.decided_at = state, actor(caller), now


async def merge(
    session: AsyncSession, caller: Caller, gone: UUID, survivor: UUID, reason: str, now: datetime
) -> IdentityChange:
    """Two customers are one person: everything of `gone` is `kept`'s from now on."""
    require(caller, "customers:merge")
    if gone == survivor:
        raise Conflict("merge.same_customer")
    first, second = sorted(
        (gone, survivor)
    )  # always in this order, so that two merges cannot wait for each other
    pair = {key: await _locked(session, key) for key in (first, second)}
    if any(customer.merged_into is not None for customer in pair.values()):
        raise Conflict("merge.merged_already")
    if pair[gone].kind != pair[survivor].kind:
        raise Conflict("merge.different_kinds")
    moved = {table: await _move(session, table, gone, survivor, None) for table in MOVED}
    pair[gone].merged_into = survivor
    change = IdentityChange(
        kind="merge",
        kept_id=survivor,
        gone_id=gone,
        moved={table: ids for table, ids in moved.items() if ids},
        reason=reason,
        actor=actor(caller),
        at=now,
    )
    session.add(change)
    await session.flush()
    await apply_survivorship(session, survivor)
    details = {"gone": str(gone), "reason": reason, "rows": sum(map(len, moved.values()))}
    await record(session, caller, "customer.merged", f"customer:{survivor}", details)
    return change


async def undo(
    session: AsyncSession, caller: Caller, change_id: UUID, reason: str, now: datetime
) -> IdentityChange:
    """They are two after all: what a merge moved goes back, and both have their own values again."""
    require(caller, "customers:merge")
    change = await session.get(IdentityChange, change_id, with_for_update=True)
    if change is None or change.kind != "merge":
        raise NotFound("merge")
    if change.undone_by is not None:
        raise Conflict("merge.undone_already")
    for key in sorted((change.gone_id, change.kept_id)):
        await _locked(session, key)
    gone = await session.get_one(Customer, change.gone_id)
    if gone.merged_into != change.kept_id:
        raise Conflict("merge.moved_since")
    back = {
        table: await _move(session, table, change.kept_id, change.gone_id, ids)
        for table, ids in change.moved.items()
    }
    gone.merged_into = None
    undone = IdentityChange(
        kind="undo",
        kept_id=change.kept_id,
        gone_id=change.gone_id,
        moved=back,
        reason=reason,
        actor=actor(caller),
        at=now,
    )
    session.add(undone)
    await session.flush()
    change.undone_by = undone.id
    for key in (change.kept_id, change.gone_id):
        await apply_survivorship(session, key)
    await record(
        session,
        caller,
        "customer.unmerged",
        f"customer:{change.kept_id}",
        {"gone": str(gone.id), "reason": reason},
    )
    return undone


async def _locked(session: AsyncSession, customer_id: UUID) -> Customer:
    customer = await session.get(
        Customer, customer_id, with_for_update=True, populate_existing=True
    )
    if customer is None:
        raise NotFound("customer")
    return customer


async def _move(
    session: AsyncSession, table: str, source: UUID, target: UUID, only: list[str] | None
) -> list[str]:
    """Rows of a table that are the target's now; all of the source's, or those named that are still its."""
    chosen = "and id = any(cast(:only as uuid[]))" if only is not None else ""
    parameters: dict[str, object] = {"source": source, "target": target} | (
        {"only": only} if only is not None else {}
    )
    statement = f"update {table} set customer_id = :target where customer_id = :source {chosen} returning id"  # noqa: S608  (of MOVED)
    return [str(row[0]) for row in await session.execute(text(statement), parameters)]


def history_of(customer_id: UUID) -> Select[IdentityChange]:
    """Merges and their undoing that concern a customer, the newest first."""
    mine = (IdentityChange.kept_id == customer_id) | (IdentityChange.gone_id == customer_id)
    return select(IdentityChange).where(mine).order_by(IdentityChange.ordinal.desc())
