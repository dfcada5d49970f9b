"""How an article is cut into what can be found and cited."""

from __future__ import annotations

from knowledge_base.chunking import passages_of

BODY = """Cards work everywhere.

## Limits
| way | a day | a month |
|---|---|---|
| **debit card** | €2,500 | €10,000 |

## Steps
1. Open *Cards*.
2. Tap [Lock](https://bank.example).

- at once
"""


def test_passages_follow_headings_and_say_where_they_stand() -> None:
    pieces = passages_of("Cards", BODY, "en")
    assert [(p.heading_path, p.anchor) for p in pieces] == [
        ("Cards", "top"),
        ("Cards > Limits", "limits"),
        ("Cards > Steps", "steps"),
    ]


def test_tables_and_lists_become_lines_that_a_chat_can_show() -> None:
    _, limits, steps = passages_of("Cards", BODY, "en")
    assert limits.text == "• debit card: a day €2,500, a month €10,000"
    assert steps.text == "1. Open Cards.\n2. Tap Lock.\n• at once"


def test_a_table_of_two_columns_needs_no_heads() -> None:
    (piece,) = passages_of("时间", "| 转账 | 到账 |\n|---|---|\n| 实时 | 十秒内 |\n", "zh")
    assert piece.text == "• 实时: 十秒内"


def test_long_sections_are_cut_between_sentences() -> None:
    pieces = passages_of("长", "这是一个关于转账的句子。" * 40, "zh")
    assert len(pieces) > 1
    assert all(p.text.endswith("。") and len(p.text) <= 220 for p in pieces)
