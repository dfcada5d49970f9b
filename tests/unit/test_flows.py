"""Flows as data: those of the product are right, and those that are wrong are refused with file, line and remedy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

from actions.customers.models import Card
from actions.tickets.models import Ticket
from actions.tickets.ticket_config.service import default_services
from api.flow_commands import flows as flow_commands
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.catalogue_flows import flow_of_service, flows_of_services
from assistant.dialogue.flows.conditions import holds
from assistant.dialogue.flows.definition import Collect, Condition, Confirm, FlowDefinition
from assistant.dialogue.flows.drawing import draw
from assistant.dialogue.flows.loading import (
    MAX_FILE,
    default_files,
    read_file,
    read_files,
    read_text,
)
from assistant.dialogue.flows.problems import FlowsInvalid
from assistant.dialogue.flows.schema import SCHEMA, flow_schema
from assistant.dialogue.flows.signatures import SIGNATURES
from assistant.dialogue.flows.validation import check
from assistant.dialogue.operations import OPERATIONS
from core.errors import SetupError

NOW = datetime(2026, 11, 27, 11, tzinfo=UTC)
SERVICES = default_services()

# The contract's names (docs/api): what `active_flow` may be called.
CONTRACT = {
    "report_lost_card",
    "report_fraud",
    "open_ticket",
    "make_complaint",
    "close_ticket",
    "add_to_ticket",
    "ticket_status",
    "book_appointment",
    "change_contact_details",
    "request_recommendation",
    "talk_to_person",
}

FLOW = """\
name: sample
title: {en: A sample, zh: 示例}
description: {en: A sample flow, zh: 示例流程}
start: {intents: [sample_intent]}
effect: writes
steps:
  - {collect: description, type: description, ask: dialogue.ask_description}
  - {confirm: dialogue.confirm_new_ticket, show: [description]}
  - {call: tickets.open, slots: [description]}
"""


def problems_of(text: str, file: str = "sample.yml") -> list[str]:
    """What is wrong with a flow among no others but the service catalogue's."""
    try:
        flow = read_text(text, file)
    except FlowsInvalid as error:
        return [problem.worded() for problem in error.problems]
    return [problem.worded() for problem in check([flow], SERVICES)]


def test_the_flows_of_the_product_are_right_and_have_the_contracts_names() -> None:
    flows, problems = read_files(default_files())
    assert [problem.worded() for problem in [*problems, *check(flows, SERVICES)]] == []
    assert {flow.definition.name for flow in flows} >= CONTRACT


def test_the_schema_is_the_one_of_the_models() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == flow_schema()
    assert json.loads(flow_schema())["title"] == "FlowDefinition"


def test_every_operation_has_a_signature_and_every_signature_an_operation() -> None:
    assert SIGNATURES.keys() == OPERATIONS.keys()


