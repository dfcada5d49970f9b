"""`assistant talk` as somebody runs it beside the service: messages come from its input, on the bank's own database."""

from __future__ import annotations

import os
import subprocess

import pytest

from bench.service import ASSISTANT
from core.settings import ROOT
from tests.bank import Bank


def talk(bank: Bank, *arguments: str, messages: str = "") -> subprocess.CompletedProcess[str]:
    """A conversation in a process of its own, with Rasa out of reach."""
    environment = {
        **os.environ,
        "VAR_DIR": str(bank.folder),
        "DATABASE_URL": "",
        "RASA_URL": "http://127.0.0.1:9",
        "COLUMNS": "200",
    }
    return subprocess.run(
        [ASSISTANT, "talk", *arguments],
        cwd=ROOT,
        env=environment,
        input=messages,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_each_message_is_answered_and_shown_as_it_was_understood(bank: Bank) -> None:
    id_ = bank.customer(0)["id"]
    number = bank.get(f"/v1/customers/{id_}", bank.staff("supervisor"))["number"]
    ended = talk(
        bank, "--customer", number, "--language", "en", messages="I lost my card\n\n你好\n"
    )
    assert ended.returncode == 0, ended.stderr
    heading, conversation = ended.stdout.splitlines()[0], ended.stdout
    assert "a signed-in customer; Rasa is not reachable" in heading
    assert "“I lost my card”  report_lost_card" in conversation
    assert "“你好”" in conversation
    assert conversation.count("stack     ") == 2
    stored = bank.get(
        f"/v1/conversations/{heading.split()[1].rstrip(',')}/turns", bank.staff("agent")
    )
    assert [turn["reading"]["text"] for turn in stored["items"]] == ["I lost my card", "你好"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--customer", "nobody"], 2, "There is no customer nobody."),
        (["--language", "fr"], 2, "'fr' is not one of 'en', 'zh'"),
    ],
)
def test_who_cannot_talk_is_told_why(
    bank: Bank, arguments: list[str], code: int, message: str
) -> None:
    ended = talk(bank, *arguments)
    assert ended.returncode == code
    assert message in ended.stderr
