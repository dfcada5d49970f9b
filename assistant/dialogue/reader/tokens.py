"""What training knows of the encoder's tokens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """Numbers that training needs of the tokeniser."""

    first: int
    last: int
    mask: int
    punctuation: frozenset[int]
    connectives: dict[str, tuple[tuple[int, ...], ...]]
    characters: dict[int, tuple[int, ...]]
    learnable: tuple[int, ...]
