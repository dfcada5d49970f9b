"""Webhooks that really leave: signed, in time, again after a failure, and once even when the database dies meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import select, text, update
from standardwebhooks import Webhook as Signer

from actions.tickets.tasks import escalate_due
from assistant.worker import Worker
from core import webhook_delivery
from core.clock import utc_now
from core.settings import Settings
from core.webhook_delivery import SCHEDULE, dispatch_events
from core.webhooks import EVENT_TYPES, Webhook, WebhookDelivery, add_webhook
from tests.tickets import Desk, at, drop_connections, opened_desk


class Receiver:
    """An application that listens, and that can be told to fail."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.on_event: Callable[[], None] | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if receiver.status < 300:
                    receiver.heard.append(
                        ({key.lower(): value for key, value in self.headers.items()}, body)
                    )
                if receiver.on_event:
                    receiver.on_event()
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                """The test says what went wrong."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def events(self, ticket_id: object) -> list[str]:
        """Types of the events about a ticket."""
        told = [json.loads(body) for _, body in self.heard]
        return [event["type"] for event in told if event["data"].get("ticket_id") == str(ticket_id)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("hooks")) as made:
        yield made


@pytest.fixture
async def worker(desk: Desk) -> AsyncIterator[Worker]:
    made = Worker(desk.database, Settings(webhook_private_hosts=True, var_dir=desk.folder))
    await made.app.open_async()
    yield made
    await made.close()


async def hook(desk: Desk, receiver: Receiver, *events: str) -> Webhook:
    """A webhook of this test's alone."""
    admin = await desk.staff("admin")
    async with desk.database.transaction() as session:
        await session.execute(update(Webhook).values(active=False))
        return await add_webhook(
            session, admin, receiver.url, list(events or EVENT_TYPES), private_allowed=True
        )


async def deliver(worker: Worker) -> None:
    """What the service does soon after an event."""
    await dispatch_events.run(worker.context)
    await work_off(worker)


async def work_off(worker: Worker) -> None:
    """Run the jobs of webhooks that are due."""
    await worker.app.run_worker_async(
        queues=["webhooks"],
        wait=False,
        install_signal_handlers=False,
        delete_jobs="successful",
        worker_middleware=[worker.record],
    )


async def states(desk: Desk, webhook: Webhook) -> list[tuple[str, int]]:
    async with desk.database.transaction() as session:
        found = select(WebhookDelivery.status, WebhookDelivery.attempts).where(
            WebhookDelivery.webhook_id == webhook.id
        )
        return [(status, attempts) for status, attempts in await session.execute(found)]


async def make_due(desk: Desk) -> None:
    """The pause before the next attempt is over."""
    async with desk.database.transaction() as session:
        await session.execute(update(WebhookDelivery).values(next_attempt_at=utc_now()))
        await session.execute(text("update procrastinate_jobs set scheduled_at = null"))


async def test_a_ticket_and_its_broken_promises_are_told_signed_and_in_order(
    desk: Desk, worker: Worker, receiver: Receiver
) -> None:
    webhook = await hook(desk, receiver)
    ticket = await desk.open("my card is cracked", at(1))
    await escalate_due.run(worker.context)  # months later: both promises are long broken
    await deliver(worker)
    told = receiver.events(ticket.id)
    assert told[0] == "ticket.created"
    assert told.count("ticket.breached") == 2
    for headers, body in receiver.heard:
        Signer(webhook.secret).verify(body, headers)
    await make_due(desk)
    await deliver(worker)
    assert receiver.events(ticket.id) == told


async def test_a_failure_is_tried_again_when_its_time_has_come(
    desk: Desk, worker: Worker, receiver: Receiver
) -> None:
    webhook = await hook(desk, receiver, "ticket.created")
    receiver.status = 503
    ticket = await desk.open("my card is cracked", at(1))
    await deliver(worker)
    await deliver(worker)
    assert await states(desk, webhook) == [("pending", 1)]
    receiver.status = 204
    await make_due(desk)
    await deliver(worker)
    assert await states(desk, webhook) == [("delivered", 2)]
    assert receiver.events(ticket.id) == ["ticket.created"]


async def test_a_database_that_dies_meanwhile_neither_loses_nor_repeats_an_event(
    desk: Desk, worker: Worker, receiver: Receiver
) -> None:
    webhook = await hook(desk, receiver, "ticket.created")
    ticket = await desk.open("my card is cracked", at(1))
    await dispatch_events.run(worker.context)
    async with desk.database.transaction() as session:
        waiting = (
            await session.scalars(
                select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == webhook.id)
            )
        ).one()
    receiver.on_event = partial(drop_connections, desk.database.url)
    with pytest.raises(Exception):  # noqa: B017, PT011  (what the driver says of a connection that is gone)
        await webhook_delivery.deliver.run(worker.context, str(waiting))
    receiver.on_event = None
    assert await states(desk, webhook) == [("pending", 0)]
    await worker.close()
    await worker.app.open_async()
    await deliver(worker)
    assert await states(desk, webhook) == [("delivered", 1)]
    assert receiver.events(ticket.id) == ["ticket.created"]


async def test_a_delivery_follows_the_schedule_and_then_has_failed(
    desk: Desk, worker: Worker, receiver: Receiver
) -> None:
    webhook = await hook(desk, receiver, "ticket.created")
    receiver.status = 500
    await desk.open("my card is cracked", at(1))
    await deliver(worker)
    pauses = []
    for _ in SCHEDULE:
        pauses.append(await pause_of(desk))
        await make_due(desk)
        await work_off(worker)
    assert pauses == [pause.total_seconds() for pause in SCHEDULE]
    assert await states(desk, webhook) == [("failed", len(SCHEDULE) + 1)]
    await make_due(desk)
    await deliver(worker)
    assert await states(desk, webhook) == [("failed", len(SCHEDULE) + 1)]


async def test_a_delivery_whose_job_died_is_deferred_again(
    desk: Desk, worker: Worker, receiver: Receiver
) -> None:
    webhook = await hook(desk, receiver, "ticket.created")
    ticket = await desk.open("my card is cracked", at(1))
    await dispatch_events.run(worker.context)
    async with desk.database.transaction() as session:
        died = await session.execute(
            text(
                "update procrastinate_jobs set status = 'failed' where task_name = :name "
                "and status = 'todo' returning id"
            ),
            {"name": webhook_delivery.deliver.name},
        )
        assert len(died.all()) == 1
    await work_off(worker)
    assert (await states(desk, webhook), receiver.heard) == ([("pending", 0)], [])
    await deliver(worker)
    assert await states(desk, webhook) == [("delivered", 1)]
    assert receiver.events(ticket.id) == ["ticket.created"]


async def pause_of(desk: Desk) -> float:
    """Seconds, to the nearest five, until the one job of a delivery is due."""
    async with desk.database.transaction() as session:
        seconds = await session.scalar(
            text(
                "select extract(epoch from scheduled_at - now()) from procrastinate_jobs "
                "where task_name = :name and status = 'todo'"
            ),
            {"name": webhook_delivery.deliver.name},
        )
    return round(float(seconds) / 5) * 5.0
