"""The verdicts of a study in plain words, written from its records: one line a question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from representation_music.plots.page.words import FACTOR_NAMES, cell_labels, interval
from representation_music.plots.studies.results import levels, metric_label
from representation_music.plots.studies.words import (
    doubt_words,
    factor_words,
    hardly_learnt,
    rival_words,
    unasked,
)

#: The question that each study answers.
QUESTIONS = {
    "benefit": "Is multi-task learning beneficial?",
    "coupling": "Does it matter how tightly the tasks are coupled?",
    "training_size": "Does it matter how many songs there are to learn from?",
    "sharing_degree": "Does it matter how much is shared?",
    "auxiliary_size": "Do many labels of the other tasks make up for few of the target's?",
    "alternating": "Is it better to train the tasks in turns than on the sum of their losses?",
    "output_scaling": "Is it better to standardise labels?",
    "stopping": "Does the verdict depend on the metric that ends training?",
    "pairs": "Do other tasks, one at a time, help the target?",
    "controls": "Does the instrument tell truth from luck?",
}
BENEFIT, HARM = "benefit", "harm"


@dataclass(frozen=True)
class Answer:
    """A question's answer.

    Attributes:
        question: The question.
        word: What may be said, in a few words: `No evidence`.
        text: The finding with its interval, how many cells and seeds.
        status: `benefit`, `harm`, `none` (nothing established), `pass` or `fail`; for colour.
        cell: Number of the cell that the text cites, among the study's cells; None if none.
    """

    question: str
    word: str
    text: str
    status: str
    cell: int | None


def answer(study: Mapping) -> Answer:
    """What a study's cells say, by the metric that was fixed beforehand."""
    question = QUESTIONS.get(study["study"], f"What does the study {study['study']} show?")
    if controls := control_checks(study):
        return _controls_answer(question, study, controls)
    cells, metric = study["cells"], study["metric"]
    if not cells:
        return Answer(question, "Not yet", "no cell is complete.", "none", None)
    counts = Counter(cell["metrics"][metric]["verdict"] for cell in cells)
    cited = _cited(cells, metric)
    most = ""
    if len(cells) > 1:
        most = "most of those with a benefit: " if counts[BENEFIT] else "most: "
    gain = _gain_in_words(study, cells[cited], cell_labels(cells)[cited], most)
    tally = "; ".join(f"{verdict} in {n} of {len(cells)}" for verdict, n in counts.items())
    text = f"{gain}. Cells: {tally}."
    if losing := sum(cell["metrics"][metric]["loses_to_linear"] for cell in cells):
        text += f" The nets LOSE to the linear model in {losing} of {len(cells)}."
    if failed := hardly_learnt(study):
        text += f" {failed}."
    word, status = _word(study, counts)
    return Answer(question, word, text[0].upper() + text[1:], status, cited)


def _word(study: Mapping, counts: Counter) -> tuple[str, str]:
    """What may be said, and its status."""
    if unasked(study):
        return f"Open, for {unasked(study)}", "none"
    if factor := study["compares"]:
        return _comparison_word(study, factor, counts)
    total = sum(counts.values())
    if counts[BENEFIT] and counts[HARM]:
        return "It depends", "none"
    if counts[BENEFIT]:
        return ("Yes" if counts[BENEFIT] == total else "In part"), BENEFIT
    if counts[HARM]:
        return "No, it harms" if counts[HARM] == total else "No, in part it harms", HARM
    return _nothing_claimed(counts), "none"


def _comparison_word(study: Mapping, factor: str, counts: Counter) -> tuple[str, str]:
    """Whether the gain changes with a factor; without judged changes, whether verdicts do."""
    cells, metric = study["cells"], study["metric"]
    changes = [cell["metrics"][metric].get("change") for cell in cells]
    if found := Counter(change["verdict"] for change in changes if change):
        return _change_word(found), "none"
    found = {
        level: {
            cell["metrics"][metric]["verdict"]
            for cell in cells
            if cell["factors"].get(factor) == level
        }
        for level in levels(cells, factor)
    }
    for verdict in (BENEFIT, HARM):
        seen = [level for level, of in found.items() if verdict in of]
        if seen and len(seen) < len(found):
            few = ", ".join(factor_words(factor, level) for level in seen)
            few = f"the {few}" if factor == "coupling" else few
            if len(seen) > 4:
                few = (
                    f"{len(seen)} of {len(found)} values of the {FACTOR_NAMES.get(factor, factor)}"
                )
            return f"Perhaps: {verdict} is seen with {few} only", verdict
    if counts[BENEFIT] or counts[HARM]:
        return "Not seen: the verdicts are alike", BENEFIT if counts[BENEFIT] else HARM
    return _nothing_claimed(counts), "none"


