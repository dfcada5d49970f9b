"""The virus scanner, over clamd's own protocol: INSTREAM with chunks that say how long they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from actions.tickets.attachments import Infected, Scanner
from core.errors import Unavailable

VIRUS = b"X5O!P%@AP"  # the beginning of what every scanner knows by the name of EICAR


class Clamd:
    """A server that speaks clamd's protocol and knows one virus; `gone` hangs up before it answers."""

    def __init__(self) -> None:
        self.gone = False
        self.scanned: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"nINSTREAM\n"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        self.scanned.append(content)
        if not self.gone:
            writer.write(
                b"stream: Eicar-Signature FOUND\n" if VIRUS in content else b"stream: OK\n"
            )
        writer.close()


@pytest.fixture
async def clamd() -> AsyncIterator[Clamd]:
    made = Clamd()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def test_what_is_clean_passes_and_what_is_found_is_refused(clamd: Clamd) -> None:
    scanner = Scanner(f"tcp://127.0.0.1:{clamd.port}")
    content = b"a receipt " * 20_000
    assert await scanner.scan(content) == "clean"
    assert clamd.scanned == [content]
    with pytest.raises(Infected):
        await scanner.scan(b"hello " + VIRUS)


async def test_a_scanner_that_is_away_lets_nothing_in(clamd: Clamd) -> None:
    clamd.gone = True
    with pytest.raises(Unavailable):
        await Scanner(f"tcp://127.0.0.1:{clamd.port}").scan(b"a receipt")
    with pytest.raises(Unavailable):
        await Scanner("tcp://127.0.0.1:1").scan(b"a receipt")


async def test_without_a_scanner_a_file_is_kept_as_not_scanned() -> None:
    assert await Scanner(None).scan(VIRUS) == "not_scanned"
