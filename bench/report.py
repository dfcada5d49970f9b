"""Measured tables in docs/measurements.md: each script writes the part between its own two marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.settings import ROOT

PAGE = ROOT / "docs" / "measurements.md"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def write_section(name: str, text: str) -> None:
    """Replace what stands between the marks of a section; ValueError when the page has no such marks."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    page = PAGE.read_text(encoding="utf-8")
    if start not in page or end not in page:
        raise ValueError(f"{PAGE.name} has no section {name}")
    made = re.sub(
        f"{re.escape(start)}.*?{re.escape(end)}",
        lambda _: f"{start}\n{text.strip()}\n{end}",
        page,
        flags=re.DOTALL,
    )
    PAGE.write_text(made, encoding="utf-8")
