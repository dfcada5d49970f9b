"""Training: only when the inputs changed; a model is named by the fingerprint of what made it, tried before it is used, and
can be taken back.

The vectors of the phrasings are made by the encoder of our process and handed to Rasa's in a file.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import structlog
import yaml
from numpy.typing import NDArray

from core import chinese_rows
from core.errors import SetupError
from core.languages import LANGUAGES, Language
from core.settings import ROOT, Settings
from nlu.components import vector_file

Encode = Callable[[Sequence[str]], NDArray[np.float32]]  # a row of unit length for each text
Checks = Callable[
    [Path], Sequence[str]
]  # what goes wrong with a model; nothing when it may be used

PROJECT = ROOT / "nlu"
TRAINING_LIMIT_S = 1800
MAX_STORED_MODELS = 3
MAX_NAMED = 3  # failures that a refusal names
SHIPPED = PROJECT / "runtime" / "shipped"  # the model that comes with the sources
REGISTER = "register.json"
SUFFIX = ".tar.gz"
log = structlog.get_logger(__name__)
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "MALLOC_ARENA_MAX": "2",  # each thread of its own would keep what it once needed
}


def input_files() -> list[Path]:
    """Everything of the sources that a model depends on; of the bundled encoder, what makes its vectors."""
    data = sorted((PROJECT / "data").glob("*.yml"))
    components = sorted((PROJECT / "components").glob("*.py"))
    encoder = [Path(chinese_rows.__file__), chinese_rows.ROWS]
    lock = PROJECT / "runtime" / "requirements.lock"
    return [ROOT / "config.yml", PROJECT / "domain.yml", *data, *components, *encoder, lock]


def fingerprint(settings: Settings) -> str:
    """A name for the model that today's inputs and the configured encoder make."""
    digest = hashlib.sha256(settings.encoder_model.encode() + b"\0")
    for path in input_files():
        digest.update(
            path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:16]


def model_path(settings: Settings) -> Path:
    """Where today's model is, or will be."""
    return _folder(settings) / f"{fingerprint(settings)}{SUFFIX}"


def rasa_environment() -> dict[str, str]:
    """The environment Rasa runs in: ours to find the components, and quiet."""
    inherited = {
        k: v
        for k, v in os.environ.items()
        if k in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
    }
    return {**inherited, **QUIET, "PYTHONPATH": str(ROOT)}


def require_runtime(settings: Settings) -> None:
    """SetupError when Rasa's environment is not there."""
    if not settings.rasa_python.exists():
        raise SetupError(
            f"Rasa's environment is missing at {settings.rasa_python}: run `make environments`."
        )


def train(settings: Settings, encode: Encode, checks: Checks, *, again: bool = False) -> Path:
    """The model to run: today's, which is the shipped one or is trained and tried if it is not there yet.

    A model with which something goes wrong in `checks` is set aside and named in the register; the former one stays in use.
    So does one that was rolled back, until the inputs change or it is asked for `again`. The shipped model was tried when it
    was shipped.

    Args:
        settings: Where models lie, and with what they are made.
        encode: The encoder of our process, which also makes the vectors of what customers write.
        checks: Tries a model, by its path.
        again: Also a model that was refused or rolled back.

    Raises:
        SetupError: There is no model to run.
    """
    register, target = Register.read(settings), model_path(settings)
    made_from = fingerprint(settings)
    if again:
        register.refused.pop(made_from, None)
    if register.active == target.name and target.exists():
        return target
    if made_from in register.refused:
        return _former(settings, register, register.refused[made_from])
    if not target.exists():
        _obtain(settings, target, encode)
    if not _was_shipped(target) and (failures := list(checks(target))):
        reason = f"{len(failures)} of its checks failed: {'; '.join(failures[:MAX_NAMED])}."
        register.refuse(made_from, reason)
        register.write(settings)
        return _former(settings, register, reason)
    register.activate(target.name)
    register.write(settings)
    _forget_old(target.parent, register)
    return target


def is_current(settings: Settings) -> bool:
    """Whether today's model is the one in use."""
    target = model_path(settings)
    return target.exists() and Register.read(settings).active == target.name


def is_shipped(settings: Settings) -> bool:
    """Whether the model of today's inputs came with the sources."""
    return (SHIPPED / model_path(settings).name).exists()


def ship(settings: Settings) -> Path:
    """Put the model in use among the sources, in the place of the one that was there.

    Raises:
        SetupError: Today's model is not in use, so it was not tried.
    """
    if not is_current(settings):
        raise SetupError("Today's model is not in use: run `assistant train --again` first.")
    SHIPPED.mkdir(exist_ok=True)
    for former in SHIPPED.glob(f"*{SUFFIX}"):
        former.unlink()
    return Path(shutil.copyfile(model_path(settings), SHIPPED / model_path(settings).name))


