"""Installs an environment's releases with uv, or with pip where uv cannot be had."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.setup.commands import LOG, CommandFailed, run
from deploy.setup.environments import (
    ENVIRONMENTS,
    REQUIREMENTS,
    ROOT,
    TOOLS,
    Environment,
    SetupFailed,
    canonical,
)
from deploy.setup.sources import Sources, torch_index

GB = 1e9
NODE_LOCK = REQUIREMENTS / "node.lock"
Report = Callable[[str], None]


@dataclass(frozen=True)
class Installer:
    """uv or pip, with the sources that pip is configured with."""

    pip: tuple[str, ...]
    uv: tuple[str, ...]  # empty where uv cannot be had
    sources: Sources
    torch_index: str

    @classmethod
    def prepare(cls, cpu_index: str) -> Installer:
        """Make the installer's own environment; without uv when it cannot be installed."""
        if not is_usable(TOOLS):
            make_folder(TOOLS, with_pip=True)
        pip = (str(TOOLS.python), "-m", "pip", "--disable-pip-version-check")
        if not TOOLS.ready.exists():
            try:
                run([*pip, "install", "--quiet", "--requirement", str(TOOLS.locks[0])])
                TOOLS.ready.touch()
            except CommandFailed as failure:
                if failure.cause:
                    raise
        sources = Sources.of_pip(run([*pip, "config", "list"]))
        uv = (str(TOOLS.folder / "bin" / "uv"),) if TOOLS.ready.exists() else ()
        return cls(pip, uv, sources, cpu_index)

    def install(self, environment: Environment) -> None:
        """Bring an environment to its locks; CommandFailed when neither installer can."""
        version = environment.releases().get("torch")
        index = version and torch_index(version, self.sources, self.torch_index)
        if index:
            self._add(environment, [f"torch=={version}+cpu"], index)
        self._add_locks(environment, f"{version}+cpu" if index else None)
        if environment.project:
            self._add(environment, ["--no-build-isolation", "--editable", str(ROOT)])

    def add_node(self) -> None:
        """Install Node beside the installer."""
        self._add(TOOLS, ["--requirement", str(NODE_LOCK)])

    def _add_locks(self, environment: Environment, torch: str | None) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".lock", encoding="utf-8") as lock:
            lock.write("\n".join(_lines(environment.locks, torch)))
            lock.flush()
            if self.uv and self._by_uv(environment, "sync", [lock.name]):
                return
            self._by_pip(environment, ["--requirement", lock.name])

    def _add(self, environment: Environment, what: list[str], index: str = "") -> None:
        only = ["--index-url", index] if index else []
        if self.uv and self._by_uv(environment, "install", ["--no-deps", *what], only):
            return
        self._by_pip(environment, [*what, *only])

    def _by_uv(
        self, environment: Environment, command: str, what: list[str], only: Iterable[str] = ()
    ) -> bool:
        """Whether uv could do it; CommandFailed when pip could not either."""
        sources = list(only) or self.sources.uv_arguments()
        target = ["--quiet", "--python", str(environment.python)]
        try:
            run(
                [*self.uv, "pip", command, *target, *sources, *what],
                self.sources.uv_environment(os.environ),
            )
        except CommandFailed as failure:
            if failure.cause:
                raise
            return False
        return True

    def _by_pip(self, environment: Environment, what: list[str]) -> None:
        target = ["--python", str(environment.python)]
        options = ["--quiet", "--no-deps", "--ignore-requires-python"]
        run([*self.pip, *target, "install", *options, *what])


def make_environment(name: str, cpu_index: str, report: Report) -> None:
    """Make or renew an environment; a broken one that lies there is made again from nothing.

    Raises:
        SetupFailed: It cannot be made; the message says why.
    """
    environment = ENVIRONMENTS[name]
    if environment.folder.is_symlink():  # another checkout's: tried, never changed
        if problem := try_out(name, environment):
            raise SetupFailed(problem)
        return
    if name == "serve" and ENVIRONMENTS["develop"].ready.exists():
        name, environment = "develop", ENVIRONMENTS["develop"]  # renewed as what it is
    began = time.monotonic()
    _require_room(environment)
    for each in _same_folder(environment):
        each.ready.unlink(missing_ok=True)
    try:
        installer = Installer.prepare(cpu_index)
        how = "uv" if installer.uv else "pip, since uv cannot be had"
        report(f"{environment.title}: {len(environment.releases())} releases, by {how}")
        _install(name, environment, installer)
    except CommandFailed as failure:
        raise SetupFailed(
            f"{environment.title} could not be made: {failure}; the rest is in {LOG}."
        ) from failure
    for each in _same_folder(environment):
        if set(each.locks) <= set(environment.locks):
            each.ready.touch()
    report(f"{environment.title} is ready after {time.monotonic() - began:.0f} s")


def make_node(cpu_index: str, report: Report) -> None:
    """Install Node where the system has none that builds the pages."""
    if (TOOLS.folder / ".node").exists():
        return
    report("Node for the pages")
    try:
        Installer.prepare(cpu_index).add_node()
    except CommandFailed as failure:
        raise SetupFailed(f"Node could not be installed: {failure}.") from failure
    (TOOLS.folder / ".node").touch()


def is_usable(environment: Environment) -> bool:
    """Whether a virtual environment of this very Python lies there."""
    try:
        written = (environment.folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    # venv and uv write the version under different names.
    version = rf"^version(_info)? = {sys.version_info.major}\.{sys.version_info.minor}\."
    return environment.python.exists() and re.search(version, written, re.MULTILINE) is not None


def make_folder(environment: Environment, *, with_pip: bool = False) -> None:
    """Make a virtual environment from nothing."""
    try:
        shutil.rmtree(environment.folder, ignore_errors=True)
        venv.create(environment.folder, symlinks=True, with_pip=with_pip)
    except Exception as error:
        raise SetupFailed(
            f"{environment.folder} cannot be made ({error}): the folder must be writable,"
            " and Python complete (Debian: python3.11-venv)."
        ) from error


def try_out(name: str, environment: Environment) -> str:
    """What is missing, as one sentence; empty when nothing is."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
    command = [str(environment.python), "-m", "deploy.setup.verify", name]
    try:
        run(command, {**os.environ, **quiet, "PYTHONPATH": str(ROOT)})
    except CommandFailed as failure:
        return failure.last_line
    return ""


def _install(name: str, environment: Environment, installer: Installer) -> None:
    fresh = not is_usable(environment)
    if fresh:
        make_folder(environment)
    installer.install(environment)
    problem = try_out(name, environment)
    if problem and not fresh:
        make_folder(environment)
        installer.install(environment)
        problem = try_out(name, environment)
    if problem:
        raise SetupFailed(problem)


def _same_folder(environment: Environment) -> list[Environment]:
    return [each for each in ENVIRONMENTS.values() if each.folder == environment.folder]


def _lines(locks: Iterable[Path], torch: str | None) -> Iterable[str]:
    for lock in locks:
        for line in lock.read_text(encoding="utf-8").splitlines():
            is_torch = canonical(line.partition("==")[0]) == "torch"
            yield f"torch=={torch}" if torch and is_torch else line


def _require_room(environment: Environment) -> None:
    if environment.folder.exists():
        return
    free = shutil.disk_usage(ROOT).free / GB
    if free < environment.size_gb:
        raise SetupFailed(
            f"The disk is too full for {environment.title}: {environment.size_gb} GB are needed"
            f" at {ROOT}, {free:.1f} GB are free."
        )
