"""Checks before a change: the step that the present state has, and the version that the caller has read."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Conflict, Invalid, PreconditionFailed
from core.localized_text import term, terms


def require_step(thing: str, current: str, target: str, possible: Sequence[str]) -> None:
    """Conflict, naming the possible steps, when `thing` cannot come from `current` to `target`."""
    if target not in possible:
        states = f"{thing}_state"
        raise Conflict(
            "step.not_possible",
            thing=term("thing", thing),
            current=term(states, current),
            target=term(states, target),
            possible=terms(states, possible or ["none"]),
        )


def require_version(current: int, expected: int | None) -> None:
    """Invalid when the caller did not say which version is to be changed, PreconditionFailed when it is not the current one."""
    if expected is None:
        raise Invalid.field("If-Match", "version.exists", version=str(current))
    if expected != current:
        raise PreconditionFailed(current)
