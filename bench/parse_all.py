"""Trains a pipeline through Rasa and parses texts with it; runs in Rasa's environment, in the folder of the files it names.

Usage: python -m bench.parse_all CONFIG TRAINING_DATA TEXTS ANSWERS [MODEL]. The vectors of the training data are in
`vectors.npz`, TEXTS is such a file as well; ANSWERS gets a JSON object with the seconds of training, and for each text its
ranking of intents, its entities and the milliseconds it took. With MODEL, nothing is trained.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from nlu.components.vector_file import read_vectors
from nlu.runtime.train import train
from nlu.runtime.understanding import Understanding


def timed(understanding: Understanding, text: str, vector: np.ndarray) -> dict[str, Any]:
    """What is understood of a text that is parsed alone, and how long it took."""
    started = time.perf_counter()
    (parse,) = understanding.parse([text], vector[np.newaxis])
    return {**parse, "ms": (time.perf_counter() - started) * 1000}


def main(config: str, data: str, texts: str, answers: str, model: str | None = None) -> None:
    """Train unless there is a model, parse, write."""
    started = time.perf_counter()
    made = model or train(config, data, ".", "measured")
    training_s = time.perf_counter() - started
    understanding = Understanding(Path(str(made)))
    parses = [timed(understanding, *row) for row in read_vectors(Path(texts))[0].items()]
    Path(answers).write_text(
        json.dumps({"training_s": training_s, "parses": parses}), encoding="utf-8"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
