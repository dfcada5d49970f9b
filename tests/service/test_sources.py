"""Sources into one master record: files, an API that fails now and then, views; the same person found, merged and parted again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from actions.customers.identity import merging
from actions.customers.identity.models import CustomerValue, IdentityReview, SurvivorshipRules
from actions.customers.identity.resolution import apply_survivorship
from actions.customers.identity.survivorship import Rules
from actions.customers.models import Account, Customer, Holding, Transaction
from actions.customers.source_models import QualityIssue, Source, SourceLoad, SourceRecord
from actions.customers.sources import loading
from actions.customers.sources.quality import quality_of
from actions.products.models import Product
from actions.tickets.models import Ticket
from core.clock import utc_now
from core.errors import Conflict, Invalid, NotAllowed, PreconditionFailed
from core.identity import Staff
from core.settings import Settings
from tests.bank import Bank, checked
from tests.tickets import Desk, at, opened_desk

NOW = at(20)
HEADER = "key,name,birth_date,email,phone,document_type,document_number,address,nationality,as_of"


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("sources")) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module")
async def admin(desk: Desk) -> Staff:
    return await desk.staff("admin")


async def load(
    desk: Desk, admin: Staff, folder: Path, code: str, trust: int = 60, **connector: Any
) -> SourceLoad:
    """Load a source, made at its first load."""
    config = connector or {"type": "file", "folder": code}
    settings = Settings(source_folder=folder, source_hosts=["127.0.0.1"], var_dir=folder)
    async with desk.database.transaction() as session:
        if await session.get(Source, code) is None:
            await loading.put_source(session, admin, code, "core_banking", config, trust, None, NOW)
        begun = await loading.begin_load(session, admin, code, NOW)
    return await loading.run_load(desk.database, settings, begun.id, NOW)


def drop(folder: Path, code: str, **files: str) -> None:
    """Files of a source, a line each."""
    (folder / code).mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        (folder / code / name.replace("_", ".")).write_text(content, encoding="utf-8")


async def customer_of(desk: Desk, source: str, key: str) -> Customer | None:
    async with desk.database.transaction() as session:
        rows = select(SourceRecord).where(
            SourceRecord.source == source, SourceRecord.key == key, SourceRecord.type == "person"
        )
        row = (await session.scalars(rows)).one()
        return await session.get(Customer, row.customer_id) if row.customer_id else None


async def test_a_drop_becomes_customers_with_all_that_is_theirs(
    desk: Desk, admin: Staff, folder: Path
) -> None:
    async with desk.database.transaction() as session:
        session.add(
            Product(
                code="FUND-1",
                name="Fund",
                name_zh="基金",
                kind="fund",
                risk_level="R2",
                currency="EUR",
                minimum=Decimal(1),
                horizon_months=1,
                liquid=True,
                goals=[],
                eligibility={},
                disclosures={"en": [], "zh": []},
            )
        )
    rows = [
        {
            "key": "a1",
            "person": "p1",
            "iban": "DE00A1",
            "kind": "current",
            "currency": "EUR",
            "balance": "120.50",
            "opened_on": "2020-01-01",
        }
    ]
    booked = {
        "key": "t1",
        "account": "a1",
        "booked_at": "2026-05-01T10:00:00Z",
        "amount": "-12.30",
        "currency": "EUR",
        "counterparty": "Green Market",
        "category": "groceries",
    }
    drop(
        folder,
        "core",
        person_csv=f"{HEADER}\np1,Berta Winter,1970-04-01,berta@example.com,,passport,C9990001,,DE,2026-05-01T00:00:00Z\n",
        account_jsonl="\n".join(json.dumps(row) for row in rows),
        transaction_jsonl=json.dumps(booked),
        holding_csv="key,person,product,currency,value,bought_on\nh1,p1,FUND-1,EUR,500,2024-01-01\nh2,p1,NO-SUCH,EUR,9,2024-01-01\n",
        card_csv="key,person,account,kind,last_four,state,expires_on\nc1,p1,a1,debit,1234,active,2030-01-01\n",
    )
    done = await load(desk, admin, folder, "core", 90)
    assert (done.state, done.rows, done.added, done.refused) == ("done", 6, 6, 0)
    berta = await customer_of(desk, "core", "p1")
    assert berta is not None
    assert (berta.email, berta.birth_date, berta.kyc_state) == (
        "berta@example.com",
        date(1970, 4, 1),
        "pending",
    )
    async with desk.database.transaction() as session:
        account = (
            await session.scalars(select(Account).where(Account.customer_id == berta.id))
        ).one()
        assert account.balance == Decimal("120.50")
        assert (
            await session.scalars(
                select(Transaction.amount).where(Transaction.account_id == account.id)
            )
        ).all() == [Decimal("-12.30")]
        assert (
            await session.scalars(select(Holding.value).where(Holding.customer_id == berta.id))
        ).all() == [Decimal(500)]

    again = await load(desk, admin, folder, "core")
    assert (again.rows, again.added, again.changed) == (0, 0, 0)  # the files are as they were
    rows[0]["balance"] = "99.00"
    drop(folder, "core", account_jsonl=json.dumps(rows[0]))
    changed = await load(desk, admin, folder, "core")
    assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 5)
    async with desk.database.transaction() as session:
        assert (
            await session.scalars(select(Account.balance).where(Account.customer_id == berta.id))
        ).all() == [Decimal("99.00")]


async def test_what_cannot_be_right_is_refused_and_reported_and_the_rest_goes_on(
    desk: Desk, admin: Staff, folder: Path
) -> None:
    drop(
        folder,
        "messy",
        person_csv=f"{HEADER}\n1,Carl Good,1980-01-01,,,,,,DE,\n2,Dora Bad,1780-01-01,,,,,,DE,\n1,Carl Again,1980-01-01,,,,,,DE,\n3,,1,x,,,,,,\n",
        account_jsonl='{"key": "a", "person": "9", "iban": "DE1234", "kind": "current", "currency": "EUR", "balance": "1", "opened_on": "2020-01-01"}\n'
        "not json\n",
    )
    done = await load(desk, admin, folder, "messy")
    assert (done.state, done.rows, done.added, done.refused) == ("done", 6, 1, 5)
    async with desk.database.transaction() as session:
        issues = (
            await session.scalars(select(QualityIssue).where(QualityIssue.load_id == done.id))
        ).all()
        worth = {q.source: q for q in await quality_of(session, admin, NOW)}["messy"]
    found = {(issue.type, issue.line, issue.field, issue.check) for issue in issues}
    assert {
        ("person", 3, "birth_date", "range"),
        ("person", 4, "key", "duplicate"),
        ("account", 1, "person", "reference"),
    } <= found
    assert any(issue.type == "account" and issue.line == 2 for issue in issues)
    assert worth.valid == pytest.approx(1 / 6)
    assert worth.people == 1
    assert worth.score is not None


async def test_the_same_person_of_two_sources_is_one_customer_with_the_values_that_count(
    desk: Desk, admin: Staff, folder: Path
) -> None:
    drop(
        folder,
        "bank",
        person_csv=f"{HEADER}\n1,Emil Sommer,1966-06-06,emil@old.example,,passport,E5550001,1 Old Road,DE,2024-01-01T00:00:00Z\n",
    )
    drop(
        folder,
        "shop",
        person_csv=f"{HEADER}\nx,SOMMER Emil,1966-06-06,emil@new.example,+4915155512345,,E5550001,2 New Road,,2026-05-01T00:00:00Z\n",
    )
    await load(desk, admin, folder, "bank", 90)
    await load(desk, admin, folder, "shop", 30)
    one, other = await customer_of(desk, "bank", "1"), await customer_of(desk, "shop", "x")
    assert one is not None
    assert other is not None
    assert one.id == other.id
    assert (other.name, other.email, other.address) == (
        "Emil Sommer",
        "emil@new.example",
        "2 New Road",
    )
    async with desk.database.transaction() as session:
        values = (
            await session.scalars(select(CustomerValue).where(CustomerValue.customer_id == one.id))
        ).all()
        names = {(v.source, v.value["value"], v.chosen) for v in values if v.field == "name"}
        assert names == {("bank", "Emil Sommer", True), ("shop", "SOMMER Emil", False)}
        assert all(0 < v.confidence <= 1 and v.as_of for v in values)
        rules = Rules.model_validate({"fields": {"name": {"sources": ["shop"]}}})
        session.add(
            SurvivorshipRules(
                version=1, content=rules.model_dump(mode="json"), changed_by="test", changed_at=NOW
            )
        )
        await session.flush()
        await apply_survivorship(session, one.id)
        assert (await session.get_one(Customer, one.id)).name == "SOMMER Emil"
        await session.execute(text("delete from survivorship_rules"))


async def test_a_doubtful_pair_waits_for_a_person_and_so_does_what_is_theirs(
    desk: Desk, admin: Staff, folder: Path
) -> None:
    supervisor, agent = await desk.staff("supervisor"), await desk.staff()
    known = await desk.customer(
        name="Frida Herbst",
        birth_date=date(1977, 7, 7),
        email="frida@example.com",
        phone="+4915177700001",
    )
    account = {
        "key": "a",
        "iban": "DE00F",
        "kind": "current",
        "currency": "EUR",
        "balance": "5",
        "opened_on": "2020-01-01",
    }
    drop(
        folder,
        "doubt",
        person_csv=f"{HEADER}\n1,Frida Herbst,1977-07-07,,,,,,,\n2,Frida Herbst,1977-07-07,,,,,,,\n",
        account_jsonl="\n".join(
            json.dumps(account | {"key": k, "person": k, "iban": f"DE00F{k}"}) for k in ("1", "2")
        ),
    )
    await load(desk, admin, folder, "doubt")
    assert await customer_of(desk, "doubt", "1") is None
    async with desk.database.transaction() as session:
        with pytest.raises(NotAllowed):
            merging.visible_reviews(agent)
        rows = (
            merging.visible_reviews(supervisor)
            .where(IdentityReview.customer_id == known.id)
            .order_by(IdentityReview.created_at)
        )
        reviews = (await session.scalars(rows)).all()
        assert [review.reasons for review in reviews] == [["birth_same", "name_same"]] * 2
        await merging.decide(session, supervisor, reviews[0].id, same=True, now=NOW)
        await merging.decide(session, supervisor, reviews[1].id, same=False, now=NOW)
        with pytest.raises(Conflict, match="already"):
            await merging.decide(session, supervisor, reviews[0].id, same=False, now=NOW)
    await loading.carry(desk.database, NOW)
    same, new = await customer_of(desk, "doubt", "1"), await customer_of(desk, "doubt", "2")
    assert same is not None
    assert new is not None
    assert (same.id == known.id, new.id == known.id) == (True, False)
    async with desk.database.transaction() as session:
        owners = await session.execute(
            select(Account.iban, Account.customer_id).where(Account.iban.in_(("DE00F1", "DE00F2")))
        )
        assert dict(owners.tuples().all()) == {"DE00F1": known.id, "DE00F2": new.id}


async def test_a_merge_moves_everything_and_can_be_undone(desk: Desk, admin: Staff) -> None:
    supervisor = await desk.staff("supervisor")
    kept, gone = (
        await desk.customer(name="Gustav Lenz"),
        await desk.customer(name="G. Lenz", email="gustav@lenz.example"),
    )
    ticket = await desk.open("my card is bent", NOW, customer_id=str(gone.id))

    async def owners() -> tuple[int, int, UUID | None]:
        async with desk.database.transaction() as session:
            counts = [
                await session.scalar(
                    select(func.count(Account.id)).where(Account.customer_id == who.id)
                )
                for who in (kept, gone)
            ]
            return (
                counts[0] or 0,
                counts[1] or 0,
                (await session.get_one(Ticket, ticket.id)).customer_id,
            )

    async with desk.database.transaction() as session:
        change = await merging.merge(session, supervisor, gone.id, kept.id, "same passport", NOW)
        with pytest.raises(Conflict, match="merged already"):
            await merging.merge(session, supervisor, gone.id, kept.id, "again", NOW)
        with pytest.raises(Conflict, match="itself"):
            await merging.merge(session, supervisor, kept.id, kept.id, "again", NOW)
    assert await owners() == (2, 0, kept.id)
    async with desk.database.transaction() as session:
        values = await session.scalars(
            select(CustomerValue.value).where(
                CustomerValue.customer_id == kept.id, CustomerValue.field == "name"
            )
        )
        assert {value["value"] for value in values} == {"Gustav Lenz", "G. Lenz"}
    async with desk.database.transaction() as session:
        await merging.undo(session, supervisor, change.id, "two brothers", NOW)
        with pytest.raises(Conflict, match="undone already"):
            await merging.undo(session, supervisor, change.id, "again", NOW)
    assert await owners() == (1, 1, gone.id)
    async with desk.database.transaction() as session:
        again = await session.get_one(Customer, gone.id)
        assert (again.name, again.merged_into) == ("G. Lenz", None)
        assert [entry.kind for entry in await session.scalars(merging.history_of(gone.id))] == [
            "undo",
            "merge",
        ]


class Api(BaseHTTPRequestHandler):
    """A source's API: it describes itself, gives pages, and fails as it is told."""

    people: ClassVar[list[dict[str, Any]]] = []
    failures = 0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        api = type(self)
        url = urlsplit(self.path)
        api.asked.append(self.path)
        if url.path == "/openapi.json":
            self._say(200, DESCRIBED)
            return
        if api.failures:
            api.failures -= 1
            self._say(503, {})
            return
        asked = parse_qs(url.query)
        start = int(asked.get("cursor", ["0"])[0])
        rows = [p for p in api.people if p["as_of"] > asked.get("updated_since", [""])[0]]
        following = str(start + 1) if start + 1 < len(rows) else None
        self._say(200, {"items": rows[start : start + 1], "next_cursor": following})

    def _say(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


DESCRIBED = {
    "openapi": "3.1.0",
    "servers": [{"url": "/v7"}],
    "paths": {
        "/people": {
            "get": {
                "operationId": "listPeople",
                "parameters": [
                    {"name": "updated_since", "in": "query"},
                    {"name": "cursor", "in": "query"},
                ],
            }
        }
    },
}


@pytest.fixture
def api() -> Iterator[str]:
    Api.asked, Api.failures = [], 0
    Api.people = [
        {
            "key": str(n),
            "name": f"Hanna Number{n}",
            "birth_date": f"199{n}-01-0{n + 1}",
            "as_of": f"2026-05-0{n + 1}T00:00:00Z",
        }
        for n in range(3)
    ]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/openapi.json"
    server.shutdown()
    server.server_close()


async def test_an_api_is_read_by_its_description_page_by_page_and_goes_on_where_it_ended(
    desk: Desk, admin: Staff, folder: Path, api: str
) -> None:
    Api.failures = 2
    rest = {"type": "rest", "openapi": api, "operations": {"person": "listPeople"}}
    first = await load(desk, admin, folder, "remote", **rest)
    assert (first.state, first.added, first.cursor) == ("done", 3, "2026-05-03T00:00:00Z")
    assert any(path.startswith("/v7/people") for path in Api.asked)
    Api.people.append(
        {
            "key": "9",
            "name": "Hanna Late",
            "birth_date": "1988-08-08",
            "as_of": "2026-05-20T00:00:00Z",
        }
    )
    second = await load(desk, admin, folder, "remote")
    assert (second.rows, second.added) == (1, 1)


async def test_an_api_that_stays_away_is_a_failed_load_that_says_so(
    desk: Desk, admin: Staff, folder: Path, api: str
) -> None:
    Api.failures = 100
    rest = {"type": "rest", "openapi": api, "operations": {"person": "listPeople"}}
    failed = await load(desk, admin, folder, "away", **rest)
    assert (failed.state, failed.added) == ("failed", 0)
    assert failed.error is not None
    assert "does not answer" in failed.error
    other = await load(
        desk, admin, folder, "other", type="rest", openapi=api, operations={"person": "noSuch"}
    )
    assert "no operation noSuch" in str(other.error)
    elsewhere = api.replace("127.0.0.1", "localhost")
    refused = await load(
        desk,
        admin,
        folder,
        "far",
        type="rest",
        openapi=elsewhere,
        operations={"person": "listPeople"},
    )
    assert "SOURCE_HOSTS" in str(refused.error)


async def test_views_of_our_own_database_are_a_source_too(
    desk: Desk, admin: Staff, folder: Path
) -> None:
    async with desk.database.transaction() as session:
        await session.execute(text("create schema if not exists sources"))
        await session.execute(
            text(
                "create view sources.channel_people as select 'k1' as key, 'Ida Frost' as name, '1991-02-03' as birth_date, "
                "timestamptz '2026-05-05' as as_of"
            )
        )
    own = {"type": "database", "views": {"person": "channel_people"}}
    first = await load(desk, admin, folder, "channel", **own)
    assert (first.state, first.added) == ("done", 1)
    again = await load(desk, admin, folder, "channel")
    assert (again.state, again.rows) == ("done", 0)
    ida = await customer_of(desk, "channel", "k1")
    assert ida is not None
    assert ida.name == "Ida Frost"


async def test_a_source_is_checked_when_it_is_written(desk: Desk, admin: Staff) -> None:
    agent = await desk.staff()
    good = {"type": "file", "folder": "x"}
    async with desk.database.transaction() as session:
        for bad in (
            {"type": "file", "folder": "../etc"},
            {"type": "ftp"},
            {"type": "database", "views": {"person": "a; drop"}},
        ):
            with pytest.raises(Invalid):
                await loading.put_source(session, admin, "bad", "credit", bad, 50, None, NOW)
        with pytest.raises(NotAllowed):
            await loading.put_source(session, agent, "bad", "credit", good, 50, None, NOW)
        made = await loading.put_source(session, admin, "good", "credit", good, 50, None, NOW)
        with pytest.raises(Invalid):
            await loading.put_source(session, admin, "good", "credit", good, 60, None, NOW)
        with pytest.raises(PreconditionFailed):
            await loading.put_source(
                session, admin, "good", "credit", good, 60, made.version + 1, NOW
            )


def test_a_file_source_over_http(bank: Bank) -> None:
    admin, supervisor = bank.staff("admin"), bank.staff("supervisor")
    drop(
        bank.folder / "sources",
        "branch",
        person_csv=f"{HEADER}\nb1,Jana Eis,1999-09-09,jana@example.com,,,,,DE,\n",
    )
    new = {"kind": "channels", "connector": {"type": "file", "folder": "branch"}, "trust": 40}
    checked(bank.call("PUT", "/v1/sources/branch", new, supervisor), 403)
    checked(bank.call("PUT", "/v1/sources/branch", new, admin), 200)
    begun = bank.post("/v1/sources/branch/loads", {}, admin, 202)
    deadline = utc_now() + timedelta(seconds=30)
    while (done := bank.get(f"/v1/sources/loads/{begun['id']}", admin))[
        "state"
    ] == "running" and utc_now() < deadline:
        pass
    assert (done["state"], done["added"]) == ("done", 1)
    found = bank.get("/v1/customers?q=Jana Eis", supervisor)["items"]
    assert [customer["kyc_state"] for customer in found] == ["pending"]
    values = bank.get(f"/v1/customers/{found[0]['id']}/values", supervisor)
    assert {v["source"] for v in values} == {"branch"}
    assert any(
        q["source"] == "branch" and q["valid"] == 1 for q in bank.get("/v1/sources/quality", admin)
    )
    assert bank.get("/v1/identity/reviews", supervisor)["items"] == []
