"""Scripted conversations in both languages: happy paths, digressions, cancellations, refusals, handoffs, hostile input."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.languages import LANGUAGES
from tests.bank import Bank, Turn

Script = dict[str, Any]
KNOWN = {"say", "tap", "has", "not", "actions", "does", "article", "state", "ticket"}


def scripts() -> list[Any]:
    """Every script with its language, named as in its file."""
    folder = Path(__file__).parent / "scripts"
    return [
        pytest.param(language, script, id=f"{language}: {script['name']}")
        for language in LANGUAGES
        for script in yaml.safe_load((folder / f"{language}.yml").read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("language", "script"), scripts())
def test_script(bank: Bank, language: str, script: Script) -> None:
    chat = bank.chat(language, customer=script.get("customer"))
    taps: list[str] = []
    for number, expected in enumerate(script["turns"], start=1):
        said = taps[expected["tap"]] if "tap" in expected else expected["say"]
        turn = chat.say(said)
        faults = [*faults_of(turn, expected), *faults_of_ticket(bank, turn, expected)]
        assert not faults, (
            f"turn {number}, {said!r}: {faults}; answered {turn.text!r} {turn.actions} {turn.slugs}"
        )
        taps = turn.payloads


def faults_of(turn: Turn, expected: Script) -> list[str]:
    """What of the expectations does not hold."""
    assert set(expected) <= KNOWN, expected
    held = {
        "has": expected.get("has", "") in turn.text,
        "not": "not" not in expected or expected["not"] not in turn.text,
        "actions": expected.get("actions", turn.actions) == turn.actions,
        "does": not Counter(expected.get("does", [])) - Counter(turn.actions),
        "answered": turn.text != "",
        "article": expected.get("article", None) in (None, *turn.slugs[:1]),
        "state": expected.get("state", turn.raw["state"]) == turn.raw["state"],
        "degraded": turn.raw["degraded"] == [],
    }
    return [name for name, holds in held.items() if not holds]


def faults_of_ticket(bank: Bank, turn: Turn, expected: Script) -> list[str]:
    """What of the expected ticket staff do not find in the one that was opened."""
    if "ticket" not in expected or "ticket.created" not in turn.actions:
        return ["ticket"] if "ticket" in expected else []
    ticket = bank.get(
        f"/v1/tickets/{turn.action('ticket.created')['id']}", bank.staff("supervisor")
    )
    return [f"ticket {key}" for key, value in expected["ticket"].items() if ticket[key] != value]
