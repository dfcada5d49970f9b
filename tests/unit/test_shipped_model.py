"""Which model is run: the one that comes with the sources at a first start, a trained one only when nothing is wrong with it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from assistant.dialogue.nearest import FILE, NearestPhrasings
from core.errors import SetupError
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu import training
from nlu.training import Register

WRONG = ["“thanks a lot” was read as goodbye, not as thank"]


def never(*_: object) -> Any:
    """An encoder or a check that is not to be asked."""
    raise AssertionError("nothing is to be trained or tried")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an installation without Rasa's environment, where nothing can be trained or tried."""
    return Settings(var_dir=tmp_path, rasa_python=tmp_path / "none")


@pytest.fixture
def trained(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of today's inputs that was trained here, beside a former one that is in use."""
    model = training.model_path(settings)
    model.parent.mkdir()
    shutil.copy(training.SHIPPED / model.name, model)
    shutil.copy(model, model.with_name("former.tar.gz"))
    Register(active="former.tar.gz").write(settings)
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "shipped")
    return model


def test_the_shipped_model_is_of_today_s_inputs(settings: Settings) -> None:
    shipped = [path.name for path in training.SHIPPED.glob(f"*{training.SUFFIX}")]
    assert shipped == [training.model_path(settings).name], (
        "Rasa's inputs have changed since the model was shipped: run `.venv/bin/assistant train --ship`"
        " and commit nlu/runtime/shipped."
    )


def test_the_shipped_phrasings_are_those_of_today_and_lie_near_themselves() -> None:
    encoder = Encoder()
    nearest = NearestPhrasings()
    assert nearest.load_shipped(encoder.name), "run `.venv/bin/assistant train --ship`"
    assert len(list(training.SHIPPED.glob(f"*-{FILE}.npy"))) == 1
    vector = asyncio.run(encoder.encode("I want to talk to a person"))
    assert nearest.ranking(vector, "en")[0].name == "talk_to_person"
    encoder.close()


def test_a_first_start_takes_the_shipped_model_without_training(settings: Settings) -> None:
    model = training.train(settings, never, never)
    assert model.read_bytes() == (training.SHIPPED / model.name).read_bytes()
    assert training.is_current(settings)
    assert training.train(settings, never, never) == model


@pytest.mark.parametrize("change", ["inputs", "encoder"])
def test_what_a_model_is_made_of_has_changed(
    settings: Settings, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if change == "encoder":
        settings = settings.model_copy(update={"encoder_model": "/models/another"})
    else:
        monkeypatch.setattr(training, "input_files", lambda: [])
    with pytest.raises(SetupError, match="Rasa's environment is missing"):
        training.train(settings, never, never)


def test_a_model_with_which_nothing_is_wrong_is_used(settings: Settings, trained: Path) -> None:
    assert training.train(settings, never, lambda model: []) == trained
    register = Register.read(settings)
    assert (register.active, register.former) == (trained.name, "former.tar.gz")


def test_a_model_that_fails_its_checks_is_refused_and_the_former_stays(
    settings: Settings, trained: Path
) -> None:
    former = trained.with_name("former.tar.gz")
    assert training.train(settings, never, lambda model: WRONG) == former
    register = Register.read(settings)
    assert register.active == former.name
    assert WRONG[0] in register.refused[training.fingerprint(settings)]
    assert training.train(settings, never, never) == former
    assert training.train(settings, never, lambda model: [], again=True) == trained


def test_without_a_former_model_a_refused_one_stops_the_start(
    settings: Settings, trained: Path
) -> None:
    Register().write(settings)
    with pytest.raises(SetupError, match="1 of its checks failed: “thanks a lot”"):
        training.train(settings, never, lambda model: WRONG)


def test_a_model_is_taken_back_and_stays_so_until_it_is_asked_for_again(
    settings: Settings, tmp_path: Path
) -> None:
    former = settings.var_dir / "models" / "former.tar.gz"
    today = training.train(settings, never, never)
    shutil.copy(today, former)
    Register(active=today.name, former=former.name).write(settings)
    assert training.roll_back(settings) == former
    assert training.train(settings, never, never) == former
    assert not training.is_current(settings)
    assert training.train(settings, never, never, again=True) == today
    with pytest.raises(SetupError, match="no earlier model"):
        training.roll_back(Settings(var_dir=tmp_path / "empty"))


def test_only_a_model_in_use_is_shipped(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = training.train(settings, never, never)
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "shipped")
    assert training.ship(settings).read_bytes() == model.read_bytes()
    monkeypatch.setattr(training, "input_files", lambda: [])
    with pytest.raises(SetupError, match="not in use"):
        training.ship(settings)


def test_every_phrasing_is_trained_once() -> None:
    texts = training.training_texts()
    assert texts == sorted(set(texts))
    assert {text for _, text in training.phrasings("thank")} <= set(texts)
    assert training.phrasings("no_such_intent") == ()
