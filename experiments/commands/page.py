"""`repmusic page STUDY...`: one HTML page of studies' results, which needs no network."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from representation_music.plots.page.relatedness import found_beside, load_relatedness
from representation_music.plots.report.records import read_evidence
from representation_music.plots.studies.results import load_results, place_of
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import require_writable
from representation_music.utils.reading import exists
from representation_music.utils.records import read_json


def page(
    studies: tyro.conf.Positional[tuple[Path, ...]],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("page"),
    runs: Path = Path("runs"),
    relatedness: tuple[Path, ...] = (),
    judge: bool = False,
    watch: bool = False,
    every: float = 10.0,
) -> int:
    """Make one HTML page of studies' results: verdicts, interactive figures, every cell and run.

    The page is one file that opens from disk and loads nothing from the network.

    Args:
        studies: Studies' folders, or their names below `--runs`, or a folder of records such as
            the report is made of.
        output: Folder that gets `index.html`.
        runs: Folder of studies, where names are given.
        relatedness: Files NAME-relatedness-TARGET.json of `repmusic relatedness` to show as well;
            those in the studies' folders are.
        judge: Judge the studies first, as `repmusic results` does, rather than take what it left.
        watch: Make the page again and again until every run has ended, with their progress; an
            open page refreshes itself. Results that stand keep their metric and resamples.
        every: Seconds between two pages of `--watch`.

    Returns:
        0, or 1 if watched runs failed.
    """
    if not studies:
        raise InputError("STUDY", "nothing", "studies' folders", "`repmusic study` makes them.")
    if every <= 0:
        raise InputError("--every", f"{every:g}", "seconds above 0")
    require_writable(output, "--output")
    named = [place_of(study, runs) for study in studies]
    records = [place for place in named if _holds_records(place)]
    places = [place for place in named if place not in records]
    if records and (judge or watch):
        raise InputError(records[0], "records", "studies with their runs, for --judge and --watch")
    if judge:
        from representation_music.experiments.results.study_results import write_results

        for place in places:
            say(f"{place}: {write_results(place)['answer']['text']}.")
    related = [load_relatedness(path) for path in (*relatedness, *found_beside(places))]
    gains = [read_json(path) for path in _gains_beside(places)]
    failures: list[str] = []
    if watch:
        path, failures = _watch(places, output, every, related)
    else:
        results_found = [load_results(place) for place in places]
        for evidence in map(read_evidence, records):
            results_found += [record.content for record in evidence.studies]
            related += [record.content for record in evidence.relatedness]
            gains += [record.content for record in evidence.against_gain]
        path = _write(output, results_found, relatedness=related, against_gain=gains)
    say(path)
    say(*failures, "Next: open it in a browser.", sep="\n")
    return 1 if failures else 0


def _holds_records(place: Path) -> bool:
    """Whether a folder is no study's, but holds records of studies."""
    of_study = any(exists(place / name) for name in ("study.json", "results.json"))
    return place.is_dir() and not of_study and any(place.glob("*.json"))


def _write(output: Path, results: Sequence[dict], *content, **more) -> Path:
    """Builds the page of results and what else `build_page` takes; gives its path."""
    from representation_music.plots.page.build import build_page, write_page

    return write_page(build_page(results, *content, **more), output)


def _gains_beside(studies: Sequence[Path]) -> list[Path]:
    """What `repmusic relatedness-gain` left in studies' folders."""
    files = [study / "gain-against-relatedness.json" for study in studies]
    return [file for file in files if exists(file)]


def _watch(
    places: Sequence[Path], output: Path, every: float, relatedness: Sequence[dict]
) -> tuple[Path, list[str]]:
    """Makes the page anew until every run of the studies has ended; gives its path, and failures.

    A run that failed has ended too: nobody runs it again by itself.
    """
    from representation_music.experiments.grid.progress import study_progress
    from representation_music.experiments.results.study_results import update_results

    while True:
        progress = [study_progress(place) for place in places]
        for place in places:
            update_results(place)
        found = [load_results(place) for place in places if exists(place / "results.json")]
        running = [of for of in progress if of["done"] + of["failed"] < of["total"]]
        shown = [of for of in progress if of["done"] < of["total"]]
        path = _write(output, found, shown, every if running else 0, relatedness)
        if not running:
            return path, [line for of in progress for line in of["failures"]]
        lines = (f"{of['study']}: {of['done']} of {of['total']} runs done" for of in running)
        say(f"{path}: {'; '.join(lines)}", flush=True)
        time.sleep(every)
