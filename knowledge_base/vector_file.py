"""Unit vectors of fixed texts in a file of 8-bit rows, whose name tells the encoder and the texts that they are of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Of a unit vector's numbers in 8 bits; the encoder's largest is 0.78.
SCALE, LARGEST = 158, 127


def vector_file(folder: Path, name: str, encoder: str, texts: Sequence[str]) -> Path:
    """Where the vectors of these texts by this encoder are, or would be."""
    digest = hashlib.sha256(encoder.encode())
    for text in texts:
        digest.update(f"{text}\n".encode())
    return folder / f"{digest.hexdigest()[:16]}-{name}.npy"


def read_vectors(path: Path) -> NDArray[np.float32]:
    """The rows, each of length one again."""
    rows = np.load(path, allow_pickle=False).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def write_vectors(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write the file whole or not at all, and leave none of former texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for former in path.parent.glob(f"*-{path.stem.partition('-')[2]}.npy"):
        former.unlink()
    new = path.with_suffix(".new")
    with new.open("wb") as output:
        rows = np.clip(np.round(vectors * SCALE), -LARGEST, LARGEST)
        np.save(output, rows.astype(np.int8))
    new.replace(path)
