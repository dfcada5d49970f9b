"""What `assistant talk` prints of a turn: the reply with its taps, and the trace that the turn stored."""

from __future__ import annotations

from uuid import UUID

import pytest

from api.talk import trace_lines, turn_lines
from assistant.conversations.schemas import MessageOut, TurnOut, TurnTraceOut
from assistant.dialogue.commands import Choose, Command, SetSlot, StartFlow, SwitchLanguage
from assistant.dialogue.readings import Clause, Reading
from assistant.dialogue.state import Frame, Slot
from tests.dialogue import MONDAY

LOST = Clause(
    text="I lost my card",
    start=0,
    end=14,
    intent="report_lost_card",
    confidence=0.973,
    stance="asserted",
    stance_confidence=0.9,
    evidence=True,
)
ASKED = LOST.model_copy(update={"stance": "asked", "evidence": False})
CARD = Frame(flow="report_lost_card", step=1, waiting="card")
COMPLAINT = Frame(
    flow="make_complaint",
    step=3,
    slots={
        "subject": Slot(value="a fee"),
        "amount": Slot(value={"amount": "5.00"}),
        "contact": Slot(skipped=True),
    },
)


def trace(
    *clauses: Clause,
    commands: tuple[Command, ...] = (),
    before: tuple[Frame, ...] = (),
    after: tuple[Frame, ...] = (),
    masked: tuple[str, ...] = (),
) -> TurnTraceOut:
    """A turn's trace as the database has it."""
    reading = Reading(text="", normalised="", language="en", clauses=clauses)
    return TurnTraceOut(
        message_id=UUID(int=1),
        reading={**reading.model_dump(mode="json"), "masked": list(masked)},
        commands=[command.model_dump(mode="json") for command in commands],
        stack_before=[frame.model_dump(mode="json") for frame in before],
        stack_after=[frame.model_dump(mode="json") for frame in after],
        created_at=MONDAY,
    )


def message(text: str, *replies: tuple[str, str]) -> MessageOut:
    return MessageOut(
        id=UUID(int=2),
        author="assistant",
        text=text,
        language="en",
        citations=[],
        quick_replies=[{"title": title, "payload": payload} for title, payload in replies],
        actions=[],
        created_at=MONDAY,
    )


@pytest.mark.parametrize(
    ("stored", "lines"),
    [
        (
            trace(
                LOST, commands=(StartFlow(flow="report_lost_card", at_once=True),), after=(CARD,)
            ),
            [
                "clause    “I lost my card”  report_lost_card 0.97  asserted 0.90  evidence",
                "command   start_flow flow=report_lost_card at_once=true",
                "stack     – → report_lost_card:1 asks card",
            ],
        ),
        (
            trace(ASKED, LOST, commands=(Choose(item=0), SwitchLanguage(language="zh"))),
            [
                "clause    “I lost my card”  report_lost_card 0.97  asked 0.90  no evidence",
                "clause    “I lost my card”  report_lost_card 0.97  asserted 0.90  evidence",
                "command   choose item=0",
                "command   switch_language language=zh",
                "stack     – → –",
            ],
        ),
        (
            trace(
                commands=(SetSlot(slot="reason", value=None),),
                before=(COMPLAINT, CARD),
                masked=("pin",),
            ),
            [
                "clause    nothing to read",
                "masked    pin",
                "command   set_slot slot=reason value=null",
                'stack     make_complaint:3 (subject=a fee amount={"amount": "5.00"} contact=–) / report_lost_card:1 asks card → –',
            ],
        ),
    ],
    ids=["an act", "two clauses", "nothing to read"],
)
def test_a_trace_shows_clauses_commands_and_both_stacks(
    stored: TurnTraceOut, lines: list[str]
) -> None:
    assert list(trace_lines(stored)) == lines


def test_a_turn_shows_the_reply_with_its_taps_and_dims_the_trace() -> None:
    reply = message("Which card?", ("Debit 4411", "4411"), ("Cancel", "Cancel"))
    turn = TurnOut(messages=[reply], state="assistant", degraded=[])
    lines = [(line.plain, str(line.style)) for line in turn_lines(turn, trace(LOST))]
    assert lines[:3] == [
        ("Which card?", "cyan"),
        ("  [Debit 4411] 4411", "cyan"),
        ("  [Cancel]", "cyan"),
    ]
    assert len(lines) == 5
    assert {style for _, style in lines[3:]} == {"dim"}


def test_a_message_to_an_agent_has_no_reply_and_no_trace() -> None:
    turn = TurnOut(messages=[], state="agent", degraded=[])
    assert [line.plain for line in turn_lines(turn, None)] == [
        "No reply: the conversation is in the state agent."
    ]
