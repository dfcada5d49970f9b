"""How measured conversations are scored: what counts as done, begun, wrong, too many, too late."""

from __future__ import annotations

import pytest

from bench.evaluate_contrast import ExpectedEffect, Message, Observed, score
from bench.evaluate_conversations import Expected, Seen, Turn, faults_of, same_flow, seen


def turn(effects=(), flow=None, forbidden=()) -> Turn:
    expected = Expected(effects=list(effects), flow=flow, forbidden=list(forbidden))
    return Turn(text="...", expect=expected)


def done(effects=(), flow=None) -> Seen:
    return Seen(frozenset(effects), flow, "")


@pytest.mark.parametrize(
    ("turns", "seen_turns", "faults"),
    [
        ([turn(["card.block"])], [done(["card.block"])], [None]),
        ([turn(["card.block"])], [done()], ["effect missing"]),
        ([turn()], [done(["ticket.create"])], ["effect too many"]),
        ([turn(forbidden=["handoff"])], [done(["handoff"])], ["forbidden"]),
        ([turn(forbidden=["make_complaint"])], [done(flow="make_complaint")], ["forbidden"]),
        ([turn(flow="book_appointment")], [done()], ["flow missing"]),
        ([turn()], [done(flow="open_ticket")], ["other flow"]),
        ([turn(flow="service.cheque_book")], [done(flow="open_ticket")], [None]),
        (
            [turn(["ticket.create"]), turn()],
            [done(flow=None), done(["ticket.create"])],
            [None, None],
        ),
        (
            [turn(), turn(), turn(["handoff"])],
            [done(["handoff"]), done(), done()],
            ["effect too many", None, "effect missing"],
        ),
    ],
)
def test_a_turn_is_right_where_its_effects_and_its_flow_are(turns, seen_turns, faults):
    assert list(faults_of(turns, seen_turns)) == faults


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("report_lost_card", "report_fraud", True),
        ("service.card_replacement", "service.card-replacement", True),
        ("change_contact_details", "service.contact-change", True),
        ("close_ticket", "add_to_ticket", False),
        ("open_ticket", None, False),
        (None, None, True),
    ],
)
def test_tasks_are_the_same_by_what_they_lead_to(one, other, same):
    assert same_flow(one, other) is same


def test_an_effect_has_the_name_of_the_flow_that_it_came_from():
    answer = {
        "messages": [{"text": "Done.", "actions": [{"type": "ticket.updated"}]}],
        "active_flow": None,
    }
    assert seen(answer, "close_ticket").effects == {"ticket.close"}
    assert seen(answer, "add_to_ticket").effects == {"ticket.comment"}


@pytest.mark.parametrize(
    ("observed", "counted"),
    [
        (Observed(frozenset({"card.block"}), None, offered=False), (1, 1, 1, 0)),
        (Observed(frozenset(), "report_lost_card", offered=False), (0, 1, 1, 0)),
        (Observed(frozenset(), "open_ticket", offered=False), (0, 0, 0, 0)),
        (Observed(frozenset(), None, offered=True), (0, 0, 1, 0)),
        (Observed(frozenset({"handoff"}), None, offered=False), (0, 0, 0, 1)),
    ],
)
def test_a_message_is_done_begun_offered_or_wrong(observed, counted):
    message = Message(
        id="1",
        language="en",
        signed_in=True,
        text="...",
        wanted=ExpectedEffect(effect="card.block", at_once_ok=True),
        forbidden_effects=["handoff"],
    )
    counts = score([(message, observed)]).counts
    columns = ("done", "begun", "at once or one step", "wrongful")
    assert tuple(counts[name] for name in columns) == counted
