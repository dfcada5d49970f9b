"""A core banking system for tests: a real HTTP server that speaks docs/core-banking.yml, and can be told to misbehave."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from uuid import UUID

TOKEN = "token-of-the-assistant"


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Answer:
    """What the server sends: a status, bytes, and how many seconds before them and between them."""

    status: int
    content: bytes | dict[str, Any]
    wait_s: float = 0.0
    drip_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return (
            self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        )


class CoreBanking:
    """Cards and orders. `script` holds answers that are given before the system acts itself; `lose` takes and does not answer."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.blocked: dict[str, bool] = {}
        self.effects: list[tuple[str, str, str]] = []
        self.script: list[Answer | Callable[[Received], Answer]] = []
        self.always: Answer | None = None
        self.lose = 0
        self.pending = 0
        self.on_effect: Callable[[], None] | None = None
        self._orders: dict[str, dict[str, Any]] = {}
        self._sequence: dict[str, int] = {}
        self._over = threading.Event()
        self._lock = threading.Lock()
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self._answer(body)

            def do_GET(self) -> None:
                self._answer({})

            def _answer(self, body: dict[str, Any]) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = system.take(Received(self.command, self.path, headers, body))
                if answer is None:
                    self.close_connection = True
                    return
                system.wait(answer.wait_s)
                content = answer.bytes
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    step = 1 if answer.drip_s else max(len(content), 1)
                    for start in range(0, len(content), step):
                        self.wfile.write(content[start : start + step])
                        system.wait(answer.drip_s)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """The test says what went wrong."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}"

    def encrypt(self, certificate: str, key: str) -> None:
        """Speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https"

    def wait(self, seconds: float) -> None:
        """Wait, but not after the test."""
        if seconds:
            self._over.wait(seconds)

    def stop(self) -> None:
        """End every wait."""
        self._over.set()

    def take(self, received: Received) -> Answer | None:
        """The answer to a request; None where the connection breaks instead."""
        with self._lock:
            self.received.append(received)
            if received.headers.get("authorization") != f"Bearer {TOKEN}":
                return _problem(401, "not_authenticated")
            if self.script:
                scripted = self.script.pop(0)
                return scripted(received) if callable(scripted) else scripted
            if self.always is not None:
                return self.always
            parts = [unquote(part) for part in received.path.strip("/").split("/")]
            if received.method == "GET":
                return self._progress(parts[3])
            return self._order(parts[1], parts[2], received)

    def _order(self, card: str, action: str, received: Received) -> Answer | None:
        key = received.headers["idempotency-key"]
        if key not in self._orders:
            if received.body["sequence"] < self._sequence.get(card, 0):
                return _problem(409, "superseded")
            self._sequence[card] = received.body["sequence"]
            self._orders[key] = {"left": self.pending}
            self.blocked[card] = action == "block"
            self.effects.append((card, action, key))
            if self.on_effect:
                self.on_effect()
        if self.lose:
            self.lose -= 1
            return None
        return self._progress(key)

    def _progress(self, key: str) -> Answer:
        if key not in self._orders:
            return _problem(404, "request_unknown")
        order = self._orders[key]
        if order["left"]:
            order["left"] -= 1
            return Answer(202, {"request_id": key, "outcome": "pending"})
        return Answer(200, {"request_id": key, "outcome": "done"})


def done(request_id: UUID | str) -> dict[str, str]:
    """The body of an answer that all is done."""
    return {"request_id": str(request_id), "outcome": "done"}


def _problem(status: int, code: str) -> Answer:
    return Answer(status, {"status": status, "code": code, "title": code})


@contextmanager
def core_banking(*certificate: str) -> Iterator[CoreBanking]:
    """A running one; `certificate` is a certificate's path and its key's, for TLS."""
    system = CoreBanking()
    if certificate:
        system.encrypt(*certificate)
    thread = threading.Thread(target=system.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield system
    finally:
        system.stop()
        system.server.shutdown()
        thread.join()
        system.server.server_close()
