"""Records of studies in the form of `results.json`, with known numbers, for tests of the report."""

from dataclasses import asdict
from itertools import product

import numpy as np
from made_up_study import made_up_cell, made_up_run, make_results

from representation_music.experiments.results.words import reason_text
from representation_music.experiments.studies import find_studies
from representation_music.utils.statistics.comparisons import Comparison
from representation_music.utils.statistics.estimates import Estimate
from representation_music.utils.statistics.verdicts import judge

ARCHITECTURES = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")
COUPLINGS = ("tight", "loose")
SIZES = (500, 1000, 2000, 5000, 10000)
DATA = {
    "sample": "sample of real songs (10,244 songs)",
    "synthetic": "synthetic songs (60,000 songs)",
    "full": "full set of real songs with lyrics (237,662 songs)",
}
CONTROLLED = ("single task", "auxiliary weights 0", "permuted auxiliaries")
METRICS = {
    "error": {"label": "1 - accuracy", "better": "lower", "margin": 0.02},
    "auc": {"label": "AUC", "better": "higher", "margin": 0.02},
}
SEEDS = 5
NULL_MEETINGS = 20


def study_record(study: str, kind: str = "synthetic", gain: float = 0.05) -> dict:
    """A record of `study` in which the arm gains about `gain` over every rival."""
    random = np.random.default_rng([len(study), list(DATA).index(kind)])
    cells = [_cell(random, n, *each) for n, each in enumerate(_designs(study, gain))]
    for metric in METRICS:
        for alone in (False, True):
            _judge([c for c in cells if c["judged_alone"] == alone], metric)
    for cell in cells:
        if cell["expected"]:
            cell["passes"] = cell["metrics"]["auc"]["verdict"] in cell["expected"]
    runs = {}
    for cell in cells:
        for arm, of_arm in cell["arms"].items():
            for seed, name in enumerate(of_arm["runs"]):
                runs[name] = made_up_run(cell["factors"], arm, seed, DATA[kind])
    more = {"metrics": METRICS, "contrasts": _contrasts(study, cells)}
    return make_results(
        [], study, cells=cells, runs=runs, data=[DATA[kind]], data_kind=[kind], **more
    )


def _contrasts(study: str, cells: list[dict]) -> list[dict]:
    """The study's contrasts of gains, each judged alone."""
    designs = [cell | {"rivals": cell["arms"]} for cell in cells]
    asked = [asdict(of) for of in find_studies()[study].contrasts(designs)]
    found = {"difference": [0.03, 0.01, 0.05], "p": 0.001, "p_holm": 0.01, "verdict": "larger gain"}
    return [
        of | {"metrics": {"auc": found | {"seed_differences": [0.03] * SEEDS}}}
        for of in asked
        if of["measure"] == "score"
    ]


def description(kind: str = "synthetic") -> dict:
    """What `repmusic describe` writes of a songs file, cut to what the report reads."""
    parts = ("train", "validation", "test")
    binary = {p: {"songs": 900, "coverage": 0.9, "base_rate": 0.7} for p in parts}
    regression = {p: {"songs": 700, "coverage": 0.7, "mean": 1998.9, "sd": 9.6} for p in parts}
    split = {"train": 700, "validation": 100, "test": 200, "outside": 0, "shared_artists": 0}
    words = {"parts": {"all": {"mean": 82.0, "p5": 26.0, "median": 74.0, "p95": 171.0}}}
    return {
        "source": DATA[kind],
        "kind": kind,
        "songs": int(DATA[kind].split("(")[1].split()[0].replace(",", "")),
        "words": 5000,
        "artists": 1005,
        "songs_without_artist": 0,
        "split": "artist",
        "splits": {"artist": split},
        "tasks": [
            {"name": "pop", "kind": "binary", "unit": "", "parts": binary},
            {"name": "year", "kind": "regression", "unit": "years", "parts": regression},
        ],
        "lacking": [],
        "distinct_words": words,
        "tokens": words,
    }


def relatedness(kind: str = "sample") -> dict:
    """What `repmusic relatedness` writes, of four labels."""
    correlations = {"death metal": -0.29, "rock": 0.27, "ballad": 0.26, "pop rock": 0.23}
    return {
        "command": "repmusic relatedness --target pop",
        "data": DATA[kind],
        "data_kind": kind,
        "target": "pop",
        "training_songs": 1090,
        "proposal": {"tight": ["pop", "rock", "ballad"], "loose": ["pop", "pop rock"]},
        "paper": {"tight": ["pop", "pop rock", "ballad"], "loose": ["pop", "loudness", "year"]},
        "labels": [
            {"name": name, "pearson": [r, r - 0.1, r + 0.1]} for name, r in correlations.items()
        ],
        "nets": {},
    }


