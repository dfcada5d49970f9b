"""The core banking system over HTTP, as docs/core-banking.yml describes it.

An order is tried a few times with growing pauses, always with the same Idempotency-Key. An answer that cannot be read, comes
too late or is not of this order counts as none: whether the order was taken is then unknown, never assumed.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from actions.customers.card_control.port import CardOrder, ControlResult

ATTEMPTS, FIRST_PAUSE_S, LONGEST_PAUSE_S = 3, 0.2, 2.0
FAILURES_TO_OPEN, OPEN_FOR_S = 5, 30.0
# An answer has a few fields; whoever sends more sends something else.
MAX_ANSWER_BYTES = 64_000
TAKEN = (httpx.codes.OK, httpx.codes.ACCEPTED)
# Final for this order, with the code of a problem document: it is not possible (409), the card is not there (404), or the
# order cannot be read (400, 422). Without one it may be a proxy that speaks.
REFUSED = (
    httpx.codes.BAD_REQUEST,
    httpx.codes.NOT_FOUND,
    httpx.codes.CONFLICT,
    httpx.codes.UNPROCESSABLE_ENTITY,
)
log = structlog.get_logger(__name__)


class _Answer(BaseModel):
    """The answer to an order."""

    model_config = ConfigDict(extra="ignore")

    request_id: UUID
    outcome: Literal["done", "pending", "refused"]
    reason: Annotated[str, StringConstraints(max_length=80)] | None = None


class _Problem(BaseModel):
    """A problem document (RFC 9457) with a code."""

    model_config = ConfigDict(extra="ignore")

    code: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class _Failed(Exception):
    """No answer that can be used; the reason is a code of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Again(_Failed):
    """No answer that can be used, and another try may bring one."""


class HttpCardControl:
    """The HTTP adapter of `CardControl`.

    `timeout_s` limits one try as a whole, `ca` is a file with the certificates to trust instead of the system's.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        timeout_s: float,
        ca: Path | None = None,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout_s,
            follow_redirects=False,
            verify=ssl.create_default_context(cafile=str(ca) if ca else None),
        )
        self._timeout_s, self._longest_pause_s = timeout_s, longest_pause_s
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_FOR_S
        )

    async def block(self, order: CardOrder) -> ControlResult:
        """Block a card."""
        return await self._ask(order, "POST", f"/cards/{_segment(order.card)}/block")

    async def unblock(self, order: CardOrder) -> ControlResult:
        """Unblock a card."""
        return await self._ask(order, "POST", f"/cards/{_segment(order.card)}/unblock")

    async def status(self, order: CardOrder) -> ControlResult:
        """What has become of an order."""
        result = await self._ask(order, "GET", f"/cards/{_segment(order.card)}/requests/{order.id}")
        if result.reason == "request_unknown":
            return ControlResult("unavailable", "request_unknown")
        return result

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _ask(self, order: CardOrder, method: str, path: str) -> ControlResult:
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_exponential_jitter(FIRST_PAUSE_S, self._longest_pause_s),
                retry=retry_if_exception_type(_Again),
                reraise=True,
            ):
                with attempt:
                    async with await self._breakers.get_breaker("core-banking"):
                        return await self._once(order, method, path)
        except OpenedState:
            reason = "circuit_open"
        except _Failed as failed:
            reason = failed.reason
        log.warning("core_banking.unavailable", action=order.action, reason=reason)
        return ControlResult("unavailable", reason)

    async def _once(self, order: CardOrder, method: str, path: str) -> ControlResult:
        try:
            async with asyncio.timeout(self._timeout_s):
                status, content = await self._exchange(order, method, path)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _Again("timeout") from error
        except httpx.TransportError as error:
            raise _Again("no_connection") from error
        except httpx.HTTPError as error:
            raise _Failed("malformed") from error
        return _result(order, status, content)

    async def _exchange(self, order: CardOrder, method: str, path: str) -> tuple[int, bytes]:
        body = {"sequence": order.sequence, "requested_at": order.requested_at.isoformat()}
        request = self._http.build_request(
            method,
            path,
            headers={"Idempotency-Key": str(order.id)} if method == "POST" else None,
            json=body if method == "POST" else None,
        )
        answer = await self._http.send(request, stream=True)
        try:
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MAX_ANSWER_BYTES:
                    raise _Failed("malformed")
        finally:
            await answer.aclose()
        return answer.status_code, bytes(content)


def _result(order: CardOrder, status: int, content: bytes) -> ControlResult:
    """What an answer says; _Again for one that may be another a moment later, _Failed for one that cannot be used."""
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _Again(f"status_{status}")
    if status not in (*TAKEN, *REFUSED):
        # Above all 401 and 403, where it is our credential that is wrong and not the order.
        raise _Failed(f"status_{status}")
    try:
        if status in REFUSED:
            return ControlResult("refused", _Problem.model_validate_json(content).code)
        answer = _Answer.model_validate_json(content)
    except ValidationError as error:
        raise _Failed("malformed") from error
    if answer.request_id != order.id:
        raise _Failed("malformed")
    return ControlResult(answer.outcome, answer.reason)


def _segment(card: str) -> str:
    """A card's reference as one segment of a path, whatever it is made of."""
    return quote(card, safe="")
