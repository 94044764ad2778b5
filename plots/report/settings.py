"""What the report says of one net's config: statements, and settings for a table."""

from collections.abc import Callable, Mapping

from representation_music.plots.report.words import (
    count,
    escaped,
    number,
    percent,
    plural,
)
from representation_music.plots.studies.words import METRIC_NAMES, listed


def short(value: float) -> str:
    """`.02`, `1`: no zeros at the end."""
    return number(value, 8).rstrip("0").rstrip(".") or "0"


def units_told(config: Mapping) -> str:
    """Layers, their units and the heads."""
    units = {"relu": "rectified linear units", "leaky_relu": "leaky rectified linear units"}
    widths = "-".join(map(str, config["widths"]))
    return (
        f"a network has {len(config['widths'])} fully connected hidden layers ({widths} "
        f"{units[config['activation']]}) and one linear head a task"
    )


def _inputs(config: Mapping) -> str:
    words = {
        "binary": "a word is counted once in a song",
        "raw": "words are counted",
        "log1p": "the logarithm is taken of one plus a word's count",
    }[config["input_transform"]]
    songs = {"run": "a run's own training songs", "split": "the whole training split"}
    # Configs of older records lack settings that had one value then.
    whitening = songs[config.get("whitening", "run")]
    scale = {
        "word": "whitened by mean and standard deviation",
        "common": "centred by each word's mean and divided by one scale for all words, found",
    }[config["input_scale"]]
    return f"{words}, and inputs are {scale} over {whitening}"


def _labels(config: Mapping) -> str:
    return (
        "regression labels are standardised"
        if config["standardise_labels"]
        else "regression labels keep their own units"
    )


def _loss(config: Mapping) -> str:
    return (
        "each step lowers one task's loss, in turn"
        if config["objective"] == "alternating"
        else "each step lowers the sum of all tasks' losses"
    )


def _optimizer(config: Mapping) -> str:
    names = {"adagrad": "AdaGrad @duchi2011", "adam": "Adam", "adadelta": "Adadelta"}
    name = names.get(config["optimizer"], "gradient descent with momentum")
    steps = config["warmup_steps"]
    warmup = f"a warm-up of {plural(steps, 'step')}" if steps else "no warm-up"
    return f"the optimizer is {name} with {warmup}"


def _initial(config: Mapping) -> str:
    weights = {
        "he": "initial weights are those of He et al. @he2015",
        "normal": "initial weights are small normal ones",
    }[config["initialization"]]
    biases = {"base_rate": "the constant predictor", "zero": "zero"}[config["head_bias"]]
    heads = {
        "zero": "the heads begin with weights of zero and biases",
        "drawn": "the heads' biases begin",
    }[config["head_weights"]]
    return f"{weights}, and {heads} at {biases}"


def _dropout(config: Mapping) -> str:
    dropped = ["units of hidden layers @srivastava2014"] * any(config["dropout"])
    dropped += ["words of the input"] * (config["word_dropout"] > 0)
    return f"{listed(dropped) or 'nothing'} {'are' if dropped else 'is'} dropped in training"


def _penalty(config: Mapping) -> str:
    return "weights are penalised by L2" if config["l2"] else "weights are not penalised"


def _checkpoint(config: Mapping) -> str:
    metric = config["stopping_metric"]
    words = METRIC_NAMES | {"auto": "loss", "verdict": "metric of verdicts"}
    metric = words.get(metric, metric)
    return f"the best checkpoint by the target's {escaped(metric)} on validation songs is kept"


def _end(config: Mapping) -> str:
    of = "epoch" if config["num_epochs"] else "step"
    budget = plural(config["num_epochs"] or config["num_steps"], of)
    if not config["patience"]:
        return f"training takes {budget}"
    evaluations = plural(config["patience"], "evaluation")
    least = config.get("min_steps", 0)
    not_before = f", not before {plural(least, 'step')}" if least else ""
    return (
        f"training ends after {evaluations} without a better one (one every "
        f"{plural(config['evaluate_every'], of)}){not_before}, or after {budget}"
    )


def _split(config: Mapping) -> str:
    return f"the split is the one by {escaped(config['split'])}"


#: Each says one thing of a net's config; the first of the widest net alone, for matched widths
#: are many.
STATEMENTS: tuple[Callable[[Mapping], str], ...] = (
    units_told,
    _split,
    _inputs,
    _labels,
    _loss,
    _initial,
    _optimizer,
    _dropout,
    _penalty,
    _checkpoint,
    _end,
)

#: How the report names settings of a run, and how it says their values.
SETTINGS: dict[str, tuple[str, Callable]] = {
    "input_transform": ("word counts", str),
    "input_scale": ("scale of inputs", lambda v: {"word": "each word's", "common": "common"}[v]),
    "word_share": (
        "a word is in at least",
        lambda v: f"{percent(v, 1)} of songs".replace(".0", ""),
    ),
    "word_floor": ("and in at least", lambda v: plural(v, "song")),
    "word_dropout": ("words dropped", percent),
    "dropout": ("units dropped", lambda v: ", ".join(f"{100 * r:.0f}" for r in v) + "~%"),
    "initialization": ("initial weights", lambda v: {"he": "He"}.get(v, v)),
    "head_weights": ("initial head weights", str),
    "head_bias": ("initial head bias", lambda v: v.replace("_", " ")),
    "optimizer": ("optimizer", lambda v: {"adagrad": "AdaGrad"}.get(v, v)),
    "learning_rate": ("learning rate", short),
    "warmup_steps": ("warm-up (steps)", count),
    "batch_size": ("songs a batch", count),
    "target_batch_size": ("further target songs", count),
    "l2": ("L2", short),
    "num_steps": ("most steps", count),
    "num_epochs": ("most epochs", count),
    "evaluate_every": ("evaluated every (steps, epochs)", count),
    "patience": ("patience (evaluations)", count),
    "min_steps": ("least steps", count),
    "task_weights": ("task weights", lambda v: ", ".join(f"{w:g}" for w in v) or "1 each"),
}
