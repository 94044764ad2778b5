"""`repmusic relatedness --against-gain STUDY`: does relatedness foretell what sharing gains?

The question that the 2016 study could not ask: each measure of a cell's auxiliaries against the
gain that the cell's runs measured.
"""

from pathlib import Path

import numpy as np

from representation_music.experiments.commands.relatedness import to_json
from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import load_songs
from representation_music.models.networks import sharing_pattern
from representation_music.utils.console import print_table
from representation_music.utils.decimals import decimal, interval, p_value
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.statistics.association import MEASURES
from representation_music.utils.statistics.rank_correlation import rank_correlation

#: Gains are held against these arms, where a study has them.
RIVALS = ("single task", "auxiliary weights 0")
#: Settings whose cells are ranked apart: they move gains whatever the auxiliaries are.
APART = ("training_size", "auxiliary_size", "architecture", "widths")
#: Transfer gain is not among them: it is the gain itself, on other songs.
NET_MEASURES = ("gradient_cosine", "affinity")


def hold_against_gain(
    study: Path,
    metric: str = "",
    resamples: int = 1000,
    seed: int = 0,
    nets: int = 0,
    net_seeds: int = 3,
    net_steps: int = 2000,
    output: Path | None = None,
) -> dict:
    """Prints, writes and draws the rank correlation of relatedness with gain over a study's cells.

    Args:
        study: Folder of a study with `results.json`.
        metric: Metric of the gains; the study's own if empty.
        resamples, seed: Of the intervals of relatedness.
        nets: Cells of which networks measure gradient cosine and affinity too, spread over the
            cells' correlations.
        net_seeds, net_steps: Seeds and steps of that.
        output: Folder of the files; the study's if None.

    Returns:
        What the JSON file holds.

    Raises:
        InputError: if the study has no results, or no three cells whose auxiliaries differ.
    """
    from representation_music.plots.songs.gain_against_relatedness import draw_gains
    from representation_music.plots.studies import results as study_results

    results = study_results.load_results(study)
    metric = study_results.chosen_metric(results, metric)
    cells = [cell for cell in results["cells"] if _config(results, cell)]
    if len({_config(results, cell).tasks[1:] for cell in cells}) < 3:
        raise InputError(
            study,
            f"{len(cells)} cells that share with other tasks",
            "three or more whose auxiliaries differ",
            "`repmusic study pairs` tries one auxiliary after the other.",
        )
    points = []
    tables = _label_tables(results, cells, resamples, seed)
    for cell in cells:
        config = _config(results, cell)
        of_name = tables[config.dataset, config.split, config.target]
        point = {
            "cell": cell["cell"],
            "auxiliaries": list(config.tasks[1:]),
            "apart": _what_is_apart(config),
            "relatedness": _mean_over([of_name[name] for name in config.tasks[1:]], MEASURES),
            "gains": {
                rival: study_results.gain(cell, metric, rival)
                for rival in RIVALS
                if rival in cell["arms"]
            },
        }
        points.append(point)
    if nets:
        _add_nets(points, [_config(results, cell) for cell in cells], nets, net_seeds, net_steps)
    numbers = {
        "study": results["study"],
        "data": results["data"],
        "target": cells[0]["target"],
        "metric": study_results.metric_label(results, metric),
        "seeds": results["seeds"],
        "single_task": _mean([study_results.score(c, metric, RIVALS[0])[0] for c in cells]),
        "constant": _mean([study_results.constant(cell, metric) for cell in cells]),
        "points": points,
        "correlations": _correlations(points),
    }
    _print(numbers)
    stem = (output or study) / "gain-against-relatedness"
    write_text(stem.with_suffix(".json"), to_json(numbers))
    print(stem.with_suffix(".json"), *draw_gains(numbers, stem), sep="\n")
    return numbers


