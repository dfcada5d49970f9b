"""`assistant dev`: the service beside sources that change.

Rasa and the database keep running; the API starts again when Python or a catalogue changes, and the pages are built again
when theirs do. Changed phrasings need a start from the beginning, since Rasa is trained then.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
from watchfiles import Change, DefaultFilter, arun_process, awatch

from api.serving import end_stale_rasa
from assistant.rasa_model import prepare_model
from core.embedded import database_address
from core.logs import configure_logs
from core.settings import ROOT, Settings
from knowledge_base.encoder import Encoder
from nlu.supervisor import RasaProcesses

SOURCES = ("core", "nlu", "knowledge_base", "actions", "assistant", "api", "migrations", "locale")
PAGES = ("src", "public")
GENERATED = "contract.d.ts"  # written by each build of the pages
SUFFIXES = (".py", ".yml", ".yaml", ".po", ".txt", ".html")
log = structlog.get_logger(__name__)


class SourceFilter(DefaultFilter):
    """Files that the running service was made of."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change of `path` matters."""
        return path.endswith(SUFFIXES) and super().__call__(change, path)


class PageFilter(DefaultFilter):
    """Files that the pages are built from."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change of `path` matters."""
        return not path.endswith(GENERATED) and super().__call__(change, path)


def develop(settings: Settings) -> None:
    """Serve until Ctrl-C, renewing what changes; SetupError when something is missing."""
    configure_logs(settings.log_level)
    # A shell that starts it in the background has it ignore Ctrl-C, which is how it is ended.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    end_stale_rasa(settings)
    # Ctrl-C is how it ends: the database stops after it, and nothing went wrong.
    with database_address(settings), suppress(KeyboardInterrupt):
        asyncio.run(_develop(settings))


async def _develop(settings: Settings) -> None:
    async with _rasa(settings) as addresses:
        os.environ["RASA_URL"] = addresses  # for the API, which is a process of its own
        pages = asyncio.create_task(_renew_pages(), name="pages")
        try:
            await arun_process(
                *_folders(ROOT, SOURCES),
                target=f"{Path(sys.executable).with_name('assistant')} api",
                target_type="command",
                watch_filter=SourceFilter(),
                callback=_announce,
            )
        finally:
            pages.cancel()


@asynccontextmanager
async def _rasa(settings: Settings) -> AsyncIterator[str]:
    """Addresses of Rasa: the configured one's, or those of processes that end with the block."""
    if settings.rasa_url:
        yield settings.rasa_url
        return
    encoder = Encoder(settings.encoder_model, settings.encoder_threads)
    supervisor = RasaProcesses(settings, partial(prepare_model, settings, encoder))
    supervisor.start()
    try:
        yield " ".join(supervisor.urls)
    finally:
        await supervisor.stop()


async def _renew_pages() -> None:
    async for changes in awatch(*_folders(ROOT / "web", PAGES), watch_filter=PageFilter()):
        log.info("pages.changed", files=len(changes))
        building = await asyncio.create_subprocess_exec("make", "web", cwd=ROOT)
        log.info("pages.built", code=await building.wait())


def _announce(changes: set[tuple[Change, str]]) -> None:
    log.info("sources.changed", files=sorted(os.path.relpath(path, ROOT) for _, path in changes))


def _folders(parent: Path, names: tuple[str, ...]) -> list[Path]:
    return [parent / name for name in names if (parent / name).is_dir()]
