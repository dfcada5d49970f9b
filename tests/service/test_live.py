"""Live events of a conversation: each once and in order, also after a break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bank import Bank, Chat

Told = tuple[int, str, dict[str, Any]]  # id, type, payload


def events(chat: Chat, last: int, token: str | None = None) -> Iterator[Told]:
    """Events behind an id, as they come."""
    headers = {"Authorization": f"Bearer {token or chat.token}", "Last-Event-ID": str(last)}
    path = f"/v1/conversations/{chat.id}/events"
    with chat.bank.http.stream("GET", path, headers=headers, timeout=10) as stream:
        assert stream.status_code == 200
        number, kind = 0, ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                number = int(value)
            elif name == "event":
                kind = value
            elif name == "data":
                yield number, kind, json.loads(value)


def first(told: Iterator[Told], count: int) -> list[Told]:
    return [next(told) for _ in range(count)]


@pytest.mark.parametrize(
    ("language", "texts"), [("en", ["hello", "thank you"]), ("zh", ["你好", "谢谢"])]
)
def test_what_was_said_is_told_in_order_and_goes_on_after_a_break(
    bank: Bank, language: str, texts: list[str]
) -> None:
    chat = bank.chat(language)
    for text in texts:
        chat.say(text)
    # The first answer has the message before it that says who speaks.
    all_told = first(events(chat, 0), 5)
    authors = [payload["author"] for _, _, payload in all_told]
    assert authors == ["customer", "assistant", "assistant", "customer", "assistant"]
    assert [payload["text"] for _, _, payload in all_told[::3]] == texts
    again = first(events(chat, all_told[2][0]), 2)
    assert again == all_told[3:]


def test_an_agents_words_come_live(bank: Bank) -> None:
    chat, agent = bank.chat("en"), bank.staff("agent")
    chat.say("I want to talk to a person")
    told = events(chat, 0)
    seen = first(told, 4)
    assert [kind for _, kind, _ in seen] == ["message", "message", "state", "message"]
    assert seen[2][2]["state"] == "queued"
    bank.post(f"/v1/conversations/{chat.id}/claim", {}, agent)
    bank.post(f"/v1/conversations/{chat.id}/messages", {"text": "Hello, Ada here."}, agent)
    assert next(told)[2]["state"] == "agent"
    assert next(told)[2]["text"] == "Hello, Ada here."


def test_nobody_follows_another_conversation(bank: Bank) -> None:
    mine, other = bank.chat(), bank.chat()
    bank.get(f"/v1/conversations/{other.id}/events", mine.token, status=404)
