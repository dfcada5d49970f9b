"""`make evaluate-routing`: are kind and queue right, with the product's rules and classifier, on texts that are new to them.

The texts in bench/data/routing, half Chinese, were written after the rules, and neither rules nor examples nor weights were
changed for them. Writes its table into docs/measurements.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from actions.tickets.routing.classifier import shipped
from actions.tickets.routing.reader import reader
from actions.tickets.routing.rules import Facts, Routing, route
from actions.tickets.ticket_config.contents import RoutingContent
from actions.tickets.ticket_config.service import default_entries
from bench.report import table, write_section
from core.settings import ROOT

FOLDER = ROOT / "bench" / "data" / "routing"
GOALS = {"kind": 0.93, "queue": 0.90, "fraud recall": 0.99, "complaint recall": 0.97}
console = Console()


@dataclass(frozen=True)
class Case:
    """A text with what is right for it."""

    text: str
    kind: str
    queue: str


def read_cases(language: str) -> list[Case]:
    """Texts of a language: kind, queue and text apart by tabs."""
    lines = (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line]
    return [Case(text, kind, queue) for kind, queue, text in rows]


def routed(cases: Sequence[Case]) -> list[Routing]:
    """Where the product sends them."""
    rules = RoutingContent.model_validate(default_entries()["routing"]["routing"]).rules
    texts = [case.text for case in cases]
    guesses = shipped().guesses(texts, reader().read_now(texts))
    return [
        route(Facts(case.text), rules, guess=guess)
        for case, guess in zip(cases, guesses, strict=True)
    ]


def shares(cases: Sequence[Case], found: Sequence[Routing]) -> dict[str, float]:
    """Accuracy of kind and queue, recall of frauds and complaints."""
    pairs = list(zip(cases, found, strict=True))

    def recall(kind: str) -> float:
        mine = [routing.kind == kind for case, routing in pairs if case.kind == kind]
        return sum(mine) / len(mine)

    return {
        "kind": sum(c.kind == r.kind for c, r in pairs) / len(pairs),
        "queue": sum(c.queue == r.queue for c, r in pairs) / len(pairs),
        "fraud recall": recall("fraud_report"),
        "complaint recall": recall("complaint"),
    }


def main() -> None:
    """Measure every set and write the table."""
    rows, both = [], []
    for language in ("en", "zh"):
        cases = read_cases(language)
        both += cases
        rows.append(_line(language, cases, shares(cases, routed(cases))))
    rows.append(_line("both", both, shares(both, routed(both))))
    rows.append(["goal", "", *(f"{goal:.0%}" for goal in GOALS.values())])
    text = table(["Language", "Texts", *GOALS], rows)
    console.print(text, markup=False)
    write_section("routing", text)


def _line(language: str, cases: Sequence[Case], found: dict[str, float]) -> list[str]:
    return [language, str(len(cases)), *(f"{found[what]:.1%}" for what in GOALS)]


if __name__ == "__main__":
    main()
