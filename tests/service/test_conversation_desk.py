"""Around the messages: inbox, place in the queue, transfers, notes, files, ready answers, the end of a session."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from tests.bank import PNG, Bank, Chat


def queued(bank: Bank, language: str = "en", customer: int | None = None) -> Chat:
    """A conversation that waits for a person."""
    chat = bank.chat(language, customer)
    bank.post(f"/v1/conversations/{chat.id}/handoff", {"reason": "asked"}, chat.token)
    return chat


def step(
    bank: Bank, chat: Chat, name: str, body: Any = None, role: str = "agent", status: int = 200
) -> Any:
    return bank.post(
        f"/v1/conversations/{chat.id}/{name}",
        body if body is not None else {},
        bank.staff(role),
        status,
    )


def entry(bank: Bank, chat: Chat, view: str, role: str = "agent") -> Any:
    found = bank.get(f"/v1/conversations/inbox?view={view}", bank.staff(role))["items"]
    return next((c for c in found if c["id"] == chat.id), None)


def send(
    bank: Bank, chat: Chat, name: str, content: bytes, token: str | None = None
) -> httpx.Response:
    head = {"Authorization": f"Bearer {token or chat.token}"}
    return bank.http.post(
        f"/v1/conversations/{chat.id}/files", files={"file": (name, content)}, headers=head
    )


@pytest.mark.parametrize(
    ("language", "customer", "said"), [("en", 6, "cards team"), ("zh", 7, "银行卡团队")]
)
def test_a_conversation_goes_to_another_team_with_a_note_the_customer_never_sees(
    bank: Bank, language: str, customer: int, said: str
) -> None:
    chat = queued(bank, language, customer)
    waiting = entry(bank, chat, "waiting")
    assert waiting["customer_name"]
    assert waiting["last_author"] is None, "nobody but the assistant has written"
    chat.say(said)
    assert entry(bank, chat, "waiting")["last_author"] == "customer"
    step(bank, chat, "transfer", {"queue": "cards"}, status=200)
    step(bank, chat, "claim")
    step(bank, chat, "transfer", {"queue": "cards", "note": "asked twice"})
    shown = bank.get(f"/v1/conversations/{chat.id}", chat.token)
    assert (shown["state"], shown["queue"], shown["agent_id"]) == ("queued", "cards", None)
    assert said in chat.transcript()[-1]["text"]
    assert not any("asked twice" in m["text"] for m in chat.transcript())
    assert (
        bank.get(f"/v1/conversations/{chat.id}/notes", bank.staff("supervisor"))["items"][0]["text"]
        == "asked twice"
    )
    assert (
        bank.call("GET", f"/v1/conversations/{chat.id}/notes", token=chat.token).status_code == 403
    )


def test_a_transfer_names_one_goal_that_exists(bank: Bank) -> None:
    chat = queued(bank)
    step(bank, chat, "claim")
    step(bank, chat, "transfer", {}, status=422)
    step(bank, chat, "transfer", {"agent_id": "00000000-0000-4000-8000-000000000000"}, status=422)
    curator = bank.get("/v1/auth/me", bank.staff("knowledge_manager"))["id"]
    step(bank, chat, "transfer", {"agent_id": curator}, status=422)
    step(bank, chat, "transfer", {"queue": "cards"}, role="knowledge_manager", status=403)
    supervisor = bank.get("/v1/auth/me", bank.staff("supervisor"))["id"]
    step(bank, chat, "transfer", {"agent_id": supervisor})
    assert entry(bank, chat, "mine", "supervisor")["agent_name"]
    step(bank, chat, "transfer", {"queue": "cards"}, status=409)  # it is no longer the agent's


def test_the_place_in_the_queue_counts_who_is_more_pressing_or_came_before(bank: Bank) -> None:
    first, second = queued(bank), queued(bank)
    places = [bank.get(f"/v1/conversations/{c.id}", c.token)["place"] for c in (first, second)]
    assert places[1] > places[0] >= 1
    step(bank, first, "claim")
    shown = bank.get(f"/v1/conversations/{first.id}", first.token)
    assert (shown["place"], shown["agent_name"] is not None) == (None, True)
    assert bank.get(f"/v1/conversations/{second.id}", second.token)["place"] == places[1] - 1


@pytest.mark.parametrize(("language", "word"), [("en", "saved"), ("zh", "保存")])
def test_a_file_is_kept_and_handed_out_as_a_download_only(
    bank: Bank, language: str, word: str
) -> None:
    chat, other = bank.chat(language), bank.chat(language)
    sent = send(bank, chat, "receipt<b>.png", PNG)
    assert sent.status_code == 201, sent.text
    told = sent.json()["messages"]
    assert word in told[1]["text"]
    file = told[0]["actions"][0]
    assert (file["type"], file["name"], file["size"]) == ("file.added", "receipt_b_.png", len(PNG))
    path = f"/v1/conversations/{chat.id}/files/{file['id']}/content"
    for token in (chat.token, bank.staff("agent")):
        answer = bank.call("GET", path, token=token)
        assert answer.content == PNG
        assert answer.headers["content-disposition"].startswith("attachment")
    assert bank.call("GET", path, token=other.token).status_code == 404
    assert send(bank, chat, "run.exe", b"MZ\x90\x00" * 40).status_code == 422
    assert send(bank, chat, "page.txt", b"<script>alert(1)</script>").status_code == 422
    assert len(chat.transcript()) == 2


def test_a_ready_answer_is_filled_in_in_the_conversations_language(bank: Bank) -> None:
    chat = queued(bank, "zh", 7)
    line = bank.get(f"/v1/conversations/{chat.id}/replies/chat-hello", bank.staff("agent"))["text"]
    assert line.startswith(bank.customer(7)["name"][:1]) or "您好" in line
    bank.get(f"/v1/conversations/{chat.id}/replies/reply-card-sent", bank.staff("agent"), 404)


def test_somebody_who_signs_out_at_the_bank_is_signed_out_here(bank: Bank) -> None:
    chat = bank.chat("en", 8)
    chat.say("hello")
    bank.post(f"/v1/conversations/{chat.id}/leave", {}, chat.token, 204)
    assert (
        bank.call("GET", f"/v1/conversations/{chat.id}/messages", token=chat.token).status_code
        == 401
    )
    again = bank.post("/v1/conversations/resume", {"identity_token": bank.identity(8)})
    assert again["id"] == chat.id


def test_the_other_side_sees_that_somebody_writes_and_a_page_hears_where_something_changed(
    bank: Bank,
) -> None:
    chat, seen = bank.chat(), []
    streams = [
        (f"/v1/conversations/{chat.id}/events", chat.token),
        ("/v1/workforce/events", bank.staff("agent")),
    ]
    ready = threading.Barrier(len(streams) + 1)

    def listen(path: str, token: str, until: str) -> None:
        head = {"Authorization": f"Bearer {token}"}
        with bank.http.stream("GET", path, headers=head, timeout=20) as answer:
            ready.wait()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    seen.append(json.loads(line.removeprefix("data: ")))
                    if until in line and (until != "state" or chat.id in line):
                        return

    threads = [
        threading.Thread(target=listen, args=(*stream, until), daemon=True)
        for stream, until in zip(streams, ('"author": "agent"', "state"), strict=True)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    bank.post(f"/v1/conversations/{chat.id}/handoff", {}, chat.token)
    step(bank, chat, "claim")
    step(bank, chat, "typing", status=204)
    for thread in threads:
        thread.join(20)
    assert {"author": "agent"} in seen
    assert {"type": "state", "conversation_id": chat.id} in seen
    assert {
        "queue": "general",
        "state": "queued",
        "priority": "normal",
    } in seen  # nothing was said yet


@pytest.mark.parametrize(
    ("language", "said", "mood"),
    [
        ("en", "someone told me to move my money to a safe account", "scam"),
        ("zh", "有人让我把钱转到安全账户", "scam"),
    ],
)
def test_a_warning_is_acknowledged_before_the_agent_writes(
    bank: Bank, language: str, said: str, mood: str
) -> None:
    chat = bank.chat(language, 0)
    chat.say(said)
    step(bank, chat, "claim")
    wanted = {"conversation_id": chat.id, "language": language}
    shown = bank.post("/v1/copilot/suggestions", wanted, bank.staff("agent"))
    assert shown["mood"]["name"] == mood
    assert shown["intent"]["title"]
    assert mood in shown["unacknowledged"]
    step(bank, chat, "messages", {"text": "one moment"}, status=409)
    use = {"part": "warning", "item": mood, "outcome": "acknowledged"}
    bank.post(f"/v1/copilot/suggestions/{shown['id']}/uses", use, bank.staff("agent"), 204)
    step(bank, chat, "messages", {"text": "one moment"})
    bank.post(f"/v1/copilot/suggestions/{shown['id']}/uses", use, bank.staff("supervisor"), 404)


def test_another_reply_comes_from_another_article_and_wrong_needs_a_reason(bank: Bank) -> None:
    chat = bank.chat("en", 0)
    chat.say("How long does card delivery take?")
    chat.say("I want to talk to a person")  # about what was asked before
    wanted = {"conversation_id": chat.id, "language": "zh"}
    first = bank.post("/v1/copilot/suggestions", wanted, bank.staff("agent"))
    assert first["reply"]["citations"][0]["slug"] == "card-delivery-estimate"
    assert "网页" in first["summary"]
    second = bank.post("/v1/copilot/suggestions", wanted | {"another": True}, bank.staff("agent"))
    assert second["reply"]["citations"][0]["slug"] != "card-delivery-estimate"
    path, wrong = (
        f"/v1/copilot/suggestions/{second['id']}/uses",
        {"part": "reply", "outcome": "wrong"},
    )
    bank.post(path, wrong, bank.staff("agent"), 422)
    bank.post(path, wrong | {"reason": "about another card"}, bank.staff("agent"), 204)
