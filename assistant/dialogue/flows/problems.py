"""What is wrong with a flow, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.languages import Language
from core.localized_text import LocalizedText, translate

MAX_PROBLEMS = 50  # of one check that are reported


@dataclass(frozen=True)
class FlowProblem:
    """Something that is wrong; `path` is the place in the flow (`steps.2.collect`), `line` the one in the file, from 1."""

    file: str
    line: int
    path: str
    text: LocalizedText

    def worded(self, language: Language = "en") -> str:
        """As a compiler says it: file, line, place, what is wrong and the remedy."""
        place = f" {self.path}:" if self.path else ""
        return f"{self.file}:{self.line}:{place} {translate(self.text, language)}"


class FlowsInvalid(Invalid):
    """Flows that cannot be used, with every problem."""

    def __init__(self, problems: Sequence[FlowProblem]) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        named = [(problem.path or problem.file, problem.text) for problem in self.problems]
        super().__init__("flow.invalid", errors=named)

    def __str__(self) -> str:
        return "\n".join(problem.worded() for problem in self.problems)
