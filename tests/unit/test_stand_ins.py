"""What is replaced in Rasa: the pinned release's own modules have what stands for them, and are those that were read."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest

from core.settings import Settings
from deploy.setup.environments import FULL_RASA_LOCK, RASA_LOCK, releases_in
from nlu.runtime.stand_ins import CHANNELS, CLASSES, COMPONENTS, OF_CHANNEL, RASA, REPLACED

# Of the replaced modules, and of the private parts that nlu/runtime/understanding.py reads: sha256 of Rasa 3.6.21's files.
READ = (
    "rasa.engine.runner.dask",
    "rasa.engine.recipes.default_recipe",
    "rasa.graph_components.converters.nlu_message_converter",
    "rasa.nlu.classifiers.regex_message_handler",
)
DIGESTS = {
    "rasa.core.policies.rule_policy": "952d1a13906511ac",
    "rasa.core.policies.ted_policy": "fcb8b8dcd4be8825",
    "rasa.nlu.classifiers.diet_classifier": "ca5e35c7a0305dc8",
    "rasa.nlu.extractors.crf_entity_extractor": "92dc7be7303878fd",
    "rasa.nlu.selectors.response_selector": "590eaebc09468902",
    "rasa.utils.tensorflow.callback": "745cf6fe393d9fcb",
    "rasa.utils.tensorflow.data_generator": "9d766a17c1ef507e",
    "rasa.engine.recipes.default_components": "b58a9dc0d456472a",
    "rasa.core.channels": "33637c7f3972a4b5",
    "rasa.engine.runner.dask": "fc92eebf60a37336",
    "rasa.engine.recipes.default_recipe": "581988d350df5d83",
    "rasa.graph_components.converters.nlu_message_converter": "1888f1e2d1bc1745",
    "rasa.nlu.classifiers.regex_message_handler": "afa67eb8526fa856",
}


def source_of(module: str) -> Path:
    """The file of a module of Rasa, which is never imported here."""
    (packages,) = (Settings().rasa_python.parents[1] / "lib").glob("python3*/site-packages")
    path = packages / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def defined_in(module: str) -> set[str]:
    """The names that a module defines or imports at its top."""
    names: set[str] = set()
    for node in ast.parse(source_of(module).read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
    return names


def test_rasa_is_pinned() -> None:
    assert {dict(releases_in(lock))["rasa"] for lock in (RASA_LOCK, FULL_RASA_LOCK)} == {RASA}


@pytest.mark.parametrize("module", [*REPLACED, *READ])
def test_a_replaced_internal_of_rasa_is_the_one_that_was_read(module: str) -> None:
    digest = hashlib.sha256(source_of(module).read_bytes()).hexdigest()
    assert digest[:16] == DIGESTS[module], (
        f"{module} has changed: read it, see whether nlu/runtime still stands for it, and write its digest here."
    )


@pytest.mark.parametrize(
    ("module", "names"),
    [*CLASSES.items(), (COMPONENTS, ("DEFAULT_COMPONENTS",)), (CHANNELS, OF_CHANNEL)],
)
def test_what_stands_for_a_module_has_names_of_it(module: str, names: tuple[str, ...]) -> None:
    assert set(names) <= defined_in(module)
