"The real service for the tests: started once by the product's own command, on free ports and in a temporary folder."

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.service import serving
from core.settings import Settings
from nlu.training import model_path
from tests.bank import Bank

# A test types faster than a customer, and its webhooks are on this machine.
SETTINGS = {"MESSAGES_PER_MINUTE": "1000", "CONVERSATIONS_PER_MINUTE": "1000", "WEBHOOK_PRIVATE_HOSTS": "true"}


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    "The served demonstration bank with a warm Rasa."
    folder = tmp_path_factory.mktemp("bank")
    reuse_model(folder)
    with serving(folder, SETTINGS) as served:
        yield Bank(served.demo, folder)


def reuse_model(folder: Path, other: Path | None = None) -> None:
    "A model is named by the fingerprint of its inputs, so one that was trained before, perhaps in `other`, is the same."
    here = model_path(Settings())
    trained = here if here.exists() or other is None else other / "models" / here.name
    if trained.exists():
        (folder / "models").mkdir(parents=True)
        shutil.copy(trained, folder / "models")
