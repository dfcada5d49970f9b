"""Reasons, steps and formulas are codes with parameters; what was stored in English before is read once, by the migration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from actions.compliance.checks import CHECK_RULES
from actions.customers.insights import Figures, each_score, scores
from actions.name_matching.comparison import EntityType, compare
from actions.tickets.history import step_text, with_names
from actions.tickets.routing.classifier import Guess
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.signals import SIGNALS, Sign
from actions.tickets.ticket_config.contents import RuleContent
from core.embedded import embedded_server
from core.localized_text import (
    LocalizedText,
    for_reader,
    sentences,
    set_reader_language,
    term,
    translate,
    words_in,
)
from core.schema import migrate, migrate_down

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES: list[tuple[str, str, EntityType]] = [
    ("Viktor Petrenko", "Petrenko, Wiktor", "person"),
    ("J Smith", "John Smyth", "person"),
    ("李明", "黎明", "person"),
    ("Li Ming", "李明", "person"),
    ("Bill Gates", "William Gates", "person"),
    ("Ann Lee", "Otto Braun", "person"),
    ("Meridian Shipping GmbH", "Meridian Shipping Ltd", "organisation"),
    ("Ana Maria Lopez", "Anamaria Lopez", "person"),
    ("Nordic Bank", "Nordic Banking Corporation", "organisation"),
    ("Aleksandr Gorbachov", "Aleksander Gorbatschow", "person"),
]


def of_checks() -> Iterator[LocalizedText]:
    matches: list[list[dict[str, Any]]] = [
        [],
        [{"score": 0.9, "list": "pep", "birth_date_fits": False}],
        [{"score": 1.0, "list": "sanctions", "birth_date_fits": True}],
    ]
    gates: list[dict[str, Any]] = [
        {},
        {
            "unsuitable_rule": "suitability.risk",
            "unsuitable_reason": LocalizedText("suitability.risk", risk=5, level=1).as_json(),
        },
    ]
    for state, yes, hits, gate, amount in product(
        ("verified", "rejected"), (True, False), matches, gates, ("1", "99999")
    ):
        facts = {
            "kyc_state": state,
            "kyc_valid": yes,
            "watchlist_matches": hits,
            "open_alerts": int(yes),
            "marketing_consent": yes,
            "amount": amount,
            **gate,
        }
        yield from (rule.judge(facts)[1] for rule in CHECK_RULES)


def of_routing() -> Iterator[LocalizedText]:
    sure = Guess("question", 0.9, [("cards", 0.8), ("general", 0.1)])
    rule = RuleContent.model_validate(
        {
            "id": "fraud",
            "when": {"words": {"en": "stolen", "zh": "被盗"}},
            "then": {"queue": "fraud"},
        }
    )
    for facts in (
        Facts("a", kind="complaint", queue="cards", priority="urgent"),
        Facts("a"),
        Facts("a stolen card"),
        *(Facts("a", signs=[Sign(signal, "You: bad, the worst")]) for signal in SIGNALS),
    ):
        for guess in (sure, None):
            yield from route(facts, [rule], 3, guess=guess).reasons


def of_portraits() -> Iterator[LocalizedText]:
    for may in (True, False):
        made = scores(
            Figures(born=date(1980, 1, 1), monthly_income=Decimal(1), may_profile=may),
            date(2026, 6, 1),
        )
        yield from (score.formula for _, score in each_score(made))


def texts() -> list[LocalizedText]:
    """One of each text that a rule makes."""
    names = [reason for one, other, kind in NAMES for reason in compare(one, other, kind).reasons]
    return sorted({*of_checks(), *of_routing(), *of_portraits(), *names}, key=str)


@pytest.mark.parametrize("text", texts(), ids=str)
def test_what_a_rule_says_is_worded_in_chinese_with_its_values(text: LocalizedText) -> None:
    chinese = translate(text, "zh")
    assert HAN.search(chinese)
    # A formula names its days in another order.
    assert re.findall(r"\d+", chinese) == re.findall(r"\d+", text.en) or "90" in text.en
    assert LocalizedText.from_json(json.loads(json.dumps(text.as_json()))) == text


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (
            Sign("anger", "You: bad, the worst").reason,
            "sign of anger: “You: bad, the worst”",
            "愤怒迹象：“You: bad, the worst”",
        ),
        (step_text("state", "new", "open"), "state: new → open", "状态：新建 → 处理中"),
        (step_text("comment", None, "public"), "comment: public", "留言：公开"),
        (
            step_text("priority", "normal", "urgent"),
            "priority: normal → urgent",
            "优先级：普通 → 紧急",
        ),
        (
            step_text("subject", "Card: new, or old", "Card"),
            "subject: Card: new, or old → Card",
            "主题：Card: new, or old → Card",
        ),
        (step_text("subject", None, "open"), "subject: open", "主题：open"),
        (step_text("erased", None, None), "erased", "已清除"),
        (
            with_names(step_text("assignee", "id-1", "id-2"), {"id-2": "Eva Braun"}),
            "assignee: id-1 → Eva Braun",
            "负责人：id-1 → Eva Braun",
        ),
        (
            sentences([LocalizedText("check.no_alerts"), LocalizedText("check.kyc_rejected")]),
            "There are no open alerts. The identity check was rejected.",
            "没有未处理的预警。身份核查未通过。",
        ),
    ],
    ids=str,
)
def test_names_of_ours_are_translated_and_what_was_written_stays(
    text: LocalizedText, en: str, zh: str
) -> None:
    assert (translate(text, "en"), translate(text, "zh")) == (en, zh)


def test_stored_json_is_worded_for_the_reader_wherever_a_text_stands_in_it() -> None:
    stored = {
        "reasons": [LocalizedText("check.no_alerts").as_json(), "same"],
        "score": {"formula": LocalizedText.free("her own words").as_json(), "en": "x", "value": 1},
    }
    set_reader_language("zh")
    try:
        assert words_in(stored) == {
            "reasons": ["没有未处理的预警。", "same"],
            "score": {"formula": "her own words", "en": "x", "value": 1},
        }
        assert for_reader(term("queue", "cards")) == "银行卡"
    finally:
        set_reader_language("en")


def test_what_checks_said_before_is_what_they_say_when_they_are_replayed() -> None:
    migration = import_module("migrations.versions.0030_localized_texts")
    # Of one entry the plural was said; a reason about a product holds another.
    said = {
        text
        for text in of_checks()
        if text.code != "check.unsuitable" and text.params.get("count") != 1
    }
    assert {LocalizedText.from_json(migration.read_check(text.en)) for text in said} == said


BEFORE = "0024"
# What these rows belong to is not what is tried here.
LONE_ROWS = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
"""
# Table, column, what stood there, and what a Chinese reader reads of it after the migration.
STORED: list[tuple[str, str, Any, Any]] = [
    ("ticket_changes", "reason", "the clock has run out: first response", "已超时：首次响应"),
    ("ticket_changes", "reason", "letter: final", "信函：最终答复"),
    ("ticket_changes", "reason", "answered with T-100234", "随 T-100234 一并答复"),
    ("ticket_changes", "reason", "He: will call {back}", "He: will call {back}"),
    ("ticket_changes", "reason", None, None),
    ("notices", "text", "queue: general → cards", "队列：综合服务 → 银行卡"),
    ("notices", "text", "subject: Card: a, or b → Card", "主题：Card: a, or b → Card"),
    ("notices", "text", "erased", "已清除"),
    ("notices", "text", "the clock runs out soon: final", "时限即将到期：最终答复"),
    (
        "job_lines",
        "reason",
        "The PDF has 900 pages; at most 500 are read: split it.",
        "PDF 有 900 页，最多读取 500 页，请拆分。",
    ),
    (
        "job_lines",
        "reason",
        "title: String should have at most 200 characters.",
        "title: String should have at most 200 characters.",
    ),
    ("jobs", "error", "The host a.example cannot be found.", "找不到主机 a.example。"),
    (
        "compliance_decisions",
        "rules",
        [
            {
                "id": "a",
                "version": 1,
                "outcome": "review",
                "reason": "3 watchlist entries resemble the name.",
            },
            {
                "id": "b",
                "version": 1,
                "outcome": "block",
                "reason": "suitability.horizon: The money is bound for 24 months, longer than planned.",
            },
        ],
        [
            {
                "id": "a",
                "version": 1,
                "outcome": "review",
                "reason": "有 3 个名单条目与该姓名相近。",
            },
            {
                "id": "b",
                "version": 1,
                "outcome": "block",
                "reason": "suitability.horizon：资金需锁定 24 个月，超过您的计划期限。",
            },
        ],
    ),
    (
        "compliance_decisions",
        "facts",
        {"amount": "5", "unsuitable_reason": "The minimum is 1,000.00."},
        {"amount": "5", "unsuitable_reason": "起点金额为 1,000.00。"},
    ),
    (
        "alerts",
        "evidence",
        {"score": 0.9, "reasons": ["viktor is spelt like wiktor (0.83)", "the birth date fits"]},
        {"score": 0.9, "reasons": ["viktor 与 wiktor 拼写相近（0.83）", "出生日期相符"]},
    ),
    ("alerts", "evidence", {"rule": "structuring"}, {"rule": "structuring"}),
    (
        "tickets",
        "routing",
        {
            "method": "rule",
            "reasons": [
                "rule fraud v3: fraud_report, urgent",
                "given: kind complaint",
                "sign of anger: “You: bad”",
                "team for scam: fraud",
            ],
        },
        {
            "method": "rule",
            "reasons": [
                "规则 fraud v3：欺诈报告、紧急",
                "已指定类型：投诉",
                "愤怒迹象：“You: bad”",
                "诈骗由反欺诈团队处理",
            ],
        },
    ),
    (
        "rule_trials",
        "result",
        {"tickets": [{"reasons": ["classifier: cards, confidence 0.81"]}]},
        {"tickets": [{"reasons": ["分类模型：银行卡，置信度 0.81"]}]},
    ),
    (
        "portraits",
        "scores",
        {"debts": {"value": "1.00", "formula": "sum of outstanding loan amounts"}},
        {"debts": {"value": "1.00", "formula": "未偿贷款金额合计"}},
    ),
]


