"The real service for the tests: started once by the product's own command, on free ports and in a temporary folder."

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.settings import ROOT, Settings
from nlu.supervisor import free_port
from nlu.training import model_path
from tests.bank import Bank

START_LIMIT_S = 200


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    "The served demonstration bank with a warm Rasa."
    folder = tmp_path_factory.mktemp("bank")
    reuse_model(folder)
    log = (folder / "serve.log").open("wb")
    port = free_port()
    environment = {
        **os.environ, "VAR_DIR": str(folder), "PORT": str(port), "DATABASE_URL": "", "DEMONSTRATION": "true",
        "WEBHOOK_PRIVATE_HOSTS": "true", "MESSAGES_PER_MINUTE": "1000", "CONVERSATIONS_PER_MINUTE": "1000",
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "assistant"), "serve"]
    served = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(served, port, folder)
        yield Bank(json.loads((folder / "demo.json").read_text(encoding="utf-8")), folder)
    finally:
        served.send_signal(signal.SIGINT)
        try:
            served.wait(30)
        except subprocess.TimeoutExpired:
            served.kill()


def reuse_model(folder: Path) -> None:
    "A model is named by the fingerprint of its inputs, so one that was trained before is the same."
    trained = model_path(Settings())
    if trained.exists():
        (folder / "models").mkdir()
        shutil.copy(trained, folder / "models")


def wait_until_ready(served: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    "Until every component is ready."
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if served.poll() is not None:
            pytest.fail(f"the service ended: {(folder / 'serve.log').read_text()[-3000:]}")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["status"] == "ready":
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.3)
    pytest.fail(f"the service was not ready in time: {(folder / 'serve.log').read_text()[-3000:]}")
