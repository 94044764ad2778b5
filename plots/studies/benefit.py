"""The 2016 study's Figures 3 (sharing against a single task) and 4-5 (tight against loose)."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from representation_music.plots.drawing.arms import arm_named
from representation_music.plots.drawing.names import architecture_name
from representation_music.plots.drawing.style import WIDTH
from representation_music.plots.studies.forest import Block, rows_figure
from representation_music.plots.studies.panels import of_coupling
from representation_music.plots.studies.results import (
    cells_with,
    chosen_metric,
    levels,
    metric_label,
    plain_cells,
    songs_in_words,
)

#: So many training sizes are drawn below each other; more are a matter of Figures 6 and 7.
MOST_SIZES = 3


def benefit_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """Figure 3: scores of the single task and each architecture, and gains on every rival.

    It is of the tight task set (of the only one, where there is one); in a narrow figure the panels
    stand below each other. None where the cells are of another kind, or at more than `MOST_SIZES`
    training sizes. Arguments as `figure_kinds` has them.
    """
    cells = plain_cells(results)
    couplings = levels(cells, "coupling")
    coupling = "tight" if "tight" in couplings else couplings[0] if couplings else None
    cells = cells_with(cells, coupling=coupling)
    task_set = f", {coupling} task set" if coupling else ""
    return _figure(results, metric, width, cells, "Sharing against the single task", task_set)


def coupling_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """Figures 4 and 5: as `benefit_figure`, each architecture with the tight and the loose tasks.

    None where there is but one task set, too.
    """
    cells = plain_cells(results)
    if len(levels(cells, "coupling")) < 2:
        return None
    return _figure(results, metric, width, cells, "Tight against loose task sets", "")


def _figure(
    results: dict, metric: str, width: float, cells: Sequence[dict], question: str, task_set: str
) -> Figure | None:
    metric, sizes = chosen_metric(results, metric), levels(cells, "songs")
    if not cells or len(sizes) > MOST_SIZES:
        return None
    blocks = [_block(cells_with(cells, songs=songs), songs, len(sizes)) for songs in sizes]
    label, target = metric_label(results, metric), cells[0]["target"]
    title = f"{question}: test {label} of {target}, {songs_in_words(sizes)}{task_set}"
    return rows_figure(results, metric, width, blocks, title, scores=True)


def _block(cells: Sequence[dict], songs: int, num_sizes: int) -> Block:
    couplings = levels(cells, "coupling")

    def look(cell: dict):
        arm = arm_named(architecture_name(cell["factors"]["architecture"]))
        return of_coupling(arm, cell["factors"].get("coupling"))

    ordered = sorted(
        cells, key=lambda cell: (look(cell).rank, couplings.index(cell["factors"].get("coupling")))
    )
    looks = [look(cell) for cell in ordered]
    names = [arm.name.removesuffix(" sharing") for arm in looks]
    if len(couplings) > 1:
        names = [
            f"{name}, {cell['factors']['coupling']}"
            for name, cell in zip(names, ordered, strict=True)
        ]
    title = f"{songs:,} songs" if num_sizes > 1 else ""
    return Block(ordered, names, looks, title)
