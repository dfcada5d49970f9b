"""The message catalogues beside the sources: `make locale` brings them up to date and writes docs/problem-codes.md.

A code that the sources use is added to each catalogue, empty, for a person to word; the entries are kept in order. With
`--check` nothing is written: it fails while a wording is missing or differs in its placeholders, or the page is out of date.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bench.report import table
from core import errors
from core.catalogue import catalogue_path, read_catalogue
from core.languages import LANGUAGES, Language
from core.settings import ROOT

PAGE = ROOT / "docs" / "problem-codes.md"
PARTS = ("core", "actions", "assistant", "api", "knowledge_base")
WIDTH = 100
# Errors with a status, by name; and whatever else takes a code first.
STATUSES: dict[str, int] = {
    name: kind.status
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}
CODED = {
    *STATUSES,
    *("CodedError", "InvalidValue", "LocalizedText", "Infected", "NotAnswered", "NotFetched"),
    *("TooMuch", "Unreadable"),
}
INTRODUCTION = """# Problem codes

Every refusal is a problem document (RFC 9457) whose `code` stays when its wording changes; `errors` names fields, each with a
code of its own. Codes that begin with `validation.` are pydantic's error types. Written by `make locale` from the sources
and the catalogues.
"""


@dataclass(frozen=True)
class Use:
    """Where a code stands in the sources; `params` is None where they are not written out."""

    place: str
    error: str
    code: str
    params: frozenset[str] | None


def literals(node: ast.expr | None) -> Iterator[str]:
    """The codes that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from (*literals(body), *literals(other))


def uses() -> Iterator[Use]:
    """Every code that is written out in the sources."""
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    for error, code in _codes(node):
                        yield Use(place, error, code, _params(node))


def _codes(node: ast.Call) -> Iterator[tuple[str, str]]:
    match node.func:
        case ast.Name(id="NotFound"):
            yield from (("thing", f"thing.{thing}") for thing in literals(node.args[0]))
        case ast.Name(id=name) if name in CODED and node.args:
            yield from ((name, code) for code in literals(node.args[0]))
        case ast.Attribute(value=ast.Name(id="Invalid"), attr="field") if len(node.args) > 1:
            yield from (("Invalid", code) for code in literals(node.args[1]))
        case ast.Name(id="_no") if node.args:
            yield from (("Exclusion", code) for code in literals(node.args[0]))


def _params(node: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in node.keywords if keyword.arg != "errors"]
    return None if None in names else frozenset(name for name in names if name)


def placeholders(wording: str) -> set[str]:
    """The parameters that a wording shows."""
    return {field for _, field, _, _ in Formatter().parse(wording) if field}


def wordings(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """The forms of each entry by its code."""
    forms = {}
    for message in catalogue:
        code = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string
        if code:
            forms[code] = (text,) if isinstance(text, str) else tuple(text or ("",))
    return forms


def faults() -> list[str]:
    """What is missing or differs between the sources and the catalogues of all languages."""
    worded = {language: wordings(read_catalogue(language)) for language in LANGUAGES}
    codes = {use.code: use.place for use in uses()} | {
        code: f"the catalogue `{language}`" for language in LANGUAGES for code in worded[language]
    }
    return [
        *(
            f"{code} ({place}) has no wording in `{language}`"
            for code, place in sorted(codes.items())
            for language in LANGUAGES
            if not all(worded[language].get(code, ("",)))
        ),
        *(f"{code} has other placeholders in `{language}`" for code, language in _uneven(worded)),
        *(
            f"the entries of `{language}` are out of order: run make locale"
            for language in LANGUAGES
            if as_file(read_catalogue(language)) != catalogue_path(language).read_bytes()
        ),
    ]


def _uneven(worded: dict[Language, dict[str, tuple[str, ...]]]) -> Iterator[tuple[str, Language]]:
    for language, entries in worded.items():
        for code, forms in entries.items():
            # The number that chose the form need not be shown in each.
            shown = {field for form in forms for field in placeholders(form)} - {"count"}
            first = worded["en"].get(code, ())
            if shown != {field for form in first for field in placeholders(form)} - {"count"}:
                yield code, language


def as_file(catalogue: Catalog) -> bytes:
    """A catalogue as it is stored."""
    content = BytesIO()
    write_po(content, catalogue, width=WIDTH, sort_output=True)
    return content.getvalue()


def page() -> str:
    """docs/problem-codes.md."""
    worded = {language: wordings(read_catalogue(language)) for language in LANGUAGES}
    statuses: dict[str, set[int]] = {"not_found": {404}}
    for use in uses():
        if use.error in STATUSES:
            statuses.setdefault(use.code, set()).add(STATUSES[use.error])
    for code in _own_codes():
        statuses.setdefault(code, set())
    problems = [
        [f"`{code}`", ", ".join(map(str, sorted(status))) or "-", *_shown(code, worded)]
        for code, status in sorted(statuses.items())
    ]
    validation = sorted(code for code in worded["en"] if code.startswith("validation."))
    fields = sorted({use.code for use in uses() if use.error == "InvalidValue"} | {*validation})
    return "\n".join(
        [
            INTRODUCTION,
            "## Problems\n",
            table(["Code", "Status", "English", "中文"], problems),
            "\n## Fields\n",
            table(["Code", "English", "中文"], [[f"`{c}`", *_shown(c, worded)] for c in fields]),
            "",
        ]
    )


def _own_codes() -> list[str]:
    """Codes of problems that are not raised by their name: of the edge of the service."""
    return sorted({use.code for use in uses() if use.place.startswith("api/problems.py")})


def _shown(code: str, worded: dict[Language, dict[str, tuple[str, ...]]]) -> list[str]:
    return [worded[language].get(code, ("",))[-1].replace("|", "\\|") for language in LANGUAGES]


def update() -> None:
    """Add what the sources use to each catalogue, and write the page."""
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        for code in {use.code for use in uses()} - set(wordings(catalogue)):
            catalogue.add(code, "")
        catalogue_path(language).write_bytes(as_file(catalogue))
    PAGE.write_text(page(), encoding="utf-8")


def main(*arguments: str) -> int:
    """What is wrong, a line each; 1 when anything is."""
    if "--check" not in arguments:
        update()
    found = faults()
    if PAGE.read_text(encoding="utf-8") != page():
        found.append(f"{PAGE.relative_to(ROOT)} is out of date: run make locale")
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
