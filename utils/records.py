"""Reads what runs left on disk: one reader for each kind of record, and one table of all runs."""

import csv
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import SEAL, seal_of, sha256_of
from representation_music.utils.reading import Unreadable, exists, read_bytes, refusal
from representation_music.utils.typed_json import checked, parse

if TYPE_CHECKING:
    import pandas

ADVICE = "Delete the run's folder and run it again."


class TaskScores(TypedDict):
    """Scores of one task; null on disk where a score is undefined, and NaN when read."""

    songs: int
    network: dict[str, float | None]
    constant: dict[str, float | None]


class RunRecord(TypedDict, total=False):
    """What `record.json` holds, as far as it is read again."""

    status: Literal["finished", "stopped"]
    stopped_by: str
    data: str
    training_songs: int
    training_labels: dict[str, int]
    parameters: int
    steps: int
    best_step: int | None
    stopping_metric: str
    stopping_scores: dict[str, float | None]
    validation: dict[str, TaskScores]
    history_constant: dict[str, dict[str, float | None]]
    history_sha256: str
    verdict: str
    seconds: dict[str, float]
    process: int


class TestRecord(TypedDict, total=False):
    """What `test.json` holds, as far as it is read again."""

    data: str
    test: dict[str, TaskScores]


def run_folders(places: Iterable[Path | str]) -> list[Path]:
    """The run folders among `places` and right below them, in the order of their names.

    A folder below that cannot be looked into is passed over, which standard error tells.

    Raises:
        InputError: for a place that is no folder or cannot be read, or where there is no run.
    """
    return sorted({folder for place in map(Path, places) for folder in _runs_at(place)})


def _runs_at(place: Path) -> list[Path]:
    expected = "a run's folder, or a folder of runs"
    if not (exists(place) and place.is_dir()):
        raise InputError(place, "no folder", expected)
    found, refused = [place] if exists(place / "config.json") else [], []
    try:
        below = os.listdir(place)
    except OSError as error:
        raise refusal(place, error) or error from error
    for folder in map(place.joinpath, below):
        try:
            found += [folder] if exists(folder / "config.json") else []
        except Unreadable as error:
            refused.append(error)
    if not found:
        raise refused[0] if refused else InputError(place, "no run (no config.json)", expected)
    for error in refused:
        say(f"passed over: {error}", file=sys.stderr)
    return found


def read_runs(places: Iterable[Path | str]) -> "pandas.DataFrame":
    """One row per run; `places` are run folders, or folders of them.

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
    row = {"folder": folder, "status": "unfinished"} | read_settings(folder)
    for name, kind in (("record.json", RunRecord), ("test.json", TestRecord)):
        if exists(folder / name):
            content = read_json(folder / name, kind, advice=ADVICE, sealed=True)
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
SCORED = ("validation", "test", "history_constant", "stopping_scores")


def read_json(
    path: Path,
    kind: type = dict[str, Any],
    needed: Sequence[str] = (),
    advice: str = "",
    sealed: bool = False,
) -> dict:
    """The object in a JSON file; null among the scores of a run is NaN.

    Args:
        path: The file.
        kind: A `TypedDict` that says what types its values have.
        needed: Keys that it must have.
        advice: What to do where it is damaged.
        sealed: Whether it must have a seal, as all that `write_json` writes does.

    Raises:
        InputError: if the file cannot be read, is damaged or edited, or holds something else.
    """
    try:
        content = parse(_text_of(path), path)
        if isinstance(content, dict) and SEAL in content and content[SEAL] != seal_of(content):
            raise InputError(path, "content that does not fit its seal", "an unedited file")
        content = checked(kind, content, path)
        if sealed and SEAL not in content:
            raise InputError(path, "no seal", "an unedited file")
        if missing := [name for name in needed if name not in content]:
            raise InputError(path, f"no {missing[0]!r}", ", ".join(needed))
    except Unreadable:
        raise
    except InputError as error:
        advice = advice or error.advice
        raise InputError(error.place, error.found, error.expected, advice) from error
    content.pop(SEAL, None)
    return content | {part: _with_nan(content[part]) for part in SCORED if part in content}


def read_settings(folder: Path, *needed: str) -> dict:
    """What `config.json` says of a run, unchecked but for its seal; errors as of `read_json`."""
    return read_json(folder / "config.json", needed=needed, advice=ADVICE, sealed=True)


def read_record(folder: Path, *needed: str) -> dict:
    """What `record.json` says of a run; errors as `read_json` has them."""
    return read_json(folder / "record.json", RunRecord, ("status", *needed), ADVICE, sealed=True)


def read_test(folder: Path) -> dict[str, TaskScores]:
    """A run's scores on the test split by task; errors as `read_json` has them."""
    return read_json(folder / "test.json", TestRecord, ("test",), ADVICE, sealed=True)["test"]


def is_finished(folder: Path) -> bool:
    """Whether the run in `folder` was trained to its end.

    Raises:
        InputError: if its record is damaged or cannot be read.
    """
    return exists(folder / "record.json") and read_record(folder)["status"] == "finished"


def read_history(folder: Path) -> list[dict[str, float]]:
    """The rows of a run's `history.csv`, one an evaluation; the step is an integer.

    Raises:
        InputError: if there is none, or it is cut or damaged: of a finished run, if it is not the
            very file that the record speaks of.
    """
    path = folder / "history.csv"
    lines = list(csv.reader(io.StringIO(_text_of(path), newline="")))
    columns, rows = (lines[0], lines[1:]) if lines else ([], [])
    if missing := [name for name in ("step", "epoch") if name not in columns]:
        raise InputError(path, f"no column {missing[0]!r}", "a run's history", ADVICE)
    history = [_history_row(f"{path}:{n}", columns, row) for n, row in enumerate(rows, 2)]
    steps = [row["step"] for row in history]
    if not steps or sorted(set(steps)) != steps:
        raise InputError(path, f"the steps {steps[:10]}", "one or more that rise", ADVICE)
    digest = read_record(folder).get("history_sha256") if is_finished(folder) else None
    if digest and digest != sha256_of(path):
        found = f"{len(rows)} rows that are not those the run ended with"
        raise InputError(path, found, "the file that record.json speaks of", ADVICE)
    return history


def _history_row(place: str, columns: list[str], cells: list[str]) -> dict[str, float]:
    if len(cells) != len(columns):
        raise InputError(place, f"{len(cells)} cells", f"{len(columns)}", ADVICE)
    try:
        row = {name: float(cell) for name, cell in zip(columns, cells, strict=True)}
        return row | {"step": int(cells[columns.index("step")])}
    except ValueError as error:
        raise InputError(place, f"no number ({error})", "a number in every cell", ADVICE) from error


def _text_of(path: Path) -> str:
    try:
        text = read_bytes(path, "a whole file").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(path, f"no text in UTF-8 ({error})", "a whole file") from error
    if "\0" in text:
        raise InputError(path, "a byte 0", "a whole file")
    return text


def _with_nan(value):
    if isinstance(value, dict):
        return {name: _with_nan(entry) for name, entry in value.items()}
    return float("nan") if value is None else value
