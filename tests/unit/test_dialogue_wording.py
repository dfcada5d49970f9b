"""What the assistant says is worded in both languages, with the same parameters, short, without internals, and never twice in a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from actions.tickets.lifecycle import STEPS
from actions.tickets.priorities import PRIORITIES
from actions.tickets.routing.signals import SIGNALS, Sign, Signal
from assistant.dialogue.commands import Handoff
from assistant.dialogue.operations.accounts import VIEWS
from assistant.dialogue.operations.topics import aspect_in, product_in
from assistant.dialogue.signs import care_for, care_text, grave, signs_in
from assistant.dialogue.state import Aspect
from assistant.dialogue.wording import fresh_wording, offer_item, quick_reply, say, value_name
from core.catalogue import has_message, read_catalogue, template
from core.languages import LANGUAGES, Language
from core.settings import ROOT

CODES = sorted(
    str(message.id[0] if isinstance(message.id, tuple) else message.id)
    for message in read_catalogue("en")
    if str(message.id[0] if isinstance(message.id, tuple) else message.id).startswith("dialogue.")
)
# Helpers whose first string is a code that is worded there and then.
WORDED_BY = {"say", "quick_reply", "offer_item", "LocalizedText"}
NO_PARAMETERS = {"language", "count"}
LONGEST = {"en": 420, "zh": 150}  # characters: a scam warning is the longest


def placeholders(code: str, language: Language) -> set[str]:
    """The parameters that a wording shows."""
    return {name for _, name, _, _ in Formatter().parse(template(code, language) or "") if name}


def uses() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where a `dialogue.*` code is worded in the sources, with its parameters; None where they are not written out."""
    for path in sorted((ROOT / "assistant" / "dialogue").rglob("*.py")):
        if path.name in ("engine.py", "fields.py") or "slot_types" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None) or getattr(
                getattr(node, "func", None), "attr", None
            )
            if isinstance(node, ast.Call) and name in WORDED_BY and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and str(code.value).startswith("dialogue."):
                    keys = [keyword.arg for keyword in node.keywords]
                    params = None if None in keys else {key for key in keys if key}
                    yield f"{path.name}:{node.lineno}", str(code.value), params


def test_every_code_that_the_operations_say_is_worded_with_its_parameters() -> None:
    found = list(uses())
    assert len(found) > 60  # the sources were read
    wrong = [
        (where, code, params)
        for where, code, params in found
        if not has_message(code)
        or (
            params is not None
            and params - NO_PARAMETERS != placeholders(code, "en") - NO_PARAMETERS
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_the_same_thing(code: str) -> None:
    assert has_message(code, "zh")
    assert placeholders(code, "en") - {"count"} == placeholders(code, "zh") - {"count"}
    for language in LANGUAGES:
        assert len(template(code, language) or "") <= LONGEST[language]


@pytest.mark.parametrize("code", [code for code in CODES if "copilot" not in code])
def test_customers_read_no_internals(code: str) -> None:
    english, chinese = template(code, "en") or "", template(code, "zh") or ""
    assert not re.search(r"\b(?:queue|priority|urgent|routed|escalat\w*|gap)\b", english, re.I)
    assert not re.search(r"队列|优先级|紧急(?!情况)|路由", chinese)
    assert not {"queue", "priority"} & placeholders(code, "en")


@pytest.mark.parametrize("code", CODES)
def test_chinese_is_set_in_chinese_marks(code: str) -> None:
    wording = re.sub(r"\{\w+\}|[\w.]+@[\w.]+", "", template(code, "zh") or "")
    assert not re.search(r"[\u4e00-\u9fff][,;:!?]", wording)


def test_a_tap_sends_what_is_understood_without_doubt() -> None:
    assert quick_reply("dialogue.person", "zh") == {"title": "转人工", "payload": "我要转人工"}
    yes = offer_item("dialogue.yes", Handoff(), "en")
    assert (yes.title, yes.payload) == ("Yes", "Yes")


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_kinds_and_views_have_names(language: Language) -> None:
    for state in STEPS:
        assert has_message(f"dialogue.ticket_state_{state}", language)
    for kind in ("current", "savings", "debit", "credit", "personal", "mortgage"):
        assert value_name("kind", kind, language) != kind
    assert value_name("kind", "gold", language) == "gold"
    for view, (part, _) in VIEWS.items():
        for code in (part, f"no_{part}", f"over_{view}", f"figure_count_{view}"):
            assert has_message(f"dialogue.{code}", language)
    assert set(PRIORITIES) == {"low", "normal", "high", "urgent"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_sentence_is_not_said_twice_in_a_row(language: Language) -> None:
    codes = ["dialogue.unknown", "dialogue.unknown_again", "dialogue.unknown_third"]
    first = fresh_wording(codes, language, "")
    second = fresh_wording(codes, language, first)
    third = fresh_wording(codes, language, f"{first} {second}")
    assert len({first, second, third}) == 3
    assert fresh_wording(codes, language, f"{first} {second} {third}") == first


@pytest.mark.parametrize(
    ("text", "language", "product", "aspect"),
    [
        ("how much does a credit card cost", "en", "credit_card", "cost"),
        ("is there a limit for cash machines with the debit card", "en", "debit_card", "limit"),
        ("how long does a transfer take", "en", None, "time"),
        ("how do I open a savings account", "en", "savings_account", "how_to"),
        ("how much can I withdraw a day", "en", None, "limit"),
        ("what documents do I need for a mortgage", "en", "mortgage", "eligibility"),
        ("where is the nearest branch", "en", None, "place"),
        ("good morning", "en", None, None),
        ("信用卡年费多少钱", "zh", "credit_card", "cost"),
        ("借记卡取款限额是多少", "zh", "debit_card", "limit"),
        ("转账多久到账", "zh", None, "time"),
        ("怎么开通储蓄账户", "zh", "savings_account", "how_to"),
        ("办房贷需要什么材料", "zh", "mortgage", "eligibility"),
        ("网点在哪里", "zh", None, "place"),
    ],
)
def test_a_question_names_its_product_and_its_side(
    text: str, language: Language, product: str | None, aspect: Aspect | None
) -> None:
    assert (product_in(text), aspect_in(text, language)) == (product, aspect)


@pytest.mark.parametrize(
    ("text", "language", "signal", "is_grave"),
    [
        ("a man tells me to transfer my savings to a safe account", "en", "scam", True),
        ("我把验证码告诉了对方", "zh", "scam", True),
        ("I don't want to live any more", "en", "crisis", True),
        ("my husband passed away last month", "en", "bereavement", False),
        ("我失业了，贷款还不上了", "zh", "hardship", False),
        ("your service is useless", "en", "anger", False),
    ],
)
def test_a_sign_is_answered_with_care_first(
    text: str, language: Language, signal: Signal, is_grave: bool
) -> None:
    signs = signs_in(text, language)
    assert signs[0].signal == signal
    assert (grave(signs) is not None) == is_grave
    [care] = care_for(signs, language, turn=4)
    assert care.text.code == f"dialogue.care_{signal}"
    assert say(care.text.code, language) == care_text(signal, language)
    assert (care.offer is None) == is_grave  # an agent is coming anyway
    assert care.offer is None or (care.offer.turn, care.offer.items[0].command) == (4, Handoff())


def test_a_sign_without_a_fitting_sentence_is_only_recorded() -> None:
    assert care_for([Sign("urgency", "asap")], "en") == []
    assert care_for([], "en") == []
    worded = [signal for signal in SIGNALS if care_text(signal, "zh")]
    assert worded == [signal for signal in SIGNALS if signal != "urgency"]
