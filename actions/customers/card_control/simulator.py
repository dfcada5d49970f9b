"""A core banking system inside the process, for a demonstration and wherever none is configured: it does what it is asked."""

from __future__ import annotations

from uuid import UUID

from actions.customers.card_control.port import DONE, CardOrder, ControlResult


class SimulatedCardControl:
    """Takes every order of a card unless it has a newer one; it remembers the last order of each card, until the process ends."""

    def __init__(self) -> None:
        self._last: dict[str, CardOrder] = {}

    async def block(self, order: CardOrder) -> ControlResult:
        """Block a card."""
        return self._take(order)

    async def unblock(self, order: CardOrder) -> ControlResult:
        """Unblock a card."""
        return self._take(order)

    async def status(self, order: CardOrder) -> ControlResult:
        """`done` for the last order of a card."""
        if self.last_order(order.card) == order.id:
            return DONE
        return ControlResult("unavailable", "request_unknown")

    async def close(self) -> None:
        """Nothing is open."""

    def last_order(self, card: str) -> UUID | None:
        """Return the id of the order that is in force for a card."""
        last = self._last.get(card)
        return last.id if last else None

    def _take(self, order: CardOrder) -> ControlResult:
        last = self._last.get(order.card)
        if last is not None and last.sequence > order.sequence:
            return ControlResult("refused", "superseded")
        self._last[order.card] = order
        return DONE
