"""Sparse features: the characters and words of a whole message, weighed by how rare they are.

One row a message and no features of single words, which our classifier does not read: Rasa's CountVectorsFeaturizer makes
both, and takes a fifth of a parse for it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

FILE = "ngrams.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeatures(SparseFeaturizer, GraphComponent):
    """Unit rows of tf-idf with logarithmic counts (Manning et al., Introduction to Information Retrieval, 6.4.1)."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            "characters": 3,
            "words": 2,
            "alias": "ngrams",
        }

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to refuse."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "NgramFeatures":
        return cls(config, execution_context.node_name, model_storage, resource)

    def __init__(
        self, config: Dict[Text, Any], name: Text, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._storage, self._resource = model_storage, resource
        self._places: Dict[str, int] = {}
        self._rarity = np.zeros(0)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams there are and in how many examples."""
        found_in: Counter[str] = Counter()
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        for example in examples:
            found_in.update(set(self._ngrams(example)))
        self._places = {ngram: place for place, ngram in enumerate(sorted(found_in))}
        rarity = [
            math.log((1 + len(examples)) / (1 + found_in[ngram])) + 1 for ngram in self._places
        ]
        self._rarity = np.array(rarity)
        with self._storage.write_to(self._resource) as folder:
            (folder / FILE).write_text(json.dumps([list(self._places), rarity]), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "NgramFeatures":
        """The n-grams that were learned."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            ngrams, rarity = json.loads((folder / FILE).read_text(encoding="utf-8"))
        component._places = {ngram: place for place, ngram in enumerate(ngrams)}
        component._rarity = np.array(rarity)
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the row of each message."""
        for message in messages:
            message.add_features(
                Features(self._row(message), FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"])
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the rows of all training examples."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data

    def _row(self, message: Message) -> csr_matrix:
        counts = Counter(
            place
            for ngram in self._ngrams(message)
            if (place := self._places.get(ngram)) is not None
        )
        places = np.array(sorted(counts), dtype=np.int32)
        weights = (
            (1 + np.log([counts[place] for place in places])) * self._rarity[places]
            if counts
            else np.zeros(0)
        )
        length = float(np.linalg.norm(weights)) or 1.0
        shape = (1, len(self._places))
        return csr_matrix((weights / length, places, np.array([0, len(places)])), shape=shape)

    def _ngrams(self, message: Message) -> Iterator[str]:
        tokens = message.get(TOKENS_NAMES[TEXT]) or []
        words = " ".join(token.text for token in tokens).lower().split()
        yield from character_ngrams(words, int(self._config["characters"]))
        spoken = [word for word in words if any(c.isalnum() for c in word)]
        for size in range(1, int(self._config["words"]) + 1):
            for at in range(len(spoken) - size + 1):
                yield "_" + " ".join(spoken[at : at + size])  # no character n-gram begins so


def character_ngrams(words: Iterable[str], longest: int) -> Iterator[str]:
    """Of each word with a space on both sides, as sklearn's analyser `char_wb` has them."""
    for word in words:
        padded = f" {word} "
        for size in range(1, longest + 1):
            if size > len(padded):
                break
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


def sentence_row(message: Message) -> Optional[csr_matrix]:
    """The sparse row of a message, None when it has none."""
    found = message.get_sparse_features(TEXT)[1]
    return csr_matrix(found.features) if found is not None else None
