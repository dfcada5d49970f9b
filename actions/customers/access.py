"""Why somebody reads a customer, and the note that they did."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.masks import Purpose
from actions.customers.models import Customer
from core.audit import record
from core.identity import Caller, Participant


@dataclass(frozen=True)
class AccessPurpose:
    """What somebody wants to see a customer for. Without a reason everything that identifies is masked."""

    purpose: Purpose = "service"
    reason: str | None = None


NO_REASON = AccessPurpose()


async def audit_read(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    what: str,
    why: AccessPurpose = NO_REASON,
) -> None:
    """Note that somebody else than the customer looked, at what, for what and why."""
    if not isinstance(caller, Participant):
        details = {"what": what, "purpose": why.purpose, "reason": why.reason}
        await record(session, caller, "customer.read", f"customer:{customer.id}", details)
