"""Outside the hours a person is promised: a ticket that somebody calls, at a time that is told. A real database, a given time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.dialogue import handoff
from actions.dialogue.turn import Services, Turn
from actions.tickets.catalogue.service import ServiceFinder
from actions.tickets.models import Ticket
from actions.tickets.routing.signals import Sign
from actions.tickets.ticket_config.service import load_defaults
from assistant.conversations.models import Conversation
from assistant.conversations.service import ConversationHandoffs, speaker_of
from core.database import Database
from core.embedded import embedded_server
from core.schema import migrate
from knowledge_base.encoder import Encoder
from knowledge_base.replica import Replica
from knowledge_base.search import KnowledgeSearch

NIGHT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    with embedded_server(tmp_path_factory.mktemp("night") / "postgres") as url:
        migrate(url)
        database = Database(url)
        async with database.transaction() as session:
            await load_defaults(session, NOON)
        yield database
        await database.close()


@pytest.fixture(scope="module")
def services(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    encoder = Encoder()
    search = KnowledgeSearch(Replica(encoder, database, tmp_path_factory.mktemp("index")))
    yield Services(search, ConversationHandoffs(), 0.5, ServiceFinder(encoder))
    encoder.close()


async def turn_at(
    session: AsyncSession,
    services: Services,
    now: datetime,
    text: str,
    customer: Customer | None = None,
) -> Turn:
    """A message in a new conversation."""
    conversation = Conversation(
        channel="web",
        language="en",
        state="assistant",
        memory={},
        created_at=now,
        updated_at=now,
        customer_id=customer.id if customer else None,
    )
    session.add(conversation)
    await session.flush()
    return Turn(session, services, speaker_of(conversation), uuid4(), "en", text, now)


async def test_by_day_a_visitor_joins_the_queue(database: Database, services: Services) -> None:
    async with database.transaction() as session:
        turn = await turn_at(session, services, NOON, "a person please, my card is broken")
        reply = await handoff.to_a_person(turn)
        conversation = await session.get_one(Conversation, turn.speaker.conversation_id)
    assert [action["type"] for action in reply.actions] == ["handoff.requested"]
    assert (conversation.state, conversation.queue) == ("queued", "cards")


async def test_at_night_a_visitor_is_asked_where_to_call_and_a_ticket_keeps_it(
    database: Database, services: Services
) -> None:
    async with database.transaction() as session:
        turn = await turn_at(
            session, services, NIGHT, "I want to talk to a person about my mortgage"
        )
        reply = await handoff.to_a_person(turn)
        assert "Thu 26 Nov, 08:00" in reply.text
        assert "phone number" in reply.text
        promised = await handoff.promise_call_back(turn, "+442079460958")
        ticket = await session.scalar(
            select(Ticket).where(Ticket.reference == promised.actions[0]["reference"])
        )
    assert "+442079460958" in promised.text
    assert ticket is not None
    assert (ticket.contact, ticket.queue) == ("+442079460958", "lending")
    assert "mortgage" in ticket.description


async def test_a_grave_sign_goes_to_its_team_whatever_was_spoken_of(
    database: Database, services: Services
) -> None:
    async with database.transaction() as session:
        turn = await turn_at(
            session, services, NOON, "move my savings to a safe account for my mortgage"
        )
        turn.signs = (Sign("scam", "safe account"),)
        replies = await handoff.take_over(turn, turn.signs[0])
        conversation = await session.get_one(Conversation, turn.speaker.conversation_id)
    assert "Please stop" in replies[0].text
    assert (conversation.queue, conversation.priority) == ("fraud", "urgent")
