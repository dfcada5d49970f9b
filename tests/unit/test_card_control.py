"""The port to the core banking system: its rules, the simulator, and the HTTP adapter against a server and its description."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from fastapi.openapi.models import OpenAPI
from pydantic import ValidationError

from actions.customers.card_control.connector import CardConnector
from actions.customers.card_control.http import ATTEMPTS, FAILURES_TO_OPEN, HttpCardControl
from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.port import CardAction, CardOrder, ControlResult, send
from actions.customers.card_control.rules import (
    PAUSES,
    pause_after,
    refusal_to_unblock,
    source_counts,
)
from actions.customers.card_control.simulator import SimulatedCardControl
from actions.customers.card_control.wording import control_notice
from actions.customers.models import CardState
from core.catalogue import LANGUAGES
from core.identity import Participant
from core.localized_text import translate
from core.settings import DEMONSTRATION_PHONE, ROOT, Settings
from tests.core_banking import TOKEN, Answer, CoreBanking, core_banking, done

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
DESCRIBED: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "core-banking.yml").read_text("utf-8"))
LIMIT_S = 0.4
OUTCOMES = {
    "done": ControlResult("done"),
    "pending": ControlResult("pending"),
    "refused": ControlResult("refused", "card_closed"),
    "card_unknown": ControlResult("refused", "card_unknown"),
    "superseded": ControlResult("refused", "superseded"),
    "blocked_by_bank": ControlResult("refused", "blocked_by_bank"),
    "idempotency_key_reused": ControlResult("refused", "idempotency_key_reused"),
    "request_unknown": ControlResult("unavailable", "request_unknown"),
    "not_authenticated": ControlResult("unavailable", "status_401"),
}


@pytest.fixture
def system() -> Iterator[CoreBanking]:
    with core_banking() as made:
        yield made


@pytest.fixture
async def control(system: CoreBanking) -> AsyncIterator[HttpCardControl]:
    made = HttpCardControl(system.url, TOKEN, LIMIT_S, longest_pause_s=0.01)
    yield made
    await made.close()


def order(
    action: CardAction = "block", card: str = "c/1 ü", sequence: int = 7, key: UUID | None = None
) -> CardOrder:
    return CardOrder(key or uuid4(), card, action, sequence, NOW)


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference of the description stands for."""
    if "$ref" not in node:
        return node
    found: Any = DESCRIBED
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def described_answers() -> Iterator[Any]:
    """Each example of each answer, with its operation and status."""
    for path, methods in DESCRIBED["paths"].items():
        for method in set(methods) - {"parameters"}:
            for status, answer in methods[method]["responses"].items():
                for content in resolved(answer)["content"].values():
                    for name, example in content["examples"].items():
                        operation = methods[method]["operationId"]
                        yield pytest.param(
                            operation,
                            int(status),
                            name,
                            example["value"],
                            id=f"{operation}-{status}-{name}",
                        )
        assert path.startswith("/cards/{card}/")


async def ask(control: HttpCardControl, operation: str, asked: CardOrder) -> ControlResult:
    match operation:
        case "blockCard":
            return await control.block(asked)
        case "unblockCard":
            return await control.unblock(asked)
    return await control.status(asked)


def test_the_description_is_openapi() -> None:
    assert OpenAPI.model_validate(DESCRIBED).openapi == "3.1.0"


@pytest.mark.parametrize(("operation", "status", "name", "example"), described_answers())
async def test_each_answer_of_the_description_is_understood(
    system: CoreBanking,
    control: HttpCardControl,
    operation: str,
    status: int,
    name: str,
    example: dict[str, Any],
) -> None:
    asked = order(key=UUID(example["request_id"]) if "request_id" in example else None)
    system.always = Answer(status, example)
    expected = OUTCOMES.get(name) or ControlResult("unavailable", f"status_{status}")
    assert await ask(control, operation, asked) == expected
    assert len(system.received) == (ATTEMPTS if name == "busy" else 1)


@pytest.mark.parametrize("operation", ["blockCard", "unblockCard", "readRequest"])
async def test_a_request_is_as_the_description_says(
    system: CoreBanking, control: HttpCardControl, operation: str
) -> None:
    asked = order()
    await ask(control, operation, asked)
    path, method, described = next(
        (path, method, found)
        for path, methods in DESCRIBED["paths"].items()
        for method, found in methods.items()
        if method != "parameters" and found["operationId"] == operation
    )
    (received,) = system.received
    assert received.method == method.upper()
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), received.path)
    assert received.path.startswith("/cards/c%2F1%20%C3%BC/")
    assert received.headers["authorization"] == f"Bearer {TOKEN}"
    if method == "post":
        assert received.headers["idempotency-key"] == str(asked.id)
        schema = DESCRIBED["components"]["schemas"]["Order"]
        assert set(received.body) == set(schema["required"]) == set(schema["properties"])
        assert received.body == {"sequence": 7, "requested_at": NOW.isoformat()}
    else:
        assert received.path.endswith(f"/requests/{asked.id}")
        assert "requestBody" not in described


