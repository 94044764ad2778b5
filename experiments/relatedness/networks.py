"""Relatedness measured with networks, for a shortlist: cosine, affinity, and transfer gain."""

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
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS
from representation_music.utils.records import read_json
from representation_music.utils.statistics.aggregates import t_interval

#: Further songs with the auxiliary's label, as many as there are up to this.
AUXILIARY_SIZE = 5000


def measure_with_nets(
    dataset: SongDataset,
    target: str,
    auxiliaries: Sequence[str],
    split: str,
    metric: str,
    size: int,
    seeds: int,
    steps: int,
    runs: Path,
    workers: int,
) -> tuple[int, list[dict]]:
    """Trains the target with each auxiliary, alone, and on each one's songs with weight 0.

    The arms are those of the study `pairs`.

    Args:
        dataset: The songs.
        target: The target task.
        auxiliaries: The shortlist.
        split: Name of the split; its test part is not read.
        metric: Metric of the gains; AUC or R² if empty.
        size: Training songs with the target's label.
        seeds: Seeds of each.
        steps: Steps that cosine and affinity are averaged over.
        runs: Folder of the runs; what is done is not done again.
        workers: Processes side by side; 0: one a core.

    Returns:
        An exit code; and if it is 0 a dict an auxiliary: name, seeds, metric, the single task's
        and the constant predictor's mean score, and of gradient cosine, affinity and transfer
        gain (over the single task, over weights 0) the mean and its t interval over seeds.
    """
    from representation_music.experiments.grid.pool import run_all

    metric = metric or DEFAULT_METRIC[dataset.task(target).kind]
    base = base_config("default", str(dataset.path), (target,), size, split=split)
    pairs = {name: pair(base, name) for name in auxiliaries}
    alone = rivals_of(pairs[auxiliaries[0]], (), base)["single task"]
    controls = {name: auxiliary_weights_0(config) for name, config in pairs.items()}
    arms = (alone, *pairs.values(), *controls.values())
    configs = [run for config in arms for run in seeded(config, seeds)]
    if code := run_all(configs, runs, workers, evaluate=False):
        return code, []

    def scores(config: RunConfig, of: str = "network") -> np.ndarray:
        folders = [Runs(runs).folder_of(run) for run in seeded(config, seeds)]
        records = [read_json(folder / "record.json") for folder in folders]
        return np.array([record["validation"][target][of][metric] for record in records])

    reference, constant = scores(alone), scores(alone, "constant").mean()
    sign = METRICS[metric].sign
    measured = gradients_over_seeds(list(pairs.values()), dataset, seeds, steps)
    rows = []
    for (name, config), of_pair in zip(pairs.items(), measured, strict=True):
        row = {"name": name, "seeds": seeds, "metric": METRICS[metric].label}
        row |= {"single_task": float(reference.mean()), "constant": float(constant)}
        over = {"transfer_gain": reference, "gain_over_weights_0": scores(controls[name])}
        gains = {what: _interval(sign * (scores(config) - rival)) for what, rival in over.items()}
        rows.append(row | of_pair[name] | gains)
    return 0, rows


def pair(base: RunConfig, auxiliary: str) -> RunConfig:
    """The target with one auxiliary that has many labels, as in the study `pairs`."""
    both = base.replace(tasks=(base.target, auxiliary))
    arm = sharing(both, "low_level_sharing", "pair")
    return with_many_auxiliary_labels(arm, AUXILIARY_SIZE)


def gradients_over_seeds(
    configs: Sequence[RunConfig], dataset: SongDataset, seeds: int, steps: int
) -> list[dict]:
    """Each config's gradient cosine and affinity by auxiliary: mean and t interval over seeds."""
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    from representation_music.experiments.relatedness.task_gradients import net_relatedness

    found = []
    with progress("gradients", len(configs) * seeds) as advance:
        for config in configs:
            of_seeds = []
            for run in seeded(config, seeds):
                of_seeds.append(net_relatedness(run, dataset, steps))
                advance()
            found.append(
                {
                    name: {
                        measure: _interval(np.array([of[name][measure] for of in of_seeds]))
                        for measure in ("gradient_cosine", "affinity")
                    }
                    for name in config.tasks[1:]
                }
            )
    return found


def _interval(values: np.ndarray) -> list[float]:
    estimate = t_interval(values)
    return [estimate.mean, estimate.low, estimate.high]
