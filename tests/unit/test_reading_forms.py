"""What is read in other words than it was written: masked numbers, chat shorthand, courtesy, English and Cantonese in Chinese."""

from __future__ import annotations

import pytest

from assistant.dialogue.cantonese import as_standard
from assistant.dialogue.normalisation import normalise
from assistant.dialogue.reading_forms import as_read


@pytest.mark.parametrize(
    ("language", "text", "read"),
    [
        ("en", "My card •••• 0009 was declined", "My card ending 0009 was declined"),
        ("zh", "我的卡 •••• 0009 被拒了", "我的卡 尾号0009 被拒了"),
        ("en", "block the debit one", "block the debit card"),
        ("en", "n how long for that", "and how long for that"),
        ("en", "I'd like a person, if it isn't too much trouble.", "I'd like a person."),
        ("en", "a letter, if you don't mind", "a letter"),
        ("en", "if it isn't too much I'll pay", "if it isn't too much I'll pay"),
        ("zh", "帮我block一下信用卡", "帮我冻结一下信用卡"),
        ("zh", "PIN忘了", "卡密码忘了"),
        ("zh", "PIN", "PIN"),
        ("zh", "我用Blockbuster付款", "我用Blockbuster付款"),
    ],
)
def test_the_words_that_are_read(language, text, read):
    assert as_read(text, language) == read


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("幫我停咗佢啦唔該", "帮我停了它吧麻烦"),
        ("我張卡唔見咗", "我张卡不见了"),
        ("幾多錢", "多少钱"),
        ("我冇買過", "我没有买过"),
        ("应该点做", "应该怎么做"),
        ("这个系统的关系", "这个系统的关系"),
        ("我的银行卡丢了", "我的银行卡丢了"),
    ],
)
def test_cantonese_is_read_as_standard_chinese(written, standard):
    assert as_standard(normalise(written).text) == standard
