"""Secrets of an installation: made at first start, kept in one file that only its owner can read, refused when default."""

from __future__ import annotations

import json
import os
import secrets as random_source
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from core.errors import SetupError

MINIMUM_LENGTH = 32  # characters; RFC 7518 section 3.2 asks for 256 bits for HS256
WELL_KNOWN = ("changeme", "change-me", "secret", "default", "password", "example", "test")


@dataclass(frozen=True, repr=False)
class Secrets:
    """The keys that sign and check tokens; never printed."""

    staff_token: str
    identity_token: str
    rasa_token: str


def load_secrets(path: Path, given: dict[str, str], *, demonstration: bool) -> Secrets:
    """Secrets from `given`, then from `path` (created with mode 0600); SetupError for a default one in production."""
    if not demonstration:
        for name, value in given.items():
            refuse_default(name, value)
    stored = _read(path)
    made = {
        f.name: given.get(f.name) or stored.get(f.name) or random_source.token_urlsafe(48)
        for f in fields(Secrets)
    }
    if any(stored.get(name) != value and name not in given for name, value in made.items()):
        write_private(
            path,
            json.dumps({**stored, **{n: v for n, v in made.items() if n not in given}}, indent=1),
        )
    return Secrets(**made)


def refuse_default(name: str, value: str) -> None:
    """SetupError when a secret is short or contains a well-known word."""
    if len(value) < MINIMUM_LENGTH or any(word in value.lower() for word in WELL_KNOWN):
        raise SetupError(
            f"The secret {name} is a default or shorter than {MINIMUM_LENGTH} characters: "
            "set a random one, or remove it and one is made at start."
        )


def write_private(path: Path, text: str) -> None:
    """Write `text` so that it is whole or absent, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {str(name): str(value) for name, value in stored.items()}


def describe(secrets: Secrets) -> dict[str, int]:
    """Length of each secret, for `assistant doctor`."""
    return {name: len(value) for name, value in asdict(secrets).items()}
