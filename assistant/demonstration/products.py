"""Forty products R1..R5 with eligibility and disclosures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actions.products.models import Product

# (code, name, name_zh, kind, risk, minimum, months, liquid, goals, eligibility)
_FAMILIES: tuple[
    tuple[str, str, str, str, int, int, tuple[int, ...], bool, tuple[str, ...], dict[str, Any]], ...
] = (
    (
        "SAV",
        "Everyday Savings",
        "灵活储蓄",
        "savings",
        1,
        0,
        (0,),
        True,
        ("savings", "everyday"),
        {},
    ),
    (
        "SAVX",
        "Extra Savings",
        "优享储蓄",
        "savings",
        1,
        10_000,
        (0,),
        True,
        ("savings",),
        {"segments": ["affluent", "private"]},
    ),
    (
        "TD",
        "Term Deposit {m} Months",
        "{m}个月定期存款",
        "deposit",
        1,
        1_000,
        (6, 12, 24, 36, 60),
        False,
        ("savings", "income"),
        {},
    ),
    (
        "KID",
        "Junior Savings Plan",
        "少儿储蓄计划",
        "savings",
        1,
        25,
        (12,),
        True,
        ("education", "savings"),
        {},
    ),
    (
        "MMF",
        "Money Market Fund {m}",
        "货币市场基金{m}号",
        "fund",
        1,
        100,
        (1, 3),
        True,
        ("savings", "everyday"),
        {},
    ),
    (
        "GOV",
        "Government Bond Fund {m}",
        "政府债券基金{m}号",
        "fund",
        2,
        250,
        (12, 24, 36),
        True,
        ("income", "savings"),
        {},
    ),
    (
        "COR",
        "Corporate Bond Fund {m}",
        "企业债基金{m}号",
        "fund",
        2,
        500,
        (24, 36),
        True,
        ("income",),
        {},
    ),
    (
        "INS",
        "Pension Insurance {m}",
        "养老保险{m}号",
        "insurance",
        2,
        1_000,
        (120, 180, 240),
        False,
        ("retirement", "protection"),
        {"minimum_age": 18, "maximum_age": 60},
    ),
    (
        "BAL",
        "Balanced Income Fund {m}",
        "平衡收益基金{m}号",
        "fund",
        3,
        500,
        (36, 48, 60),
        True,
        ("growth", "income", "retirement"),
        {},
    ),
    (
        "MIX",
        "Target Date Fund 20{m}",
        "目标日期基金20{m}",
        "fund",
        3,
        250,
        (35, 45, 55),
        True,
        ("retirement", "education"),
        {},
    ),
    (
        "HOM",
        "Home Savings Plan {m}",
        "购房储蓄计划{m}号",
        "savings",
        1,
        500,
        (48, 72),
        False,
        ("home", "savings"),
        {"once": True},
    ),
    (
        "EQG",
        "Global Equity Fund {m}",
        "全球股票基金{m}号",
        "fund",
        4,
        1_000,
        (60, 84, 96),
        True,
        ("growth", "retirement"),
        {},
    ),
    (
        "EQA",
        "Asia Equity Fund {m}",
        "亚洲股票基金{m}号",
        "fund",
        4,
        1_000,
        (60, 84),
        True,
        ("growth",),
        {},
    ),
    (
        "EQT",
        "Technology Fund {m}",
        "科技主题基金{m}号",
        "fund",
        5,
        1_000,
        (84, 120),
        True,
        ("growth",),
        {},
    ),
    (
        "STR",
        "Structured Note {m}",
        "结构性票据{m}号",
        "note",
        4,
        10_000,
        (18, 36),
        False,
        ("income", "growth"),
        {"segments": ["affluent", "private"]},
    ),
    (
        "PEQ",
        "Private Equity Programme {m}",
        "私募股权计划{m}号",
        "fund",
        5,
        100_000,
        (96, 120),
        False,
        ("growth",),
        {"segments": ["private"], "minimum_age": 25},
    ),
    (
        "COM",
        "Commodities Basket {m}",
        "大宗商品组合{m}号",
        "note",
        5,
        2_000,
        (36, 60, 84),
        True,
        ("growth",),
        {},
    ),
)

_DISCLOSURES: dict[int, tuple[str, str]] = {
    1: (
        "Deposits are protected up to €100,000. The interest may change.",
        "存款保障上限为 100,000 欧元。利率可能变动。",
    ),
    2: (
        "The value can fall as well as rise; you may get back less than you paid.",
        "价值可升可跌，您可能无法收回全部本金。",
    ),
    3: (
        "The value moves with bonds and shares; plan for at least three years.",
        "价值随债券和股票波动，建议持有三年以上。",
    ),
    4: (
        "Large losses are possible. Only for money you do not need for five years.",
        "可能出现较大亏损，仅适合五年内不用的资金。",
    ),
    5: (
        "You may lose all of it. For experienced investors only.",
        "可能损失全部本金，仅适合有经验的投资者。",
    ),
}


def products() -> list[Product]:
    """All products, in a fixed order."""
    made = []
    for code, name, name_zh, kind, risk, minimum, terms, liquid, goals, eligibility in _FAMILIES:
        for months in terms:
            single = len(terms) == 1
            en, zh = _DISCLOSURES[risk]
            made.append(
                Product(
                    code=code if single else f"{code}-{months}",
                    name=name.format(m=months),
                    name_zh=name_zh.format(m=months),
                    kind=kind,
                    risk_level=f"R{risk}",
                    currency="EUR",
                    minimum=Decimal(minimum),
                    horizon_months=months,
                    liquid=liquid,
                    goals=list(goals),
                    eligibility=eligibility,
                    disclosures={"en": [en], "zh": [zh]},
                    active=True,
                )
            )
    return made
