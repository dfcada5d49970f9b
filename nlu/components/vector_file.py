"""The vectors of training phrasings, in a file: our service's encoder makes them, Rasa's components read them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

NAME = "vectors.npz"


def write_vectors(path: Path, texts: List[str], vectors: Any) -> None:
    """Store a float32 row for each text, shape (texts, dimensions)."""
    listed = np.frombuffer(json.dumps(texts).encode(), np.uint8)
    np.savez(path, texts=listed, vectors=np.asarray(vectors, np.float32))


def read_vectors(path: Path) -> Tuple[Dict[str, Any], int]:
    """The row of each text, and how many numbers a row has."""
    with np.load(path, allow_pickle=False) as stored:
        texts, vectors = json.loads(bytes(stored["texts"])), stored["vectors"]
    return dict(zip(texts, vectors, strict=True)), int(vectors.shape[1])


def digest(path: Path) -> str:
    """A name for the contents of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
