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
KNOWN = {"say", "tap", "has", "not", "actions", "does", "article", "state", "silent"}


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
        faults = list(faults_of(turn, expected))
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
        "silent": bool(turn.raw["messages"]) != expected.get("silent", False),
        "article": expected.get("article", None) in (None, *turn.slugs[:1]),
        "state": expected.get("state", turn.raw["state"]) == turn.raw["state"],
        "degraded": turn.raw["degraded"] == [],
    }
    return [name for name, holds in held.items() if not holds]
