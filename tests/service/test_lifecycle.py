"""Starting, stopping and being killed: nothing half-started, nothing left behind, an answer before Rasa is warm."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.run import has_answer
from bench.service import Served, reuse_model, start
from core.processes import ProcessRecord
from tests.bank import Bank
from tests.conftest import SETTINGS

WAIT_S = 60


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "check DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///file.db"}, "must be a PostgreSQL address"),
        ({"ENCODER_MODEL": "/no/such/model"}, "encoder model /no/such/model is missing"),
        (
            {"DEMONSTRATION": "false", "STAFF_TOKEN_SECRET": "changeme" * 8},
            "staff_token is a default",
        ),
        ({"PORT": "99999"}, "configuration is not valid: port"),
    ],
)
def test_what_is_missing_is_one_sentence_and_exit_code_two(
    tmp_path: Path, settings: dict[str, str], says: str
) -> None:
    code, output = refused(tmp_path, settings)
    assert code == 2, output
    assert says in output
    assert "Traceback" not in output


def test_a_port_in_use_starts_nothing(tmp_path: Path, busy_port: int) -> None:
    code, output = refused(tmp_path, {"PORT": str(busy_port)})
    assert (code, f"Port {busy_port}" in output) == (2, True), output
    assert processes_of(tmp_path) == []


def test_a_killed_service_leaves_nothing_and_starts_again(tmp_path: Path, bank: Bank) -> None:
    reuse_model(tmp_path, bank.folder)
    killed = start(tmp_path, SETTINGS)
    killed.wait_until(lambda: has_answer(killed))
    answers_while_rasa_starts(killed)
    record = ProcessRecord(tmp_path, "rasa-0")
    killed.wait_until(lambda: record.running() is not None)  # answers come before Rasa's process
    rasa = record.running()
    assert rasa is not None
    killed.process.kill()
    killed.process.wait(WAIT_S)
    psutil.wait_procs([rasa], timeout=WAIT_S)
    assert not rasa.is_running()

    again = start(tmp_path, SETTINGS)
    again.wait_until(lambda: has_answer(again))
    assert again.stop() in (0, 130)  # 130: ended by Ctrl-C
    assert processes_of(tmp_path) == []


def answers_while_rasa_starts(served: Served) -> None:
    """A person can be asked for, and a ticket opened, whether Rasa, which starts in seconds, is there already or not."""
    bank = Bank(served.demo, served.folder)
    assert bank.chat("zh").say("我要转人工").actions == ["handoff.requested"]
    chat = bank.chat("en", customer=0)
    chat.say("please open a ticket")
    assert "March" in chat.say("my statement for March never came").text
    assert chat.say("yes").actions == ["ticket.created"]


def refused(folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of a start that must not succeed, in a folder of its own."""
    served = start(folder, settings)
    try:
        return served.process.wait(WAIT_S), " ".join(served.log.split())
    except subprocess.TimeoutExpired:
        pytest.fail(f"it started: {served.log}")
    finally:
        served.stop()


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that name the folder."""
    lines = (
        " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
    )
    return [line for line in lines if str(folder) in line]
