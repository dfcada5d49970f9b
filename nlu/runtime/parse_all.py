"""Trains an understanding pipeline through Rasa and parses texts with it; runs in Rasa's environment.

Usage: parse_all.py CONFIG TRAINING_DATA TEXTS ANSWERS FOLDER [MODEL]. TEXTS is a JSON list; ANSWERS gets a JSON object
with the seconds of training, and for each text its ranking of intents, its entities and the milliseconds it took.
With MODEL, nothing is trained.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


async def parse_all(agent: Agent, texts: list[str]) -> list[dict[str, object]]:
    """What is understood of each text."""
    found = []
    for text in texts:
        started = time.perf_counter()
        parse = await agent.parse_message(text)
        took_ms = (time.perf_counter() - started) * 1000
        found.append(
            {"ranking": parse["intent_ranking"], "entities": parse["entities"], "ms": took_ms}
        )
    return found


def main(
    config: str, data: str, texts: str, answers: str, folder: str, model: str | None = None
) -> None:
    """Train unless there is a model, parse, write."""
    started = time.perf_counter()
    made = model or train_nlu(config, data, folder, fixed_model_name="measured")
    training_s = time.perf_counter() - started
    agent = Agent.load(made)
    parses = asyncio.run(parse_all(agent, json.loads(Path(texts).read_text(encoding="utf-8"))))
    Path(answers).write_text(
        json.dumps({"training_s": training_s, "parses": parses}), encoding="utf-8"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