def test_records_of_the_version_before_are_read_in_both_languages_and_go_back(
    tmp_path: Path,
) -> None:
    with embedded_server(tmp_path / "postgres") as url:
        migrate(url, BEFORE)
        with psycopg.connect(url) as connection:
            for statement in connection.execute(LONE_ROWS).fetchall():
                connection.execute(statement[0].encode())
            keys = [insert(connection, table, column, value) for table, column, value, _ in STORED]
        migrate(url, "0030")
        set_reader_language("zh")
        try:
            assert words_in(read(url, keys)) == [chinese for *_, chinese in STORED]
        finally:
            set_reader_language("en")
        assert english_of(read(url, keys)) == [english for *_, english, _ in STORED]
        migrate_down(url, BEFORE)
        assert english_of(read(url, keys)) == [english for *_, english, _ in STORED]


def insert(connection: psycopg.Connection[TupleRow], table: str, column: str, value: Any) -> str:
    """A row with the value, where it stands (ctid is no key: rows move); other columns that must be filled are."""
    needed = connection.execute(
        """select column_name, data_type from information_schema.columns
        where table_schema = 'public' and table_name = %s and is_nullable = 'NO'
        and column_default is null and is_identity = 'NO' and column_name <> %s""",
        [table, column],
    ).fetchall()
    filled = {name: FILLED[kind] for name, kind in needed} | {column: "%(value)s"}
    key = "customer_id" if table == "portraits" else "job_id" if table == "job_lines" else "id"
    value = json.dumps(value) if isinstance(value, dict | list) else value
    columns = ", ".join(f'"{name}"' for name in filled)
    statement = (
        f"insert into {table} ({columns}) values ({', '.join(filled.values())}) returning {key}"
    )
    row = connection.execute(statement.encode(), {"value": value}).fetchone()
    assert row is not None
    return str(row[0])


FILLED = {
    "uuid": "gen_random_uuid()",
    "character varying": "gen_random_uuid()::text",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "date": "now()",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "double precision": "1",
    "boolean": "true",
    "tsvector": "''",
}


def read(url: str, keys: list[str]) -> list[Any]:
    """What stands in each row now."""
    with psycopg.connect(url) as connection:
        return [
            value_of(connection, table, column, key)
            for (table, column, *_), key in zip(STORED, keys, strict=True)
        ]


def english_of(stored: Any) -> Any:
    """The English beside each text."""
    match stored:
        case {"code": _, "params": _, "en": str(english)}:
            return english
        case dict():
            return {key: english_of(value) for key, value in stored.items()}
        case list():
            return [english_of(value) for value in stored]
    return stored


def value_of(connection: psycopg.Connection[TupleRow], table: str, column: str, key: str) -> Any:
    named = "customer_id" if table == "portraits" else "job_id" if table == "job_lines" else "id"
    statement = f"select {column} from {table} where {named} = %s"
    row = connection.execute(statement.encode(), [key]).fetchone()
    assert row is not None
    return row[0]
