"""Relatedness measured with networks: gradient cosine, affinity, and what a pair gains."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    auxiliary_weights_0,
    base_config,
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import seeded
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS
from representation_music.utils.records import read_record
from representation_music.utils.results_format import SINGLE
from representation_music.utils.statistics.estimates import estimate

#: Further songs with the auxiliary's label, as many as there are up to this.
AUXILIARY_SIZE = 5000
GRADIENT_MEASURES = ("gradient_cosine", "affinity")


@dataclasses.dataclass(frozen=True)
class GradientSettings:
    """How networks measure gradient cosine and TAG affinity.

    Args:
        nets: So many are measured, spread from the most to the least related; 0: none.
        net_seeds: Trainings of each, with seeds of their own.
        net_steps: Steps over which gradient cosine and affinity are averaged.
    """

    nets: int = 0
    net_seeds: int = 3
    net_steps: int = 2000

    def __post_init__(self):
        for name, least in (("nets", 0), ("net_seeds", 1), ("net_steps", 1)):
            require_at_least(name, getattr(self, name), least)


@dataclasses.dataclass(frozen=True)
class PairSettings(GradientSettings):
    """How networks measure a target's auxiliaries; each takes two minutes or so.

    Args:
        net_size: Training songs with the target's label; the others have auxiliary labels only.
        metric: Metric of the gains, on the validation split; AUC or R² if empty.
        runs: Folder of the runs that measure gains.
        workers: Processes side by side; 0: one per core, or two per GPU.
    """

    net_size: int = 250
    metric: str = ""
    runs: Path = Path("runs/relatedness")
    workers: int = 0

    def __post_init__(self):
        super().__post_init__()
        require_at_least("net_size", self.net_size, 1)
        if self.metric and self.metric not in METRICS:
            raise InputError("--metric", repr(self.metric), f"one of {', '.join(METRICS)}")


def require_at_least(name: str, value: float, least: float) -> None:
    """Refuses a setting that is too small, by its flag."""
    if value < least:
        raise InputError(f"--{name.replace('_', '-')}", f"{value}", f"{least} or more")


def measure_pairs(
    dataset: SongDataset,
    target: str,
    split: str,
    auxiliaries: Sequence[str],
    settings: PairSettings,
) -> tuple[int, dict, dict[str, dict]]:
    """Trains the target with each auxiliary, alone, and on each one's songs with weight 0.

    The arms are those of the study `pairs`. The test part of the split is not read.

    Returns:
        An exit code; and if it is 0 what the gains are measured by (seeds, metric, the single
        task's and the constant predictor's mean score); and by auxiliary its gradient cosine,
        affinity, and gain over the single task and over weights 0, each the mean with its t
        interval over seeds.
    """
    from representation_music.experiments.grid.pool import run_all

    metric = METRICS[settings.metric or DEFAULT_METRIC[dataset.task(target).kind]]
    base = pair_base(dataset, target, split, settings)
    pairs = {name: pair(base, name) for name in auxiliaries}
    alone = rivals_of(pairs[auxiliaries[0]], (), base)[SINGLE]
    controls = {name: auxiliary_weights_0(config) for name, config in pairs.items()}
    arms = (alone, *pairs.values(), *controls.values())
    configs = [run for config in arms for run in seeded(config, settings.net_seeds)]
    if code := run_all(configs, settings.runs, settings.workers, evaluate=False):
        return code, {}, {}
    runs = Runs(settings.runs)

    def scores(config: RunConfig, of: str = "network") -> np.ndarray:
        folders = [runs.folder_of(run) for run in seeded(config, settings.net_seeds)]
        records = [read_record(folder, "validation") for folder in folders]
        return np.array([record["validation"][target][of][metric.name] for record in records])

    reference = scores(alone)
    measured = gradients_over_seeds(list(pairs.values()), dataset, settings)
    found = {}
    for (name, config), of_pair in zip(pairs.items(), measured, strict=True):
        over = {"transfer_gain": reference, "gain_over_weights_0": scores(controls[name])}
        found[name] = of_pair[name] | {
            what: estimate(metric.sign * (scores(config) - rival)).to_json()
            for what, rival in over.items()
        }
    about = {"seeds": settings.net_seeds, "metric": metric.label}
    about |= {"single_task": float(reference.mean())}
    about |= {"constant": float(scores(alone, "constant").mean())}
    return 0, about, found


def pair_base(dataset: SongDataset, target: str, split: str, settings: PairSettings) -> RunConfig:
    """The settings that a target's pairs start from."""
    return base_config("default", str(dataset.path), (target,), settings.net_size, split=split)


def pair(base: RunConfig, auxiliary: str) -> RunConfig:
    """The target with one auxiliary that has many labels, as in the study `pairs`."""
    both = base.replace(tasks=(base.target, auxiliary))
    arm = sharing(both, "low_level_sharing", "pair")
    return with_many_auxiliary_labels(arm, AUXILIARY_SIZE)


def gradients_over_seeds(
    configs: Sequence[RunConfig], dataset: SongDataset, settings: GradientSettings
) -> list[dict[str, dict]]:
    """Each config's gradient cosine and affinity by auxiliary: mean and t interval over seeds."""
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    from representation_music.experiments.relatedness.task_gradients import net_relatedness

    found = []
    with progress("gradients", len(configs) * settings.net_seeds) as advance:
        for config in configs:
            of_seeds = []
            for run in seeded(config, settings.net_seeds):
                of_seeds.append(net_relatedness(run, dataset, settings.net_steps))
                advance()
            found.append(
                {
                    name: {
                        measure: estimate([of[name][measure] for of in of_seeds]).to_json()
                        for measure in GRADIENT_MEASURES
                    }
                    for name in config.tasks[1:]
                }
            )
    return found
