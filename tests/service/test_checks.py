"""Checkpoints over real data: what becomes a ticket, who may let a review through, and that a block stays one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from actions.compliance import service
from actions.compliance.models import Alert
from actions.compliance.schemas import CheckRequest
from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer
from actions.tickets.models import Ticket
from actions.tickets.queries import visible_tickets
from core.errors import Conflict, NotAllowed
from core.identity import Participant
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

NOW = at(20)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("checks")) as made:
        yield made


async def checked(
    desk: Desk, by: Any, customer: Customer, purpose: str, amount: str | None = None
) -> Any:
    wanted = CheckRequest.model_validate(
        {
            "customer_id": customer.id,
            "purpose": purpose,
            "amount": {"amount": amount, "currency": "EUR"} if amount else None,
        }
    )
    async with desk.database.transaction() as session:
        return await service.check(session, by, WatchlistIndex(), wanted, NOW)


async def test_a_large_payment_is_a_ticket_that_the_customer_never_sees(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    first = await checked(desk, agent, customer, "transaction", "20000")
    assert first.decision == "review"
    async with desk.database.transaction() as session:
        alert = (await session.scalars(select(Alert).where(Alert.customer_id == customer.id))).one()
        assert alert.kind == "review.transaction"
        ticket = (
            await session.scalars(
                select(Ticket).where(Ticket.reference == alert.evidence["ticket"])
            )
        ).one()
        assert (ticket.queue, ticket.kind, ticket.customer_id) == (
            "compliance",
            "compliance_alert",
            None,
        )
        assert (
            await session.scalars(visible_tickets(Participant(customer.id, customer.id)))
        ).all() == []
    again = await checked(desk, agent, customer, "transaction", "50")
    assert again.decision == "allow"  # a mere review makes nobody a suspect


async def test_what_is_missing_in_papers_is_no_ticket(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer(kyc_state="pending")
    assert (await checked(desk, agent, customer, "onboarding")).decision == "review"
    async with desk.database.transaction() as session:
        assert (
            await session.scalar(
                select(func.count(Alert.id)).where(Alert.customer_id == customer.id)
            )
            == 0
        )


async def test_an_officer_lets_a_review_through_and_nobody_a_block(desk: Desk) -> None:
    agent, supervisor = await desk.staff(), await desk.staff("supervisor")
    officer, other = await desk.staff("compliance_officer"), await desk.staff("compliance_officer")
    customer, rejected = await desk.customer(), await desk.customer(kyc_state="rejected")
    review = await checked(desk, officer, customer, "transaction", "20000")
    block = await checked(desk, agent, rejected, "transaction", "10")
    assert (review.decision, block.decision) == ("review", "block")
    async with desk.database.transaction() as session:
        for caller in (agent, supervisor):
            with pytest.raises(NotAllowed):
                await service.release(session, caller, review.decision_id, "it is urgent", NOW)
        with pytest.raises(Conflict, match="four eyes"):
            await service.release(session, officer, review.decision_id, "it is urgent", NOW)
        with pytest.raises(Conflict, match="decided as block"):
            await service.release(session, other, block.decision_id, "it is urgent", NOW)
        freed = await service.release(
            session, other, review.decision_id, "contract of sale seen", NOW
        )
        assert freed.rules[-1].id == "officer.release"
        with pytest.raises(Conflict, match="already"):
            await service.release(session, other, review.decision_id, "again", NOW)
        with pytest.raises(Conflict, match="officer decided"):
            await service.replay_decision(session, other, freed.id)
        assert (await service.replay_decision(session, other, review.decision_id)).same


@pytest.mark.parametrize(
    "text",
    [
        "why is my payment being reviewed?",
        "am I on a watchlist?",
        "为什么我的付款要审核？",
        "我是不是被列入黑名单了？",
    ],
)
def test_a_customer_is_told_nothing_that_tips_off(bank: Bank, text: str) -> None:
    number = 12
    body = {
        "customer_id": bank.customer(number)["id"],
        "purpose": "transaction",
        "amount": {"amount": "50000.00", "currency": "EUR"},
    }
    assert bank.post("/v1/compliance/checks", body, bank.staff("agent"))["decision"] in (
        "review",
        "block",
    )
    said = bank.chat("zh" if "？" in text else "en", customer=number).say(text).text.lower()
    for word in (
        "suspicio",
        "aml",
        "launder",
        "screening",
        "alert",
        "sanction",
        "洗钱",
        "可疑",
        "制裁",
        "预警",
    ):
        assert word not in said
