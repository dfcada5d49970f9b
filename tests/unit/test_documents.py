"""What the documents say about the repository: paths, links, commands, routes and settings that are named there exist."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from api.app import create_app
from api.cli import app as command_line
from core.secrets import Secrets
from core.settings import ROOT, Settings

README_LINES = 150
# The changelog tells of what is no more, the notices of other people's files.
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if path.name not in ("CHANGELOG.md", "third-party-notices.md")
)
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir())
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*")
# What is built, and audiences of tokens, which look like paths.
_NO_FILE = re.compile(
    r"var/|\.venv|web/(dist|contract\.json|node_modules)|assistant/(identity|staff)$"
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ROUTE = re.compile(r"/v1/[\w$/{}-]*[\w}]")
_MAKE = re.compile(r"(?:^|`|    |=\S+ )make ([a-z][a-z-]*)", re.MULTILINE)
_ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (.+?) \|", re.MULTILINE)
ROUTES = [
    path
    for path in create_app(SimpleNamespace(settings=Settings())).openapi()["paths"]
    if path.startswith("/v1/")
]

documents = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def paths_in(text: str) -> Iterator[str]:
    """Paths of the repository that stand in backquotes."""
    for span in _SPAN.findall(text):
        if _PATH.fullmatch(span) and not _NO_FILE.match(span):
            yield span


@documents
def test_paths_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [path for path in paths_in(text) if not (ROOT / path).exists()] == []


def test_a_path_that_is_not_there_is_noticed() -> None:
    assert list(paths_in("see `core/settings.py`, `core/nowhere.py`, `var/demo.json`")) == [
        "core/settings.py",
        "core/nowhere.py",
    ]


def anchors(document: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@documents
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        if link.startswith(("http:", "https:")):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def fits(route: str, template: str) -> bool:
    """Whether a path as somebody writes it is one of a route with parameters."""
    written, described = route.split("/"), template.split("/")
    return len(written) == len(described) and all(
        part == name or name.startswith("{") for part, name in zip(written, described, strict=True)
    )


@documents
def test_routes_exist(document: Path) -> None:
    named = set(_ROUTE.findall(document.read_text(encoding="utf-8")))
    assert [route for route in sorted(named) if not any(fits(route, path) for path in ROUTES)] == []


def commands() -> set[str]:
    """Commands of `assistant`, those of groups with the group's name before them."""
    click = typer.main.get_command(command_line)
    names = set()
    for name, command in click.commands.items():
        inner = getattr(command, "commands", None)
        names |= {f"{name} {part}" for part in inner} if inner else {name}
    return names


@documents
def test_commands_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    spans = [*_SPAN.findall(text), *re.findall(r"^(?: {4})?(\S*assistant .+)$", text, re.MULTILINE)]
    named = {
        match[1]
        for span in spans
        if (match := re.match(r"(?:\S*/)?assistant ((?:[a-z]+ ?)+)", span))
    }
    known = commands()
    unknown = [
        words for words in named if not {words.split()[0], " ".join(words.split()[:2])} & known
    ]
    assert unknown == []


@documents
def test_make_targets_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = set(_MAKE.findall(document.read_text(encoding="utf-8")))
    assert named - targets == set()


def default_of(name: str) -> str:
    """How the default of a setting is written in the table."""
    if name.removesuffix("_secret") in {secret.name for secret in fields(Secrets)}:
        return "made at first start"
    field = Settings.model_fields[name]
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    assert value is not PydanticUndefined
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT)}`"
    if isinstance(value, str | SecretStr):
        return f"`{value}`" if value else "empty"
    return f"`{json.dumps(value)}`"


def test_the_table_of_settings_is_complete_and_says_the_defaults() -> None:
    text = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    table = dict(_ROW.findall(text))
    assert table == {name.upper(): default_of(name) for name in Settings.model_fields}


def test_the_readme_names_settings_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = [name for name, _ in _ROW.findall(text)]
    assert len(named) == 10
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= README_LINES


def glossary() -> list[list[str]]:
    """Rows of the glossary: term, Chinese, meaning, module."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in cells if row[0] != "term"]


def test_the_glossary_says_each_term_once_in_both_languages_with_its_module() -> None:
    rows = glossary()
    assert len(rows) > 100
    assert [row for row in rows if len(row) != 4] == []
    terms = [row[0].lower() for row in rows]
    assert [term for term in sorted(set(terms)) if terms.count(term) > 1] == []
    assert [row for row in rows if not re.search(r"[\u4e00-\u9fff]", row[1])] == []
    assert [row for row in rows if not (ROOT / row[3].strip("`")).is_file()] == []


def test_the_architecture_says_the_order_that_is_enforced() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    orders = [
        " <- ".join(layer.replace(" | ", ", ") for layer in reversed(contract["layers"]))
        for contract in configuration["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract.get("containers", ["actions"]) == ["actions"]
    ]
    assert orders
    assert [order for order in orders if f"    {order}\n" not in text] == []


def test_the_architecture_names_every_package_and_router() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = ("actions/*/__init__.py", "actions/tickets/*/__init__.py", "api/routers/[!_]*.py")
    named = [
        str(path.relative_to(ROOT)).removesuffix("__init__.py")
        for pattern in files
        for path in ROOT.glob(pattern)
    ]
    assert named
    assert [name for name in sorted(named) if f"`{name}" not in text] == []


def test_the_changelog_has_a_section_for_the_version_and_one_for_what_comes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert version in headings[1:]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", heading) for heading in headings[1:])
