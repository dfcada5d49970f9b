"""A message that is sent again under its client's id: the same text is answered once, another one is refused."""

from __future__ import annotations

import pytest

from tests.bank import Answer, Bank


def send(bank: Bank, conversation: str, token: str, text: str, status: int = 200) -> Answer:
    """What a message with the id "1" is answered."""
    body = {"text": text, "client_message_id": "1"}
    path = f"/v1/conversations/{conversation}/messages"
    answered: Answer = bank.post(path, body, token, status, Accept_Language="zh")
    return answered


@pytest.mark.parametrize("author", ["customer", "agent"])
def test_an_id_is_answered_once_and_goes_with_one_text(bank: Bank, author: str) -> None:
    chat = bank.chat()
    token = chat.token
    if author == "agent":
        token = bank.staff("agent")
        bank.post(f"/v1/conversations/{chat.id}/claim", {}, token)
    first = send(bank, chat.id, token, "Which documents are needed?")
    again = send(bank, chat.id, token, "Which documents are needed?")
    assert [message["id"] for message in again["messages"]] == [
        message["id"] for message in first["messages"]
    ]
    transcript = chat.transcript()
    problem = send(bank, chat.id, token, "What does it cost?", status=422)
    assert problem["code"] == "conversation.client_id_reused"
    assert problem["errors"][0]["field"] == "client_message_id"
    assert "已用于另一条消息" in problem["detail"]
    assert chat.transcript() == transcript
