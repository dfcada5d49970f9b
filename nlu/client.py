"""Rasa over HTTP, for understanding alone: several texts in one request, with a time limit, retries and an honest failure.

Any of several processes reads any text, and reading a text twice does no harm: what one process does not answer is asked
of the next.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import httpx
import numpy as np
import orjson
from numpy.typing import NDArray
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import BaseModel, ConfigDict, ValidationError

MAX_TEXTS = 500  # of one request; nlu/runtime/serve.py refuses more
MIN_ATTEMPTS = 2  # a connection that was kept may just have been closed
FAILURES_TO_OPEN = 5
OPEN_FOR_S = 5.0
HEALTH_TIMEOUT_S = 1.0


class RasaUnavailable(Exception):
    """Rasa did not answer in time, or not at all, or refused; the message says which."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class RankedIntent(_Value):
    """An intent with its calibrated probability, 0 to 1."""

    name: str
    confidence: float


class Entity(_Value):
    """A named thing in a text: characters `start` to `end`; `value` is what the pattern or the text says, not yet normalised."""

    entity: str
    value: str
    start: int
    end: int

    def text_in(self, text: str) -> str:
        """Its words in the text in which it was found."""
        return text[self.start : self.end]


class Parse(_Value):
    """What Rasa understood of a text: the likeliest intents, the first being `intent`, and the entities.

    `intent` is None, and the ranking empty, for a text of nothing but blanks.
    """

    intent: str | None
    confidence: float
    ranking: tuple[RankedIntent, ...]
    entities: tuple[Entity, ...]


class _Parses(_Value):
    parses: list[Parse]


class RasaClient:
    """Rasa's processes, one or several."""

    def __init__(self, urls: Sequence[str], token: str, timeout_s: float) -> None:
        """Args:
        urls: Addresses of the processes.
        token: What they were started with.
        timeout_s: Of a whole call, in seconds, however many processes are asked.
        """
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self._processes = [
            httpx.AsyncClient(
                base_url=url, headers={"Authorization": f"Bearer {token}"}, limits=limits
            )
            for url in urls
        ]
        self._timeout_s = timeout_s
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_FOR_S
        )
        self._next = 0

    async def parse(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Parse]:
        """What is understood of each text, in order, by one request.

        Args:
            texts: At most MAX_TEXTS of at most 10,000 characters.
            vectors: Their unit vectors by the encoder that the model was trained with, shape (texts, dimensions).

        Raises:
            RasaUnavailable: No process answers in time, or they refuse the vectors.
            ValueError: Too many texts, or not a vector for each.
        """
        if len(texts) > MAX_TEXTS or len(vectors) != len(texts):
            raise ValueError(f"{len(vectors)} vectors of {len(texts)} texts, at most {MAX_TEXTS}")
        if not texts:
            return []
        body = orjson.dumps(
            {"texts": list(texts), "vectors": np.ascontiguousarray(vectors, np.float32)},
            option=orjson.OPT_SERIALIZE_NUMPY,
        )
        parses = await self._parses(body)
        if len(parses) != len(texts):
            raise RasaUnavailable(f"{len(parses)} answers to {len(texts)} texts")
        return parses

    async def ready(self) -> bool:
        """Whether a process has its model loaded and answers."""
        for process in self._processes:
            with contextlib.suppress(httpx.HTTPError):
                answer = await process.get("/status", timeout=HEALTH_TIMEOUT_S)
                if answer.status_code == httpx.codes.OK:
                    return True
        return False

    async def close(self) -> None:
        """Close connections."""
        for process in self._processes:
            await process.aclose()

    async def _parses(self, body: bytes) -> list[Parse]:
        """The first answer of the processes in turn; one that hangs costs its share of the time, not all of it."""
        clock = asyncio.get_running_loop().time
        deadline, failure = clock() + self._timeout_s, "no time was left"
        self._next += 1
        attempts = max(MIN_ATTEMPTS, len(self._processes))
        for attempt in range(attempts):
            number = (self._next + attempt) % len(self._processes)
            others = max(1, len(self._processes) - attempt)
            if (left_s := deadline - clock()) <= 0:
                break
            try:
                return await self._ask(number, body, left_s / others)
            except (httpx.HTTPError, OpenedState, TimeoutError, ValidationError) as error:
                failure = type(error).__name__
        raise RasaUnavailable(failure)

    async def _ask(self, number: int, body: bytes, limit_s: float) -> list[Parse]:
        """The answer of one process; RasaUnavailable when it refuses, which another would as well."""
        async with await self._breakers.get_breaker(f"rasa-{number}"):
            async with asyncio.timeout(limit_s):
                answer = await self._processes[number].post("/parse", content=body, timeout=None)
            if not answer.is_client_error:
                answer.raise_for_status()
                return _Parses.model_validate_json(answer.content).parses
        raise RasaUnavailable(f"refused: {answer.text[:200]}")
