"""The plan of the house: who may import whom, by folder, and no circles between modules."""

import ast
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "representation_music"

#: By folder: the folders whose modules its own may import, beside those of the folder itself.
MAY_IMPORT = {
    # statistics are functions of numbers; `utils` itself holds what every folder needs
    "utils": [],
    "utils/statistics": ["utils"],
    "models": ["utils"],
    # sources know songs (what a label is), songs know no format
    "data_preprocessing/songs": ["utils"],
    # how files are opened, whatever they hold
    "data_preprocessing/sources/files": ["utils"],
    "data_preprocessing/sources/million_songs": [
        "data_preprocessing/songs",
        "data_preprocessing/sources",
        "data_preprocessing/sources/files",
        "utils",
    ],
    "data_preprocessing/sources/musixmatch": [
        "data_preprocessing/songs",
        "data_preprocessing/sources",
        "data_preprocessing/sources/files",
        "utils",
    ],
    "data_preprocessing/sources/official_files": [
        "data_preprocessing/songs",
        "data_preprocessing/sources",
        "data_preprocessing/sources/files",
        "data_preprocessing/sources/million_songs",
        "data_preprocessing/sources/musixmatch",
        "utils",
    ],
    "data_preprocessing/sources": [
        "data_preprocessing/songs",
        "data_preprocessing/sources/files",
        "data_preprocessing/sources/million_songs",
        "data_preprocessing/sources/musixmatch",
        "data_preprocessing/sources/official_files",
        "utils",
    ],
    "data_preprocessing/synthetic": ["data_preprocessing/songs", "utils"],
    "data_preprocessing": [
        "data_preprocessing/songs",
        "data_preprocessing/sources",
        "data_preprocessing/sources/files",
        "data_preprocessing/sources/official_files",
        "data_preprocessing/synthetic",
        "utils",
    ],
    # figures read result files only, and judge nothing
    "plots/drawing": ["utils"],
    "plots/runs": ["plots/drawing", "utils", "utils/statistics"],
    "plots/songs": ["plots/drawing", "utils"],
    "plots/studies": ["plots/drawing", "utils", "utils/statistics"],
    "plots/page": ["plots/drawing", "plots/songs", "plots/studies", "utils"],
    "plots/report": ["plots", "plots/drawing", "plots/studies", "utils", "utils/statistics"],
    "plots": ["plots/drawing", "plots/studies", "utils"],
    # from a run's config up to the studies of many runs
    "experiments/runs": [
        "data_preprocessing/songs",
        "experiments/training/objectives",
        "models",
        "utils",
    ],
    "experiments/training/objectives": [
        "experiments/training/objectives/gradients",
        "models",
        "utils",
    ],
    "experiments/training/objectives/gradients": ["experiments/training/objectives", "models"],
    "experiments/training/distribution": ["models", "utils"],
    "experiments/training": [
        "data_preprocessing/songs",
        "experiments/runs",
        "experiments/training/distribution",
        "experiments/training/objectives",
        "models",
        "plots/runs",
        "utils",
    ],
    "experiments/design": [
        "data_preprocessing/songs",
        "experiments/runs",
        "experiments/training/objectives",
        "models",
        "utils",
    ],
    "experiments/grid": [
        "data_preprocessing/songs",
        "experiments/design",
        "experiments/results",
        "experiments/runs",
        "experiments/studies",
        "experiments/training",
        "utils",
        "utils/statistics",
    ],
    "experiments/relatedness": [
        "data_preprocessing/songs",
        "experiments/design",
        "experiments/grid",
        "experiments/runs",
        "experiments/training",
        "models",
        "plots/studies",
        "utils",
        "utils/statistics",
    ],
    "experiments/results": [
        "data_preprocessing/songs",
        "experiments/design",
        "experiments/runs",
        "experiments/training",
        "utils",
        "utils/statistics",
    ],
    "experiments/studies": [
        "data_preprocessing/songs",
        "data_preprocessing/synthetic",
        "experiments/design",
        "experiments/relatedness",
        "experiments/runs",
        "experiments/training",
        "experiments/training/objectives",
        "models",
        "utils",
    ],
    # the jobs of `repmusic`; those of Slurm, which run them; what a user runs imports what it likes
    "experiments/commands": [
        "data_preprocessing/songs",
        "data_preprocessing/sources",
        "experiments/design",
        "experiments/grid",
        "experiments/relatedness",
        "experiments/results",
        "experiments/runs",
        "experiments/studies",
        "experiments/training",
        "plots/page",
        "plots/report",
        "plots/songs",
        "plots/studies",
        "utils",
    ],
    "experiments/cluster": [
        "experiments/commands",
        "experiments/design",
        "experiments/grid",
        "experiments/runs",
        "utils",
    ],
}

#: Where the scripts lie that a user runs: they may import everything, and nothing imports them.
SCRIPTS = "experiments"


def module_files() -> Iterable[Path]:
    """Every module of the package, as a path relative to the project."""
    for top in ("data_preprocessing", "experiments", "models", "plots", "utils"):
        for path in (ROOT / top).rglob("*.py"):
            yield path.relative_to(ROOT)


@cache
def imports() -> dict[Path, set[Path]]:
    """By module: the modules of the package that it imports, anywhere in its text."""
    modules = {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): path
        for path in module_files()
    }
    found: dict[Path, set[Path]] = {}
    for path in modules.values():
        names = set()
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
        own = {name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(PACKAGE)}
        found[path] = {modules[name] for name in own & modules.keys()} - {path}
    return found


def folder_of(path: Path) -> str:
    return path.parent.as_posix()


def test_folders_import_along_the_arrows_of_the_plan():
    against = [
        f"{path} imports {other}"
        for path, others in imports().items()
        for other in sorted(others)
        if folder_of(path) != SCRIPTS
        and folder_of(other) not in (folder_of(path), *MAY_IMPORT[folder_of(path)])
    ]
    assert not against


def test_every_arrow_of_the_plan_is_used():
    used = {
        (folder_of(path), folder_of(other))
        for path, others in imports().items()
        for other in others
    }
    planned = {(folder, other) for folder, others in MAY_IMPORT.items() for other in others}
    assert planned <= used


def test_no_module_imports_itself_through_others():
    def reached_from(start: Path) -> set[Path]:
        reached, to_do = set(), [start]
        while to_do:
            new = imports()[to_do.pop()] - reached
            reached |= new
            to_do += new
        return reached

    assert [path for path in imports() if path in reached_from(path)] == []


@pytest.mark.parametrize("folder", ["data_preprocessing", "plots", "utils"])
def test_no_tensorflow_below_what_trains(folder):
    for path in module_files():
        if path.parts[0] == folder:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                names = [a.name for a in getattr(node, "names", [])]
                assert getattr(node, "module", "") != "tensorflow", path
                assert not {"tensorflow", "keras"} & set(names), path


def test_no_module_beside_a_script_hides_one_of_pythons():
    """A script's folder comes first on its path: `numbers.py` there would be numpy's `numbers`."""
    scripts = [
        path
        for path in ROOT.glob("[!.]*/**/*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]
    assert len(scripts) > 10
    folders = {path.parent for path in scripts}
    names = sys.stdlib_module_names - {"site"}  # loaded before any script begins
    hiding = {path for folder in folders for path in folder.glob("*.py") if path.stem in names}
    assert hiding == set()
