"""Around each request: an id, a log line, a measurement, a limit on the body, security headers."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Sequence

import structlog
from prometheus_client import CollectorRegistry, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from api.readable import Unreadable, check_json, check_scope, may_be_json, read_whole
from core.catalogue import negotiate
from core.localized_text import LocalizedText, set_reader_language

# Nothing of a device is used by our pages, nor by what frames them.
NO_DEVICES = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
ONLY_TLS = "max-age=31536000; includeSubDomains"  # a year, RFC 6797; sent over TLS alone
BODILESS = ("GET", "HEAD", "OPTIONS")
REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "http_request_duration_seconds",
    "Time to the end of the answer",
    ("method", "route", "status"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
log = structlog.get_logger("request")


class TooLong(HTTPException):
    """A body goes on behind its limit; a route that reads it lets it pass."""

    def __init__(self) -> None:
        super().__init__(413)


class Surroundings:
    """The one middleware of the application."""

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        frame_ancestors: str,
        larger: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._app, self._max_body, self._larger = (
            app,
            max_body_bytes,
            [(re.compile(path), most) for path, most in larger],
        )
        self._policy = (
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}; "
            # Only Lit makes markup from strings, and those are its templates, never what somebody wrote.
            "require-trusted-types-for 'script'; trusted-types lit-html dompurify"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        set_reader_language(negotiate(Headers(scope=scope).get("accept-language")))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status, answering = time.perf_counter(), 500, False
        most, received = self._most(scope["path"]), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                secure = scope.get("scheme") == "https"
                self._complete(MutableHeaders(scope=message), request_id, is_secure=secure)
            await send(message)

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise TooLong
            return message

        try:
            if _declared_length(scope) > most:
                limit = LocalizedText("request.too_large", maximum=most)
                too_large = problem(Request(scope), 413, "Too large", limit)
                await too_large(scope, receive, send_with_headers)
                return
            check_scope(scope)
            reading: Receive = receive_counted
            if scope["method"] not in BODILESS and may_be_json(scope):
                body, reading = await read_whole(receive_counted)
                check_json(body)
            await self._app(scope, reading, send_with_headers)
        except Unreadable as error:
            refused = problem(Request(scope), 422, "Not valid", error.text)
            await refused(scope, receive, send_with_headers)
        except TooLong:
            limit = LocalizedText("request.too_large", maximum=most)
            refused = problem(Request(scope), 413, "Too large", limit)
            await refused(scope, receive, send_with_headers)
        except Exception:  # the last resort: whatever it was, the caller gets a problem document and we get the trace
            log.exception("request.failed")
            if answering:
                raise
            detail = LocalizedText("internal_error")
            await problem(Request(scope), 500, "Internal error", detail)(
                scope, receive, send_with_headers
            )
        finally:
            self._measure(scope, status, time.perf_counter() - started)

    def _most(self, path: str) -> int:
        """Bytes that a body may have at this path."""
        return next(
            (most for pattern, most in self._larger if pattern.fullmatch(path)), self._max_body
        )

    def _complete(self, headers: MutableHeaders, request_id: str, *, is_secure: bool) -> None:
        headers["X-Request-ID"] = request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Content-Security-Policy", self._policy)
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Permissions-Policy", NO_DEVICES)
        if is_secure:
            headers.setdefault("Strict-Transport-Security", ONLY_TLS)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS.labels(scope["method"], route, str(status)).observe(seconds)
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )


def _declared_length(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "0")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
