"""Cuts studies' results to what the report reads, so that they can be committed."""

import json
import re
import sys
from pathlib import Path

import tyro

from representation_music.plots.report.records import sort_of
from representation_music.utils.command_line import run_command
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.file_names import file_name
from representation_music.utils.files import write_text
from representation_music.utils.records import read_json
from representation_music.utils.tasks import TASK_SETS

#: Evaluations of a learning curve that a record keeps.
CURVE_POINTS = 16
#: An absolute path in a command or by itself, and the name that it ends with.
_ABSOLUTE_PATH = re.compile(r"(?<![\w.~/-])/(?:[^\s/'\"]+/)*([^\s/'\"]+)")


def compact_records(
    files: tyro.conf.Positional[tuple[Path, ...]], output: Path = Path(__file__).parent / "records"
) -> None:
    """Write records of studies to the report's folder, cut to what it reads.

    Args:
        files: `results.json` of studies, and what `repmusic describe` and `repmusic relatedness`
            write of songs files.
        output: Folder of records: `<study>-<kind of data>.json`, `songs-<kind>-<songs>.json`, ...
    """
    taken: dict[Path, Path] = {}
    for file in files:
        content = read_json(file)
        name = record_name(content, file)
        place = output / f"{file_name(name)}.json"
        if place in taken:
            raise InputError(
                file,
                f"another {name} than {taken[place]}",
                "one record of each study, kind of data and target",
            )
        taken[place] = file
        kept = compact(content) if sort_of(content) == "study" else _tidied(content)
        write_text(place, json.dumps(kept, separators=(",", ":"), ensure_ascii=False) + "\n")
        say(f"{place}: {place.stat().st_size / 1e6:.2f} MB")
    say("Next: make report")


def record_name(content: dict, file: Path) -> str:
    """`benefit-sample`, `songs-synthetic-12000`; a target other than the 2016 study's is named."""
    sort = sort_of(content)
    if sort == "study":
        kinds = "-".join(content["data_kind"])
        return f"{content['study']}-{kinds}{_suffix(content['cells'][0]['target'])}"
    if sort == "songs":
        return f"songs-{content['kind']}-{content['songs']}"
    if sort == "relatedness":
        return f"relatedness-{content['data_kind']}{_suffix(content['target'])}"
    if sort == "against_gain":
        return f"gain-against-relatedness-{content['study']}{_suffix(content['target'])}"
    raise InputError(file, "none of them", "a study's results, a description, or relatedness")


def _suffix(target: str) -> str:
    return "" if target == TASK_SETS["target"][0] else "-" + re.sub(r"\W+", "-", target)


def compact(content: dict) -> dict:
    """A record without what the report does not read, to be committed.

    All metrics go but the verdicts' and 1 - accuracy, and learning curves are thinned to
    `CURVE_POINTS`. Of absolute paths only the file's name stays, for it tells nothing on another
    machine.
    """
    kept_metrics = [m for m in content["metrics"] if m in {content["metric"], "error"}]
    cells = [
        cell | {"metrics": {name: cell["metrics"][name] for name in kept_metrics}}
        for cell in content["cells"]
    ]
    runs = {
        name: run | {"history": _thinned(run["history"])} for name, run in content["runs"].items()
    }
    return _tidied(content | {"cells": cells, "runs": runs})


def _thinned(history: dict | None) -> dict | None:
    """A learning curve at so many of its evaluations, the first and the last among them."""
    if history is None or len(history["step"]) <= CURVE_POINTS:
        return history
    last = len(history["step"]) - 1
    kept = [round(n * last / (CURVE_POINTS - 1)) for n in range(CURVE_POINTS)]
    thinned = {name: [history[name][n] for n in kept] for name in ("step", "validation")}
    return history | thinned


def _tidied(value):
    """The same with floats of six significant digits, and files for absolute paths."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, str):
        return _ABSOLUTE_PATH.sub(r"\1", value)
    if isinstance(value, dict):
        return {name: _tidied(each) for name, each in value.items()}
    return [_tidied(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(run_command(compact_records))
