"""The port to the system that authorises card payments: what is asked of it and what it can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

CardAction = Literal["block", "unblock"]
Outcome = Literal["done", "pending", "refused", "unavailable"]


@dataclass(frozen=True)
class CardOrder:
    """A request as it is sent; `id` is its idempotency key, `sequence` rises with every request of a card.

    The other system refuses an order whose sequence is below one that it has taken for the card, so that a late repetition
    cannot undo a newer one.
    """

    id: UUID
    card: str
    action: CardAction
    sequence: int
    requested_at: datetime


@dataclass(frozen=True)
class ControlResult:
    """An answer of the port.

    `pending`: accepted, not in force yet. `refused`: final, nothing was changed. `unavailable`: whether it was taken is
    unknown, and the same order may be sent again. `reason` is a code of theirs or ours.
    """

    outcome: Outcome
    reason: str | None = None


DONE = ControlResult("done")


class CardControl(Protocol):
    """Blocks and unblocks cards. An order that is repeated has no second effect and gets its present answer; nothing raises."""

    async def block(self, order: CardOrder) -> ControlResult:
        """Block a card."""
        ...

    async def unblock(self, order: CardOrder) -> ControlResult:
        """Unblock a card."""
        ...

    async def status(self, order: CardOrder) -> ControlResult:
        """What has become of an order that was accepted; `unavailable` with `request_unknown` when it never arrived."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


async def send(control: CardControl, order: CardOrder) -> ControlResult:
    """Send an order to the operation of its action."""
    return await (control.block(order) if order.action == "block" else control.unblock(order))
