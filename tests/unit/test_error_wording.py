"""Every error that the sources raise is told in Chinese to who reads Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from api.wording import THINGS, reader_of, told_to
from core import errors
from core.settings import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")
RAISED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}
ELSEWHERE = {
    "Infected",
    "Unreadable",
    "TooMuch",
}  # of them, or told of a file in the lines of a job
PARTS = ("core", "actions", "assistant", "api", "knowledge_base")


def sentences(node: ast.expr | None) -> Iterator[str]:
    """The sentences that an expression may be, with a value in each place for one."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "xyz" for v in values)
        case ast.IfExp(body=body, orelse=other):
            yield from (*sentences(body), *sentences(other))


def raised() -> Iterator[tuple[str, str]]:
    """Where an error is made, and what it says."""
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                match node.func:
                    case ast.Name(id=name) if name in RAISED | ELSEWHERE:
                        said = node.args[0] if node.args else None
                    case ast.Attribute(value=ast.Name(id="Invalid" as name), attr="field"):
                        said = node.args[1] if len(node.args) > 1 else None
                    case _:
                        continue
                for text in sentences(said):
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield where, errors.NotFound(text).detail if name == "NotFound" else text


def test_every_error_has_its_line_in_chinese() -> None:
    found = list(raised())
    assert len(found) > 200  # the sources were read
    assert [one for one in found if not HAN.search(told_to("zh-CN", one[1]))] == []


@pytest.mark.parametrize(
    "error",
    [
        errors.PreconditionFailed(3),
        errors.RateLimited(20),
        errors.VersionRequired(),
        errors.NotAuthenticated(),
    ],
)
def test_errors_with_words_of_their_own_are_told_too(error: errors.DomainError) -> None:
    told = told_to("zh", error.detail)
    assert HAN.search(told)
    assert re.findall(r"\d+", told) == re.findall(r"\d+", error.detail)


def test_a_thing_that_is_not_found_is_named() -> None:
    assert (
        told_to("zh", errors.NotFound("ticket").detail) == f"没有您可以查看的{THINGS['ticket']}。"
    )
    assert (
        told_to("en-GB", errors.NotFound("ticket").detail)
        == "There is no such ticket that you may see."
    )


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,zh;q=0.5", "zh"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_reader_is_known_by_the_header(accepted: str | None, language: str) -> None:
    assert reader_of(accepted) == language
