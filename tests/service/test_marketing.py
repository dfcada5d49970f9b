"""Offers that everything must allow, campaigns with who is left out, leads to a signed contract. A real database and service."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.models import Alert, ComplianceDecision
from actions.compliance.screening import WatchlistIndex
from actions.customers.lists import draw
from actions.customers.models import Customer, Holding
from actions.marketing import campaigns, leads
from actions.marketing.mailing import mail_some
from actions.marketing.models import Campaign, CampaignContact, Lead
from actions.marketing.schemas import (
    CampaignContent,
    LeadChangeRequest,
    LeadNew,
    LimitsContent,
    QuoteChange,
    QuoteNew,
    ReminderNew,
)
from actions.marketing.segments import Rule, SegmentContent, members, put_segment
from actions.products.models import Product
from actions.recommendations.outcomes import decline
from actions.tickets.notifications import Notification
from actions.tickets.routing.signals import Sign
from assistant.demonstration.products import products
from core.clock import utc_now
from core.errors import Conflict, Invalid, NotAllowed, NotFound, PreconditionFailed
from core.identity import Staff
from tests.bank import Bank, checked
from tests.tickets import Desk, opened_desk

NOON = datetime(2026, 6, 3, 11, 0, tzinfo=UTC)
EVERYBODY = {
    "all": [{"field": "segment", "compare": "one_of", "value": ["mass", "affluent", "private"]}]
}


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("market")) as made:
        async with made.database.transaction() as session:
            session.add_all(products())
        yield made


@pytest.fixture(scope="module")
async def people(desk: Desk) -> tuple[Staff, Staff]:
    """Who writes a campaign, and who starts it."""
    return await desk.staff("supervisor"), await desk.staff("supervisor")


def content(product: uuid.UUID, segment: str, **given: Any) -> CampaignContent:
    plain: dict[str, Any] = {
        "names": {"en": "Summer", "zh": "夏季"},
        "segment": segment,
        "product_id": product,
        "channels": ["web", "workspace"],
        "starts_at": NOON - timedelta(days=1),
        "ends_at": NOON + timedelta(days=60),
        "holdout": 0,
        "variants": [
            {
                "code": "a",
                "text": {"en": "{name}, look at {product}.", "zh": "{name}，看看{product}。"},
            }
        ],
    }
    return CampaignContent.model_validate(plain | given)


async def running(
    desk: Desk, people: tuple[Staff, Staff], rule: dict[str, Any] = EVERYBODY, **given: Any
) -> Campaign:
    """A campaign for the everyday savings account; others that ran are ended."""
    code = f"c{uuid.uuid4().hex[:8]}"
    async with desk.database.transaction() as session:
        await session.execute(update(Campaign).values(state="ended"))
        product = await session.scalar(
            select(Product.id).where(Product.code == given.pop("product", "SAV"))
        )
        assert product is not None
        wanted = SegmentContent.model_validate({"names": {"en": code, "zh": code}, "rule": rule})
        await put_segment(session, people[0], code, wanted, None, NOON)
        campaign = await campaigns.put_campaign(
            session, people[0], code, content(product, code, **given), None
        )
        await campaigns.move(session, people[1], campaign, "running", 1)
        return campaign


async def willing(desk: Desk, **given: Any) -> Customer:
    """A customer who agreed to offers and has money."""
    customer = await desk.customer(**{"consents": {"marketing": True, "profiling": True}} | given)
    async with desk.database.transaction() as session:
        await session.execute(
            text("update accounts set balance = 60000 where customer_id = :id"), {"id": customer.id}
        )
        await draw(session, [customer.id], NOON)
    return customer


async def offered(
    desk: Desk,
    customer: Customer,
    now: datetime = NOON,
    channel: Any = "web",
    signs: tuple[Sign, ...] = (),
) -> campaigns.Offer | None:
    async with desk.database.transaction() as session:
        here = await session.get_one(Customer, customer.id)
        return await campaigns.next_best_offer(
            session, WatchlistIndex(), here, channel, signs, "en", now
        )


async def test_an_offer_is_shown_with_its_check_and_counts_as_a_contact(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    campaign, customer = await running(desk, people), await willing(desk)
    offer = await offered(desk, customer)
    assert offer is not None
    assert offer.text == f"{customer.name}, look at Everyday Savings."
    assert offer.disclosures
    async with desk.database.transaction() as session:
        assert offer.contact.check_id is not None
        check = await session.get_one(ComplianceDecision, offer.contact.check_id)
        assert (check.purpose, check.decision, check.by) == (
            "marketing",
            "allow",
            "system:marketing",
        )
        told = await campaigns.funnel(session, await session.get_one(Campaign, campaign.id))
        assert [(s.variant, s.assigned, s.shown) for s in told.steps] == [("a", 1, 1)]


async def held_product(session: AsyncSession, customer: Customer) -> None:
    product = await session.scalar(select(Product.id).where(Product.code == "SAV"))
    session.add(
        Holding(
            customer_id=customer.id,
            product_id=product,
            currency="EUR",
            value=Decimal(5),
            bought_on=NOON.date(),
        )
    )


async def declined_product(session: AsyncSession, customer: Customer) -> None:
    product = await session.scalar(select(Product.id).where(Product.code == "SAV"))
    assert product is not None
    by = campaigns.MARKETER.__class__("test", frozenset({"recommendations:make"}))
    await decline(session, by, customer, [product], NOON)


async def open_alert(session: AsyncSession, customer: Customer) -> None:
    session.add(
        Alert(
            customer_id=customer.id,
            kind="monitoring.velocity",
            subject=str(customer.id),
            evidence={},
        )
    )


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"consents": {"marketing": False, "profiling": True}}, None),
        ({"segment": "staff"}, None),
        ({"kyc_state": "pending"}, None),
        ({}, held_product),
        ({}, declined_product),
        ({}, open_alert),
    ],
)
async def test_nothing_is_offered_where_one_thing_speaks_against_it(
    desk: Desk, people: tuple[Staff, Staff], given: dict[str, Any], changed: Any
) -> None:
    await running(desk, people)
    customer = await willing(desk, **given)
    if changed is not None:
        async with desk.database.transaction() as session:
            await changed(session, customer)
    assert await offered(desk, customer) is None


@pytest.mark.parametrize("sign", ["anger", "bereavement", "hardship", "illness", "scam", "crisis"])
async def test_nobody_is_approached_in_the_wrong_moment(
    desk: Desk, people: tuple[Staff, Staff], sign: Any
) -> None:
    await running(desk, people)
    customer = await willing(desk)
    assert await offered(desk, customer, signs=(Sign(sign, "…"),)) is None
    assert await offered(desk, customer) is not None


async def test_whoever_complains_is_not_sold_to(desk: Desk, people: tuple[Staff, Staff]) -> None:
    await running(desk, people)
    customer = await willing(desk)
    await desk.open(
        "the clerk was rude and I want to complain",
        NOON,
        customer_id=str(customer.id),
        kind="complaint",
    )
    assert await offered(desk, customer) is None


async def test_hours_channels_and_frequency_are_kept(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    campaign, customer = await running(desk, people), await willing(desk)
    assert await offered(desk, customer, NOON.replace(hour=22)) is None
    assert await offered(desk, customer, channel="email") is None
    assert await offered(desk, customer, NOON + timedelta(days=61)) is None
    async with desk.database.transaction() as session:
        await campaigns.set_limits(session, people[0], LimitsContent(contacts=1, days=30), NOON)
    assert await offered(desk, customer) is not None
    assert await offered(desk, customer, NOON + timedelta(days=1)) is None
    assert await offered(desk, customer, NOON + timedelta(days=31)) is not None
    async with desk.database.transaction() as session:
        await campaigns.set_limits(session, people[0], LimitsContent(), NOON)
        held = await session.get_one(Campaign, campaign.id)
        await campaigns.move(session, people[0], held, "paused", held.version)
    assert await offered(desk, customer, NOON + timedelta(days=32)) is None


async def test_who_is_left_out_is_never_contacted_and_makes_the_lift(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    campaign = await running(
        desk,
        people,
        holdout=0.5,
        variants=[
            {"code": "a", "text": {"en": "A", "zh": "甲"}},
            {"code": "b", "text": {"en": "B", "zh": "乙"}},
        ],
    )
    shown = 0
    for _ in range(30):
        customer = await willing(desk)
        shown += await offered(desk, customer) is not None
        async with desk.database.transaction() as session:
            contact = await session.scalar(
                select(CampaignContact).where(CampaignContact.customer_id == customer.id)
            )
            assert contact is not None
            if contact.variant != "holdout":
                product = await session.scalar(select(Product.id).where(Product.code == "SAV"))
                session.add(
                    Holding(
                        customer_id=customer.id,
                        product_id=product,
                        currency="EUR",
                        value=Decimal(5),
                        bought_on=utc_now().date(),
                    )
                )
            else:
                assert contact.shown_at is None
    async with desk.database.transaction() as session:
        told = await campaigns.funnel(session, await session.get_one(Campaign, campaign.id))
    by_variant = {step.variant: step for step in told.steps}
    assert set(by_variant) == {"a", "b", "holdout"}
    assert by_variant["holdout"].shown == by_variant["holdout"].sold == 0
    assert sum(step.shown for step in told.steps) == shown
    assert told.lift is not None
    assert (told.lift.difference, told.lift.proven) == (1.0, True)


async def test_a_campaign_is_started_by_another_and_changed_only_while_it_rests(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    campaign, agent = await running(desk, people), await desk.staff()
    writer, other = people
    async with desk.database.transaction() as session:
        held = await campaigns.campaign_by_code(session, writer, campaign.code, lock=True)
        again = held.content
        with pytest.raises(Conflict, match="pause"):
            await campaigns.put_campaign(session, writer, held.code, again, held.version)
        with pytest.raises(PreconditionFailed):
            await campaigns.move(session, writer, held, "paused", 1)
        await campaigns.move(session, writer, held, "paused", held.version)
        await campaigns.put_campaign(session, writer, held.code, again, held.version)
        with pytest.raises(Conflict, match="four eyes"):
            await campaigns.move(session, writer, held, "running", held.version)
        await campaigns.move(session, other, held, "ended", held.version)
        with pytest.raises(Conflict, match="possible: none"):
            await campaigns.move(session, other, held, "running", held.version)
        with pytest.raises(NotFound):
            await campaigns.put_campaign(
                session, writer, "x-new", content(held.product_id, "no-such"), None
            )
        with pytest.raises(NotAllowed):
            await campaigns.put_campaign(session, agent, "x-new", again, None)


async def test_mails_of_a_campaign_are_written_once_in_the_customers_language(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    one, two = (
        await willing(desk, segment="mailed"),
        await willing(desk, segment="mailed", language="zh", native_name="王芳"),
    )
    await willing(desk, segment="mailed", consents={"marketing": False})
    await running(
        desk, people, {"all": [{"field": "segment", "value": "mailed"}]}, channels=["email"]
    )
    written = 0
    for _ in range(4):  # a customer at a time, then nothing more is left
        async with desk.database.transaction() as session:
            written += await mail_some(session, WatchlistIndex(), NOON, 1)
    assert written == 2
    async with desk.database.transaction() as session:
        mails = (
            await session.scalars(select(Notification).where(Notification.template == "campaign"))
        ).all()
    by_address = {mail.address: mail for mail in mails}
    assert by_address[one.email].body.startswith(f"{one.name}, look at")
    assert by_address[two.email].body.startswith("王芳，看看灵活储蓄")
    assert "退订" in by_address[two.email].body
    async with desk.database.transaction() as session:
        assert await mail_some(session, WatchlistIndex(), NOON + timedelta(hours=1), 100) == 0


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (
            {
                "all": [
                    {"field": "age", "compare": "at_least", "value": 46},
                    {"field": "age", "compare": "below", "value": 47},
                ]
            },
            True,
        ),
        ({"all": [{"field": "age", "compare": "above", "value": 46}]}, False),
        (
            {
                "any": [
                    {"field": "assets", "compare": "above", "value": 10**9},
                    {"field": "holds", "value": "fund"},
                ]
            },
            True,
        ),
        ({"all": [{"field": "lacks", "compare": "one_of", "value": ["fund", "note"]}]}, False),
        ({"all": [{"field": "list", "value": "potential"}]}, True),
        ({"all": [{"field": "list", "compare": "is_not", "value": "potential"}]}, False),
        ({"all": [{"field": "risk_level", "compare": "one_of", "value": ["C4", "C5"]}]}, False),
    ],
)
async def test_a_rule_finds_whom_it_says(desk: Desk, rule: dict[str, Any], found: bool) -> None:
    customer = await willing(
        desk, monthly_income=Decimal(9_000)
    )  # born on 5 May 1980, so 46 years old
    async with desk.database.transaction() as session:
        fund = await session.scalar(select(Product.id).where(Product.code == "MMF-1"))
        session.add(
            Holding(
                customer_id=customer.id,
                product_id=fund,
                currency="EUR",
                value=Decimal(9),
                bought_on=NOON.date(),
            )
        )
    async with desk.database.transaction() as session:
        rows = members(Rule.model_validate(rule), NOON.date()).where(Customer.id == customer.id)
        assert bool((await session.scalars(rows)).all()) is found


async def test_a_lead_goes_from_a_conversations_ticket_to_a_signed_contract(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    agent, other, supervisor = await desk.staff(), await desk.staff(), people[0]
    customer = await willing(desk)
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        held.relationship_manager_id = agent.id
    ticket = await desk.open(
        "I want to talk about a mortgage", NOON, customer_id=str(customer.id), kind="lead"
    )
    async with desk.database.transaction() as session:
        await leads.leads_of_tickets(session, NOON, 100)
        assert await leads.leads_of_tickets(session, NOON, 100) == 0
        lead = await session.scalar(select(Lead).where(Lead.ticket_id == ticket.id))
        assert lead is not None
        assert (lead.stage, lead.owner_id) == ("new", agent.id)
        assert sum(lead.score_parts.values()) == lead.score
        with pytest.raises(Conflict, match="possible: contacted, lost"):
            await leads.change(session, agent, lead, LeadChangeRequest(stage="won"), NOON)
        with pytest.raises(Invalid):
            await leads.change(session, agent, lead, LeadChangeRequest(stage="lost"), NOON)
        for stage in ("contacted", "qualified"):
            await leads.change(
                session, agent, lead, LeadChangeRequest.model_validate({"stage": stage}), NOON
            )
        product = await session.scalar(select(Product.id).where(Product.code == "SAV"))
        risky = await session.scalar(select(Product.id).where(Product.code == "EQT-84"))
        offer = {
            "amount": {"amount": "2000", "currency": "EUR"},
            "valid_until": NOON.date() + timedelta(days=14),
        }
        wanted = QuoteNew.model_validate(offer | {"product_id": risky})
        with pytest.raises(Conflict, match="block"):
            await leads.make_quote(session, agent, WatchlistIndex(), lead, wanted, NOON)
        quote = await leads.make_quote(
            session,
            agent,
            WatchlistIndex(),
            lead,
            QuoteNew.model_validate(offer | {"product_id": product}),
            NOON,
        )
        with pytest.raises(Conflict, match="accepted"):
            await leads.change_quote(
                session, agent, quote, lead, QuoteChange(contract="prepared"), NOON
            )
        for step in (
            {"state": "sent"},
            {"state": "accepted"},
            {"contract": "prepared"},
            {"contract": "signed"},
        ):
            await leads.change_quote(
                session, agent, quote, lead, QuoteChange.model_validate(step), NOON
            )
        assert (lead.stage, quote.contract) == ("won", "signed")
        assert [c.after for c in await leads.history_of(session, lead) if c.what == "stage"] == [
            "new",
            "contacted",
            "qualified",
            "offered",
            "won",
        ]
        late = QuoteChange(state="sent")
        quote.state = "draft"
        with pytest.raises(Conflict, match="expired"):
            await leads.change_quote(session, agent, quote, lead, late, NOON + timedelta(days=30))
        with pytest.raises(NotFound):
            await leads.load(session, other, lead.id)
        assert (await leads.load(session, supervisor, lead.id)).id == lead.id


async def test_a_forecast_is_amounts_times_chances_and_reminders_are_told_once(
    desk: Desk, people: tuple[Staff, Staff]
) -> None:
    agent, supervisor = await desk.staff(), people[0]
    customer = await willing(desk)
    async with desk.database.transaction() as session:
        before = {
            line.stage: line for line in await leads.forecast(session, supervisor, None, NOON)
        }
        new = LeadNew.model_validate(
            {
                "customer_id": customer.id,
                "subject": "Savings",
                "amount": {"amount": "1000", "currency": "EUR"},
            }
        )
        lead = await leads.open_lead(session, agent, new, "staff", NOON)
        after = {line.stage: line for line in await leads.forecast(session, supervisor, None, NOON)}
        assert after["new"].leads == before["new"].leads + 1
        gained = after["new"].expected.amount - before["new"].expected.amount
        assert gained == pytest.approx(
            Decimal(1000) * Decimal(str(after["new"].probability)), abs=Decimal("0.01")
        )
        lead.owner_id = agent.id
        reminder = await leads.remind(
            session, agent, lead, ReminderNew(due_at=NOON + timedelta(hours=1), note="ring"), NOON
        )
    async with desk.database.transaction() as session:
        assert await leads.tell_reminders(session, NOON, 10) == 0
        assert await leads.tell_reminders(session, NOON + timedelta(hours=2), 10) == 1
        assert await leads.tell_reminders(session, NOON + timedelta(hours=3), 10) == 0
        mine = (
            await session.scalars(leads.reminders_for(agent, NOON + timedelta(hours=2), due=True))
        ).all()
        assert [row.id for row in mine] == [reminder.id]
        with pytest.raises(NotFound):
            await leads.finish_reminder(session, supervisor, reminder.id, NOON)


@pytest.fixture
def reserve(bank: Bank) -> Iterator[str]:
    """The demonstration's campaign, running for as long as the test."""
    writer, path = bank.staff("supervisor"), "/v1/marketing/campaigns/reserve"

    def move(to: str) -> None:
        version = bank.get(path, writer)["version"]
        checked(
            bank.call("POST", f"{path}/transition", {"to": to}, writer, If_Match=str(version)), 200
        )

    move("running")
    yield path
    move("paused")


