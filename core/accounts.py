"""Staff accounts and API keys: the tables behind identity."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.audit import record
from core.database import Base, Created, Key
from core.errors import Invalid, NotAuthenticated
from core.identity import ROLES, SCOPES, Application, Caller, Role, Staff
from core.tokens import check_password, fingerprint, hash_password, new_opaque_token

MINIMUM_PASSWORD = 12  # characters; NIST SP 800-63B asks for 8, banks for more


class StaffUser(Base):
    """An employee's account."""

    __tablename__ = "staff_users"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["en"])
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Created]

    def caller(self) -> Staff:
        """The account as a caller."""
        return Staff(self.id, self.role, self.name)


class ApiKey(Base):
    """An application's key, kept as a hash."""

    __tablename__ = "api_keys"

    id: Mapped[Key]
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[Created]


async def add_staff(
    session: AsyncSession,
    by: Caller,
    *,
    email: str,
    name: str,
    role: str,
    password: str,
    languages: list[str],
) -> StaffUser:
    """Create an account; Invalid for an unknown role, a short password or a taken address."""
    if role not in ROLES:
        raise Invalid.field("role", "account.role_unknown", roles=ROLES)
    if len(password) < MINIMUM_PASSWORD:
        raise Invalid.field("password", "account.password_too_short", minimum=MINIMUM_PASSWORD)
    address = email.strip().lower()
    if await session.scalar(select(StaffUser.id).where(StaffUser.email == address)):
        raise Invalid.field("email", "account.email_taken")
    user = StaffUser(
        email=address,
        name=name,
        role=role,
        password_hash=await hash_password(password),
        languages=languages,
    )
    session.add(user)
    await session.flush()
    await record(session, by, "staff.added", f"staff:{user.id}", {"role": role})
    return user


async def has_staff(session: AsyncSession) -> bool:
    """Whether there is any account."""
    return await session.scalar(select(StaffUser.id).limit(1)) is not None


async def account_of(session: AsyncSession, email: str) -> StaffUser | None:
    """The account with an address, active or not."""
    return await session.scalar(select(StaffUser).where(StaffUser.email == email.strip().lower()))


async def require_password(user: StaffUser | None, password: str) -> StaffUser:
    """The account when the password is its own; NotAuthenticated otherwise, without telling which was wrong.

    Needs no database connection, so that none waits while a password is checked.
    """
    fits = await check_password(user.password_hash if user else None, password)
    if not fits or user is None or not user.active:
        raise NotAuthenticated("auth.wrong_credentials")
    return user


async def staff_by_id(session: AsyncSession, staff_id: UUID) -> Staff:
    """The active employee with this id; NotAuthenticated when the account is gone or locked."""
    user = await session.get(StaffUser, staff_id)
    if user is None or not user.active:
        raise NotAuthenticated
    return user.caller()


async def staff_by_actor(session: AsyncSession, name: str) -> Staff:
    """The active employee who is called so in the audit trail, with the role of today."""
    kind, _, key = name.partition(":")
    if kind not in ROLES:
        raise NotAuthenticated
    return await staff_by_id(session, UUID(key))


async def add_api_key(session: AsyncSession, by: Caller, name: str, scopes: frozenset[str]) -> str:
    """Create a key and return it; it cannot be read again."""
    if unknown := scopes - SCOPES:
        raise Invalid.field("scopes", "application.scopes_unknown", scopes=sorted(unknown))
    key = new_opaque_token("sk")
    row = ApiKey(name=name, key_hash=fingerprint(key), scopes=sorted(scopes))
    session.add(row)
    await session.flush()
    await record(session, by, "api_key.added", f"application:{row.id}", {"scopes": sorted(scopes)})
    return key


async def application_by_key(session: AsyncSession, key: str) -> Application:
    """The application behind a key that is not revoked."""
    row = await session.scalar(
        select(ApiKey).where(ApiKey.key_hash == fingerprint(key), ApiKey.revoked_at.is_(None))
    )
    if row is None:
        raise NotAuthenticated
    return Application(row.id, row.name, frozenset(row.scopes))
