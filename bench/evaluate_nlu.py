"""`make evaluate-nlu`: does the pipeline of config.yml understand, on public data and on messages written for it.

Every model is trained through Rasa. The development data are read from DATA_DIR; the own messages in
bench/data/intents.yml were written apart from the training phrasings. Writes its tables into docs/measurements.md.
One part alone: `python -m bench.evaluate_nlu own` (or entities, banking77, clinc150).
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import yaml
from rich.console import Console

from assistant.rasa_model import prepare_model
from bench.knowledge import OWN, read_rows
from bench.report import table, write_section
from core.languages import LANGUAGES, Language
from core.settings import ROOT, Settings
from knowledge_base.encoder import Encoder, Vector
from nlu.components import vector_file
from nlu.training import rasa_environment
from nlu.values import with_values

FOLDS = 5
FEW = 10  # rows a topic of the small training set
FEW_MEASURED = 2_000
SPLIT_SEED = 5
IN_SCOPE_RECALL = 0.95
OUT_OF_SCOPE = "oos"
LIMIT_S = 3_600
PRESENT = datetime(2026, 11, 25, 10, tzinfo=UTC)  # of the marked messages
console = Console()
_encoder = Encoder()
_vectors: dict[str, Vector] = {}  # of every text so far: the folds share theirs


@dataclass(frozen=True)
class Labelled:
    """A text and the intent it should be given."""

    text: str
    intent: str


@dataclass(frozen=True)
class Understood:
    """The likeliest intent of a text, its confidence, and how long the parse took."""

    intent: str
    confidence: float
    ms: float
    entities: list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """A model that was trained and what it understood."""

    training_s: float
    parses: list[Understood]


def main(wanted: Sequence[str]) -> None:
    """Measure the wanted parts, by default all; each is printed and written when it is done."""
    parts: dict[str, Callable[[], str]] = {
        "own": own_messages,
        "entities": entities,
        "banking77": banking,
        "clinc150": clinc,
    }
    for name in wanted or parts:
        text = parts[name]()
        console.print(text, markup=False)
        write_section(f"nlu-{name}", text)


def own_messages() -> str:
    """The product's own model on messages of each language."""
    model = prepare_model(Settings(), _encoder)
    data = yaml.safe_load((OWN / "intents.yml").read_text(encoding="utf-8"))
    rows, wrong = [], []
    for language in LANGUAGES:
        asked = [
            Labelled(text, intent) for intent, texts in data[language].items() for text in texts
        ]
        run = through_rasa([], [question.text for question in asked], model)
        rows.append(
            (language, len(asked), share_right(asked, run.parses), f"{median_ms(run.parses):.1f}")
        )
        wrong += confusions(language, asked, run.parses)
    return (
        table(("language", "n", "right", "parse p50 ms"), rows)
        + "\n\nTaken for another: "
        + "; ".join(wrong)
        + "."
    )


MARKED = re.compile(r"\[([^\]]+)\]\((\w+)(?:=([^)]*))?\)")
Place = tuple[str, int, int]  # kind, start, end


def entities() -> str:
    """Entities of marked messages: kind, place and value must be right for a hit."""
    model = prepare_model(Settings(), _encoder)
    data = yaml.safe_load((OWN / "entities.yml").read_text(encoding="utf-8"))
    rows = []
    for part, by_language in data.items():
        for language, marked in by_language.items():
            wanted = [unmarked(text) for text in marked]
            run = through_rasa([], [text for text, _ in wanted], model)
            rows.append(
                (
                    part,
                    language,
                    len(marked),
                    sum(len(places) for _, places in wanted),
                    *f_scores(wanted, run.parses),
                )
            )
    return table(
        ("set", "language", "messages", "entities", "F1", "F1, kind and place alone"), rows
    )


