"Training: only when the inputs changed; a model is named by the fingerprint of what made it."

from __future__ import annotations

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

import yaml

from core import chinese_rows
from core.errors import SetupError
from core.settings import ROOT, Settings

PROJECT = ROOT / "nlu"
TRAINING_LIMIT_S = 1800
KEPT_MODELS = 3
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
    "SANIC_WORKERS": "1", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1",
}  # fmt: skip


def input_files() -> list[Path]:
    "Everything that a model depends on."
    data = sorted((PROJECT / "data").glob("*.yml"))
    components = sorted((PROJECT / "components").glob("*.py"))
    encoder = [Path(chinese_rows.__file__), chinese_rows.ROWS]
    lock = PROJECT / "runtime" / "requirements.lock"
    return [ROOT / "config.yml", PROJECT / "domain.yml", *data, *components, *encoder, lock]


def fingerprint() -> str:
    "A name for the model that today's inputs make."
    digest = hashlib.sha256()
    for path in input_files():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def model_path(settings: Settings) -> Path:
    "Where today's model is, or will be."
    return settings.var_dir / "models" / f"{fingerprint()}.tar.gz"


def rasa_environment() -> dict[str, str]:
    "The environment Rasa runs in: ours to find the components, and quiet."
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")}
    return {**kept, **QUIET, "PYTHONPATH": str(ROOT)}


def require_runtime(settings: Settings) -> None:
    "SetupError when Rasa's environment is not there."
    if not settings.rasa_python.exists():
        raise SetupError(f"Rasa's environment is missing at {settings.rasa_python}: run `make environments`.")


def train(settings: Settings) -> Path:
    "Today's model, trained if it is not there yet. A failed training leaves the former models untouched."
    target = model_path(settings)
    if target.exists():
        return target
    require_runtime(settings)
    folder = settings.var_dir / "models" / ".training"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(settings.rasa_python), "-m", "rasa", "train", "--config", str(ROOT / "config.yml"),
        "--domain", str(PROJECT / "domain.yml"), "--data", str(PROJECT / "data"), "--out", str(folder),
        "--fixed-model-name", target.name.removesuffix(".tar.gz"),
    ]  # fmt: skip
    log = settings.var_dir / "log" / "training.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(  # noqa: S603  (our own command line)
            command, cwd=settings.var_dir, env=rasa_environment(), stdout=output, stderr=output,
            timeout=TRAINING_LIMIT_S, check=False,
        )  # fmt: skip
    made = folder / target.name
    if ended.returncode != 0 or not made.exists():
        raise SetupError(f"Rasa could not be trained; {log} says why.")
    made.replace(target)
    _forget_old(target.parent)
    return target


def latest_model(settings: Settings) -> Path | None:
    "Today's model, else the newest one there is."
    if model_path(settings).exists():
        return model_path(settings)
    models = sorted((settings.var_dir / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


@cache
def phrasings(intent: str) -> tuple[tuple[str, str], ...]:
    "(language, phrasing) of an intent's training data."
    found = []
    for language in ("en", "zh"):
        data = yaml.safe_load((PROJECT / "data" / f"nlu_{language}.yml").read_text(encoding="utf-8"))
        for entry in data["nlu"]:
            if entry.get("intent") == intent:
                found += [(language, line.removeprefix("- ").strip()) for line in entry["examples"].splitlines()]
    return tuple(found)


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-KEPT_MODELS]:
        old.unlink()
