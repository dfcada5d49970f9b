"""Which messages put something right, and what they put in its place."""

from __future__ import annotations

import pytest

from nlu.components.correction_patterns import corrected


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("no, the other card", "the other card"),
        ("no, my email is ben@example.com", "my email is ben@example.com"),
        ("nope, it was April", "it was April"),
        ("sorry, I mean the credit card", "the credit card"),
        ("not that one, the debit card", "the debit card"),
        ("No. T-100234", "T-100234"),
        ("actually it was 50 euros", "it was 50 euros"),
        ("不对，是尾号1180那张", "是尾号1180那张"),
        ("不是，是四月的", "是四月的"),
        ("我是说信用卡", "信用卡"),
        ("改成下周二", "下周二"),
    ],
)
def test_a_correction_says_what_is_right(text: str, instead: str) -> None:
    assert corrected(text) == instead


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no thanks",
        "no, cancel",
        "no problem",
        "not now",
        "no one answered my call",
        "no money arrived",
        "I don't want that",
        "不是",
        "不要",
        "不用了",
        "不，谢谢",
        "没有",
        "不可以",
        "不行",
    ],
)
def test_a_refusal_corrects_nothing(text: str) -> None:
    assert corrected(text) is None
