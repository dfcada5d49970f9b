"""Runs Rasa beside the service: starts its processes, watches, restarts with back-off, and ends them; starts one to try a
model with."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from core.errors import SetupError
from core.processes import ProcessRecord, die_with_parent
from core.secrets import write_private
from core.settings import Settings
from nlu import training
from nlu.client import HEALTH_TIMEOUT_S, RasaClient

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STABLE_AFTER_S = 300.0  # a Rasa that ran this long starts again at the first pause
POLL_S = 0.5
log = structlog.get_logger(__name__)
Obtain = Callable[
    [], Path
]  # the model to run, trained if it must be; SetupError when there is none


class RasaProcesses:
    """The Rasa processes beside the service, as many as the settings say, and a client that speaks to all of them."""

    def __init__(
        self,
        settings: Settings,
        obtain: Obtain,
        tell: Callable[[str], None] = lambda state: None,
    ) -> None:
        """`tell` hears each new state of them together: training, starting, ready, restarting or failed."""
        self._tell = tell
        training_turn = asyncio.Lock()
        self._all = [
            RasaSupervisor(settings, obtain, number, training_turn, self._changed)
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
        obtain: Obtain,
        number: int,
        training_turn: asyncio.Lock,
        tell: Callable[[str], None],
    ) -> None:
        """`tell` hears each new state: training, starting, ready, restarting or failed."""
        self._settings, self._obtain = settings, obtain
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
        if not training.is_current(self._settings) and not training.is_shipped(self._settings):
            self._become("training")
        async with self._training_turn:
            model = await asyncio.to_thread(self._obtain)
        self._become("starting")
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._process = await start_process(self._settings, model, self.port)
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


async def start_process(settings: Settings, model: Path, port: int) -> asyncio.subprocess.Process:
    """Start Rasa with a model on a port of the loopback; it ends with us, and writes into `log/rasa.log`."""
    log_file = settings.var_dir / "log" / "rasa.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *rasa_command(settings, model, port),
            cwd=settings.var_dir,
            env=training.rasa_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def rasa_command(settings: Settings, model: Path, port: int) -> list[str]:
    """How Rasa is started; its token is written into a file, for a command line can be read by all."""
    token = settings.var_dir / "run" / "token"
    write_private(token, settings.secrets.rasa_token)
    files = [str(path.resolve()) for path in (token, model)]
    return [str(settings.rasa_python), "-m", "nlu.runtime.serve", *files, str(port)]


@contextlib.asynccontextmanager
async def trial(settings: Settings, model: Path) -> AsyncIterator[RasaClient]:
    """A process of its own that reads with this model, to try it; SetupError when it does not start."""
    port = free_port()
    process = await start_process(settings, model, port)
    client = RasaClient(
        [f"http://127.0.0.1:{port}"], settings.secrets.rasa_token, settings.rasa_timeout_s
    )
    try:
        while not await client.ready():
            if process.returncode is not None:
                raise SetupError(
                    f"Rasa does not start with {model.name}; {settings.var_dir / 'log' / 'rasa.log'} says why."
                )
            await asyncio.sleep(POLL_S)
        yield client
    finally:
        await client.close()
        if process.returncode is None:
            process.terminate()
        await process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