def _config(results: dict, cell: dict) -> RunConfig | None:
    """The settings of the cell's arm; None if it shares with nothing, or with permuted labels."""
    names = cell["arms"]["arm"]["runs"]
    if not names or names[0] not in results["runs"] or "single task" not in cell["arms"]:
        return None
    settings = dict(results["runs"][names[0]]["config"])
    settings.pop("fingerprint", None)
    config = RunConfig.from_json(settings, f"results.json: {names[0]}")
    return config if len(config.tasks) > 1 and not config.permuted_tasks else None


def _label_tables(results: dict, cells: list, resamples: int, seed: int) -> dict:
    """Label relatedness by name, for each songs file, split and target of the cells."""
    wanted: dict[tuple, dict] = {}
    for cell in cells:
        config = _config(results, cell)
        key = config.dataset, config.split, config.target
        wanted.setdefault(key, {}).update(dict.fromkeys(config.tasks[1:]))
    tables = {}
    for (path, split, target), names in wanted.items():
        rows = label_relatedness(
            load_songs(path), target, split, tuple(names), resamples=resamples, seed=seed
        )
        tables[path, split, target] = {row["name"]: row for row in rows}
        if lacking := [name for name in names if name not in tables[path, split, target]]:
            place = f"{path}: {lacking[0]}"
            found = "a label that no two training songs tell from the target's"
            raise InputError(place, found, "one that varies among songs with the target's label")
    return tables


def _what_is_apart(config: RunConfig) -> str:
    """The settings that part a cell from those it is not ranked with, in words."""
    further = f" + {config.auxiliary_size:,}" if config.auxiliary_size else ""
    network = f"{sharing_pattern(config.network)}, {config.network.widths}"
    return f"{config.training_size:,}{further} songs, {network}"


def _mean_over(rows: list[dict], measures) -> dict[str, list[float]]:
    """Size (absolute for correlations) of each measure with its interval, mean over auxiliaries.

    The mean of the ends of intervals is wider than the interval of the mean.
    """
    return {
        measure: np.mean([_absolute(row[measure]) for row in rows], axis=0).tolist()
        for measure in measures
    }


def _absolute(values) -> list[float]:
    """An estimate and its interval without their sign: opposites are as related."""
    value, low, high = values
    if low <= 0 <= high:
        return [abs(value), 0.0, max(-low, high)]
    return [abs(value), min(abs(low), abs(high)), max(abs(low), abs(high))]


def _add_nets(points, configs, nets: int, seeds: int, steps: int) -> None:
    from representation_music.experiments.relatedness.networks import gradients_over_seeds

    for number in spread(points, nets):
        point, config = points[number], configs[number]
        (found,) = gradients_over_seeds([config], load_songs(config.dataset), seeds, steps)
        point["relatedness"] |= {
            measure: np.mean([found[name][measure] for name in config.tasks[1:]], 0).tolist()
            for measure in NET_MEASURES
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
            for measure in (*MEASURES, *NET_MEASURES):
                pairs = [
                    (point["relatedness"][measure][0], point["gains"][rival][0])
                    for point in of_part
                    if measure in point["relatedness"] and rival in point["gains"]
                ]
                pairs = [pair for pair in pairs if np.isfinite(pair).all()]
                if len(pairs) >= 3:
                    row = {"apart": apart, "rival": rival, "measure": measure}
                    found.append(row | rank_correlation(*np.transpose(pairs)))
    return found


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _print(numbers: dict) -> None:
    title = (
        f"{numbers['study']}: rank correlation of relatedness with gain in test "
        f"{numbers['metric']} of {numbers['target']}, {'; '.join(numbers['data'])}, "
        f"{numbers['seeds']} seeds; single task {decimal(numbers['single_task'])}, "
        f"constant predictor {decimal(numbers['constant'])}; a measure that foretells nothing has 0"
    )
    rows = [
        [
            row["measure"].replace("_", " "),
            row["rival"],
            row["apart"],
            str(row["cells"]),
            interval(row["spearman"]),
            decimal(row["kendall"], signed=True),
            p_value(row["p"]),
        ]
        for row in numbers["correlations"]
    ]
    columns = ["measure", "gain over", "cells with", "cells", "Spearman", "Kendall", "p"]
    print_table(title, columns, rows)
