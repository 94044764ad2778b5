"""The evaluations of a run so far, which of them is the best, and when early stopping ends it."""

from collections.abc import Sequence

import numpy as np

from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.metrics import METRICS, Metric


class History:
    """One row per evaluation: step, epoch, losses and scores by name.

    Args:
        target: The task whose scores decide.
        metrics: The metric that picks the best row, and those that stand in for it where it is
            undefined, as the AUC of songs of one class is.

    Attributes:
        rows: The rows.
    """

    def __init__(self, target: str, metrics: Sequence[Metric]):
        self.target, self.metrics = target, tuple(metrics)
        self.rows: list[dict] = []

    def best_of(self, rows: Sequence[dict]) -> int:
        """The place of the best of some rows, one or more; of equals the first."""
        for metric in self.metrics:
            key = f"validation_{metric.name}:{self.target}"
            values = np.array([row[key] for row in rows]) * metric.sign
            if not np.isnan(values).all():
                break
        return int(np.argmax(np.where(np.isnan(values), -np.inf, values)))

    @property
    def best(self) -> int:
        """The place of the best row; 0 where there is none."""
        return self.best_of(self.rows) if self.rows else 0

    @property
    def waited(self) -> int:
        """Evaluations since the best one."""
        return max(len(self.rows) - 1 - self.best, 0)

    def patience_is_over(self, config: RunConfig, step: int) -> bool:
        """Whether early stopping ends the run at this step: the rule of `--patience`.

        So many evaluations in a row were no better than the best one, and `min_steps` are done.
        """
        return 0 < config.patience <= self.waited and step >= config.min_steps

    @property
    def best_step(self) -> int | None:
        """The step of the best row, if there is one."""
        return self.rows[self.best]["step"] if self.rows else None

    def best_scores(self) -> dict[str, float]:
        """The target's validation scores of the best row by metric: what tuning may choose by."""
        row = self.rows[self.best] if self.rows else {}
        names = {f"validation_{metric}:{self.target}": metric for metric in METRICS}
        return {names[key]: value for key, value in row.items() if key in names}

    def in_words(self) -> str:
        """The last score and the best one, in short; nothing where there is none."""
        if not self.rows:
            return ""
        metric = self.metrics[0]
        key = f"validation_{metric.name}:{self.target}"
        best, last = self.rows[self.best][key], self.rows[-1][key]
        if np.isnan(best):
            return ""
        return f"{self.target} {metric.label} {last:.4f} (best {best:.4f})"
