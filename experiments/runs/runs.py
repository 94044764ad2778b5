"""A folder of runs: where each run lies and how far it is; and the songs that runs are made of."""

import dataclasses
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.folder import State, run_folder, state_of
from representation_music.experiments.runs.linear_config import AnyConfig


def load_songs(path: Path | str) -> SongDataset:
    """The dataset of a songs file, read once by a process, and again when the file has changed."""
    try:
        status = os.stat(path)
    except OSError:  # whose reader says what is wrong
        return SongDataset.load(path)
    return _read_songs(str(path), (status.st_ino, status.st_size, status.st_mtime_ns))


def find_songs(config: AnyConfig, near: Path, fingerprint: str = "") -> AnyConfig:
    """The config with its songs file as it can be opened from the present folder.

    A relative path was one from the folder where the run was begun. That may be another than the
    present one: the path is then taken from `near` (the run's folder, or its study's) or the
    nearest folder above it. Of several files, that of the run's fingerprint is taken, where it is
    known; where there is none, the config is unchanged.
    """
    folders = (Path(), near.absolute(), *near.absolute().parents)
    found = [place / config.dataset for place in folders if os.path.exists(place / config.dataset)]
    found = list({path.resolve(): str(path) for path in reversed(found)}.values())[::-1]
    if fingerprint and len(found) > 1:
        found.sort(key=lambda path: load_songs(path).fingerprint != fingerprint)
    return dataclasses.replace(config, dataset=found[0]) if found else config


@lru_cache(maxsize=32)  # as many as worlds
def _read_songs(path: str, _version: tuple) -> SongDataset:
    return SongDataset.load(path)


@dataclasses.dataclass(frozen=True)
class Runs:
    """The folder that holds runs, each in a folder named after its config and its songs."""

    folder: Path

    def folder_of(self, config: AnyConfig) -> Path:
        """Where the run of a config lies, or will."""
        return run_folder(config, load_songs(config.dataset).fingerprint, self.folder)

    def by_folder(self, configs: Iterable[AnyConfig]) -> dict[Path, AnyConfig]:
        """The configs by the folders of their runs, in their order, each run once."""
        return {self.folder_of(config): config for config in configs}

    def state_of(self, config: AnyConfig, evaluated: bool = True) -> State:
        """How far a run is; a trained one is done where `evaluated` is not wanted."""
        state = state_of(self.folder_of(config))
        return "done" if state == "trained" and not evaluated else state

    def to_do(self, configs: Iterable[AnyConfig], evaluated: bool = True) -> Iterator[AnyConfig]:
        """The configs whose runs are not done."""
        return (c for c in configs if self.state_of(c, evaluated) != "done")
