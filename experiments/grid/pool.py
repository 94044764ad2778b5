"""`repmusic run-manifest`: trains and evaluates the runs of a manifest in worker processes."""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path

import tyro

from representation_music.experiments.design.tuning import is_tuning
from representation_music.experiments.grid.manifest import (
    chosen_lines,
    engine_signature,
    read_manifest,
)
from representation_music.experiments.grid.schedule import Schedule
from representation_music.experiments.grid.worker import CHECKPOINT_SECONDS, WorkerSettings, work
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.folder import LOCK, is_done, note_failure
from representation_music.experiments.runs.linear_config import AnyConfig
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.utils.console import progress, say
from representation_music.utils.errors import InputError
from representation_music.utils.lock import is_held
from representation_music.utils.machine import default_workers, require_address_space
from representation_music.utils.signals import SAVED_NOT_FINISHED, StopRequest


def run_manifest(
    manifest: tyro.conf.Positional[Path],
    runs: Path | None = None,
    workers: int = 0,
    lines: str = "",
    keep_checkpoints: bool = False,
    evaluate: bool = True,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> int:
    """Train and evaluate every run of a manifest; what is done is not done again.

    Args:
        manifest: File of JSON lines, one run's config per line.
        runs: Folder of run folders; the manifest's own if not given.
        workers: Processes side by side; 0: one per core, or two per GPU.
        lines: Only these lines, FIRST-LAST, counted from 1.
        keep_checkpoints: Whether finished runs keep their checkpoints (20 to 70 MB each).
        evaluate: Whether to score the test split; never for tuning, which may not see it.
        checkpoint_seconds: Least seconds between checkpoints; only a kill -9 loses as much.

    Returns:
        0 if all is done, 1 if a run failed, 2 if the record of one is damaged or the disk is full,
        75 if it was stopped and saved.
    """
    configs = read_manifest(manifest)
    if lines:
        configs = [configs[line] for line in chosen_lines(lines, len(configs))]
    runs = runs or manifest.parent
    evaluate = evaluate and not is_tuning(manifest)
    return run_all(configs, runs, workers, keep_checkpoints, evaluate, checkpoint_seconds)


def run_all(
    configs: Iterable[AnyConfig],
    runs: Path,
    workers: int = 0,
    keep_checkpoints: bool = False,
    evaluate: bool = True,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> int:
    """Trains and evaluates the runs that are not done; arguments and result as `run_manifest`."""
    folders = Runs(runs).by_folder(configs)
    to_do, damaged = {}, []
    for folder, config in folders.items():
        try:
            if not is_done(folder, evaluate):
                to_do[folder] = config
        except InputError as error:  # no reason to leave the others undone
            damaged.append(error)
    done = len(folders) - len(to_do) - len(damaged)
    say(f"{len(folders)} runs, of which {done} are done already.", flush=True)
    code = 0
    if to_do:
        require_address_space()  # said once, not by every worker
        number = min(workers or default_workers(), len(to_do))
        settings = WorkerSettings(runs, number, keep_checkpoints, evaluate, checkpoint_seconds)
        pool = Pool(to_do, settings)
        with progress("runs", len(folders)) as advance:
            advance(done)
            pool.run(advance)
        code = pool.report()
    for error in damaged:
        say(f"error: {error}", file=sys.stderr)
    return 2 if damaged and code != SAVED_NOT_FINISHED else code


def run_seconds(config: AnyConfig) -> float:
    """Seconds that a run may take, from its config and the size of its training split."""
    dataset = load_songs(config.dataset)
    songs = cost.training_songs(config, len(dataset.split(config.split)["train"]))
    return cost.estimated_seconds(config, songs, len(dataset.words))


@dataclass
class Worker:
    """A worker process, our end of its pipe, and the run it is at."""

    number: int
    process: multiprocessing.Process
    connection: multiprocessing.connection.Connection
    folder: Path | None = None
    signature: tuple | None = None


@dataclass
class Pool:
    """Worker processes that train and evaluate a schedule of runs.

    A run that another process is at work on is put aside: others come first, and at the end the
    pool waits until it is done there, or that process has ended and the run can be taken up.

    Attributes:
        configs: The runs by folder.
        settings: Shared by all workers.
        seconds: How long each run may take, by folder.
        schedule: Folders of the runs that are to be done, by engine.
        held: Folders of runs that other processes are at work on.
        full: What was said of a full disk, which ends all.
    """

    configs: dict[Path, AnyConfig]
    settings: WorkerSettings
    workers: list[Worker] = field(default_factory=list)
    finished: set[Path] = field(default_factory=set)
    failed: dict[Path, str] = field(default_factory=dict)
    held: set[Path] = field(default_factory=set)
    stopped_by: str = ""
    full: str = ""

    def __post_init__(self):
        self.seconds = {folder: run_seconds(config) for folder, config in self.configs.items()}
        self.schedule: Schedule[Path] = Schedule()
        for folder in self.configs:
            self._put(folder)

    def _put(self, folder: Path) -> None:
        config = self.configs[folder]
        signature = engine_signature(config, load_songs(config.dataset))
        self.schedule.put(folder, signature, self.seconds[folder])

    def run(self, advance: Callable) -> None:
        """Works until all runs have finished or failed, or a stop request ends it."""
        self.began = time.monotonic()
        with StopRequest(self.settings.runs) as stop:
            for number in range(self.settings.workers):
                self._start_worker(number)
            while self.workers or (self.held and not self.stopped_by):
                connections = [worker.connection for worker in self.workers]
                for connection in wait(connections, 0.5) if connections else ():
                    worker = next(w for w in self.workers if w.connection is connection)
                    self._receive(worker, advance)
                if stop.requested() and not self.stopped_by:
                    self._stop(stop.reason)
                if not self.workers and not self.stopped_by:
                    self._take_up_held(advance)

    def _start_worker(self, number: int) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of TensorFlow's threads hangs
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, number, self.settings), daemon=True)
        process.start()
        theirs.close()
        self.workers.append(Worker(number, process, ours))

    def _receive(self, worker: Worker, advance: Callable) -> None:
        """Takes a worker's report of its run and gives it the next one."""
        try:
            outcome, text = worker.connection.recv()
        except EOFError:
            self._note_death(worker, advance)
            return
        if outcome == "stopped" and not self.stopped_by:
            self._stop(text)
        elif outcome == "full":
            self.full = self.full or text
            if not self.stopped_by:
                self._stop("a full disk")
        elif outcome == "held":
            self.held.add(worker.folder)
            say(text, flush=True)
        elif worker.folder and outcome != "stopped":
            self._count(worker.folder, outcome, text, advance)
        self._give_run(worker)

    def _take_up_held(self, advance: Callable) -> None:
        """When nothing else is left: counts held runs that are done, and begins those given up."""
        if free := [folder for folder in sorted(self.held) if not is_held(folder / LOCK)]:
            for folder in free:
                self.held.remove(folder)
                if is_done(folder, self.settings.evaluate):
                    self._count(folder, "finished", "done by another process", advance)
                else:
                    self._put(folder)
            for number in range(min(len(self.schedule), self.settings.workers)):
                self._start_worker(number)
        else:
            time.sleep(0.5)

    def _give_run(self, worker: Worker) -> None:
        others = [other.signature for other in self.workers if other is not worker]
        taken = None if self.stopped_by else self.schedule.take(worker.signature, others)
        worker.folder, worker.signature = taken or (None, worker.signature)
        order = (worker.folder, self.configs[worker.folder].to_json()) if taken else None
        with suppress(BrokenPipeError):  # it has died: the next wait tells
            worker.connection.send(order)

    def _note_death(self, worker: Worker, advance: Callable) -> None:
        """Notes the end of a worker; one that died at a run is replaced, the run failed."""
        worker.process.join()
        self.workers.remove(worker)
        if self.stopped_by or not worker.folder:
            return
        code = worker.process.exitcode
        reason = f"its process died (exit code {code}; -9 often means out of memory)"
        note_failure(worker.folder, reason, "", self.settings.log(worker.number))
        self._count(worker.folder, "failed", reason, advance)
        if len(self.schedule):
            self._start_worker(worker.number)

    def _count(self, folder: Path, outcome: str, text: str, advance: Callable) -> None:
        if outcome == "finished":
            self.finished.add(folder)
        else:
            self.failed[folder] = text
        ended = self.finished | set(self.failed)
        work_done = sum(self.seconds[folder] for folder in ended)
        work_left = sum(self.seconds.values()) - work_done
        left = (time.monotonic() - self.began) * work_left / work_done
        advance(1, f"runs ({len(self.failed)} failed)")
        line = f"{len(ended)} of {len(self.configs)}, {cost.in_words(left)} left: {folder.name} "
        say(line + (f"FAILED: {text}" if outcome == "failed" else text), flush=True)

    def _stop(self, reason: str) -> None:
        self.stopped_by = reason
        say(f"Stopping after {reason}: runs are being saved.", flush=True)
        for worker in self.workers:
            worker.process.terminate()  # the worker saves its run, and then ends

    def report(self) -> int:
        """Says how it ended and what to do next; the exit code."""
        for folder, reason in self.failed.items():
            say(f"FAILED {folder}: {reason}")
        if self.failed:
            say(f"{len(self.failed)} of {len(self.configs)} runs failed; `failed.json` in a")
            say("run's folder tells more. The same command tries them again.")
        if self.full:
            say(f"error: the disk is full: {self.full}", file=sys.stderr)
            say("Nothing is lost: once there is space, the same command goes on.")
            return 2
        if self.stopped_by:
            say(f"Saved after {self.stopped_by}. The same command goes on.")
            return SAVED_NOT_FINISHED
        if lost := len(self.configs) - len(self.finished) - len(self.failed):
            say(f"{lost} runs were not begun: no worker started. See {self.settings.log(0)}.")
            return 1
        return 1 if self.failed else 0
