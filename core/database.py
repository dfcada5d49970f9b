"""PostgreSQL: the declarative base with our column conventions, the engine, and sessions. There is no other store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import DateTime, MetaData, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.clock import process_clock, utc_now
from core.errors import SetupError
from core.localized_text import LocalizedText

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 30_000
MINIMUM_SERVER = 150_000  # server_version_num of PostgreSQL 15

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), default=utc_now)]
Amount = Annotated[Decimal, mapped_column(Numeric(18, 2))]
Json = dict[str, Any]


class TypedJson(TypeDecorator[object]):
    """A JSONB column whose values are of a type: a pydantic model, a dataclass, or a list of them.

    What an older version wrote still loads: unknown keys are left out, missing ones get their defaults. A value that is not
    there stays None.
    """

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: object) -> None:
        super().__init__(none_as_null=True)
        self.shape = shape
        self._adapter: TypeAdapter[object] = TypeAdapter(shape)

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        """As JSON."""
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        """As the type."""
        return None if value is None else self._adapter.validate_python(value, extra="ignore")

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[Any]:
        """A part of the value is compared as JSON is."""
        return JSONB().coerce_compared_value(op, value)


class Base(DeclarativeBase):
    """All tables; times with zone, dictionaries and lists as JSONB."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy's own class attribute)
        # A literal is stored as its text; what it may be is the code's to hold, not the column's.
        Literal: String,
        datetime: DateTime(timezone=True),
        Decimal: Numeric(18, 2),
        dict[str, Any]: JSONB,
        dict[str, bool]: JSONB,
        dict[str, float]: JSONB,
        dict[str, int]: JSONB,
        dict[str, str]: JSONB,
        list[str]: JSONB,
        list[dict[str, Any]]: JSONB,
        LocalizedText: TypedJson(LocalizedText),
    }


def driver_url(url: str) -> URL:
    """The URL with our driver, psycopg 3; SetupError when it is not PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise SetupError(
            "DATABASE_URL must be a PostgreSQL address, postgresql://user:password@host:5432/name."
        )
    return parsed.set(drivername="postgresql+psycopg")


def libpq_url(url: str) -> str:
    """The URL as libpq understands it, for drivers used directly."""
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def create_engine(url: str, pool_size: int) -> AsyncEngine:
    """An asynchronous engine with time limits on connecting and on statements."""
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=False,
        pool_recycle=1800,
        pool_timeout=10,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC {_clock_options()}",
            "prepare_threshold": 3,
        },
    )


def _clock_options() -> str:
    """The process's clock for `clock_now()`, which the views for analysis read."""
    clock = process_clock()
    if clock.fixed is not None:
        return f"-c assistant.clock_fixed={clock.fixed.isoformat()}"
    return f"-c assistant.clock_shift_s={clock.shift.total_seconds()}" if clock.shift else ""


class Database:
    """The engine and its sessions; one object per process."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = url
        self.engine = create_engine(url, pool_size)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, and undone when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Give back every connection."""
        await self.engine.dispose()


async def require_database(url: str) -> None:
    """SetupError, in one sentence, when the server does not answer or is older than PostgreSQL 15."""
    engine = create_engine(url, 1)
    try:
        async with engine.connect() as connection:
            version = int((await connection.execute(text("show server_version_num"))).scalar_one())
    except (DBAPIError, OSError) as error:
        where = driver_url(url).render_as_string(hide_password=True)
        raise SetupError(
            f"The database at {where} cannot be reached; check DATABASE_URL and that it runs."
        ) from error
    finally:
        await engine.dispose()
    if version < MINIMUM_SERVER:
        raise SetupError(
            "The database is older than PostgreSQL 15; point DATABASE_URL at a newer one."
        )
