"""`assistant dev`: a change of the sources starts the API again, with the database and Rasa still there."""

from __future__ import annotations

import os
from pathlib import Path

import httpx

from bench.service import Served, start
from core.settings import ROOT
from nlu.supervisor import free_port

ANNOUNCED = "The assistant is served"


def _is_served(served: Served, times: int) -> bool:
    live = httpx.get(f"{served.url}/healthz", timeout=5).status_code == httpx.codes.OK
    return live and served.log.count(ANNOUNCED) == times


def test_a_changed_source_starts_the_api_again(tmp_path: Path) -> None:
    settings = {"RASA_URL": f"http://127.0.0.1:{free_port()}", "DEMONSTRATION": "false"}
    served = start(tmp_path / "var", settings, command="dev")
    try:
        served.wait_until(lambda: _is_served(served, 1))
        os.utime(ROOT / "api" / "__init__.py")
        served.wait_until(lambda: _is_served(served, 2))
    finally:
        assert served.stop() == 0
    assert "api/__init__.py" in served.log