def test_a_right_flow_has_no_problems() -> None:
    assert problems_of(FLOW) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "effect: writes",
            "effects: writes",
            "sample.yml:5: effects: effects is not known here: did you mean effect?",
        ),
        (
            "effect: writes",
            "colour: blue",
            "sample.yml:5: colour: colour is not known here: remove it.",
        ),
        ("effect: writes", "effect: [", "sample.yml:7: This is not YAML that can be read"),
        ("effect: writes", "name: other", "sample.yml:5: The key name stands twice: remove one."),
        ("name: sample", "name: Sample Flow", "sample.yml:1: name: “Sample Flow” is no name"),
        ("title: {en: A sample, zh: 示例}\n", "", "sample.yml:1: title: title is missing: add it."),
        (", zh: 示例流程", "", "sample.yml:3: description.zh: zh is missing: add it."),
        (
            "{collect: description,",
            "{gather: description,",
            "sample.yml:7: steps.0: A step begins with one of collect, ",
        ),
        (
            "type: description",
            "type: prose",
            "sample.yml:7: steps.0.type: Input should be 'field', ",
        ),
        (
            "[description]}\n  - {call",
            "[text]}\n  - {call",
            "sample.yml:8: steps.1.show.0: No step before fills the slot text (filled so far: description)",
        ),
        (
            "tickets.open",
            "tickets.opne",
            "sample.yml:9: steps.2.call: There is no operation tickets.opne. Near: tickets.open",
        ),
        (
            "slots: [description]}",
            "slots: [description], arguments: {colour: blue}}",
            "sample.yml:9: steps.2: tickets.open does not take colour",
        ),
        (
            "slots: [description]}",
            "arguments: {kind: complaint}}",
            "sample.yml:9: steps.2: tickets.open needs description",
        ),
        (
            "slots: [description]}",
            "slots: [description]}\n  - {offer: [service.no-such]}",
            "sample.yml:10: steps.3.offer.0: There is no flow service.no-such.",
        ),
        (
            "slots: [description]}",
            "slots: [description]}\n  - {end: true}\n  - {say: dialogue.thank}",
            "sample.yml:11: steps.4: No conversation gets here",
        ),
        (
            "slots: [description]}",
            "slots: [description]}\n  - {link: sample}",
            "sample.yml:10: steps.3.link: The links lead round in a circle: sample, sample.",
        ),
        (
            "tickets.open, slots: [description]",
            "services.request, arguments: {code: no-such}",
            "sample.yml:9: steps.2.arguments.code: The service catalogue has no entry no-such",
        ),
        (
            "ask: dialogue.ask_description",
            "ask: dialogue.ask_nothing",
            "sample.yml:7: steps.0.ask: The text dialogue.ask_nothing has no wording in en, zh",
        ),
        (
            "confirm_new_ticket,",
            "confirm_new_ticket_visitor,",
            "sample.yml:8: steps.1.confirm: The text dialogue.confirm_new_ticket_visitor (en) names contact",
        ),
        (
            ", ask: dialogue.ask_description",
            "",
            "sample.yml:7: steps.0: The slot description has no question",
        ),
        (
            "type: description,",
            "type: choice,",
            "sample.yml:7: steps.0: The slot description needs options",
        ),
        (
            "type: description,",
            "type: field,",
            "sample.yml:7: steps.0: The slot description needs a field",
        ),
        ("effect: writes", "effect: none", "sample.yml:9: steps.2: tickets.open changes something"),
        ("effect: writes", "start: {service: no-such}", "sample.yml:5: The key start stands twice"),
        (
            "{intents: [sample_intent]}",
            "{service: no-such}",
            "sample.yml:4: start.service: The service catalogue has no entry no-such",
        ),
        (
            "name: sample",
            "name: service.card-lock",
            "sample.yml:1: name: There is another flow called service.card-lock",
        ),
        (
            "en: A sample,",
            "en: Change address,",
            "sample.yml:2: title.en: The title “Change address” is the one of service.address-change",
        ),
        (
            "type: description,",
            "type: description, when: {slot: other},",
            "sample.yml:7: steps.0.when.slot: No step before fills the slot other",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_remedy(
    before: str, after: str, expected: str
) -> None:
    assert FLOW.count(before) >= 1
    assert any(expected in problem for problem in problems_of(FLOW.replace(before, after, 1))), (
        problems_of(FLOW.replace(before, after, 1))
    )


def test_what_is_hard_to_take_back_is_confirmed_without_a_condition() -> None:
    hard = FLOW.replace("effect: writes", "effect: hard_to_take_back")
    assert problems_of(hard) == []
    unasked = hard.replace("show: [description]}", "show: [description], when: {on_duty: true}}")
    assert "put a confirm step without a condition before it" in problems_of(unasked)[0]


def test_two_flows_share_no_name_title_or_intent() -> None:
    first, second = read_text(FLOW, "sample.yml"), read_text(FLOW, "again.yml")
    worded = [problem.worded() for problem in check([first, second], SERVICES)]
    assert "There is another flow called sample" in worded[0]
    renamed = replace(second, definition=second.definition.model_copy(update={"name": "again"}))
    text = "\n".join(problem.worded() for problem in check([first, renamed], SERVICES))
    assert "again.yml:2: title.en: The title “A sample” is the one of sample" in text
    assert "again.yml:4: start.intents: The intent sample_intent starts sample" in text


def test_links_through_several_flows_do_not_come_back() -> None:
    texts = {
        name: FLOW.replace("name: sample", f"name: {name}")
        .replace("A sample,", f"Flow {name},")
        .replace("示例}", f"{name}}}")
        .replace("sample_intent", f"{name}_intent")
        + f"  - {{link: {target}}}\n"
        for name, target in (("one", "two"), ("two", "three"), ("three", "one"))
    }
    flows = [read_text(text, f"{name}.yml") for name, text in texts.items()]
    worded = [problem.worded() for problem in check(flows, SERVICES)]
    assert worded[0].startswith(
        "one.yml:10: steps.3.link: The links lead round in a circle: one, two, three, one."
    )
    assert len(worded) == len(flows)


DEEP = "name: " + "[" * 3_000 + "]" * 3_000
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
LONG = FLOW + "  - {say: dialogue.thank}\n" * 500


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "A flow is a mapping"),
        ("- a\n- b\n", "A flow is a mapping"),
        ("just words", "A flow is a mapping"),
        (DEEP, "nested too deeply"),
        (BOMB, "sample.yml:2: Aliases (*name) are not allowed"),
        (LONG, "sample.yml:6: steps: A flow has at most 60 steps: split it and link the parts."),
        ("a: " + "x" * MAX_FILE, "A flow's file has at most"),
        ("a: 2026-13-45", "This is not YAML that can be read"),
        ("a: " + "9" * 5000, "This is not YAML that can be read"),
        ("? [a]\n: b", "This is not YAML that can be read"),
        ("a: !!python/object/apply:os.system [ls]", "This is not YAML that can be read"),
        ("name: sample\nsteps: 5", "sample.yml:2: steps: Input should be a valid tuple"),
    ],
)
def test_malformed_files_are_refused(text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems_of(text)), problems_of(text)


