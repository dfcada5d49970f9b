"""Processes that we start: they end with us, and what a killed parent left behind is ended by the next start."""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from pathlib import Path

import psutil

from core.secrets import write_private

_PR_SET_PDEATHSIG = 1
END_TIMEOUT_S = 10


def die_with_parent() -> None:
    """For a child between fork and exec: ask Linux to end it when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ProcessRecord:
    """Names a started process in a file, by id and start time, so that a reused id is never taken for it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / "run" / f"{name}.json"

    def keep(self, pid: int) -> None:
        """Remember a process."""
        write_private(
            self._file, json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()})
        )

    def forget(self) -> None:
        """It ended."""
        self._file.unlink(missing_ok=True)

    def running(self) -> psutil.Process | None:
        """The remembered process, if it still runs."""
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            process = psutil.Process(stored["pid"])
            return (
                process
                if process.create_time() == stored["started"] and process.is_running()
                else None
            )
        except (OSError, ValueError, psutil.Error):
            return None

    def end(self) -> bool:
        """End what still runs, children first; whether there was something."""
        process = self.running()
        if process is not None:
            end_tree(process)
        self.forget()
        return process is not None


def end_tree(process: psutil.Process) -> None:
    """Terminate a process and its children, kill what does not follow."""
    try:
        family = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in family:
        _signal(member, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=END_TIMEOUT_S)
    for member in alive:
        _signal(member, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=END_TIMEOUT_S)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
