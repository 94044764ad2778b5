"""One run: train, checkpoint, resume. Everything a run leaves behind lies in one folder."""

import csv
import io
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.experiments.batches import Batches
from representation_music.experiments.config import RunConfig
from representation_music.experiments.engine import Engine
from representation_music.experiments.inputs import (
    LabelledSongs,
    input_words,
    labelled_songs,
)
from representation_music.experiments.run_folder import run_folder
from representation_music.experiments.scoring import (
    constants,
    initial_head_biases,
    score_tasks,
    stopping_metric,
    to_predictions,
    verdict_on_constant,
)
from representation_music.experiments.training_songs import (
    label_scale,
    loss_factors,
    select_training_songs,
)
from representation_music.utils.checkpoint import load_checkpoint, load_newest, save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.metrics import METRICS, METRICS_OF
from representation_music.utils.stopping import StopRequest

#: Engines of this process by signature: a grid of sizes and seeds builds and traces once.
_ENGINES: dict[tuple, Engine] = {}


def engine_for(config: RunConfig, tasks, num_words: int) -> Engine:
    """The process's engine for such runs; a new one takes the place of the last."""
    key = config.engine_signature(tasks, num_words)
    if key not in _ENGINES:
        _ENGINES.clear()  # one at a time: an engine holds weights, slots and traced graphs
        _ENGINES[key] = Engine(config, tasks, num_words)
    return _ENGINES[key]


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
        self.tasks = [dataset.task(name) for name in config.tasks]
        self.metric = METRICS[stopping_metric(self.tasks[0], config.stopping_metric)]
        if self.metric.name not in (metrics := METRICS_OF[self.tasks[0].kind]):
            raise InputError(
                "--stopping-metric",
                f"{self.metric.name!r}, which {config.target} ({self.tasks[0].kind}) has not",
                f"one of {', '.join(metrics)}",
            )
        self.seconds = {"training": 0.0, "evaluation": 0.0, "checkpoints": 0.0}
        self.songs = select_training_songs(config, dataset)
        self.constant = constants(self.tasks, self.songs.labels)
        columns = self.songs.labels.T
        self.scales = [
            label_scale(task, column) if config.standardise_labels else (0.0, 1.0)
            for task, column in zip(self.tasks, columns, strict=True)
        ]

    # ---------------------------------------------------------------- the training loop

    def train(self, advance: Callable | None = None) -> dict:
        """Trains to the end of the budget, or until patience or a stop request ends it.

        Args:
            advance: Called after each epoch with the steps done and a text for a progress bar.

        Returns:
            The record, which also lies in `record.json`.
        """
        self._claim_folder()
        self._prepare()
        self._restore_or_start()
        with StopRequest(self.folder) as stop, self._tensorboard().as_default():
            while not (self.done() or stop.requested()):
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
        patience = self.config.patience
        return self.step >= self.num_steps or bool(patience and waited >= patience)

    def _train_epoch(self) -> np.ndarray:
        """Trains to the next evaluation, or the end of the epoch where epochs are the budget."""
        began = time.perf_counter()
        last = min(self.step + self.steps_a_stride, self.num_steps)
        order, ends = self.batches.between(self.step, last)
        losses = self.engine.train(
            self.tensors,
            self.labels,
            tf.constant(order),
            tf.constant(ends),
            tf.constant([self.config.seed, self.step], tf.int32),
            self.loss_factors,
            self.turns,
            tf.constant(self.config.l2),
        ).numpy()
        self.step = last
        self.seconds["training"] += time.perf_counter() - began
        return losses

    def _evaluate(self, losses: np.ndarray) -> None:
        """Scores the validation sample, notes the epoch in the history, keeps the best weights."""
        began = time.perf_counter()
        row = {"step": self.step, "epoch": self.step / self.batches.steps_per_epoch}
        row |= {
            f"training_loss:{t.name}": float(x) for t, x in zip(self.tasks, losses, strict=True)
        }
        for part, sample in self.samples.items():
            for name, scored in self._score(sample).items():
                row |= {f"{part}_{metric}:{name}": v for metric, v in scored["network"].items()}
        self.history.append(row)
        self.best = self._best_row(self.history)
        if self.best == len(self.history) - 1:
            self.best_weights = self.engine.weights()
            self.best_is_saved = False
        for key, value in row.items():
            tf.summary.scalar(key.replace(":", "/"), value, step=self.step)
        self.seconds["evaluation"] += time.perf_counter() - began

    def _best_row(self, history: list[dict]) -> int:
        """The row of a history with the best stopping metric; the first of equals."""
        key = f"validation_{self.metric.name}:{self.config.target}"
        values = np.array([row[key] for row in history]) * self.metric.sign
        return int(np.argmax(np.where(np.isnan(values), -np.inf, values)))

    def _evaluation_due(self) -> bool:
        return self.step % self.steps_an_evaluation == 0 or self.step >= self.num_steps

    # ---------------------------------------------------------------- evaluation

    def evaluate(
        self, weights: list[np.ndarray], state: dict
    ) -> tuple[dict, np.ndarray, list[np.ndarray]]:
        """Scores a checkpoint on the test split. Nothing else reads that split.

        Returns:
            The scores beside the constant predictor's, the positions of the test songs that
            carry a label of the tasks, and each task's predictions of them.

        Raises:
            InputError: if the songs file gives other whitening or tasks than the checkpoint has.
        """
        self._build_engine()
        self._refuse_other_whitening(state)
        self.engine.restore(weights)
        positions = self._labelled_positions("test")
        sample = self._labelled_songs(positions)
        outputs = self.engine.outputs(sample.tensors)
        predictions = to_predictions(self.tasks, outputs, state["scales"])
        rates = [np.array(rate) for rate in state["constants"]]
        scored = score_tasks(self.tasks, sample.labels, predictions, rates)
        result = {
            "data": self.dataset.describe_source(),
            "fingerprint": self.dataset.fingerprint,
            "split": self.config.split,
            "parameters": self.engine.network.count_parameters(),
            "test": scored,
            "verdict": verdict_on_constant(self.config.target, scored),
        }
        return result, positions, predictions

    def _refuse_other_whitening(self, state: dict) -> None:
        """Compares the whitening a checkpoint was trained with to that of these training songs."""
        used = np.flatnonzero(self.words.input_of >= 0)
        names = [self.dataset.words[position] for position in used]
        statistics = self.words.mean[: len(names)], self.words.inverse_sd[: len(names)]
        theirs = state["mean"], state["inverse_sd"]
        if state["inputs"] != names or not np.allclose(statistics, theirs, rtol=1e-5, atol=1e-7):
            raise InputError(
                self.dataset.path,
                "training songs with another whitening than the checkpoint's",
                "the songs that the run was trained on",
            )

    # ---------------------------------------------------------------- what training starts from

    def _prepare(self) -> None:
        """Makes tensors of the training songs and the validation sample, and the engine."""
        config = self.config
        self._build_engine()
        self.tensors = self._labelled_songs(self.songs.positions).tensors
        self.labels = tf.constant(self._standardised(self.songs.labels))
        self.loss_factors = tf.constant(loss_factors(config, self.songs))
        each_alone, all_at_once = np.eye(len(self.tasks)), np.ones((1, len(self.tasks)))
        self.turns = tf.constant(each_alone if config.alternating else all_at_once, tf.float32)
        self.batches = Batches(config, self.songs)
        if config.num_epochs:
            self.steps_a_stride = self.batches.steps_per_epoch
            self.steps_an_evaluation = self.steps_a_stride * config.evaluate_every
            self.num_steps = self.steps_a_stride * config.num_epochs
        else:
            self.steps_a_stride = self.steps_an_evaluation = config.evaluate_every
            self.num_steps = config.num_steps
        self.samples = {"validation": self._sample("validation", config.validation_size)}
        if config.training_sample:
            positions = self.songs.positions[: config.training_sample]
            self.samples["training"] = self._labelled_songs(positions)
        biases = initial_head_biases(self.tasks, self.constant, config.head_bias)
        self.engine.reset(config, self.words.mean, self.words.inverse_sd, biases)

    def _build_engine(self) -> None:
        self.words = input_words(self.config, self.dataset, self.songs)
        self.engine = engine_for(self.config, self.tasks, self.words.num_inputs)

    def _sample(self, part: str, size: int) -> LabelledSongs:
        """A fixed sample of a part of the split, of the songs that carry a label of the tasks."""
        useful = self._labelled_positions(part)
        if size:
            # Songs with the target's label first, and chosen whatever the seed and the other
            # tasks: all arms and seeds of a study stop on the same songs.
            rank = np.random.default_rng(0).random(self.dataset.num_songs)[useful]
            lacks_target = np.isnan(self.dataset.labels(self.config.target)[useful])
            useful = np.sort(useful[np.lexsort((rank, lacks_target))[:size]])
        return self._labelled_songs(useful)

    def _labelled_positions(self, part: str) -> np.ndarray:
        """Songs of a part of the split that carry a label of one task or more.

        Raises:
            InputError: if none carries the target's.
        """
        positions = self.dataset.split(self.config.split)[part]
        labels = [self.dataset.labels(task.name)[positions] for task in self.tasks]
        if not np.isfinite(labels[0]).any():
            raise InputError(
                f"{self.dataset.path}: {self.config.target}",
                f"no label in the {part} part of the split {self.config.split!r}",
                "some",
                "`repmusic describe` tells each task's coverage by split.",
            )
        return positions[np.isfinite(labels).any(axis=0)]

    def _labelled_songs(self, positions: np.ndarray) -> LabelledSongs:
        return labelled_songs(self.config, self.dataset, positions, self.words)

    def _standardised(self, labels: np.ndarray) -> np.ndarray:
        mean, sd = np.transpose(self.scales)
        return ((labels - mean) / sd).astype(np.float32)

    def _score(self, songs: LabelledSongs) -> dict[str, dict]:
        predictions = to_predictions(self.tasks, self.engine.outputs(songs.tensors), self.scales)
        return score_tasks(self.tasks, songs.labels, predictions, self.constant)

    # ---------------------------------------------------------------- what a run leaves on disk

    def _claim_folder(self) -> None:
        """Writes `config.json`, or compares with the one that stands there.

        Raises:
            InputError: if the folder holds another run.
        """
        path = self.folder / "config.json"
        ours = self.config.to_json() | {"fingerprint": self.dataset.fingerprint}
        if path.exists():
            there = json.loads(path.read_text())
            fingerprint = {"fingerprint": there.pop("fingerprint", None)}
            # Settings, not what was typed: two ways to write one run are no difference.
            theirs = RunConfig.from_json(there, str(path)).settings() | fingerprint
            sought = self.config.settings() | {"fingerprint": self.dataset.fingerprint}
            differing = [
                f"{name} {theirs[name]!r} (ours {sought[name]!r})"
                for name in sorted(sought)
                if theirs[name] != sought[name]
            ]
            if differing:
                raise InputError(
                    path,
                    f"another run: {'; '.join(differing)}",
                    "this run's config",
                    "Name another --experiment-name or --runs folder.",
                )
        write_text(path, json.dumps(ours, indent=1) + "\n")

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
        self.last_checkpoint = time.monotonic()

    def _checkpoint_if_due(self) -> None:
        if time.monotonic() - self.last_checkpoint >= self.checkpoint_seconds:
            self._save_checkpoint()

    def _save_checkpoint(self) -> None:
        """Saves best before latest, so that what `latest` calls best is always on disk."""
        began = time.perf_counter()
        what_it_reads = self._what_the_network_reads()
        if not self.best_is_saved:
            state = {"step": self.history[self.best]["step"]} | what_it_reads
            save_checkpoint(self._best, self.best_weights, state)
            self.best_is_saved = True
        state = {"step": self.step, "history": self.history} | what_it_reads
        save_checkpoint(self._latest, self.engine.state(), state, keep_previous=True)
        self._write_history()
        self.last_checkpoint = time.monotonic()
        self.seconds["checkpoints"] += time.perf_counter() - began

    def _what_the_network_reads(self) -> dict:
        """Words, whitening and label scales, without which its weights mean nothing."""
        used = np.flatnonzero(self.words.input_of >= 0)
        return {
            "words": self.dataset.words,
            "inputs": [self.dataset.words[position] for position in used],
            "mean": self.words.mean[: len(used)].tolist(),
            "inverse_sd": self.words.inverse_sd[: len(used)].tolist(),
            "scales": self.scales,
            "constants": [rate.tolist() for rate in self.constant],
        }

    def _write_history(self) -> None:
        if self.history:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(self.history[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.history)
            write_text(self.folder / "history.csv", text.getvalue())

    def _tensorboard(self):
        return tf.summary.create_file_writer(str(self.folder / "tensorboard"))

    def _write_record(self, stopped_by: str) -> dict:
        """Scores the best weights on the whole validation split and writes `record.json`."""
        scored, verdict = {}, ""
        if self.done():
            self.engine.restore(load_checkpoint(self._best)[0])
            scored = self._score(self._sample("validation", 0))
            verdict = verdict_on_constant(self.config.target, scored)
        known = np.isfinite(self.songs.labels).sum(axis=0)
        record = {
            "status": "finished" if self.done() else "stopped",
            "stopped_by": stopped_by,
            "data": self.dataset.describe_source(),
            "data_kind": self.dataset.kind,
            "fingerprint": self.dataset.fingerprint,
            "training_songs": len(self.songs.positions),
            "training_labels": dict(zip(self.config.tasks, known.tolist(), strict=True)),
            "parameters": self.engine.network.count_parameters(),
            "steps": self.step,
            "best_step": self.history[self.best]["step"] if self.history else None,
            "stopping_metric": self.metric.name,
            "validation": scored,
            "history_constant": self._constant_in_history(),
            "verdict": verdict,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "tensorflow": tf.__version__,
            "process": os.getpid(),
        }
        write_text(self.folder / "record.json", json.dumps(record, indent=1) + "\n")
        return record

    def _constant_in_history(self) -> dict[str, dict]:
        """The constant predictor's scores on the sample of songs that the history is of."""
        scored = self._score(self.samples["validation"])
        return {task: of_task["constant"] for task, of_task in scored.items()}

    def _progress_text(self) -> str:
        if not self.history:
            return self.folder.name
        key = f"validation_{self.metric.name}:{self.config.target}"
        best, last = self.history[self.best][key], self.history[-1][key]
        if math.isnan(best):
            return self.folder.name
        return f"{self.config.target} {self.metric.label} {last:.4f} (best {best:.4f})"
