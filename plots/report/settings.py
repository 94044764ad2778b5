"""How a study's nets were trained, and what that took, as the runs of its record tell."""

from collections.abc import Iterable, Mapping

from representation_music.plots.report.number_text import from_to
from representation_music.utils.results_format import FOLD

#: Settings that tell one cell, arm or seed from another, and places on disk.
OF_A_RUN = {
    "tasks",
    "task_weights",
    "permuted_tasks",
    "lyric_tasks",
    "training_size",
    "auxiliary_size",
    "architecture",
    "widths",
    "merge",
    "network_options",
    "objective",
    "objective_options",
    "seed",
    "restart",
    "members",
    "dataset",
    "experiment_name",
}


def settings_of(results: Mapping) -> dict[str, str]:
    """By setting, the values that the nets of a study had: `0.7 / 0.8`."""
    values: dict[str, dict[str, None]] = {}
    for run in _nets(results):
        for name, value in run["config"].items():
            if name not in OF_A_RUN:
                if name == "split" and value.startswith(FOLD):
                    value = "folds"
                values.setdefault(name.replace("_", " "), {})[_written(value)] = None
    return {name: " / ".join(sorted(found)) for name, found in values.items()}


def took(results: Mapping) -> dict[str, str]:
    """Nets; the songs that one trains on, all and those without target label; weights; hours."""
    nets = _nets(results)
    further = {run["config"]["auxiliary_size"] for run in nets} - {0}
    return {
        "auxiliary_songs": _range(further, "{:,}"),
        "nets": f"{len(nets):,}",
        "songs": _range([run["training_songs"] for run in nets], "{:,}"),
        "parameters": _range([run["parameters"] / 1e6 for run in nets], "{:.1f}"),
        "hours": f"{sum(run['seconds'] for run in nets) / 3600:.1f}",
    }


def _nets(results: Mapping) -> list[Mapping]:
    """The nets that were trained: no linear models, no means of nets."""
    runs = results["runs"].values()
    return [run for run in runs if "model" not in run["config"] and run["seconds"] is not None]


def _written(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_written, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _range(values: Iterable[float], form: str) -> str:
    return from_to((value, form.format(value)) for value in values)
