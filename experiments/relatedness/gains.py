"""Does relatedness predict what sharing gains? Each measure against the gain, over a study's cells.

The question that the 2016 study could not ask: how related the auxiliaries of a cell are against
the gain that the cell's runs measured.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.relatedness.networks import (
    GRADIENT_MEASURES,
    GradientSettings,
    gradients_over_seeds,
)
from representation_music.experiments.relatedness.over_targets import (
    foretold,
    known_pairs,
    unseen_targets,
    within_targets,
)
from representation_music.experiments.relatedness.stacking import STACKED, stacked_gain
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.models.networks import sharing_pattern
from representation_music.plots.studies import results as study_results
from representation_music.utils.errors import InputError
from representation_music.utils.results_format import SINGLE, WEIGHTS_0
from representation_music.utils.statistics.association import MEASURES
from representation_music.utils.statistics.rank_correlation import rank_correlation
from representation_music.utils.typed_json import checked

#: Gains over these arms are looked at, where a study has them.
RIVALS = (SINGLE, WEIGHTS_0)
#: Every measure that gains are compared with.
EVERY_MEASURE = (*MEASURES, STACKED, *GRADIENT_MEASURES)


def gains_against_relatedness(
    study: Path,
    metric: str = "",
    resamples: int = 1000,
    seed: int = 0,
    nets: GradientSettings | None = None,
) -> dict:
    """Rank correlation of relatedness with gain over the cells of a study.

    Args:
        study: Folder of a study with `results.json`.
        metric: Metric of the gains; the study's own if empty.
        resamples, seed: Of the intervals of relatedness.
        nets: Cells of which networks measure gradient cosine and affinity too; none if None.

    Returns:
        JSON types: `points`, a dict a cell with `relatedness` by measure and `gains` by rival,
        each `[value, low, high]`; and `correlations`, a dict for each measure, rival and group of
        cells that may be ranked together; of several targets also `within_targets`, over all of
        them, and by rival `unseen_targets`, what a measure chooses for targets not seen. Transfer
        gain is no measure here: it is the gain itself, on other songs.

    Raises:
        InputError: if the study has no results, or no three cells whose auxiliaries differ.
    """
    results = study_results.load_results(study)
    metric = study_results.chosen_metric(results, metric)
    configs = {cell["cell"]: _config(results, cell, study) for cell in results["cells"]}
    cells = [cell for cell in results["cells"] if configs[cell["cell"]]]
    if len({configs[cell["cell"]].tasks[1:] for cell in cells}) < 3:
        raise InputError(
            study,
            f"{len(cells)} cells that share with other tasks",
            "three or more whose auxiliaries differ",
            "`repmusic study pairs` tries one auxiliary after the other.",
        )
    configs = [configs[cell["cell"]] for cell in cells]
    tables = _label_tables(configs, resamples, seed)
    targets = list(dict.fromkeys(config.target for config in configs))
    several = len(targets) > 1
    noun = load_songs(configs[0].dataset).noun
    points = [
        {
            "cell": cell["cell"],
            "target": config.target,
            "auxiliaries": list(config.tasks[1:]),
            "apart": _what_is_apart(config, several, noun),
            "relatedness": _mean_over(
                [tables[_table_of(config)][name] for name in config.tasks[1:]]
            )
            | {STACKED: stacked_gain(config, load_songs(config.dataset))},
            "gains": {
                rival: study_results.gain(cell, metric, rival)
                for rival in RIVALS
                if rival in cell["arms"]
            },
        }
        for cell, config in zip(cells, configs, strict=True)
    ]
    if nets and nets.nets:
        _add_gradients(points, configs, nets)
    return {
        "study": results["study"],
        "data": results["data"],
        "order": results["order"],
        "target": ", ".join(targets),
        "metric": study_results.metric_label(results, metric),
        "seeds": results["seeds"],
        "single_task": _mean([study_results.score(c, metric, RIVALS[0])[0] for c in cells]),
        "constant": _mean([study_results.constant(cell, metric) for cell in cells]),
        "points": points,
        "correlations": _correlations(points),
        "within_targets": _within_targets(points) if several else [],
        "unseen_targets": {r: unseen_targets(points, EVERY_MEASURE, r) for r in RIVALS}
        if several
        else {},
    }


def unseen_data(one: dict, others: Sequence[dict]) -> list[dict]:
    """What a measure chosen on other studies, of other data, tells of this one's auxiliaries.

    All are as `gains_against_relatedness` gives them. There is a row for each rival: it, the data
    that the measure was `fitted_on`, and what `foretold` gives, where that is known.
    """
    seen = [
        point | {"target": f"{other['data']}: {point['target']}"}
        for other in others
        for point in other["points"]
    ]
    about = {"fitted_on": [data for other in others for data in other["data"]]}
    found = {rival: foretold(seen, one["points"], EVERY_MEASURE, rival) for rival in RIVALS}
    return [{"rival": rival} | about | row for rival, row in found.items() if row]


def _config(results: dict, cell: dict, study: Path) -> RunConfig | None:
    """The settings of the cell's arm; None if it shares with nothing, or with permuted labels."""
    names = cell["arms"]["arm"]["runs"]
    if not names or names[0] not in results["runs"] or SINGLE not in cell["arms"]:
        return None
    settings = dict(results["runs"][names[0]]["config"])
    fingerprint = settings.pop("fingerprint", "")
    config = checked(RunConfig, settings, f"results.json: {names[0]}")
    config = find_songs(config, study, fingerprint)
    made_up = config.permuted_tasks or config.lyric_tasks
    return config if len(config.tasks) > 1 and not made_up else None


