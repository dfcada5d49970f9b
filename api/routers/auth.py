"""Signing in: a bearer token for programs, a cookie session with CSRF protection for our own pages."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.container import Container
from api.dependencies import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    ContainerDep,
    NowDep,
    StaffDep,
    client_address,
)
from core.accounts import StaffUser, account_of, require_password
from core.errors import NotAuthenticated
from core.identity import Role
from core.settings import Settings
from core.tokens import STAFF_AUDIENCE, sign_token

router = APIRouter(prefix="/v1/auth", tags=["auth"])


class Credentials(BaseModel):
    """An employee's address and password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "agent@bank.example", "password": "…"}]},
    )

    email: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Token(BaseModel):
    """A bearer token; `expires_in` in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  (OAuth's word)
    expires_in: int


class Me(BaseModel):
    """The signed-in employee."""

    id: str
    name: str
    role: Role
    permissions: list[str]


@router.post("/token")
async def token(
    credentials: Credentials,
    request: Request,
    parts: ContainerDep,
    now: NowDep,
) -> Token:
    """A token for an address and a password; failures are limited by account, by address and in total."""
    return _token(await _checked(credentials, request, parts), parts, now)


@router.post("/session")
async def open_session(
    credentials: Credentials,
    request: Request,
    response: Response,
    parts: ContainerDep,
    now: NowDep,
) -> Me:
    """Sign in a browser: the session is in an HttpOnly cookie, the CSRF token in one that our pages read."""
    user = await _checked(credentials, request, parts)
    made = _token(user, parts, now)
    secure = parts.settings.base_url.startswith("https://")
    for name, value, hidden in (
        (SESSION_COOKIE, made.access_token, True),
        (CSRF_COOKIE, secrets.token_urlsafe(32), False),
    ):
        response.set_cookie(
            name,
            value,
            max_age=made.expires_in,
            httponly=hidden,
            secure=secure,
            samesite="strict",
            path="/",
        )
    return _me(user)


@router.delete("/session", status_code=204)
async def close_session(response: Response, who: StaffDep) -> None:
    """Sign a browser out."""
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path="/")


@router.get("/me")
async def me(who: StaffDep) -> Me:
    """Who is signed in."""
    return Me(id=str(who.id), name=who.name, role=who.role, permissions=sorted(who.permissions))


def _token(user: StaffUser, parts: Container, now: datetime) -> Token:
    life = timedelta(seconds=parts.settings.staff_session_s)
    signed = sign_token(parts.settings.secrets.staff_token, STAFF_AUDIENCE, str(user.id), now, life)
    return Token(access_token=signed, expires_in=parts.settings.staff_session_s)


def _me(user: StaffUser) -> Me:
    who = user.caller()
    return Me(id=str(who.id), name=who.name, role=who.role, permissions=sorted(who.permissions))


async def _checked(credentials: Credentials, request: Request, parts: Container) -> StaffUser:
    """The account that signs in; few at a time, so that no more try at once than the limits count."""
    limits = _failure_limits(parts.settings, credentials.email, client_address(request))
    async with parts.sign_ins:
        for name, key, per_minute in limits:
            await parts.limits.check(name, key, per_minute)
        async with parts.database.transaction() as session:
            user = await account_of(session, credentials.email)
        try:
            return await require_password(user, credentials.password)
        except NotAuthenticated:
            for name, key, per_minute in limits:
                await parts.limits.count(name, key, per_minute)
            raise


def _failure_limits(settings: Settings, email: str, address: str) -> list[tuple[str, str, int]]:
    """What failed sign-ins are counted by, and how many a minute there may be."""
    account = email.strip().lower()
    return [
        ("login-account", account, settings.failed_logins_per_minute),
        ("login-address", address, settings.failed_logins_per_address_per_minute),
        ("login-total", "all", settings.failed_logins_in_total_per_minute),
    ]