MALFORMED: list[tuple[str, Answer, ControlResult, int]] = [
    (
        "no JSON",
        Answer(200, b"<html>all is well</html>"),
        ControlResult("unavailable", "malformed"),
        1,
    ),
    ("another's", Answer(200, done(uuid4())), ControlResult("unavailable", "malformed"), 1),
    (
        "no outcome",
        Answer(200, {"request_id": str(uuid4())}),
        ControlResult("unavailable", "malformed"),
        1,
    ),
    ("a list", Answer(200, b"[1, 2]"), ControlResult("unavailable", "malformed"), 1),
    ("empty", Answer(200, b""), ControlResult("unavailable", "malformed"), 1),
    ("too long", Answer(200, b" " * 200_000), ControlResult("unavailable", "malformed"), 1),
    (
        "a proxy's 404",
        Answer(404, b"<h1>Not found</h1>"),
        ControlResult("unavailable", "malformed"),
        1,
    ),
    (
        "a 409 without a code",
        Answer(409, {"title": "No"}),
        ControlResult("unavailable", "malformed"),
        1,
    ),
    (
        "a redirect",
        Answer(302, b"", headers={"location": "/"}),
        ControlResult("unavailable", "status_302"),
        1,
    ),
    ("not permitted", Answer(403, {"code": "no"}), ControlResult("unavailable", "status_403"), 1),
    ("broken", Answer(500, b"oops"), ControlResult("unavailable", "status_500"), ATTEMPTS),
    ("late", Answer(200, b"{}", wait_s=30), ControlResult("unavailable", "timeout"), ATTEMPTS),
    (
        "drop by drop",
        Answer(200, b" " * 500, drip_s=0.1),
        ControlResult("unavailable", "timeout"),
        ATTEMPTS,
    ),
    (
        "bad encoding",
        Answer(200, b"plain", headers={"content-encoding": "gzip"}),
        ControlResult("unavailable", "malformed"),
        1,
    ),
]


@pytest.mark.parametrize(
    ("answer", "expected", "tries"),
    [case[1:] for case in MALFORMED],
    ids=[case[0] for case in MALFORMED],
)
async def test_an_answer_that_cannot_be_used_is_none(
    system: CoreBanking,
    control: HttpCardControl,
    answer: Answer,
    expected: ControlResult,
    tries: int,
) -> None:
    system.always = answer
    started = time.monotonic()
    assert await control.block(order()) == expected
    assert time.monotonic() - started < ATTEMPTS * LIMIT_S + 1
    assert len(system.received) == tries


async def test_a_connection_that_breaks_after_the_order_was_taken_has_one_effect(
    system: CoreBanking, control: HttpCardControl
) -> None:
    system.lose = 2
    asked = order()
    assert await control.block(asked) == ControlResult("done")
    assert len(system.received) == 3
    assert system.effects == [("c/1 ü", "block", str(asked.id))]


async def test_what_is_accepted_is_asked_for_until_it_is_in_force(
    system: CoreBanking, control: HttpCardControl
) -> None:
    system.pending = 2
    asked = order()
    assert await control.block(asked) == ControlResult("pending")
    assert await control.status(asked) == ControlResult("pending")
    assert await control.status(asked) == ControlResult("done")
    assert len(system.effects) == 1


async def test_a_late_repetition_does_not_undo_a_newer_order(
    system: CoreBanking, control: HttpCardControl
) -> None:
    assert await send(control, order("block", sequence=9)) == ControlResult("done")
    assert await send(control, order("unblock", sequence=8)) == ControlResult(
        "refused", "superseded"
    )
    assert system.blocked == {"c/1 ü": True}


async def test_after_failures_the_circuit_opens_and_nothing_is_sent(
    system: CoreBanking, control: HttpCardControl
) -> None:
    system.always = Answer(503, b"")
    for _ in range(FAILURES_TO_OPEN):
        last = await control.block(order())
    assert last == ControlResult("unavailable", "circuit_open")
    assert len(system.received) == FAILURES_TO_OPEN


async def test_refusals_do_not_open_the_circuit(
    system: CoreBanking, control: HttpCardControl
) -> None:
    system.always = Answer(409, {"code": "blocked_by_bank"})
    for _ in range(FAILURES_TO_OPEN + 2):
        assert (await control.unblock(order("unblock"))).outcome == "refused"
    assert len(system.received) == FAILURES_TO_OPEN + 2


async def test_nobody_there_is_unavailable() -> None:
    with core_banking() as gone:
        url = gone.url
    control = HttpCardControl(url, TOKEN, LIMIT_S, longest_pause_s=0.01)
    assert await control.block(order()) == ControlResult("unavailable", "no_connection")
    await control.close()


