"""The reader's examples: messages that were written for it, clause by clause with intent and stance.

One message a line, `intent/stance: text`, several clauses joined by ` || `. Lines that begin with `#` are remarks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.dialogue.reader.labels import INTENTS, STANCES
from core.errors import SetupError
from core.languages import Language

DATA = Path(__file__).parent / "data"
SEPARATOR = "||"


@dataclass(frozen=True)
class LabelledClause:
    """A clause with the intent and the stance that a person gave it."""

    text: str
    intent: str
    stance: str


@dataclass(frozen=True)
class LabelledMessage:
    """A message and its clauses in order."""

    language: Language
    clauses: tuple[LabelledClause, ...]

    @property
    def text(self) -> str:
        """As a customer types it."""
        return (" " if self.language == "en" else "").join(clause.text for clause in self.clauses)


def training_messages(folder: Path = DATA, files: str = "a-z") -> list[LabelledMessage]:
    """All messages of the files `en_*.txt` and `zh_*.txt`, or of those whose names end with one of `files`, each once.

    SetupError names the line that cannot be read.
    """
    messages: dict[LabelledMessage, None] = {}
    for path in sorted(folder.glob(f"*_[{files}].txt")):
        messages.update(dict.fromkeys(read_messages(path)))
    return list(messages)


def read_messages(path: Path) -> Iterator[LabelledMessage]:
    """The messages of one file, whose name begins with the language."""
    language: Language = "zh" if "zh" in path.stem.split("_") else "en"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            clauses = tuple(
                _clause(part, f"{path.name}:{number}") for part in line.split(SEPARATOR)
            )
            yield LabelledMessage(language, clauses)


def fingerprint_of(messages: Iterable[LabelledMessage]) -> str:
    """A name for these examples: weights that others taught do not go with them."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(repr(message).encode())
    return digest.hexdigest()[:16]


def _clause(part: str, place: str) -> LabelledClause:
    label, colon, text = part.strip().partition(":")
    intent, _, stance = label.strip().partition("/")
    if not colon or not text.strip() or intent not in INTENTS or stance not in STANCES:
        raise SetupError(f"{place}: write `intent/stance: text`, not {part.strip()[:80]!r}.")
    return LabelledClause(text.strip(), intent, stance)
