"""Gives the intent `correct` to messages of a conversation that put something right."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.correction_patterns import corrected
from nlu.components.linear_intents import CONVERSATION

INTENT_NAME = "correct"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Corrections(GraphComponent):
    """Stands behind the classifier; intents in `kept` stay, for they say what is wanted by themselves."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"kept": []}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Corrections":
        return cls(config)

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._kept = frozenset(config["kept"])

    def process(self, messages: List[Message]) -> List[Message]:
        """Only in conversations: a parse reports the classifier's intent."""
        for message in messages:
            intent = message.get(INTENT) or {}
            in_conversation = CONVERSATION in (message.get("metadata") or {})
            if (
                in_conversation
                and intent.get("name") not in self._kept
                and corrected(message.get(TEXT) or "")
            ):
                message.set(INTENT, {**intent, "name": INTENT_NAME}, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add."""
        return training_data
