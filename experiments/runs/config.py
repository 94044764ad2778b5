"""Every setting of a run in one place, with its unit and default, and the two presets."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import architecture_name, network_of
from representation_music.utils.errors import InputError
from representation_music.utils.metrics import METRICS
from representation_music.utils.tasks import TASK_SETS, Task


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
    lyric_tasks: tuple[str, ...] = ()
    """auxiliary tasks whose labels are made of lyrics: whether a song lies above the median of a
    leading component of the training songs' words; a control that sees no auxiliary label"""

    standardise_labels: bool = True
    """whether regression labels are standardised for training; scores are in own units anyway"""
    rescale_predictions: bool = True
    """whether mean and spread of regression predictions are fitted to the labels that stopping
    sees: training under strong dropout leaves a prediction at half its spread or less"""

    # Which songs
    split: str = "artist"
    """split of the songs file: artist, official or random"""
    training_size: int = 1000
    """training songs that carry the target's label; 0: all there are"""
    auxiliary_size: int = 0
    """further training songs that carry auxiliary labels only"""
    input_transform: Literal["raw", "log1p", "binary", "tfidf"] = "log1p"
    """transform of word counts before they are centred and scaled; tfidf: log(1 + count) times the
    inverse document frequency, each song of unit length"""
    whitening: Literal["run", "split"] = "run"
    """songs that whitening statistics come from: the run's own training songs, or the whole
    training split"""
    input_scale: Literal["word", "common"] = "common"
    """what centred inputs are divided by: each word's own standard deviation, as whitening does, or
    one number for all words, so that a rare word weighs as little as it varies"""
    word_floor: int = 5
    """a word counts only if at least this many of the run's training songs have it"""

    network: NetworkConfig = field(default_factory=NetworkConfig, metadata={"flat": True})
    """the network and its initial weights"""

    # The training
    l2: float = 1e-3
    """factor of the sum of squared kernel weights in the loss"""
    optimizer: Literal["adagrad", "adadelta", "adam", "momentum"] = "adagrad"
    """optimizer; momentum is SGD with momentum 0.9"""
    learning_rate: float = 0.04
    """step size of the optimizer"""
    warmup_steps: int = 100
    """steps over which the learning rate rises from 0; in pilot runs of a former preset, with drawn
    heads and inputs scaled word by word, regression tasks did not recover from AdaGrad's first
    steps without it"""
    batch_size: int = 64
    """songs a training step (of the stream, where target_batch_size is set)"""
    target_batch_size: int = 0
    """further songs of each batch, drawn from those with the target's label; 0: plain batches"""
    objective: str = "sum"
    """how the tasks' losses become one step: sum, alternating, transfer, uncertainty, dwa, rlw,
    scale_invariant, famo, pcgrad, mgda, cagrad, aligned_mtl, upgrad, imtl_g, nash_mtl or gradvac"""
    objective_options: tuple[str, ...] = ()
    """settings that the chosen objective alone has, each as name=value"""
    num_steps: int = 3000
    """budget in training steps, used where num_epochs is 0"""
    num_epochs: int = 0
    """budget in passes over the training songs; 0: num_steps is the budget"""
    evaluate_every: int = 50
    """epochs (with num_epochs) or steps between evaluations on the validation split"""
    validation_size: int = 1000
    """songs of a sample of the validation split that evaluations during training score; 0: all"""
    validation_labels: int = 0
    """of them, songs with the target's label, which stopping and tuning may see; 0: as many as
    training songs have it, at least 100. Which ones, the seed decides"""
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
    averaging: float = 3.0
    """weights that are scored and kept: the mean of those at all evaluations so far, the late ones
    with more weight (polynomial decay, Shamir and Zhang 2013), in effect of the last of averaging
    + 1 equal parts of the training; 0: the current weights"""
    seed: int = 0
    """seed of weights, training songs, order and dropout"""
    restart: int = 0
    """another draw of weights, order and dropout than the seed's, on the same songs"""
    members: int = 1
    """networks whose predictions are averaged, each a run with a restart of its own"""

    # Where it belongs; neither changes results
    dataset: str = field(default="songs.h5", metadata={"changes_results": False})
    """songs file made by `repmusic preprocess`"""
    experiment_name: str = field(default="run", metadata={"changes_results": False})
    """first part of the run's folder name"""

    def __post_init__(self):
        name = architecture_name(self.network.architecture)
        network = dataclasses.replace(self.network, architecture=name)
        object.__setattr__(self, "network", network)  # one name, whichever was given
        network_of(name).check(network)
        OBJECTIVES[self.objective].check(self.objective_options)
        OBJECTIVES[self.objective].check_run(self)
        for name in (
            *("training_size", "auxiliary_size", "word_floor", "warmup_steps", "target_batch_size"),
            *("num_epochs", "validation_size", "validation_labels", "training_sample", "patience"),
            *("min_steps", "averaging", "restart", "l2"),
        ):
            self._require(name, 0 <= getattr(self, name) < math.inf, "0 or more and finite")
        for name in ("batch_size", "evaluate_every", "members"):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        self._require("num_steps", self.num_epochs > 0 or self.num_steps > 0, "1 or more")
        self._require("learning_rate", 0 < self.learning_rate < math.inf, "above 0 and finite")
        self._require("seed", 0 <= self.seed < 2**31, "at least 0 and below 2^31")
        metrics = ("verdict", "auto", *METRICS)
        self._require(
            "stopping_metric", self.stopping_metric in metrics, f"one of {', '.join(metrics)}"
        )
        self._require("tasks", len(self.tasks) > 0, "one task or more")
        self._require("tasks", len(set(self.tasks)) == len(self.tasks), "each task once")
        weights = len(self.task_weights)
        self._require("task_weights", weights in (0, len(self.tasks)), "one per task, or none")
        in_range = all(0 <= weight < math.inf for weight in self.task_weights)
        self._require("task_weights", in_range, "0 or more and finite each")
        self._require(
            "permuted_tasks", set(self.permuted_tasks) <= set(self.tasks), f"some of {self.tasks}"
        )
        others = self.tasks[1:]
        self._require("lyric_tasks", set(self.lyric_tasks) <= set(others), f"some of {others}")
        both = set(self.lyric_tasks) & set(self.permuted_tasks)
        self._require("lyric_tasks", not both, "none of the permuted tasks")

    def _require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            flag = "--" + name.replace("_", "-")
            raise InputError(flag, repr(getattr(self, name)), expected)

    @property
    def target(self) -> str:
        """The target task."""
        return self.tasks[0]

    @property
    def training_seed(self) -> int:
        """Seed of weights, order and dropout: the seed itself, but for a restart."""
        return (self.seed + 1_000_003 * self.restart) % 2**31

    @property
    def runs_of_members(self) -> list["RunConfig"]:
        """The runs whose predictions are averaged; none where there is but one network."""
        numbers = range(self.members) if self.members > 1 else ()
        return [self.replace(members=1, restart=self.restart + number) for number in numbers]

    def flat(self) -> dict:
        """Every setting by its flag's name, those of the network among them."""
        return flat(self)

    def replace(self, **settings) -> "RunConfig":
        """The config with other settings by their flags' names, the network's among them."""
        of_network = {name: settings.pop(name) for name in NETWORK_SETTINGS & settings.keys()}
        network = dataclasses.replace(settings.pop("network", self.network), **of_network)
        return dataclasses.replace(self, network=network, **settings)

    def settings(self) -> dict:
        """What decides the run's result, as JSON types."""
        values = self.to_json()
        for entry in dataclasses.fields(self):
            if not entry.metadata.get("changes_results", True):
                del values[entry.name]
        if len(self.tasks) == 1:
            # Sharing has no meaning for one task, so that all patterns name the same run.
            alone = network_of(self.network.architecture).alone(self.network)
            values["architecture"] = architecture_name(alone)
        return values

    def digest(self, fingerprint: str) -> str:
        """Ten hexadecimal digits that name the run: a hash of its settings and its data."""
        text = json.dumps([fingerprint, self.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def engine_signature(self, tasks: Sequence[Task], num_inputs: int) -> tuple:
        """Runs with equal signatures can share an engine: it is built and traced once."""
        heads = tuple((task.kind, task.num_outputs) for task in tasks)
        of_training = (self.optimizer, self.objective, self.objective_options, self.l2 > 0)
        return (self.network, heads, num_inputs, *of_training)

    def to_json(self) -> dict:
        """Every setting as JSON types, by its flag's name."""
        return json.loads(json.dumps(self.flat()))


def flat(options) -> dict:
    """The fields of a dataclass by name, those of dataclasses within it in place of these."""
    values = {}
    for entry in dataclasses.fields(options):
        value = getattr(options, entry.name)
        values |= flat(value) if dataclasses.is_dataclass(value) else {entry.name: value}
    return values


NETWORK_SETTINGS = frozenset(entry.name for entry in dataclasses.fields(NetworkConfig))

#: What learns: measured settings, see README.
DEFAULT = RunConfig()

#: The 2016 study as its text says it was done.
PAPER = DEFAULT.replace(
    rescale_predictions=False,
    split="random",
    input_transform="raw",
    word_floor=1,
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
    validation_labels=1000,
    averaging=0.0,
    evaluate_every=10,
    patience=0,
    stopping_metric="auto",
)

PRESETS = {"default": DEFAULT, "paper": PAPER}
