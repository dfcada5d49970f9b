"""`make evaluate-reader`: how clauses are read that the reader was not trained on, and which give evidence for acting at once.

Writes its table into docs/measurements.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from assistant.dialogue.reader.examples import LabelledClause, LabelledMessage, read_messages
from assistant.dialogue.reader.labels import ACTS
from assistant.dialogue.reader.model import Reader, ReaderReading, reader
from assistant.dialogue.reader.tokenisation import normalised
from assistant.dialogue.stance import THRESHOLDS, StanceDecision, decide
from bench.report import table, write_section
from core.languages import LANGUAGES, Language
from core.settings import ROOT

FOLDER = ROOT / "bench" / "data" / "reader"
NAMES: dict[Language, str] = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Row:
    """A labelled clause, what was read and what was decided."""

    clause: LabelledClause
    reading: ReaderReading
    decision: StanceDecision


def share(flags: Sequence[bool]) -> float:
    """Of all, those that are true."""
    return sum(flags) / len(flags)


def boundary_f1(messages: Sequence[LabelledMessage], product: Reader) -> float:
    """Of clause beginnings other than a message's first."""
    right = read = labelled = 0
    for message in messages:
        gap = 1 if message.language == "en" else 0
        at, starts = 0, set()
        for clause in message.clauses[:-1]:
            at += len(clause.text) + gap
            starts.add(at)
        found = set(product.boundaries(message.text))
        right, read = right + len(found & starts), read + len(found)
        labelled += len(starts)
    return 2 * right / (read + labelled)


def measured(language: Language, product: Reader) -> list[str]:
    """One row of the table."""
    messages = [normalised(message) for message in read_messages(FOLDER / f"{language}.txt")]
    clauses = [clause for message in messages for clause in message.clauses]
    started = time.process_time()
    readings = product.read([clause.text for clause in clauses])
    spent = (time.process_time() - started) / len(clauses)
    rows = [
        Row(clause, reading, decide(clause.text, language, reading))
        for clause, reading in zip(clauses, readings, strict=True)
    ]
    acts = [row for row in rows if row.clause.intent in ACTS]
    own = [row for row in acts if row.clause.stance == "asserted"]
    other = [row for row in acts if row.clause.stance != "asserted"]
    shares = (
        share([row.reading.intent == row.clause.intent for row in rows]),
        share([row.reading.stance == row.clause.stance for row in rows]),
        share([row.reading.stance == row.clause.stance for row in acts]),
        share([row.reading.stance == "asserted" for row in other]),
        share([row.decision.evidence for row in other]),
        share([row.decision.evidence for row in own]),
    )
    return [
        NAMES[language],
        str(len(clauses)),
        *(f"{100 * value:.1f}%" for value in shares),
        f"{100 * boundary_f1(messages, product):.0f}",
        f"{1000 * spent:.1f}",
        str(THRESHOLDS[language]),
    ]


def main() -> None:
    """Measure and write."""
    torch.set_num_threads(1)
    product = reader()
    product.read(["hello there"])
    heads = (
        "clauses,n,intent,stance,stance of acts,other acts read as asserted,other acts with evidence,"
        "asserted acts with evidence,boundary F1,ms a clause (processor),threshold"
    )
    text = table(heads.split(","), [measured(language, product) for language in LANGUAGES])
    print(text)
    write_section("reader", text)


if __name__ == "__main__":
    main()
