"""A study's `results.json` with clearly synthetic numbers, in the shape that `results` writes."""

from representation_music.experiments.design.study import Study
from representation_music.experiments.results.summary import summarise
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.studies import find_studies
from representation_music.utils.results_format import FORMAT

TASKS = {"tight": ("pop", "pop rock", "ballad"), "loose": ("pop", "loudness", "year")}
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
    cells = [made_up_cell(number, of_cell, rivals, seeds) for number, of_cell in enumerate(factors)]
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


def told_of(study: str) -> dict:
    """What a study says of itself in its results; of one that does not exist something made up."""
    known = find_studies().get(study) or Study("What does it show?", cells=list, name=study)
    told = known.content(known.own_options, [])
    return {
        name: told[name] for name in ("study", "question", "asked", "compares", "figure", "order")
    }


def made_up_cell(number, factors, rivals, seeds):
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


def made_up_run(factors, arm, seed, data="synthetic songs (1,000 songs)"):
    """A run of an arm, with its config."""
    of_one_task = factors.get("control") in ("null", "permuted target")
    alone = of_one_task or arm in ("single task", "linear model")
    tasks = TASKS[factors.get("coupling", "tight")]
    pattern = factors.get("pattern", "low_level_sharing")
    config = DEFAULT.replace(
        tasks=tasks[:1] if alone else tasks,
        task_weights=(1.0, 0.0, 0.0) if arm == "auxiliary weights 0" else (),
        permuted_tasks=tasks[1:] if arm == "permuted auxiliaries" else (),
        training_size=factors.get("songs", 250),
        auxiliary_size=factors.get("auxiliary songs", 0),
        architecture="no_sharing" if alone else factors.get("architecture", pattern),
        seed=seed,
        experiment_name=arm,
    ).to_json()
    net = arm != "linear model"
    if not net:
        kept = ("tasks", "split", "training_size", "seed", "dataset", "experiment_name")
        config = {"model": "linear"} | {name: config[name] for name in kept}
    curve = {"metric": "log_loss", "step": [25, 50], "validation": [0.6, 0.58], "constant": 0.61}
    return {
        "config": config,
        "command": f"repmusic train --seed {seed}" if net else None,
        "data": data,
        "parameters": 2067459 if net else None,
        "seconds": 13.0 if net else None,
        "steps": 1300 if net else None,
        "best_step": 800 if net else None,
        "training_songs": config["training_size"],
        "training_labels": dict.fromkeys(config["tasks"], config["training_size"]),
        "history": curve if net else None,
    }


def interval(mean, seeds=5):
    """Mean, low and high end."""
    return [mean, None, None] if seeds == 1 else [mean, mean - 0.005, mean + 0.005]
