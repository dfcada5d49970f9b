"""The contract as a file: `python -m api.description FILE` writes the OpenAPI description without starting anything.

The pages' types are generated from it when they are built. A file that says the same is left as it is, so that nothing is
built again for nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.app import CALLED, include_routers


def description() -> dict[str, Any]:
    """The description of every route, as /openapi.json gives it."""
    described = include_routers(FastAPI(**CALLED))
    return described.openapi()


def write(path: Path) -> None:
    """Keep the description in a file."""
    text = json.dumps(description(), ensure_ascii=False, indent=1)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
