"""A cross-encoder that reads question and passage together and puts the first articles in order. Configured by folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import SetupError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker:
    """A sentence-transformers cross-encoder with one output; SetupError when the folder is not a model."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").exists():
            raise SetupError(
                f"The reranker model {folder} is missing: set RERANKER_MODEL to a model's folder."
            )
        self._folder = folder
        self._worker = ThreadPoolExecutor(1, "reranker")

    async def order(self, question: str, passages: Sequence[str]) -> list[int]:
        """Positions of the passages, the best answer first."""
        if not passages:
            return []
        return await asyncio.get_running_loop().run_in_executor(
            self._worker, self._order, question, passages
        )

    def _order(self, question: str, passages: Sequence[str]) -> list[int]:
        scores = self._model.predict(
            [(question, passage) for passage in passages], show_progress_bar=False
        )
        order: list[int] = np.argsort(-np.asarray(scores), kind="stable").tolist()
        return order

    @cached_property
    def _model(self) -> CrossEncoder:
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
        from sentence_transformers import CrossEncoder  # noqa: PLC0415  (seconds of import)

        return CrossEncoder(str(self._folder), device="cpu")
