"""The model that comes with the sources: it is of today's inputs, and a first start takes it as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SetupError
from core.settings import Settings
from nlu import training
from nlu.training import Register


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an installation without Rasa's environment, where nothing can be trained or tried."""
    return Settings(var_dir=tmp_path, rasa_python=tmp_path / "none")


def test_the_shipped_model_is_of_today_s_inputs() -> None:
    shipped = [path.name for path in training.SHIPPED.iterdir()]
    assert shipped == [f"{training.fingerprint()}{training.SUFFIX}"], (
        "Rasa's inputs have changed since the model was shipped: run `.venv/bin/assistant train --ship`"
        " and commit nlu/runtime/shipped."
    )


def test_a_first_start_takes_the_shipped_model_without_training(settings: Settings) -> None:
    model = training.train(settings)
    assert model.read_bytes() == (training.SHIPPED / model.name).read_bytes()
    assert training.is_current(settings)


def test_changed_inputs_need_training(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "fingerprint", lambda: "0123456789abcdef")
    with pytest.raises(SetupError, match="Rasa's environment is missing"):
        training.train(settings)


def test_a_shipped_model_that_was_rolled_back_is_not_taken_again(settings: Settings) -> None:
    former = settings.var_dir / "models" / "former.tar.gz"
    today = training.train(settings)
    former.write_bytes(today.read_bytes())
    Register(active=today.name, former=former.name).write(settings)
    assert training.roll_back(settings) == former
    assert training.train(settings) == former


def test_only_a_model_in_use_is_shipped(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = training.train(settings)
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "shipped")
    assert training.ship(settings).read_bytes() == model.read_bytes()
    monkeypatch.setattr(training, "fingerprint", lambda: "0123456789abcdef")
    with pytest.raises(SetupError, match="not in use"):
        training.ship(settings)
