"""What a request must be made of before anything reads it: text that can be stored, numbers that exist, a depth that ends.

PostgreSQL keeps no NUL, UTF-8 has no lone surrogates, JSON (RFC 8259) has no NaN, and headers that we read are ASCII (RFC 9110).
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from core.errors import CodedError

MAX_DEPTH = 32  # levels of a JSON body; ours have at most eight
MAX_INTEGER = 2**63 - 1  # bigint of PostgreSQL
MAX_HEADER = 8_192  # characters of a header that we read, an identity token being the longest
READ_HEADERS = (
    "accept-language",
    "authorization",
    "idempotency-key",
    "if-match",
    "last-event-id",
    "x-csrf-token",
)
# Bytes without which a body has none of the faults but depth: NUL, escapes of NUL and surrogates, NaN, large numbers.
_SUSPICIOUS = re.compile(rb"\x00|\\u(?:0000|[dD][89a-fA-F])|NaN|Infinity|\d{19}|\d[eE]\+?\d{2}")


class Unreadable(CodedError):
    """A request that cannot be taken; `text` says why."""


def check_scope(scope: Scope) -> None:
    """Unreadable when the address has a NUL, or a header that we read is no plain ASCII of a sensible length."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise Unreadable("request.path_nul")
    headers = Headers(scope=scope)
    for name in READ_HEADERS:
        value = headers.get(name, "")
        if not value.isascii() or len(value) > MAX_HEADER:
            raise Unreadable("request.header_invalid", header=name, maximum=MAX_HEADER)


def may_be_json(scope: Scope) -> bool:
    """Whether the body would be read as JSON."""
    kind = Headers(scope=scope).get("content-type")
    return kind is None or "json" in kind.lower()


def check_json(body: bytes) -> None:
    """Unreadable unless every text, number and level of a JSON body can be kept; what is no JSON at all is left to the route."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("request.not_utf8") from error
    deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH
    if not deep and not _SUSPICIOUS.search(body):
        return
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError:
        return
    except (RecursionError, ValueError) as error:
        raise Unreadable("request.json_too_large") from error
    _check_values(content)


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable("request.json_constant", constant=name)


def _check_values(content: object) -> None:
    waiting = [(content, 1)]
    while waiting:
        value, level = waiting.pop()
        if level > MAX_DEPTH:
            raise Unreadable("request.json_too_deep", maximum=MAX_DEPTH)
        match value:
            case dict():
                waiting += [(part, level + 1) for pair in value.items() for part in pair]
            case list():
                waiting += [(part, level + 1) for part in value]
            case str():
                _check_text(value)
            case int() if abs(value) > MAX_INTEGER:
                raise Unreadable("request.number_out_of_range")
            case float() if not math.isfinite(value):
                raise Unreadable("request.number_out_of_range")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise Unreadable("request.body_nul")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Unreadable("request.lone_surrogate")


async def check_form(request: Request) -> None:
    """Unreadable unless every name, text and file name of a form can be kept."""
    check_fields(await request.form())


def check_fields(form: FormData) -> None:
    """The same of a form that has been read."""
    for name, value in form.multi_items():
        _check_text(name)
        _check_text(value if isinstance(value, str) else value.filename or "")


async def read_whole(receive: Receive) -> tuple[bytes, Receive]:
    """The whole body, and what gives it to the application as if it came now."""
    parts: list[bytes] = []
    message: Message = {"more_body": True}
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    body = b"".join(parts)
    first: Message | None = (
        message
        if message["type"] == "http.disconnect"
        else {"type": "http.request", "body": body, "more_body": False}
    )

    async def again() -> Message:
        nonlocal first
        if first is None:
            return await receive()
        replayed, first = first, None
        return replayed

    return body, again
