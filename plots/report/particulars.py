"""What is said of one study only: how its gains go with the factor that it asks about."""

from collections.abc import Callable, Sequence

from representation_music.plots.report.changes import changed_cells
from representation_music.plots.report.records import CellRecord, Record, with_gain
from representation_music.plots.report.words import (
    count,
    counted_verdicts,
    factor_words,
    number,
    verdict_word,
)
from representation_music.plots.studies.words import listed


def particulars(record: Record) -> list[str]:
    """Sentences on a record that only its study has."""
    return PARTICULARS.get(record.study, lambda record: [])(record)


def by_factor(cells: Sequence[CellRecord], name: str) -> dict[object, list[CellRecord]]:
    """The cells by the value of one factor, in the order in which the values come."""
    groups: dict[object, list[CellRecord]] = {}
    for cell in cells:
        groups.setdefault(cell.factors.get(name), []).append(cell)
    return groups


def mean_gain(cells: Sequence[CellRecord]) -> float | None:
    """Mean over cells of the gain over their first rival."""
    gains = [cell.gain(cell.first_rival)[0] for cell in with_gain(cells)]
    return sum(gains) / len(gains) if gains else None


def rank_correlation(cells: Sequence[CellRecord], of: Callable[[CellRecord], float]):
    """Spearman's correlation of something with the gain; None where it is not defined."""
    from scipy import stats

    cells = with_gain(cells)
    values = [of(cell) for cell in cells]
    gains = [cell.gain(cell.first_rival)[0] for cell in cells]
    if len(set(values)) < 2 or len(set(gains)) < 2:
        return None
    return float(stats.spearmanr(values, gains).statistic)


def _coupling(record: Record) -> list[str]:
    groups = by_factor(record.cells, "coupling")
    if len(groups) < 2:
        return []
    told = [
        f"with the {factor_words('coupling', coupling)} {counted_verdicts(cells)} "
        f"(mean gain {number(mean_gain(cells), signed=True)})"
        for coupling, cells in groups.items()
    ]
    if changed_cells(record):
        return [f"{'; '.join(told)}."]
    note = (
        "Cells are judged against their rivals and not the task sets against each other, so how "
        "the two compare is description."
    )
    return [f"{'; '.join(told)}.", note]


def _training_size(record: Record) -> list[str]:
    told, groups = [], by_factor(record.cells, "songs")
    if len(groups) < 2:
        return []
    for verdict in ("benefit", "harm"):
        sizes = [size for size, cells in groups.items() if any(c.verdict == verdict for c in cells)]
        if sizes:
            told.append(
                f"{verdict_word(verdict)} is found at {listed([count(s) for s in sizes])} songs."
            )
    correlation = rank_correlation(record.cells, lambda cell: cell.factors["songs"])
    if correlation is not None:
        told.append(
            f"gain and training size have a rank correlation of {number(correlation, 2, True)} "
            f"over the {len(record.cells)} cells."
        )
    return told


def _sharing_degree(record: Record) -> list[str]:
    told = []
    for widths, cells in by_factor(record.cells, "widths").items():
        for coupling, of_set in by_factor(cells, "coupling").items():
            correlation = rank_correlation(of_set, lambda c: c.factors["pattern"].count("S"))
            best = max(with_gain(of_set), key=lambda c: c.gain(c.first_rival)[0], default=None)
            if correlation is None or best is None:
                continue
            told.append(
                f"{factor_words('coupling', coupling)}, {factor_words('widths', widths)}: "
                f"{number(correlation, 2, True)}, largest gain with "
                f"{factor_words('pattern', best.factors['pattern'])}"
            )
    if not told:
        return []
    return [
        f"number of shared layers and gain have these rank correlations: {'; '.join(told)}.",
        *_coupling(record)[:1],
    ]


def _auxiliary_size(record: Record) -> list[str]:
    told = [
        f"{factor_words('songs', size)} with the target's label: {counted_verdicts(cells)} "
        f"(mean gain {number(mean_gain(cells), signed=True)})"
        for size, cells in by_factor(record.cells, "songs").items()
    ]
    return [f"{'; '.join(told)}.", *_coupling(record)[:1]]


def _stopping(record: Record) -> list[str]:
    others = [name for name in record.varying() if name != "stopped by"]
    groups: dict[tuple, set[str]] = {}
    for cell in record.cells:
        key = tuple(cell.factors[name] for name in others)
        groups.setdefault(key, set()).add(cell.verdict)
    if len(by_factor(record.cells, "stopped by")) < 2:
        return []
    flips = sum(len(verdicts) > 1 for verdicts in groups.values())
    if not flips:
        return ["the verdict is the same whichever metric stops the training."]
    return [f"the verdict depends on the stopping metric in {flips} of {len(groups)} comparisons."]


PARTICULARS: dict[str, Callable[[Record], list[str]]] = {
    "coupling": _coupling,
    "training_size": _training_size,
    "sharing_degree": _sharing_degree,
    "auxiliary_size": _auxiliary_size,
    "alternating": _coupling,
    "stopping": _stopping,
}