def approachable(bank: Bank, language: str) -> str:
    """A customer to whom an employee may make the offer now; some are left out by lot, and few of any short list consented."""
    people = bank.get("/v1/customers?limit=200", bank.staff("agent"))["items"]
    for person in [person for person in people if person["language"] == language]:
        offer = bank.post(
            f"/v1/marketing/customers/{person['id']}/offer?language={language}",
            {},
            bank.staff("agent"),
        )
        if offer is not None:
            assert offer["disclosures"]
            return str(person["id"])
    raise AssertionError("the demonstration has no such customer")


@pytest.mark.parametrize(
    ("language", "thanks", "more", "said"),
    [
        ("en", "thank you, goodbye", "Tell me more", "adviser"),
        ("zh", "谢谢，再见", "想了解一下", "客户经理"),
    ],
)
def test_an_offer_in_the_conversation_becomes_a_lead(
    bank: Bank, reserve: str, language: str, thanks: str, more: str, said: str
) -> None:
    customer = approachable(bank, language)
    angry = bank.chat(language, customer=customer)
    angry.say(
        {"en": "this is ridiculous, I am furious with you", "zh": "太差了，气死我了"}[language]
    )
    assert "recommendation.shown" not in angry.say(thanks).actions
    chat = bank.chat(language, customer=customer)
    offer = chat.say(thanks)
    assert offer.actions == ["recommendation.shown"]
    assert more in offer.payloads
    assert said in chat.say(more).text
    found = bank.get(f"/v1/leads?customer_id={customer}", bank.staff("supervisor"))["items"]
    assert [(lead["source"], lead["stage"]) for lead in found] == [("campaign", "new")]
    assert "recommendation.shown" not in chat.say(thanks).actions  # one a conversation
    steps = bank.get(f"{reserve}/funnel", bank.staff("supervisor"))["steps"]
    assert sum(step["leads"] for step in steps) >= 1


