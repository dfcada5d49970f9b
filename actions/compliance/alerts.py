"""What every alert needs: a ticket that tips nobody off, and a digest that tells whether a side has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.intake.opening import open_ticket
from actions.tickets.lifecycle import Queue
from actions.tickets.models import Ticket
from actions.tickets.schemas import TicketNew
from core.identity import System


async def open_alert_ticket(
    session: AsyncSession, by: System, subject: str, description: str, queue: Queue, now: datetime
) -> Ticket:
    """A ticket without the customer: what a customer is told of tickets goes by that, and nobody may be tipped off."""
    new = TicketNew(
        subject=subject,
        description=description,
        kind="compliance_alert" if queue == "compliance" else "service_request",
        queue=queue,
        priority="high",
    )
    return await open_ticket(session, by, new, now)


def digest_of(content: Sequence[object]) -> str:
    """A short name of what is compared of one side; another content has another."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]
