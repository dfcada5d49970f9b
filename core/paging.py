"""Lists in pages by keyset: stable while rows are added, as fast on the last page as on the first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import Invalid

Row = TypeVar("Row")
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MAX_KEY = 2**63 - 1  # bigint of PostgreSQL


@dataclass(frozen=True)
class Page:
    """How many rows, after which."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


async def fetch_page(
    session: AsyncSession,
    rows: Select[Row],
    page: Page,
    time: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    key: InstrumentedAttribute[UUID] | InstrumentedAttribute[int],
    *,
    rising: bool = False,
) -> tuple[Sequence[Row], str | None]:
    """Rows from the newest on, or from the earliest where `rising`, and the cursor of the next page."""
    if page.cursor:
        after = tuple_(*decode_cursor(page.cursor, key.type.python_type))
        rows = rows.where(tuple_(time, key) > after if rising else tuple_(time, key) < after)
    order = (time, key) if rising else (time.desc(), key.desc())
    rows_read = (await session.scalars(rows.order_by(*order).limit(page.limit + 1))).all()
    if len(rows_read) <= page.limit:
        return rows_read, None
    last = rows_read[page.limit - 1]
    return rows_read[: page.limit], encode_cursor(getattr(last, time.key), getattr(last, key.key))


def encode_cursor(at: datetime, key: UUID | int) -> str:
    """An opaque cursor."""
    return (
        base64.urlsafe_b64encode(json.dumps([at.isoformat(), str(key)]).encode())
        .decode()
        .rstrip("=")
    )


def decode_cursor(cursor: str, kind: type[UUID] | type[int] = UUID) -> tuple[datetime, UUID | int]:
    """Time and key of a cursor, the key an id or a number; Invalid when it is not one of this list's."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at), _number(key) if kind is int else UUID(key)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise Invalid.field("cursor", "paging.cursor_invalid") from error


def _number(key: str) -> int:
    number = int(key)
    if not 0 <= number <= MAX_KEY:
        raise ValueError(key)
    return number
