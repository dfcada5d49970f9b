"""What words of amounts, dates and terms are worth, in both languages. The present is Wednesday 25 November 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nlu.values import entities_in

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


def read(text: str) -> dict[str, Any]:
    """The values of a text's entities by kind."""
    return {entity["entity"]: entity["value"] for entity in entities_in(text, NOW)}


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("two grand", "2000.00", None),
        ("6 grand", "6000.00", None),
        ("a hundred pounds", "100.00", "GBP"),
        ("€1,234.56", "1234.56", "EUR"),
        ("12,50 €", "12.50", "EUR"),
        ("half a million dollars", "500000.00", "USD"),
        ("two and a half thousand", "2500.00", None),
        ("250k", "250000.00", None),
        ("1.5m euros", "1500000.00", "EUR"),
        ("thirty-five quid", "35.00", "GBP"),
        ("CHF 80", "80.00", "CHF"),
        ("it cost me 350", "350.00", None),
        ("三千五", "3500.00", None),
        ("一万二", "12000.00", None),
        ("两百块", "200.00", "CNY"),
        ("三十万元", "300000.00", "CNY"),
        ("1.5万", "15000.00", None),
        ("一百二十八点五元", "128.50", "CNY"),
        ("港币3000", "3000.00", "HKD"),
        ("五千英镑", "5000.00", "GBP"),
        ("转了2000", "2000.00", None),
        ("1千5", "1500.00", None),
        ("EUR 1.500,00", "1500.00", "EUR"),
        ("2.350,50 €", "2350.50", "EUR"),
        ("1.500 euros", "1500.00", "EUR"),
        ("3.50 euros", "3.50", "EUR"),
    ],
)
def test_an_amount_is_a_decimal_and_a_currency(
    text: str, amount: str, currency: str | None
) -> None:
    assert read(text)["amount"] == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("yesterday", "2026-11-24"),
        ("the day before yesterday", "2026-11-23"),
        ("last Friday", "2026-11-20"),
        ("on Monday", "2026-11-23"),
        ("from Monday", "2026-11-30"),
        ("6/27/25", "2025-06-27"),
        ("15.12.25", "2025-12-15"),
        ("2025/12/20", "2025-12-20"),
        ("on Wednesday", "2026-11-18"),
        ("this Friday", "2026-11-27"),
        ("next Tuesday", "2026-12-01"),
        ("by Friday", "2026-11-27"),
        ("book me in for Friday", "2026-11-27"),
        ("three days ago", "2026-11-22"),
        ("a week ago", "2026-11-18"),
        ("in two weeks", "2026-12-09"),
        ("last month", "2026-10-01/2026-10-31"),
        ("this week", "2026-11-23/2026-11-29"),
        ("last year", "2025-01-01/2025-12-31"),
        ("last quarter", "2026-07-01/2026-09-30"),
        ("the 5th of May", "2026-05-05"),
        ("12 October", "2026-10-12"),
        ("December 3", "2026-12-03"),
        ("1 March 2025", "2025-03-01"),
        ("20/11/2026", "2026-11-20"),
        ("2026-02-28", "2026-02-28"),
        ("in March", "2026-03-01/2026-03-31"),
        ("November 2025", "2025-11-01/2025-11-30"),
        ("the 12th", "2026-11-12"),
        ("昨天", "2026-11-24"),
        ("大前天", "2026-11-22"),
        ("上周五", "2026-11-20"),
        ("下周二", "2026-12-01"),
        ("本周五", "2026-11-27"),
        ("上周", "2026-11-16/2026-11-22"),
        ("三天前", "2026-11-22"),
        ("两周前", "2026-11-11"),
        ("半年前", "2026-05-25"),
        ("上个月五号", "2026-10-05"),
        ("上个月", "2026-10-01/2026-10-31"),
        ("这个月", "2026-11-01/2026-11-30"),
        ("5月3日", "2026-05-03"),
        ("五月三号", "2026-05-03"),
        ("十一月十五号", "2026-11-15"),
        ("12月1日", "2026-12-01"),
        ("去年十二月", "2025-12-01/2025-12-31"),
        ("2025年11月", "2025-11-01/2025-11-30"),
        ("去年", "2025-01-01/2025-12-31"),
    ],
)
def test_a_date_is_a_day_or_a_span(text: str, days: str) -> None:
    assert read(text)["date"] == days


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("5 years", 60),
        ("twelve months", 12),
        ("half a year", 6),
        ("五年", 60),
        ("12个月", 12),
        ("半年", 6),
        ("二十年", 240),
    ],
)
def test_a_term_is_in_months(text: str, months: int) -> None:
    assert read(text)["horizon"] == months


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("card ending in 4321", "card", "4321"),
        ("尾号4321的卡", "card", "4321"),
        ("4111 1111 1111 1111", "card", "1111"),
        ("account ending 7788", "account", "7788"),
        ("账户尾号7788", "account", "7788"),
        ("GB29 NWBK 6016 1331 9268 19", "account", "GB29NWBK60161331926819"),
        ("ticket t100234", "ticket_reference", "T-100234"),
        ("工单T-100234到哪了", "ticket_reference", "T-100234"),
        ("home loan", "product", "mortgage"),
        ("房贷", "product", "mortgage"),
        ("信用卡", "product", "credit_card"),
        ("I paid at Tesco", "merchant", "Tesco"),
        ("在美团买的", "merchant", "美团"),
        ("a payment to Corner Café", "merchant", "Corner Café"),
        ("my name is Emma Brown", "name", "Emma Brown"),
        ("我叫李小红", "name", "李小红"),
        ("王女士", "name", "王女士"),
        ("Northwind Trading Ltd", "organisation", "Northwind Trading Ltd"),
        ("检查华鑫贸易有限公司", "organisation", "华鑫贸易有限公司"),
        ("saving for retirement", "goal", "retirement"),
        ("想买房", "goal", "home"),
    ],
)
def test_what_is_named_has_one_spelling(text: str, kind: str, value: str) -> None:
    assert read(text)[kind] == value


def test_of_a_card_number_only_four_digits_go_further() -> None:
    assert "4111" not in str(read("my card 4111 1111 1111 1234 is gone"))


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "how do I activate my card",
        "谢谢",
        "卡怎么激活",
        "十分感谢",
        "万一丢了怎么办",
        "one moment please",
    ],
)
def test_nothing_is_made_up(text: str) -> None:
    assert read(text) == {}


def test_an_iban_with_a_wrong_digit_is_none() -> None:
    assert "account" not in read("DE89370400440532013001")
