"""A yes in many words, a no to what was shown, and what is neither."""

from __future__ import annotations

import time

import pytest

from assistant.dialogue import lexicon


@pytest.mark.parametrize(
    "text",
    [
        "Oh good. Yes, please go ahead and send it.",
        "that is all right, thank you",
        "Perfect. Do put it through then.",
        "yes, that's correct, and thanks for your patience",
        "submit it please, it reads fine",
        "just as you wrote it",
        "oui, c'est bon",
        "sí, submit",
        "haan, theek hai, update it",
        "好的，就这么办吧",
        "没问题，麻烦你提交",
        "内容对了，发出去吧",
        "嗯嗯，写得很清楚，报上去",
        "冇问题，submit 啦",
    ],
)
def test_consents_in_many_words(text):
    assert lexicon.consents(text, "Open a ticket 提交工单")


@pytest.mark.parametrize(
    "text",
    [
        "Lovely, thank you.",
        "that's a relief",
        "ok",
        "yes, but not the second one",
        "send it to my office",
        "book it for two people",
        "that is not right",
        "close it",
        "change it to 300",
        "那就好",
        "发到我邮箱",
        "好像不对",
        "改成五百",
        "关了吧",
    ],
)
def test_praise_doubt_and_other_wishes_do_not_consent(text):
    assert not lexicon.consents(text, "Open a ticket 提交工单")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("close it then", "Close a ticket 关闭工单"),
        ("yes, book it", "Book an appointment 预约面谈"),
        ("关了吧", "Close a ticket 关闭工单"),
        ("好，约吧", "Book an appointment 预约面谈"),
    ],
)
def test_a_verb_that_names_a_task_consents_to_that_task(text, title):
    assert lexicon.consents(text, title)
    assert not lexicon.consents(text, "Report fraud 举报诈骗或盗刷")


def test_small_praise_is_no_answer():
    assert lexicon.is_small_praise("Lovely, that's kind of you.")
    assert lexicon.is_small_praise("那就好，谢谢")
    assert not lexicon.is_small_praise("lovely, send it")


@pytest.mark.parametrize(
    "part", ["yes please do ", "that is all very ", "and please then so ", "好的对是"]
)
def test_a_long_consent_takes_no_time(part):
    text = (part * 80)[:239] + "x"
    started = time.process_time()
    lexicon.consents(text, "")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "don't send it",
        "no need to submit that after all.",
        "please don't file the complaint",
        "先不要提交",
        "别发了，我再想想",
    ],
)
def test_what_was_shown_is_held_back(text):
    assert lexicon.holds_it_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "don't send it to the flat",
        "do not close my account",
        "why don't you send it",
        "别寄到家里",
        "不要转给别人",
    ],
)
def test_other_denials_hold_nothing_back(text):
    assert not lexicon.holds_it_back(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man who said he was from the police had my code", True),
        ("I never bought anything there", True),
        ("那笔钱不是我转的", True),
        ("陌生人让我把验证码发给他", True),
        ("I sent a transfer on Friday and it has not arrived, trace it", False),
        ("这个月怎么扣了我年费", False),
    ],
)
def test_words_of_fraud(text, expected):
    assert lexicon.speaks_of_fraud(text) is expected


def test_what_is_dictated_may_speak_of_anything():
    assert lexicon.dictates("add to it: if nobody calls I shall complain")
    assert lexicon.dictates("备注一下：周五之前没人回就算了")
    assert not lexicon.dictates("the shop is open: I was there")
