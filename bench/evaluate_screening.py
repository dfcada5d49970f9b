"""`make evaluate-screening`: are names told apart, and is a name found among a million in time.

Parts, each alone by `python -m bench.evaluate_screening PART`:
- `pairs`: the development pairs of OpenSanctions' bench (DATA_DIR), by which the weights were chosen, and Chinese pairs.
- `million`: a name against a million listed people; candidates against the exhaustive scan; customers against new entries.
"""

from __future__ import annotations

import csv
import resource
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from rich.console import Console

from actions.compliance.rescreening import resembling
from actions.compliance.screening import Entry, ListedNames
from actions.name_matching.comparison import MATCH, EntityType, compare
from bench.knowledge import DATA_DIR
from bench.listed_names import Names, Person
from bench.report import table, write_section
from core.settings import ROOT

ENTRIES, ASKED = 1_000_000, 300
SCANNED, SCANS = 20_000, 50  # entries and names of the exhaustive scan
CUSTOMERS, NEW_ENTRIES, SAMPLED = 100_000, 10_000, 3
console = Console()
Pair = tuple[EntityType, str, str, bool, str]


def dev_pairs() -> list[Pair]:
    """The development pairs with their quality."""
    path = DATA_DIR / "name_pairs" / "dev.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                "person" if row["schema"] == "Person" else "organisation",
                row["name1"],
                row["name2"],
                row["is_match"] == "true",
                row["quality"],
            )
            for row in csv.DictReader(file)
        ]


def chinese_pairs() -> list[Pair]:
    """Our own Chinese pairs."""
    lines = (ROOT / "bench" / "data" / "name_pairs_zh.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line]
    return [(kind, name, other, same == "yes", "") for kind, name, other, same in rows]  # type: ignore[misc]  # ours


def pairs() -> str:
    """The first part."""
    rows = []
    for name, found in (("development pairs", dev_pairs()), ("Chinese pairs", chinese_pairs())):
        told = [
            (compare(a, b, kind).score >= MATCH, same, quality)
            for kind, a, b, same, quality in found
        ]
        hits = sum(match and same for match, same, _ in told)
        precision = hits / max(1, sum(match for match, _, _ in told))
        recall = hits / sum(same for _, same, _ in told)
        strong = [match for match, same, quality in told if same and quality == "STRONG"]
        shown = f"{sum(strong)} of {len(strong)}" if strong else ""
        f1 = 2 * precision * recall / (precision + recall)
        rows.append([name, str(len(told)), f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", shown])
    return table(
        ["Pairs", "n", "precision", "recall", "F1 (goal 0.90)", "STRONG found (goal 0.99)"], rows
    )


def listed(people: Sequence[Person]) -> ListedNames:
    """People as entries of a list."""
    entries = [
        Entry(UUID(int=n), "list", "person", (p.name, *p.aliases), (), (), "")
        for n, p in enumerate(people)
    ]
    return ListedNames(entries, "person")


def million() -> str:
    """The second part."""
    names = Names(7)
    began = time.perf_counter()
    people = [names.person() for _ in range(ENTRIES)]
    index = listed(people)
    console.print(f"{ENTRIES:,} entries after {time.perf_counter() - began:.0f} s")
    asked = [names.asked(person) for person in names.random.sample(people, ASKED)]
    times = []
    for name in asked:
        began = time.perf_counter()
        index.matches(name, (), (), 10)
        times.append((time.perf_counter() - began) * 1000)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    count = sum(1 + len(person.aliases) for person in people)
    took = "p50 {:.1f} ms, p95 {:.1f} ms".format(*np.quantile(times, [0.5, 0.95]))
    beside = (
        f"goal p95 50 ms; the process takes {memory:.1f} GB at most, with all that made the names"
    )
    rows = [[f"one name against {ENTRIES:,} entries, {count:,} names", took, beside]]
    console.print(rows[0])
    del people, index
    rows.append(["candidates against the exhaustive scan", *_against_scan(Names(13))])
    console.print(rows[1])
    rows.append(["100,000 customers against 10,000 new entries", *_rescreened(Names(11))])
    return table(["What", "found", "beside"], rows)


def _against_scan(names: Names) -> tuple[str, str]:
    """Of the entries that the exhaustive scan finds to match, the share that the candidates find as well."""
    people = [names.person() for _ in range(SCANNED)]
    index, found, expected = listed(people), 0, 0
    for person in names.random.sample(people, SCANS):
        name = names.asked(person)
        right = {n for n, other in enumerate(people) if _scanned(name, other)}
        mine = {match.entry_id.int for match in index.matches(name, (), (), SCANNED)}
        expected += len(right)
        found += len(right & mine)
    return (
        f"{found} of {expected} matches, {found / expected:.2%}",
        f"goal 99.5 %; {SCANS} names, {SCANNED:,} entries",
    )


def _scanned(name: str, other: Person) -> bool:
    return any(
        compare(name, listed_as, "person").match for listed_as in (other.name, *other.aliases)
    )


def _rescreened(names: Names) -> tuple[str, str]:
    people = [names.person() for _ in range(CUSTOMERS)]
    fresh = [
        Entry(UUID(int=n), "list", "person", (p.name, *p.aliases), (), (), "")
        for n, p in enumerate(names.person() for _ in range(NEW_ENTRIES))
    ]
    began = time.perf_counter()
    customers = listed(people)
    resembling(customers, fresh)
    took = time.perf_counter() - began
    began = time.perf_counter()
    for entry in fresh[:SAMPLED]:
        for person in people:
            for name in entry.names:
                _scanned(name, person)
    whole = (time.perf_counter() - began) * NEW_ENTRIES / SAMPLED
    return (
        f"{took:.0f} s with the index, {whole / 3600:.0f} h by the scan",
        f"{whole / took:.0f} times faster (goal 20)",
    )


def main() -> None:
    """Measure and write the tables."""
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    for name, measure in (("pairs", pairs), ("million", million)):
        if part in ("all", name):
            told = measure()
            console.print(told, markup=False)
            write_section(f"screening-{name}", told)


if __name__ == "__main__":
    main()
