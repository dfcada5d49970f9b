"""A model that fails its conversations is not used; one in use can be taken back. With the real Rasa."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.service import reuse_model
from core.errors import SetupError
from core.settings import Settings
from nlu import training
from nlu.training import Register
from tests.bank import Bank


@pytest.fixture
def settings(tmp_path: Path, bank: Bank) -> Settings:
    reuse_model(tmp_path, bank.folder)
    return Settings(var_dir=tmp_path)


def test_with_a_current_model_there_is_nothing_to_do(settings: Settings) -> None:
    assert training.is_current(settings)
    assert training.train(settings) == training.model_path(settings)


def test_a_model_that_fails_a_conversation_is_refused_and_the_former_stays(
    settings: Settings, tmp_path: Path
) -> None:
    former = tmp_path / "models" / "former.tar.gz"
    shutil.copy(training.model_path(settings), former)
    Register(active=former.name).write(settings)
    wrong = tmp_path / "test_wrong.yml"
    said = training.CHECKS.read_text(encoding="utf-8").replace(
        "intent: thank\n", "intent: goodbye\n", 1
    )
    wrong.write_text(said, encoding="utf-8")
    assert training.train(settings, checks=wrong) == former
    register = Register.read(settings)
    assert register.active == former.name
    assert "en: thank" in register.refused[training.fingerprint()]


def test_a_model_is_taken_back_and_stays_so_until_it_is_asked_for_again(
    settings: Settings, tmp_path: Path
) -> None:
    former, today = tmp_path / "models" / "former.tar.gz", training.model_path(settings)
    shutil.copy(today, former)
    Register(active=today.name, former=former.name).write(settings)
    assert training.roll_back(settings) == former
    assert training.train(settings) == former
    assert not training.is_current(settings)
    assert training.train(settings, again=True) == today
    with pytest.raises(SetupError, match="no earlier model"):
        training.roll_back(Settings(var_dir=tmp_path / "empty"))
