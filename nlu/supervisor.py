"""Runs Rasa beside the service: trains when needed, starts, watches, restarts with back-off, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import structlog
import yaml
from sqlalchemy.engine import URL, make_url

from core.database import driver_url
from core.errors import SetupError
from core.processes import ProcessRecord, die_with_parent
from core.secrets import write_private
from core.settings import Settings
from nlu import training
from nlu.client import HEALTH_TIMEOUT_S, RasaClient

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STABLE_AFTER_S = 300.0  # a Rasa that ran this long starts again at the first pause
POLL_S = 0.5
REDIS_PORT = 6379
log = structlog.get_logger(__name__)


class RasaProcesses:
    """The Rasa processes beside the service, as many as the settings say, and a client that speaks to all of them."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        action_url: str,
        tell: Callable[[str], None] = lambda state: None,
    ) -> None:
        """`tell` hears each new state of them together: training, starting, ready, restarting or failed."""
        self._tell = tell
        training_turn = asyncio.Lock()
        self._all = [
            RasaSupervisor(settings, database_url, action_url, number, training_turn, self._changed)
            for number in range(settings.rasa_processes)
        ]
        urls = [process.url for process in self._all]
        self.client = RasaClient(urls, settings.secrets.rasa_token, settings.rasa_timeout_s)

    def start(self) -> None:
        """Begin in the background."""
        for process in self._all:
            process.start()

    async def stop(self) -> None:
        """End them and wait."""
        await asyncio.gather(*(process.stop() for process in self._all))
        await self.client.close()

    @property
    def urls(self) -> list[str]:
        return [process.url for process in self._all]

    @property
    def state(self) -> str:
        """The state they share; ready when one is, since that one takes the others' messages."""
        states = [process.state for process in self._all]
        return "ready" if "ready" in states else states[0]

    @property
    def ready(self) -> int:
        """How many are ready."""
        return sum(process.state == "ready" for process in self._all)

    def __len__(self) -> int:
        return len(self._all)

    def _changed(self, _: str) -> None:
        self._tell(self.state)


def process_names(settings: Settings) -> list[str]:
    """The names by which the processes are recorded, so that a killed service's are ended by the next."""
    return [f"rasa-{number}" for number in range(settings.rasa_processes)]


class RasaSupervisor:
    """One Rasa process on a free port of the loopback."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        action_url: str,
        number: int,
        training_turn: asyncio.Lock,
        tell: Callable[[str], None],
    ) -> None:
        """`tell` hears each new state: training, starting, ready, restarting or failed."""
        self._settings, self._database_url, self._action_url = settings, database_url, action_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._client = RasaClient([self.url], settings.secrets.rasa_token, HEALTH_TIMEOUT_S)
        self.state, self._tell = "starting", tell
        self._training_turn = training_turn
        self._record = ProcessRecord(settings.var_dir, process_names(settings)[number])
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="rasa-supervisor")

    async def stop(self) -> None:
        """End Rasa and wait for it."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._record.end)
        await self._client.close()

    async def _run(self) -> None:
        if await asyncio.to_thread(self._record.end):
            log.warning("rasa.leftover_ended")
        pause = FIRST_PAUSE_S
        while True:
            try:
                ran_s = await self._once()
            except (SetupError, OSError) as error:
                self._become("failed")
                log.error("rasa.cannot_start", reason=str(error))
                return
            self._become("restarting")
            pause = FIRST_PAUSE_S if ran_s > STABLE_AFTER_S else min(pause * 2, LONGEST_PAUSE_S)
            log.warning("rasa.ended", ran_s=round(ran_s), restart_in_s=pause)
            await asyncio.sleep(pause)

    async def _once(self) -> float:
        """Train if needed, run Rasa until it ends; how long it ran, in seconds."""
        if not training.is_current(self._settings) and not training.is_shipped():
            self._become("training")
        async with self._training_turn:
            model = await asyncio.to_thread(training.train, self._settings)
        self._become("starting")
        loop = asyncio.get_running_loop()
        started = loop.time()
        command = rasa_command(
            self._settings, self._database_url, self._action_url, self.port, model
        )
        with (self._settings.var_dir / "log" / "rasa.log").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                cwd=self._settings.var_dir,
                env=rasa_environment(self._database_url),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._record.keep(self._process.pid)
        watch = asyncio.create_task(self._announce_ready())
        try:
            await self._process.wait()
        finally:
            watch.cancel()
        return loop.time() - started

    async def _announce_ready(self) -> None:
        while not await self._client.ready():  # noqa: ASYNC110  (another process, which sends no event)
            await asyncio.sleep(POLL_S)
        self._become("ready")
        log.info("rasa.ready")

    def _become(self, state: str) -> None:
        self.state = state
        self._tell(state)


def rasa_environment(database_url: str) -> dict[str, str]:
    """The training environment plus the schema of Rasa's own tables."""
    return {**training.rasa_environment(), "POSTGRESQL_SCHEMA": "rasa"}


def rasa_command(
    settings: Settings, database_url: str, action_url: str, port: int, model: Path
) -> list[str]:
    """Write Rasa's two configuration files, private for the tokens in them, and say how it is started."""
    folder = settings.var_dir / "run"
    (settings.var_dir / "log").mkdir(parents=True, exist_ok=True)
    secrets = settings.secrets
    endpoints = {
        "action_endpoint": {
            "url": action_url,
            "headers": {"Authorization": f"Bearer {secrets.action_token}"},
            "enable_selective_domain": True,
        },
        "tracker_store": {
            "type": "SQL",
            "dialect": "postgresql",
            "url": psycopg2_url(database_url),
        },
    }
    if settings.redis_url:
        endpoints["lock_store"] = lock_store(settings.redis_url.get_secret_value())
    credentials = {"nlu.components.token_channel.TokenRestInput": {"token": secrets.rasa_token}}
    write_private(folder / "endpoints.yml", yaml.safe_dump(endpoints))
    write_private(folder / "credentials.yml", yaml.safe_dump(credentials))
    write_private(folder / "token", secrets.rasa_token)
    return [
        str(settings.rasa_python),
        str(training.PROJECT / "runtime" / "launch.py"),
        str(folder / "token"),
        "run",
        "--enable-api",
        "--interface",
        "127.0.0.1",
        "--port",
        str(port),
        "--model",
        str(model),
        "--endpoints",
        str(folder / "endpoints.yml"),
        "--credentials",
        str(folder / "credentials.yml"),
    ]


def lock_store(redis_url: str) -> dict[str, object]:
    """Rasa's lock store in Redis: it keeps the messages of one conversation in order over all processes."""
    url = make_url(redis_url)
    parts = {"username": url.username, "password": url.password}
    return {
        "type": "redis",
        "url": url.host or "localhost",
        "port": url.port or REDIS_PORT,
        "db": int(url.database or 0),
        "use_ssl": url.drivername == "rediss",
        "key_prefix": "bankassistant",
        **{name: value for name, value in parts.items() if value},
    }


def psycopg2_url(database_url: str) -> str:
    """The address for Rasa's driver."""
    url: URL = driver_url(database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
