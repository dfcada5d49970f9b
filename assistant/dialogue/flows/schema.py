"""The JSON Schema of a flow's file, for editors: generated from the models, and kept beside them."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.dialogue.flows.definition import FlowDefinition

SCHEMA = Path(__file__).parent / "schema.json"


def flow_schema() -> str:
    """The schema as it stands in its file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **FlowDefinition.model_json_schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
