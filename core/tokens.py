"""Credentials: signed tokens, opaque tokens kept as hashes, passwords. Wrong ones raise NotAuthenticated, never say why."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypedDict, TypeVar, cast
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from jwt.types import Options

from core.clock import utc_now
from core.errors import NotAuthenticated

ALGORITHM = "HS256"
STAFF_AUDIENCE = "assistant/staff"
IDENTITY_AUDIENCE = "assistant/identity"
LEEWAY_S = 10
# The library reads the machine's clock; times are compared with ours.
_CHECKS: Options = {
    "require": ["exp", "sub", "aud"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

_passwords = (
    PasswordHasher()
)  # argon2id with the library's current defaults (RFC 9106, second recommendation)
_NOBODY = _passwords.hash(secrets.token_hex(8))
# Each hash takes a fifth of a second of one core and 64 MiB; the event loop takes none of it.
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="passwords")
Result = TypeVar("Result")


async def hash_password(password: str) -> str:
    """An argon2id hash with its parameters and salt, made beside the event loop."""
    return await _beside(_passwords.hash, password)


async def check_password(hashed: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown account (`hashed` None) as for a known one."""
    return await _beside(_check, hashed, password)


async def _beside(work: Callable[..., Result], *values: str | None) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_HASHING, work, *values)


def _check(hashed: str | None, password: str) -> bool:
    try:
        return _passwords.verify(hashed or _NOBODY, password) and hashed is not None
    except VerificationError:
        return False


class Claims(TypedDict, total=False):
    """What a token says (RFC 7519, RFC 8176); times are seconds since 1970."""

    sub: str
    iat: float
    nbf: float
    exp: float
    amr: list[str]


def sign_token(
    secret: str, audience: str, subject: str, now: datetime, life: timedelta, **claims: object
) -> str:
    """A JWT for `subject` that ends after `life`."""
    return jwt.encode(
        {"sub": subject, "aud": audience, "iat": now, "exp": now + life, **claims},
        secret,
        ALGORITHM,
    )


def read_token(secret: str, audience: str, token: str) -> Claims:
    """The claims of a good token; NotAuthenticated for a forged, expired or foreign one, or one of the future."""
    try:
        claims = cast(
            "Claims",
            jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                audience=audience,
                options=_CHECKS,
            ),
        )
        now = utc_now().timestamp()
        ended = float(claims["exp"]) + LEEWAY_S <= now
        begun = all(
            float(moment) - LEEWAY_S <= now
            for moment in (claims.get("iat", 0), claims.get("nbf", 0))
        )
    except (jwt.InvalidTokenError, TypeError, ValueError) as error:
        raise NotAuthenticated from error
    if ended or not begun:
        raise NotAuthenticated
    return claims


def token_subject(secret: str, audience: str, token: str) -> UUID:
    """The id a good token speaks for."""
    try:
        return UUID(read_token(secret, audience, token)["sub"])
    except ValueError as error:
        raise NotAuthenticated from error


def token_end(secret: str, audience: str, token: str) -> datetime:
    """When a good token ends; NotAuthenticated for one that is not good."""
    return datetime.fromtimestamp(read_token(secret, audience, token)["exp"], UTC)


def mfa_valid_until(secret: str, audience: str, token: str) -> datetime | None:
    """Until when a good token vouches for a second factor: its end, when its claim `amr` names `mfa` (RFC 8176); else None.

    NotAuthenticated for a token that is not good.
    """
    methods = read_token(secret, audience, token).get("amr")
    return (
        token_end(secret, audience, token)
        if isinstance(methods, list) and "mfa" in methods
        else None
    )


def new_opaque_token(prefix: str) -> str:
    """A random token of 256 bits, recognisable by its prefix."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def fingerprint(token: str) -> str:
    """What we keep of an opaque token; a plain hash is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
