"""Rate limits over a moving window; where they are counted is a setting."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from core.errors import RateLimited


class RateLimits:
    """Counts by name and key."""

    def __init__(self, storage: str) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage))

    async def hit(self, name: str, key: str, per_minute: int) -> None:
        """Count one; RateLimited when the limit is reached."""
        item = RateLimitItemPerMinute(per_minute, namespace=name)
        if not await self._limiter.hit(item, key):
            await self._refuse(item, key)

    async def count(self, name: str, key: str, per_minute: int) -> None:
        """Count one, whether or not the limit is reached."""
        await self._limiter.hit(RateLimitItemPerMinute(per_minute, namespace=name), key)

    async def check(self, name: str, key: str, per_minute: int) -> None:
        """RateLimited when the limit is reached, without counting."""
        item = RateLimitItemPerMinute(per_minute, namespace=name)
        if not await self._limiter.test(item, key):
            await self._refuse(item, key)

    async def _refuse(self, item: RateLimitItemPerMinute, key: str) -> None:
        window = await self._limiter.get_window_stats(item, key)
        raise RateLimited(max(1, math.ceil(window.reset_time - time.time())))
