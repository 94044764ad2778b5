"""Whether what a study compares changes the gain: sentences from the changes in its record."""

from collections import Counter
from collections.abc import Sequence

from representation_music.plots.report.records import CellRecord, Record
from representation_music.plots.report.words import (
    cell_words,
    count,
    factor_words,
    interval,
    metric_words,
)
from representation_music.plots.studies.words import listed

#: What is compared, as the subject of a sentence, by study.
SUBJECTS = {
    "coupling": "how tightly the tasks are coupled",
    "training_size": "the number of training songs",
    "sharing_degree": "which layers are shared",
    "stopping": "the stopping metric",
}
#: Up to so many changes are told one by one; of more, the ends.
TOLD_CHANGES = 4


def changed_cells(record: Record) -> list[CellRecord]:
    """The cells whose gain was set against that of the first level of what the study compares."""
    defined = [cell for cell in record.cells if "change" in cell.found]
    return [cell for cell in defined if cell.found["change"]["change"][0] is not None]


def gain_changes(record: Record) -> list[str]:
    """How the gain over the single task changes, with intervals, and whether that is shown."""
    cells = changed_cells(record)
    if not cells:
        return []
    factor = record.content["compares"]
    first = next(cell.factors[factor] for cell in record.cells if factor in cell.factors)
    names = record.varying()
    changes = [
        f"{interval(cell.found['change']['change'])} ({cell_words(cell.factors, names)})"
        for cell in cells
    ]
    if len(cells) <= TOLD_CHANGES:
        told = f"is {listed(changes)}"
    else:
        order = sorted(range(len(cells)), key=lambda n: cells[n].found["change"]["change"][0])
        told = f"goes from {changes[order[0]]} to {changes[order[-1]]}"
    return [
        f"{SUBJECTS[record.study]} {_shown(cells)}: the gain in test {metric_words(record)} over "
        f"the single task, less that with {_level(factor, first)}, {told}."
    ]


def _level(factor: str, value) -> str:
    words = factor_words(factor, value).removeprefix("stopped by ")
    return f"the {words}" if factor == "coupling" else words


def _shown(cells: Sequence[CellRecord]) -> str:
    counts = Counter(cell.found["change"]["verdict"] for cell in cells)
    larger, smaller = counts["larger gain"], counts["smaller gain"]
    if larger or smaller:
        found = [f"larger in {count(larger)}"] * bool(larger)
        found += [f"smaller in {count(smaller)}"] * bool(smaller)
        return f"changes the gain, which is {listed(found)} of {count(len(cells))} comparisons"
    if counts["no material difference"] == len(cells):
        return "makes no difference that matters to the gain"
    return f"is not shown to change the gain in any of {count(len(cells))} comparisons"
