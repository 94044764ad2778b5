"""Every setting of a run in one place, with its unit and default, and the two presets."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from representation_music.models.sharing_pattern import sharing_pattern
from representation_music.utils.errors import InputError
from representation_music.utils.metrics import METRICS
from representation_music.utils.tasks import TASK_SETS, Task
from representation_music.utils.typed_json import checked

#: Options that came later, and what runs did before there was a choice.
BEFORE = {"precision": "float32", "input_scale": "word", "head_weights": "drawn"}


@dataclass(frozen=True)
class RunConfig:
    """One run: one training of one network with one seed. Same config, same bits."""

    # What is learnt
    tasks: tuple[str, ...] = TASK_SETS["tightly_coupled"]
    """tasks to learn; the first is the target, whose validation metric picks the best checkpoint"""
    task_weights: tuple[float, ...] = ()
    """weight of each task's loss in the sum; empty: 1 each"""
    permuted_tasks: tuple[str, ...] = ()
    """tasks whose training labels are shuffled among songs: a control that can learn nothing"""

    standardise_labels: bool = True
    """whether regression labels are standardised for training; scores are in own units anyway"""

    # Which songs
    split: str = "artist"
    """split of the songs file: artist, official or random"""
    training_size: int = 1000
    """training songs that carry the target's label; 0: all there are"""
    auxiliary_size: int = 0
    """further training songs that carry auxiliary labels only"""
    input_transform: Literal["raw", "log1p", "binary"] = "binary"
    """transform of word counts before they are centred and scaled"""
    whitening: Literal["run", "split"] = "run"
    """songs that whitening statistics come from: the run's own training songs, or the whole
    training split"""
    input_scale: Literal["word", "common"] = "common"
    """what centred inputs are divided by: each word's own standard deviation, as whitening does, or
    one number for all words, so that a rare word weighs as little as it varies"""
    word_floor: int = 5
    """a word counts only if at least this many of the run's training songs have it"""
    word_share: float = 0.02
    """a word counts only if at least this share of the run's training songs has it; with
    input_scale word, rarer words have values so large that they drown the others"""
    target_word_floor: int = 0
    """a word counts only if at least this many training songs with the target's label have it"""

    # The network
    architecture: str = "low_level_sharing"
    """no_sharing, low_level_sharing, high_level_sharing, interspersed_sharing, or a pattern of S
    (shared) and P (private) such as SPSP, the first layer first"""
    widths: tuple[int, ...] = (1024, 512, 256, 128)
    """units of each hidden layer"""
    activation: Literal["relu", "leaky_relu"] = "relu"
    """activation of the hidden layers"""
    merge: Literal["none", "mean", "concatenate"] = "none"
    """how a shared layer above private ones joins their streams; none: same weights on each"""
    dropout: tuple[float, ...] = (0.0, 0.0, 0.5, 0.5)
    """share of units dropped after each hidden layer in training"""
    word_dropout: float = 0.7
    """share of a song's words dropped in training"""
    batch_normalization: bool = False
    """normalise before each activation"""
    l2: float = 1e-3
    """factor of the sum of squared kernel weights in the loss"""
    initialization: Literal["he", "normal"] = "he"
    """initial weights: He et al. (2015), or normal with standard deviation 0.01"""
    head_weights: Literal["zero", "drawn"] = "zero"
    """initial weights of the heads: zero, so that a net begins as the constant predictor, or drawn
    as all others are; drawn ones predict so wildly at first that the losses of regression tasks
    leave most units of shared layers dead"""
    head_bias: Literal["base_rate", "zero"] = "base_rate"
    """initial bias of the heads: the constant predictor, or zero"""

    # The training
    optimizer: Literal["adagrad", "adadelta", "adam", "momentum"] = "adagrad"
    """optimizer; momentum is SGD with momentum 0.9"""
    learning_rate: float = 0.04
    """step size of the optimizer"""
    warmup_steps: int = 100
    """steps over which the learning rate rises from 0; with drawn heads and inputs scaled word by
    word, AdaGrad's first steps were so large without it that regression tasks never recovered"""
    batch_size: int = 64
    """songs a training step (of the stream, where target_batch_size is set)"""
    target_batch_size: int = 0
    """further songs of each batch, drawn from those with the target's label; 0: plain batches"""
    alternating: bool = False
    """each step trains one task only, in turn, not the sum of all losses"""
    num_steps: int = 3000
    """budget in training steps, used where num_epochs is 0"""
    num_epochs: int = 0
    """budget in passes over the training songs; 0: num_steps is the budget"""
    evaluate_every: int = 50
    """epochs (with num_epochs) or steps between evaluations on the validation split"""
    validation_size: int = 1000
    """songs of a fixed sample of the validation split that evaluations during training score;
    0: all"""
    training_sample: int = 0
    """songs of a fixed sample of the training songs that evaluations score as well"""
    patience: int = 10
    """evaluations without a better stopping metric before training stops; 0: never stops"""
    min_steps: int = 1000
    """training steps before which patience ends no run: a net with drawn heads may stand still for
    hundreds of steps before it learns"""
    stopping_metric: str = "verdict"
    """validation metric of the target that picks the best checkpoint; verdict: the one that decides
    verdicts, auc, or r2 for regression; auto: the loss, log_loss or rmse, which stops later, when
    ranking is past its best"""
    seed: int = 0
    """seed of weights, training songs, order and dropout"""

    precision: Literal["float32", "bfloat16"] = "float32"
    """number format of the hidden layers after the first; bfloat16 changes results, about as
    another seed would, and is faster or slower by the processor (see `train --profile`); weights,
    first layer and heads stay float32"""

    # Where it belongs; neither changes results
    dataset: str = field(default="songs.h5", metadata={"changes_results": False})
    """songs file made by `repmusic preprocess`"""
    experiment_name: str = field(default="run", metadata={"changes_results": False})
    """first part of the run's folder name"""

    def __post_init__(self):
        sharing_pattern(self.architecture)
        for name in (
            "training_size",
            "auxiliary_size",
            "word_floor",
            "target_word_floor",
            "warmup_steps",
            "target_batch_size",
            "num_epochs",
            "validation_size",
            "training_sample",
            "patience",
            "min_steps",
            "l2",
        ):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        for name in ("batch_size", "evaluate_every"):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        self._require("num_steps", self.num_epochs > 0 or self.num_steps > 0, "1 or more")
        self._require("learning_rate", 0 < self.learning_rate < math.inf, "above 0 and finite")
        self._require("word_share", 0 <= self.word_share < 1, "at least 0 and below 1")
        self._require("word_dropout", 0 <= self.word_dropout < 1, "at least 0 and below 1")
        self._require(
            "dropout", all(0 <= rate < 1 for rate in self.dropout), "at least 0 and below 1 each"
        )
        self._require("widths", all(units > 0 for units in self.widths), "1 unit or more each")
        depth = len(self.pattern)
        for name in ("widths", "dropout"):
            expected = f"one for each of the {depth} layers of {self.architecture}"
            self._require(name, len(getattr(self, name)) == depth, expected)
        self._require("seed", 0 <= self.seed < 2**31, "at least 0 and below 2^31")
        metrics = ("verdict", "auto", *METRICS)
        self._require(
            "stopping_metric", self.stopping_metric in metrics, f"one of {', '.join(metrics)}"
        )
        self._require("tasks", len(self.tasks) > 0, "one task or more")
        self._require("tasks", len(set(self.tasks)) == len(self.tasks), "each task once")
        weights = len(self.task_weights)
        self._require("task_weights", weights in (0, len(self.tasks)), "one a task, or none")
        in_range = all(0 <= weight < math.inf for weight in self.task_weights)
        self._require("task_weights", in_range, "0 or more and finite each")
        self._require(
            "permuted_tasks", set(self.permuted_tasks) <= set(self.tasks), f"some of {self.tasks}"
        )

    def _require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            flag = "--" + name.replace("_", "-")
            raise InputError(flag, repr(getattr(self, name)), expected)

    @property
    def target(self) -> str:
        """The target task."""
        return self.tasks[0]

    @property
    def pattern(self) -> str:
        """The sharing pattern, one letter a hidden layer."""
        return sharing_pattern(self.architecture)

    def settings(self) -> dict:
        """What decides the run's result, as JSON types; the architecture as its pattern."""
        values = {
            entry.name: getattr(self, entry.name)
            for entry in dataclasses.fields(self)
            if entry.metadata.get("changes_results", True)
        }
        # Sharing has no meaning for one task, so that all patterns name the same run.
        values["architecture"] = self.pattern if len(self.tasks) > 1 else "P" * len(self.pattern)
        for name, before in BEFORE.items():
            if values[name] == before:
                del values[name]  # so that runs keep the names they had before the option
        return json.loads(json.dumps(values))

    def digest(self, fingerprint: str) -> str:
        """Ten hexadecimal digits that name the run: a hash of its settings and its data."""
        text = json.dumps([fingerprint, self.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def engine_signature(self, tasks: Sequence[Task], num_words: int) -> tuple:
        """Runs with equal signatures can share an engine: it is built and traced once."""
        heads = tuple((task.kind, task.num_outputs) for task in tasks)
        names = ("widths", "activation", "dropout", "word_dropout", "batch_normalization", "merge")
        built_in = tuple(getattr(self, name) for name in (*names, "precision"))
        return (heads, num_words, self.pattern, self.optimizer, *built_in)

    def to_json(self) -> dict:
        """Every field as JSON types."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, values: dict, place: str = "config.json") -> "RunConfig":
        """The config of a run's `config.json` or of a manifest's line, checked as flags are.

        What an older one does not say was done as `BEFORE` has it.

        Raises:
            InputError: for a setting that does not exist, is of another type or out of range.
        """
        return checked(cls, BEFORE | values, place)


#: What learns: measured settings, see README.
DEFAULT = RunConfig()

#: The 2016 study as its text says it was done.
PAPER = RunConfig(
    split="random",
    input_transform="raw",
    word_floor=1,
    word_share=0.0,
    input_scale="word",
    word_dropout=0.0,
    l2=0.0,
    initialization="normal",
    head_weights="drawn",
    head_bias="zero",
    learning_rate=1e-4,
    warmup_steps=0,
    batch_size=128,
    num_epochs=1000,
    evaluate_every=10,
    patience=0,
    stopping_metric="auto",
)

PRESETS = {"default": DEFAULT, "paper": PAPER}
