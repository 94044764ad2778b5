"""Does what a study compares change the gain? Cells against one another, each change judged.

A verdict a cell does not answer that: of two gains one may be shown and the other not, and yet the
two be alike. So each cell is set against the one that differs from it in nothing but the factor
that the study compares and has the factor's first level.
"""

from collections.abc import Mapping, Sequence

from representation_music.utils.statistics.comparisons import Arms, judge

#: The gain in question is that over this rival, which every sharing arm of such a study has.
RIVAL = "single task"
#: What the verdict on a change is called.
CHANGES = {"benefit": "larger gain", "harm": "smaller gain"}


def compared_cells(cells: Sequence[Mapping], factor: str) -> dict[int, int]:
    """For each cell with another level of the factor: the cell with the first one.

    Args:
        cells: As in `study.json`.
        factor: The factor; none if empty.

    Returns:
        Numbers among the cells.
    """
    first: dict[tuple, int] = {}
    pairs = {}
    for number, cell in enumerate(cells):
        if factor not in cell["factors"] or RIVAL not in cell["rivals"]:
            continue
        others = {name: value for name, value in cell["factors"].items() if name != factor}
        base = first.setdefault(tuple(others.items()), number)
        if cell["factors"][factor] != cells[base]["factors"][factor]:
            pairs[number] = base
    return pairs


def changes(cells: Sequence, arms: Mapping[tuple, Arms], factor: str, margin: float) -> dict:
    """Judges how each compared cell's gain differs from that of the cell with the first level.

    Holm's correction goes over all changes of the study.

    Args:
        cells: The study's `CellRuns`.
        arms: Arms, by their runs, of all cells with a meeting place.
        factor: The factor that the study compares; none if empty.
        margin: Of "no material difference", in the metric's unit.

    Returns:
        By number of the cell: the change as JSON types. Cells whose test songs differ are left out.
    """
    pairs = {
        number: base
        for number, base in compared_cells([cell.cell for cell in cells], factor).items()
        if cells[number].meeting_place == cells[base].meeting_place
    }
    if not pairs:
        return {}

    def gain(number: int) -> tuple:
        return cells[number].folders["arm"], cells[number].folders[RIVAL]

    found = {
        number: arms[cells[number].meeting_place].contrast(gain(number), gain(base))
        for number, base in pairs.items()
    }
    verdicts = judge({number: {RIVAL: change} for number, change in found.items()}, margin)
    return {
        number: {
            "from": cells[pairs[number]].cell["cell"],
            "change": change.gain.to_json(),
            "seed_changes": change.seed_gains.tolist(),
            "p": change.p,
            "p_holm": verdicts[number].p_holm,
            "verdict": CHANGES.get(verdicts[number].verdict, verdicts[number].verdict),
        }
        for number, change in found.items()
    }
