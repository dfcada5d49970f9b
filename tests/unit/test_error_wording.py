"""Every error that the sources raise has a code, which the catalogues word in both languages with the same placeholders."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from bench.catalogues import PAGE, faults, page, placeholders, uses
from core import errors
from core.catalogue import has_message, negotiate, template
from core.localized_text import LocalizedText, term, translate

HAN = re.compile(r"[\u4e00-\u9fff]")
# Types of pydantic that say something about Python's objects, which no request holds.
NOT_IN_REQUESTS = re.compile(
    "argument|instance|needs_python|recursion|attribute|callable|subclass|complex|sub_type|iteration"
    "|not_called|dataclass_exact|sentinel|not_ascii|not_hashable|timezone_offset"
)


def test_the_catalogues_word_every_code_of_the_sources_alike_in_both_languages() -> None:
    assert len(list(uses())) > 300  # the sources were read
    assert faults() == []


def test_every_use_of_a_code_gives_the_parameters_of_its_wording() -> None:
    wrong = [
        (use.place, use.code, set(use.params) ^ placeholders(template(use.code, "en") or ""))
        for use in uses()
        if use.params is not None
        and use.error not in ("thing", "Exclusion")
        and use.params - {"count"} != placeholders(template(use.code, "en") or "") - {"count"}
    ]
    assert wrong == []


def test_the_page_of_problem_codes_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


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
