"""Knowing the customer on a real database and over HTTP: from nothing to a concluded review, with the copilot beside."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from actions.compliance.kyc import service
from actions.compliance.kyc.models import KycDocument
from actions.compliance.loading import entry_row
from actions.compliance.models import Watchlist
from actions.compliance.screening import WatchlistIndex
from actions.compliance.watchlists import Listed
from actions.customers.models import Customer
from actions.tickets.models import Ticket
from core.errors import Conflict, Invalid, NotAllowed
from core.identity import Staff
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

NOW = at(20)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("kyc")) as made:
        async with made.database.transaction() as session:
            session.add(
                Watchlist(
                    code="pep",
                    format="opensanctions",
                    revision=1,
                    entries=1,
                    report={},
                    loaded_by="test",
                    loaded_at=NOW,
                )
            )
            listed = Listed("1", "person", ("Bogdan Sokolenka",), ("1961-02-03",), ("BY",))
            session.add(entry_row("pep", listed, uuid.uuid4(), NOW))
        yield made


@pytest.fixture(scope="module")
def watchlist() -> WatchlistIndex:
    return WatchlistIndex()


async def with_papers(desk: Desk, by: Staff, customer: Customer, *kinds: Any) -> None:
    """Papers that came and were found good."""
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        for kind in kinds:
            row = await service.note_document(
                session,
                by,
                held,
                kind,
                NOW,
                state="received",
                number="AB123456",
                issued_on=NOW.date() - timedelta(days=30),
                expires_on=date(2027, 12, 31) if kind == "passport" else None,
            )
            await service.decide_document(session, by, row.id, good=True, reason=None, now=NOW)


async def test_a_person_is_verified_until_the_first_thing_expires(
    desk: Desk, watchlist: WatchlistIndex
) -> None:
    agent, officer = await desk.staff(), await desk.staff("compliance_officer")
    customer = await desk.customer(kyc_state="pending")
    await with_papers(desk, agent, customer, "passport", "proof_of_address")
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        with pytest.raises(Conflict, match="tax_self_certification, rating"):
            await service.conclude_review(session, officer, watchlist, held, NOW)
    await with_papers(desk, agent, customer, "tax_self_certification")
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        rating = await service.make_rating(session, agent, watchlist, held, NOW, met_in_person=True)
        assert (rating.level, rating.factors) == ("low", {})
        with pytest.raises(NotAllowed):
            await service.conclude_review(session, agent, watchlist, held, NOW)
        done = await service.conclude_review(session, officer, watchlist, held, NOW)
        assert (done.kyc_state, done.kyc_until) == (
            "verified",
            date(2027, 12, 31),
        )  # the passport's end
        kept = await session.scalar(
            select(KycDocument.last_four).where(KycDocument.customer_id == customer.id)
        )
        assert kept == "3456"


async def test_an_exposed_person_needs_a_source_of_funds(
    desk: Desk, watchlist: WatchlistIndex
) -> None:
    agent = await desk.staff()
    customer = await desk.customer(
        name="Bogdan Sokolenka", birth_date=date(1961, 2, 3), nationality="BY"
    )
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        rating = await service.make_rating(session, agent, watchlist, held, NOW, met_in_person=True)
        assert "politically_exposed" in rating.factors
        standing = await service.standing_of(session, agent, watchlist, held, NOW)
        assert {"source_of_funds", "screening"} <= {item.key for item in standing.missing}


async def test_owners_are_screened_when_they_are_noted(
    desk: Desk, watchlist: WatchlistIndex
) -> None:
    agent, officer = await desk.staff(), await desk.staff("compliance_officer")
    company, person = (
        await desk.customer(kind="organisation", name="Linden Tools Ltd"),
        await desk.customer(),
    )
    owner = {
        "birth_date": date(1961, 2, 3),
        "country": "BY",
        "share_percent": Decimal(60),
        "control": "shares",
    }
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, company.id)
        first = await service.note_owner(
            session, agent, watchlist, held, NOW, name="Bogdan Sokolenka", **owner
        )  # type: ignore[arg-type]
        second = await service.note_owner(
            session,
            agent,
            watchlist,
            held,
            NOW,
            name="Mary Plain",
            birth_date=date(1970, 1, 1),
            country="DE",
            share_percent=Decimal(40),
            control="shares",
        )
        assert (first.screening, second.screening) == ("review", "clear")
        with pytest.raises(Invalid, match="already"):
            await service.note_owner(
                session, agent, watchlist, held, NOW, name="One Too Many", **owner
            )  # type: ignore[arg-type]
        other = await session.get_one(Customer, person.id)
        with pytest.raises(Conflict):
            await service.note_owner(session, agent, watchlist, other, NOW, name="X Y", **owner)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            await service.change_owner(session, agent, first.id, "clear", NOW)
        await service.change_owner(session, officer, first.id, "clear", NOW)
        for row in (first, second):
            await service.change_owner(session, agent, row.id, "verify", NOW)
        standing = await service.standing_of(session, agent, watchlist, held, NOW)
        states = {item.key: item.state for item in standing.items}
        assert (states["beneficial_owners"], states["company_register"]) == ("done", "missing")


async def test_a_paper_is_decided_about_once_and_never_after_its_end(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        old = await service.note_document(
            session, agent, held, "passport", NOW, state="received", expires_on=date(2026, 1, 1)
        )
        with pytest.raises(Conflict, match="expired"):
            await service.decide_document(session, agent, old.id, good=True, reason=None, now=NOW)
        with pytest.raises(Invalid):
            await service.decide_document(session, agent, old.id, good=False, reason=None, now=NOW)
        await service.decide_document(
            session, agent, old.id, good=False, reason="out of date", now=NOW
        )
        with pytest.raises(Conflict, match="rejected"):
            await service.decide_document(session, agent, old.id, good=True, reason=None, now=NOW)
        with pytest.raises(Invalid):
            await service.note_document(
                session,
                agent,
                held,
                "id_card",
                NOW,
                state="received",
                issued_on=NOW.date() + timedelta(days=1),
            )


async def test_a_review_that_falls_due_is_one_ticket_and_then_the_check_is_over(desk: Desk) -> None:
    customer = await desk.customer(kyc_until=NOW.date() + timedelta(days=10))

    async def tickets() -> int:
        async with desk.database.transaction() as session:
            about = (
                select(func.count())
                .select_from(Ticket)
                .where(Ticket.description.contains(str(customer.id)))
            )
            return await session.scalar(about) or 0

    for _ in range(2):
        async with desk.database.transaction() as session:
            await service.watch_reviews(session, NOW, 100)
    assert await tickets() == 1
    async with desk.database.transaction() as session:
        await service.watch_reviews(session, NOW + timedelta(days=11), 100)
        assert (await session.get_one(Customer, customer.id)).kyc_state == "expired"
    assert await tickets() == 1


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        ("en", "walk me through the KYC checklist", "Next:"),
        ("zh", "这个客户的尽调还缺什么", "下一步"),
    ],
)
def test_the_copilot_walks_an_agent_through_what_is_missing(
    bank: Bank, language: str, question: str, said: str
) -> None:
    agent, who = bank.staff("agent"), bank.customer(6)["id"]
    path = f"/v1/compliance/customers/{who}/kyc"
    before = bank.get(f"{path}?language={language}", agent)
    answer = bank.post("/v1/copilot/questions", {"text": question, "customer_id": who}, agent)[
        "messages"
    ][0]
    assert said in answer["text"]
    assert before["next"] in answer["text"]
    missing = [item["key"] for item in before["checklist"] if item["state"] != "done"]
    assert answer["actions"][0]["missing"] == missing


def test_a_document_goes_through_over_http(bank: Bank) -> None:
    agent, who = bank.staff("agent"), bank.customer(7)["id"]
    path = f"/v1/compliance/customers/{who}/kyc"
    new = bank.post(
        f"{path}/documents", {"kind": "source_of_funds", "issued_on": "2026-01-02"}, agent, 201
    )
    assert (
        bank.post(f"/v1/compliance/kyc/documents/{new['id']}/decision", {"good": True}, agent)[
            "state"
        ]
        == "verified"
    )
    bank.post(f"/v1/compliance/kyc/documents/{new['id']}/decision", {"good": True}, agent, 409)
    bank.post(f"{path}/documents", {"kind": "library_card"}, agent, 422)
    rating = bank.post(f"{path}/ratings", {"met_in_person": True}, agent, 201)
    assert rating["points"] == sum(rating["factors"].values())
    bank.post(f"{path}/conclusion", {}, agent, 403)
    bank.get(path, bank.staff("knowledge_manager"), 403)
