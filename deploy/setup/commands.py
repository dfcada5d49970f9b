"""Running the installers: quiet, with their output in a log, and their failures as one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence

from deploy.setup.environments import ROOT, SetupFailed

LOG = ROOT / "var" / "log" / "setup.log"
# What the installers print, and what it means to the person at the console.
_CAUSES = (
    (
        re.compile(r"No space left on device|os error 28\b|Errno 28\b|Disk quota exceeded"),
        "the disk is full",
    ),
    (
        re.compile(r"Permission denied|os error 13\b|Errno 13\b|Read-only file system"),
        "a folder cannot be written by this user",
    ),
    (
        re.compile(
            r"dns error|Name or service not known|Temporary failure in name resolution"
            r"|Connection refused|Network is unreachable|timed out|error sending request"
            r"|NewConnectionError|ConnectTimeout|ProxyError"
        ),
        "the package index cannot be reached; check the network, the proxy and pip's configuration",
    ),
)


class CommandFailed(Exception):
    """A command ended with an error; `cause` says why where that is plain, else it is empty."""

    def __init__(self, output: str) -> None:
        """Read the cause from what the command printed."""
        self.cause = next((cause for seen, cause in _CAUSES if seen.search(output)), "")
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        self.last_line = lines[-1] if lines else "it said nothing"
        super().__init__(self.cause or self.last_line)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command in the project's folder and return what it printed; CommandFailed otherwise."""
    began = time.monotonic()
    try:
        ended = subprocess.run(  # noqa: S603  (our own command line)
            command,
            cwd=ROOT,
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise CommandFailed(str(error)) from error
    _write_log(command, ended.stdout, time.monotonic() - began)
    if ended.returncode != 0:
        raise CommandFailed(ended.stdout)
    return ended.stdout


def _write_log(command: Sequence[str], output: str, took_s: float) -> None:
    try:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with LOG.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{output}({took_s:.1f} s)\n")
    except OSError as error:
        raise SetupFailed(f"{LOG.parent} cannot be written: {error.strerror}.") from error
