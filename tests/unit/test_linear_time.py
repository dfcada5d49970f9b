"""Whoever reads what people write takes four times as long for four times as much of it, whatever it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from actions.dialogue.tickets import asks_for_ticket, description_in, reference_in
from actions.tickets.intake.channels import customers_part, new_part, read_mail, text_of_html
from actions.tickets.intake.opening import subject_of
from core.contacts import find_contact
from core.errors import Invalid
from core.languages import clean_text, detect_language
from nlu.values import account, day_or_span, money, months, number

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LENGTH, LONGER = 2_000, 4
# Six times for four times as much leaves room for a machine that is busy; a square takes sixteen times.
MAX_RATIO = 6
MEASURABLE_S = 0.01


def mail(header: str = "From: anna@example.com\nSubject: Card\n") -> Callable[[str], object]:
    """Reads a mail with such headers before the text."""

    def read(text: str) -> object:
        try:
            return read_mail(header + text)
        except Invalid:
            return None

    return read


def html(text: str) -> object:
    """Reads a mail in HTML."""
    return mail("From: anna@example.com\nSubject: Card\nContent-Type: text/html\n\n")(text)


READERS: dict[str, Callable[[str], object]] = {
    "new_part": new_part,
    "customers_part": customers_part,
    "mail": mail(),
    "mail from": mail("Subject: Card\nFrom: "),
    "mail subject": mail("From: anna@example.com\nSubject: "),
    "mail type": mail("From: anna@example.com\nSubject: a\nContent-Type: multipart/mixed; "),
    "mail html": html,
    "text_of_html": text_of_html,
    "asks_for_ticket en": lambda text: asks_for_ticket(text, "en"),
    "asks_for_ticket zh": lambda text: asks_for_ticket(text, "zh"),
    "description_in": lambda text: description_in(text, "open_ticket", "en"),
    "reference_in": reference_in,
    "subject_of": subject_of,
    "find_contact": find_contact,
    "clean_text": clean_text,
    "detect_language": detect_language,
    "number": number,
    "money": money,
    "day_or_span": lambda text: day_or_span(text, NOW),
    "months": months,
    "account": account,
}
SHAPES = (
    "\n",
    " ",
    " \n",
    ">\n",
    "-",
    "-- \n",
    "agent\n",
    "On a",
    "from: ",
    "from:\n",
    "a and ",
    "open a ",
    "new ",
    "请",
    "开",
    "one ",
    "million ",
    "一亿",
    "9",
    "1e999999999 ",
    "1,",
    "in a ",
    "T-",
    "1 2",
    "a@",
    "a.b",
    "(",
    "=?utf-8?q?a?= ",
    ";a=b",
    "content-type: multipart/mixed\n",
    "<a ",
    "<!--",
    "<p>",
    "\u0301\u0323",
)


def seconds(read: Callable[[str], object], text: str) -> float:
    """Processor time of the faster of two readings."""

    def once() -> float:
        started = time.process_time()
        read(text)
        return time.process_time() - started

    return min(once() for _ in range(2))


@pytest.mark.parametrize("reader", READERS)
def test_reading_takes_linear_time(reader: str) -> None:
    slow = {}
    for shape in SHAPES:
        text = shape * (LENGTH // len(shape))
        short, long = (seconds(READERS[reader], text * times + "!") for times in (1, LONGER))
        if long > MAX_RATIO * max(short, MEASURABLE_S):
            slow[shape] = (short, long)
    assert not slow


def test_numbers_beyond_every_amount_are_none() -> None:
    for text in ("9" * 1000, "1" + " billion" * 200, "九亿亿亿亿亿"):
        value = number(text)
        assert value is None or value <= 10**15
        assert money("9" * 1000) is None


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Thanks.\n\n   > what you wrote", "Thanks."),
        ("Thanks.\n--- Original Message ---\nold", "Thanks."),
        ("谢谢。\n\n2026年3月1日 银行 写道：\n旧", "谢谢。"),
        ("Thanks.\n\n On Monday, the bank wrote:  \nold", "Thanks."),
    ],
)
def test_what_a_mail_quotes_is_left_out(text: str, new: str) -> None:
    assert new_part(text) == new


def test_a_mail_in_html_has_its_texts() -> None:
    content = "<style>p {}</style><p>a &lt; b</p><!-- no > text --><script>x > 1</script>1 < 2<b>c"
    assert text_of_html(content) == "a < b\n1 < 2\nc"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Can you please open a new support ticket for me", "en"),
        ("I would like to open an issue", "en"),
        ("open    me  a   ticket", "en"),
        ("请帮我新建一个工单", "zh"),
    ],
)
def test_a_ticket_is_asked_for_in_these_words(text: str, language: str) -> None:
    assert asks_for_ticket(text, "zh" if language == "zh" else "en")
