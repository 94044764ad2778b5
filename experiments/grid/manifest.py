"""The manifest of a study: a file of JSON lines, each the full config of one run."""

import json
from collections.abc import Sequence
from pathlib import Path

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.linear_config import (
    AnyConfig,
    LinearConfig,
    config_from_json,
)
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.experiments.training.training_songs import tasks_of
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.reading import read_bytes
from representation_music.utils.typed_json import parse


def write_manifest(path: Path | str, configs: Sequence[AnyConfig]) -> None:
    """Writes one run per line, each run once; runs that can share an engine stand together.

    Neighbours go to the same Slurm task, where an engine is then built and traced once.
    """
    lines = dict.fromkeys(json.dumps(config.to_json()) for config in by_engine(configs))
    write_text(path, "".join(f"{line}\n" for line in lines))


def by_engine(configs: Sequence[AnyConfig]) -> list[AnyConfig]:
    """The configs in order of the first of each engine's, which keeps its runs together.

    How many inputs a run's engine has is known only when its songs are chosen; runs with as many
    songs mostly round up to the same number, so they stand together too.
    """
    groups: dict[tuple, list[AnyConfig]] = {}
    for config in configs:
        songs = (config.training_size, config.auxiliary_size)
        key = engine_signature(config, load_songs(config.dataset)), songs
        groups.setdefault(key, []).append(config)
    return [config for group in groups.values() for config in group]


def engine_signature(config: AnyConfig, dataset: SongDataset) -> tuple:
    """What decides the engine before songs are chosen: all but the number of its inputs.

    Linear models need none; those of one kind stand together.

    Raises:
        InputError: for a task that the data set does not have.
    """
    if isinstance(config, LinearConfig):
        return (dataset.task(config.target).kind, config.recipe)
    return (config.engine_signature(tasks_of(config, dataset), 0), config.word_floor)


def read_manifest(path: Path | str) -> list[AnyConfig]:
    """The runs of a manifest, in its order; a byte order mark and blank last lines are passed over.

    Raises:
        InputError: for a file that cannot be read, or a line that is no config, with its number.
    """
    advice = "`repmusic study NAME` writes one."
    try:
        text = read_bytes(path, "a manifest", advice).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, f"no text in UTF-8 ({error})", "a manifest", advice) from error
    configs = [
        _read_line(f"{path}:{n}", line) for n, line in enumerate(text.rstrip().splitlines(), 1)
    ]
    configs = [find_songs(config, Path(path).parent) for config in configs]
    if not configs:
        raise InputError(path, "no lines", "one run per line")
    return configs


def _read_line(place: str, line: str) -> AnyConfig:
    values = parse(line, place)
    if not isinstance(values, dict):
        raise InputError(place, f"a {type(values).__name__}", "one run's config as a JSON object")
    return config_from_json(values, place)


def chosen_lines(text: str, number_of_lines: int) -> range:
    """The lines that `--lines FIRST-LAST` or `--lines LINE` names, counted from 0.

    Lines past the end are left out, as the last task of a job array may ask for them.

    Raises:
        InputError: for other words, or a first line past the end.
    """
    first, dash, last = text.partition("-")
    if not (first.isdigit() and (last.isdigit() if dash else True)):
        raise InputError("--lines", repr(text), "FIRST-LAST or one line, such as 1-8")
    begin, end = int(first), int(last or first)
    if not 1 <= begin <= min(end, number_of_lines):
        raise InputError("--lines", repr(text), f"lines from 1 to {number_of_lines}")
    return range(begin - 1, min(end, number_of_lines))
