"""A trained model, loaded for understanding: texts with their vectors in, intents and entities out, many in one pass."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.channels.channel import UserMessage
from rasa.engine import loader
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT

from nlu.components.sentence_features import VECTOR, SentenceFeatures

WARM_UP = "Maria Rossi, 你好"  # reads in what the components read in at their first text
RANKING = "intent_ranking"
OF_ENTITY = ("entity", "value", "start", "end", "extractor")


class Understanding:
    """The understanding part of a model's graph; not for several threads at once."""

    def __init__(self, model: Path) -> None:
        """Load the model from its archive; Rasa's exceptions where it cannot be read."""
        with tempfile.TemporaryDirectory() as folder:
            metadata, self._graph = loader.load_predict_graph_runner(
                Path(folder), model, LocalModelStorage, DaskGraphRunner
            )
        # Rasa's last node takes a text with a slash in front for an intent; to us it is text, so the one before is the last.
        nodes = metadata.predict_schema.nodes
        self._last = nodes[metadata.nlu_target].needs["messages"]
        self.dimensions = dimensions_in(self._graph)
        self.parse([WARM_UP], np.full((1, self.dimensions), self.dimensions**-0.5, np.float32))

    def parse(self, texts: Sequence[str], vectors: np.ndarray) -> list[dict[str, Any]]:
        """Intent, confidence, ranking and entities of each text, in order.

        Args:
            texts: As they are.
            vectors: Their unit vectors, shape (texts, dimensions); ValueError for another size.
        """
        messages = [_message(text, vector) for text, vector in zip(texts, vectors, strict=True)]
        if not messages:
            return []
        result = self._graph.run({PLACEHOLDER_MESSAGE: messages}, targets=[self._last])
        return [_as_answer(message) for message in result[self._last]]


def _message(text: str, vector: np.ndarray) -> UserMessage:
    message = UserMessage(metadata={VECTOR: vector})
    message.text = (
        text  # as it is: Rasa would strip it, and entities would lie elsewhere in the text
    )
    return message


def dimensions_in(graph: Any) -> int:
    """How many numbers a text's vector must have; 0 for a pipeline that reads no vectors."""
    components = (node._component for node in graph._instantiated_nodes.values())
    return next((c.dimensions for c in components if isinstance(c, SentenceFeatures)), 0)


def _as_answer(message: Any) -> dict[str, Any]:
    intent = message.get(INTENT) or {}
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence") or 0.0),
        "ranking": message.get(RANKING) or [],
        "entities": [
            {key: entity[key] for key in OF_ENTITY if key in entity}
            for entity in message.get(ENTITIES) or []
        ],
    }
