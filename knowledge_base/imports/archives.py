"""Archives: their files with names, one after the other, within limits of number, size, ratio and nesting."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.errors import CodedError
from core.localized_text import LocalizedText

MAX_FILES = 5_000
MAX_FILE = 50_000_000  # bytes of one file, unpacked
MAX_TOGETHER = 500_000_000  # bytes of all, unpacked
MAX_RATIO = 200
MAX_NESTED = 2  # archives in archives
_CHUNK = 1 << 20
_UTF8_NAME = 0x800  # flag of the zip format


@dataclass(frozen=True)
class File:
    """A file to import; without content when `problem` says why it cannot be."""

    name: str
    content: bytes
    problem: LocalizedText | None = None


class TooMuch(CodedError):
    """The archive as a whole goes over a limit."""


def files_in(name: str, content: bytes, depth: int = 0) -> Iterator[File]:
    """The file itself, or those of an archive under `archive/path`; TooMuch when all together are too much."""
    if not name.lower().endswith(".zip"):
        yield File(name, content)
        return
    if depth >= MAX_NESTED:
        yield File(name, b"", LocalizedText("archive.nested_too_deeply", maximum=MAX_NESTED))
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield File(name, b"", LocalizedText("archive.not_an_archive"))
        return
    with archive:
        yield from _members(name, archive, depth)


def _members(name: str, archive: zipfile.ZipFile, depth: int) -> Iterator[File]:
    members = [m for m in archive.infolist() if not m.is_dir() and not _is_hidden(m.filename)]
    if len(members) > MAX_FILES:
        raise TooMuch("archive.too_many_files", count=len(members), maximum=MAX_FILES)
    together = 0
    for member in members:
        label = f"{name}/{_name_of(member)}"
        try:
            unpacked = _unpacked(archive, member)
        # RuntimeError is zipfile's word for a password, NotImplementedError for a compression that it does not know.
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
            locked = member.flag_bits & 1
            yield File(
                label,
                b"",
                LocalizedText("archive.file_locked")
                if locked
                else LocalizedText("archive.file_damaged", error=type(error).__name__),
            )
            continue
        if unpacked is None:
            yield File(label, b"", LocalizedText("archive.file_too_large"))
            continue
        together += len(unpacked)
        if together > MAX_TOGETHER:
            raise TooMuch("archive.too_large", maximum=MAX_TOGETHER // 1_000_000)
        yield from files_in(label, unpacked, depth + 1)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    """Content, None when it is over the limits, whatever its head says."""
    limit = min(MAX_FILE, MAX_RATIO * max(member.compress_size, 1_000))
    content = bytearray()
    with archive.open(member) as file:
        while part := file.read(_CHUNK):
            content += part
            if len(content) > limit:
                return None
    return bytes(content)


def _name_of(member: zipfile.ZipInfo) -> str:
    """The path without what would lead out of the archive; names of old Chinese tools are GB18030."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return "/".join(
        part
        for part in PurePosixPath(name.replace("\\", "/")).parts
        if part not in ("..", "/", ".")
    )


def _is_hidden(name: str) -> bool:
    return "__MACOSX" in name or PurePosixPath(name).name.startswith(".")
