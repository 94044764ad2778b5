"""What page, report and figures all say of a study: factors, rivals, cuts, what keeps a verdict."""

from collections.abc import Iterable, Mapping, Sequence

from representation_music.plots.drawing.arms import architecture_name
from representation_music.plots.studies.results import ARM, LINEAR, levels, rivals_of
from representation_music.utils.decimals import short_decimal
from representation_music.utils.statistics.comparisons import FEWEST_SEEDS, LEVEL
from representation_music.utils.tasks import TRAINING_SIZES

#: Control arms of sharing nets, by their names in a study's options.
CONTROL_ARMS = {"weights-0": "auxiliary weights 0", "permuted": "permuted auxiliaries"}
#: The rival of the flat line, whose labels mean nothing.
PERMUTED_TARGET = "permuted target"
#: What stands before the name of a rival.
ARTICLES = {
    "auxiliary weights 0": "the arm with",
    "permuted auxiliaries": "the arm with",
    PERMUTED_TARGET: "the net with the",
    "itself": "",
    "raw labels": "",
}
#: What a level of a factor is called where it is the only one.
NAMES_OF_LEVELS = {"songs": "training size", "coupling": "task set", "stopped by": "metric"}
#: What text calls metrics.
METRIC_NAMES = {
    "error": "1 \N{MINUS SIGN} accuracy",
    "auc": "AUC",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "mean absolute error",
    "log_loss": "log loss",
    "average_precision": "average precision",
    "balanced_accuracy": "balanced accuracy",
    "skill": "skill",
}
#: A net that gains less over the constant predictor than this share of what the linear model gains
#: has hardly learnt.
HARDLY = 0.25
#: What `doubt` names beside rivals.
FEW_SEEDS, LARGE_P = "few seeds", "large p"


