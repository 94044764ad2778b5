"""What a study's judged cells come to: controls, counts, warnings and the answer to its question.

All readers of `results.json` take these from it; nobody else derives them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from representation_music.experiments.design.arms import CONTROL_ARMS
from representation_music.experiments.design.contrasts import levels_of
from representation_music.experiments.results.words import ANSWERS, WARNINGS, counted, cut
from representation_music.utils.results_format import ARM, LINEAR, PERMUTED_TARGET, SINGLE, plain
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS

BENEFIT, HARM, IMMATERIAL = "benefit", "harm", "no material difference"
#: Differences that are surely too small to matter, whether or not there is one.
TOO_SMALL = "too small to matter"


def summarise(cells: Sequence[Mapping], metric: str, study: Mapping) -> dict:
    """Everything that `results.json` says of the study as a whole.

    Args:
        cells: Its judged cells, as `results.json` holds them.
        metric: The metric that decides.
        study: Its `question`, `compares`, judged `contrasts`, `missing_cells`, `seeds` and `runs`.
    """
    controls = control_checks(cells)
    counts = _counts(cells, metric, controls, study)
    warnings = _warnings(cells, counts, study)
    return {
        "answer": _answer(cells, metric, counts, controls, study["compares"]),
        "counts": counts,
        "controls": controls,
        "warnings": warnings,
    }


def control_checks(cells: Sequence[Mapping]) -> list[dict]:
    """Every control whose truth is known, with the numbers of its cells and whether it passes.

    All meetings of an arm with itself are one control, which passes if a difference is claimed in
    none of them: they are corrected together, so that an instrument that keeps its level fails in
    that share of studies at most.
    """
    alone = [number for number, cell in enumerate(cells) if cell["judged_alone"]]
    checks = [
        {"cells": [number], "expected": cell["expected"], "passes": cell["passes"]}
        for number, cell in enumerate(cells)
        if number not in alone and cell["passes"] is not None
    ]
    if alone:
        claims = sum(not cells[number]["passes"] for number in alone)
        checks.append(
            {
                "cells": alone,
                "expected": cells[alone[0]]["expected"],
                "claims": claims,
                "passes": not claims,
            }
        )
    return checks


def _counts(cells: Sequence[Mapping], metric: str, controls: Sequence, study: Mapping) -> dict:
    judged = [cell for cell in cells if not cell["judged_alone"]]
    found = [cell["metrics"][metric] for cell in judged]
    changes = Counter(
        of["metrics"][metric]["verdict"]
        for of in study["contrasts"]
        if of["asks"] == study["question"]
    )
    return {
        "cells": len(judged),
        "verdicts": dict(Counter(row["verdict"] for row in found)),
        "changes": dict(changes),
        "below_linear": sum(row["loses_to_linear"] for row in found),
        "controls": len(controls),
        "controls_passed": sum(control["passes"] for control in controls),
        "near_constant": _near_constant(cells),
    }


def _near_constant(cells: Sequence[Mapping]) -> dict:
    """How many nets stayed near the constant predictor, of all in question and of all rivals.

    A run that is an arm somewhere is no rival. Cells whose linear model gains nothing over the
    constant predictor tell nothing, and do not count.
    """
    arms: dict[str, bool] = {}
    rivals: dict[str, bool] = {}
    for cell in cells:
        if cell["near_constant"] is None:
            continue
        for arm, of_arm in cell["arms"].items():
            if arm in (LINEAR, PERMUTED_TARGET):
                continue
            near = set(cell["near_constant"].get(arm, ()))
            for run in of_arm["runs"]:
                (arms if arm == ARM else rivals)[run] = run in near
    others = {run: near for run, near in rivals.items() if run not in arms}
    return {
        "nets": sum(arms.values()),
        "of_nets": len(arms),
        "cells": sum(bool((cell["near_constant"] or {}).get(ARM)) for cell in cells),
        "rivals": sum(others.values()),
        "of_rivals": len(others),
    }


def _warnings(cells: Sequence[Mapping], counts: Mapping, study: Mapping) -> list[dict]:
    near, found = counts["near_constant"], []

    def warn(code: str, **numbers) -> None:
        found.append(counted(WARNINGS, code, **numbers))

    if study["seeds"] < FEWEST_SEEDS:
        warn("few seeds", seeds=study["seeds"], least=FEWEST_SEEDS)
    early = [c for c in cells if len(c["arms"][ARM]["runs"]) < c.get("planned", 0)]
    if early:
        numbers = sorted(len(cell["arms"][ARM]["runs"]) for cell in early)
        numbers = {"least": numbers[0], "most": numbers[-1], "planned": early[0]["planned"]}
        unit = early[0]["varies"]
        warn("stopped early", cells=len(early), of=len(cells), unit=unit, **numbers)
    if len(levels := levels_of(cells, study["compares"])) == 1:
        warn("one level", factor=study["compares"], level=levels[0])
    if counts["below_linear"]:
        warn("below linear", cells=counts["below_linear"], of=counts["cells"])
    if near["nets"]:
        warn("near constant", nets=near["nets"], of=near["of_nets"], cells=near["cells"])
    if near["rivals"]:
        warn("rivals near constant", nets=near["rivals"], of=near["of_rivals"])
    for code in ("idle experts", "collapsed gates"):
        told = [run.get(code.replace(" ", "_")) for run in study.get("runs", {}).values()]
        if nets := sum(map(bool, told)):
            warn(code, nets=nets, of=sum(each is not None for each in told))
    if study["missing_cells"]:
        warn("missing cells", cells=study["missing_cells"])
    return found


def _answer(
    cells: Sequence[Mapping],
    metric: str,
    counts: Mapping,
    controls: Sequence[Mapping],
    compares: str,
) -> dict:
    """What the cells say to the question, with the number of the cell that shows it best."""
    cited = _cited(cells, metric)
    if controls:
        passed, of = counts["controls_passed"], counts["controls"]
        code = status = "pass" if passed == of else "fail"
        numbers = {"passed": passed, "of": of}
        cited = next((check for check in controls if not check["passes"]), controls[0])["cells"][0]
    elif not cells:
        code, status, numbers = "not yet", "none", {}
    elif len(levels_of(cells, compares)) == 1:
        code, status, numbers = "open", "none", {}
    elif counts["changes"]:
        code, status, numbers = _of_changes(counts["changes"])
    else:
        verdicts = Counter()
        for verdict, number in counts["verdicts"].items():
            verdicts[plain(verdict)] += number
        code, status, numbers = _of_levels(cells, metric, compares) or _of_verdicts(verdicts)
    return counted(ANSWERS, code, **numbers) | {"status": status, "cell": cited}


def _of_changes(changes: Mapping[str, int]) -> tuple[str, str, dict]:
    """Whether the gain changes with what the study compares, from the verdicts on its changes."""
    of = sum(changes.values())
    if changed := changes.get("larger gain", 0) + changes.get("smaller gain", 0):
        return "changes", "none", {"changed": changed, "of": of}
    if changes.get(IMMATERIAL, 0) + (small := changes.get(TOO_SMALL, 0)) < of:
        return "no evidence", "none", {}
    return ("small change" if small else "no change"), "none", {"changed": small, "of": of}


def _of_levels(cells: Sequence[Mapping], metric: str, factor: str) -> tuple[str, str, dict] | None:
    """Where changes cannot be judged: whether a verdict is seen at some levels only."""
    levels = levels_of(cells, factor)
    for verdict in (BENEFIT, HARM):
        seen = levels_of([c for c in cells if _verdict(c, metric) == verdict], factor)
        if seen and len(seen) < len(levels):
            numbers = {"verdict": verdict, "levels": len(seen), "of": len(levels)}
            return "differing verdicts", verdict, numbers
        if seen:
            return "alike", verdict, {"verdict": verdict}
    return None


def _of_verdicts(verdicts: Counter) -> tuple[str, str, dict]:
    of, benefit, harm = verdicts.total(), verdicts[BENEFIT], verdicts[HARM]
    if benefit and harm:
        return "depends", "none", {"benefit": benefit, "harm": harm, "of": of}
    if benefit:
        part = "benefit" if benefit == of else "benefit in part"
        return part, BENEFIT, {"benefit": benefit, "of": of}
    if harm:
        return ("harm" if harm == of else "harm in part"), HARM, {"harm": harm, "of": of}
    if small := verdicts[TOO_SMALL]:
        return "too small", "none", {"small": small, "of": of}
    return ("no evidence" if verdicts[IMMATERIAL] < of else IMMATERIAL), "none", {}


def _verdict(cell: Mapping, metric: str) -> str:
    return plain(cell["metrics"][metric]["verdict"])


def _cited(cells: Sequence[Mapping], metric: str) -> int | None:
    """The cell with the largest gain on its first rival; among benefits, if there are any."""

    def place(number: int) -> tuple[bool, float]:
        scored = cells[number]["metrics"][metric]
        first, *_ = [found["gain"][0] for found in scored["gains"].values()] or [None]
        return plain(scored["verdict"]) == BENEFIT, float("-inf") if first is None else first

    return max(range(len(cells)), key=place) if cells else None


def cuts(study: Mapping, cells: Sequence[Mapping]) -> list[dict]:
    """What a study was cut to, by its options or by the songs there are.

    Args:
        study: What `study.json` says: `options`, and the study's own `sizes`.
        cells: All its cells, with their factors and rivals.
    """
    options, found = study["options"], []
    sizes = sorted(levels_of(cells, "songs"))
    if study["sizes"] and sizes != sorted(study["sizes"]):
        found.append(cut("sizes", sizes))
    for option in ("auxiliary_sizes", "architectures", "auxiliaries"):
        if options.get(option):
            found.append(cut(option, list(options[option])))
    left_out = [arm for key, arm in CONTROL_ARMS.items() if key not in options["controls"]]
    if left_out and any(SINGLE in cell["rivals"] for cell in cells):
        found.append(cut("controls", left_out))
    if options.get("num_steps"):
        found.append(cut("num_steps", [options["num_steps"]]))
    if options.get("widths"):
        found.append(cut("widths", list(options["widths"])))
    return found
