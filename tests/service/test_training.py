"""Training by the real Rasa, with the vectors of our encoder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import SetupError
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu import training
from nlu.supervisor import trial

# A training takes a minute.
pytestmark = pytest.mark.full


def test_a_model_that_is_trained_here_reads_as_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder()

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        with encoder.every_core():
            return asyncio.run(encoder.encode_all(list(texts)))

    settings = Settings(var_dir=tmp_path)
    shipped = training.SHIPPED / training.model_path(settings).name
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "nothing")
    trained = training.train(settings, encode, lambda _: [])
    texts = ["I lost my card", "我的余额是多少", "how long does a transfer take?"]
    readings = [asyncio.run(_read(settings, model, texts, encode)) for model in (shipped, trained)]
    assert readings[0] == readings[1]


def test_a_training_without_the_vector_of_a_phrasing_makes_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SHIPPED", tmp_path / "nothing")
    monkeypatch.setattr(training, "training_texts", lambda: ["I lost my card"])
    settings = Settings(var_dir=tmp_path)
    with pytest.raises(SetupError, match="could not be trained"):
        training.train(settings, lambda texts: np.eye(len(texts), 384, dtype=np.float32), list)
    assert "has no vector of" in (tmp_path / "log" / "training.log").read_text(encoding="utf-8")


async def _read(
    settings: Settings, model: Path, texts: Sequence[str], encode: training.Encode
) -> list[tuple[str | None, float]]:
    vectors = await asyncio.to_thread(encode, texts)
    async with trial(settings, model) as rasa:
        parses = await rasa.parse(texts, vectors)
    return [(parse.intent, round(parse.confidence, 3)) for parse in parses]
