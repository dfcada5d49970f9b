"""How content customers are is asked where they are, and requests that need it ask for a second factor. The served product."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assistant.dialogue.slot_types.needs import score_in
from tests.bank import Bank, Chat, checked

# The task that notifies runs some seconds after the event.
TOLD_S = 20


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        ("4/5", 4),
        ("3 stars", 3),
        ("five", 5),
        ("I'd give it a 2", 2),
        ("给4分", 4),
        ("五星", 5),
        ("1分。", 1),
        ("6", None),
        ("0", None),
        ("5 cards", None),
        ("15", None),
        ("I have two cards", None),
        ("", None),
        ("五月", None),
    ],
)
def test_a_score_is_a_message_that_says_nothing_else(text: str, score: int | None) -> None:
    assert score_in(text) == score


def test_a_bare_number_is_no_plain_score() -> None:
    assert score_in("4", plainly=True) is None
    assert score_in("4 分", plainly=True) == 4


@pytest.mark.parametrize(
    ("language", "customer", "opening", "yes", "closing", "score"),
    [
        (
            "en",
            10,
            "open a ticket: my passbook was never stamped",
            "yes",
            "please close ticket {}",
            "4",
        ),
        ("zh", 11, "我要提交工单：存折一直没有盖章", "是", "请关闭工单 {}", "5分"),
    ],
)
def test_who_closes_a_ticket_is_asked_how_it_was(
    bank: Bank, language: str, customer: int, opening: str, yes: str, closing: str, score: str
) -> None:
    chat = bank.chat(language, customer=customer)
    chat.say(opening)
    ticket = chat.say(yes).action("ticket.created")
    chat.say(closing.format(ticket["reference"]))
    closed = chat.say(yes)
    assert closed.payloads == ["5/5", "4/5", "3/5", "2/5", "1/5"]
    assert chat.say(score).actions == ["ticket.updated"]
    assert bank.get(f"/v1/tickets/{ticket['id']}", bank.staff("agent"))["satisfaction"] == int(
        score[0]
    )
    assert "ticket.updated" not in chat.say(score).actions  # it was asked once


@pytest.mark.parametrize(
    ("language", "opening", "contact", "yes"),
    [
        ("en", "open a ticket: the branch door was locked at noon", "eve@example.com", "yes"),
        ("zh", "我要提交工单：网点中午锁门进不去", "eve@example.com", "是"),
    ],
)
def test_a_resolved_ticket_is_told_in_its_conversation_once(
    bank: Bank, language: str, opening: str, contact: str, yes: str
) -> None:
    chat, agent = bank.chat(language), bank.staff("agent")
    chat.say(opening)
    chat.say(contact)
    ticket = chat.say(yes).action("ticket.created")
    before = len(chat.transcript())
    path = f"/v1/tickets/{ticket['id']}"
    version = bank.get(path, agent)["version"]
    checked(
        bank.call("POST", f"{path}/transition", {"to": "resolved"}, agent, If_Match=str(version)),
        200,
    )
    told = waited(chat, before + 1)[before:]
    assert [(m["author"], ticket["reference"] in m["text"]) for m in told] == [("assistant", True)]
    assert [reply["payload"] for reply in told[0]["quick_replies"]] == [
        "5/5",
        "4/5",
        "3/5",
        "2/5",
        "1/5",
    ]
    assert chat.say("2/5").actions == ["ticket.updated"]
    assert bank.get(path, agent)["satisfaction"] == 2
    assert len(chat.transcript()) == before + 3


def waited(chat: Chat, messages: int) -> list[dict[str, Any]]:
    """The transcript once it has so many messages."""
    deadline = time.monotonic() + TOLD_S
    while len(found := chat.transcript()) < messages and time.monotonic() < deadline:
        chat.bank.get("/healthz")
    return found


@pytest.mark.parametrize(
    ("language", "customer", "request_", "sure"),
    [("en", 0, "Change phone or email", "second factor"), ("zh", 1, "变更电话或邮箱", "二次验证")],
)
def test_a_request_that_needs_a_second_factor_waits_for_it(
    bank: Bank, language: str, customer: int, request_: str, sure: str
) -> None:
    made = bank.post(
        "/v1/conversations",
        {"channel": "web", "language": language, "identity_token": bank.identity(customer)},
        status=201,
    )
    chat = Chat(bank, made["id"], made["token"])
    refused = chat.say(request_)
    assert sure in refused.text
    assert request_ in refused.payloads
    answers = {"answers": {"email": "new@example.com"}}
    bank.post("/v1/services/contact-change/requests", answers, chat.token, 403)

    path = f"/v1/conversations/{chat.id}/identity"
    bank.post(path, {"identity_token": bank.identity(customer)}, chat.token, 409)
    bank.post(path, {"identity_token": bank.identity(customer + 2, amr=["mfa"])}, chat.token, 409)
    bank.post(path, {"identity_token": "forged"}, chat.token, 401)
    bank.post(
        path, {"identity_token": bank.identity(customer, amr=["mfa"])}, bank.chat().token, 404
    )
    bank.post(
        path, {"identity_token": bank.identity(customer, amr=["pwd", "mfa"])}, chat.token, 204
    )
    assert sure not in chat.say(request_).text
    bank.post("/v1/services/contact-change/requests", answers, chat.token, 201)


def test_a_visitor_cannot_become_a_customer_by_a_second_factor(bank: Bank) -> None:
    visitor = bank.chat()
    path = f"/v1/conversations/{visitor.id}/identity"
    bank.post(path, {"identity_token": bank.identity(30, amr=["mfa"])}, visitor.token, 409)
