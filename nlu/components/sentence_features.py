"""Dense features: the unit vector of each message, which our service's encoder makes. Nothing is encoded here.

In training the vectors come from a file, which is part of what Rasa knows a training by; later one comes along with each
text. A text without one is refused, since zeros would be read as if they meant something.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import vector_file

FILE = "vectors.json"
VECTOR = "sentence_vector"  # the key of a message's metadata under which its vector comes


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeatures(DenseFeaturizer, GraphComponent):
    """Vectors of whole messages; words get none, since our classifier reads sentences."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`vectors` is the file of training vectors, in the folder in which training runs."""
        return {
            **DenseFeaturizer.get_default_config(),
            "vectors": vector_file.NAME,
            "alias": "sentence",
        }

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Other vectors are another training, though phrasings and configuration are the same."""
        path = Path(config.get("vectors", vector_file.NAME))
        return vector_file.digest(path) if path.exists() else None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceFeatures":
        return cls(config, execution_context.node_name, model_storage, resource)

    def __init__(
        self, config: Dict[Text, Any], name: Text, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._storage, self._resource = model_storage, resource
        self._dimensions = 0

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to refuse: a missing file is refused in training."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the size of the vectors."""
        _, dimensions = vector_file.read_vectors(Path(self._config["vectors"]))
        with self._storage.write_to(self._resource) as folder:
            (folder / FILE).write_text(json.dumps({"dimensions": dimensions}), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceFeatures":
        """The size of the vectors that the model was trained with."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        component._dimensions = int(stored["dimensions"])
        return component

    @property
    def dimensions(self) -> int:
        """How many numbers a message's vector must have."""
        return self._dimensions

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the vector that came with each message; ValueError for a message without one of the right size."""
        for message in messages:
            vector = (message.get("metadata") or {}).get(VECTOR)
            if vector is None or np.shape(vector) != (self._dimensions,):
                raise ValueError(f"a vector of {self._dimensions} numbers must come with each text")
            self._add(message, vector)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of all training examples; ValueError for one that the file has no vector of."""
        vectors, _ = vector_file.read_vectors(Path(self._config["vectors"]))
        for example in training_data.training_examples:
            if text := example.get(TEXT):
                if text not in vectors:
                    raise ValueError(f"{self._config['vectors']} has no vector of {text!r}")
                self._add(example, vectors[text])
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        row = np.asarray(vector, np.float32).reshape(1, -1)
        message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
