"""`repmusic results STUDY`: every cell's gain with its interval, and the verdict on it."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import tyro

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.experiments.config import RunConfig
from representation_music.experiments.linear_baseline import baseline_folder, fit_baselines
from representation_music.utils.console import print_table, progress
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS
from representation_music.utils.records import read_json
from representation_music.utils.statistics import (
    LEVEL,
    Arms,
    Comparison,
    Estimate,
    Judgement,
    TestSongs,
    judge,
)

LINEAR = "linear model"
ARM = "arm"


@dataclass(frozen=True)
class CellResult:
    """What a cell's runs have shown.

    Attributes:
        cell: The cell, as in `study.json`.
        scores: By arm (`arm`, the rivals, `linear model`): mean score with its interval.
        gains: The arm's comparison with each rival.
        constant: The constant predictor's score.
        metric: The metric of scores and gains.
    """

    cell: dict
    scores: dict[str, Estimate]
    gains: dict[str, Comparison]
    constant: float
    metric: str


def results(study: tyro.conf.Positional[Path], metric: str = "", resamples: int = 0) -> int:
    """Show a study's results: scores and gains with intervals, and a verdict on every cell.

    Args:
        study: The study's folder.
        metric: Metric of the target that is compared; AUC (classification) or R² if empty.
        resamples: Bootstrap resamples of each interval; 0: 2,000, or more for many cells.

    Returns:
        0, or 1 if runs are missing or a control failed.
    """
    content = read_json(study / "study.json")
    load = lru_cache(maxsize=None)(SongDataset.load)
    whole = [cell for cell in content["cells"] if _is_whole(cell, study)]
    if not whole:
        raise InputError(
            study, "no cell whose runs are all done", "one or more", f"`repmusic status {study}`"
        )
    fit_baselines([_config(study / name) for cell in whole for name in cell["arm"]], study, load)
    # The smallest p-value is 2 / resamples, and Holm's correction multiplies it by the cells.
    resamples = resamples or max(2000, 200 * len(whole))
    found = []
    with progress("cells", len(whole)) as advance:
        for cell in whole:
            found.append(judge_cell(cell, study, load, metric, resamples))
            advance()
    verdicts = _judgements(found)
    table = [_row(result, verdicts[result.cell["cell"]]) for result in found]
    write_text(study / "results.json", json.dumps(table, indent=1) + "\n")
    missing = len(content["cells"]) - len(whole)
    print(headline(table, missing))
    _print(table, content["study"], _data(whole, study, load))
    return 1 if missing or not all(checks_of(table)) else 0


def _is_whole(cell: dict, study: Path) -> bool:
    arms = [cell["arm"], *cell["rivals"].values()]
    return all((study / name / "test.json").exists() for arm in arms for name in arm)


def _config(folder: Path) -> RunConfig:
    settings = read_json(folder / "config.json")
    settings.pop("fingerprint", None)
    return RunConfig.from_json(settings, str(folder / "config.json"))


def judge_cell(cell: dict, study: Path, load, metric: str, resamples: int) -> CellResult:
    """Scores a cell's arms on the same test songs and compares them."""
    configs = [_config(study / name) for name in cell["arm"]]
    dataset = load(configs[0].dataset)
    task = dataset.task(cell["target"])
    metric = metric or DEFAULT_METRIC[task.kind]
    test = dataset.split(configs[0].split)["test"]
    test = test[np.isfinite(dataset.labels(task.name)[test])]
    artists = dataset.artist_groups()[test]
    songs = TestSongs(task, dataset.labels(task.name)[test], artists)
    folders = {ARM: [study / name for name in cell["arm"]]}
    folders |= {rival: [study / n for n in names] for rival, names in cell["rivals"].items()}
    folders[LINEAR] = [baseline_folder(config, dataset, study) for config in configs]
    track_ids = dataset.track_ids[test]
    predictions = {
        arm: np.stack([predictions_of(folder, track_ids) for folder in of_seeds])
        for arm, of_seeds in folders.items()
    }
    arms = Arms(songs, predictions, metric, resamples)
    scored = [
        read_json(folder / "test.json")["test"][task.name]["constant"] for folder in folders[ARM]
    ]
    return CellResult(
        cell,
        {arm: arms.score(arm) for arm in predictions},
        {rival: arms.compare(ARM, rival) for rival in cell["rivals"]},
        float(np.mean([scores[metric] for scores in scored])),
        metric,
    )


