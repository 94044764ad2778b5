"""Files of the user's own that add a network, an objective, a dataset format or a study.

The environment variable REPMUSIC_PLUGINS names Python files, divided as those of PATH are. They
are imported before anything is looked up by name, in the workers of a grid and the tasks of a
Slurm job too, which inherit the variable. A file adds what it defines by itself:
`NETWORKS.register(ToyNetwork)`, `OBJECTIVES.register(ToyObjective)`.

Whoever looks names up (`utils/registry.py`, and whatever finds studies or formats) calls
`load_plugins` first; from the second call on it does nothing.
"""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from representation_music.utils.errors import InputError

VARIABLE = "REPMUSIC_PLUGINS"


def load_plugins() -> None:
    """Imports each file that REPMUSIC_PLUGINS names, once per process.

    Raises:
        InputError: if there is no such file, or it is no Python.
    """
    for text in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        path = Path(text).resolve()
        name = f"repmusic_plugin_{path.stem}"
        there = sys.modules.get(name)
        if there is None:
            _import(path, name)
        elif there.__file__ != str(path):
            raise InputError(VARIABLE, f"{path} and {there.__file__}", "files of different names")


def _import(path: Path, name: str) -> None:
    if path.suffix != ".py" or not path.is_file():
        raise InputError(VARIABLE, str(path), "a Python file")
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    sys.modules[name] = module  # before it runs: it may look names up itself
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError) as error:
        del sys.modules[name]
        raise InputError(f"{VARIABLE}: {path}", f"what cannot be imported ({error})") from error
    except BaseException:
        del sys.modules[name]
        raise