def roll_back(settings: Settings) -> Path:
    """Go back to the model that was in use before; SetupError when there is none."""
    register = Register.read(settings)
    former = _folder(settings) / (register.former or "")
    if register.former is None or not former.exists():
        raise SetupError("There is no earlier model to go back to.")
    register.refuse(register.active.removesuffix(SUFFIX), "rolled back")
    register.active, register.former = register.former, None
    register.write(settings)
    return former


@dataclass
class Register:
    """Which model is in use, which was before, and which are not to be used and why; a file beside the models."""

    active: str = ""
    former: str | None = None
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, settings: Settings) -> Register:
        """The register as it was last written; an empty one at first."""
        path = _folder(settings) / REGISTER
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    def write(self, settings: Settings) -> None:
        """Write it whole or not at all."""
        path = _folder(settings) / REGISTER
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        new.replace(path)

    def activate(self, name: str) -> None:
        """Use this model from now on."""
        self.former, self.active = self.active or None, name
        self.refused.pop(name.removesuffix(SUFFIX), None)

    def refuse(self, made_from: str, reason: str) -> None:
        """Do not use the model of this fingerprint."""
        self.refused = {**self.refused, made_from: reason}


def _former(settings: Settings, register: Register, reason: str) -> Path:
    """The model in use, since today's is refused."""
    path = _folder(settings) / register.active
    if not register.active or not path.exists():
        raise SetupError(f"The trained model is not used: {reason}")
    log.warning("model.refused", reason=reason, in_use=register.active)
    return path


def _obtain(settings: Settings, target: Path, encode: Encode) -> None:
    """Copy the shipped model, or train one where the inputs are no longer those that were shipped."""
    if not is_shipped(settings):
        _make(settings, target, encode)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_suffix(".new")
    shutil.copyfile(SHIPPED / target.name, new)
    new.replace(target)


def _was_shipped(target: Path) -> bool:
    shipped = SHIPPED / target.name
    return shipped.exists() and filecmp.cmp(shipped, target, shallow=False)


def _make(settings: Settings, target: Path, encode: Encode) -> None:
    require_runtime(settings)
    folder = _folder(settings) / ".training"
    folder.mkdir(parents=True, exist_ok=True)
    texts = training_texts()
    vector_file.write_vectors(folder / vector_file.NAME, texts, encode(texts))
    command = [
        str(settings.rasa_python),
        "-m",
        "nlu.runtime.train",
        str(ROOT / "config.yml"),
        str(PROJECT / "data"),
        str(folder),
        target.name.removesuffix(SUFFIX),
        str(PROJECT / "domain.yml"),
    ]
    code = _run(settings, command, folder)
    made = folder / target.name
    if code != 0 or not made.exists():
        raise SetupError(
            f"Rasa could not be trained; {settings.var_dir / 'log' / 'training.log'} says why."
        )
    made.replace(target)


def _run(settings: Settings, command: list[str], folder: Path) -> int:
    """Run a command of Rasa's environment with its output in a log; its exit code."""
    path = settings.var_dir / "log" / "training.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as output:
        ended = subprocess.run(  # noqa: S603  (our own command line)
            command,
            cwd=folder,
            env=rasa_environment(),
            stdout=output,
            stderr=output,
            timeout=TRAINING_LIMIT_S,
            check=False,
        )
    return ended.returncode


def _folder(settings: Settings) -> Path:
    return settings.var_dir / "models"


def phrasings(intent: str) -> tuple[tuple[Language, str], ...]:
    """(language, phrasing) of an intent's training data."""
    return _phrasings(FIRST).get(intent, ())


def training_texts() -> list[str]:
    """Every phrasing once, in the order of code points."""
    return sorted({text for examples in _phrasings(FIRST, MORE).values() for _, text in examples})


@dataclass(frozen=True)
class Phrasing:
    """A phrasing of the training data."""

    intent: str
    language: Language
    text: str


@cache
def training_phrasings() -> tuple[Phrasing, ...]:
    """All phrasings of the training data, by intent."""
    return tuple(
        Phrasing(intent, language, text)
        for intent, examples in _phrasings(FIRST, MORE).items()
        for language, text in examples
    )


# The files of phrasings by language; tickets are routed by what the first ones say alone.
FIRST, MORE = "nlu", "more"


@cache
def _phrasings(*files: str) -> dict[str, tuple[tuple[Language, str], ...]]:
    by_intent: dict[str, tuple[tuple[Language, str], ...]] = {}
    for name, language in product(files, LANGUAGES):
        path = PROJECT / "data" / f"{name}_{language}.yml"
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = entry["examples"].splitlines()
            by_intent[entry["intent"]] = by_intent.get(entry["intent"], ()) + tuple(
                (language, line.removeprefix("- ").strip()) for line in lines
            )
    return by_intent


def _forget_old(folder: Path, register: Register) -> None:
    models = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    for old in models[:-MAX_STORED_MODELS]:
        if old.name not in (register.active, register.former):
            old.unlink()
