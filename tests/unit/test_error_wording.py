"""Every error that the sources raise has a code, which the catalogues word in both languages with the same placeholders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from core import errors
from core.catalogue import has_message, negotiate, template
from core.languages import LANGUAGES
from core.localized_text import LocalizedText, term, translate
from core.settings import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")
PARTS = ("core", "actions", "assistant", "api", "knowledge_base")
# Classes whose first argument, and functions whose first two, hold a code.
CODED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.CodedError | errors.InvalidValue)
} | {"LocalizedText", "Infected", "NotAnswered", "NotFetched", "TooMuch", "Unreadable"}
# Types of pydantic that say something about Python's objects, which no request holds.
NOT_IN_REQUESTS = re.compile(
    "argument|instance|needs_python|recursion|attribute|callable|subclass|complex|sub_type|iteration"
    "|not_called|dataclass_exact|sentinel|not_ascii|not_hashable|timezone_offset"
)


def literals(node: ast.expr | None) -> Iterator[str]:
    """The codes that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from (*literals(body), *literals(other))


def uses() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Where a code stands in the sources, and the parameters beside it; None where they are not written out."""
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    for code in _codes(node):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", code, _params(node)


def _codes(node: ast.Call) -> Iterator[str]:
    match node.func:
        case ast.Name(id="NotFound"):
            yield from (f"thing.{thing}" for thing in literals(node.args[0]))
        case ast.Name(id=name) if name in CODED and node.args:
            yield from literals(node.args[0])
        case ast.Attribute(value=ast.Name(id="Invalid"), attr="field") if len(node.args) > 1:
            yield from literals(node.args[1])


def _params(node: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in node.keywords if keyword.arg != "errors"]
    return None if None in names else frozenset(name for name in names if name)


def placeholders(wording: str) -> set[str]:
    """The parameters that a wording shows."""
    return {field for _, field, _, _ in Formatter().parse(wording) if field}


def test_every_code_in_the_sources_is_worded_in_both_languages() -> None:
    found = list(uses())
    assert len(found) > 250  # the sources were read
    unworded = [
        (where, code, language)
        for where, code, _ in found
        for language in LANGUAGES
        if not has_message(code, language)
    ]
    assert unworded == []


def test_every_use_of_a_code_gives_the_parameters_of_its_wording() -> None:
    wrong = [
        (where, code, set(params) ^ placeholders(template(code, "en") or ""))
        for where, code, params in uses()
        if params is not None
        and not code.startswith("thing.")
        and params - {"count"} != placeholders(template(code, "en") or "") - {"count"}
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_what_pydantic_finds_in_a_request_has_a_wording(kind: str) -> None:
    assert NOT_IN_REQUESTS.search(kind) or has_message(f"validation.{kind}", "zh")


@pytest.mark.parametrize(
    "error",
    [
        errors.PreconditionFailed(3),
        errors.RateLimited(20),
        errors.VersionRequired(),
        errors.NotAuthenticated(),
    ],
)
def test_errors_with_words_of_their_own_are_translated_too(error: errors.DomainError) -> None:
    chinese = translate(error.text, "zh")
    assert HAN.search(chinese)
    assert re.findall(r"\d+", chinese) == re.findall(r"\d+", error.detail)


def test_a_thing_that_is_not_found_is_named() -> None:
    text = errors.NotFound("ticket").text
    assert translate(text, "zh") == "没有您可以查看的工单。"
    assert translate(text, "en") == "There is no such ticket that you may see."


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,zh;q=0.5", "zh"),
        ("en;q=0.3, zh-Hans-CN;q=0.8", "zh"),
        ("zh;q=0, en", "en"),
        ("zh;q=often, en", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_reader_is_known_by_the_header(accepted: str | None, language: str) -> None:
    assert negotiate(accepted) == language


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (
            LocalizedText("rate_limited", count=1),
            "Too many requests: try again in 1 second.",
            "请求过于频繁，请在 1 秒后重试。",
        ),
        (
            LocalizedText("rate_limited", count=1200),
            "Too many requests: try again in 1,200 seconds.",
            "请求过于频繁，请在 1,200 秒后重试。",
        ),
        (
            LocalizedText(
                "step.not_possible",
                thing=term("thing", "ticket"),
                current=term("ticket_state", "closed"),
                target=term("ticket_state", "new"),
                possible=[term("ticket_state", "open"), term("ticket_state", "resolved")],
            ),
            "A ticket that is closed cannot become new; possible: open, resolved.",
            "工单当前为“已关闭”，不能变为“新建”；可变为：处理中、已解决。",
        ),
        (
            LocalizedText(
                "answer.date_range",
                minimum=date(2026, 11, 27),
                maximum=datetime(2026, 12, 1, 9, 5, tzinfo=UTC),
            ),
            "The day must lie between 27 Nov 2026 and 1 Dec 2026 09:05.",
            "日期须在 2026年11月27日 至 2026年12月1日 09:05 之间。",
        ),
        (
            LocalizedText.free("Her own words: 100 %"),
            "Her own words: 100 %",
            "Her own words: 100 %",
        ),
    ],
)
def test_parameters_are_shown_as_the_reader_expects_and_survive_storage(
    text: LocalizedText, en: str, zh: str
) -> None:
    assert (translate(text, "en"), translate(text, "zh")) == (en, zh)
    stored = LocalizedText.from_json(text.as_json())
    assert stored == text
    assert translate(stored, "zh") == zh


def test_a_retired_code_is_read_in_the_english_that_was_stored() -> None:
    stored = LocalizedText.from_json(
        {"code": "retired.code", "params": {"share": {"decimal": "0.30"}}, "en": "It was 0.30."}
    )
    assert translate(stored, "zh") == "It was 0.30."
    assert stored.params == {"share": Decimal("0.30")}
