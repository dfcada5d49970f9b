"""The other side of the reading process: answers each file on standard input with a line of JSON on standard output."""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from datetime import date

from knowledge_base.imports.reading import Unreadable, read_file

MAX_MEMORY = 2 << 30  # bytes of address space
MAX_WRITTEN = 0  # bytes of any file


def serve() -> None:
    """Read files until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_WRITTEN, MAX_WRITTEN))
    while head := sys.stdin.buffer.readline():
        request = json.loads(head)
        answer = json.dumps(
            _answer(request["name"], sys.stdin.buffer.read(request["size"])), default=_plain
        ).encode()
        answers.write(b"%d\n%s" % (len(answer), answer))
        answers.flush()


def _answer(name: str, content: bytes) -> dict[str, object]:
    try:
        return {"documents": [asdict(document) for document in read_file(name, content)]}
    except Unreadable as problem:
        return {"problem": problem.text.as_json()}


def _plain(value: object) -> str:
    """Dates of front matter as text."""
    return value.isoformat() if isinstance(value, date) else str(value)