async def test_a_certificate_is_checked(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    certificate, key = str(tmp_path / "ca.pem"), str(tmp_path / "key.pem")
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    files = ["-keyout", key, "-out", certificate, "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, *request.split(), *files]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    with core_banking(certificate, key) as system:
        settings = {"core_banking_url": system.url, "core_banking_token": TOKEN}
        for ca, outcome in ((None, "unavailable"), (certificate, "done")):
            connector = CardConnector(Settings(**settings, core_banking_ca=ca))
            assert (await connector.control.block(order())).outcome == outcome
            await connector.close()
        assert len(system.effects) == 1


@pytest.mark.parametrize(
    ("url", "good"),
    [
        (None, True),
        ("https://core.bank.example/v1", True),
        ("http://127.0.0.1:9000", True),
        ("http://core.bank.example", False),
        ("https://user:secret@core.bank.example", False),
        ("ftp://core.bank.example", False),
        ("core.bank.example", False),
    ],
)
def test_an_address_is_encrypted_or_on_this_machine(url: str | None, good: bool) -> None:
    if good:
        assert Settings(core_banking_url=url).core_banking_url == url
    else:
        with pytest.raises(ValidationError):
            Settings(core_banking_url=url)


def test_only_the_demonstration_has_a_number_of_its_own() -> None:
    assert Settings().emergency_number is None
    assert Settings(demonstration=True).emergency_number == DEMONSTRATION_PHONE
    assert Settings(demonstration=True, emergency_phone="116116").emergency_number == "116116"


async def test_without_an_address_a_simulator_does_what_it_is_asked() -> None:
    control = CardConnector(Settings()).control
    assert isinstance(control, SimulatedCardControl)
    first, second = order("block", sequence=1), order("unblock", sequence=2)
    assert (await control.status(first)).reason == "request_unknown"
    assert await send(control, first) == await send(control, first) == ControlResult("done")
    assert await send(control, second) == await control.status(second) == ControlResult("done")
    assert await send(control, first) == ControlResult("refused", "superseded")
    assert control.last_order(first.card) == second.id


def request(**values: Any) -> CardRequest:
    plain = {
        "action": "block",
        "state": "confirmed",
        "requested_at": NOW,
        "concluded_at": NOW,
        "conversation_id": uuid4(),
    }
    return CardRequest(**plain | values)


CONFIRMED, LATER, EARLIER = NOW, NOW + timedelta(seconds=1), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "as_of", "about", "counts"),
    [
        ("active", EARLIER, None, True),
        ("active", LATER, request(state="pending", concluded_at=None), False),
        ("active", EARLIER, request(), False),
        ("active", CONFIRMED, request(), False),
        ("active", LATER, request(), True),
        ("active", None, request(), False),
        ("active", None, request(source_seen_at=NOW), True),
        ("blocked", EARLIER, request(action="unblock"), False),
        ("blocked", LATER, request(action="unblock"), True),
        ("expired", EARLIER, request(state="pending", concluded_at=None), True),
    ],
)
def test_a_source_counts_when_it_is_newer_than_what_we_asked_for(
    state: CardState, as_of: datetime | None, about: CardRequest | None, counts: bool
) -> None:
    assert source_counts(state, as_of, about) is counts


FACTOR = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("about", "mfa_valid_until", "code"),
    [
        (request(), FACTOR, None),
        (request(state="pending"), FACTOR, None),
        (request(requested_at=NOW - timedelta(hours=24)), FACTOR, None),
        (request(requested_at=NOW - timedelta(hours=24, seconds=1)), FACTOR, "card.unblock_agent"),
        (request(conversation_id=None), FACTOR, "card.unblock_agent"),
        (request(action="unblock"), FACTOR, "card.unblock_agent"),
        (None, FACTOR, "card.unblock_agent"),
        (request(), None, "card.unblock_second_factor"),
        (request(), NOW, "card.unblock_second_factor"),
    ],
)
def test_a_customer_takes_back_a_block_of_their_own_of_today(
    about: CardRequest | None, mfa_valid_until: datetime | None, code: str | None
) -> None:
    caller = Participant(uuid4(), uuid4(), mfa_valid_until)
    refusal = refusal_to_unblock(caller, about, NOW)
    assert (refusal.code if refusal else None) == code


def test_a_stolen_card_has_failed_within_five_minutes() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, len(PAUSES) + 2)]
    assert pauses == [*PAUSES, None]
    assert sum(PAUSES, timedelta()) < timedelta(minutes=5)


@pytest.mark.parametrize("phone", ["+44 20 7946 0911", None])
def test_a_failed_block_names_the_card_and_the_number_to_call(phone: str | None) -> None:
    for language in LANGUAGES:
        text = translate(control_notice("block_failed", "4411", phone), language)
        assert "4411" in text
        assert (phone or "4411") in text
        for control in ("block_pending", "unblock_pending", "unblock_failed"):
            assert "4411" in translate(control_notice(control, "4411", phone), language)
