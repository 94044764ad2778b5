"""`repmusic report STUDY...`: one HTML page of studies' results, which needs no network."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import tyro

from representation_music.plots.page.relatedness import found_beside, load_relatedness
from representation_music.plots.study_results import load_results
from representation_music.utils.errors import InputError


def report(
    studies: tyro.conf.Positional[tuple[Path, ...]],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("report"),
    runs: Path = Path("runs"),
    relatedness: tuple[Path, ...] = (),
    watch: bool = False,
    every: float = 10.0,
) -> None:
    """Make one HTML page of studies' results: verdicts, interactive figures, every cell and run.

    The page is one file that opens from disk and loads nothing from the network.

    Args:
        studies: Studies' folders, or their names below `--runs`.
        output: Folder that gets `index.html`.
        runs: Folder of studies, where names are given.
        relatedness: Files NAME-relatedness-TARGET.json of `repmusic relatedness` to show as well;
            those in the studies' folders are.
        watch: Make the page again and again while the studies run, with their progress; an open
            page refreshes itself.
        every: Seconds between two pages of `--watch`.
    """
    if not studies:
        raise InputError("STUDY", "nothing", "studies' folders", "`repmusic study` makes them.")
    if every <= 0:
        raise InputError("--every", f"{every:g}", "seconds above 0")
    places = [_place_of(study, runs) for study in studies]
    related = [load_relatedness(path) for path in (*relatedness, *found_beside(places))]
    if watch:
        path = _watch(places, output, every, related)
    else:
        path = _write([load_results(place) for place in places], output, related)
    print(path)
    print("Next: open it in a browser.")


def _place_of(study: Path, runs: Path) -> Path:
    """The folder, or the results, that a study's name or path stands for."""
    for place in (study, runs / study):
        if place.exists():
            return place
    expected = f"a study's folder, or its name in {runs}"
    raise InputError(study, "nothing of that name", expected, "`repmusic study` makes studies.")


def _write(
    results: Sequence[dict],
    output: Path,
    relatedness: Sequence[dict],
    progress: Sequence[dict] = (),
    refresh: float = 0,
) -> Path:
    from representation_music.plots.page.build import build_page, write_page

    return write_page(build_page(results, progress, refresh, relatedness), output)


def _watch(places: Sequence[Path], output: Path, every: float, relatedness: Sequence[dict]) -> Path:
    """Makes the page anew until every run of the studies is done; gives its path."""
    from representation_music.data_preprocessing.dataset import SongDataset

    load = lru_cache(maxsize=None)(SongDataset.load)
    judged: dict[Path, int] = {}
    while True:
        progress = [study_progress(place, load) for place in places]
        for place, of_study in zip(places, progress, strict=True):
            _judge_anew(place, of_study["done"], judged)
        found = [load_results(place) for place in places if (place / "results.json").exists()]
        running = [of_study for of_study in progress if of_study["done"] < of_study["total"]]
        path = _write(found, output, relatedness, running, every if running else 0)
        if not running:
            return path
        lines = (f"{of['study']}: {of['done']} of {of['total']} runs done" for of in running)
        print(f"{path}: {'; '.join(lines)}", flush=True)
        time.sleep(every)


def _judge_anew(place: Path, done: int, judged: dict[Path, int]) -> None:
    """Judges a study's cells as `repmusic results` does, if runs were finished since last time."""
    from representation_music.experiments.results import study_results
    from representation_music.utils.files import write_text

    if judged.get(place) == done:
        return
    judged[place] = done
    try:
        write_text(place / "results.json", json.dumps(study_results(place)) + "\n")
    except InputError:  # no cell is complete yet; what is damaged, `repmusic results` will tell
        return


def study_progress(place: Path, load) -> dict:
    """How far a study is: `study`, `total` and `done` runs, `states`, `running`, `time_left`.

    Args:
        place: The study's folder.
        load: Gives the data set of a songs file.
    """
    from representation_music.experiments.manifest import read_manifest
    from representation_music.experiments.status import (
        MEANINGS,
        progress_of,
        states_of,
        time_left,
    )

    states = states_of(read_manifest(place / "manifest.jsonl"), place, load)
    counts = Counter(state for _, state in states.values())
    return {
        "study": place.name,
        "total": len(states),
        "done": counts["done"],
        "states": [(text, counts[state]) for state, text in MEANINGS.items() if counts[state]],
        "running": [
            f"{folder.name}, {progress_of(folder)}"
            for folder, (_, state) in states.items()
            if state == "running"
        ],
        "time_left": time_left(states, load),
    }