def _change_word(found: Counter) -> str:
    """Whether the gain changes, from the verdicts on its changes."""
    total = sum(found.values())
    if shown := found["larger gain"] + found["smaller gain"]:
        return f"Yes: the gain changes in {shown} of {total} comparisons"
    if found["no material difference"] == total:
        return "No: the gain does not change by what matters"
    return "No evidence"


def _nothing_claimed(counts: Counter) -> str:
    alike = set(counts) == {"no material difference"}
    return "No material difference" if alike else "No evidence"


def _cited(cells: Sequence[Mapping], metric: str) -> int:
    """The cell with the largest gain on its first rival; among benefits, if there are any."""

    def place(number: int) -> tuple[bool, float]:
        scored = cells[number]["metrics"][metric]
        first = next(iter(scored["gains"].values()))["gain"][0]
        return scored["verdict"] == BENEFIT, float("-inf") if first is None else first

    return max(range(len(cells)), key=place)


def _gain_in_words(study: Mapping, cell: Mapping, label: str, most: str) -> str:
    metric = study["metric"]
    rival, found = next(iter(cell["metrics"][metric]["gains"].items()))
    return (
        f"{label} gains {most}{interval(found['gain'], metric_label(study, metric))}"
        f" over {rival_words(rival)}{_why(study, cell)}"
    )


def _why(study: Mapping, cell: Mapping) -> str:
    """What keeps an interval that excludes 0 from being evidence."""
    reason = doubt_words(cell, study["metric"], study["level"])
    return f", no evidence, as {reason}" if reason else ""


@dataclass(frozen=True)
class Check:
    """A control whose truth is known.

    Attributes:
        name: Which control.
        expected: The verdicts that pass.
        found: What was found.
        passes: Whether it is among the expected.
        cells: Numbers of its cells among the study's cells.
    """

    name: str
    expected: str
    found: str
    passes: bool
    cells: tuple[int, ...]


def control_checks(study: Mapping) -> list[Check]:
    """The controls of a study; all meetings of an arm with itself are one.

    That one passes if a difference is claimed in no larger a share of meetings than the level.
    """
    metric, labels = study["metric"], cell_labels(study["cells"])
    checks, alone = [], []
    for number, cell in enumerate(study["cells"]):
        if cell["judged_alone"]:
            alone.append(number)
        elif cell["passes"] is not None:
            scored = cell["metrics"][metric]
            gain = next(iter(scored["gains"].values()))["gain"]
            reason = doubt_words(cell, metric, study["level"])
            found = f"{scored['verdict']}, {interval(gain)}{f'; {reason}' if reason else ''}"
            expected = " or ".join(cell["expected"])
            checks.append(Check(labels[number], expected, found, cell["passes"], (number,)))
    if alone:
        claims = sum(not study["cells"][number]["passes"] for number in alone)
        checks.append(
            Check(
                "an arm against itself with other seeds",
                f"a difference claimed in at most {study['level']:.0%} of meetings",
                f"claimed in {claims} of {len(alone)}",
                claims <= study["level"] * len(alone),
                tuple(alone),
            )
        )
    return checks


def _controls_answer(question: str, study: Mapping, checks: list[Check]) -> Answer:
    passed = sum(check.passes for check in checks)
    failed = [check for check in checks if not check.passes]
    word, status = ("PASS", "pass") if not failed else ("FAIL", "fail")
    text = f"{passed} of {len(checks)} controls give the verdict that is known to be true."
    shown = failed or checks
    text += f" {'Failed' if failed else 'Such as'}: {shown[0].name}: {shown[0].found}"
    text += f" (expected {shown[0].expected})."
    return Answer(question, word, text, status, shown[0].cells[0])
