"""The real service for the tests: started once by the product's own command, on free ports and in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.service import reuse_model, serving
from core.clock import Clock, set_clock
from core.settings import Settings
from nlu.supervisor import free_port
from tests.bank import Bank

# A test types faster than a customer, and its webhooks are on this machine.
ELSEWHERE = f"http://localhost:{free_port()}"  # a site that carries the widget; a test serves it
SETTINGS = {
    "MESSAGES_PER_MINUTE": "1000",
    "CONVERSATIONS_PER_MINUTE": "1000",
    "WEBHOOK_PRIVATE_HOSTS": "true",
    "WIDGET_ORIGINS": f'["{ELSEWHERE}"]',
}

# The tests and what they serve read one clock: `make test-full` shifts it.
set_clock(Clock.parse(Settings().clock))


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The served demonstration bank with a warm Rasa."""
    folder = tmp_path_factory.mktemp("bank")
    reuse_model(folder)
    with serving(folder, SETTINGS) as served:
        yield Bank(served.demo, folder)
