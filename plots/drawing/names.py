"""The names of architectures, factors and cells: the only place that words them."""

from collections.abc import Mapping, Sequence

from representation_music.utils.decimals import short_decimal
from representation_music.utils.metrics import METRICS

#: The study's four architectures by their sharing pattern, in the order of its Figure 2.
PATTERN_NAMES = {
    "PPPP": "no sharing",
    "SSPP": "low-level sharing",
    "PSSS": "high-level sharing",
    "SPSS": "interspersed sharing",
}
#: Names of networks and objectives that are no words.
METHOD_NAMES = {
    name.lower().replace("-", "_"): name
    for names in (
        ("cross-stitch", "MMoE", "PLE", "scale-invariant", "DWA", "RLW", "FAMO", "MGDA"),
        ("PCGrad", "GradVac", "CAGrad", "UPGrad", "Aligned-MTL", "IMTL-G", "Nash-MTL"),
    )
    for name in names
}

#: What a factor is called by itself, above a column or before a choice.
FACTOR_NAMES = {
    "coupling": "task set",
    "songs": "training songs",
    "auxiliary songs": "songs with auxiliary labels only",
    "pattern": "sharing pattern",
}


def metric_name(metric: str) -> str:
    """What text calls a metric: `AUC`, `log loss`; with a minus that is one."""
    label = METRICS[metric].label if metric in METRICS else metric
    return label.partition(" (")[0].replace(" - ", " \N{MINUS SIGN} ")


def architecture_name(architecture: str) -> str:
    """What figures call an architecture, pattern or objective: `low-level sharing`, `PCGrad`."""
    words = architecture.replace("_level_", "-level ").replace("_", " ")
    return (PATTERN_NAMES | METHOD_NAMES).get(architecture, words)


def factor_words(name: str, value) -> str:
    """One factor of a cell: `low-level sharing`, `tight task set`, `1,000 songs`."""
    match name:
        case "architecture" | "pattern" | "method":
            return architecture_name(value)
        case "auxiliary":
            return value
        case "coupling":
            return f"{value} task set"
        case "songs" | "auxiliary songs":
            return f"{value:,} {name}"
        case "widths":
            return f"{value} widths"
        case "stopped by":
            return f"stopped by {metric_name(value)}"
        case "correlation":
            return f"correlation {short_decimal(value, 1) if value % 1 else int(value)}"
        case "shared themes":
            some = f"{100 * value:.0f} % of themes shared"
            return {0: "no theme shared", 1: "all themes shared"}.get(value, some)
    return value.replace("_", " ") if isinstance(value, str) else f"{name} {value:g}"


def short_words(name: str, value) -> str:
    """The same where room is short: `low-level`, `tight`, `1,000 songs`."""
    return factor_words(name, value).removesuffix(" sharing").removesuffix(" task set")


def factor_value(name: str, value) -> str:
    """A factor's value where its name stands beside it: `low-level sharing`, `1,000`, `SSPP`."""
    if name in ("architecture", "method"):
        return architecture_name(value)
    if isinstance(value, str):
        return value if name == "auxiliary" else value.replace("_", " ")
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def cell_title(cell: Mapping) -> str:
    """All factors of a cell."""
    return ", ".join(factor_words(name, value) for name, value in cell["factors"].items())


def cell_names(cells: Sequence[Mapping], words=factor_words) -> tuple[list[str], str]:
    """Each cell's name by the factors in which they differ, and the factors that all share.

    A cell alone is named by all its factors.
    """
    keys = list(dict.fromkeys(key for cell in cells for key in cell["factors"]))
    values = {key: [cell["factors"].get(key) for cell in cells] for key in keys}
    same = [key for key in keys if len(cells) > 1 and len(set(values[key])) == 1]
    names = [
        ", ".join(words(key, value) for key, value in cell["factors"].items() if key not in same)
        or cell["cell"]
        for cell in cells
    ]
    return names, ", ".join(words(key, values[key][0]) for key in same)
