"""A study's `results.json` with clearly synthetic numbers, in the shape that `results` writes."""

from study_records import told_of

from representation_music.experiments.results.summary import summarise
from representation_music.utils.results_format import FORMAT

RIVALS = ("single task", "auxiliary weights 0", "permuted auxiliaries")
METRICS = {
    "auc": {"label": "AUC", "better": "higher", "margin": 0.02},
    "error": {"label": "1 - accuracy", "better": "lower", "margin": None},
}
REASON = {"rule": "p", "rival": "single task", "p": 0.01, "text": "a reason"}
CONSTANTS = {"auc": 0.5, "error": 0.3}


def make_results(factors, study="benefit", rivals=RIVALS, seeds=5, **changes):
    """Results whose cells have these `factors`, in their order.

    Cell i's arm scores .60 + .01 i in AUC and .30 - .01 i in error; rival j gains .01 (i + j + 1)
    less. Intervals reach .005 to either side; there are none with one seed.
    """
    cells = [_cell(number, of_cell, rivals, seeds) for number, of_cell in enumerate(factors)]
    results = {
        "format": FORMAT,
        **told_of(study),
        "command": f"repmusic study {study} --seeds {seeds}",
        "data": ["synthetic songs (1,000 songs)"],
        "data_kind": ["synthetic"],
        "options": {},
        "target_kind": "binary",
        "metric": "auc",
        "metrics": METRICS,
        "level": 0.05,
        "resamples": 100,
        "seeds": seeds,
        "varies": ["seed"],
        "missing_cells": 0,
        "cut": [],
        "contrasts": [],
        "runs": {},
    } | changes
    cells = results.pop("cells", cells)
    return results | summarise(cells, "auc", results) | {"cells": cells}


def _cell(number, factors, rivals, seeds):
    by_metric = {}
    for metric, start, sign in (("auc", 0.6, 1), ("error", 0.3, -1)):
        arm = start + sign * 0.01 * number
        gains = [0.01 * (number + place + 1) for place in range(len(rivals))]
        scores = {"arm": interval(arm, seeds)}
        for rival, gain in zip(rivals, gains, strict=True):
            scores[rival] = interval(arm - sign * gain, seeds)
        scores["linear model"] = interval(start + sign * 0.02, seeds)
        by_metric[metric] = {
            "constant": CONSTANTS[metric],
            "scores": scores,
            "seed_scores": {name: [mean] * seeds for name, (mean, *_) in scores.items()},
            "gains": {
                rival: {"gain": interval(gain, seeds), "seed_gains": [gain] * seeds, "p": 0.01}
                for rival, gain in zip(rivals, gains, strict=True)
            },
            "verdict": ["benefit", "no evidence", "no material difference", "harm"][number % 4],
            "reason": REASON,
            "p_holm": 0.01,
            "levels": {},
            "loses_to_linear": False,
        }
    return {
        "cell": ", ".join(map(str, factors.values())),
        "factors": factors,
        "target": "pop",
        "unit": "",
        "expected": [],
        "varies": "seed",
        "judged_alone": False,
        "passes": None,
        "arms": {
            name: {"runs": [f"{name}-{number}-{seed}" for seed in range(seeds)]}
            for name in ("arm", *rivals, "linear model")
        },
        "metrics": by_metric,
        "near_constant": {},
        "delta_m": None,
    }


def interval(mean, seeds=5):
    """Mean, low and high end."""
    return [mean, None, None] if seeds == 1 else [mean, mean - 0.005, mean + 0.005]
