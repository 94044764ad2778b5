"""A worker process of a grid: TensorFlow imported once, songs read once, one run after another."""

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from representation_music.experiments.runs.folder import (
    BEGINS,
    failure_noted,
    is_done,
    reason_of,
    working_on,
)
from representation_music.experiments.runs.linear_config import config_from_json
from representation_music.experiments.runs.runs import load_songs
from representation_music.utils.errors import disk_is_full
from representation_music.utils.lock import Held
from representation_music.utils.machine import available_cores, visible_gpus
from representation_music.utils.reading import exists
from representation_music.utils.signals import StopRequest

#: Seconds between checkpoints: a signal saves anyway, so only a kill -9 loses as much.
CHECKPOINT_SECONDS = 30.0


@dataclass(frozen=True)
class WorkerSettings:
    """Settings that all workers of a grid share, as `pool.run_manifest` explains them."""

    runs: Path
    workers: int
    keep_checkpoints: bool
    evaluate: bool
    checkpoint_seconds: float

    def log(self, number: int) -> Path:
        """What worker `number` and TensorFlow have to say; apart for each task of a job array."""
        task = os.environ.get("SLURM_ARRAY_TASK_ID")
        of_task = f"task-{task}-" if task else ""
        return self.runs / "logs" / f"{of_task}worker-{number}.log"


def work(connection: Connection, number: int, settings: WorkerSettings) -> None:
    """Trains and evaluates the runs that come through `connection` until None comes.

    It sends `(outcome, text)`: `ready` first, and for each run `finished` with a verdict, `failed`
    with a reason, `stopped` with what stopped it, `held` with who else is at work on it, or `full`
    where the disk is.
    """
    _write_to(settings.log(number))
    _share_machine(number, settings.workers)
    with StopRequest(settings.runs) as stop:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
        connection.send(("ready", ""))
        while (order := connection.recv()) is not None and not stop.requested():
            connection.send(_train_and_evaluate(*order, number, settings))


def _train_and_evaluate(folder: Path, values: dict, number: int, settings: WorkerSettings) -> tuple:
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.train_run import train_run

    print(f"{BEGINS}{folder}", flush=True)  # noqa: T201 (its parent reads it)
    try:
        with working_on(folder, wait=False), failure_noted(folder, settings.log(number)):
            if is_done(folder, settings.evaluate):
                return "finished", "done by another process"
            config = config_from_json(values)
            dataset = load_songs(config.dataset)
            if settings.evaluate and not exists(folder / "checkpoints" / "best.npz"):
                (folder / "record.json").unlink(missing_ok=True)  # nothing is left to evaluate
            record = train_run(
                config, settings.runs, settings.checkpoint_seconds, dataset, figures=False
            )
            if record["status"] != "finished":
                return "stopped", record["stopped_by"]
            result = evaluate_run(folder, dataset=dataset) if settings.evaluate else record
            if not settings.keep_checkpoints:
                for heavy in ("checkpoints", "tensorboard"):
                    shutil.rmtree(folder / heavy, ignore_errors=True)
            return "finished", result["verdict"]
    except Held as error:
        return "held", str(error)
    except Exception as error:  # a run's failure is reported; the others go on
        traceback.print_exc()
        return ("full" if disk_is_full(error) else "failed"), reason_of(error)


def _write_to(log: Path) -> None:
    """Sends all output of this process, TensorFlow's included, to the end of a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _share_machine(number: int, workers: int) -> None:
    """Gives this worker its share of the cores and, where there are several, one of the GPUs."""
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    if gpus := visible_gpus():
        os.environ["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
    configure_tensorflow(max(1, available_cores() // workers))


def _stop_with_parent() -> None:
    """Asks this process to save and end when its parent has died, lest two train the same run."""
    wait([multiprocessing.parent_process().sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
