"""The product as its own command serves it, in a folder and on a port of its own: for benchmarks and for the tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from core.settings import ROOT, Settings
from nlu.supervisor import free_port
from nlu.training import is_current

START_LIMIT_S = 300
STOP_LIMIT_S = 30
POLL_S = 0.1
ASSISTANT = str(
    Path(sys.executable).parent / "assistant"
)  # the command, installed beside the interpreter


def reuse_model(folder: Path, other: Path | None = None) -> None:
    """Take a model that was trained and tried before, here or in `other`, into a folder that is to be served from.

    It is named by the fingerprint of its inputs, so it is the same that would be trained there.
    """
    for source in (Settings().var_dir, other):
        if source and is_current(Settings(var_dir=source)):
            shutil.copytree(
                source / "models", folder / "models", ignore=shutil.ignore_patterns(".training")
            )
            return


class DidNotStart(Exception):
    """The service ended or was not ready in time; the message has the end of its log."""


@dataclass
class Served:
    """A running service."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    started: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def demo(self) -> dict[str, Any]:
        """Addresses and logins of the demonstration bank."""
        found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text(encoding="utf-8"))
        return found

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")

    def wait_until(self, holds: Callable[[], bool], limit_s: float = START_LIMIT_S) -> float:
        """Seconds from the start until `holds`; a connection that is refused counts as not yet. DidNotStart at the limit."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DidNotStart(f"it ended with {self.process.returncode}: {self.log[-3000:]}")
            try:
                if holds():
                    return time.monotonic() - self.started
            except (httpx.HTTPError, ValueError, OSError):
                pass
            time.sleep(POLL_S)
        raise DidNotStart(f"not ready after {limit_s:.0f} s: {self.log[-3000:]}")

    def ready(self) -> bool:
        """Whether every component is ready."""
        return bool(httpx.get(f"{self.url}/readyz", timeout=5).json()["status"] == "ready")

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def start(
    folder: Path, settings: Mapping[str, str], command: str = "serve", port: int | None = None
) -> Served:
    """Start `assistant serve` (or another command) with its files in `folder`; settings as in the environment."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = port or free_port()
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "PORT": str(chosen),
        "DATABASE_URL": "",
        "DEMONSTRATION": "true",
        **settings,
    }
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [ASSISTANT, command], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    return Served(folder, chosen, process, time.monotonic())


@contextmanager
def serving(folder: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """The service with every component ready; it is stopped at the end."""
    served = start(folder, settings)
    try:
        served.wait_until(served.ready)
        yield served
    finally:
        served.stop()
