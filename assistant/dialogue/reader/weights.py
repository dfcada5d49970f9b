"""What the reader learned, as a file: low-rank changes, changed rows and heads, a byte a number with a scale a row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import chinese_rows
from core.errors import SetupError

WEIGHTS = Path(__file__).parent / "weights.safetensors"
LARGEST = 127
_SCALES = ".scales"
_TOKENS = "tokens"
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class ReaderWeights:
    """Arrays by the name of the layer, the tokens whose rows changed, and the fingerprint of what was learned from."""

    arrays: dict[str, Matrix]
    tokens: NDArray[np.int32]
    fingerprint: str
    encoder: str

    @classmethod
    def read(cls, path: Path = WEIGHTS) -> ReaderWeights:
        """What `write` wrote; SetupError when it was learned on other Chinese rows than today's."""
        from safetensors import safe_open  # noqa: PLC0415  (not needed where nothing is read)

        with safe_open(path, "numpy") as file:
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = file.metadata()
        if about["encoder"] != chinese_rows.fingerprint():
            raise SetupError(
                "The reader was trained on other Chinese rows of the encoder: run `assistant train-reader`."
            )
        arrays = {
            name: _floats(stored, name)
            for name in stored
            if name != _TOKENS and not name.endswith(_SCALES)
        }
        return cls(arrays, stored[_TOKENS], about["fingerprint"], about["encoder"])

    def write(self, path: Path = WEIGHTS) -> None:
        """As a file of bytes and scales; biases and small arrays stay as they are."""
        from safetensors.numpy import save_file  # noqa: PLC0415

        stored: dict[str, NDArray[Any]] = {_TOKENS: self.tokens}
        for name, array in self.arrays.items():
            if array.ndim == 1:
                stored[name] = array
                continue
            scales = np.maximum(np.abs(array).max(axis=1) / LARGEST, 1e-12).astype(np.float32)
            stored[name] = np.rint(array / scales[:, None]).astype(np.int8)
            stored[name + _SCALES] = scales
        save_file(stored, path, {"fingerprint": self.fingerprint, "encoder": self.encoder})

    def apply(self, encoder: Any) -> None:
        """Add the changes to a transformer that has the Chinese rows."""
        import torch  # noqa: PLC0415  (seconds of import)

        with torch.no_grad():
            for name, down in self.arrays.items():
                if name.endswith(".down"):
                    layer = name.removesuffix(".down")
                    number, _, place = layer.partition(".")
                    change = self.arrays[f"{layer}.up"] @ down
                    target = encoder.encoder.layer[int(number)].get_submodule(place)
                    target.weight += torch.from_numpy(change)
            table = encoder.get_input_embeddings().weight
            table[torch.from_numpy(self.tokens.astype(np.int64))] += torch.from_numpy(
                self.arrays["rows"]
            )


def _floats(stored: dict[str, NDArray[Any]], name: str) -> Matrix:
    array: Matrix = stored[name].astype(np.float32)
    scales = stored.get(name + _SCALES)
    return array if scales is None else array * scales[:, None]
