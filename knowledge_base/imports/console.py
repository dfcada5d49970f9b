"""Imports by whoever runs the service: files of this machine, published at once if they say so. Audited as `system:console`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from core.database import Database
from core.errors import SetupError
from core.identity import System, actor
from core.jobs import Job
from core.safe_fetch import require_allowed
from core.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.imports.service import CONSOLE_KIND, Importer, ImportOrder, Progress

CONSOLE = System("console", frozenset({"knowledge:read", "knowledge:write"}))


async def import_at_console(
    database: Database,
    settings: Settings,
    source: str,
    given: Mapping[str, object],
    progress: Progress | None = None,
) -> Job:
    """Import a path or an address; the finished job. SetupError when there is no such path or an option is wrong."""
    is_address = urlsplit(source).scheme in ("http", "https")
    path = None if is_address else _existing(source)
    if is_address:
        require_allowed(source, settings.import_hosts, private=settings.import_private_hosts)
    try:
        order = ImportOrder.model_validate(
            {**given, **({"url": source} if is_address else {"name": str(path)})}
        )
    except ValidationError as error:
        wrong = error.errors()[0]
        raise SetupError(f"--{wrong['loc'][0]}: {wrong['msg']}.") from error
    encoder = Encoder(settings.encoder_model, settings.encoder_threads)
    encoder.load_ahead()
    async with database.transaction() as session:
        job = Job(
            kind=CONSOLE_KIND,
            order=order.model_dump(exclude_defaults=True),
            owner=actor(CONSOLE),
            done=0,
        )
        job.state = "queued"
        session.add(job)
    try:
        return await Importer(database, settings, lambda: [encoder]).run(
            job.id, CONSOLE, progress, path
        )
    finally:
        encoder.close()


def _existing(source: str) -> Path:
    path = Path(source).resolve()
    if not path.exists():
        raise SetupError(
            f"There is no {source}: give a file, a folder, an archive or an https address."
        )
    return path