def gain_against_relatedness() -> dict:
    """What `repmusic relatedness-gain` writes, with one measure."""
    row = {"apart": "250 songs", "rival": "single task", "measure": "pearson", "cells": 3}
    point = {
        "cell": "rock",
        "target": "pop",
        "auxiliaries": ["rock"],
        "apart": "250 songs",
        "relatedness": {"pearson": [0.3, 0.2, 0.4]},
        "gains": {"single task": [0.02, 0.01, 0.03]},
    }
    spearman = [0.5, -0.25, 1.0]
    tried = {"measure": "pearson", "fitted": 0.6, "spearman": spearman, "targets": 1}
    tried |= {"choices": {"pop": ["rock"]}, "chosen": 0.02, "mean": 0.01, "best": 0.03}
    of_all = {"measure": "pearson", "rival": "single task", "targets": 2, "pairs": 6}
    return {
        "study": "pairs",
        "data": [DATA["sample"]],
        "target": "pop",
        "metric": "AUC",
        "seeds": SEEDS,
        "order": 9,
        "single_task": 0.6,
        "constant": 0.5,
        "command": "repmusic relatedness-gain pairs",
        "points": [point],
        "correlations": [row | {"spearman": spearman}],
        "within_targets": [of_all | {"spearman": spearman}],
        "unseen_targets": {"single task": [tried]},
        "unseen_data": [tried | {"rival": "single task", "fitted_on": ["other songs"]}],
    }


def _designs(study, gain):
    """Factors, gain by rival, expected verdicts and whether judged alone, of every cell."""
    controlled = dict.fromkeys(CONTROLLED, gain)
    if study == "controls":
        yield from _controls()
    elif study == "pairs":
        for auxiliary in ("rock", "ballad", "year"):
            factors = {"architecture": ARCHITECTURES[0], "auxiliary": auxiliary, "songs": 250}
            yield factors | {"auxiliary songs": 5000}, controlled, (), False
    else:
        couplings = ("tight",) if study == "benefit" else COUPLINGS
        sizes = SIZES if study == "training_size" else (1000,)
        for architecture, coupling, size in product(ARCHITECTURES, couplings, sizes):
            factors = {"architecture": architecture, "coupling": coupling, "songs": size}
            yield factors, controlled, (), False


def _controls():
    nothing = ("no evidence", "no material difference")
    for shared, correlation in product((0.0, 0.5, 1.0), (0.0, 0.5, 0.9, 1.0)):
        expected = ("benefit",) if correlation >= 0.9 else ()
        if correlation == shared == 0:
            expected = nothing
        factors = {"control": "related" if correlation else "unrelated"}
        factors |= {"correlation": correlation, "shared themes": shared, "songs": 250}
        yield factors, dict.fromkeys(CONTROLLED, 0.1 * correlation), expected, False
    factors = {"control": "permuted auxiliaries", "songs": 250}
    yield factors, {"auxiliary weights 0": 0.0}, nothing, False
    for size in (250, 1000, 4000):
        factors = {"control": "permuted target", "songs": size}
        yield factors, {"permuted target": 0.3}, ("benefit",), False
    for meeting in range(1, NULL_MEETINGS + 1):
        yield {"control": "null", "meeting": meeting}, {"itself": 0.0}, nothing, True


def _cell(random, number, factors, gains, expected, alone) -> dict:
    metrics = {metric: _found(random, metric, gains) for metric in METRICS}
    cell = made_up_cell(number, factors, tuple(gains), SEEDS)
    for arm, of_arm in cell["arms"].items():  # the same in every study that has such a cell
        of_arm["runs"] = [f"{cell['cell']}-{arm}-{seed}".replace(" ", "-") for seed in range(SEEDS)]
    return cell | {"expected": list(expected), "judged_alone": alone, "metrics": metrics}


def _found(random, metric, gains) -> dict:
    own, constant, sign = {"auc": (0.75, 0.5, 1), "error": (0.24, 0.3, -1)}[metric]
    scores = {"arm": own + random.normal(0, 0.004, SEEDS)}
    for rival, gain in {**gains, "linear model": 0.01}.items():
        scores[rival] = own - sign * gain + random.normal(0, 0.004, SEEDS)
    told = {}
    for rival in gains:
        seed_gains = sign * (scores["arm"] - scores[rival])
        mean = seed_gains.mean()
        told[rival] = {
            "gain": [mean, mean - 0.012, mean + 0.012],
            "seed_gains": seed_gains.tolist(),
            "p": 0.0005 if abs(mean) > 0.012 else 0.4,
            "df": 9.0,
            "probability_of_improvement": 0.9,
        }
    return {
        "constant": constant,
        "scores": {a: [s.mean(), s.mean() - 0.02, s.mean() + 0.02] for a, s in scores.items()},
        "seed_scores": {arm: of_arm.tolist() for arm, of_arm in scores.items()},
        "gains": told,
        "loses_to_linear": bool(sign * (scores["linear model"].mean() - scores["arm"].mean()) > 0),
    }


def _judge(cells, metric) -> None:
    compared = {
        cell["cell"]: {
            rival: Comparison(Estimate(g["gain"][0], 0.006, 1e9), np.array(g["seed_gains"]))
            for rival, g in cell["metrics"][metric]["gains"].items()
        }
        for cell in cells
    }
    judged = judge(compared)
    for cell in cells:
        judgement = judged[cell["cell"]]
        reason = judgement.reason | {"text": reason_text(judgement.reason)}
        told = {"verdict": judgement.verdict, "reason": reason, "p_holm": judgement.p_holm}
        gain = cell["metrics"][metric]["gains"][judgement.hardest]["gain"]
        level = told | {"hardest": judgement.hardest, "gain": gain}
        cell["metrics"][metric] |= told | {"levels": {"benefit": level}}
