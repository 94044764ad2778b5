"""One number for many tasks or many pairs of runs: delta-m, and the chance of improvement.

They describe; whether a difference is claimed is for `verdicts.judge`.
"""

from collections.abc import Mapping

import numpy as np

from representation_music.utils.metrics import METRICS


def delta_m(
    multi_task: Mapping[str, np.ndarray | float],
    single_task: Mapping[str, np.ndarray | float],
    metrics: Mapping[str, str],
) -> np.ndarray | float:
    """Mean relative change over tasks against *trained* single tasks; positive is better.

    Maninis et al. 2019, equation 4, as a share. It divides by the single task's score, so take
    metrics that stay well away from 0 (AUC, RMSE; not R² or skill).

    Args:
        multi_task: By task: the multi-task net's score, or scores of any shape (seeds, resamples).
        single_task: By task: the same of the single-task nets.
        metrics: By task: the metric's name.

    Returns:
        The shape of the scores.
    """
    changes = [
        METRICS[metrics[task]].sign * (np.asarray(multi_task[task]) / np.asarray(single) - 1)
        for task, single in single_task.items()
    ]
    return np.mean(changes, axis=0)


def probability_of_improvement(arm: np.ndarray, rival: np.ndarray) -> float:
    """Chance that a run of the arm beats a run of the rival, ties half, mean over tasks.

    Agarwal et al. 2021 (rliable): the Mann-Whitney U of each task, over the number of pairs.

    Args:
        arm: `[seeds]` or `[seeds, tasks]`, larger is better.
        rival: The same; the number of seeds may differ.
    """
    differences = np.asarray(arm)[:, None] - np.asarray(rival)[None, :]
    return float(np.mean((np.sign(differences) + 1) / 2))
