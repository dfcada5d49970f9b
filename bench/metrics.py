"""What can be counted of the code itself: `make metrics` prints it, `--before REV` beside an earlier revision.

Read from the tracked files as text and syntax tree; nothing of the product is run. Import cycles are counted between the
modules of the product and between the packages on the first level of each of its top packages.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.settings import ROOT

PRODUCT = ("core", "nlu", "knowledge_base", "actions", "assistant", "api")
LONG_LINE = 100
LONG_FUNCTION = 60
LONG_FILE = 300
COUNTED = {
    "type: ignore": re.compile(r"type: ignore"),
    "Any": re.compile(r"\bAny\b"),
    "dict[str, Any]": re.compile(r"dict\[str, Any\]"),
    "fmt: skip": re.compile(r"fmt: skip"),
}
app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Source:
    """One file of the product: its dotted module name and its text."""

    module: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def read_sources(root: Path) -> list[Source]:
    """Every Python file of the product below `root`, in order."""
    return [
        Source(
            ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"),
            path.read_text("utf-8"),
        )
        for package in PRODUCT
        for path in sorted((root / package).rglob("*.py"))
    ]


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file, also those inside others."""
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(source: Source, modules: frozenset[str]) -> set[str]:
    """The product's modules that a file imports while it is loaded."""
    targets: set[str] = set()
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Import):
            targets.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            targets.update((members & modules) or {node.module})
    return targets & modules - {source.module}


def count_cycles(edges: set[tuple[str, str]]) -> int:
    """How many groups of nodes import each other in a circle."""
    nodes = sorted({node for edge in edges for node in edge})
    if not nodes:
        return 0
    index = {node: number for number, node in enumerate(nodes)}
    rows, columns = zip(*((index[a], index[b]) for a, b in edges), strict=True)
    graph = coo_array(([1] * len(rows), (rows, columns)), shape=(len(nodes), len(nodes)))
    _, labels = connected_components(graph.tocsr(), connection="strong")
    sizes = [list(labels).count(label) for label in set(labels)]
    return sum(size > 1 for size in sizes)


def package_edges(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Imports between the second-level packages of the same top package."""
    shortened = {
        (".".join(a.split(".")[:2]), ".".join(b.split(".")[:2]))
        for a, b in edges
        if a.split(".")[0] == b.split(".")[0]
    }
    return {(a, b) for a, b in shortened if a != b and "." in a and "." in b}


def measure(root: Path) -> dict[str, str]:
    """Every figure of the tree below `root`, by name."""
    sources = read_sources(root)
    nodes = [node for source in sources for node in functions(source)]
    lengths = sorted((node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes)
    modules = frozenset(source.module for source in sources)
    edges = {(source.module, target) for source in sources for target in imports(source, modules)}
    described = sum(ast.get_docstring(node) is not None for node in nodes)
    figures = {
        "files": len(sources),
        "lines": sum(len(source.lines) for source in sources),
        "functions": len(lengths),
        "function median": lengths[len(lengths) // 2],
        "function p90": lengths[int(len(lengths) * 0.9)],
        "function max": lengths[-1],
        f"functions over {LONG_FUNCTION}": sum(length > LONG_FUNCTION for length in lengths),
        "functions described, %": round(100 * described / len(nodes)),
        **{
            name: sum(len(p.findall(source.text)) for source in sources)
            for name, p in COUNTED.items()
        },
        f"lines over {LONG_LINE}": sum(
            len(line) > LONG_LINE for source in sources for line in source.lines
        ),
        f"files over {LONG_FILE}": sum(len(source.lines) > LONG_FILE for source in sources),
        "import cycles, modules": count_cycles(edges),
        "import cycles, packages": count_cycles(package_edges(edges)),
    }
    return {name: str(value) for name, value in figures.items()}


def measure_revision(revision: str) -> dict[str, str]:
    """Every figure of an earlier revision."""
    archive = subprocess.run(
        ["git", "archive", revision, *PRODUCT], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with (
        tempfile.TemporaryDirectory() as folder,
        tarfile.open(fileobj=io.BytesIO(archive)) as files,
    ):
        files.extractall(folder, filter="data")
        return measure(Path(folder))


@app.command()
def main(
    before: Annotated[str | None, typer.Option(help="Also measure this revision.")] = None,
) -> None:
    """Print the figures of the code as it is."""
    now, then = measure(ROOT), measure_revision(before) if before else {}
    shown = Table("figure", *(["before"] if before else []), "now")
    for name, value in now.items():
        shown.add_row(escape(name), *([then[name]] if before else []), value)
    Console().print(shown)


if __name__ == "__main__":
    app()
