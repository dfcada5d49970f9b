"""Rasa over HTTP: messages to the dialogue and parses, with a time limit, a circuit breaker and an honest failure.

There may be several Rasa processes with one lock store and one tracker store: then any of them takes any message, and one
that cannot be reached is passed over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

FAILURES_TO_OPEN = 5
OPEN_FOR_S = 5.0
HEALTH_TIMEOUT_S = 1.0


class RasaUnavailable(Exception):
    """Rasa did not answer in time, or not at all."""


@dataclass(frozen=True)
class Parse:
    """What Rasa understood."""

    intent: str | None
    confidence: float
    ranking: list[dict[str, Any]]
    entities: list[dict[str, Any]]


class RasaClient:
    """Rasa's REST channel, at one address or several."""

    def __init__(self, urls: Sequence[str], token: str, timeout_s: float) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self._processes = [
            httpx.AsyncClient(
                base_url=url,
                headers={"Authorization": f"Bearer {token}"},
                params={"token": token},
                timeout=timeout_s,
                limits=limits,
            )
            for url in urls
        ]
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_FOR_S
        )
        self._next = 0

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """The dialogue's replies to a message; RasaUnavailable when there are none to be had in time."""
        body = {"sender": sender, "message": as_text(text), "metadata": metadata}
        replies: list[dict[str, Any]] = await self._post("/webhooks/rest/webhook", body)
        return replies

    async def parse(self, text: str, metadata: dict[str, Any]) -> Parse:
        """Intent, ranking and entities of a text; `metadata` may bring its vector."""
        body = {"text": as_text(text), "metadata": metadata}
        parsed: dict[str, Any] = await self._post("/webhooks/rest/parse", body)
        intent = parsed.get("intent") or {}
        return Parse(
            intent.get("name"),
            float(intent.get("confidence") or 0.0),
            parsed.get("intent_ranking") or [],
            parsed.get("entities") or [],
        )

    async def forget(self, sender: str) -> None:
        """Leave whatever a conversation was in the middle of; without Rasa there is nothing to leave."""
        with contextlib.suppress(RasaUnavailable):
            await self._post(f"/conversations/{sender}/tracker/events", {"event": "restart"})

    async def ready(self) -> bool:
        """Whether a process has its model loaded and answers."""
        for process in self._processes:
            with contextlib.suppress(httpx.HTTPError, ValueError):
                answer = await process.get("/status", timeout=HEALTH_TIMEOUT_S)
                if answer.status_code == httpx.codes.OK and answer.json().get("model_file"):
                    return True
        return False

    async def close(self) -> None:
        """Close connections."""
        for process in self._processes:
            await process.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        """What the next process answers. One that refuses the connection has not seen the message, so the others are tried;
        one that is late may have, so nobody else is asked."""
        error: Exception | None = None
        self._next += 1
        for step in range(len(self._processes)):
            number = (self._next + step) % len(self._processes)
            try:
                async with await self._breakers.get_breaker(f"rasa-{number}"):
                    answer = await self._processes[number].post(path, json=body)
                    answer.raise_for_status()
                    return answer.json()
            except (httpx.ConnectError, OpenedState) as refused:
                error = refused
            except (httpx.HTTPError, ValueError) as failed:
                raise RasaUnavailable(type(failed).__name__) from failed
        raise RasaUnavailable(type(error).__name__) from error


def as_text(text: str) -> str:
    """Rasa reads a leading slash as a command; from us a message is always text."""
    return text.lstrip("/ \t\n") or "."
