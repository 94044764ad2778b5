"""One question per file, found by its folder."""

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module

from representation_music.experiments.design.study import Study


@cache
def find_studies() -> dict[str, Study]:
    """Every study by name, in their order: each file here has its own under `STUDY`."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        study = import_module(f"{__name__}.{module.name}").STUDY
        found[module.name] = replace(study, name=module.name)
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
