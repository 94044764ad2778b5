"""Reads what runs left on disk into one table, for studies, statistics and plots."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from representation_music.utils.errors import InputError
from representation_music.utils.reading import read_bytes

if TYPE_CHECKING:
    import pandas


def run_folders(places: Iterable[Path | str]) -> list[Path]:
    """The run folders among `places` and right below them, in the order of their names.

    Raises:
        InputError: for a place that is no folder, or where there is no run.
    """
    found = set()
    for place in map(Path, places):
        if not place.is_dir():
            raise InputError(place, "no folder", "a run's folder, or a folder of runs")
        own = {path.parent for path in (*place.glob("config.json"), *place.glob("*/config.json"))}
        if not own:
            raise InputError(
                place, "no run (no config.json)", "a run's folder, or a folder of runs"
            )
        found |= own
    return sorted(found)


def read_runs(places: Iterable[Path | str]) -> "pandas.DataFrame":
    """One row a run; `places` are run folders, or folders of them.

    Columns: `folder`; the settings of `config.json` (lists as tuples, so that runs can be grouped
    by them); what `record.json` says of the run (`status` is "unfinished" where there is none);
    and scores named as in `history.csv`, of the network and the constant predictor:
    `validation_auc:pop`, `validation_constant_auc:pop`, `test_auc:pop` (from `test.json`), with the
    number of labelled songs in `validation_songs:pop`. What a run lacks is NaN.

    Raises:
        InputError: for a place without runs, or a file that is not whole.
    """
    import pandas

    return pandas.DataFrame([_read_run(folder) for folder in run_folders(places)])


def _read_run(folder: Path) -> dict:
    row = {"folder": folder, "status": "unfinished"} | read_json(folder / "config.json")
    for name in ("record.json", "test.json"):
        if (folder / name).exists():
            content = read_json(folder / name)
            for part in ("validation", "test"):
                row |= _score_columns(part, content.pop(part, None) or {})
            if name == "record.json":
                row |= content
    return {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}


def _score_columns(part: str, scored: dict[str, dict]) -> dict[str, float]:
    columns = {}
    for task, of_task in scored.items():
        columns[f"{part}_songs:{task}"] = of_task["songs"]
        for predictor, prefix in (("network", part), ("constant", f"{part}_constant")):
            columns |= {f"{prefix}_{metric}:{task}": v for metric, v in of_task[predictor].items()}
    return columns


#: What holds scores in `record.json` and `test.json`; null there is a score that is undefined.
SCORED = ("validation", "test", "history_constant")


def read_json(path: Path) -> dict:
    """The object in a JSON file; null among the scores of a run is NaN.

    Raises:
        InputError: if the file cannot be read, is not whole, or holds something else.
    """
    try:
        content = json.loads(read_bytes(path, "a run's record").decode("utf-8"))
    except ValueError as error:  # covers bad UTF-8 as well
        raise InputError(
            path, f"no JSON ({error})", "a whole file", "Delete the run's folder and run it again."
        ) from error
    if not isinstance(content, dict):
        raise InputError(path, f"a {type(content).__name__}", "a JSON object")
    return content | {part: _with_nan(content[part]) for part in SCORED if part in content}


def _with_nan(value):
    if isinstance(value, dict):
        return {name: _with_nan(entry) for name, entry in value.items()}
    return float("nan") if value is None else value
