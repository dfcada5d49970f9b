"""The operations of the dialogue on a real database: what they do, what they refuse, and what they say, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.screening import WatchlistIndex
from actions.customers.cards import block_card
from actions.customers.models import Account, Card, Customer, Loan, Transaction
from actions.marketing.models import Campaign, Lead
from actions.products.models import Product
from actions.recommendations.models import DeclinedOffer
from actions.tickets import service as ticket_service
from actions.tickets.models import Ticket, TicketComment
from actions.tickets.queries import visible_tickets
from actions.tickets.routing.signals import Sign
from assistant.conversations.models import Conversation
from assistant.conversations.service import ConversationHandoffs, speaker_of
from assistant.demonstration.products import products
from assistant.dialogue.commands import AnswerQuestion, Handoff, StartFlow
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import FlowDefinition, FlowSet
from assistant.dialogue.operations import OPERATIONS, OperationContext, Services, run
from assistant.dialogue.outputs import Call, Outcome
from assistant.dialogue.replies import Composition
from assistant.dialogue.state import DialogueState, Offer, Result, Topic
from core.audit import AuditEntry
from core.clock import utc_now
from core.identity import System
from core.languages import LANGUAGES, Language
from core.outbox import Event
from knowledge_base.models import Gap
from knowledge_base.schemas import ArticleContent
from knowledge_base.service import create_article, publish_all
from tests.knowledge import CURATOR
from tests.service.test_marketing import running, willing
from tests.tickets import Desk, opened_desk

# Wednesday noon and midnight, before all campaigns of the demonstration end.
NOON = datetime(2026, 6, 10, 11, tzinfo=UTC)
NIGHT = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
INTERNALS = ("queue", "priority", "urgent", "队列", "优先级", "紧急")
ARTICLES: list[dict[str, Any]] = [
    {
        "slug": "cash-limit",
        "language": "en",
        "title": "Limits for cash machines",
        "body": "With a debit card you can withdraw 500 euros a day at cash machines.\n\n"
        "The limit can be raised in the app under Cards.",
        "questions": ["is there a limit for cash machines"],
    },
    {
        "slug": "cash-limit-credit",
        "language": "en",
        "title": "Cash with a credit card",
        "body": "With a credit card the limit at cash machines is 300 euros a day.",
        "questions": ["is there a limit for cash machines with the credit card"],
    },
    {
        "slug": "deposit",
        "language": "en",
        "title": "How deposits are protected",
        "body": "Deposits are protected up to 100,000 euros for each customer.",
    },
    {
        "slug": "cash-limit",
        "language": "zh",
        "title": "取款限额",
        "body": "借记卡每天最多可以在自动取款机取款 500 欧元。",
        "questions": ["自动取款机取款有限额吗"],
    },
]
CARDS_FLOW = FlowDefinition.model_validate(
    {
        "name": "service.card-limit",
        "title": {"en": "Change a card limit", "zh": "调整卡片限额"},
        "description": {"en": "Another limit", "zh": "调整限额"},
        "start": {"service": "card-limit"},
        "steps": [{"end": True}],
    }
)
FLOWS = FlowSet(revision=1, flows={CARDS_FLOW.name: CARDS_FLOW})


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("operations")) as made:
        async with made.database.transaction() as session:
            session.add_all(products())
            articles = [
                await create_article(session, CURATOR, ArticleContent.model_validate(content))
                for content in ARTICLES
            ]
            await publish_all(session, articles, [made.search.encoder])
        yield made


@dataclass(frozen=True)
class Talk:
    """A conversation in which operations run, each in a transaction of its own."""

    desk: Desk
    conversation_id: UUID
    language: Language = "en"
    now: datetime = NOON
    text: str = ""
    signs: tuple[Sign, ...] = ()
    state: DialogueState = field(default_factory=lambda: DialogueState(turn=3))
    threshold: float = 0.5
    watchlist: bool = False

    @asynccontextmanager
    async def context(self) -> AsyncIterator[OperationContext]:
        """The context of a turn, from the database."""
        async with self.desk.database.transaction() as session:
            conversation = await session.get_one(Conversation, self.conversation_id)
            speaker = speaker_of(conversation)
            own = await session.scalars(visible_tickets(speaker).order_by(Ticket.created_at.desc()))
            facts = Facts(
                now=self.now,
                language=self.language,
                signed_in=speaker.customer_id is not None,
                state="queued" if conversation.state == "queued" else "assistant",
                tickets=own.all(),
            )
            yield OperationContext(
                session=session,
                services=Services(
                    self.desk.search,
                    ConversationHandoffs(),
                    self.threshold,
                    WatchlistIndex() if self.watchlist else None,
                ),
                speaker=speaker,
                conversation_id=self.conversation_id,
                message_id=uuid4(),
                text=self.text,
                language=self.language,
                now=self.now,
                channel="web",
                signs=self.signs,
                facts=facts,
                state=self.state,
                flows=FLOWS,
            )

    async def run(self, operation: str, **arguments: Any) -> Outcome:
        """What came of an operation."""
        async with self.context() as context:
            return await run(context, Call(operation, arguments))

    def after(self, **changes: Any) -> Talk:
        """The same conversation with another state."""
        return replace(self, state=self.state.model_copy(update=changes))


async def talk(
    desk: Desk, customer: Customer | None = None, *, mfa: bool = False, **given: Any
) -> Talk:
    """A new conversation of a customer or a visitor."""
    now = given.get("now", NOON)
    async with desk.database.transaction() as session:
        conversation = Conversation(
            channel="web",
            language=given.get("language", "en"),
            state="assistant",
            created_at=now,
            updated_at=now,
            customer_id=customer.id if customer else None,
            mfa_valid_until=now + timedelta(minutes=10) if mfa else None,
        )
        session.add(conversation)
        await session.flush()
        return Talk(desk, conversation.id, **given)


def text_of(outcome: Outcome) -> str:
    return "\n".join(reply.text for reply in outcome.replies)


def reply_to(outcome: Outcome, language: Language = "en", last_text: str = "") -> str:
    """The outcome as the customer reads it, with what was not answered."""
    composed = Composition(language, last_text=last_text)
    composed.add_outcome(outcome)
    return composed.reply().text


def actions_of(outcome: Outcome) -> list[str]:
    return [action["type"] for reply in outcome.replies for action in reply.actions]


def action_of(outcome: Outcome, kind: str) -> dict[str, Any]:
    return next(a for reply in outcome.replies for a in reply.actions if a["type"] == kind)


async def ticket_by(desk: Desk, outcome: Outcome, kind: str = "ticket.created") -> Ticket:
    async with desk.database.transaction() as session:
        return await session.get_one(Ticket, UUID(action_of(outcome, kind)["id"]))


async def cards_of(desk: Desk, customer: Customer) -> list[Card]:
    async with desk.database.transaction() as session:
        rows = select(Card).where(Card.customer_id == customer.id).order_by(Card.last_four)
        return list((await session.scalars(rows)).all())


async def another_card(desk: Desk, customer: Customer, **given: Any) -> Card:
    async with desk.database.transaction() as session:
        account = await session.scalar(select(Account.id).where(Account.customer_id == customer.id))
        card = Card(
            **{
                "customer_id": customer.id,
                "account_id": account,
                "kind": "credit",
                "last_four": "7829",
                "state": "active",
                "expires_on": date(2028, 1, 1),
            }
            | given
        )
        session.add(card)
        return card


async def book(desk: Desk, customer: Customer, *rows: tuple[str, str, datetime]) -> None:
    """Transactions: amount with currency, party, time."""
    async with desk.database.transaction() as session:
        account = await session.scalar(select(Account.id).where(Account.customer_id == customer.id))
        for money, party, at in rows:
            amount, _, currency = money.partition(" ")
            session.add(
                Transaction(
                    account_id=account,
                    booked_at=at,
                    amount=Decimal(amount),
                    currency=currency or "EUR",
                    counterparty=party,
                    category="groceries",
                )
            )


async def rows(session: AsyncSession, kind: Any) -> int:
    return await session.scalar(select(func.count()).select_from(kind)) or 0


# --- every operation --------------------------------------------------------------------------------------------------

OWN_DATA = [
    ("accounts.show", {"view": "show_balance"}),
    ("accounts.aggregate", {"aggregate": "sum", "over": "show_balance"}),
    ("cards.block", {"card": str(uuid4())}),
    ("cards.unblock", {"card": str(uuid4())}),
    ("recommendations.show", {}),
    ("recommendations.decline", {"products": [str(uuid4())]}),
    ("offers.accept", {"contact": str(uuid4())}),
    ("offers.decline", {"contact": str(uuid4())}),
    ("services.request", {"code": "statement-copy", "answers": {}}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("operation", "arguments"), OWN_DATA)
async def test_a_visitor_is_asked_to_sign_in_and_nothing_is_done(
    desk: Desk, operation: str, arguments: dict[str, Any], language: Language
) -> None:
    visitor = await talk(desk, language=language)
    outcome = await visitor.run(operation, **arguments)
    assert ("sign in" if language == "en" else "登录") in text_of(outcome)
    assert (outcome.helped, outcome.stops_flow, actions_of(outcome)) == (False, True, [])
    assert outcome.effect is None
    assert outcome.offer is not None
    assert outcome.offer.items[0].command == Handoff()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("cards.block", {"card": "not an id"}),
        ("cards.unblock", {"card": None}),
        ("tickets.comment", {"ticket": "T-999999", "note": "a note"}),
        ("tickets.close", {"ticket": "T-999999"}),
        ("tickets.close", {}),
        ("tickets.show", {"ticket": "T-999999"}),
        ("tickets.rate", {"ticket": "x", "score": 4}),
        ("tickets.rate", {"ticket": str(uuid4()), "score": 4}),
        ("services.request", {"code": "no-such-request", "answers": {}}),
        ("services.request", {"code": "statement-copy", "answers": {"account": "x"}}),
        ("recommendations.decline", {"products": ["x"]}),
        ("recommendations.decline", {"products": [str(uuid4())]}),
        ("offers.accept", {"contact": str(uuid4())}),
        ("offers.decline", {"contact": "x"}),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words_and_leaves_nothing(
    desk: Desk, operation: str, arguments: dict[str, Any], language: Language
) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer, language=language)
    async with desk.database.transaction() as session:
        before = [await rows(session, kind) for kind in (Ticket, AuditEntry, Event)]
    outcome = await own.run(operation, **arguments)
    assert text_of(outcome).strip()
    assert (outcome.helped, outcome.stops_flow, outcome.effect) == (False, True, None)
    async with desk.database.transaction() as session:
        assert [await rows(session, kind) for kind in (Ticket, AuditEntry, Event)] == before


def test_every_operation_of_the_contract_exists() -> None:
    assert set(OPERATIONS) == {
        "knowledge.answer",
        "accounts.show",
        "accounts.aggregate",
        "cards.block",
        "cards.unblock",
        "tickets.open",
        "tickets.comment",
        "tickets.close",
        "tickets.show",
        "tickets.rate",
        "services.request",
        "recommendations.show",
        "recommendations.decline",
        "offers.next_best",
        "offers.accept",
        "offers.decline",
        "appointments.request",
        "appointments.cancel",
        "appointments.move",
        "appointments.show",
        "handoff.request",
        "handoff.leave",
        "call_back.promise",
    }


# --- knowledge --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "question", "title", "says", "aspect"),
    [
        ("en", "is there a limit for cash machines?", "Limits for cash machines", "500", "limit"),
        ("zh", "自动取款机取款有限额吗", "取款限额", "500", "limit"),
    ],
)
async def test_a_question_is_answered_with_its_article_and_becomes_the_topic(
    desk: Desk, language: Language, question: str, title: str, says: str, aspect: str
) -> None:
    asked = await talk(desk, language=language)
    outcome = await asked.run("knowledge.answer", question=question, suggest=[CARDS_FLOW.name])
    assert says in text_of(outcome)
    assert outcome.replies[0].citations[0]["title"] == title
    assert outcome.helped
    assert outcome.topic is not None
    assert (outcome.topic.question, outcome.topic.title) == (question, title)
    assert (outcome.topic.aspect, outcome.topic.turn) == (aspect, 3)
    assert outcome.offer is not None
    [item] = outcome.offer.items
    assert (item.title, item.command) == (
        CARDS_FLOW.title.of(language),
        StartFlow(flow=CARDS_FLOW.name, text=question),
    )
    again = asked.after(last_offer=outcome.offer)
    assert (
        await again.run("knowledge.answer", question=question, suggest=[CARDS_FLOW.name])
    ).offer is None


async def test_the_complete_question_is_answered_rather_than_the_bare_one(desk: Desk) -> None:
    asked = await talk(desk)
    complete = "is there a limit for cash machines with the credit card"
    outcome = await asked.run(
        "knowledge.answer", question="and for the credit card?", rewritten=complete
    )
    assert "300" in text_of(outcome)
    assert outcome.topic is not None
    assert (outcome.topic.question, outcome.topic.product) == (complete, "credit_card")


async def test_a_rewriting_that_no_article_answers_does_not_spoil_a_good_question(
    desk: Desk,
) -> None:
    asked = await talk(desk)
    question = "is there a limit for cash machines?"
    outcome = await asked.run(
        "knowledge.answer", question=question, rewritten="is there a limit for purple bananas"
    )
    assert outcome.topic is not None
    assert outcome.topic.question == question


async def test_the_same_passages_are_not_repeated_in_a_row(desk: Desk) -> None:
    asked = await talk(desk)
    question = "is there a limit for cash machines?"
    first = await asked.run("knowledge.answer", question=question)
    second = await asked.after(last_text=text_of(first)).run("knowledge.answer", question=question)
    third = await asked.after(last_text=text_of(second)).run(
        "knowledge.answer", question="is there a limit for cash machines? please"
    )
    texts = [text_of(outcome) for outcome in (first, second, third)]
    assert texts[0] != texts[1]
    assert texts[1] != texts[2]
    assert all(outcome.replies[0].citations for outcome in (first, second, third))


@pytest.mark.parametrize(
    ("language", "question", "doubt"),
    [
        ("en", "who won the chess world cup in 1987", "I don't know"),
        ("zh", "1987年国际象棋世界杯谁赢了", "不知道"),
    ],
)
async def test_what_no_article_covers_is_admitted_recorded_and_hands_nobody_over(
    desk: Desk, language: Language, question: str, doubt: str
) -> None:
    asked = await talk(desk, language=language)
    first = await asked.run("knowledge.answer", question=question)
    said = reply_to(first, language)
    assert doubt in said
    assert actions_of(first) == ["gap.recorded"]
    assert (first.helped, first.offer) == (False, None)
    again = await asked.after(last_text=said).run("knowledge.answer", question=question)
    assert reply_to(again, language, said) != said
    off = await asked.run("knowledge.answer", question=question, about_the_bank=False)
    assert off.helped  # nobody is offered an agent for chess
    async with desk.database.transaction() as session:
        gaps = await session.scalars(
            select(Gap.question).where(Gap.conversation_id == asked.conversation_id)
        )
        assert list(gaps) == [question] * 3
        conversation = await session.get_one(Conversation, asked.conversation_id)
        assert conversation.state == "assistant"


async def test_what_may_have_been_meant_is_a_tap_away_once(desk: Desk) -> None:
    asked = await talk(desk, threshold=0.999)
    question = "protected deposits of my company abroad in dollars"
    first = await asked.run("knowledge.answer", question=question)
    assert not first.helped
    assert first.offer is not None
    titles = [item.title for item in first.offer.items]
    assert titles[0] == "How deposits are protected"
    assert first.offer.items[0].command == AnswerQuestion(question=titles[0])
    followed = await replace(asked, threshold=0.5).run("knowledge.answer", question=titles[0])
    assert "100,000" in text_of(followed)
    again = await asked.after(last_offer=first.offer).run("knowledge.answer", question=question)
    assert again.offer is None


# --- own data ---------------------------------------------------------------------------------------------------------


async def test_views_are_lines_for_people_and_values_for_follow_ups(desk: Desk) -> None:
    customer = await desk.customer()
    await book(desk, customer, ("-12.30", "Tesco", NOON - timedelta(days=2)))
    async with desk.database.transaction() as session:
        loan = Loan(
            customer_id=customer.id,
            kind="mortgage",
            currency="EUR",
            principal=Decimal(90_000),
            outstanding=Decimal("80000.50"),
            rate_percent=Decimal(3),
            instalment=Decimal(400),
            next_due_on=date(2026, 7, 1),
            ends_on=date(2040, 1, 1),
        )
        session.add(loan)
    expected = {
        "show_balance": ("€100.00", "您的账户：", "100.00", "accounts"),
        "show_transactions": ("8 Jun Tesco: -€12.30", "Tesco：-€12.30", "-12.30", "transactions"),
        "show_cards": ("Debit card ****4411: active", "借记卡 ****4411：正常", None, "cards"),
        "show_loans": ("next instalment €400.00 on 1 Jul", "房屋按揭", "80000.50", "loans"),
    }
    for view, (english, chinese, amount, part) in expected.items():
        for own, fragment in (
            (await talk(desk, customer), english),
            (await talk(desk, customer, language="zh"), chinese),
        ):
            outcome = await own.run("accounts.show", view=view)
            assert fragment in text_of(outcome), view
            assert action_of(outcome, "profile.shown")["part"] == part
            assert outcome.result is not None
            assert (outcome.result.view, outcome.result.turn) == (view, 3)
            assert [item.amount for item in outcome.result.items] == [amount]
    empty = await (await talk(desk, customer)).run("accounts.show", view="show_holdings")
    assert "no investments" in text_of(empty)


async def test_another_customers_data_are_never_shown(desk: Desk) -> None:
    customer, other = await desk.customer(), await desk.customer()
    own = await talk(desk, customer)
    outcome = await own.run(
        "accounts.show", view="show_balance", customer_id=str(other.id), customer=other.number
    )
    assert outcome.result is not None
    async with desk.database.transaction() as session:
        account = await session.get_one(Account, UUID(str(outcome.result.items[0].id)))
        assert account.customer_id == customer.id


@pytest.mark.parametrize("language", LANGUAGES)
async def test_transactions_are_narrowed_to_days_party_and_amount(
    desk: Desk, language: Language
) -> None:
    customer = await desk.customer()
    await book(
        desk,
        customer,
        ("-10", "Tesco", datetime(2026, 5, 3, tzinfo=UTC)),
        ("-20", "Tesco", datetime(2026, 6, 3, tzinfo=UTC)),
        ("-30", "Cinema", datetime(2026, 5, 20, tzinfo=UTC)),
    )
    own = await talk(desk, customer, language=language)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["-20.00", "-30.00", "-10.00"]),
        ({"days": "2026-05-01/2026-05-31"}, ["-30.00", "-10.00"]),
        ({"days": "2026-05-20"}, ["-30.00"]),
        ({"party": "tesco"}, ["-20.00", "-10.00"]),
        ({"amount": {"amount": "30", "currency": None}}, ["-30.00"]),
        ({"days": "2026-05-01/2026-05-31", "party": "Tesco"}, ["-10.00"]),
        ({"days": "no day"}, ["-20.00", "-30.00", "-10.00"]),
    ]
    for filters, amounts in cases:
        outcome = await own.run("accounts.show", view="show_transactions", filters=filters)
        assert outcome.result is not None
        assert [item.amount for item in outcome.result.items] == amounts, filters
        assert outcome.result.filters == filters
    none = await own.run("accounts.show", view="show_transactions", filters={"party": "Aldi"})
    assert ("no transactions like that" if language == "en" else "没有找到") in text_of(none)


async def test_figures_are_exact_and_say_what_they_are_of(desk: Desk) -> None:
    customer = await desk.customer()
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    spent = [(f"-{n}.10", "Tesco", start + timedelta(days=n)) for n in range(1, 11)]
    await book(desk, customer, *spent, ("500", "Employer", start))
    own = await talk(desk, customer)
    shown = await own.run("accounts.show", view="show_transactions")
    latest = own.after(last_result=shown.result)

    async def figure(asked: Talk, name: str, view: str = "show_transactions") -> str:
        return text_of(await asked.run("accounts.aggregate", aggregate=name, over=view))

    assert await figure(latest, "sum") == "Your 8 latest transactions add up to -€52.80."
    assert await figure(latest, "largest") == (
        "Your 8 latest transactions: the largest is Tesco on 11 May, -€10.10."
    )
    assert "3.10" in await figure(latest, "smallest")
    assert "11 May" in await figure(latest, "latest")
    assert await figure(latest, "count") == "There are 8 transactions."
    filters = {"party": "Tesco", "days": "2026-05-01/2026-05-31"}
    narrowed = await own.run("accounts.show", view="show_transactions", filters=filters)
    assert "These are the latest 8 of 10." in text_of(narrowed)
    matching = own.after(last_result=narrowed.result)
    assert await figure(matching, "sum") == (
        "The 10 matching transactions (Tesco, 1 May to 31 May) add up to -€56.00."
    )
    chinese = replace(matching, language="zh")
    assert await figure(chinese, "sum") == (
        "符合条件的 10 笔交易（Tesco、5月1日至5月31日）合计 -€56.00。"
    )
    everything = own.after(
        last_result=Result(view="show_transactions", filters={"days": "2026-05-01/2026-05-31"})
    )
    assert "€500.00 in, €56.00 out" in await figure(everything, "sum")
    assert "Employer" in await figure(everything, "largest")
    assert await figure(own, "sum", "show_balance") == "Your account comes to €100.00."
    assert await figure(own, "count", "show_cards") == "You have 1 card."
    assert await figure(own, "sum", "show_cards") == "There are no amounts in that list."
    assert await figure(own, "latest", "show_balance") == "There are no dates in that list."
    assert "no investments" in await figure(own, "sum", "show_holdings")


async def test_a_figure_is_of_the_party_that_is_named_and_of_payments_alone(desk: Desk) -> None:
    customer = await desk.customer()
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    await book(
        desk,
        customer,
        ("-10", "Tesco", start),
        ("-15", "Tesco", start + timedelta(days=1)),
        ("-40", "City Gym", start + timedelta(days=2)),
        ("900", "Employer", start + timedelta(days=3)),
    )
    own = await talk(desk, customer)
    shown = await own.run("accounts.show", view="show_transactions")
    latest = own.after(last_result=shown.result)

    async def figure(name: str, **filters: Any) -> str:
        arguments = {"aggregate": name, "over": "show_transactions", "filters": filters}
        return text_of(await latest.run("accounts.aggregate", **arguments))

    assert await figure("sum", party="Tesco") == (
        "The 2 matching transactions (Tesco) add up to -€25.00."
    )
    assert "City Gym" in await figure("largest", outgoing=True)
    assert "Employer" in await figure("largest")
    assert await figure("sum", outgoing=True) == "Your 3 latest payments add up to -€65.00."


async def test_currencies_never_meet_in_a_figure(desk: Desk) -> None:
    customer = await desk.customer()
    await book(desk, customer, ("-10", "A", NOON), ("-5", "B", NOON), ("-7 USD", "C", NOON))
    own = await talk(desk, customer)
    total = await own.run("accounts.aggregate", aggregate="sum", over="show_transactions")
    assert "-€15.00, -US$7.00" in text_of(total)
    largest = await own.run("accounts.aggregate", aggregate="largest", over="show_transactions")
    assert "A on 10 Jun, -€10.00, C on 10 Jun, -US$7.00" in text_of(largest)


# --- cards ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_card_is_blocked_once_and_can_be_unblocked_here_today(
    desk: Desk, language: Language
) -> None:
    customer = await desk.customer()
    [card] = await cards_of(desk, customer)
    own = await talk(desk, customer, mfa=True, language=language, now=utc_now())
    blocked = await own.run("cards.block", card=str(card.id))
    assert "4411" in text_of(blocked)
    assert ("unblock" if language == "en" else "解除挂失") in text_of(blocked)
    assert action_of(blocked, "card.blocked")["id"] == str(card.id)
    effect = blocked.effect
    assert effect is not None
    assert (effect.undo, effect.arguments, effect.turn) == (
        "cards.unblock",
        {"card": str(card.id)},
        3,
    )
    again = await own.run("cards.block", card=str(card.id))
    assert ("already" if language == "en" else "此前已经") in text_of(again)
    assert (actions_of(again), again.effect) == ([], None)
    [now_blocked] = await cards_of(desk, customer)
    assert now_blocked.state == "blocked"
    undone = await own.run(str(effect.undo), **effect.arguments)
    assert actions_of(undone) == ["card.unblocked"]
    assert (await cards_of(desk, customer))[0].state == "active"
    assert undone.helped
    once_more = await own.run("cards.unblock", card=str(card.id))
    assert (actions_of(once_more), once_more.helped) == ([], True)


async def test_several_cards_are_blocked_at_once_and_only_those_come_back(desk: Desk) -> None:
    customer = await desk.customer()
    [first] = await cards_of(desk, customer)
    second = await another_card(desk, customer)
    stale = await another_card(desk, customer, last_four="9999", state="expired")
    own = await talk(desk, customer, mfa=True, now=utc_now())
    ids = [str(card.id) for card in (first, second, stale)]
    outcome = await own.run("cards.block", card=ids)
    assert actions_of(outcome) == ["card.blocked", "card.blocked"]
    assert "9999 has expired" in text_of(outcome)
    assert outcome.effect is not None
    assert set(outcome.effect.arguments["card"]) == {str(first.id), str(second.id)}
    undone = await own.run("cards.unblock", **outcome.effect.arguments)
    assert actions_of(undone) == ["card.unblocked", "card.unblocked"]


async def test_only_who_is_surely_the_customer_and_blocked_it_themselves_unblocks(
    desk: Desk,
) -> None:
    customer, now = await desk.customer(), utc_now()
    [card] = await cards_of(desk, customer)
    own = await talk(desk, customer, now=now)
    await own.run("cards.block", card=str(card.id))
    unsure = await own.run("cards.unblock", card=str(card.id))
    assert (actions_of(unsure), unsure.helped) == ([], False)
    assert "identity" in text_of(unsure)
    assert unsure.offer is not None
    async with desk.database.transaction() as session:  # staff block it again meanwhile
        await session.execute(update(Card).where(Card.id == card.id).values(state="active"))
        await block_card(session, System("fraud"), await session.get_one(Card, card.id))
    sure = await talk(desk, customer, mfa=True, now=now)
    refused = await sure.run("cards.unblock", card=str(card.id))
    assert (actions_of(refused), refused.helped) == ([], False)
    assert "agent" in text_of(refused)
    assert (await cards_of(desk, customer))[0].state == "blocked"


async def test_another_customers_card_is_neither_blocked_nor_unblocked(desk: Desk) -> None:
    customer, other = await desk.customer(), await desk.customer()
    [card] = await cards_of(desk, other)
    own = await talk(desk, customer)
    for operation in ("cards.block", "cards.unblock"):
        outcome = await own.run(operation, card=str(card.id))
        assert (outcome.helped, actions_of(outcome)) == (False, [])
        assert "among yours" in text_of(outcome)
    assert (await cards_of(desk, other))[0].state == "active"


# --- tickets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "my cheque book has the wrong name"), ("zh", "支票簿上的名字印错了")],
)
async def test_a_ticket_is_opened_looked_up_added_to_closed_and_rated(
    desk: Desk, language: Language, text: str
) -> None:
    customer = await desk.customer(language=language)
    own = await talk(desk, customer, language=language, text=text)
    opened = await own.run("tickets.open", kind="service_request", description=text)
    ticket = await ticket_by(desk, opened)
    assert (ticket.description, ticket.customer_id, ticket.kind) == (
        text,
        customer.id,
        "service_request",
    )
    assert ticket.reference in text_of(opened)
    assert not [word for word in INTERNALS if word in text_of(opened)]
    assert opened.slots == {"reference": ticket.reference}

    shown = await own.run("tickets.show", ticket=ticket.reference)
    assert ticket.subject in text_of(shown)
    assert ("received" if language == "en" else "已受理") in text_of(shown)
    assert actions_of(await own.run("tickets.show")) == ["ticket.shown"]

    noted = await own.run("tickets.comment", ticket=ticket.reference, note="it is urgent to me")
    assert actions_of(noted) == ["ticket.updated"]
    async with desk.database.transaction() as session:
        comments = await session.scalars(
            select(TicketComment.text).where(TicketComment.ticket_id == ticket.id)
        )
        assert list(comments) == ["it is urgent to me"]

    early = await own.run("tickets.rate", ticket=str(ticket.id), score=5)
    assert not early.helped
    closed = await own.run("tickets.close", ticket=ticket.reference)
    assert closed.offer is not None
    assert [item.payload for item in closed.offer.items] == ["5/5", "4/5", "3/5", "2/5", "1/5"]
    assert closed.offer.items[0].command == StartFlow(
        flow="rate_ticket", slots={"ticket": str(ticket.id), "score": 5}
    )
    assert ("satisfied" if language == "en" else "满意") in text_of(closed)
    already = await own.run("tickets.close", ticket=ticket.reference)
    assert (actions_of(already), already.offer) == ([], None)

    for named, score, sorry in ((str(ticket.id), 2, True), (ticket.reference, 5, False)):
        rated = await own.run("tickets.rate", ticket=named, score=score)
        assert (("sorry" if language == "en" else "抱歉") in text_of(rated)) == sorry
        assert (await desk.now(ticket)).satisfaction == score


async def test_a_visitors_ticket_needs_its_contact(desk: Desk) -> None:
    visitor = await talk(desk, text="the machine kept my card")
    opened = await visitor.run(
        "tickets.open", description="the machine kept my card", contact="ben@example.com"
    )
    ticket = await ticket_by(desk, opened)
    assert ticket.contact == "ben@example.com"
    elsewhere = await talk(desk)
    reference = ticket.reference
    for contact, is_found in ((None, False), ("eve@example.com", False), ("ben@example.com", True)):
        shown = await elsewhere.run("tickets.show", ticket=reference, contact=contact)
        assert shown.helped == is_found
        assert (ticket.subject in text_of(shown)) == is_found
        noted = await elsewhere.run(
            "tickets.comment", ticket=reference, contact=contact, note="please hurry"
        )
        assert noted.helped == is_found


async def test_a_ticket_that_ended_long_ago_is_not_opened_again(desk: Desk) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer)
    ticket = await ticket_by(
        desk, await own.run("tickets.open", description="an old matter of mine")
    )
    await own.run("tickets.close", ticket=ticket.reference)
    late = replace(own, now=NOON + timedelta(days=60))
    outcome = await late.run("tickets.comment", ticket=ticket.reference, note="it is back")
    assert (outcome.helped, outcome.stops_flow) == (False, True)
    assert "closed long ago" in text_of(outcome)
    assert (await desk.now(ticket)).state == "closed"


@pytest.mark.parametrize(
    ("state", "later", "says"),
    [
        ("new", timedelta(), "We'll reply by"),
        ("open", timedelta(), "aim to resolve it by"),
        ("open", timedelta(days=90), "longer than planned"),
        ("waiting_customer", timedelta(), "Tell me what to add"),
        ("resolved", timedelta(), "Nothing more is due"),
    ],
)
async def test_a_state_says_what_comes_next_and_no_time_that_is_over(
    desk: Desk, state: Any, later: timedelta, says: str
) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer)
    ticket = await ticket_by(desk, await own.run("tickets.open", description="where is my letter"))
    if state != "new":
        await desk.move(ticket, state, NOON, System("test"))
    shown = await replace(own, now=NOON + later).run("tickets.show", ticket=ticket.reference)
    assert says in text_of(shown)


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_request_is_written_with_its_answers(desk: Desk, language: Language) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer, language=language)
    answers = {"amount": {"amount": "500.00", "currency": "EUR"}, "on_day": "2026-06-20"}
    outcome = await own.run("services.request", code="early-repayment", answers=answers)
    ticket = await ticket_by(desk, outcome)
    assert ticket.service == "early-repayment"
    assert ticket.answers["on_day"] == "2026-06-20"
    assert ticket.reference in text_of(outcome)
    assert (outcome.effect, outcome.slots) == (None, {"reference": ticket.reference})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_second_factor_is_checked_again_when_it_is_written(
    desk: Desk, language: Language
) -> None:
    customer = await desk.customer()
    [card] = await cards_of(desk, customer)
    answers = {"card": str(card.id), "limit": {"amount": "900.00", "currency": "EUR"}}
    sure = await talk(desk, customer, mfa=True, language=language)
    written = await sure.run("services.request", code="card-limit", answers=answers)
    assert actions_of(written) == ["ticket.created"]
    for unsure in (
        await talk(desk, customer, language=language),
        replace(sure, now=NOON + timedelta(minutes=11)),
    ):
        outcome = await unsure.run("services.request", code="card-limit", answers=answers)
        assert (actions_of(outcome), outcome.stops_flow) == ([], True)
        assert outcome.offer is not None
        assert outcome.offer.items[0].command == StartFlow(flow="service.card-limit", slots=answers)


async def test_a_request_that_blocks_a_card_does_so_and_can_be_taken_back(desk: Desk) -> None:
    customer = await desk.customer()
    [card] = await cards_of(desk, customer)
    own = await talk(desk, customer, mfa=True, now=utc_now())
    outcome = await own.run("services.request", code="card-lock", answers={"card": str(card.id)})
    assert actions_of(outcome) == ["card.blocked", "ticket.created"]
    assert outcome.effect is not None
    undone = await own.run(str(outcome.effect.undo), **outcome.effect.arguments)
    assert actions_of(undone) == ["card.unblocked"]


async def test_a_visitor_may_ask_for_what_anyone_may(desk: Desk) -> None:
    visitor = await talk(desk)
    outcome = await visitor.run(
        "services.request",
        code="app-problem",
        answers={"device": "an old phone", "what": "it stops", "contact": "ben@example.com"},
    )
    assert (await ticket_by(desk, outcome)).contact == "ben@example.com"


# --- advice and offers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_advice_fits_the_need_and_a_no_to_it_is_remembered(
    desk: Desk, language: Language
) -> None:
    customer = await willing(desk)
    own = await talk(desk, customer, language=language)
    plain = await own.run("recommendations.show")
    needs = await own.run(
        "recommendations.show",
        goal="savings",
        amount={"amount": "5000.00", "currency": "EUR"},
        horizon=24,
    )
    told = "what you told me" if language == "en" else "您的需求"
    assert (told in text_of(plain), told in text_of(needs)) == (False, True)
    assert actions_of(needs) == ["recommendation.shown"]
    odd = await own.run("recommendations.show", goal="a yacht", horizon="long")
    assert told not in text_of(odd)
    assert needs.offer is not None
    declined = needs.offer.declined
    assert isinstance(declined, StartFlow)
    assert declined.flow == "decline_recommendations"
    assert needs.slots["products"] == declined.slots["products"]
    gone = await own.run("recommendations.decline", **declined.slots)
    assert gone.helped
    async with desk.database.transaction() as session:
        unwanted = await session.scalars(
            select(DeclinedOffer.product_id).where(DeclinedOffer.customer_id == customer.id)
        )
        assert {str(key) for key in unwanted} == set(declined.slots["products"])


async def test_where_nothing_suits_the_reason_is_shown_and_the_flow_ends(desk: Desk) -> None:
    own = await talk(desk, await desk.customer())
    async with desk.database.transaction() as session:
        everything = [str(key) for key in await session.scalars(select(Product.id))]
    await own.run("recommendations.decline", products=everything)
    outcome = await own.run("recommendations.show")
    assert "No product fits you" in text_of(outcome)
    assert outcome.stops_flow
    assert outcome.offer is not None


async def test_an_offer_is_shown_once_and_its_answer_counts(desk: Desk) -> None:
    people = await desk.staff("supervisor"), await desk.staff("supervisor")
    campaign = await running(desk, people, starts_at=NOON - timedelta(days=1))
    accepting, declining, other = [await willing(desk) for _ in range(3)]
    shown: dict[UUID, Offer] = {}
    for customer in (accepting, declining):
        own = await talk(desk, customer, watchlist=True)
        outcome = await own.run("offers.next_best")
        assert action_of(outcome, "recommendation.shown")["campaign"] == campaign.code
        assert outcome.offer is not None
        shown[customer.id] = outcome.offer
        assert (await own.after(offered_product=True).run("offers.next_best")).replies == ()
    assert (await (await talk(desk, other)).run("offers.next_best")).replies == ()
    angry = replace(await talk(desk, other, watchlist=True), signs=(Sign("anger", "useless"),))
    assert (await angry.run("offers.next_best")).replies == ()

    accept = shown[accepting.id].items[0].command
    decline = shown[declining.id].declined
    assert isinstance(accept, StartFlow)
    assert isinstance(decline, StartFlow)
    assert (accept.flow, decline.flow) == ("accept_offer", "decline_offer")
    stranger = await talk(desk, other)
    assert not (await stranger.run("offers.accept", **accept.slots)).helped
    taken = await (await talk(desk, accepting)).run("offers.accept", **accept.slots)
    assert "nothing is bought before you agree" in text_of(taken)
    refused = await (await talk(desk, declining)).run("offers.decline", **decline.slots)
    assert refused.helped
    async with desk.database.transaction() as session:
        leads = select(Lead.customer_id).where(
            Lead.customer_id.in_([accepting.id, declining.id, other.id])
        )
        assert list(await session.scalars(leads)) == [accepting.id]
        await session.execute(update(Campaign).values(state="ended"))


# --- appointments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "moment", "shown"),
    [
        ("en", "2026-06-16T15:00", "Tue 16 Jun 2026, 15:00"),
        ("en", "2026-06-16/morning", "Tue 16 Jun 2026, "),
        ("zh", "2026-06-16T15:00", "2026年6月16日周二 15:00"),
        ("en", "2026-06-16", "Tue 16 Jun 2026"),
    ],
)
async def test_an_appointment_is_requested_and_never_called_confirmed(
    desk: Desk, language: Language, moment: str, shown: str
) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer, language=language)
    outcome = await own.run("appointments.request", moment=moment, topic="a mortgage")
    assert actions_of(outcome) == ["appointment.requested", "ticket.created"]
    requested = action_of(outcome, "appointment.requested")
    assert requested["moment"] == moment
    assert shown in text_of(outcome)
    assert "confirmed" not in text_of(outcome)
    ticket = await ticket_by(desk, outcome, "appointment.requested")
    assert (ticket.kind, ticket.customer_id) == ("lead", customer.id)
    assert "a mortgage" in ticket.description
    assert shown in ticket.description


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_appointment_is_shown_moved_and_cancelled(desk: Desk, language: Language) -> None:
    own = await talk(desk, await desk.customer(), language=language)
    first = await own.run("appointments.request", moment="2026-06-16T15:00", topic="a mortgage")
    reference = action_of(first, "ticket.created")["reference"]
    assert reference in text_of(await own.run("appointments.show"))
    moved = await own.run("appointments.move", ticket=reference, moment="2026-06-17T10:00")
    assert actions_of(moved) == ["appointment.requested", "ticket.created", "ticket.updated"]
    assert reference in text_of(moved)
    second = action_of(moved, "ticket.created")["reference"]
    shown = text_of(await own.run("appointments.show"))
    assert second in shown
    assert reference not in shown
    ticket = await ticket_by(desk, moved, "appointment.requested")
    assert ticket.description.startswith("a mortgage\n")
    cancelled = await own.run("appointments.cancel", ticket=second)
    assert actions_of(cancelled) == ["ticket.updated"]
    assert second not in text_of(await own.run("appointments.show"))


async def test_an_appointment_is_moved_to_no_time_at_which_the_bank_is_closed(desk: Desk) -> None:
    own = await talk(desk, await desk.customer())
    first = await own.run("appointments.request", moment="2026-06-16T15:00", topic="a mortgage")
    reference = action_of(first, "ticket.created")["reference"]
    refused = await own.run("appointments.move", ticket=reference, moment="2026-06-16T03:00")
    assert (refused.helped, actions_of(refused)) == (False, [])
    assert reference in text_of(await own.run("appointments.show"))


async def test_nobody_cancels_somebody_elses_appointment(desk: Desk) -> None:
    own, other = await talk(desk, await desk.customer()), await talk(desk, await desk.customer())
    first = await own.run("appointments.request", moment="2026-06-16T15:00", topic="a mortgage")
    reference = action_of(first, "ticket.created")["reference"]
    refused = await other.run("appointments.cancel", ticket=reference)
    assert (refused.helped, actions_of(refused)) == (False, [])
    assert reference in text_of(await own.run("appointments.show"))


@pytest.mark.parametrize(
    ("moment", "reason", "instead"),
    [
        ("2026-06-16T03:00", "closed", "2026-06-16T08:00"),
        ("2026-06-16T21:30", "closed", "2026-06-17T08:00"),
        ("2026-06-01T10:00", "in the past", "2026-06-10T13:00"),
    ],
)
async def test_a_time_at_which_nobody_can_be_met_is_refused_with_another(
    desk: Desk, moment: str, reason: str, instead: str
) -> None:
    own = await talk(desk, await desk.customer())
    outcome = await own.run("appointments.request", moment=moment, topic="a mortgage")
    assert (outcome.helped, actions_of(outcome)) == (False, [])
    assert reason in text_of(outcome)
    assert outcome.offer is not None
    command = outcome.offer.items[0].command
    assert command == StartFlow(
        flow="book_appointment", slots={"topic": "a mortgage", "moment": instead}
    )
    assert isinstance(command, StartFlow)
    assert (await own.run("appointments.request", **command.slots)).helped


async def test_a_visitor_leaves_a_contact_for_an_appointment(desk: Desk) -> None:
    visitor = await talk(desk)
    asked = await visitor.run("appointments.request", moment="2026-06-16", topic="a loan")
    assert "How can we reach you" in text_of(asked)
    made = await visitor.run(
        "appointments.request",
        moment="2026-06-16",
        time="15:00",
        topic="a loan",
        contact="a@b.example",
    )
    assert action_of(made, "appointment.requested")["moment"] == "2026-06-16T15:00"
    assert (await ticket_by(desk, made)).contact == "a@b.example"


# --- agents -----------------------------------------------------------------------------------------------------------


async def conversation_of(asked: Talk) -> Conversation:
    async with asked.desk.database.transaction() as session:
        return await session.get_one(Conversation, asked.conversation_id)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_by_day_a_conversation_is_queued_once_and_can_be_left(
    desk: Desk, language: Language
) -> None:
    asked = await talk(desk, language=language, text="a person please, my card is broken")
    outcome = await asked.run("handoff.request", reason="asked")
    assert actions_of(outcome) == ["handoff.requested"]
    assert outcome.queue is not None
    assert (outcome.queue.since, outcome.queue.asked_contact) == (NOON, False)
    conversation = await conversation_of(asked)
    assert (conversation.state, conversation.queue) == ("queued", "cards")
    again = await asked.run("handoff.request", reason="asked")
    assert (actions_of(again), again.queue) == ([], None)
    left = await asked.run("handoff.leave")
    assert actions_of(left) == ["handoff.left"]
    assert (await conversation_of(asked)).state == "assistant"
    nothing = await asked.run("handoff.leave")
    assert actions_of(nothing) == []
    assert text_of(nothing) != text_of(left)


async def test_at_night_a_customer_is_called_and_a_visitor_asked_where(desk: Desk) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer, now=NIGHT, text="an agent about my mortgage")
    called = await own.run("handoff.request", reason="asked")
    assert actions_of(called) == ["handoff.requested", "ticket.created"]
    assert "Thu 11 Jun, 08:00" in text_of(called)
    assert called.queue is not None
    assert (called.queue.call_back_promised, called.queue.asked_contact) == (True, False)
    assert (await ticket_by(desk, called)).queue == "lending"

    visitor = await talk(desk, now=NIGHT, text="an agent about my mortgage")
    asked = await visitor.run("handoff.request", reason="asked")
    assert actions_of(asked) == ["handoff.requested"]
    assert asked.queue is not None
    assert (asked.queue.call_back_promised, asked.queue.asked_contact) == (False, True)
    waiting = replace(visitor, text="call +44 20 7946 0958").after(
        queue=asked.queue, topic=Topic(question="how do I repay my mortgage early")
    )
    promised = await waiting.run("call_back.promise")
    ticket = await ticket_by(desk, promised)
    assert (ticket.contact, ticket.queue) == ("+442079460958", "lending")
    assert "mortgage" in ticket.description
    assert promised.queue is not None
    assert (promised.queue.contact, promised.queue.call_back_promised) == ("+442079460958", True)

    changed = (
        await replace(waiting, text="")
        .after(queue=promised.queue)
        .run("call_back.promise", contact="ben@example.com")
    )
    assert actions_of(changed) == ["ticket.updated"]
    assert (await desk.now(ticket)).contact == "ben@example.com"
    unreadable = await waiting.run("call_back.promise", contact="the usual number")
    assert unreadable.queue is None
    assert not unreadable.helped


@pytest.mark.parametrize(("language", "says"), [("en", "Please stop"), ("zh", "请先停下")])
async def test_a_grave_sign_goes_to_its_team_with_its_sentence_first(
    desk: Desk, language: Language, says: str
) -> None:
    sign = Sign("scam", "safe account")
    asked = await talk(desk, language=language, text="my mortgage", signs=(sign,))
    outcome = await asked.run("handoff.request", reason=sign.reason, care="scam")
    assert says in outcome.replies[0].text
    assert len(outcome.replies) == 2
    conversation = await conversation_of(asked)
    assert (conversation.queue, conversation.priority) == ("fraud", "urgent")


async def test_an_operation_that_fails_half_way_leaves_nothing(desk: Desk) -> None:
    customer = await desk.customer()
    [card] = await cards_of(desk, customer)
    own = await talk(desk, customer)
    async with own.context() as context:
        closed = await context.session.get_one(Conversation, own.conversation_id)
        closed.state = "closed"
        await context.session.flush()
        refused = await run(context, Call("handoff.request", {"reason": "asked"}))
        blocked = await run(context, Call("cards.block", {"card": str(card.id)}))
    assert (refused.helped, actions_of(refused), refused.queue) == (False, [], None)
    assert actions_of(blocked) == ["card.blocked"]  # the transaction goes on
    assert (await cards_of(desk, customer))[0].state == "blocked"


async def test_a_refused_complaint_keeps_its_state(desk: Desk) -> None:
    customer = await desk.customer()
    own = await talk(desk, customer)
    opened = await own.run("tickets.open", kind="complaint", description="the clerk was rude to me")
    ticket = await ticket_by(desk, opened)
    closed = await own.run("tickets.close", ticket=ticket.reference)
    assert closed.helped
    assert (
        await desk.now(ticket)
    ).state == "resolved"  # its reason is still to be said by the bank
    async with desk.held(ticket) as (session, held):
        assert await ticket_service.load(session, System("test"), held.id) is held
