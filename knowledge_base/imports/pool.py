"""The process that reads files, with limits of time and memory; one that hangs or dies is replaced.

What comes back from it is JSON, checked like a request: a parser that a file has taken over can lie, but not act.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from types import TracebackType
from typing import Any

from pydantic import TypeAdapter

from core.localized_text import LocalizedText
from core.settings import ROOT
from knowledge_base.imports.reading import Document, Unreadable

READ_S = 30.0
MAX_ANSWER = 256_000_000  # bytes of text of one file
_documents = TypeAdapter(list[Document])


class ReadingPool:
    """Reads files one at a time outside this process; use as an asynchronous context manager."""

    def __init__(self, read_s: float = READ_S) -> None:
        self._read_s = read_s
        self._process: Process | None = None

    async def __aenter__(self) -> ReadingPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def read(self, name: str, content: bytes) -> list[Document]:
        """The documents of a file; Unreadable says why there are none."""
        try:
            async with asyncio.timeout(self._read_s):
                answer = await self._ask(name, content)
        except TimeoutError as error:
            await self._end()
            raise Unreadable("file.reading_too_long", count=round(self._read_s)) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self._end()
            raise Unreadable("file.reading_crashed") from error
        if "problem" in answer:
            raise Unreadable(LocalizedText.from_json(answer["problem"]))
        return _documents.validate_python(answer["documents"])

    async def _ask(self, name: str, content: bytes) -> dict[str, Any]:
        process = self._process or await self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018, S101  (both are pipes)
        head = json.dumps({"name": name, "size": len(content)}).encode()
        process.stdin.write(head + b"\n" + content)
        await process.stdin.drain()
        size = int(await process.stdout.readuntil(b"\n"))
        if size > MAX_ANSWER:
            raise ConnectionError
        answer: dict[str, object] = json.loads(await process.stdout.readexactly(size))
        return answer

    async def _start(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-IB",
            "-c",
            _CHILD,
            str(ROOT),
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONUTF8": "1"},
            cwd="/",
        )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from knowledge_base.imports.child import serve; serve()"