def test_marketing_over_http(bank: Bank) -> None:
    writer, agent = bank.staff("supervisor"), bank.staff("agent")
    rule = {
        "all": [{"field": "segment", "compare": "one_of", "value": ["mass", "affluent", "private"]}]
    }
    path = "/v1/marketing/segments/all-of-them"
    checked(
        bank.call("PUT", path, {"names": {"en": "All", "zh": "全部"}, "rule": rule}, writer), 200
    )
    checked(
        bank.call("PUT", path, {"names": {"en": "All", "zh": "全部"}, "rule": rule}, writer), 422
    )
    assert bank.get(f"{path}/members", writer)["size"] > 100
    assert bank.post("/v1/marketing/segments/previews", rule, writer)["size"] > 100
    bank.get(f"{path}/members", agent, 403)
    bank.post(
        "/v1/marketing/segments/previews", {"all": [{"field": "shoe", "value": "44"}]}, writer, 422
    )
    product = next(
        p for p in bank.get("/v1/products?limit=200", writer)["items"] if p["code"] == "SAV"
    )
    campaign = {
        "names": {"en": "Savings", "zh": "储蓄"},
        "segment": "all-of-them",
        "product_id": product["id"],
        "channels": ["email"],
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2036-01-01T00:00:00Z",
        "holdout": 0.2,
        "variants": [
            {"code": "a", "text": {"en": "{name}, {product}.", "zh": "{name}，{product}。"}}
        ],
    }
    checked(bank.call("PUT", "/v1/marketing/campaigns/post", campaign, writer), 200)
    moved = bank.call(
        "POST", "/v1/marketing/campaigns/post/transition", {"to": "running"}, writer, If_Match="1"
    )
    assert "four eyes" in checked(moved, 409)["detail"]
    checked(
        bank.call(
            "PUT",
            "/v1/marketing/campaigns/post2",
            campaign | {"ends_at": "2025-01-01T00:00:00Z"},
            writer,
        ),
        422,
    )
    who = bank.customer(2)["id"]
    lead = bank.post("/v1/leads", {"customer_id": who, "subject": "A mortgage"}, agent, 201)
    assert bank.get(f"/v1/leads/{lead['id']}/history", writer)["items"][0]["after"] == "new"
    bank.call("PATCH", f"/v1/leads/{lead['id']}", {"stage": "contacted"}, writer)
    checked(
        bank.call("PATCH", f"/v1/leads/{lead['id']}", {"stage": "won"}, writer, If_Match="1"), 409
    )
    checked(
        bank.call("PATCH", f"/v1/leads/{lead['id']}", {"stage": "contacted"}, writer, If_Match="1"),
        200,
    )
    checked(
        bank.call("PATCH", f"/v1/leads/{lead['id']}", {"stage": "qualified"}, writer, If_Match="1"),
        412,
    )
    assert [line["stage"] for line in bank.get("/v1/leads/forecast", writer)] == [
        "new",
        "contacted",
        "qualified",
        "offered",
    ]
    bank.get("/v1/leads", bank.staff("knowledge_manager"), 403)
