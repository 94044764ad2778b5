"""One question per file, found by its folder; plugins register theirs.

A plugin (`utils/plugins.py`) adds a study by `register(Study(..., name="toy"))`.
"""

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module

from representation_music.experiments.design.study import Study
from representation_music.utils.errors import InputError
from representation_music.utils.plugins import load_plugins

_registered: dict[str, Study] = {}


def register(study: Study) -> None:
    """Adds a study that is in no file of this folder.

    Raises:
        InputError: for a study without a name, or with that of another one.
    """
    if not study.name.isidentifier():
        raise InputError("a study's name", repr(study.name), "letters, digits and underscores")
    if study.name in _registered or study.name in _names():
        raise InputError(f"the study {study.name}", "another one of that name", "a name of its own")
    _registered[study.name] = study


def _names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


@cache
def find_studies() -> dict[str, Study]:
    """Every study by name, in their order: each file here has its own under `STUDY`."""
    load_plugins()
    modules = {name: import_module(f"{__name__}.{name}") for name in _names()}
    found = {name: replace(module.STUDY, name=name) for name, module in modules.items()}
    every = found | _registered
    return dict(sorted(every.items(), key=lambda item: (item[1].order, item[0])))