def unmarked(marked: str) -> tuple[str, dict[Place, str | None]]:
    """The text and its entities with their values."""
    text, places, at = "", {}, 0
    for found in MARKED.finditer(marked):
        text += marked[at : found.start()]
        places[found[2], len(text), len(text) + len(found[1])] = found[3]
        text += found[1]
        at = found.end()
    return text + marked[at:], places


def f_scores(
    wanted: Sequence[tuple[str, dict[Place, str | None]]], parses: Sequence[Understood]
) -> tuple[str, str]:
    """F1 with values, and of kinds and places alone."""
    right = placed = found_count = wanted_count = 0
    for (text, places), parse in zip(wanted, parses, strict=True):
        found = {
            (e["entity"], e["start"], e["end"]): written(e["value"])
            for e in with_values(parse.entities, text, PRESENT)
        }
        both = found.keys() & places.keys()
        placed += len(both)
        right += sum(places[place] in (None, found[place]) for place in both)
        found_count, wanted_count = found_count + len(found), wanted_count + len(places)
    total = found_count + wanted_count
    return f"{2 * right / total:.3f}", f"{2 * placed / total:.3f}"


def written(value: Any) -> str:
    """A value as the marks write it."""
    return (
        f"{value['amount']} {value['currency'] or '?'}" if isinstance(value, dict) else str(value)
    )


def banking() -> str:
    """Five folds, and ten rows a topic."""
    rows = labelled("banking77", "train", "category")
    right = [fold_right(rows, fold) for fold in range(FOLDS)]
    few, rest = few_a_topic(rows)
    run = through_rasa(few, [row.text for row in rest])
    return table(
        ("training", "n", "right", "training s"),
        [
            (f"fold {number + 1} of {FOLDS}", n, f"{share:.1%}", f"{seconds:.0f}")
            for number, (n, share, seconds) in enumerate(right)
        ]
        + [
            (
                "mean",
                sum(n for n, _, _ in right),
                f"{np.mean([share for _, share, _ in right]):.1%}",
                "",
            ),
            (
                f"{FEW} rows a topic",
                len(rest),
                share_right(rest, run.parses),
                f"{run.training_s:.0f}",
            ),
        ],
    )


def fold_right(rows: Sequence[Labelled], fold: int) -> tuple[int, float, float]:
    """Measured rows of a fold, the share that is right, and the seconds of training."""
    order = list(range(len(rows)))
    Random(SPLIT_SEED).shuffle(order)
    held = set(order[fold::FOLDS])
    measured = [rows[i] for i in sorted(held)]
    run = through_rasa(
        [row for i, row in enumerate(rows) if i not in held], [row.text for row in measured]
    )
    return len(measured), right(measured, run.parses), run.training_s


