"Intent classification: multinomial logistic regression over sentence vectors and character n-grams, weighed by tf-idf."

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

RANKING = 10  # intents that are reported


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    "A linear model; each kind of feature is brought to unit length, then weighed (docs/measurements.md)."

    @classmethod
    def required_components(cls) -> List[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "regularisation": 30.0, "dense_weight": 1.0, "sparse_weight": 1.0, "iterations": 400,
            # Below this the message is taken as a question: the knowledge base then answers, or says it does not know.
            "doubtful_below": 0.3, "doubtful_intent": None,
        }  # fmt: skip

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource = model_storage, resource
        self._model: Optional[LogisticRegression] = None
        self._rarity: Optional[np.ndarray] = None  # inverse document frequency of each sparse feature

    def train(self, training_data: TrainingData) -> Resource:
        "Fit on all examples that have an intent, and store the model."
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        counts = [found.features for e in examples if (found := e.get_sparse_features(TEXT)[1]) is not None]
        self._rarity = TfidfTransformer().fit(vstack(counts)).idf_ if counts else None
        self._model = LogisticRegression(
            C=float(self._config["regularisation"]), max_iter=int(self._config["iterations"])
        )
        self._model.fit(self._matrix(examples), [e.get(INTENT) for e in examples])
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        "Set intent and ranking; no intent at all for a text without content."
        for message in messages:
            if self._model is None or not (message.get(TEXT) or "").strip():
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            chances = self._model.predict_proba(self._matrix([message]))[0]
            best = np.argsort(-chances)[:RANKING]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(chances[i])} for i in best]
            message.set(INTENT, self._believed(ranking), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        "Classify the training examples, for components that follow."
        self.process(training_data.training_examples)
        return training_data

    def _believed(self, ranking: List[Dict[Text, Any]]) -> Dict[Text, Any]:
        "The best intent, or the one for doubtful messages when the best is not likely enough."
        doubtful = self._config["doubtful_intent"]
        if doubtful is None or ranking[0]["confidence"] >= float(self._config["doubtful_below"]):
            return ranking[0]
        known = [entry for entry in ranking if entry["name"] == doubtful]
        return known[0] if known else {"name": doubtful, "confidence": 0.0}

    def _matrix(self, messages: List[Message]) -> csr_matrix:
        return vstack([self._row(message) for message in messages]).tocsr()

    def _row(self, message: Message) -> csr_matrix:
        dense, sparse = message.get_dense_features(TEXT)[1], message.get_sparse_features(TEXT)[1]
        parts = []
        if dense is not None:
            parts.append(normalize(csr_matrix(dense.features)) * float(self._config["dense_weight"]))
        if sparse is not None and self._rarity is not None:
            counts = csr_matrix(sparse.features, dtype=np.float64)
            counts.data = (1 + np.log(counts.data)) * self._rarity[counts.indices]
            parts.append(normalize(counts) * float(self._config["sparse_weight"]))
        return hstack(parts)

    def _persist(self) -> None:
        import skops.io

        with self._storage.write_to(self._resource) as folder:
            skops.io.dump((self._model, self._rarity), folder / "intents.skops")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        "The stored model; skops refuses types that could run code."
        import skops.io

        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model, component._rarity = skops.io.load(folder / "intents.skops", trusted=False)
        return component
