"""Rules of tickets without a database: routing, assignment, regulators' deadlines, the rule book's contents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from actions.tickets.assignment import Agent, choose
from actions.tickets.priorities import rank_at
from actions.tickets.routing.classifier import Classifier, Guess, fingerprint_of, shipped
from actions.tickets.routing.reader import reader
from actions.tickets.routing.reader_training import averaged
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.speech_acts import GRIEVANCES, acts_of
from actions.tickets.sla.regulator import Steps, regulator_timers
from actions.tickets.ticket_config.contents import (
    CalendarContent,
    JurisdictionContent,
    PolicyContent,
    RoutingContent,
    fill,
)
from actions.tickets.ticket_config.service import check_content, default_entries
from assistant.routing import product_examples
from core.errors import Invalid

BOOK = default_entries()
RULES = RoutingContent.model_validate(BOOK["routing"]["routing"]).rules
NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind", "queue", "priority"),
    [
        ("There are payments I did not make", "fraud_report", "fraud", "urgent"),
        ("我的卡被盗刷了", "fraud_report", "fraud", "urgent"),
        ("I want to complain about your staff", "complaint", "complaints", "high"),
        ("我要投诉", "complaint", "complaints", "high"),
        ("I lost my card", "service_request", "cards", "urgent"),
        ("我失业了，还不起贷款", "service_request", "lending", "high"),
    ],
)
def test_the_banks_rules_decide_first_and_give_reasons(
    text: str, kind: str, queue: str, priority: str
) -> None:
    routing = route(Facts(text), RULES, 3)
    assert (routing.kind, routing.queue, routing.priority) == (kind, queue, priority)
    assert any(
        reason.code == "routing_reason.rule" and reason.params["version"] == "3"
        for reason in routing.reasons
    )


def test_what_staff_decided_is_not_overruled() -> None:
    routing = route(Facts("fraud!", queue="cards", priority="low"), RULES)
    assert (routing.queue, routing.priority) == ("cards", "low")


def test_a_sure_guess_decides_and_an_unsure_one_goes_to_the_general_queue_with_the_two_best() -> (
    None
):
    sure = Guess("question", 0.9, [("lending", 0.8), ("wealth", 0.1)])
    assert route(Facts("qwertz"), [], guess=sure).queue == "lending"
    unsure = Guess("question", 0.2, [("lending", 0.3), ("wealth", 0.25), ("cards", 0.1)])
    routing = route(Facts("qwertz"), [], guess=unsure)
    assert (routing.queue, routing.kind) == ("general", "service_request")
    assert [guess["queue"] for guess in routing.guesses] == ["lending", "wealth"]


def test_a_rule_may_ask_how_likely_a_kind_is() -> None:
    text = "Your people were cold when I reported my mother's death"
    guess = Guess("complaint", 0.9, [("complaints", 0.9)], {"complaint": 0.9})
    assert route(Facts(text), RULES, guess=guess).queue == "complaints"
    unsure = Guess("service_request", 0.6, [("accounts", 0.9)], {"complaint": 0.3})
    assert route(Facts("My mother died"), RULES, guess=unsure).queue == "accounts"


def test_a_rule_may_ask_for_channel_segment_and_an_open_complaint() -> None:
    rules = RoutingContent.model_validate(
        {
            "rules": [
                {
                    "id": "vip",
                    "when": {"segments": ["private"], "channels": ["phone"]},
                    "then": {"priority": "urgent"},
                },
                {"id": "again", "when": {"open_complaint": True}, "then": {"priority": "high"}},
            ]
        }
    ).rules
    assert route(Facts("x", channel="phone", segment="private"), rules).priority == "urgent"
    assert route(Facts("x", channel="web", segment="private"), rules).priority == "normal"
    assert route(Facts("x", open_complaint=True), rules).priority == "high"


@pytest.mark.timeout(5)
def test_a_pattern_that_never_ends_says_nothing_in_time() -> None:
    rules = RoutingContent.model_validate(
        {
            "rules": [
                {"id": "slow", "when": {"words": {"en": "(a+)+b$"}}, "then": {"queue": "cards"}}
            ]
        }
    ).rules
    assert route(Facts("a" * 5000), rules).queue == "general"


def test_the_products_classifier_and_reader_are_those_that_its_examples_make() -> None:
    model, text = shipped(), "I want to pay more into my mortgage"
    guess = model.guess(text, reader().read_now([text]))
    assert guess.queue == "lending"
    assert Classifier.from_bytes(model.to_bytes()).fingerprint == model.fingerprint
    assert model.fingerprint == fingerprint_of(product_examples()), "run `assistant routing train`"
    assert reader().fingerprint == model.fingerprint


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        (
            "Your clerk shrugged and hung up on me. For the third time.",
            {"blames", "repeats", "was_treated"},
        ),
        ("柜员翻白眼，我等了两个小时也没人解释", {"blames", "waited", "was_treated"}),
        ("I never bought this, somebody used my card", {"disowns", "strange_hand"}),
        ("不是我刷的，有人用了我的卡", {"disowns", "strange_hand"}),
        ("I am looking for a loan to buy a van", {"wishes"}),
        ("想了解一下车贷", {"wishes"}),
    ],
)
def test_acts_are_read_in_both_languages(text: str, acts: set[str]) -> None:
    assert acts <= set(acts_of(text))


def test_a_request_is_no_grievance() -> None:
    for text in (
        "Please send me a statement of my savings account",
        "请寄给我一份储蓄账户的对账单",
    ):
        assert not GRIEVANCES.intersection(acts_of(text))


def agent(number: int, **given: Any) -> Agent:
    plain = Agent(UUID(int=number), ["cards"], [], ["en"], 0, 5, True, None)
    return replace(plain, **given)


def test_a_ticket_goes_to_who_is_able_and_least_loaded_and_then_in_turn() -> None:
    busy, idle = agent(1, open=3), agent(2, open=1)
    assert choose([busy, idle], "cards", "en") == idle
    first, second = agent(1, last_given_at=NOW), agent(2, last_given_at=NOW - timedelta(hours=1))
    assert choose([first, second], "cards", "en") == second


@pytest.mark.parametrize(
    "unfit",
    [
        {"on_duty": False},
        {"queues": ["payments"]},
        {"languages": ["zh"]},
        {"open": 5},
        {"most_open": 0, "open": 0},
    ],
)
def test_nobody_who_is_absent_unable_or_full_gets_a_ticket(unfit: dict[str, Any]) -> None:
    assert choose([agent(1, **unfit)], "cards", "en") is None


def test_a_skill_that_the_request_needs_is_needed() -> None:
    assert choose([agent(1)], "cards", "en", ["bereavement"]) is None
    able = agent(2, skills=["bereavement"])
    assert choose([agent(1), able], "cards", "en", ["bereavement"]) == able


def test_waiting_tickets_rise_past_younger_pressing_ones() -> None:
    old_normal = rank_at(NOW - timedelta(days=2), "normal")
    assert old_normal < rank_at(NOW, "high")
    assert rank_at(NOW, "urgent") < old_normal


def clocks_in(
    code: str, received: datetime, complexity: str = "simple", steps: Steps | None = None
) -> dict[str, Any]:
    rules = JurisdictionContent.model_validate(BOOK["jurisdiction"][code])
    calendar = CalendarContent.model_validate(BOOK["calendar"][rules.calendar]).calendar("c")
    return {
        c.name: c for c in regulator_timers(received, complexity, rules, calendar, steps or Steps())
    }  # type: ignore[arg-type]


def test_a_british_complaint_has_three_business_days_and_eight_weeks() -> None:
    thursday = datetime(2026, 12, 24, 11, tzinfo=UTC)  # 25 and 28 December are holidays in 2026
    clocks = clocks_in("uk", thursday)
    assert clocks["regulator:summary"].due_at == datetime(
        2027, 1, 1, tzinfo=UTC
    )  # the end of 31 December
    assert clocks["regulator:final"].due_at == datetime(2027, 2, 19, tzinfo=UTC)


def test_an_american_complaint_counts_calendar_days_where_the_bank_is() -> None:
    clocks = clocks_in("us", datetime(2026, 3, 1, 2, tzinfo=UTC))  # still February in New York
    assert clocks["regulator:response"].due_at == datetime(
        2026, 3, 16, 4, tzinfo=UTC
    )  # after 15 March, summer time
    assert clocks["regulator:final"].due_at == datetime(2026, 4, 30, 4, tzinfo=UTC)


def test_a_chinese_complaint_has_fifteen_working_days_and_more_when_it_is_complex() -> None:
    received = datetime(2026, 9, 25, 2, tzinfo=UTC)
    assert set(clocks_in("cn", received)) == {"regulator:decision"}
    assert clocks_in("cn", received, "complex")["regulator:complex"].due_at == datetime(
        2026, 10, 25, 16, tzinfo=UTC
    )
    longest = clocks_in("cn", received, "exceptional")["regulator:exceptional"]
    assert longest.due_at > clocks_in("cn", received)["regulator:decision"].due_at


def test_an_answer_that_settles_the_matter_is_an_acknowledgement_as_well() -> None:
    received = datetime(2026, 6, 1, 9, tzinfo=UTC)
    clocks = clocks_in("uk", received, steps=Steps(summary=received + timedelta(days=1)))
    assert all(clock.met_at is not None for clock in clocks.values())


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        (
            "calendar",
            {"zone": "Europe/Nowhere", "week": {"monday": [["09:00", "17:00"]]}},
            "no time zone",
        ),
        ("calendar", {"zone": "UTC", "week": {}}, "never opens"),
        (
            "policy",
            {"calendar": "office", "first_response_minutes": 0, "resolution_minutes": 5},
            "greater than",
        ),
        (
            "template",
            {
                "names": {"en": "a", "zh": "b"},
                "use": "reply",
                "body": {"en": "{{ password }}", "zh": "x"},
            },
            "unknown variables",
        ),
        (
            "template",
            {
                "names": {"en": "a", "zh": "b"},
                "use": "reply",
                "body": {"en": "{{ reference", "zh": "x"},
            },
            "cannot be read",
        ),
        (
            "routing",
            {"rules": [{"id": "a", "when": {"words": {"en": "("}}, "then": {"queue": "cards"}}]},
            "cannot be read",
        ),
        (
            "routing",
            {"rules": [{"id": "a", "when": {}, "then": {"queue": "cards"}}]},
            "no condition",
        ),
        (
            "macro",
            {"names": {"en": "a", "zh": "b"}, "steps": [{"do": "state", "to": "gone"}]},
            "is no state",
        ),
        ("service", {"names": {"en": "a", "zh": "b"}}, "Field required"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_wrong(
    kind: Any, content: dict[str, Any], told: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_content(kind, content)
    assert any(told in str(message) for _, message in refused.value.errors), refused.value.errors


def test_a_template_cannot_run_anything_and_leaves_out_what_is_not_known() -> None:
    assert (
        fill(
            "{{ reference }}|{{ redress }}|{{ subject }}",
            {"reference": "T-1", "subject": "{{ 7*7 }}"},
        )
        == "T-1||{{ 7*7 }}"
    )
    with pytest.raises(Exception, match=r"unsafe|undefined"):
        fill("{{ reference.__class__.__mro__[1].__subclasses__() }}", {"reference": "T-1"})


def test_the_product_comes_with_a_whole_rule_book_in_both_languages() -> None:
    assert len(BOOK["service"]) >= 25
    assert any(
        not {"kind", "priority", "segment"} & set(policy) for policy in BOOK["policy"].values()
    )
    assert {policy["calendar"] for policy in BOOK["policy"].values()} <= set(BOOK["calendar"])
    letters = {d["letter"] for j in BOOK["jurisdiction"].values() for d in j["deadlines"]}
    assert letters <= set(BOOK["template"])
    assert all(PolicyContent.model_validate(p) for p in BOOK["policy"].values())


def test_averaged_trainings_are_one_change_that_is_their_mean() -> None:
    draw = np.random.default_rng(3)

    def training() -> dict[str, Any]:
        return {
            "0.x.down": draw.normal(size=(8, 20)).astype(np.float32),
            "0.x.up": draw.normal(size=(30, 8)).astype(np.float32),
            "kinds.bias": draw.normal(size=6).astype(np.float32),
        }

    runs = [training() for _ in range(3)]
    one = averaged(runs)
    mean = sum(run["0.x.up"] @ run["0.x.down"] for run in runs) / 3
    assert np.allclose(one["0.x.up"] @ one["0.x.down"], mean, atol=1e-5)
    assert np.allclose(one["kinds.bias"], sum(run["kinds.bias"] for run in runs) / 3, atol=1e-6)


def test_what_is_read_of_a_text_does_not_depend_on_its_neighbours() -> None:
    texts = [
        "my card is gone",
        "卡被盗刷了",
        "the clerk was rude to me and then, after half an hour, simply walked away",
    ]
    together = reader().read_now(texts)
    for number, text in enumerate(texts):
        assert np.allclose(reader().read_now([text]).kinds[0], together.kinds[number], atol=1e-5)
