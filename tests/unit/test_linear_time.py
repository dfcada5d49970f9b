"""Whoever reads what people write takes four times as long for four times as much of it, whatever it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from actions.tickets.intake.channels import customers_part, new_part, read_mail, text_of_html
from actions.tickets.intake.opening import subject_of
from assistant.dialogue import lexicon, slot_types
from assistant.dialogue.clauses import split
from assistant.dialogue.corrections import corrected
from assistant.dialogue.courtesy import is_courtesy
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect, SlotType
from assistant.dialogue.follow_ups import rewrite
from assistant.dialogue.intents import Fused, with_words
from assistant.dialogue.masking import mask
from assistant.dialogue.normalisation import normalise
from assistant.dialogue.reading_forms import as_read
from assistant.dialogue.readings import Candidate
from assistant.dialogue.signs import is_about_the_scam, signs_in
from assistant.dialogue.state import Topic
from core.contacts import find_contact
from core.errors import Invalid
from core.languages import Language, clean_text, detect_language
from knowledge_base.price_rows import rows_asked_for
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


def as_answer(kind: SlotType, language: Language) -> Callable[[str], object]:
    """Reads a text as the answer to what was asked, and as a first message."""
    step = Collect(collect="slot", type=kind)
    facts = Facts(now=NOW, language=language, signed_in=False)

    def read(text: str) -> object:
        return (
            slot_types.read_slot(step, text, (), facts),
            slot_types.prefill(step, text, (), facts),
        )

    return read


def short_answers(text: str) -> object:
    """Reads a text as each of the short things that people say."""
    return [
        reads(text)
        for reads in (
            lexicon.affirms,
            lexicon.denies,
            lexicon.cancels,
            lexicon.resumes,
            lexicon.skip_reason,
            lexicon.aggregate,
            lexicon.leaves_queue,
            lexicon.takes_back,
            lexicon.names_another,
            corrected,
            is_courtesy,
        )
    ]


_LIKELIEST = Candidate(name="statement", confidence=0.3)
UNSURE = Fused("statement", 0.3, (_LIKELIEST,), agreed=False)
READERS: dict[str, Callable[[str], object]] = {
    "new_part": new_part,
    "customers_part": customers_part,
    "mail": mail(),
    "mail from": mail("Subject: Card\nFrom: "),
    "mail subject": mail("From: anna@example.com\nSubject: "),
    "mail type": mail("From: anna@example.com\nSubject: a\nContent-Type: multipart/mixed; "),
    "mail html": html,
    "text_of_html": text_of_html,
    "description en": as_answer("description", "en"),
    "description zh": as_answer("description", "zh"),
    "ticket": as_answer("ticket", "en"),
    "contact": as_answer("contact", "en"),
    "name": as_answer("name", "en"),
    "address": as_answer("address", "en"),
    "moment": as_answer("moment", "en"),
    "topic": as_answer("topic", "en"),
    "amount": as_answer("amount", "en"),
    "score": as_answer("score", "en"),
    "short answers": short_answers,
    "question en": lambda text: lexicon.is_question(text, "en"),
    "question zh": lambda text: lexicon.is_question(text, "zh"),
    "proposal": lambda text: lexicon.proposes(text, at_a_time=True),
    "task en": lambda text: lexicon.leaves_task(text, "Book an appointment"),
    "task zh": lambda text: lexicon.leaves_task(text, "预约面谈"),
    "payment order": lexicon.orders_a_payment,
    "refusal": lexicon.refuses,
    "lock": lexicon.wants_a_lock,
    "who speaks": lexicon.asks_who_speaks,
    "queue": lexicon.asks_about_the_queue,
    "card state": lexicon.asks_whether_a_card_is_blocked,
    "reading form en": lambda text: as_read(text, "en"),
    "reading form zh": lambda text: as_read(text, "zh"),
    "price rows": lambda text: rows_asked_for("how much is the card", "en", text),
    "price question": lambda text: rows_asked_for(text, "en", "• card: €5"),
    "disowned": lambda text: with_words(UNSURE, text),
    "scam goes on": is_about_the_scam,
    "signs en": lambda text: signs_in(text, "en"),
    "signs zh": lambda text: signs_in(text, "zh"),
    "follow-up": lambda text: rewrite(text, Topic(question="Is there a limit?"), "en"),
    "subject_of": subject_of,
    "find_contact": find_contact,
    "normalise": normalise,
    "mask": mask,
    "clauses en": lambda text: split(text, "en"),
    "clauses zh": lambda text: split(text, "zh"),
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
    "👍a",
    "4111 ",
    "card 4 ",
    "DE89 ",
    "my pin is ",
    "密码是",
    "password a ",
    "我要，",
    "谢谢",
    "1) ",
    "e.g. ",
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
