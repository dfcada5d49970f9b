"""Tables as files, streamed: CSV row by row, XLSX through a file that openpyxl writes as it goes.

A cell that a spreadsheet would take for a formula is quoted, since customers wrote what stands in it (OWASP, CSV injection).
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date, time
from typing import Literal

from openpyxl import Workbook

Format = Literal["csv", "xlsx"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BLOCK = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"  # without it, Excel reads Chinese as Latin letters


def safe_cell(value: object) -> object:
    """The value as a cell that runs nothing."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


async def as_csv(
    header: Sequence[str], rows: AsyncIterator[Sequence[object]]
) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, a block at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    writer.writerow(header)
    async for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        if buffer.tell() > BLOCK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


async def as_xlsx(
    header: Sequence[str], rows: AsyncIterator[Sequence[object]], title: str
) -> AsyncIterator[bytes]:
    """A workbook of one sheet; written to a temporary file and sent from there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append(list(header))
    async for row in rows:
        sheet.append([_plain(safe_cell(value)) for value in row])
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def export(
    form: Format, header: Sequence[str], rows: AsyncIterator[Sequence[object]], title: str
) -> AsyncIterator[bytes]:
    """The rows in a form."""
    return as_csv(header, rows) if form == "csv" else as_xlsx(header, rows, title)


def _plain(value: object) -> object:
    """Excel knows no time zones and no lists."""
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str | int | float) else str(value)
