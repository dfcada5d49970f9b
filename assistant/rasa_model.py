"""The model that Rasa understands with: trained with the vectors of our encoder, tried, and only then used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.rehearsal import Conversation, Rehearsal
from core.errors import SetupError
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu import training
from nlu.checks import misread
from nlu.client import RasaUnavailable
from nlu.supervisor import trial


def prepare_model(settings: Settings, encoder: Encoder, *, again: bool = False) -> Path:
    """The model to run, trained if its inputs changed; for a thread of its own, for it takes a minute.

    Args:
        settings: Where models lie.
        encoder: What makes the vectors; customers' questions go between its slices.
        again: Also a model that was refused or rolled back.

    Raises:
        SetupError: There is no model to run.
    """

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        return asyncio.run(encoder.encode_all(list(texts)))

    def failures(model: Path) -> list[str]:
        return asyncio.run(_failures(settings, model, encoder, encode))

    return training.train(settings, encode, failures, again=again)


async def _failures(
    settings: Settings, model: Path, encoder: Encoder, encode: training.Encode
) -> list[str]:
    """What goes wrong with a model: plain messages that it misreads, conversations that go another way."""
    try:
        async with trial(settings, model) as rasa:
            read_wrongly = await misread(rasa, encode)
            rehearsal = Rehearsal(rasa, encoder)
            return [*read_wrongly, *await rehearsal.faults(Conversation.read_all())]
    except RasaUnavailable as error:
        raise SetupError(f"{model.name} could not be tried: {error}.") from error
