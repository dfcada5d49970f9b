"""What a model must lead rightly is tried with the real Rasa, reader and engine: the shipped one does, and a fault is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.rehearsal import Conversation, Expected, Rehearsal
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu import training
from nlu.supervisor import trial


@pytest.fixture(scope="module")
async def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsal]:
    """The shipped model, read by a Rasa of its own."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("rehearsal"))
    model = training.train(settings, _never, _never)
    async with trial(settings, model) as rasa:
        yield Rehearsal(rasa, Encoder())


async def test_the_shipped_model_leads_the_conversations(rehearsal: Rehearsal) -> None:
    assert await rehearsal.faults(Conversation.read_all()) == []


async def test_a_turn_that_does_something_else_is_named(rehearsal: Rehearsal) -> None:
    wrong = Conversation(
        language="en", turns=(Expected(say="I lost my card", does=("tickets.open",)),)
    )
    assert await rehearsal.faults([wrong]) == [
        "“I lost my card” led to cards.block with no task open, not to tickets.open with no task open"
    ]


def test_a_file_that_says_something_unknown_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "conversations.yml"
    path.write_text("- {language: en, turns: [{say: hello, dose: []}]}", encoding="utf-8")
    with pytest.raises(ValueError, match="dose"):
        Conversation.read_all(path)


def _never(*_: object) -> list[str]:
    raise AssertionError("the shipped model is there: nothing is trained or tried")
