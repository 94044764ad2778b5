"""The training loop: one run is trained, checkpointed, resumed. Its folder holds all it leaves."""

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import run_folder
from representation_music.experiments.training.distribution.replicas import (
    any_worker,
    from_chief,
    num_replicas,
    num_workers,
)
from representation_music.experiments.training.early_stopping import History
from representation_music.experiments.training.inputs import LabelledSongs, RunInputs
from representation_music.experiments.training.profile import Profile, profile_steps
from representation_music.experiments.training.recorder import Recorder
from representation_music.experiments.training.scoring import (
    constant_scores,
    score_tasks,
    stopping_metric,
    verdict_on_constant,
)
from representation_music.experiments.training.trainer import Trainer
from representation_music.utils.errors import InputError
from representation_music.utils.files import sha256_of, write_json
from representation_music.utils.metrics import METRICS, METRICS_OF, scores
from representation_music.utils.signals import StopRequest

#: Songs of the validation split, at most, that score the finished run. An AUC of .8 has then a
#: standard error of .008 if a quarter of them are positive; of a full-scale split, 12,000 songs
#: would take 2 % of the time of a run on 1,000 training songs, and all 10 % may be evaluation's.
FINAL_VALIDATION = 5_000


class Experiment:
    """One run from its config to its record; `train` resumes where a killed one stopped.

    Args:
        config: The run's settings.
        dataset: The songs; of its splits, training and validation are read.
        runs: Folder of run folders.
        checkpoint_seconds: An epoch's checkpoint is skipped while the last one is younger.
        records: Whether this process evaluates and writes for the run. Where several processes
            train it, only their chief does: it tells the others where to start and when to end.
    """

    def __init__(
        self,
        config: RunConfig,
        dataset: SongDataset,
        runs: Path | str = "runs",
        checkpoint_seconds: float = 5.0,
        records: bool = True,
    ):
        self.config, self.dataset = config, dataset
        self.folder = run_folder(config, dataset.fingerprint, runs)
        self.recorder = Recorder(self.folder, checkpoint_seconds) if records else None
        self.inputs = RunInputs(config, dataset)
        self.tasks = self.inputs.tasks
        self.metric = METRICS[stopping_metric(self.tasks[0], config.stopping_metric)]
        if self.metric.name not in (metrics := METRICS_OF[self.tasks[0].kind]):
            raise InputError(
                "--stopping-metric",
                f"{self.metric.name!r}, no metric of {config.target} ({self.tasks[0].kind})",
                f"one of {', '.join(metrics)}",
            )
        loss = METRICS[stopping_metric(self.tasks[0], "auto")]
        self.history = History(config.target, (self.metric, loss))
        self.seconds = {"training": 0.0, "evaluation": 0.0, "checkpoints": 0.0}
        self.songs_trained = 0  # by this process, with repetitions
        self.profile: Profile | None = None

    @cached_property
    def trainer(self) -> Trainer:
        """The network with new weights, built when it is first wanted."""
        return Trainer(self.inputs)

    @cached_property
    def samples(self) -> dict[str, LabelledSongs]:
        """The songs that evaluations score, by part of the split."""
        config, inputs = self.config, self.inputs
        samples = {"validation": inputs.labelled(inputs.stopping_positions())}
        if config.training_sample:
            sample = inputs.songs.positions[: config.training_sample]
            samples["training"] = inputs.labelled(sample)
        return samples

    # ---------------------------------------------------------------- the training loop

    def train(self, advance: Callable | None = None, profile: bool = False) -> dict:
        """Trains to the end of the budget, or until early stopping or a stop request ends it.

        Args:
            advance: Called after each stride with the steps done and a text for a progress bar.
            profile: Whether to trace and time a few steps beforehand, into `profile`; they are
                undone, so that results are the same.

        Returns:
            The record, which also lies in `record.json`.
        """
        if self.recorder:
            self.recorder.claim(self.config, self.dataset.fingerprint)
        self._restore_or_start()
        if profile:
            self.profile = profile_steps(self.trainer, self._score_samples, self.folder)
        summaries = self.recorder.summaries() if self.recorder else nullcontext()
        with StopRequest(self.folder) as stop, summaries:
            while not any_worker(self.done() or stop.requested()):
                losses = self._train_stride()
                if self.recorder and self.trainer.evaluation_due():
                    self._evaluate(losses)
                if self.recorder and self.recorder.checkpoint_due():
                    self._save_checkpoint()
                if advance:
                    advance(self.trainer.step, self.history.in_words() or self.folder.name)
            if not self.recorder:
                return {"status": "stopped", "steps": self.trainer.step, "stopped_by": stop.reason}
            # Still under the guard: a second signal must not abort the saving.
            self._save_checkpoint()
            return self._write_record(stop.reason)

    def done(self) -> bool:
        """Whether the budget is used up or early stopping ends the run."""
        step = self.trainer.step
        return step >= self.trainer.budget.total or self.history.patience_is_over(self.config, step)

    def _train_stride(self) -> np.ndarray:
        """Trains to the next evaluation, or the end of the epoch where epochs are the budget."""
        began = time.perf_counter()
        losses, songs = self.trainer.advance()
        self.songs_trained += songs
        self.seconds["training"] += time.perf_counter() - began
        return losses

    def _evaluate(self, losses: np.ndarray) -> None:
        """Scores the samples, notes that in the history, keeps the best weights."""
        began = time.perf_counter()
        step = self.trainer.step
        row = {"step": step, "epoch": step / self.trainer.batches.steps_per_epoch}
        row |= {
            f"training_loss:{t.name}": float(x) for t, x in zip(self.tasks, losses, strict=True)
        }
        row |= self.trainer.engine.objective.report()
        with self.trainer.averaged(len(self.history.rows) + 1):
            for part, of_part in self._score_samples().items():
                for name, of_task in of_part.items():
                    row |= {f"{part}_{metric}:{name}": value for metric, value in of_task.items()}
            mixing = self.trainer.engine.mixing(self.samples["validation"].tensors)
            row |= {
                f"mixing:{layer}:{reader}:{part}": weight
                for layer, readers in mixing.items()
                for reader, parts in readers.items()
                for part, weight in parts.items()
            }
            self.history.rows.append(row)
            if self.history.waited == 0:
                weights = self.trainer.engine.weights()
                self.recorder.keep_best(weights, step, self.trainer.scales)
        self.recorder.summarise(row)
        self.seconds["evaluation"] += time.perf_counter() - began

    def _score_samples(self) -> dict[str, dict]:
        self.trainer.rescale(self.samples["validation"])
        return {part: self.network_scores(sample) for part, sample in self.samples.items()}

    def network_scores(self, songs: LabelledSongs) -> dict[str, dict[str, float]]:
        """The network's scores by task name; the constant predictor's do not change in training."""
        predictions = self.trainer.predictions(songs)
        columns = self.tasks, songs.labels, predictions, self.inputs.constant
        return {task.name: scores(task, *rest) for task, *rest in zip(*columns, strict=True)}

    # ---------------------------------------------------------------- resuming and recording

    def _restore_or_start(self) -> None:
        """Takes up the newest whole checkpoint, or starts at step 0."""
        trainer = self.trainer
        if self.recorder and (loaded := self.recorder.newest(self.history)):
            arrays, state = loaded
            trainer.restore(arrays, str(self.recorder.latest))
            trainer.step, self.history.rows = state["step"], state["history"]
            trainer.scales = state["scales"]
        if num_workers() > 1:
            step, *variables = from_chief([np.int64(trainer.step), *trainer.engine.state()])
            trainer.step = int(step)
            trainer.engine.restore(variables)

    def _save_checkpoint(self) -> None:
        began = time.perf_counter()
        trainer = self.trainer
        state, reads = trainer.state(), self.inputs.description()
        reads["scales"] = trainer.scales
        self.recorder.save(state, trainer.step, self.history, reads)
        self.seconds["checkpoints"] += time.perf_counter() - began

    def _write_record(self, stopped_by: str) -> dict:
        """Scores the best weights on the validation split and writes `record.json`."""
        began = time.perf_counter()
        scored, verdict, mixing = {}, "", {}
        constant = self.inputs.constant
        if self.done():
            weights, self.trainer.scales = self.recorder.best_weights()
            self.trainer.engine.restore_weights(weights)
            songs = self.inputs.labelled(self.inputs.positions("validation", FINAL_VALIDATION))
            scored = score_tasks(
                self.tasks, songs.labels, self.trainer.predictions(songs), constant
            )
            verdict = verdict_on_constant(self.config.target, scored)
            mixing = self.trainer.engine.mixing(songs.tensors)
        of_history = constant_scores(self.tasks, self.samples["validation"].labels, constant)
        self.seconds["evaluation"] += time.perf_counter() - began
        known = np.isfinite(self.inputs.songs.labels).sum(axis=0)
        record = {
            "status": "finished" if self.done() else "stopped",
            "stopped_by": stopped_by or ("" if self.done() else "a signal to another process"),
            "data": self.dataset.describe_source(),
            "data_kind": self.dataset.kind,
            "fingerprint": self.dataset.fingerprint,
            "training_songs": len(self.inputs.songs.positions),
            "training_labels": dict(zip(self.config.tasks, known.tolist(), strict=True)),
            "units": {task.name: task.unit for task in self.tasks},
            "parameters": self.trainer.engine.network.count_parameters(),
            "steps": self.trainer.step,
            "replicas": num_replicas(),
            "best_step": self.history.best_step,
            "stopping_metric": self.metric.name,
            "stopping_scores": self.history.best_scores(),
            "validation": scored,
            "history_constant": of_history,
            "history_sha256": sha256_of(self.folder / "history.csv") if self.history.rows else "",
            "verdict": verdict,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "songs_per_second": round(self.songs_trained / max(self.seconds["training"], 1e-9)),
            "tensorflow": tf.__version__,
            "process": os.getpid(),
        }
        if mixing:
            record |= {"mixing": mixing} | self.trainer.engine.network.misuse(mixing)
        write_json(self.folder / "record.json", record)
        return record
