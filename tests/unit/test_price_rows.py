"""A question about a cost is answered by the row that names the thing, and by none that names another."""

from __future__ import annotations

import pytest

from knowledge_base.price_rows import asks_cost, rows_asked_for

LIST = """• current account: €4 a month
• first debit card: free
• gold card: €90 a year
• cash at our machines: free
• SEPA transfer: free
• transfer outside SEPA: from €7
• opening hours: nine to five"""
LISTE_ZH = """• 活期账户：每月 4 欧元
• 首张借记卡：免费
• 金卡：每年 90 欧元
• SEPA 转账：免费
• SEPA 以外转账：7 欧元起
• 纸质对账单：每月 2 欧元"""


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("how much is the gold card?", ["gold card: €90 a year"]),
        ("what does the debit card cost", ["first debit card: free"]),
        ("What does an outgoing wire to Canada cost?", ["transfer outside SEPA: from €7"]),
        ("how much to send money to the US", ["transfer outside SEPA: from €7"]),
        ("What does a SEPA transfer cost?", ["SEPA transfer: free"]),
        ("is withdrawing cash at your machines free?", ["cash at our machines: free"]),
        ("what does cash at another bank's machine cost", []),
        ("what does the joint account cost", []),
        ("how much is a platinum card", []),
        ("what are the opening hours", []),
        (
            "what do the current account and the gold card cost together",
            ["current account: €4 a month", "gold card: €90 a year"],
        ),
    ],
)
def test_the_row_that_is_named_answers(question, rows):
    assert rows_asked_for(question, "en", LIST) == rows


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("金卡年费多少", ["金卡：每年 90 欧元"]),
        ("往加拿大汇款手续费多少", ["SEPA 以外转账：7 欧元起"]),
        ("SEPA转账要收费吗", ["SEPA 转账：免费"]),
        ("纸质账单多少钱", ["纸质对账单：每月 2 欧元"]),
        ("换卡要钱吗", []),
    ],
)
def test_the_row_that_is_named_answers_in_chinese(question, rows):
    assert rows_asked_for(question, "zh", LISTE_ZH) == rows


def test_a_question_that_fits_the_whole_list_is_not_answered_by_rows():
    many = "\n".join(f"• transfer: €{number}" for number in range(1, 6))
    assert rows_asked_for("what does a transfer cost", "en", many) == []


@pytest.mark.parametrize(
    ("question", "language", "asks"),
    [
        ("how much is it", "en", True),
        ("how long does it take", "en", False),
        ("年费多少", "zh", True),
        ("几天到账", "zh", False),
    ],
)
def test_what_asks_a_cost(question, language, asks):
    assert asks_cost(question, language) is asks
