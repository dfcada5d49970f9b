"""The ticket desk over HTTP: what each role may, how errors read, files, exports, imports, mails that really leave."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes, policy
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from actions.tickets.notifications import Notification
from actions.tickets.tasks import send_mails
from core.settings import Settings
from core.tasks import TaskContext
from nlu.supervisor import free_port
from tests.bank import Answer, Bank, checked
from tests.tickets import Desk, at, drop_connections, opened_desk


def opened(bank: Bank, **given: Any) -> Answer:
    body = {
        "subject": "Card is cracked",
        "description": "Please send me a replacement card",
        **given,
    }
    made: Answer = bank.post("/v1/tickets", body, bank.staff("agent"), 201)
    return made


@pytest.mark.parametrize(
    "kind",
    ["calendar", "policy", "service", "template", "macro", "jurisdiction", "cause", "routing"],
)
def test_the_rule_book_is_read_by_agents_and_changed_by_who_configures(
    bank: Bank, kind: str
) -> None:
    items = bank.get(f"/v1/rulebook/{kind}", bank.staff("agent"))["items"]
    assert items
    path = f"/v1/rulebook/{kind}/{items[0]['code']}"
    bank.get(path, bank.staff("knowledge_manager"), 403)
    checked(bank.call("PUT", path, items[0]["content"], bank.staff("agent"), If_Match="1"), 403)
    checked(bank.call("PUT", path, items[0]["content"], bank.staff("admin")), 422)
    again = checked(
        bank.call(
            "PUT", path, items[0]["content"], bank.staff("admin"), If_Match=str(items[0]["version"])
        ),
        200,
    )
    assert again["version"] == items[0]["version"] + 1


def test_a_new_kind_of_request_needs_no_code_and_no_training(bank: Bank) -> None:
    def both(en: str, zh: str) -> Answer:
        return {"en": en, "zh": zh}

    options = [
        {"value": "small", "names": both("small", "小")},
        {"value": "large", "names": both("large", "大")},
    ]
    size = {
        "key": "size",
        "type": "choice",
        "names": both("Size", "尺寸"),
        "ask": both("Which size?", "哪种尺寸？"),
        "options": options,
    }
    content = {
        "names": both("Rent a safe", "租保险箱"),
        "description": both("A box in the vault.", "金库里的箱子。"),
        "fields": [size],
        "phrases": {"en": ["I want to rent a safe deposit box"], "zh": ["我想租一个保险箱"]},
        "queue": "accounts",
        "who": "anyone",
        "assurance": "none",
    }
    checked(bank.call("PUT", "/v1/rulebook/service/safe-rental", content, bank.staff("admin")), 200)
    for language, name, wanted, yes in (
        ("en", "Rent a safe", "large", "yes"),
        ("zh", "租保险箱", "大", "是"),
    ):
        chat = bank.chat(language)
        assert chat.say(name).quick_replies
        chat.say(wanted)
        assert wanted in chat.say("ben@example.com").text  # how a visitor is answered
        assert "ticket.created" in chat.say(yes).actions


def test_a_request_over_rest_names_what_is_wrong(bank: Bank) -> None:
    chat = bank.chat(customer=0)
    problem = bank.post(
        "/v1/services/address-change/requests", {"answers": {"from": "soon"}}, chat.token, 422
    )
    assert {e["field"] for e in problem["errors"]} == {"answers.address", "answers.from"}
    body = {"answers": {"address": "1 New Street, 10115", "from": "2036-01-01"}}
    problem = bank.post("/v1/services/address-change/requests", body, chat.token, 422)
    assert "must lie between" in problem["errors"][0]["message"]
    visitor = bank.chat()
    bank.post("/v1/services/address-change/requests", body, visitor.token, 403)
    assert {s["who"] for s in bank.get("/v1/services", visitor.token)["items"]} == {"anyone"}


def test_a_refused_step_says_which_are_possible_and_an_unknown_conversation_is_no_crash(
    bank: Bank,
) -> None:
    ticket = opened(bank)
    path = f"/v1/tickets/{ticket['id']}/transition"
    problem = checked(
        bank.call("POST", path, {"to": "archived"}, bank.staff("agent"), If_Match="1"), 409
    )
    assert "possible: open" in problem["detail"]
    bank.post(
        "/v1/tickets",
        {"subject": "a", "description": "b", "conversation_id": str(uuid.uuid4())},
        bank.staff("agent"),
        422,
    )


def test_a_file_is_only_ever_a_download(bank: Bank) -> None:
    ticket, head = opened(bank), {"Authorization": f"Bearer {bank.staff('agent')}"}
    path = f"/v1/tickets/{ticket['id']}/attachments"
    kept = checked(bank.http.post(path, files={"file": ("note.txt", b"hello")}, headers=head), 201)
    bad = bank.http.post(
        path, files={"file": ("note.txt", b"<script>alert(1)</script>")}, headers=head
    )
    assert bad.status_code == 422
    content = bank.http.get(f"{path}/{kept['id']}/content", headers=head)
    assert content.content == b"hello"
    assert content.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in content.headers["content-security-policy"]
    stranger = bank.chat(customer=1).token
    assert bank.call("GET", f"{path}/{kept['id']}/content", None, stranger).status_code == 404


def test_a_file_of_tickets_is_taken_row_by_row_with_a_report(bank: Bank) -> None:
    head = {"Authorization": f"Bearer {bank.staff('agent')}"}
    content = b"description,queue,customer_number\nmy loan is missing,lending,\nx,nowhere,\nhello,cards,C999999\n"
    report = checked(
        bank.http.post("/v1/tickets/imports", files={"file": ("t.csv", content)}, headers=head), 200
    )
    assert report["opened"] == 1
    assert [line["ok"] for line in report["report"]] == [True, False, False]
    assert "There is no customer" in report["report"][2]["problem"]


def test_lists_are_exported_without_formulas(bank: Bank) -> None:
    tag = f"x{uuid.uuid4().hex[:8]}"
    opened(bank, subject="=1+1", tags=[tag])
    head = {"Authorization": f"Bearer {bank.staff('agent')}"}
    rows = list(
        csv.DictReader(
            io.StringIO(
                bank.http.get(f"/v1/tickets/export?tag={tag}", headers=head).text.lstrip("\ufeff")
            )
        )
    )
    assert [row["subject"] for row in rows] == ["'=1+1"]
    sheet = load_workbook(
        io.BytesIO(bank.http.get(f"/v1/tickets/export?tag={tag}&format=xlsx", headers=head).content)
    ).active
    assert sheet["I2"].value == "'=1+1"


def test_saved_filters_bulk_changes_and_counts(bank: Bank) -> None:
    agent, tag = bank.staff("agent"), f"y{uuid.uuid4().hex[:8]}"
    one, two = opened(bank, tags=[tag]), opened(bank, tags=[tag])
    bank.post("/v1/tickets/filters", {"name": "mine", "filters": {"colour": "red"}}, agent, 422)
    kept = bank.post("/v1/tickets/filters", {"name": "mine", "filters": {"tag": tag}}, agent, 201)
    assert kept["id"] in [f["id"] for f in bank.get("/v1/tickets/filters", agent)["items"]]
    assert kept["id"] not in [
        f["id"] for f in bank.get("/v1/tickets/filters", bank.staff("supervisor"))["items"]
    ]
    done = bank.post(
        "/v1/tickets/bulk",
        {"ids": [one["id"], two["id"], str(uuid.uuid4())], "priority": "urgent"},
        agent,
    )
    assert (done["changed"], done["results"][2]["status"]) == (2, 404)
    due = bank.get(f"/v1/tickets?tag={tag}&sort=due&limit=1", agent)
    rest = bank.get(f"/v1/tickets?tag={tag}&sort=due&limit=1&cursor={due['next_cursor']}", agent)
    assert {due["items"][0]["id"], rest["items"][0]["id"]} == {one["id"], two["id"]}
    assert bank.get("/v1/tickets/counts", agent)["cards"]


def test_a_complaint_over_rest(bank: Bank) -> None:
    agent, boss = bank.staff("agent"), bank.staff("supervisor")
    made = opened(
        bank,
        description="I want to complain about your rude staff",
        customer_id=bank.customer(0)["id"],
    )
    path = f"/v1/complaints/{made['id']}"
    bank.post(f"{path}/letters", {"step": "final"}, agent, 409)
    bank.post(f"{path}/outcome", {"outcome": "partly", "reason": "heard both sides"}, agent)
    assert (
        bank.post(f"{path}/redress", {"amount": "500", "currency": "EUR"}, agent)["redress_state"]
        == "proposed"
    )
    bank.post(
        f"{path}/redress/decision", {"approve": True, "reason": "as in earlier cases"}, agent, 403
    )
    assert (
        bank.post(
            f"{path}/redress/decision", {"approve": True, "reason": "as in earlier cases"}, boss
        )["redress_state"]
        == "approved"
    )
    letter = bank.post(f"{path}/letters", {"step": "final", "answer": "We are sorry."}, agent, 201)
    assert "partly upheld" in letter["body"]
    register = bank.call(
        "GET",
        "/v1/complaints/register?from=2026-01-01T00:00:00Z&to=2036-01-01T00:00:00Z",
        None,
        boss,
    )
    assert made["reference"] in register.text
    assert (
        bank.call(
            "GET",
            "/v1/complaints/register?from=2026-01-01T00:00:00Z&to=2036-01-01T00:00:00Z",
            None,
            agent,
        ).status_code
        == 403
    )


class Mailbox:
    """A mail server that remembers, and that can be told to refuse."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refusing = False
        self.on_mail: Callable[[], None] | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusing:
            return "451 later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.on_mail:
            self.on_mail()
        return "250 OK"


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("mails")) as made:
        yield made


