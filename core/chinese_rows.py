"""Chinese for the bundled English encoder: rows of its embedding table for Chinese characters and words.

Everything else of the model stays as it was, and no English text meets these rows, so English vectors are the same bit
for bit. The rows were learned by `assistant encoder train` (knowledge_base/chinese_distillation.py); what they reach is in
docs/measurements.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROWS = Path(__file__).parent / "data" / "chinese_rows.npz"
LARGEST = 127  # of a stored number: a row is kept as bytes and one scale


def fingerprint() -> str:
    """A name for today's rows: vectors of other rows do not go with them."""
    return hashlib.sha256(ROWS.read_bytes()).hexdigest()[:8]


def add_chinese(model: SentenceTransformer) -> SentenceTransformer:
    """Teach the bundled model the Chinese of the repository; the same model."""
    import torch  # noqa: PLC0415  (seconds of import)

    words, rows = read_rows()
    places = add_words(model, words)
    with torch.no_grad():
        model[0].auto_model.get_input_embeddings().weight[places] = torch.from_numpy(rows)
    return model


def add_words(model: SentenceTransformer, words: list[str]) -> list[int]:
    """Make each word one token, longest match first, with an empty row where it is new; the tokens' numbers."""
    from tokenizers import AddedToken  # noqa: PLC0415

    model.tokenizer.add_tokens([AddedToken(word, normalized=False) for word in words])
    model[0].auto_model.resize_token_embeddings(len(model.tokenizer), mean_resizing=False)
    places: list[int] = model.tokenizer.convert_tokens_to_ids(words)
    return places


def read_rows(path: Path = ROWS) -> tuple[list[str], NDArray[np.float32]]:
    """Words and their rows, shape (words, dimensions)."""
    with np.load(path, allow_pickle=False) as archive:
        words = bytes(archive["words"]).decode("utf-8").split("\n")
        return words, archive["rows"].astype(np.float32) * archive["scales"].astype(np.float32)[
            :, None
        ]


def write_rows(words: list[str], rows: NDArray[np.float32], path: Path = ROWS) -> None:
    """Keep rows, a byte a number."""
    scales = (np.abs(rows).max(axis=1) / LARGEST).astype(np.float16)
    whole = np.clip(np.rint(rows / scales.astype(np.float32)[:, None]), -LARGEST, LARGEST).astype(
        np.int8
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, words=np.frombuffer("\n".join(words).encode(), np.uint8), rows=whole, scales=scales
    )
