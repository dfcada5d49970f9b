"""What goes to Rasa beside a text: its vector, which we have or need anyway, so that the same text is not encoded twice."""

from __future__ import annotations

import base64

from knowledge_base.encoder import Encoder, Vector
from nlu.client import Parse, RasaClient


async def vector_of(encoder: Encoder, text: str) -> dict[str, str]:
    """The text's vector as metadata; nothing when Rasa reads by another encoder than we do."""
    return (
        {"sentence_vector": as_metadata(await encoder.encode(text))} if encoder.is_bundled else {}
    )


async def understand(rasa: RasaClient, encoder: Encoder, text: str) -> Parse:
    """Intent, ranking and entities of a text that is no message of a conversation; RasaUnavailable without Rasa."""
    return await rasa.parse(text, await vector_of(encoder, text))


def as_metadata(vector: Vector) -> str:
    """A vector as Rasa's sentence features take it: float16, base64."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode()
