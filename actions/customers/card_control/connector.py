"""Which adapter serves: the HTTP one where an address is configured, else the simulator."""

from __future__ import annotations

import structlog

from actions.customers.card_control.http import HttpCardControl
from actions.customers.card_control.port import CardControl
from actions.customers.card_control.simulator import SimulatedCardControl
from core.settings import Settings

log = structlog.get_logger(__name__)


class CardConnector:
    """A process's connection to the core banking system; made when it is first used, inside the event loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._control: CardControl | None = None

    @property
    def control(self) -> CardControl:
        """The adapter."""
        if self._control is None:
            self._control = _adapter(self._settings)
        return self._control

    async def close(self) -> None:
        """Close connections."""
        if self._control is not None:
            await self._control.close()
            self._control = None


def _adapter(settings: Settings) -> CardControl:
    if settings.core_banking_url is None:
        if not settings.demonstration:
            log.warning("core_banking.simulated")
        return SimulatedCardControl()
    token = settings.core_banking_token
    return HttpCardControl(
        settings.core_banking_url,
        token.get_secret_value() if token else None,
        settings.core_banking_timeout_s,
        settings.core_banking_ca,
    )