def few_a_topic(rows: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """A small training set and rows to measure."""
    shuffled = list(rows)
    Random(SPLIT_SEED).shuffle(shuffled)
    taken: Counter[str] = Counter()
    few: list[Labelled] = []
    rest: list[Labelled] = []
    for row in shuffled:
        (few if taken[row.intent] < FEW else rest).append(row)
        taken[row.intent] += 1
    return few, rest[:FEW_MEASURED]


def clinc() -> str:
    """In scope, and what is rejected where in-scope recall is kept."""
    training = [
        row for row in labelled("clinc150", "train", "intent") if row.intent != OUT_OF_SCOPE
    ]
    measured = labelled("clinc150", "validation", "intent")
    run = through_rasa(training, [row.text for row in measured])
    known = [
        (row, parse)
        for row, parse in zip(measured, run.parses, strict=True)
        if row.intent != OUT_OF_SCOPE
    ]
    strange = [
        parse.confidence
        for row, parse in zip(measured, run.parses, strict=True)
        if row.intent == OUT_OF_SCOPE
    ]
    threshold = float(np.quantile([parse.confidence for _, parse in known], 1 - IN_SCOPE_RECALL))
    rejected = float(np.mean([confidence < threshold for confidence in strange]))
    share = right([row for row, _ in known], [parse for _, parse in known])
    return (
        f"{len(known):,} rows in scope: {share:.1%} right. At the confidence that keeps {IN_SCOPE_RECALL:.0%} of them "
        f"({threshold:.2f}), {rejected:.1%} of {len(strange)} out-of-scope rows are rejected. "
        f"Training took {run.training_s:.0f} s."
    )


def through_rasa(
    training: Iterable[Labelled], texts: Sequence[str], model: Path | None = None
) -> Run:
    """Train on the rows (or take a model), parse the texts, both in Rasa's environment."""
    rows = [Labelled(" ".join(row.text.split()), row.intent) for row in training]
    with tempfile.TemporaryDirectory(prefix="nlu-") as name:
        folder = Path(name)
        (folder / "data.yml").write_text(as_training_data(rows), encoding="utf-8")
        if rows:
            write_with_vectors(folder / vector_file.NAME, [row.text for row in rows])
        write_with_vectors(folder / "texts.npz", texts)
        command = [
            str(Settings().rasa_python),
            "-m",
            "bench.parse_all",
            str(ROOT / "config.yml"),
            "data.yml",
            "texts.npz",
            "answers.json",
            *([str(model.resolve())] if model else []),
        ]
        subprocess.run(
            command,
            cwd=folder,
            env=rasa_environment(),
            check=True,
            timeout=LIMIT_S,
            capture_output=True,
        )
        answers: dict[str, Any] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    by_text = dict(zip(dict.fromkeys(texts), answers["parses"], strict=True))
    return Run(answers["training_s"], [_understood(by_text[text]) for text in texts])


def write_with_vectors(path: Path, texts: Sequence[str]) -> None:
    """Each text once, with its vector by the product's encoder."""
    distinct = list(dict.fromkeys(texts))
    new = [text for text in distinct if text not in _vectors]
    with _encoder.every_core():
        _vectors.update(zip(new, asyncio.run(_encoder.encode_all(new)), strict=True))
    vector_file.write_vectors(path, distinct, [_vectors[text] for text in distinct])


def _understood(parse: dict[str, Any]) -> Understood:
    """The first of the ranking, whatever the pipeline does with doubtful ones."""
    first: dict[str, Any] = next(iter(parse["ranking"]), {"name": "", "confidence": 0.0})
    return Understood(
        str(first["name"]), float(first["confidence"]), float(parse["ms"]), parse["entities"]
    )


def as_training_data(rows: Iterable[Labelled]) -> str:
    """Rows as Rasa's NLU data; their texts have no line breaks."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_intent[row.intent].append(row.text)
    listed = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
        for intent, texts in by_intent.items()
    ]
    return str(yaml.safe_dump({"version": "3.1", "nlu": listed}, allow_unicode=True))


def labelled(folder: str, part: str, column: str) -> list[Labelled]:
    """Rows of a development data set, by the column that labels them."""
    return [Labelled(row["text"], row[column].replace("/", "_")) for row in read_rows(folder, part)]


def right(asked: Sequence[Labelled], parses: Sequence[Understood]) -> float:
    """Share of texts that were given their intent."""
    return float(
        np.mean([row.intent == parse.intent for row, parse in zip(asked, parses, strict=True)])
    )


def share_right(asked: Sequence[Labelled], parses: Sequence[Understood]) -> str:
    """The same as text."""
    return f"{right(asked, parses):.1%}"


def median_ms(parses: Sequence[Understood]) -> float:
    """Median milliseconds of a parse."""
    return float(np.median([parse.ms for parse in parses]))


def confusions(
    language: Language, asked: Sequence[Labelled], parses: Sequence[Understood]
) -> list[str]:
    """Which intents were taken for which, with counts."""
    missed = Counter(
        (row.intent, parse.intent)
        for row, parse in zip(asked, parses, strict=True)
        if row.intent != parse.intent
    )
    return [
        f"{language} {one} for {other} ({count})" for (one, other), count in missed.most_common()
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
