"""Files of a ticket: typed by their content, limited in size and number, scanned where a scanner is configured.

They lie in a folder that no web server serves, under names that say nothing; they are only ever handed out as downloads.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import puremagic
import structlog
from aioclamd import ClamdAsyncClient, ClamdError
from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.history import record_change
from actions.tickets.models import Ticket
from core.database import Base, Created, Key
from core.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from core.identity import Caller, Participant, actor

MAX_FILES = 20  # files of one ticket
SCAN_S = 30.0
SEEN = 64 * 1024  # bytes by which the type is told
# What customers and staff send; anything that a browser or an office program would run is not among them.
ALLOWED = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic",),
    "image/tiff": (".tif", ".tiff"),
    "text/plain": (".txt", ".csv", ".log"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "message/rfc822": (".eml",),
}
_TEXT = ("text/plain", "message/rfc822")
_SNEAKY = re.compile(rb"<\s*(?:script|html|svg|iframe|body|!doctype)", re.IGNORECASE)
log = structlog.get_logger(__name__)


class Attachment(Base):
    """A file of a ticket; its content lies in the folder of attachments under its id."""

    __tablename__ = "ticket_attachments"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    visibility: Mapped[str]
    scan: Mapped[str]  # clean, not_scanned
    uploaded_by: Mapped[str]
    created_at: Mapped[Created]


class Infected(DomainError):
    """The scanner found something."""

    status, title = 422, "Refused file"


def content_type_of(file_name: str, content: bytes) -> str:
    """The type that the content shows; Invalid when it is none of ours, or another than the name says."""
    suffix = Path(file_name).suffix.lower()
    detected = _by_content(content, suffix)
    if detected not in ALLOWED:
        raise Invalid.field(
            "file",
            "file.type_not_accepted",
            types=sorted(_suffixes()),
        )
    if suffix not in ALLOWED[detected]:
        raise Invalid.field(
            "file", "file.content_mismatch", actual=detected, suffix=suffix or "nothing"
        )
    return detected


def _by_content(content: bytes, suffix: str) -> str:
    if not content:
        raise Invalid.field("file", "file.empty")
    claims = [kind for kind, suffixes in ALLOWED.items() if suffix in suffixes]
    if claims and claims[0] in _TEXT:
        return claims[0] if _is_text(content) else "application/octet-stream"
    try:
        kinds = {match.mime_type for match in puremagic.magic_string(content[:SEEN], suffix)}
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
    return next(
        (claim for claim in claims if claim in kinds),
        next(iter(sorted(kinds)), "application/octet-stream"),
    )


def _is_text(content: bytes) -> bool:
    try:
        content[:SEEN].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < min(len(content), SEEN) - 4:
            return False
    return b"\x00" not in content[:SEEN] and not _SNEAKY.search(content[:SEEN])


def _suffixes() -> set[str]:
    return {suffix for suffixes in ALLOWED.values() for suffix in suffixes}


def plain_name(name: str) -> str:
    """A file's name without its path and without anything a header or a shell would read."""
    base = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w .()\-]", "_", base, flags=re.UNICODE).strip(" .")[-120:] or "file"


class Scanner:
    """clamd, where one is configured; a scanner that does not answer refuses the file rather than lets it in."""

    def __init__(self, url: str | None) -> None:
        parts = urlsplit(url or "")
        self._client = (
            ClamdAsyncClient(parts.hostname, parts.port or 3310, timeout=SCAN_S)
            if parts.hostname
            else None
        )

    async def scan(self, content: bytes) -> str:
        """`clean` or `not_scanned`; Infected names what was found, Unavailable says that the scanner is away."""
        if self._client is None:
            return "not_scanned"
        try:
            answer = await asyncio.wait_for(self._client.instream(io.BytesIO(content)), SCAN_S)
            if not answer:
                raise ConnectionError("the scanner hung up before it answered")
        except (ClamdError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.warning("scanner.unavailable", reason=type(error).__name__)
            raise Unavailable("file.scan_unavailable") from error
        verdict, name = next(iter(answer.values()))
        if verdict != "OK":
            log.warning("scanner.found", name=name)
            raise Infected("file.infected")
        return "clean"


@dataclass(frozen=True)
class StoredFile:
    """A file that was checked, scanned and written under its id."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    scan: str


async def keep(
    folder: Path, scanner: Scanner, name: str, content: bytes, max_bytes: int
) -> StoredFile:
    """Check, scan and write a file; its row is committed afterwards, so that no row is ever without its content."""
    if len(content) > max_bytes:
        raise Invalid.field("file", "file.too_large", maximum=max_bytes // 1_000_000)
    kind, digest = content_type_of(name, content), hashlib.sha256(content).hexdigest()
    stored = StoredFile(
        uuid4(), plain_name(name), kind, len(content), digest, await scanner.scan(content)
    )
    await asyncio.to_thread(_write, path_of(folder, stored.id), content)
    return stored


async def attach(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    folder: Path,
    scanner: Scanner,
    *,
    name: str,
    content: bytes,
    visibility: str,
    max_bytes: int,
    now: datetime,
) -> Attachment:
    """Keep a file with a ticket."""
    count = await session.scalar(select(func.count()).where(Attachment.ticket_id == ticket.id))
    if (count or 0) >= MAX_FILES:
        raise Conflict("ticket.too_many_files", maximum=MAX_FILES)
    stored = await keep(folder, scanner, name, content, max_bytes)
    row = Attachment(
        **asdict(stored),
        ticket_id=ticket.id,
        visibility=visibility,
        uploaded_by=actor(caller),
        created_at=now,
    )
    session.add(row)
    await record_change(session, caller, ticket, "attachment", None, stored.name, None, now)
    await session.flush()
    return row


def path_of(folder: Path, attachment_id: UUID) -> Path:
    """Where a file lies."""
    return folder / attachment_id.hex[:2] / attachment_id.hex


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)


def attachments_of(caller: Caller, ticket_id: UUID) -> Select[Attachment]:
    """Files of a ticket in order; internal ones for staff only."""
    files = (
        select(Attachment)
        .where(Attachment.ticket_id == ticket_id)
        .order_by(Attachment.created_at, Attachment.id)
    )
    return (
        files.where(Attachment.visibility == "public") if isinstance(caller, Participant) else files
    )


async def load_attachment(
    session: AsyncSession, caller: Caller, ticket: Ticket, attachment_id: UUID
) -> Attachment:
    """A file of a ticket that the caller may see."""
    attachment = await session.scalar(
        attachments_of(caller, ticket.id).where(Attachment.id == attachment_id)
    )
    if attachment is None:
        raise NotFound("attachment")
    return attachment


async def remove_files(folder: Path, ids: Sequence[UUID]) -> None:
    """Delete contents whose rows are gone."""
    for attachment_id in ids:
        await asyncio.to_thread(path_of(folder, attachment_id).unlink, missing_ok=True)
