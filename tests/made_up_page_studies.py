"""Made-up studies of every shape that the results page draws: noise for scores, runs with configs.

Every number differs from every other, so that a test that finds one has found the right one.
"""

import itertools

import numpy as np
from made_up_study import RIVALS, TASKS, made_up_run, make_results

from representation_music.experiments.results.summary import summarise

ARCHITECTURES = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")
SIZES = (500, 1000, 2000, 3000, 4000, 5000, 7500, 10000, 15000, 25000)
PATTERNS = tuple(map("".join, itertools.product("SP", repeat=4)))


def benefit(seeds=5):
    factors = [{"architecture": a, "coupling": "tight", "songs": 1000} for a in ARCHITECTURES]
    return _with_runs(make_results(factors, "benefit", seeds=seeds), 1)


def coupling():
    factors = [
        {"architecture": a, "coupling": c, "songs": 1000} for c in TASKS for a in ARCHITECTURES
    ]
    return _with_runs(make_results(factors, "coupling"), 2)


def training_size():
    factors = [
        {"architecture": a, "coupling": c, "songs": n}
        for c in TASKS
        for n in SIZES
        for a in ARCHITECTURES
    ]
    return _with_runs(make_results(factors, "training_size"), 3)


def sharing_degree():
    factors = [
        {"pattern": p, "coupling": c, "songs": 1000, "widths": w}
        for c in TASKS
        for p in PATTERNS
        for w in ("full", "matched")
        if (p, w) != ("SSSS", "matched")
    ]
    return _with_runs(make_results(factors, "sharing_degree"), 4)


def auxiliary_size():
    factors = [
        {
            "architecture": "low_level_sharing",
            "coupling": c,
            "songs": n,
            "auxiliary songs": further,
        }
        for c in TASKS
        for n in (250, 500, 1000)
        for further in (1000, 5000)
    ]
    return _with_runs(make_results(factors, "auxiliary_size"), 5)


def controls():
    """Three related cells that pass, one unrelated that fails, a flat line, 20 null meetings."""
    related = [
        {"control": "related", "correlation": 0.9, "shared themes": t, "songs": 250}
        for t in (0.0, 0.5, 1.0)
    ]
    unrelated = [{"control": "unrelated", "correlation": 0.0, "shared themes": 0.0, "songs": 250}]
    flat = [{"control": "permuted target", "songs": n} for n in (250, 1000, 4000)]
    null = [{"control": "null", "meeting": n} for n in range(1, 21)]
    groups = [
        (related + unrelated, RIVALS, False),
        (flat, ("permuted target",), False),
        (null, ("itself",), True),
    ]
    cells, runs = [], {}
    for number, (factors, rivals, alone) in enumerate(groups):
        made = _with_runs(make_results(factors, "controls", rivals=rivals), 6 + number)
        for cell in made["cells"]:
            cell["judged_alone"] = alone
            control = cell["factors"]["control"]
            expected = {"related": "benefit", "permuted target": "benefit"}.get(control)
            passes = control != "unrelated"
            verdict = expected or ("no evidence" if passes else "benefit")
            for scored in cell["metrics"].values():
                scored["verdict"] = verdict
            expected = [expected] if expected else ["no evidence", "no material difference"]
            cell |= {"expected": expected, "passes": passes}
        cells += made["cells"]
        runs |= made["runs"]
    return make_results([], "controls", cells=cells, runs=runs)


def every_study():
    return [
        benefit(),
        coupling(),
        training_size(),
        sharing_degree(),
        auxiliary_size(),
        controls(),
    ]


def _with_runs(results, seed):
    """Noise on every score, so that seeds and arms differ, and the runs that made them."""
    rng = np.random.default_rng(seed)
    for number, cell in enumerate(results["cells"]):
        for metric, scored in cell["metrics"].items():
            for arm, (mean, low, high) in scored["scores"].items():
                if arm == "arm":  # many cells would leave what is possible
                    mean += (0.0085 if metric == "error" else -0.0085) * number
                of_seeds = mean + rng.normal(0, 0.01, results["seeds"])
                scored["seed_scores"][arm] = of_seeds.tolist()
                scored["scores"][arm] = _interval(of_seeds, low is not None and high is not None)
            for rival, found in scored["gains"].items():
                gains = np.subtract(scored["seed_scores"]["arm"], scored["seed_scores"][rival])
                gains *= -1 if metric == "error" else 1
                found["seed_gains"] = gains.tolist()
                found["gain"] = _interval(gains, results["seeds"] > 1)
        for arm, entry in cell["arms"].items():
            entry["runs"] = []
            for of_seed in range(results["seeds"]):
                name = f"{arm.replace(' ', '-')}-{results['study']}-{seed}{number:03}{of_seed}"
                entry["runs"].append(name)
                results["runs"][name] = _run(cell["factors"], arm, of_seed, name, rng)
    return results | summarise(results["cells"], "auc", results)


def _interval(of_seeds, has_one):
    mean = float(np.mean(of_seeds))
    return [mean, mean - 0.012, mean + 0.011] if has_one else [mean, None, None]


def _run(factors, arm, seed, name, rng):
    curve = 0.55 + 0.1 * np.exp(-np.arange(60) / 15) + rng.normal(0, 0.003, 60)
    run = made_up_run(factors, arm, seed) | {"seconds": float(rng.uniform(5, 20))}
    if arm == "linear model":
        return run | {"parameters": 5001, "steps": 0, "best_step": 0}
    history = {"metric": "log_loss", "step": list(range(20, 620, 10)), "constant": 0.66}
    return run | {
        "command": f"repmusic train --seed {seed} --experiment-name {name}",
        "parameters": int(rng.integers(1_000_000, 3_000_000)),
        "steps": 610,
        "best_step": 20 + 10 * int(np.argmin(curve)),
        "history": history | {"validation": curve.tolist()},
    }
