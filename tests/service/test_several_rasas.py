"""Two Rasa processes: any of them reads, one that dies is not missed and comes back, and none hangs a caller."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import numpy as np
import psutil
import pytest

from core.processes import ProcessRecord
from core.settings import Settings
from nlu import training
from nlu.client import RasaUnavailable
from nlu.supervisor import RasaProcesses

RASA_TIMEOUT_S = 6.0
WAIT_S = 120
VECTOR = np.full((1, 384), 384**-0.5, np.float32)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        var_dir=tmp_path_factory.mktemp("several"), rasa_processes=2, rasa_timeout_s=RASA_TIMEOUT_S
    )


@pytest.fixture(scope="module")
async def processes(settings: Settings) -> AsyncIterator[RasaProcesses]:
    states: list[str] = []
    obtain = partial(training.train, settings, _never, _never)  # the shipped model
    rasa = RasaProcesses(settings, obtain, states.append)
    rasa.start()
    try:
        await _until(lambda: rasa.ready == len(rasa))
        assert (states[0], states[-1]) == ("starting", "ready")
        yield rasa
    finally:
        await rasa.stop()


async def test_both_read_at_once(processes: RasaProcesses) -> None:
    parses = await asyncio.gather(*(processes.client.parse(["hello"], VECTOR) for _ in range(20)))
    assert len({parse.intent for (parse,) in parses}) == 1


async def test_one_that_dies_is_not_missed_and_comes_back(
    processes: RasaProcesses, settings: Settings
) -> None:
    killed = process_of(settings, 0)
    killed.kill()
    await asyncio.to_thread(psutil.wait_procs, [killed], timeout=10)
    for _ in range(4):
        assert await processes.client.parse(["hello"], VECTOR)
    await _until(lambda: processes.ready == 1)
    assert processes.state == "ready"
    await _until(lambda: processes.ready == len(processes))
    assert process_of(settings, 0).pid != killed.pid


async def test_one_that_hangs_costs_its_share_of_the_time(
    processes: RasaProcesses, settings: Settings
) -> None:
    hung = process_of(settings, 0)
    hung.send_signal(signal.SIGSTOP)
    try:
        for _ in range(2):
            assert await processes.client.parse(["hello"], VECTOR)
    finally:
        hung.send_signal(signal.SIGCONT)


async def test_when_all_hang_the_caller_hears_of_it_in_time(
    processes: RasaProcesses, settings: Settings
) -> None:
    hung = [process_of(settings, number) for number in range(2)]
    for process in hung:
        process.send_signal(signal.SIGSTOP)
    started = asyncio.get_running_loop().time()
    try:
        with pytest.raises(RasaUnavailable):
            await processes.client.parse(["hello"], VECTOR)
    finally:
        for process in hung:
            process.send_signal(signal.SIGCONT)
    assert asyncio.get_running_loop().time() - started < RASA_TIMEOUT_S + 1
    await _until_read(processes)


def process_of(settings: Settings, number: int) -> psutil.Process:
    process = ProcessRecord(settings.var_dir, f"rasa-{number}").running()
    assert process is not None
    return process


async def _until_read(processes: RasaProcesses) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await processes.client.parse(["hello"], VECTOR)
            except RasaUnavailable:
                await asyncio.sleep(0.1)
            else:
                return


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110  (other processes, which send no event)
            await asyncio.sleep(0.1)


def _never(*_: object) -> Any:
    raise AssertionError("nothing is to be trained or tried")
