"""`assistant doctor`: what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from assistant.start import require_free_port, require_pages, require_python
from core.database import require_database
from core.errors import SetupError
from core.settings import Settings
from knowledge_base.encoder import model_folder
from nlu.training import is_shipped, model_path, require_runtime


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `problem` says what to do, None when all is well."""

    what: str
    problem: str | None


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that a start needs."""
    return [
        _finding("Python 3.11", require_python),
        _finding("secrets", lambda: settings.secrets),
        _finding("database", lambda: _database(settings)),
        _finding("encoder model", lambda: model_folder(settings.encoder_model)),
        _finding("Rasa's environment", lambda: require_runtime(settings)),
        _finding("Rasa's model", lambda: _model(settings)),
        _finding("web pages", require_pages),
        _finding(f"port {settings.port}", lambda: require_free_port(settings.host, settings.port)),
    ]


def _finding(what: str, look: Callable[[], object]) -> Finding:
    try:
        look()
    except SetupError as error:
        return Finding(what, str(error))
    return Finding(what, None)


def _database(settings: Settings) -> None:
    if settings.database_url:
        asyncio.run(require_database(settings.database_url))


def _model(settings: Settings) -> None:
    if not model_path(settings).exists() and not is_shipped(settings):
        raise SetupError(
            "Rasa is not trained for today's data: run `assistant train` (serve does it by itself)."
        )
