"""What a model must understand before it is used: plain messages of most intents, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import yaml

from nlu.client import RasaClient
from nlu.training import Encode

MESSAGES = Path(__file__).parent / "messages.yml"


async def misread(rasa: RasaClient, encode: Encode, messages: Path = MESSAGES) -> list[str]:
    """The messages to which a model gives another intent, in the order of the file, and which one it gives.

    Args:
        rasa: A process that reads with the model, as `nlu.supervisor.trial` starts it.
        encode: The encoder that the model was trained with; it is called in a thread.
        messages: Texts by language and intent.

    Raises:
        RasaUnavailable: It does not answer.
    """
    expected = list(_expected(messages))
    texts = [text for text, _ in expected]
    parses = await rasa.parse(texts, await asyncio.to_thread(encode, texts))
    return [
        f"“{text}” was read as {parse.intent}, not as {intent}"
        for (text, intent), parse in zip(expected, parses, strict=True)
        if parse.intent != intent
    ]


def _expected(messages: Path) -> Iterator[tuple[str, str]]:
    """Each text with its intent."""
    by_language = yaml.safe_load(messages.read_text(encoding="utf-8"))
    for by_intent in by_language.values():
        for intent, texts in by_intent.items():
            yield from ((text, intent) for text in texts)