async def test_mails_leave_once_and_survive_a_server_that_is_away(desk: Desk) -> None:
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    settings = Settings(smtp_url=f"smtp://127.0.0.1:{server.port}", var_dir=desk.folder)
    context = TaskContext(desk.database, settings, ())
    customer = await desk.customer(language="zh", native_name="韩梅梅")
    await desk.open("请寄对账单", at(1), customer_id=customer.id)
    try:
        mailbox.refusing = True
        await send_mails.run(context)
        mailbox.refusing = False
        async with desk.database.transaction() as session:
            waiting = (await session.scalars(select(Notification))).one()
            assert (waiting.state, waiting.attempts) == ("pending", 1)
            waiting.next_attempt_at = at(1)
        await send_mails.run(context)
        await send_mails.run(context)
    finally:
        server.stop()
    assert [m["To"] for m in mailbox.mails] == [customer.email]
    assert mailbox.mails[0]["Message-ID"] == waiting.message_id
    assert "韩梅梅" in mailbox.mails[0].get_content()


async def test_a_database_that_dies_while_a_mail_leaves_sends_it_once(desk: Desk) -> None:
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    settings = Settings(smtp_url=f"smtp://127.0.0.1:{server.port}", var_dir=desk.folder)
    context = TaskContext(desk.database, settings, ())
    customer = await desk.customer(language="en")
    ticket = await desk.open("my card is cracked", at(1), customer_id=customer.id)
    try:
        mailbox.on_mail = partial(drop_connections, desk.database.url)
        with pytest.raises(DBAPIError):
            await send_mails.run(context)
        assert await notes_of(desk, ticket.id) == [("pending", 0)]
        mailbox.on_mail = None
        await send_mails.run(context)
    finally:
        server.stop()
    assert await notes_of(desk, ticket.id) == [("sent", 1)]
    assert [m["To"] for m in mailbox.mails] == [customer.email]
    assert not list((desk.folder / "handed").iterdir())


async def notes_of(desk: Desk, ticket_id: uuid.UUID) -> list[tuple[str, int]]:
    """State and attempts of a ticket's mails."""
    async with desk.database.transaction() as session:
        found = select(Notification.state, Notification.attempts).where(
            Notification.ticket_id == ticket_id
        )
        return [(state, attempts) for state, attempts in await session.execute(found)]