def _table_of(config: RunConfig) -> tuple[str, str, str]:
    """Configs for which this is the same have one table of label relatedness."""
    return config.dataset, config.split, config.target


def _label_tables(configs: list[RunConfig], resamples: int, seed: int) -> dict:
    """Label relatedness by name, for each songs file, split and target of the cells."""
    wanted: dict[tuple, dict] = {}
    for config in configs:
        wanted.setdefault(_table_of(config), {}).update(dict.fromkeys(config.tasks[1:]))
    tables = {}
    for key, names in wanted.items():
        path, split, target = key
        rows = label_relatedness(
            load_songs(path), target, split, tuple(names), resamples=resamples, seed=seed
        )
        tables[key] = {row["name"]: row for row in rows}
        if lacking := [name for name in names if name not in tables[key]]:
            place = f"{path}: {lacking[0]}"
            found = "a label that no two training songs tell from the target's"
            raise InputError(place, found, "one that varies among songs with the target's label")
    return tables


def _what_is_apart(config: RunConfig, several_targets: bool, noun: str) -> str:
    """The settings that part a cell from those it is not ranked with, in words."""
    target = f"{config.target}: " if several_targets else ""
    further = f" + {config.auxiliary_size:,}" if config.auxiliary_size else ""
    network = f"{sharing_pattern(config.network)}, {config.network.widths}"
    return f"{target}{config.training_size:,}{further} {noun}, {network}"


def _mean_over(rows: list[dict]) -> dict[str, list[float]]:
    """Size (absolute for correlations) of each measure with its interval, mean over auxiliaries.

    The mean of the ends of intervals is wider than the interval of the mean.
    """
    return {
        measure: np.mean([_absolute(row[measure]) for row in rows], axis=0).tolist()
        for measure in MEASURES
    }


def _absolute(values) -> list[float]:
    """An estimate and its interval without their sign: opposites are as related."""
    value, low, high = values
    if low <= 0 <= high:
        return [abs(value), 0.0, max(-low, high)]
    return [abs(value), min(abs(low), abs(high)), max(abs(low), abs(high))]


def _add_gradients(
    points: list[dict], configs: list[RunConfig], settings: GradientSettings
) -> None:
    for number in spread(points, settings.nets):
        point, config = points[number], configs[number]
        (found,) = gradients_over_seeds([config], load_songs(config.dataset), settings)
        point["relatedness"] |= {
            measure: np.mean([found[name][measure] for name in config.tasks[1:]], 0).tolist()
            for measure in GRADIENT_MEASURES
        }


def spread(points: list[dict], number: int) -> list[int]:
    """Numbers of so many cells whose auxiliaries' correlations go from the least to the largest."""
    order = np.argsort([point["relatedness"]["pearson"][0] for point in points], kind="stable")
    places = np.linspace(0, len(points) - 1, min(number, len(points))).round().astype(int)
    return sorted(order[places].tolist())


def _correlations(points: list[dict]) -> list[dict]:
    """Rank correlation of every measure with every gain, within cells that may be compared."""
    found = []
    for apart in dict.fromkeys(point["apart"] for point in points):
        of_part = [point for point in points if point["apart"] == apart]
        for rival in RIVALS:
            for measure in EVERY_MEASURE:
                pairs = known_pairs(of_part, measure, rival)
                if len(pairs) >= 3:
                    row = {"apart": apart, "rival": rival, "measure": measure}
                    found.append(row | rank_correlation(*pairs.T))
    return found


def _within_targets(points: list[dict]) -> list[dict]:
    """Rank correlation of every measure with every gain, over all targets."""
    rows = [
        {"measure": m, "rival": rival} | within_targets(points, m, rival)
        for rival in RIVALS
        for m in EVERY_MEASURE
    ]
    return [row for row in rows if row["pairs"]]


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
