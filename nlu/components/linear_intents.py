"""Intent classification: a linear support vector machine over sentence vectors, character and word n-grams.

Margins become probabilities by a softmax with one temperature, fitted on predictions of held-out training examples (Guo et
al., On Calibration of Modern Neural Networks, 2017), so that a confidence of 0.7 is right seven times in ten.
"""

from __future__ import annotations

from collections import Counter
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
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

RANKING = 10  # intents that are reported
HELD_OUT = 3  # parts of the training data, each predicted by a model of the others, to fit the temperature
SEED = 7
CONVERSATION = "message_id"  # what our service sends along with a customer's message, and not with a parse


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    "A linear model; each kind of feature is brought to unit length, then weighed (docs/measurements.md)."

    @classmethod
    def required_components(cls) -> List[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "regularisation": 1.0, "dense_weight": 1.0, "sparse_weight": 1.0,
            # Below this the message is taken as a question: the knowledge base then answers, or says it does not know.
            "doubtful_below": 0.3, "doubtful_intent": None,
            # Intents that undo something are believed from these confidences on; below, the message is a question as well.
            "sure_of": {},
            # Two of the intents `between` whose probabilities are nearer than this are both offered.
            "close_margin": 0.0, "close_intent": None, "between": [],
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
        self._between = set(self._config["between"])
        self._model: Optional[LinearSVC] = None
        self._rarity: Optional[np.ndarray] = None  # inverse document frequency of each sparse feature
        self._steepness = 1.0  # 1 / temperature

    def train(self, training_data: TrainingData) -> Resource:
        "Fit on all examples that have an intent, and store the model."
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        counts = [found.features for e in examples if (found := e.get_sparse_features(TEXT)[1]) is not None]
        self._rarity = TfidfTransformer().fit(vstack(counts)).idf_ if counts else None
        features, intents = self._matrix(examples), np.array([e.get(INTENT) for e in examples])
        self._model = self._fitted(features, intents)
        self._steepness = self._fit_steepness(features, intents)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        "Set intent and ranking; no intent at all for a text without content."
        for message in messages:
            if self._model is None or not (message.get(TEXT) or "").strip():
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            chances = softmax(margins(self._model, self._matrix([message])) * self._steepness)[0]
            best = np.argsort(-chances)[:RANKING]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(chances[i])} for i in best]
            asked = CONVERSATION in (message.get("metadata") or {})
            message.set(INTENT, self._believed(ranking, asked), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        "Nothing to add: no component of ours learns from predicted intents."
        return training_data

    def _believed(self, ranking: List[Dict[Text, Any]], asked: bool) -> Dict[Text, Any]:
        """The best intent; the one for doubtful messages when the best is not likely enough.

        In a conversation, where somebody can be `asked`, two close tasks give the intent that offers both.
        """
        best = ranking[0]
        believed_from = self._config["sure_of"].get(best["name"], self._config["doubtful_below"])
        if self._config["doubtful_intent"] and best["confidence"] < float(believed_from):
            doubtful = self._config["doubtful_intent"]
            known = [entry for entry in ranking if entry["name"] == doubtful]
            return known[0] if known else {"name": doubtful, "confidence": 0.0}
        if asked and self._config["close_intent"] and len(ranking) > 1 and self._is_close(best, ranking[1]):
            return {"name": self._config["close_intent"], "confidence": best["confidence"]}
        return best

    def _is_close(self, best: Dict[Text, Any], second: Dict[Text, Any]) -> bool:
        apart = best["confidence"] - second["confidence"]
        return apart < float(self._config["close_margin"]) and {best["name"], second["name"]} <= self._between

    def _fitted(self, features: csr_matrix, intents: np.ndarray) -> LinearSVC:
        return LinearSVC(C=float(self._config["regularisation"]), random_state=SEED).fit(features, intents)

    def _fit_steepness(self, features: csr_matrix, intents: np.ndarray) -> float:
        "What makes the held-out examples' intents likeliest; examples of intents that have too few are left out."
        counted = Counter(intents)
        usable = np.flatnonzero([counted[intent] >= HELD_OUT for intent in intents])
        if len(set(intents[usable])) <= 1:
            return 1.0
        scores, truth = [], []
        parts = StratifiedKFold(HELD_OUT, shuffle=True, random_state=SEED)
        for training, held in parts.split(usable, intents[usable]):
            model = self._fitted(features[usable[training]], intents[usable[training]])
            scores.append(margins(model, features[usable[held]]))
            truth.append(np.searchsorted(model.classes_, intents[usable[held]]))
        all_scores, all_truth = np.vstack(scores), np.concatenate(truth)
        rows = np.arange(len(all_truth))

        def loss(log_steepness: float) -> float:
            likely = softmax(all_scores * np.exp(log_steepness))[rows, all_truth]
            return float(-np.log(likely + 1e-12).mean())

        return float(np.exp(minimize_scalar(loss, bounds=(-2, 4), method="bounded").x))

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
            skops.io.dump((self._model, self._rarity, self._steepness), folder / "intents.skops")

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
            stored = skops.io.load(folder / "intents.skops", trusted=False)
        component._model, component._rarity, component._steepness = stored
        return component


def margins(model: LinearSVC, features: csr_matrix) -> np.ndarray:
    "One column for each intent, also where there are two."
    found = model.decision_function(features)
    return np.column_stack([-found, found]) if found.ndim == 1 else found


def softmax(scores: np.ndarray) -> np.ndarray:
    "Row by row, into probabilities."
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
