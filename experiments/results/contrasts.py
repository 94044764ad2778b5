"""The contrasts of a study, judged: differences of gains, and how soon arms converge."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from representation_music.utils.metrics import METRICS
from representation_music.utils.records import read_history
from representation_music.utils.statistics.comparisons import MARGINS, Arms, Comparison
from representation_music.utils.statistics.estimates import estimate
from representation_music.utils.statistics.verdicts import judge

#: What the verdicts on a contrast are called, by what it measures.
WORDS = {
    "score": {"benefit": "larger gain", "harm": "smaller gain"},
    "steps": {"benefit": "fewer steps", "harm": "more steps"},
}
#: So near its best validation score a net has converged.
NEAR_BEST = 0.01


def judged_contrasts(
    contrasts: Sequence[Mapping], cells: Mapping[str, Any], arms: Mapping[tuple, Arms], metric: str
) -> list[dict | None]:
    """Every contrast by one metric as JSON types.

    Args:
        contrasts: As `study.json` has them.
        cells: The `cell_runs.CellRuns` of the study, by the names of the cells.
        arms: Arms, by their runs, of all cells of a test set.
        metric: The metric.

    Returns:
        None for a contrast whose cells are incomplete or were tested on different songs.
    """
    comparisons = [compared(contrast, cells, arms, metric) for contrast in contrasts]
    found: list[dict | None] = [None] * len(contrasts)
    for asks in dict.fromkeys(contrast["asks"] for contrast in contrasts):
        family = {
            n: {"": of}
            for n, of in enumerate(comparisons)
            if of is not None and contrasts[n]["asks"] == asks
        }
        measures = {contrasts[n]["measure"] for n in family}
        margin = MARGINS.get(metric, 0.0) if measures == {"score"} else 0.0
        for n, judgement in (judge(family, margin) if family else {}).items():
            of, verdict = family[n][""], judgement.verdict
            found[n] = {
                "difference": of.gain.to_json(),
                "seed_differences": of.seed_gains.tolist(),
                "p": of.gain.p,
                "p_holm": judgement.p_holm,
                "verdict": WORDS[contrasts[n]["measure"]].get(verdict, verdict),
            }
    return found


def compared(
    contrast: Mapping, cells, arms, metric: str, seeds: int | None = None
) -> Comparison | None:
    """One contrast, at the first seeds or at all that its cells have in common; see above."""
    every = [cells.get(cell) for cell, _ in (*contrast["gain"], *contrast["other"])]
    if None in every or len({cell.test_set for cell in every}) > 1:
        return None

    def runs(side: str) -> list[tuple[Path, ...]]:
        return [cells[cell].folders[arm] for cell, arm in contrast[side]]

    if contrast["measure"] == "steps":
        if metric not in MARGINS:
            return None  # NEAR_BEST would be in its unit
        arm, rival = (
            np.array([steps_to_converge(run, every[0].task.name, metric) for run in of])
            for of in runs("gain")
        )
        gain = estimate(rival - arm, overlap=every[0].overlap)
        # A net is looked at once in so many steps: of equal answers none is sure to the step.
        apart = read_history(runs("gain")[0][0])[0]["step"]
        least = apart / (6 * len(arm)) ** 0.5  # two uniform errors of variance apart² / 12
        return Comparison(replace(gain, error=np.maximum(gain.error, least)), rival - arm)
    of = arms[every[0].test_set]
    return of.contrast(tuple(runs("gain")), tuple(runs("other")), seeds)


def steps_to_converge(run: Path, target: str, metric: str) -> float:
    """Steps until the validation score is within NEAR_BEST of the run's own best, the first time.

    An arm with a better best has further to go. NaN where no score is a number.
    """
    rows = read_history(run)
    scores = METRICS[metric].sign * np.array([row[f"validation_{metric}:{target}"] for row in rows])
    if np.isnan(scores).all():
        return float("nan")
    return float(rows[int(np.argmax(scores >= np.nanmax(scores) - NEAR_BEST))]["step"])
