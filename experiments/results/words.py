"""The words of all that `results` judges, a template per code: reasons, warnings, answers, cuts."""

from representation_music.utils.decimals import p_value, short_decimal
from representation_music.utils.statistics.estimates import LEVEL

#: Why a cell has its verdict, by the rule that decided (`verdicts.Judgement.reason`).
REASONS = {
    "seeds": "fewer than {least} seeds",
    "undefined": "the gain over {rival} is undefined",
    "margin": "every {coverage} % interval lies within ± {margin}",
    "every rival": "p {p} after Holm's correction, the largest over the rivals of this level",
    "first rival": "below {rival}, p {p} after Holm's correction{controls}",
    "too small": (
        "p {p} after Holm's correction over {rival}, "
        "but the {coverage} % interval over {small} lies within ± {margin}"
    ),
    "interval": "the interval over {rival} {where} 0",
    "p": "p {p} after Holm's correction, over {rival}",
}
#: By the side of 0 that decides, and the one it should have been on.
WHERE = {0: "includes", 1: "lies above", -1: "lies below"}
#: Which other rivals the arm of a harm falls short of as well, and which it does not.
CONTROLS = {"unlike": "; below {rivals} as well", "alike": "; not shown below {rivals}"}
#: What the intervals of "no material difference" cover, in per cent.
COVERAGE = round(100 * (1 - 2 * LEVEL))

#: What to know of a study before its verdicts are believed.
WARNINGS = {
    "below linear": "nets score below the linear model in {cells} of {of} cells",
    "near constant": "{nets} of {of} nets stayed near the constant predictor",
    "rivals near constant": "{nets} of {of} nets of rivals stayed near the constant predictor",
    "idle experts": "gates hardly use some expert in {nets} of {of} nets with experts",
    "collapsed gates": "a gate reads one expert alone in {nets} of {of} nets with experts",
    "one level": "nothing to compare: {factor} is {level} in every cell",
    "missing cells": "incomplete cells left out: {cells}",
    "stopped early": (
        "{cells} of {of} cells have {least} to {most} of {planned} {unit}s: "
        "more would hardly have changed their verdicts"
    ),
    "few seeds": "fewer than {least} seeds: no claim is possible",
}

#: What a study's cells say to its question.
ANSWERS = {
    "not yet": "No cell is complete",
    "open": "Open: there is nothing to compare",
    "pass": "PASS: {passed} of {of} controls",
    "fail": "FAIL: {passed} of {of} controls",
    "changes": "Yes: the gain changes in {changed} of {of} comparisons",
    "no change": "No: the gain does not change by more than the margin",
    "small change": "Hardly: it changes in {changed} of {of} comparisons, too little to matter",
    "differing verdicts": "Perhaps: {verdict} with {levels} of {of} levels only",
    "alike": "Not seen: {verdict} at every level",
    "depends": "It depends: benefit in {benefit}, harm in {harm} of {of} cells",
    "benefit": "Yes, in every cell",
    "benefit in part": "In part: benefit in {benefit} of {of} cells",
    "harm": "No: harm in every cell",
    "harm in part": "No: harm in {harm} of {of} cells",
    "no material difference": "No material difference",
    "too small": "A difference in {small} of {of} cells, too small to matter",
    "no evidence": "No evidence",
}

#: How a study was cut, by the option that can.
CUTS = {
    "sizes": "training songs: {values}",
    "auxiliary_sizes": "further songs: {values}",
    "architectures": "architectures: {values}",
    "auxiliaries": "auxiliaries: {values}",
    "controls": "without the arms {values}",
    "num_steps": "at most {values} steps per run",
    "widths": "widths: {values}",
}


def reason_text(reason: dict) -> str:
    """A reason in words."""
    numbers = {
        name: _number(name, value) if isinstance(value, float) else value
        for name, value in reason.items()
    }
    controls = [
        text.format(rivals=", ".join(reason[name]))
        for name, text in CONTROLS.items()
        if reason.get(name)
    ]
    return REASONS[reason["rule"]].format(
        where=WHERE.get(reason.get("side")),
        coverage=COVERAGE,
        controls="".join(controls),
        **numbers,
    )


def _number(name: str, value: float) -> str:
    return p_value(value, short_decimal) if name == "p" else f"{value:g}"


def counted(templates: dict[str, str], code: str, **numbers) -> dict:
    """A code with its numbers, and its text from one of the tables above."""
    return {"code": code, **numbers, "text": templates[code].format(**numbers)}


def cut(option: str, values: list) -> dict:
    """An option by which a study was cut, with its text."""
    shown = ", ".join(f"{v:,}" if isinstance(v, int) else str(v).replace("_", " ") for v in values)
    return {"option": option, "values": values, "text": CUTS[option].format(values=shown)}
