"""Rasa for understanding alone, over HTTP behind a token: `GET /status` and `POST /parse`. It keeps nothing of what it reads.

Usage: python -m nlu.runtime.serve TOKEN_FILE MODEL PORT, in Rasa's environment. The token is read from a file, since
every user of the machine can read a command line. It listens on the loopback, once the model is loaded.

`/parse` takes {"texts": [...], "vectors": [[...], ...]}, a unit vector for each text, and answers {"parses": [...]} with
intent, confidence, ranking and entities of each text, in order. What it refuses is 400 with {"error": why}.
"""

from __future__ import annotations

import asyncio
import hmac
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as as_json

from nlu.runtime import stand_ins
from nlu.runtime.understanding import Understanding

MAX_TEXTS = 500
MAX_LENGTH = 10_000  # characters of a text
MAX_BODY = 64_000_000  # bytes: as many texts of that length, in any script, with their vectors
UNIT = 0.01  # how far from 1 a unit vector's length may be, after rounding
IDLE_S = 75  # a connection is kept so long, longer than our service keeps one


class Refused(Exception):
    """A request that cannot be answered; the message says why."""


def main(token_file: str, model: str, port: str) -> None:
    """Load the model, then serve until a signal ends it."""
    token = Path(token_file).read_text(encoding="utf-8")
    server = Server(Understanding(Path(model)), Path(model).name, token)
    server.app().run(host="127.0.0.1", port=int(port), access_log=False, motd=False)


class Server:
    """The routes; the model is read by one thread, so that the status is answered meanwhile."""

    def __init__(self, understanding: Understanding, model: str, token: str) -> None:
        """Serve a loaded model by its name to who has the token."""
        self._understanding, self._model = understanding, model
        self._expected = f"Bearer {token}".encode()
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="understanding")

    def app(self) -> Sanic:
        """The application, for its one process."""
        app = Sanic("understanding")
        app.config.update(REQUEST_MAX_SIZE=MAX_BODY, KEEP_ALIVE_TIMEOUT=IDLE_S)
        app.register_middleware(self._refuse_strangers, "request")
        app.add_route(self._status, "/status")
        app.add_route(self._parse, "/parse", methods=["POST"])
        app.error_handler.add(Refused, lambda _, error: as_json({"error": str(error)}, 400))
        app.error_handler.add(
            SanicException, lambda _, error: as_json({"error": str(error)}, error.status_code)
        )
        return app

    async def _refuse_strangers(self, request: Request) -> HTTPResponse | None:
        credentials = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        allowed = hmac.compare_digest(credentials, self._expected)
        return None if allowed else as_json({"error": "the token is missing or wrong"}, 401)

    async def _status(self, _: Request) -> HTTPResponse:
        dimensions = self._understanding.dimensions
        return as_json({"model": self._model, "rasa": stand_ins.RASA, "dimensions": dimensions})

    async def _parse(self, request: Request) -> HTTPResponse:
        texts, vectors = texts_and_vectors(request.json, self._understanding.dimensions)
        reading = partial(self._understanding.parse, texts, vectors)
        parses = await asyncio.get_running_loop().run_in_executor(self._reader, reading)
        return as_json({"parses": parses})


def texts_and_vectors(body: Any, dimensions: int) -> tuple[list[str], np.ndarray]:
    """The texts and their vectors, shape (texts, dimensions); Refused for anything else."""
    if not isinstance(body, dict) or set(body) != {"texts", "vectors"}:
        raise Refused("a JSON object with `texts` and `vectors` is needed, and nothing else")
    texts, vectors = body["texts"], body["vectors"]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused("`texts` must be a list of texts")
    if len(texts) > MAX_TEXTS:
        raise Refused(f"{len(texts)} texts are too many: at most {MAX_TEXTS}")
    if any(len(text) > MAX_LENGTH for text in texts):
        raise Refused(f"a text is too long: at most {MAX_LENGTH:,} characters")
    if not isinstance(vectors, list) or len(vectors) != len(texts):
        raise Refused("`vectors` must be a list with a vector for each text")
    return texts, as_matrix(vectors, dimensions)


def as_matrix(vectors: list[Any], dimensions: int) -> np.ndarray:
    """The vectors as rows; Refused unless all are unit vectors of this size, for others would be read silently."""
    if not all(isinstance(vector, list) and len(vector) == dimensions for vector in vectors):
        raise Refused(f"each vector must have {dimensions} numbers, as the model was trained with")
    matrix = np.asarray(vectors)
    if vectors and matrix.dtype.kind not in "if":
        raise Refused("a vector must have numbers only")
    lengths = np.linalg.norm(matrix, axis=1) if vectors else np.ones(0)
    if not (np.abs(lengths - 1) <= UNIT).all():
        raise Refused("a vector must be of unit length")
    return matrix.astype(np.float32)


if __name__ == "__main__":
    main(*sys.argv[1:])
