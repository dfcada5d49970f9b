"""Checks before a change: the step that the present state has, and the version that the caller has read."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Conflict, Invalid, PreconditionFailed


def require_step(what: str, current: str, target: str, possible: Sequence[str]) -> None:
    """Conflict, naming the possible steps, when `what` (a noun) cannot come from `current` to `target`."""
    if target not in possible:
        named = ", ".join(possible) or "none"
        raise Conflict(f"A {what} that is {current} cannot become {target}; possible: {named}.")


def require_version(current: int, expected: int | None) -> None:
    """Invalid when the caller did not say which version is to be changed, PreconditionFailed when it is not the current one."""
    if expected is None:
        raise Invalid.field(
            "If-Match", f"There is a version {current} already: send it in If-Match."
        )
    if expected != current:
        raise PreconditionFailed(current)