def test_a_file_is_called_as_its_flow_and_is_text(tmp_path: Path) -> None:
    wrong, binary = tmp_path / "other.yml", tmp_path / "binary.yml"
    wrong.write_text(FLOW, encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    _, problems = read_files([wrong, binary, tmp_path / "missing.yml"])
    assert [problem.worded() for problem in problems] == [
        "other.yml:1: name: The file must be called sample.yml, as its flow is: rename one of them.",
        "binary.yml:1: The file is not text in UTF-8: save it as UTF-8.",
        "missing.yml:1: The file cannot be read: No such file or directory.",
    ]


# --- flows of the service catalogue -------------------------------------------------------------------------------------


def test_an_entry_of_the_catalogue_is_a_flow() -> None:
    flow = flow_of_service("card-limit", SERVICES["card-limit"])
    assert (flow.name, flow.effect, flow.sign_in, flow.second_factor) == (
        "service.card-limit",
        "writes",
        "required",
        True,
    )
    assert [type(step).__name__ for step in flow.steps] == [
        "Collect",
        "Collect",
        "Confirm",
        "CallStep",
    ]
    assert all(isinstance(step, Collect) and step.field for step in flow.steps[:2])


@pytest.mark.parametrize(
    ("code", "effect", "confirmed"),
    [
        ("card-lock", "protective", False),
        ("card-in-atm", "writes", True),
        ("account-closure", "hard_to_take_back", True),
        ("direct-debit-stop", "hard_to_take_back", True),
        ("data-erasure", "hard_to_take_back", True),
        ("payment-recall", "hard_to_take_back", True),
        ("address-change", "writes", True),
    ],
)
def test_what_a_request_does_decides_whether_it_is_confirmed(
    code: str, effect: str, confirmed: bool
) -> None:
    flow = flow_of_service(code, SERVICES[code])
    assert flow.effect == effect
    assert any(isinstance(step, Confirm) for step in flow.steps) == confirmed


def test_a_visitor_says_how_to_be_reached_where_anyone_may_ask() -> None:
    flow = flow_of_service("login-help", SERVICES["login-help"])
    contact = next(s for s in flow.steps if isinstance(s, Collect) and s.collect == "contact")
    assert (flow.sign_in, contact.when) == ("optional", Condition(signed_in=False))
    assert len(flows_of_services(SERVICES)) == len(SERVICES)


# --- conditions, drawing ------------------------------------------------------------------------------------------------


def facts(**changes: Any) -> Facts:
    return replace(Facts(now=NOW, language="en", signed_in=True), **changes)


TICKET = Ticket(reference="T-100100", state="open", tags=[])


@pytest.mark.parametrize(
    ("condition", "slots", "world", "expected"),
    [
        (None, {}, {}, True),
        ({"signed_in": True}, {}, {}, True),
        ({"signed_in": False}, {}, {}, False),
        ({"slot": "card"}, {"card": "x"}, {}, True),
        ({"slot": "card"}, {}, {}, False),
        ({"slot": "detail", "equals": "phone"}, {"detail": "phone"}, {}, True),
        ({"slot": "detail", "equals": "phone"}, {"detail": "email"}, {}, False),
        ({"missing": "card"}, {}, {}, True),
        ({"missing": "card"}, {"card": "x"}, {}, False),
        ({"without_time": "moment"}, {"moment": "2026-12-01"}, {}, True),
        ({"without_time": "moment"}, {"moment": "2026-12-01T15:00"}, {}, False),
        ({"without_time": "moment"}, {"moment": "2026-12-01/morning"}, {}, False),
        ({"without_time": "moment"}, {}, {}, False),
        ({"foreign": "ticket"}, {"ticket": "T-100100"}, {"tickets": (TICKET,)}, False),
        ({"foreign": "ticket"}, {"ticket": "T-100200"}, {"tickets": (TICKET,)}, True),
        ({"foreign": "ticket"}, {}, {}, False),
        ({"has": "open_ticket"}, {}, {"tickets": (TICKET,)}, True),
        ({"lacks": "ticket"}, {}, {}, True),
        ({"has": "active_card"}, {}, {"cards": (Card(state="blocked"),)}, False),
        ({"has": "blocked_card"}, {}, {"cards": (Card(state="blocked"),)}, True),
        ({"on_duty": False, "signed_in": True}, {}, {"on_duty": False}, True),
        ({"on_duty": False, "signed_in": True}, {}, {"on_duty": True}, False),
    ],
)
def test_all_that_a_condition_names_must_hold(
    condition: dict[str, Any] | None, slots: dict[str, Any], world: dict[str, Any], expected: bool
) -> None:
    when = Condition.model_validate(condition) if condition is not None else None
    assert holds(when, slots, facts(**world)) == expected


def test_a_flow_is_drawn_as_a_graph() -> None:
    flow = FlowDefinition.model_validate(read_text(FLOW, "sample.yml").definition)
    assert draw(flow) == dedent(
        """\
        ---
        title: sample - A sample (writes)
        ---
        flowchart TD
            start(("sample_intent"))
            s0[/"description: description"/]
            start --> s0
            s1{"confirm description"}
            s0 --> s1
            s2[["tickets.open(description)"]]
            s1 --> s2
            send(("end"))
            s2 --> send
        """
    )


def test_every_flow_of_the_product_can_be_drawn() -> None:
    for path in default_files():
        drawn = draw(read_file(path).definition, "zh")
        assert drawn.count("end((") >= 1


# --- the command line ---------------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and output of `assistant flows`."""
    result = CliRunner().invoke(flow_commands, list(arguments))
    return result.exit_code, result.output


def test_the_command_checks_the_products_flows_and_files_that_take_their_place(
    tmp_path: Path,
) -> None:
    assert command("check") == (0, f"{len(default_files())} flows are right.\n")
    right, wrong = tmp_path / "open_ticket.yml", tmp_path / "sample.yml"
    right.write_text(
        FLOW.replace("sample", "open_ticket").replace("open_ticket_intent", "open_ticket")
    )
    assert command("check", str(right)) == (0, f"{len(default_files())} flows are right.\n")
    wrong.write_text(FLOW.replace("tickets.open", "tickets.opne"))
    code, output = command("check", str(wrong))
    assert code == 1
    assert output.startswith("sample.yml:9: steps.2.call: There is no operation tickets.opne.")


def test_the_command_draws_one_flow_or_all() -> None:
    assert command("draw", "service.card-limit")[1].count("flowchart TD") == 1
    assert command("draw")[1].count("flowchart TD") == len(default_files()) + len(SERVICES)
    assert isinstance(CliRunner().invoke(flow_commands, ["draw", "no_such"]).exception, SetupError)
    assert json.loads(command("schema")[1]) == json.loads(flow_schema())
