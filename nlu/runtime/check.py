"""Takes a model through test conversations by Rasa's own end-to-end test; runs in Rasa's environment.

Usage: check.py MODEL CONVERSATIONS FAILED. FAILED gets a JSON list of the names of conversations that went wrong.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.core.test import FAILED_STORIES_FILE, test


def main(model: str, conversations: str, failed: str) -> None:
    """Test, and write what failed."""
    with tempfile.TemporaryDirectory() as folder:
        tested = test(
            conversations, Agent.load(model), out_directory=folder, e2e=True, disable_plotting=True
        )
        if not asyncio.run(tested)["actions"]:
            raise SystemExit(f"there are no conversations in {conversations}")
        written = (
            yaml.safe_load((Path(folder) / FAILED_STORIES_FILE).read_text(encoding="utf-8")) or {}
        )
    names = [str(story["story"]).split(" (")[0] for story in written.get("stories", [])]
    Path(failed).write_text(json.dumps(names), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
