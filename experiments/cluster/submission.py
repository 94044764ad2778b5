"""What is submitted, in which order, and what waits for what."""

import contextlib
import functools
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import tyro

from representation_music.experiments.cluster.job import enter_store
from representation_music.experiments.cluster.programs import NAMES, SETS, split_names
from representation_music.experiments.cluster.site import ROOT, SCRIPTS, Site
from representation_music.experiments.cluster.slurm import Job, Slurm
from representation_music.experiments.design.tuning import TUNING, is_tuning
from representation_music.experiments.grid.job_array import divide
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.grid.pool import run_seconds
from representation_music.experiments.grid.progress import study_name
from representation_music.experiments.grid.study_runs import next_runs
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists

#: Scripts that use no GPU.
WITHOUT_GPUS = ("preprocess", "preprocess_shards", "report")


class Submission:
    """Submits jobs of one site to a queue; what waits or runs already is not submitted again.

    The queue is Slurm, or a dry run, which writes nothing at all.
    """

    def __init__(self, site: Site, queue: Slurm):
        self.site, self.queue = site, queue

    def paper(self) -> None:
        """Preprocessing where the songs file is missing, every set of the paper, the studies."""
        sets = self.site.sets or tuple(SETS)
        for name in sets:
            if name not in SETS:
                raise InputError("SETS", name, f"one or more of: {', '.join(SETS)}")
        studies, options = self.site.studies, self.site.study_options
        given = [_study_arguments(name, options, self.site) for name in studies]  # or an error now
        songs = self.site.store / self.site.dataset
        after = () if exists(songs) else self.preprocessing(())
        for name in sets:
            self._submit_once(Job(name, self.site.set_options, after=after))
        if not after:
            self._studies(studies, options, given)
        else:  # how many tasks its arrays have is known when there are songs
            self._studies_later(studies, options, after)
        self._say_what_next(studies, sets[0])

    def preprocessing(self, words: Sequence[str]) -> tuple[str, ...]:
        """The making of the songs file; the numbers of the jobs to wait for.

        A tree of track files is read by an array first, if TREE_TASKS says by how many tasks.
        """
        site = self.site
        if site.raw_dir is None or not site.raw_dir.is_dir():
            advice = f"Set it in {site.file}; `repmusic download` fetches the official files."
            if (songs := ROOT / site.dataset).is_file():
                advice += f" There is a songs file in the project's folder: set DATASET={songs}."
            expected = f"the folder of official files, to make {site.store / site.dataset} from"
            raise InputError("RAW_DIR", f"'{site.raw_dir or ''}'", expected, advice)
        if number := self.queue.find("preprocess"):
            return (number,)
        after: tuple[str, ...] = ()
        if tasks := self.site.tree_tasks:
            words_of_part, array = (str(tasks), *words), f"1-{tasks}"
            shards = Job("preprocess_shards", words_of_part, array=array, gpus=False)
            after = (self._submit_once(shards),)
        return (self.queue.submit(Job("preprocess", tuple(words), after=after, gpus=False)),)

    def script(self, name: str, words: Sequence[str]) -> None:
        """One script by its name, with its arguments."""
        if name not in NAMES:
            raise InputError("repmusic submit", repr(name), f"one of: {', '.join(NAMES)}")
        if name == "grid":
            self.grid(words)
        elif name == "study":
            names, options = split_names(words)
            given = [_study_arguments(study, options, self.site) for study in names]
            self._studies(names, options, given)
            self._say_what_next(names)
        else:
            if name == "preprocess":
                self.preprocessing(words)
            else:
                self.queue.submit(Job(name, tuple(words), gpus=name not in WITHOUT_GPUS))
            self._say_what_next(())

    def grid(self, words: Sequence[str]) -> None:
        """A manifest as one job array of the tasks with a run that is not done."""
        if not words or words[0].startswith("-"):
            advice = "To make one: repmusic study NAME --manifest-only"
            expected = "a manifest, and then the options of run-manifest"
            raise InputError("grid", "no manifest" if not words else words[0], expected, advice)
        manifest, *options = words
        if chosen := [word for word in options if word.startswith("--lines")]:
            command = shlex.join(["repmusic", "run-manifest", *words])
            advice = f"To run these lines alone, here: {command}"
            raise InputError("grid", chosen[0], "no lines, for the array takes all", advice)
        manifest = self.site.from_here(manifest)
        with self._in_store():
            if not self.queue.find(_array_name(Path(manifest))):
                configs = read_manifest(manifest)
                evaluated = not is_tuning(manifest) and "--no-evaluate" not in options
                runs = Runs(Path(_value_of("--runs", options) or Path(manifest).parent))
                to_do = list(runs.to_do(configs, evaluated))
                self._array(Path(manifest), configs, to_do, options)
        self._say_what_next([manifest])

    def _array(
        self,
        manifest: Path,
        configs: Sequence[RunConfig],
        to_do: Sequence[RunConfig],
        options: Sequence[str],
    ) -> str:
        """Submits the tasks with a run that is to do; their number, or empty if there is none."""
        name, side_by_side = _array_name(manifest), self.site.runs_side_by_side
        if workers := _value_of("--workers", options):
            side_by_side = int(workers)
        seconds = {config: run_seconds(config) for config in configs}
        open_runs = set(to_do)
        runs_per_task, tasks = divide(
            [config in open_runs for config in configs],
            [seconds[config] for config in configs],
            self.site.runs_per_task,
            side_by_side,
        )
        if not tasks:
            say(f"{'-':<12} {name}, all runs are done")
            return ""
        work = cost.in_words(sum(seconds[config] for config in to_do) / side_by_side)
        size = f"{len(to_do)} of {len(configs)} runs to do, {runs_per_task} per task"
        say(f"{name}: {size}, about {work} in all", file=sys.stderr)
        words = (f"--runs-per-task={runs_per_task}", str(manifest), *options)
        return self.queue.submit(Job("grid", words, name, tasks))

    def _studies(self, names: Sequence[str], options: Sequence[str], given: Sequence[dict]) -> None:
        """Each study's array and the results page behind them; or, where arms are to be tuned
        first, the tuning and the same command once more.
        """
        if self.queue.find(_joined("study", names)):
            return  # which will submit what there is to do
        after, tuned_first = [], False
        with self._in_store():
            for name, arguments in zip(names, given, strict=True):
                # A manifest is not written anew while an array goes by the numbers of its lines.
                if number := self.queue.find(name):
                    after.append(number)
                    continue
                if number := self.queue.find(f"{name}-{TUNING}"):
                    after.append(number)
                    tuned_first = True
                    continue
                coming = next_runs(
                    name, arguments["options"], arguments["runs"], write=not self.queue.dry
                )
                tuned_first |= is_tuning(coming.manifest)
                words = ["--no-evaluate"] if is_tuning(coming.manifest) else []
                words += ["--keep-checkpoints"] if arguments["keep_checkpoints"] else []
                words += ["--workers", str(n)] if (n := arguments["workers"]) else []
                after += [self._array(coming.manifest, coming.configs, coming.to_do, words)]
        after = tuple(filter(None, after))
        if tuned_first:
            self._studies_later(names, options, after)
        else:
            self._page(names, after)

    def _page(self, names: Sequence[str], after: tuple[str, ...]) -> None:
        """The results page. One that waits already, perhaps for less, waits for these as well."""
        page = _joined("report", names)
        waiting = self.queue.find(page, pending=True)
        if not (waiting and self.queue.wait_for(waiting, after)):
            self.queue.submit(Job("report", tuple(names), page, after=after, gpus=False))

    def _studies_later(
        self, names: Sequence[str], options: Sequence[str], after: tuple[str, ...]
    ) -> None:
        name = _joined("study", names)
        self._submit_once(Job("study", (*names, *options), name, after=after, gpus=False))

    def _submit_once(self, job: Job) -> str:
        """Submits a job unless it is in the queue; its number."""
        return self.queue.find(job.called) or self.queue.submit(job)

    @contextlib.contextmanager
    def _in_store(self) -> Iterator[None]:
        """Works in STORE, as jobs do; a dry run does not make it."""
        before = Path.cwd()
        if not self.queue.dry:
            enter_store(self.site)
        elif self.site.store.is_dir():
            os.chdir(self.site.store)
        try:
            yield
        finally:
            os.chdir(before)

    def _say_what_next(self, studies: Sequence[str], one_of_sets: str = "") -> None:
        """Where to look now. Studies are names, or manifests."""
        if self.queue.dry:
            return
        store = self.site.store
        say(f"\nWhat is queued: squeue --me. Logs: {store}/logs.")
        if studies:
            say(f"How far it is (--watch keeps looking), from the folder {store}:")
        for study in studies:
            folder, later = store / "runs" / study, ""
            if "/" not in study and not exists(folder / "manifest.jsonl"):
                if exists(folder / TUNING / "manifest.jsonl"):
                    study = f"runs/{study}/{TUNING}"
                else:
                    later = "  # once the studies' job has run"
            say(f"    {shlex.join(['repmusic', 'status', study])}{later}")
        if one_of_sets:
            say(f"    repmusic status {one_of_sets}  # or another set, once its job runs")


def _study_arguments(name: str, options: Sequence[str], site: Site) -> dict:
    """What `repmusic study NAME OPTIONS` would be called with; ends the process if it would."""
    from representation_music.experiments.commands.study import study

    @functools.wraps(study)
    def given(**arguments) -> dict:
        return arguments

    words = [name, "--dataset", site.dataset, *options]
    arguments = tyro.cli(given, args=words, prog=f"{SCRIPTS}/study.sh")
    for flag in ("dry_run", "manifest_only"):  # of the study's options in site.env, say
        if arguments[flag]:
            raise InputError("study", f"--{flag.replace('_', '-')}", "options of the runs")
    return arguments


def _array_name(manifest: Path) -> str:
    """A manifest's own name, as of a set; or its study's."""
    return study_name(manifest).replace("/", "-")


def _value_of(flag: str, options: Sequence[str]) -> str:
    """The value of a flag that is given as `--flag value` or `--flag=value`; else empty."""
    for word, following in zip(options, [*options, ""][1:], strict=True):
        if word == flag or word.startswith(f"{flag}="):
            return word.partition("=")[2] or following
    return ""


def _joined(first: str, names: Sequence[str]) -> str:
    """The name of a job that is about several studies."""
    return "-".join([first, *names])
