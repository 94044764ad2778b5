"""What a study's cells have shown by every metric: scores, gains with intervals, verdicts."""

from collections.abc import Callable, Mapping, Sequence

from representation_music.experiments.design.arms import LEVELS, rivals_by_level
from representation_music.experiments.results.baselines import near_constant
from representation_music.experiments.results.cell_runs import (
    CellRuns,
    arms_by_test_set,
    delta_m_of,
)
from representation_music.experiments.results.contrasts import judged_contrasts
from representation_music.experiments.results.words import reason_text
from representation_music.utils.metrics import METRICS, METRICS_OF
from representation_music.utils.results_format import ARM, LINEAR, plain
from representation_music.utils.statistics.aggregates import probability_of_improvement
from representation_music.utils.statistics.comparisons import MARGINS, Arms, Comparison
from representation_music.utils.statistics.verdicts import Judgement, judge


def judged_study(
    cells: Sequence[CellRuns],
    contrasts: Sequence[Mapping],
    metric: str,
    resamples: int,
    advance: Callable,
) -> tuple[list[dict], list[dict]]:
    """Every cell and contrast by every metric of the target, as `results.json` holds them.

    The metric named decides whether a control passes. Contrasts whose cells are not all here are
    left out. `advance` is called after each metric of each set of test songs.
    """
    rows: dict[str, list[dict]] = {}
    answers: dict[str, list[dict | None]] = {}
    named = {cell.cell["cell"]: cell for cell in cells}
    for name in METRICS_OF[cells[0].task.kind]:
        arms = arms_by_test_set(cells, name, resamples, advance)
        gains = [cell.gains(arms[cell.test_set]) for cell in cells]
        levels = _judgements(cells, gains, MARGINS.get(name, 0.0))
        rows[name] = [
            _row(cell, arms[cell.test_set], *found)
            for cell, *found in zip(cells, gains, levels, strict=True)
        ]
        answers[name] = judged_contrasts(contrasts, named, arms, name)
    judged = [
        _judged(cell, metric, {name: of[n] for name, of in rows.items()}, resamples)
        for n, cell in enumerate(cells)
    ]
    asked = [
        contrast | {"metrics": {name: of[n] for name, of in answers.items()}}
        for n, contrast in enumerate(contrasts)
    ]
    return judged, [contrast for contrast in asked if contrast["metrics"][metric]]


def _judged(cell: CellRuns, metric: str, by_metric: dict[str, dict], resamples: int) -> dict:
    """The cell as JSON types."""
    arms = {arm: [folder.name for folder in of_arm] for arm, of_arm in cell.folders.items()}
    found, expected = by_metric[metric], cell.cell["expected"]
    verdicts = {found["verdict"], plain(found["verdict"])}
    return {
        **{key: cell.cell[key] for key in ("cell", "factors", "target", "expected")},
        "unit": cell.task.unit,
        "varies": cell.cell["unit"],
        "judged_alone": cell.cell["judged_alone"],
        **{key: cell.cell[key] for key in ("planned",) if key in cell.cell},
        "passes": bool(verdicts & {*expected}) if expected else None,
        "arms": {arm: {"runs": names} for arm, names in arms.items()},
        "metrics": by_metric,
        "near_constant": near_constant(found, arms, METRICS[metric].higher_is_better),
        "delta_m": delta_m_of(cell, resamples),
    }


def _judgements(
    cells: Sequence[CellRuns], gains: Sequence[dict[str, Comparison]], margin: float
) -> list[dict[str, Judgement]]:
    """Every cell's judgements by level: cells are judged together, those that stand alone apart.

    A level is one family of Holm's correction, of the cells that have all rivals that it takes; the
    meetings of an arm with itself are another.
    """
    found: list[dict] = [{} for _ in cells]
    for level in LEVELS:
        family = {
            number: {rival: of_cell[rival] for rival in rivals}
            for number, of_cell in enumerate(gains)
            if (rivals := rivals_by_level(of_cell).get(level))
        }
        alone = [number for number in family if cells[number].cell["judged_alone"]]
        meetings = {number: family.pop(number) for number in alone}
        for of_family in filter(None, [family, meetings]):
            for number, judgement in judge(of_family, margin).items():
                found[number][level] = judgement
    return found


def highest(levels: Mapping[str, Judgement]) -> tuple[str, Judgement]:
    """The verdict of a cell, which names the highest level that it reached with all before it.

    Levels are tested one behind the other, each only where the one before it is claimed.
    """
    (_, judgement), *_ = levels.items()
    verdict = judgement.verdict
    for level, of_level in levels.items():
        if of_level.verdict != "benefit":
            break
        verdict, judgement = level, of_level
    return verdict, judgement


def _row(
    cell: CellRuns, arms: Arms, gains: dict[str, Comparison], levels: dict[str, Judgement]
) -> dict:
    """One cell by one metric as JSON types."""
    scores = {arm: arms.score(folders) for arm, folders in cell.folders.items()}
    seed_scores = {arm: arms.scores[folders] for arm, folders in cell.folders.items()}
    sign = arms.metric.sign
    verdict, judgement = highest(levels)
    return {
        "constant": cell.constant(arms.metric.name),
        "scores": {arm: score.to_json() for arm, score in scores.items()},
        "seed_scores": {arm: of_seeds.tolist() for arm, of_seeds in seed_scores.items()},
        "gains": {
            rival: {
                "gain": of.gain.to_json(),
                "seed_gains": of.seed_gains.tolist(),
                "p": of.gain.p,
                "df": of.gain.df,
                "probability_of_improvement": probability_of_improvement(
                    sign * seed_scores[ARM], sign * seed_scores[rival]
                ),
            }
            for rival, of in gains.items()
        },
        **_as_json(judgement),
        "verdict": verdict,
        "levels": {
            level: {"hardest": of.hardest, "gain": gains[of.hardest].gain.to_json(), **_as_json(of)}
            for level, of in levels.items()
        },
        "loses_to_linear": bool(sign * (scores[LINEAR].mean - scores[ARM].mean) > 0),
    }


def _as_json(judgement: Judgement) -> dict:
    reason = judgement.reason
    return {
        "verdict": judgement.verdict,
        "reason": reason | {"text": reason_text(reason)},
        "p_holm": judgement.p_holm,
    }


def metric_descriptions(kind: str) -> dict[str, dict]:
    """What `results.json` says of each metric of a kind of task."""
    return {
        name: {
            "label": METRICS[name].label,
            "better": "higher" if METRICS[name].higher_is_better else "lower",
            "margin": MARGINS.get(name),
        }
        for name in METRICS_OF[kind]
    }
