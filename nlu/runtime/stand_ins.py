"""Rasa without TensorFlow: understanding alone needs none of the modules that import it, and they are replaced.

Rasa imports every classifier, policy and channel that it has, wanted or not. In an environment with TensorFlow (the one
for nlu/alternatives/diet.yml) nothing is replaced. What is replaced is private to Rasa, which is why Rasa is pinned:
tests/unit/test_stand_ins.py fails where one of these modules has changed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

RASA = "3.6.21"
# The names that Rasa imports from each module. They are compared with and inherited from, never made, so a class that has
# nothing stands for each.
CLASSES = {
    "rasa.core.policies.rule_policy": ("RulePolicy",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.extractors.crf_entity_extractor": ("CRFEntityExtractor", "CRFEntityExtractorOptions"),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.utils.tensorflow.callback": ("RasaModelCheckpoint", "RasaTrainingLogger"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
# A component is found by its full path, so none need to be registered under a short name.
COMPONENTS = "rasa.engine.recipes.default_components"
# The package of the channels, without those that speak to messengers: its own module `channel` is real.
CHANNELS = "rasa.core.channels"
OF_CHANNEL = ("CollectingOutputChannel", "InputChannel", "OutputChannel", "UserMessage")
REPLACED = (*CLASSES, COMPONENTS, CHANNELS)


class StandIns(MetaPathFinder, Loader):
    """Finds the replaced modules before Python's own finders do."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A module of ours for a replaced one; None for all others."""
        if fullname not in REPLACED:
            return None
        spec = ModuleSpec(fullname, self, is_package=fullname == CHANNELS)
        if fullname == CHANNELS:
            spec.submodule_search_locations = [
                str(Path(folder, "channels")) for folder in path or ()
            ]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module with what Rasa imports from it."""
        if module.__name__ == CHANNELS:
            real = importlib.import_module(f"{CHANNELS}.channel")
            vars(module).update({name: getattr(real, name) for name in OF_CHANNEL})
        elif module.__name__ == COMPONENTS:
            vars(module).update(DEFAULT_COMPONENTS=[])
        else:
            names = CLASSES[module.__name__]
            vars(module).update({name: type(name, (), {}) for name in names})


def install() -> None:
    """Replace the modules, once and unless TensorFlow is there; to be called before Rasa is imported."""
    if find_spec("tensorflow") is None:
        sys.meta_path.insert(0, StandIns())
