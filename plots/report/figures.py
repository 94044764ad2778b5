"""The report's figures as SVG files: the one of each study's question, and all studies at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from representation_music.plots.architectures import architectures_figure
from representation_music.plots.drawing.style import save_figure
from representation_music.plots.report.records import Record, damage_named
from representation_music.plots.studies.figures import figure_kinds
from representation_music.plots.studies.overview import overview_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Inches of a column, in which studies of methods have a figure.
COLUMN = 3.3
#: The figure of the 2016 paper, by its metric.
FLAT_LINE, FLAT_METRIC = "flat-line", "error"


@dataclass(frozen=True)
class Figures:
    """Files of figures, relative to the report's folder.

    Attributes:
        of_studies: By name of the record and of the figure.
        overview: All studies at once; empty without cells to draw.
    """

    of_studies: dict[str, dict[str, str]]
    overview: str


def draw_figures(studies: Sequence[Record], folder: Path) -> Figures:
    """Draws every figure of the report into `folder`."""
    figures = {"architectures": architectures_figure()}
    drawn: dict[str, dict[str, str]] = {}
    for number, record in enumerate(studies):
        with damage_named(record.path):
            of_study = _figures_of(record.content)
        # Numbered, for a record may have any name.
        figures |= {f"{number}-{name}": figure for name, figure in of_study.items()}
        drawn[record.name] = {name: f"figures/{number}-{name}.svg" for name in of_study}
    if overview := overview_figure([record.content for record in studies]):
        figures["overview"] = overview
    for name, figure in figures.items():
        save_figure(figure, folder / "figures" / name, ["svg"])
    return Figures(drawn, "figures/overview.svg" if overview else "")


def _figures_of(results: Mapping) -> "dict[str, Figure]":
    """The figure that answers the study's question, for a column too where it compares methods.

    And the flat line of 2016 where it is.
    """
    kinds = figure_kinds()
    own = results["figure"]
    if own not in kinds:
        raise ValueError(f"no figure is called {own!r}")
    drawn = {own: kinds[own](results) or kinds["forest"](results)}
    if any("method" in cell["factors"] for cell in results["cells"]):
        drawn[f"{own}-column"] = kinds[own](results, width=COLUMN)
    if FLAT_METRIC in results["metrics"]:
        drawn[FLAT_LINE] = kinds[FLAT_LINE](results, FLAT_METRIC)
    return {name: figure for name, figure in drawn.items() if figure is not None}
