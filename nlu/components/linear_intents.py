"""Intent classification: a linear support vector machine over sentence vectors, character and word n-grams.

Margins become probabilities by a softmax with one temperature, fitted on predictions of held-out training examples (Guo et
al., On Calibration of Modern Neural Networks, 2017), so that a confidence of 0.7 is right seven times in ten.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Optional, Text, Tuple

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
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.components.ngram_features import sentence_row

RANKING = 10  # intents that are reported
HELD_OUT = (
    3  # parts of the training data, each predicted by a model of the others, to fit the temperature
)
SEED = 7
TWO = 2
FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """A linear model; each kind of feature is brought to unit length, then weighed (docs/measurements.md)."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "regularisation": 1.0,
            "dense_weight": 1.0,
            "sparse_weight": 1.0,
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource = model_storage, resource
        self._intents: List[Text] = []
        self._weights = np.zeros((0, 0))  # of each intent: the vector's first, then the n-grams'
        self._intercepts = np.zeros(0)
        self._steepness = 1.0  # 1 / temperature

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have an intent, and store the model."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        features, intents = self._matrix(examples), np.array([e.get(INTENT) for e in examples])
        model = self._fitted(features, intents)
        self._intents, self._intercepts = [str(name) for name in model.classes_], model.intercept_
        self._weights = model.coef_
        if len(self._intents) == TWO:  # sklearn keeps one row for both
            self._weights, self._intercepts = (
                np.vstack([-self._weights, self._weights]),
                np.array([-1, 1]) * self._intercepts,
            )
        self._steepness = self._fit_steepness(features, intents)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the likeliest intent and the ranking; no intent at all for a text without content."""
        for message in messages:
            if not self._intents or not (message.get(TEXT) or "").strip():
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            chances = softmax(self._scores(message)[np.newaxis] * self._steepness)[0]
            best = np.argsort(-chances)[:RANKING]
            ranking = [{"name": self._intents[i], "confidence": float(chances[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add: no component of ours learns from predicted intents."""
        return training_data

    def _fitted(self, features: csr_matrix, intents: np.ndarray) -> LinearSVC:
        return LinearSVC(C=float(self._config["regularisation"]), random_state=SEED).fit(
            features, intents
        )

    def _fit_steepness(self, features: csr_matrix, intents: np.ndarray) -> float:
        """What makes the held-out examples' intents likeliest; examples of intents that have too few are left out."""
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
        dense, sparse = self._parts(message)
        parts = [csr_matrix(dense)] if dense is not None else []
        return hstack([*parts, sparse] if sparse is not None else parts)

    def _parts(self, message: Message) -> Tuple[Optional[np.ndarray], Optional[csr_matrix]]:
        """The unit vector and the unit row of n-grams, each by its weight."""
        dense, sparse = message.get_dense_features(TEXT)[1], sentence_row(message)
        return (
            dense.features * float(self._config["dense_weight"]) if dense is not None else None,
            sparse * float(self._config["sparse_weight"]) if sparse is not None else None,
        )

    def _scores(self, message: Message) -> np.ndarray:
        """The margins of one message, by the few columns that it has: building a sparse matrix takes longer than all else."""
        dense, sparse = self._parts(message)
        scores, at = self._intercepts.copy(), 0
        if dense is not None:
            at = dense.shape[1]
            scores += self._weights[:, :at] @ dense[0]
        if sparse is not None:
            scores += self._weights[:, at + sparse.indices] @ sparse.data
        return scores

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / FILE,
                weights=self._weights,
                intercepts=self._intercepts,
                steepness=self._steepness,
                intents=np.array(self._intents),
            )

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """The stored model: numbers and names, nothing that could run."""
        component = cls(config, model_storage, resource)
        with (
            model_storage.read_from(resource) as folder,
            np.load(folder / FILE, allow_pickle=False) as stored,
        ):
            component._weights, component._intercepts = stored["weights"], stored["intercepts"]
            component._intents = [str(name) for name in stored["intents"]]
            component._steepness = float(stored["steepness"])
        return component


def margins(model: LinearSVC, features: csr_matrix) -> np.ndarray:
    """One column for each intent, also where there are two."""
    found = model.decision_function(features)
    return np.column_stack([-found, found]) if found.ndim == 1 else found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row by row, into probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
