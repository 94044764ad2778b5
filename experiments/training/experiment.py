"""One run: train, checkpoint, resume. Everything a run leaves behind lies in one folder."""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import tensorflow as tf

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import (
    LOCK,
    claim,
    run_folder,
    write_history,
)
from representation_music.experiments.training.batches import Batches
from representation_music.experiments.training.distribution.replicas import (
    any_worker,
    from_chief,
    num_replicas,
    num_workers,
)
from representation_music.experiments.training.engine import engine_for
from representation_music.experiments.training.inputs import LabelledSongs, RunInputs
from representation_music.experiments.training.profile import Profile, profile_steps
from representation_music.experiments.training.scoring import (
    constant_scores,
    initial_head_biases,
    score_tasks,
    stopping_metric,
    to_predictions,
    verdict_on_constant,
)
from representation_music.experiments.training.training_songs import loss_factors
from representation_music.utils.checkpoint import load_checkpoint, load_newest, save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import sha256_of, write_json
from representation_music.utils.lock import require_held
from representation_music.utils.metrics import METRICS, METRICS_OF, scores
from representation_music.utils.stopping import StopRequest

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
    """

    def __init__(
        self,
        config: RunConfig,
        dataset: SongDataset,
        runs: Path | str = "runs",
        checkpoint_seconds: float = 5.0,
    ):
        self.config, self.dataset = config, dataset
        self.folder = run_folder(config, dataset.fingerprint, runs)
        self.checkpoint_seconds = checkpoint_seconds
        self.inputs = RunInputs(config, dataset)
        self.tasks = self.inputs.tasks
        self.metric = METRICS[stopping_metric(self.tasks[0], config.stopping_metric)]
        if self.metric.name not in (metrics := METRICS_OF[self.tasks[0].kind]):
            raise InputError(
                "--stopping-metric",
                f"{self.metric.name!r}, which {config.target} ({self.tasks[0].kind}) has not",
                f"one of {', '.join(metrics)}",
            )
        self.seconds = {"training": 0.0, "evaluation": 0.0, "checkpoints": 0.0}
        self.songs_trained = 0  # by this process, with repetitions
        self.profile: Profile | None = None

    # ---------------------------------------------------------------- the training loop

    def train(self, advance: Callable | None = None, profile: bool = False) -> dict:
        """Trains to the end of the budget, or until patience or a stop request ends it.

        Args:
            advance: Called after each epoch with the steps done and a text for a progress bar.
            profile: Whether to trace and time a few steps beforehand, into `profile`; they are
                undone, so that results are the same.

        Returns:
            The record, which also lies in `record.json`.
        """
        self._claim_folder()
        self._prepare()
        self._restore_or_start()
        if profile:
            self.profile = profile_steps(self)
        with StopRequest(self.folder) as stop, self._tensorboard():
            while not any_worker(self.done() or stop.requested()):
                losses = self._train_epoch()
                if self._evaluation_due():
                    self._evaluate(losses)
                self._checkpoint_if_due()
                if advance:
                    advance(self.step, self._progress_text())
            # Still under the guard: a second signal must not abort the saving.
            self._save_checkpoint()
            return self._write_record(stop.reason)

    def done(self) -> bool:
        """Whether the budget is used up or patience is over."""
        waited = len(self.history) - 1 - self.best if self.history else 0
        config = self.config
        impatient = config.patience and waited >= config.patience and self.step >= config.min_steps
        return self.step >= self.num_steps or bool(impatient)

    def _train_epoch(self) -> np.ndarray:
        """Trains to the next evaluation, or the end of the epoch where epochs are the budget."""
        began = time.perf_counter()
        last = min(self.step + self.steps_a_stride, self.num_steps)
        order, ends = self.batches.between(self.step, last)
        losses = self.train_batches(tf.constant(order), tf.constant(ends)).numpy()
        self.step = last
        self.songs_trained += len(order)
        self.seconds["training"] += time.perf_counter() - began
        return losses

    def train_batches(self, order: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
        """The engine's steps after the current one, on these songs; arguments as `Engine.train`."""
        return self.engine.train(
            self.tensors,
            self.labels,
            order,
            ends,
            tf.constant([self.config.seed, self.step], tf.int32),
            self.loss_factors,
            self.turns,
            tf.constant(self.config.l2),
        )

    def _evaluate(self, losses: np.ndarray) -> None:
        """Scores the validation sample, notes the epoch in the history, keeps the best weights."""
        began = time.perf_counter()
        row = {"step": self.step, "epoch": self.step / self.batches.steps_per_epoch}
        row |= {
            f"training_loss:{t.name}": float(x) for t, x in zip(self.tasks, losses, strict=True)
        }
        for part, sample in self.samples.items():
            for name, of_task in self.network_scores(sample).items():
                row |= {f"{part}_{metric}:{name}": value for metric, value in of_task.items()}
        self.history.append(row)
        self.best = self._best_row(self.history)
        if self.best == len(self.history) - 1:
            self.best_weights = self.engine.weights()
            self.best_is_saved = False
        self._summarise(row)
        self.seconds["evaluation"] += time.perf_counter() - began

    def _best_row(self, history: list[dict]) -> int:
        """The row of a history with the best stopping metric; the first of equals.

        Where it is undefined, as the AUC of songs of one class is, the loss stands in.
        """
        metrics = [self.metric, METRICS[stopping_metric(self.tasks[0], "auto")]]
        for metric in metrics:
            key = f"validation_{metric.name}:{self.config.target}"
            values = np.array([row[key] for row in history]) * metric.sign
            if not np.isnan(values).all():
                break
        return int(np.argmax(np.where(np.isnan(values), -np.inf, values)))

    def _evaluation_due(self) -> bool:
        return self.step % self.steps_an_evaluation == 0 or self.step >= self.num_steps

    # ---------------------------------------------------------------- what training starts from

    def _prepare(self) -> None:
        """Makes tensors of the training songs and the validation sample, and the engine."""
        config, inputs = self.config, self.inputs
        self.engine = engine_for(config, self.tasks, inputs.words.num_inputs)
        self.tensors = inputs.labelled(inputs.songs.positions).tensors
        self.labels = tf.constant(inputs.standardised_labels())
        self.loss_factors = tf.constant(loss_factors(config, inputs.songs))
        each_alone, all_at_once = np.eye(len(self.tasks)), np.ones((1, len(self.tasks)))
        self.turns = tf.constant(each_alone if config.alternating else all_at_once, tf.float32)
        self.batches = Batches(config, inputs.songs)
        if config.num_epochs:
            self.steps_a_stride = self.batches.steps_per_epoch
            self.steps_an_evaluation = self.steps_a_stride * config.evaluate_every
            self.num_steps = self.steps_a_stride * config.num_epochs
        else:
            self.steps_a_stride = self.steps_an_evaluation = config.evaluate_every
            self.num_steps = config.num_steps
        sample = inputs.positions("validation", config.validation_size)
        self.samples = {"validation": inputs.labelled(sample)}
        if config.training_sample:
            sample = inputs.songs.positions[: config.training_sample]
            self.samples["training"] = inputs.labelled(sample)
        biases = initial_head_biases(self.tasks, inputs.constant, config.head_bias)
        self.engine.reset(config, inputs.words.mean, inputs.words.inverse_sd, biases)

    def _predictions(self, songs: LabelledSongs) -> list[np.ndarray]:
        return to_predictions(self.tasks, self.engine.outputs(songs.tensors), self.inputs.scales)

    def network_scores(self, songs: LabelledSongs) -> dict[str, dict[str, float]]:
        """The network's scores by task name; the constant predictor's do not change in training."""
        columns = self.tasks, songs.labels, self._predictions(songs), self.inputs.constant
        return {task.name: scores(task, *rest) for task, *rest in zip(*columns, strict=True)}

    # ---------------------------------------------------------------- what a run leaves on disk

    def _claim_folder(self) -> None:
        """Makes sure that the folder is this run's, and clears away what is of no use any more."""
        claim(self.folder, self.config, self.dataset.fingerprint)
        for name in ("test.json", "predictions-test.npz"):
            (self.folder / name).unlink(missing_ok=True)  # of weights that training will replace

    @contextmanager
    def _tensorboard(self) -> Iterator[None]:
        """Writes the block's summaries to the folder, for TensorBoard."""
        self.events = tf.summary.create_file_writer(str(self.folder / "tensorboard"))
        with self.events.as_default():
            yield
        self.events.close()

    def _summarise(self, row: dict) -> None:
        """Writes a row as one event; a summary a value takes half as long as the scoring."""
        summary = tf.compat.v1.Summary()
        for key, value in row.items():
            summary.value.add(tag=key.replace(":", "/"), simple_value=value)
        tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=self.step)

    @property
    def _latest(self) -> Path:
        return self.folder / "checkpoints" / "latest.npz"

    @property
    def _best(self) -> Path:
        return self.folder / "checkpoints" / "best.npz"

    def _newest_checkpoint(self) -> tuple[list[np.ndarray], dict] | None:
        """The newest whole checkpoint; none if the best weights it speaks of are gone.

        Later best weights than its own do no harm: training comes by them again.
        """
        loaded = load_newest(self._latest)
        if loaded and (history := loaded[1]["history"]):
            best = load_newest(self._best)
            if not best or best[1]["step"] < history[self._best_row(history)]["step"]:
                return None
        return loaded

    def _restore_or_start(self) -> None:
        """Takes up the newest whole checkpoint, or starts at step 0."""
        self.step, self.history, self.best, self.best_is_saved = 0, [], 0, True
        self.best_weights = None
        if loaded := self._newest_checkpoint():
            arrays, state = loaded
            self.engine.restore(arrays)
            self.step, self.history = state["step"], state["history"]
            self.best = self._best_row(self.history) if self.history else 0
        if num_workers() > 1:
            step, *variables = from_chief([np.int64(self.step), *self.engine.state()])
            self.step = int(step)
            self.engine.restore(variables)
        self.last_checkpoint = time.monotonic()

    def _checkpoint_if_due(self) -> None:
        if time.monotonic() - self.last_checkpoint >= self.checkpoint_seconds:
            self._save_checkpoint()

    def _save_checkpoint(self) -> None:
        """Saves best before latest, so that what `latest` calls best is always on disk."""
        began = time.perf_counter()
        require_held(self.folder / LOCK)
        what_it_reads = self.inputs.description()
        if not self.best_is_saved:
            state = {"step": self.history[self.best]["step"]} | what_it_reads
            save_checkpoint(self._best, self.best_weights, state)
            self.best_is_saved = True
        state = {"step": self.step, "history": self.history} | what_it_reads
        save_checkpoint(self._latest, self.engine.state(), state, keep_previous=True)
        write_history(self.folder, self.history)
        self.events.flush()
        self.last_checkpoint = time.monotonic()
        self.seconds["checkpoints"] += time.perf_counter() - began

    def _write_record(self, stopped_by: str) -> dict:
        """Scores the best weights on the validation split and writes `record.json`."""
        began = time.perf_counter()
        scored, verdict = {}, ""
        constant = self.inputs.constant
        if self.done():
            self.engine.restore(load_checkpoint(self._best)[0])
            songs = self.inputs.labelled(self.inputs.positions("validation", FINAL_VALIDATION))
            scored = score_tasks(self.tasks, songs.labels, self._predictions(songs), constant)
            verdict = verdict_on_constant(self.config.target, scored)
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
            "parameters": self.engine.network.count_parameters(),
            "steps": self.step,
            "replicas": num_replicas(),
            "best_step": self.history[self.best]["step"] if self.history else None,
            "stopping_metric": self.metric.name,
            "validation": scored,
            "history_constant": of_history,
            "history_sha256": sha256_of(self.folder / "history.csv") if self.history else "",
            "verdict": verdict,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "songs_per_second": round(self.songs_trained / max(self.seconds["training"], 1e-9)),
            "tensorflow": tf.__version__,
            "process": os.getpid(),
        }
        write_json(self.folder / "record.json", record)
        return record

    def _progress_text(self) -> str:
        if not self.history:
            return self.folder.name
        key = f"validation_{self.metric.name}:{self.config.target}"
        best, last = self.history[self.best][key], self.history[-1][key]
        if math.isnan(best):
            return self.folder.name
        return f"{self.config.target} {self.metric.label} {last:.4f} (best {best:.4f})"


class Follower(Experiment):
    """A run's part in every process but the chief: it trains along and leaves nothing on disk.

    It neither restores nor scores anything; the chief tells where to start and when to end.
    """

    def _claim_folder(self) -> None:
        pass

    def _tensorboard(self) -> nullcontext:
        return nullcontext()

    def _newest_checkpoint(self) -> None:
        return None

    def _evaluate(self, losses: np.ndarray) -> None:
        pass

    def _save_checkpoint(self) -> None:
        pass

    def _write_record(self, stopped_by: str) -> dict:
        return {"status": "stopped", "stopped_by": stopped_by, "steps": self.step}
