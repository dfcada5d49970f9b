"""What routes ask for: the container, a session, the present, the caller, versions and pages."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import structlog
from fastapi import Cookie, Depends, Header, Query, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from api.container import Container
from assistant.conversations.queries import participant_by_token
from core.accounts import application_by_key, staff_by_id
from core.clock import utc_now
from core.errors import Invalid, NotAllowed, NotAuthenticated, VersionRequired
from core.idempotency import earlier_answer, keep_answer, request_hash
from core.identity import Application, Caller, Participant, Staff, actor
from core.languages import Language
from core.localized_text import reader_language, set_reader_language
from core.paging import DEFAULT_LIMIT, MAX_LIMIT, Page
from core.tokens import STAFF_AUDIENCE, fingerprint, token_subject

Item = TypeVar("Item")
SESSION_COOKIE, CSRF_COOKIE = "session", "csrf"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def container(request: Request) -> Container:
    """The process's parts."""
    parts: Container = request.app.state.container
    return parts


ContainerDep = Annotated[Container, Depends(container)]


async def session(parts: ContainerDep) -> AsyncIterator[AsyncSession]:
    """One transaction for the request, committed before the answer leaves."""
    async with parts.database.transaction() as opened:
        yield opened


SessionDep = Annotated[AsyncSession, Depends(session, scope="function")]
NowDep = Annotated[datetime, Depends(utc_now)]


async def reader(language: Language | None = None) -> Language:
    """The language of texts in the answer: the parameter, else what Accept-Language prefers."""
    if language is not None:
        set_reader_language(language)
    return reader_language()


ReaderDep = Annotated[Language, Depends(reader)]
# For routes whose answers are worded for the reader when they are written.
READER = Depends(reader)


async def caller(
    request: Request,
    parts: ContainerDep,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    staff_session: Annotated[
        str | None, Cookie(alias=SESSION_COOKIE, include_in_schema=False)
    ] = None,
) -> Caller:
    """Who is calling, by the bearer token or the browser's session; NotAuthenticated without a good one."""
    token = _bearer(authorization)
    if token is None and staff_session is not None:
        _require_csrf(request)
        token = staff_session
    if token is None:
        raise NotAuthenticated
    identified = await _identify(parts, token)
    await _limit(parts, identified)
    structlog.contextvars.bind_contextvars(caller=actor(identified))
    return identified


async def staff(who: Annotated[Caller, Depends(caller)]) -> Staff:
    """An employee; others may not know of the route's things."""
    if not isinstance(who, Staff):
        raise NotAllowed("auth.staff_only")
    return who


def credential(authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> str:
    """The fingerprint of the bearer token that the caller sent."""
    token = _bearer(authorization)
    if token is None:
        raise NotAuthenticated
    return fingerprint(token)


async def business(who: Annotated[Caller, Depends(caller)]) -> Staff | Application:
    """Staff or an application, not a customer's conversation."""
    if isinstance(who, Staff | Application):
        return who
    raise NotAllowed("auth.staff_or_applications_only")


CallerDep = Annotated[Caller, Depends(caller)]
CredentialDep = Annotated[str, Depends(credential)]
StaffDep = Annotated[Staff, Depends(staff)]
BusinessDep = Annotated[Staff | Application, Depends(business)]


IfMatchHeader = Annotated[str | None, Header(alias="If-Match", max_length=40)]


def if_match(value: IfMatchHeader = None) -> int:
    """The version the caller read; VersionRequired when it is absent."""
    if value is None:
        raise VersionRequired
    plain = value.strip().removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid.field("If-Match", "version.not_a_number")
    return int(plain)


IfMatch = Annotated[int, Depends(if_match)]


def page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Page:
    """Which part of a list."""
    return Page(limit, cursor)


PageDep = Annotated[Page, Depends(page)]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)
]


class Listing(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next_cursor: str | None


async def once(
    request: Request,
    opened: AsyncSession,
    who: Caller,
    key: str | None,
    body: BaseModel,
    create: Callable[[], Awaitable[BaseModel]],
) -> JSONResponse:
    """Create and answer 201; with a key that was used before, give the first answer again."""
    if key is None:
        return JSONResponse((await create()).model_dump(mode="json"), 201)
    digest = request_hash(f"{request.method} {request.url.path}", body.model_dump(mode="json"))
    answer = await earlier_answer(opened, who, key, digest)
    if answer is None:
        answer = (await create()).model_dump(mode="json")
        await keep_answer(opened, who, key, answer)
    return JSONResponse(answer, 201)


def client_address(request: Request) -> str:
    """Where the request comes from, for rate limits."""
    return request.client.host if request.client else "unknown"


def as_download(path: Path, name: str) -> FileResponse:
    """A kept file, to be saved and never to be shown inside a page."""
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=name,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _bearer(authorization: str | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated
    return token


def _require_csrf(request: Request) -> None:
    """A browser's session may change things only with the token that our own pages can read (double submit)."""
    if request.method in SAFE_METHODS:
        return
    expected, sent = request.cookies.get(CSRF_COOKIE, ""), request.headers.get("X-CSRF-Token", "")
    if not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
        raise NotAllowed("auth.csrf")


async def _identify(parts: Container, token: str) -> Caller:
    digest = fingerprint(token)
    if (cached := parts.participants.get(digest)) is not None:
        return _in_session(cached)
    if (application := parts.applications.get(digest)) is not None:
        return application  # a key that is withdrawn lives on for this moment
    async with parts.database.transaction() as opened:
        if token.startswith("ct_"):
            participant = await participant_by_token(opened, token)
            parts.participants[digest] = participant
            return _in_session(participant)
        if token.startswith("sk_"):
            parts.applications[digest] = await application_by_key(opened, token)
            return parts.applications[digest]
        staff_id: UUID = token_subject(parts.settings.secrets.staff_token, STAFF_AUDIENCE, token)
        return await staff_by_id(opened, staff_id)


def _in_session(who: Participant) -> Participant:
    """The participant, unless the session at the bank has ended."""
    if who.session_expires_at is not None and who.session_expires_at <= utc_now():
        raise NotAuthenticated("auth.bank_session_ended")
    return who


async def _limit(parts: Container, who: Caller) -> None:
    match who:
        case Staff():
            await parts.limits.hit("staff", actor(who), parts.settings.staff_requests_per_minute)
        case Application():
            await parts.limits.hit(
                "application", actor(who), parts.settings.api_key_requests_per_minute
            )


def participant(who: Caller, conversation_id: UUID) -> Participant | None:
    """The caller as the participant of this conversation, if it is the token's."""
    return who if isinstance(who, Participant) and who.conversation_id == conversation_id else None
