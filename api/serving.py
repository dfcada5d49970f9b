"""Running the service: one process with the API, the worker and the index, and Rasa supervised beside it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from functools import partial

import uvicorn
import uvloop
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from actions.tickets.routing import models as routing
from api.app import create_app
from api.container import make_container
from assistant.rasa_model import prepare_model
from assistant.start import check_before_start, prepare, require_free_port
from core.database import Database
from core.embedded import database_address
from core.logs import configure_logs
from core.processes import ProcessRecord
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu.client import RasaClient
from nlu.supervisor import RasaProcesses, process_names

GRACE_S = 5
_WAITING = {
    "training": "training Rasa and trying what it understands, a minute; the service answers already",
    "starting": "starting Rasa; the service answers already",
}
console = Console(stderr=True)


def serve(settings: Settings, *, with_rasa: bool = True) -> None:
    """Prepare everything and serve until Ctrl-C; SetupError when something is missing."""
    check_before_start(settings)
    if with_rasa:
        end_stale_rasa(settings)
    require_free_port(settings.host, settings.port)
    encoder = Encoder(settings.encoder_model, settings.encoder_threads)
    encoder.load_ahead()
    routing.load_ahead()
    # Small matrices at each question: a second thread would only wait, and take its core from Rasa.
    threadpool_limits(limits=settings.encoder_threads)
    with database_address(settings) as url:
        with console.status("starting") as status:
            asyncio.run(prepare(settings, url, encoder, _progress(status.update)))
        configure_logs(settings.log_level)
        uvloop.run(_serve(settings, url, encoder, with_rasa))


def end_stale_rasa(settings: Settings) -> None:
    """End the Rasa processes that a killed service left behind."""
    for name in process_names(settings):
        ProcessRecord(settings.var_dir, name).end()


async def _serve(settings: Settings, url: str, encoder: Encoder, with_rasa: bool) -> None:
    database = Database(url, settings.database_pool)
    supervisor, rasa = _rasa(settings, encoder, with_rasa)
    app = create_app(make_container(settings, database, encoder, rasa, supervisor))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    announce(settings)
    await uvicorn.Server(config).serve()


def _rasa(
    settings: Settings, encoder: Encoder, with_rasa: bool
) -> tuple[RasaProcesses | None, RasaClient]:
    if settings.rasa_url or not with_rasa:
        return None, rasa_client(settings)
    model = partial(prepare_model, settings, encoder)
    supervisor = RasaProcesses(settings, model, _rasa_progress())
    return supervisor, supervisor.client


def rasa_client(settings: Settings) -> RasaClient:
    """A client of the Rasa at RASA_URL, or at its usual port."""
    addresses = (settings.rasa_url or "http://127.0.0.1:5005").split()
    return RasaClient(addresses, settings.secrets.rasa_token, settings.rasa_timeout_s)


def _rasa_progress() -> Callable[[str], None]:
    """Shows how far Rasa is, beside a service that answers already."""
    status, began = console.status(""), time.monotonic()

    def show(state: str) -> None:
        if state in _WAITING:
            status.update(_WAITING[state])
            status.start()
            return
        status.stop()
        console.print(f"[dim]·[/dim] Rasa is {state} after {time.monotonic() - began:.0f} s")

    return show


def announce(settings: Settings) -> None:
    """Print addresses and, in the demonstration, logins."""
    base = settings.base_url
    table = Table(title="The assistant is served", show_header=False)
    for name, path in (
        ("Demonstration and widget", "/"),
        ("Workspace", "/workspace"),
        ("Help centre", "/help"),
        ("API description", "/openapi.json"),
        ("Readiness", "/readyz"),
    ):
        table.add_row(name, base + path)
    logins = settings.var_dir / "demo.json"
    if settings.demonstration and logins.exists():
        demo = json.loads(logins.read_text(encoding="utf-8"))
        for role, login in demo["staff"].items():
            table.add_row(role, f"{login['email']}  {login['password']}")
        table.add_row("API key and identity tokens", str(logins))
    Console(file=sys.stdout).print(table)


def _progress(update: Callable[[str], None]) -> Callable[[str], None]:
    def show(what: str) -> None:
        update(what)
        console.print(f"[dim]·[/dim] {what}")

    return show
