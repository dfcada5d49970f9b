"""Two `assistant api` processes on one database: turns keep their order, and one that is killed loses and doubles nothing."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from bench.service import Served, start
from core.processes import ProcessRecord
from nlu.supervisor import free_port
from tests.bank import Answer, Bank, Chat

CONVERSATIONS = 200
CLIENTS = 16
DYING = 24  # conversations with a turn in progress when the process is killed
ANSWERED_BEFORE = 3  # of them, so that the others are at different points of their turn
WAIT_S = 60
QUESTIONS = ("How long does card delivery take?", "What does a transfer abroad cost?")


def rasa_of(bank: Bank) -> str:
    """The address of the Rasa that the bank's service watches."""
    process = ProcessRecord(bank.folder, "rasa-0").running()
    assert process is not None
    ports = {
        connection.laddr.port
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert len(ports) == 1, ports
    return f"http://127.0.0.1:{ports.pop()}"


@pytest.fixture(scope="module")
def second(bank: Bank) -> Iterator[Served]:
    """Another API process beside the bank's; the last test kills it."""
    settings = {
        "RASA_URL": rasa_of(bank),
        "DEMONSTRATION": "false",
        "MESSAGES_PER_MINUTE": "10000",
        "CONVERSATIONS_PER_MINUTE": "10000",
    }
    served = start(bank.folder, settings, "api", free_port())
    try:
        served.wait_until(served.ready)
        yield served
    finally:
        served.stop()


def say(url: str, chat: Chat, text: str, client_id: str) -> Answer:
    """A message's answer from one of the processes."""
    body = {"text": text, "client_message_id": client_id}
    head = {"Authorization": f"Bearer {chat.token}"}
    path = f"{url}/v1/conversations/{chat.id}/messages"
    answer: Answer = (
        httpx.post(path, json=body, headers=head, timeout=WAIT_S).raise_for_status().json()
    )
    return answer


def authors(chat: Chat) -> list[tuple[str, str]]:
    """Who wrote what, in order, without the greeting before the customer's first words."""
    said = [(message["author"], message["text"]) for message in chat.transcript()]
    first = next(at for at, (author, _) in enumerate(said) if author == "customer")
    return said[first:]


def test_turns_of_a_conversation_follow_each_other_over_two_processes(
    bank: Bank, second: Served
) -> None:
    chats = [bank.chat() for _ in range(CONVERSATIONS)]
    urls = (bank.url, second.url)
    # All messages of a conversation are under way at once, and every other one goes to the other process.
    sends = [
        (urls[(number + at) % 2], chat, text)
        for number, chat in enumerate(chats)
        for at, text in enumerate(QUESTIONS)
    ]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda send: say(*send, uuid.uuid4().hex), sends))
    replies = {
        (chat.id, text): [message["text"] for message in answer["messages"]]
        for (_, chat, text), answer in zip(sends, answers, strict=True)
    }
    for chat in chats:
        said = authors(chat)
        expected = [
            line
            for author, text in said
            if author == "customer"
            for line in [
                ("customer", text),
                *(("assistant", reply) for reply in replies[chat.id, text]),
            ]
        ]
        assert said == expected
        assert sorted(text for author, text in said if author == "customer") == sorted(QUESTIONS)


def test_what_a_killed_process_had_begun_is_done_once_when_it_is_sent_again(
    bank: Bank, second: Served
) -> None:
    chats = [bank.chat(customer=number % 4) for number in range(DYING)]
    for number, chat in enumerate(chats):
        chat.say(f"please open a ticket: the machine in street {number} kept my 20 euros")
    answered, left = _kill_in_the_middle(second, chats)
    assert len(answered) >= ANSWERED_BEFORE
    assert left
    for chat in chats:  # a client sends again what it has no answer to, and may send what it has
        answer = say(bank.url, chat, "yes", f"yes-{chat.id}")
        if chat.id in answered:
            assert answer["messages"] == answered[chat.id]["messages"]
    for chat in chats:
        said = authors(chat)
        yes = said.index(("customer", "yes"))
        assert [author for author, _ in said[yes:]] == ["customer", "assistant"]
        actions = [action["type"] for m in chat.transcript() for action in m["actions"]]
        assert actions.count("ticket.created") == 1
    opened = bank.get("/v1/tickets?limit=100&q=kept+my+20+euros", bank.staff("agent"))["items"]
    assert len(opened) == DYING


def _kill_in_the_middle(
    second: Served, chats: Sequence[Chat]
) -> tuple[dict[str, Answer], list[Chat]]:
    """Confirm in all conversations at once and kill the process after a few answers: the answers, and who has none."""
    answered: dict[str, Answer] = {}
    enough = threading.Event()

    def confirm(chat: Chat) -> None:
        try:
            answered[chat.id] = say(second.url, chat, "yes", f"yes-{chat.id}")
        except httpx.HTTPError:
            return
        if len(answered) >= ANSWERED_BEFORE:
            enough.set()

    # Some wait until it is about to be killed, so that turns are in progress then, however fast the others were.
    early, late = chats[: DYING // 2], chats[DYING // 2 :]
    with ThreadPoolExecutor(DYING) as pool:
        sent = [pool.submit(confirm, chat) for chat in early]
        assert enough.wait(WAIT_S)
        sent += [pool.submit(confirm, chat) for chat in late]
        second.process.kill()
        for one in sent:
            one.result(WAIT_S)
    return answered, [chat for chat in chats if chat.id not in answered]
