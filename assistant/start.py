"""What every start checks and prepares: Python, the port, the database, the schema, the demonstration, the web pages."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable

from actions.tickets.ticket_config.service import load_defaults
from assistant.demonstration.bank import (
    is_empty,
    load_bank,
    renew_logins,
    require_demonstration,
)
from assistant.dialogue.flows.service import load_default_flows
from core.accounts import has_staff
from core.clock import utc_now
from core.database import Database, require_database
from core.errors import SetupError
from core.schema import migrate
from core.settings import ROOT, Settings
from knowledge_base.encoder import Encoder, model_folder

PYTHON = (3, 11)
Progress = Callable[[str], None]


def require_python(
    version: tuple[int, int] = (sys.version_info.major, sys.version_info.minor),
) -> None:
    """SetupError unless this is Python 3.11."""
    if version != PYTHON:
        raise SetupError(
            f"Python 3.11 is needed, this is {version[0]}.{version[1]}: run `make serve PYTHON=/path/to/python3.11`."
        )


def require_free_port(host: str, port: int) -> None:
    """SetupError when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} is in use: stop what listens there, or set PORT."
            ) from error


def require_pages() -> None:
    """SetupError when the web pages were not built."""
    if not (ROOT / "web" / "dist" / "widget.js").exists():
        raise SetupError("The web pages are not built: run `make web`.")


def check_before_start(settings: Settings) -> None:
    """Everything that can be refused before anything is started."""
    require_python()
    _ = settings.secrets
    model_folder(settings.encoder_model)
    require_pages()


async def prepare(settings: Settings, url: str, encoder: Encoder, progress: Progress) -> None:
    """Bring the database to the current schema; where it is asked for, load the demonstration bank into an empty one.

    SetupError when the demonstration is asked for on a database that holds something else.
    """
    progress("checking the database")
    await require_database(url)
    progress("migrating the schema")
    await asyncio.to_thread(migrate, url)
    database = Database(url, pool_size=2)
    try:
        async with database.transaction() as session:
            if settings.demonstration:
                await require_demonstration(session)
            await load_defaults(session, utc_now())
            await load_default_flows(session, utc_now())
        if settings.demonstration:
            await _demonstration(settings, database, encoder, progress)
        await _name_first_step(database, progress)
    finally:
        await database.close()


async def _demonstration(
    settings: Settings, database: Database, encoder: Encoder, progress: Progress
) -> None:
    async with database.transaction() as session:
        empty = await is_empty(session)
    if empty:
        with encoder.every_core():
            await load_bank(
                database, encoder, settings, lambda part: progress(f"demonstration bank: {part}")
            )
    else:
        await renew_logins(database, settings)


async def _name_first_step(database: Database, progress: Progress) -> None:
    """Say how the first administrator is made, while nobody can sign in."""
    async with database.transaction() as session:
        if not await has_staff(session):
            progress(
                "nobody can sign in yet: `assistant users add EMAIL admin` makes the first administrator"
            )