def listed(items: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, final = list(items) or [""]
    return f"{', '.join(others)} {last} {final}" if others else final


def factor_words(name: str, value) -> str:
    """One factor of a cell: `low-level sharing`, `tight task set`, `1,000 songs`."""
    match name:
        case "architecture" | "pattern":
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
            return f"stopped by {METRIC_NAMES.get(value, value)}"
        case "correlation":
            return f"correlation {short_decimal(value, 1) if value % 1 else int(value)}"
        case "shared themes":
            some = f"{100 * value:.0f} % of themes shared"
            return {0: "no theme shared", 1: "all themes shared"}.get(value, some)
    return value.replace("_", " ") if isinstance(value, str) else f"{name} {value:g}"


def rival_words(rival: str) -> str:
    """A rival with its article."""
    return f"{ARTICLES.get(rival, 'the')} {rival}".strip()


def doubt(cell: Mapping, metric: str, level: float = LEVEL) -> str:
    """Why there is no evidence though an interval excludes 0; empty of any other cell.

    `FEW_SEEDS`, `LARGE_P`, or the rival whose interval does not lie on the same side of 0.
    """
    found = cell["metrics"].get(metric, {})
    sides = {rival: _side(of["gain"]) for rival, of in found.get("gains", {}).items()}
    if found.get("verdict") != "no evidence" or not any(sides.values()):
        return ""
    if len(found["seed_scores"][ARM]) < FEWEST_SEEDS:
        return FEW_SEEDS
    first = next(side for side in sides.values() if side)
    for rival, side in sides.items():
        if side != first:
            return rival
    return LARGE_P if found["p_holm"] is not None and found["p_holm"] > level else ""


def _side(gain: Sequence[float | None]) -> int:
    """1 of an interval above 0, -1 of one below, 0 of any other."""
    _, low, high = gain
    if low is None or high is None:
        return 0
    return (low > 0) - (high < 0)


def doubt_words(cell: Mapping, metric: str, level: float = LEVEL) -> str:
    """The same in words: `p = .057 after Holm's correction`."""
    reason = doubt(cell, metric, level)
    if reason == LARGE_P:
        p = short_decimal(cell["metrics"][metric]["p_holm"])
        return f"p = {p} after Holm's correction"
    if reason == FEW_SEEDS:
        return f"fewer than {FEWEST_SEEDS} seeds claim nothing"
    if not reason:
        return ""
    holds = _side(cell["metrics"][metric]["gains"][reason]["gain"]) == 0
    where = "holds 0" if holds else "lies on the other side of 0"
    return f"the interval over {rival_words(reason)} {where}"


def hardly_learnt(results: Mapping) -> str:
    """How many nets have hardly learnt, by the study's metric, arms and rivals; empty if none.

    A few such nets decide a cell's mean, whatever the others have learnt; in a rival they make a
    benefit of nothing. A rival that is to learn nothing does not count.
    """
    arms: dict[str, bool] = {}
    rivals: dict[str, bool] = {}
    where = 0
    for cell in results["cells"]:
        of_arm = _failures(results, cell, ARM)
        arms |= of_arm
        where += any(of_arm.values())
        for rival in rivals_of([cell]):
            if rival != PERMUTED_TARGET:
                rivals |= _failures(results, cell, rival)
    told = []
    if failed := sum(arms.values()):
        cells = f"{where} of {len(results['cells'])} cells"
        told.append(f"{failed} of {len(arms)} nets in question (in {cells})")
    if failed := sum(failing for run, failing in rivals.items() if run not in arms):
        told.append(f"{failed} of {len(rivals.keys() - arms.keys())} nets of rivals")
    return f"{listed(told)} have hardly learnt" if told else ""


def _failures(results: Mapping, cell: Mapping, arm: str) -> dict[str, bool]:
    """Whether each run of an arm has hardly learnt; empty where that cannot be told."""
    metric = results["metric"]
    sign = 1 if results["metrics"][metric]["better"] == "higher" else -1
    found = cell["metrics"][metric]
    constant, linear = found["constant"], found["scores"].get(LINEAR, [None])[0]
    if None in (constant, linear) or sign * (linear - constant) <= 0:
        return {}
    least = HARDLY * sign * (linear - constant)
    runs = zip(cell["arms"][arm]["runs"], found["seed_scores"][arm], strict=True)
    return {run: sign * (score - constant) < least for run, score in runs if score is not None}


def unasked(results: Mapping) -> str:
    """Why a study cannot answer its question: it has one level of what it compares; or empty."""
    factor = results["compares"]
    found = levels(results["cells"], factor)
    if len(found) != 1:
        return ""
    level = f"{found[0]:,}" if isinstance(found[0], int) else found[0]
    return f"there is nothing to compare with the {NAMES_OF_LEVELS.get(factor, factor)} {level}"


def rivals_told(results: Mapping) -> str:
    """`Rivals: the single task and the arm with auxiliary weights 0.`, of controls by control."""
    groups: dict[tuple, dict] = {}
    for cell in results["cells"]:
        named = groups.setdefault(tuple(rivals_of([cell])), {})
        named[cell["factors"].get("control", "")] = None
    told = []
    for rivals, controls in groups.items():
        of = f" ({listed(controls)})" if len(groups) > 1 and any(controls) else ""
        told.append(f"{listed(map(rival_words, rivals))}{of}")
    return f"Rivals: {'; '.join(told)}." if told else ""


def cuts(results: Mapping) -> list[str]:
    """What a study was cut to by its options, or by the songs there are: phrases, maybe none."""
    options, study, cells = results.get("options", {}), results["study"], results["cells"]
    told = []
    sizes = levels(cells, "songs")
    in_words = f"{listed(f'{size:,}' for size in sizes)} training songs"
    if study == "training_size" and len(sizes) < len(TRAINING_SIZES):
        why = "" if options.get("sizes") else ", for there are no more songs"
        told.append(f"{in_words}, not all {len(TRAINING_SIZES)} sizes of 2016{why}")
    elif options.get("sizes") and study != "controls":
        told.append(f"{in_words} in place of the study's own")
    if further := options.get("auxiliary_sizes"):
        songs = listed(f"{size:,}" for size in further)
        told.append(f"{songs} further songs in place of the study's own")
    if named := options.get("architectures"):
        told.append(f"{listed(map(architecture_name, named))} only")
    against_single = any("single task" in cell["arms"] for cell in cells)
    if against_single and "controls" in options:
        left_out = [arm for key, arm in CONTROL_ARMS.items() if key not in options["controls"]]
        told += [f"without {listed(left_out)}"] if left_out else []
    if named := options.get("auxiliaries"):
        told.append(f"with the auxiliaries {listed(named)} only")
    if steps := options.get("num_steps"):
        told.append(f"at most {steps:,} steps a run")
    if widths := options.get("widths"):
        told.append(f"layers of {'-'.join(map(str, widths))} units")
    return told
