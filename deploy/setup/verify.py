"""Tries an environment, by its own Python: are the locked releases there, and can they be imported.

Usage: `.venv/bin/python -m deploy.setup.verify serve`; what is missing is one sentence and exit code 2.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import distributions

from deploy.setup.environments import ENVIRONMENTS, canonical

MAX_NAMED = 5
_CUDA = ("libcu", "libnv", "libcupti")
_CPU_BUILD = (
    "; torch is the CUDA build: let PyTorch's CPU index be reached, or put its CPU wheel into a folder"
    " that PIP_FIND_LINKS names"
)


def problem_of(title: str, releases: Mapping[str, str], imports: Sequence[str]) -> str:
    """What is missing in this interpreter, as one sentence; empty when nothing is."""
    missing = [*_missing(releases)] or [*_not_importable(imports)]
    if not missing:
        return ""
    named = ", ".join(missing[:MAX_NAMED])
    more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    hint = _CPU_BUILD if any(part in named for part in _CUDA) else ""
    return f"{title} is not complete: {named}{more}{hint}."


def _missing(releases: Mapping[str, str]) -> Iterator[str]:
    installed = {canonical(one.metadata["Name"] or ""): one.version for one in distributions()}
    for name, version in releases.items():
        present = installed.get(name)
        if present is None:
            yield f"{name} {version} is missing"
        elif present.partition("+")[0] != version.partition("+")[0]:
            yield f"{name} is {present}, not {version}"


def _not_importable(imports: Sequence[str]) -> Iterator[str]:
    for name in imports:
        try:
            with contextlib.redirect_stdout(sys.stderr):
                import_module(name)
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            yield f"{name} cannot be imported ({reason})"


def main(name: str) -> int:
    """Exit code 0, or 2 with a sentence."""
    environment = ENVIRONMENTS[name]
    problem = problem_of(environment.title, environment.releases(), environment.imports)
    if problem:
        print(problem[0].upper() + problem[1:])  # noqa: T201  (a command)
    return 2 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
