"""How a message is spelled for reading, and that each character of it is found again in what was typed."""

from __future__ import annotations

import pytest

from assistant.dialogue.normalisation import has_features, normalise
from core.languages import MAX_MESSAGE, Language

NORMAL = [
    ("ＡＴＭ　取现", "ATM 取现"),
    ("ﬁne ½", "fine 1⁄2"),
    ("cafe\u0301", "café"),
    ("①卡丢了②换地址", "(1)卡丢了(2)换地址"),
    ("1️⃣", "1"),
    ("請幫我掛失這張信用卡", "请帮我挂失这张信用卡"),
    ("帳戶轉帳著急甚麼", "账户转账着急什么"),
    ("帳篷", "帐篷"),
    ("乾隆著名", "乾隆著名"),
    ("lo\u200bst ca\u200brd", "lost card"),
    ("I want\u202e it", "I want it"),
    ("a\ufeffb\u00adc\u2060d\U000e0061", "abcd"),
    ("  two   spaces\t here ", "two spaces here"),
    ("line\r\n\r\n  two", "line\ntwo"),
    ("我 要 挂 失 信 用 卡", "我要挂失信用卡"),
    ("我要挂失　信用卡", "我要挂失信用卡"),
    ("我的 PIN 码", "我的 PIN 码"),
    ("“don’t”", '"don\'t"'),
    ("「不要」", '"不要"'),
    ("1234‑5678 − 1", "1234-5678 - 1"),
    ("안녕", "안녕"),
]
EMOJI: list[tuple[str, Language | None, str]] = [
    ("👍", None, "yes"),
    ("👍", "zh", "是的"),
    ("👍🏽", "en", "yes"),
    ("👍👍👍", "en", "yes"),
    ("✅", "en", "yes"),
    ("🆗", "zh", "是的"),
    ("👎", "en", "no"),
    ("❌", "zh", "不是"),
    ("🙅🏽‍♀️", "en", "no"),
    ("🙏", "en", "thanks"),
    ("🙏", "zh", "谢谢"),
    ("👍 please", "en", "yes, please"),
    ("👍好的", "en", "是的,好的"),
    ("❌ that is wrong", "en", "no, that is wrong"),
    # Behind words they only decorate: a yes or no must not be read into them.
    ("no need 👍", "en", "no need"),
    ("I lost my card ❌", "en", "I lost my card"),
    ("where is my card 😡", "en", "where is my card, angry"),
    ("卡还没到😡😡", "zh", "卡还没到,生气"),
    ("block it!😡", "en", "block it! angry"),
    ("請幫我，謝謝🙏", "zh", "请帮我,谢谢,谢谢"),
    ("really❓", "en", "really?"),
    ("卡没到😭帮我看看", "zh", "卡没到,难过,帮我看看"),
    ("丢了卡💳怎么办", "zh", "丢了卡怎么办"),
    ("hello😀world", "en", "hello world"),
]
NOTHING = [
    "",
    " ",
    "\u200b\u200b",
    "\ufeff",
    "\u00ad",
    "\u3000\n\t",
    "\u3164",
    "???",
    "…",
    "。！",
    "❤️",
    "🤷‍♀️",
    "🇨🇳",
    "€",
]
SOMETHING = ["a", "1", "我", "👍", "안", "?1", "❌", "🙏🙏"]


@pytest.mark.parametrize(("text", "normal"), NORMAL)
def test_one_spelling(text: str, normal: str) -> None:
    assert normalise(text).text == normal


@pytest.mark.parametrize(("text", "language", "normal"), EMOJI)
def test_emoji_become_what_they_mean(text: str, language: Language | None, normal: str) -> None:
    assert normalise(text, language).text == normal


@pytest.mark.parametrize("text", NOTHING)
def test_there_is_nothing_to_read(text: str) -> None:
    assert not has_features(normalise(text))


@pytest.mark.parametrize("text", SOMETHING)
def test_there_is_something_to_read(text: str) -> None:
    assert has_features(normalise(text))


@pytest.mark.parametrize(
    ("text", "words", "original"),
    [
        ("my ca\u200brd  is lost", "card is", "ca\u200brd  is"),
        ("請幫我 掛失", "我挂失", "我 掛失"),
        ("cafe\u0301 bill", "café", "cafe\u0301"),
        ("①卡", "(1)", "①"),
        ("ok 👍🏽? 👎 x", "x", "x"),
        ("👍🏽 please", "yes", "👍🏽"),
        ("ＡＴＭ 卡", "TM", "ＴＭ"),
    ],
)
def test_words_are_found_again_in_the_original(text: str, words: str, original: str) -> None:
    normal = normalise(text)
    start = normal.text.index(words)
    assert normal.original_text(start, start + len(words)) == original


@pytest.mark.parametrize(
    "text", [*(text for text, _ in NORMAL), *(text for text, _, _ in EMOJI), *NOTHING]
)
def test_places_are_in_order_and_inside(text: str) -> None:
    normal = normalise(text)
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    assert list(normal.starts) == sorted(normal.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(normal.starts, normal.ends, strict=True))
    assert normal.original_span(0, 0) == (normal.starts[0] if normal.starts else len(text),) * 2


def test_pauses_between_chinese_characters_are_remembered() -> None:
    assert normalise("卡丢了 帮我挂失").pauses == (3,)


def test_normal_text_stays() -> None:
    for text in (*(normal for _, normal in NORMAL if "\n" not in normal), *(n for *_, n in EMOJI)):
        assert normalise(text).text == text


def test_a_long_message_is_cut() -> None:
    assert len(normalise("a" * 3 * MAX_MESSAGE).text) == MAX_MESSAGE
    assert len(normalise("a" + "\u0301\u0323" * MAX_MESSAGE).text) < 40
