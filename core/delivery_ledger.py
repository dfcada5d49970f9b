"""What another server took from us, remembered on this machine until PostgreSQL has it.

Between the other side's acceptance and our commit a process may die, or its database. A mark on disk costs microseconds and
outlives both, so that the next attempt notes the success instead of sending again. What is left is the moment in which the
acceptance is on the wire, and a second machine that takes over: there the same Message-ID or webhook-id goes out again, and
the receiving side knows it by that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path


class DeliveryLedger:
    """Marks, one empty file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def once(self, key: str, send: Callable[[], Awaitable[bool]]) -> bool:
        """Send, unless the other side took it before; whether it has it now."""
        taken = self._path(key).exists() or await send()
        if taken:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path(key).touch()
        return taken

    def forget(self, key: str) -> None:
        """The database knows; a process that dies before this leaves an empty file, and no more."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / sha256(key.encode()).hexdigest()
