"""Where a message parts into clauses, and what never parts."""

from __future__ import annotations

import pytest

from assistant.dialogue.clauses import MAX_CLAUSES, Span, split
from assistant.dialogue.normalisation import normalise
from core.languages import MAX_MESSAGE, Language

# Clauses are parted by " | "; courtesy stands in brackets.
ENGLISH = """
    I did NOT lose my card, | I only forgot the PIN
    <good afternoon,> | order me new cheques please, | <cheers>
    what are the fees for cash abroad | and is there a limit
    my son's phone was stolen, | does that touch his account?
    my phone broke | how do I log in now
    block my card | and send me a new one
    I lost my card | but I found it
    my card is stolen | because my bag was taken
    What is the fee? | And how long does it take?
    lost my card. | Block it
    1) block my card | 2) send a new one
    - block my card | - send a new one
    first block the card. | second, send a new one
    I reported the card stolen last week, | where is my case now
    don't change my address yet, | we only move in August
    <Hi,> | I need a new card. | <Thanks, kind regards>
    <sorry to bother you again,> | any news on my ticket?
    yes, | I want that
    no | I meant the savings account
    <thanks!>
    <hello there>
    <Hi, thanks>
    <thank you so much, bye>
    if I lose my card, what do I do
    if I lost my card I would call you
    when my card arrives how do I activate it
    tell me how much it costs
    I would like to know how much a transfer costs
    I think my card was stolen
    the card I lost yesterday was blue
    my current and savings account
    change my name and address
    I want to close my account, my savings account and my deposit
    go and see whether the case is open
    I was charged 2.50 on 3.5.2026 at 4 p.m. by T-100234.
    mail me at anna.b@example.com, e.g. today
    call me at 3.30 p.m. on Monday
    Dr. Li and Mr. Smith signed
    pay £1,234.56 to IE29AIBK93115212345678
    see https://example.com/a?b=c.d!e now
    I need a card
"""
CHINESE = """
    先不改地址了, | 告诉我账单怎么看
    <你好,> | 我的卡丢了, | 帮我挂失, | <谢谢>
    我想查余额 | 另外帮我换个手机号
    请问信用卡年费多少 | 顺便问一下怎么还款
    (1)卡丢了 | (2)换地址
    1、挂失 | 2、补卡
    转账限额多少, | 超了怎么办, | 能分几次转吗
    挂失要收费吗, | 补卡又是多少
    我换手机号了, | 帮我改一下
    卡找到了。 | 不用挂失!
    卡里还有钱吗? | 查一下
    不用推荐理财, | 定期三年现在几个点
    对, | 就按十二期分吧
    我要投诉, | 但是先给我查一下余额
    <您好,> | 我想约个时间, | <麻烦了>
    <谢谢>
    <您好>
    <你好,谢谢,再见>
    我要挂失信用卡
    如果卡丢了,怎么办
    要是我明年有钱,给我推荐什么
    还有多少余额
    我卡里还有钱吗
    不过期的卡还能用吗
    转账2.50元,编号T-100234。
    另外一张卡丢了
    邮箱是anna.b@example.com
    下周二下午3:30可以吗
    定期和活期的利率
    姓名和地址
"""


def rows(table: str) -> list[str]:
    return [row.strip() for row in table.strip().split("\n")]


def shown(clauses: list[Span]) -> str:
    return " | ".join(f"<{c.text}>" if c.courtesy else c.text for c in clauses)


def message(row: str, between: str) -> str:
    return row.replace(" | ", between).replace("<", "").replace(">", "")


@pytest.mark.parametrize("row", rows(ENGLISH))
def test_english_clauses(row: str) -> None:
    assert shown(split(normalise(message(row, " ")), "en")) == row


@pytest.mark.parametrize("row", rows(CHINESE))
def test_chinese_clauses(row: str) -> None:
    assert shown(split(normalise(message(row, "")), "zh")) == row


@pytest.mark.parametrize(
    "text", ["which cards do I have", "what accounts do we have", "how many of my loans are open"]
)
def test_what_is_asked_about_stays_with_its_verb(text: str) -> None:
    assert shown(split(normalise(text), "en")) == text


@pytest.mark.parametrize(
    "text", ["我要挂失信用卡", "我要挂失 信用卡", "我要挂失　信用卡", "我 要 挂 失 信 用 卡"]
)
def test_spaces_inside_a_chinese_request_part_nothing(text: str) -> None:
    assert shown(split(normalise(text), "zh")) == "我要挂失信用卡"


def test_a_space_between_chinese_clauses_parts_them() -> None:
    assert shown(split(normalise("卡丢了 帮我挂失"), "zh")) == "卡丢了 | 帮我挂失"


def test_lines_of_a_list_are_clauses() -> None:
    assert shown(split("block my card\nsend a new one", "en")) == "block my card | send a new one"
    wrapped = (
        "I have been waiting for my new card since the first of the month\nand nobody tells me why"
    )
    assert "\n" in split(wrapped, "en", boundaries=[])[0].text


@pytest.mark.parametrize(
    ("text", "boundaries", "clauses"),
    [
        ("my phone broke how do I log in", [], "my phone broke how do I log in"),
        ("my phone broke how do I log in", [15], "my phone broke | how do I log in"),
        # A place inside a word moves to its beginning, one before a space behind it.
        ("my phone broke how do I log in", [17], "my phone broke | how do I log in"),
        ("my phone broke how do I log in", [14], "my phone broke | how do I log in"),
        # Strong boundaries hold, proposals inside a reference and outside the text do not.
        (
            "Hi, where is T-100234? Close it",
            [17, 0, 99, -1],
            "<Hi,> | where is T-100234? | Close it",
        ),
        ("卡丢了怎么办", [3], "卡丢了 | 怎么办"),
    ],
)
def test_a_taggers_boundaries_replace_the_weak_ones(
    text: str, boundaries: list[int], clauses: str
) -> None:
    language: Language = "en" if text.isascii() else "zh"
    assert shown(split(text, language, boundaries)) == clauses


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "???", "block it. " * 500, "挂失。" * 500, "a" * 2 * MAX_MESSAGE, "我要，" * 3000],
)
def test_clauses_are_bounded_and_cover_the_message(text: str, language: Language) -> None:
    clauses = split(text, language)
    assert len(clauses) <= MAX_CLAUSES
    assert all(text[clause.start : clause.end] == clause.text != "" for clause in clauses)
    covered = "".join(clause.text for clause in clauses).replace(" ", "")
    assert covered == text[:MAX_MESSAGE].replace(" ", "")
