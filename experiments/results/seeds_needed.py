"""At how many seeds a study's cells, which may be stopped early, are settled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from representation_music.experiments.design.arms import rivals_by_level
from representation_music.experiments.results.cell_runs import CellRuns, arms_by_test_set
from representation_music.experiments.results.contrasts import compared
from representation_music.utils.metrics import DEFAULT_METRIC
from representation_music.utils.statistics.comparisons import MARGINS, RESAMPLES
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS, is_settled, judge


def seeds_needed(
    cells: Sequence[CellRuns], contrasts: Sequence[Mapping], number: int
) -> list[int | None]:
    """By cell, at how many of its seeds its verdict is settled, and those of its contrasts are.

    Args:
        cells: Cells of a study that may be stopped early, with the seeds that are done.
        contrasts: As `study.json` has them; counted are those of scores.
        number: How many cells the study has.

    Returns:
        None for a cell that is not settled at as many as are done.
    """
    metric = DEFAULT_METRIC[cells[0].task.kind]
    arms = arms_by_test_set(cells, metric, RESAMPLES)
    settled = partial(is_settled, margin=MARGINS.get(metric, 0.0))
    named = {cell.cell["cell"]: cell for cell in cells}
    questions = Counter(contrast["asks"] for contrast in contrasts)

    def cell_is_settled(cell: CellRuns, seeds: int) -> bool:
        gains = cell.gains(arms[cell.test_set], seeds)
        for level, rivals in rivals_by_level(gains).items():
            of_level = {rival: gains[rival] for rival in rivals}
            if not settled(of_level, cell.cell["planned"], number):
                return False
            if judge({level: of_level})[level].verdict != "benefit":
                break  # levels are tested one behind the other
        return True

    def contrast_is_settled(contrast: Mapping, seeds: int) -> bool:
        its_cells = [named.get(cell) for cell, _ in (*contrast["gain"], *contrast["other"])]
        if None in its_cells or seeds > min(len(cell.configs) for cell in its_cells):
            return False
        found = compared(contrast, named, arms, metric, seeds)
        planned = its_cells[0].cell["planned"]
        return found is None or settled({"": found}, planned, questions[contrast["asks"]])

    def needed(cell: CellRuns) -> int | None:
        tests = [partial(cell_is_settled, cell)]
        for contrast in contrasts:
            its_cells = dict([*contrast["gain"], *contrast["other"]])
            if contrast["measure"] == "score" and cell.cell["cell"] in its_cells:
                tests.append(partial(contrast_is_settled, contrast))
        looks = range(FEWEST_SEEDS, len(cell.configs) + 1)
        settled_at = [next(filter(test, looks), None) for test in tests]
        return None if None in settled_at else max(settled_at)

    return [needed(cell) for cell in cells]