def predictions_of(folder: Path, track_ids: np.ndarray) -> np.ndarray:
    """A run's predictions of the target for the songs with these ids, in their order.

    Raises:
        InputError: if the run did not predict one of them.
    """
    with np.load(folder / "predictions-test.npz") as file:
        there, values = file["track_ids"], file["task0"]
    order = np.argsort(there)
    places = order[np.minimum(np.searchsorted(there[order], track_ids), len(there) - 1)]
    if not np.array_equal(there[places], track_ids):
        raise InputError(
            folder / "predictions-test.npz",
            "no prediction of some test songs",
            "one of each with the target's label",
            "Has the songs file changed? Run the study again.",
        )
    return values[places]


def _judgements(found: list[CellResult]) -> dict[str, Judgement]:
    """The verdict on every cell: judged together, but for those that stand alone."""
    comparisons = {result.cell["cell"]: list(result.gains.values()) for result in found}
    alone = {result.cell["cell"] for result in found if result.cell["judged_alone"]}
    together = {name: gains for name, gains in comparisons.items() if name not in alone}
    verdicts = judge(together) if together else {}
    for name in alone:
        verdicts |= judge({name: comparisons[name]})
    return verdicts


def _row(result: CellResult, judgement) -> dict:
    """One cell's results as JSON types."""
    expected = result.cell["expected"]
    return {
        **result.cell["factors"],
        "cell": result.cell["cell"],
        "target": result.cell["target"],
        "metric": result.metric,
        "seeds": len(result.cell["arm"]),
        "scores": {arm: [s.mean, s.low, s.high] for arm, s in result.scores.items()},
        "constant": result.constant,
        "gains": {
            rival: {"gain": [c.gain.mean, c.gain.low, c.gain.high], "p": c.p}
            for rival, c in result.gains.items()
        },
        "verdict": judgement.verdict,
        "p_holm": judgement.p_holm,
        "passes": judgement.verdict in expected if expected else None,
        "judged_alone": result.cell["judged_alone"],
        "loses_to_linear": _is_better(result, LINEAR),
    }


def _is_better(result: CellResult, rival: str) -> bool:
    sign = METRICS[result.metric].sign
    return sign * (result.scores[rival].mean - result.scores[ARM].mean) > 0


def checks_of(table: list[dict]) -> list[bool]:
    """Which controls pass; all meetings of an arm with itself are one control."""
    checks = [r["passes"] for r in table if not r["judged_alone"] and r["passes"] is not None]
    if alone := [row["passes"] for row in table if row["judged_alone"]]:
        checks.append(alone.count(False) <= LEVEL * len(alone))
    return checks


def headline(table: list[dict], missing: int) -> str:
    """The first lines of a study's results: what may be said, and what it is worth."""
    judged = [row for row in table if not row["judged_alone"]]
    counts = Counter(row["verdict"] for row in judged)
    lines = ["; ".join(f"{verdict} in {n} of {len(judged)} cells" for verdict, n in counts.items())]
    if alone := [row for row in table if row["judged_alone"]]:
        claims = sum(not row["passes"] for row in alone)
        lines.append(f"an arm against itself: a difference claimed {claims} of {len(alone)} times")
    if checks := checks_of(table):
        lines.insert(
            0, f"{'PASS' if all(checks) else 'FAIL'}: {sum(checks)} of {len(checks)} controls"
        )
    if losing := sum(row["loses_to_linear"] for row in table):
        lines.append(f"the nets LOSE to the linear model in {losing} of {len(table)} cells")
    if missing:
        lines.append(f"{missing} cells are not complete")
    return ". ".join(line[0].upper() + line[1:] for line in lines) + "."


def _data(cells: list[dict], study: Path, load) -> str:
    paths = dict.fromkeys(_config(study / cell["arm"][0]).dataset for cell in cells)
    return "; ".join(dict.fromkeys(load(path).describe_source() for path in paths))


def _print(table: list[dict], name: str, data: str) -> None:
    rivals = list(dict.fromkeys(rival for row in table for rival in row["gains"]))
    rows = []
    for row in table:
        score = f"{row['scores'][ARM][0]:.3f}"
        linear = f"{row['scores'][LINEAR][0]:.3f}"
        gains = [_interval(row["gains"].get(rival)) for rival in rivals]
        verdict = row["verdict"]
        if row["passes"] is not None:
            verdict += " PASS" if row["passes"] else " FAIL"
        rows.append([row["cell"], score, linear, f"{row['constant']:.3f}", *gains, verdict])
    label = METRICS[table[0]["metric"]].label
    title = f"{name}: test {label} of {table[0]['target']}, {data}, {table[0]['seeds']} seeds"
    heads = ["cell", "arm", "linear", "constant", *(f"gain on {rival}" for rival in rivals)]
    print_table(title, [*heads, "verdict"], rows)


def _interval(gain: dict | None) -> str:
    if gain is None:
        return ""
    mean, low, high = gain["gain"]
    return f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
