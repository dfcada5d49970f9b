"""Trains a pipeline by Rasa; runs in Rasa's environment, in the folder of the file of training vectors.

Usage: python -m nlu.runtime.train CONFIG DATA OUT NAME [DOMAIN]. OUT gets NAME.tar.gz.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rasa.model_training import train_nlu


def train(config: str, data: str, out: str, name: str, domain: str | None = None) -> Path | None:
    """The trained model's archive; None where Rasa made none, and has printed why."""
    made = train_nlu(config, data, out, fixed_model_name=name, domain=domain)
    return Path(made) if made else None


if __name__ == "__main__":
    sys.exit(0 if train(*sys.argv[1:]) else 1)
