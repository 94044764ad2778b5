"""The report's figures, drawn from records by `plots/`'s own functions."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from representation_music.plots.report.records import Evidence, Record
from representation_music.plots.report.words import metric_words, sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Kind:
    """A kind of figure.

    Attributes:
        name: Its label's first part.
        place: Module and function that draw it: a function of results, metric and width in
            inches, which gives None where the study's cells are of another form.
        caption: What it shows.
        alt: What a reader who cannot see it is told.
        wide: Whether it takes both columns of the page.
        metric: The metric drawn; the study's own if empty.
    """

    name: str
    place: str
    caption: str
    alt: str
    wide: bool = False
    metric: str = ""

    def draw(self, record: Record) -> "Figure | None":
        """The figure of a record, for its place on the page."""
        from representation_music.plots.drawing.style import COLUMN_WIDTH, WIDTH

        module, function = self.place.split(":")
        draw: Callable = getattr(
            import_module(f"representation_music.plots.studies.{module}"), function
        )
        return draw(record.content, self.metric, WIDTH if self.wide else COLUMN_WIDTH)


#: The figure of `controls` that stands with what was wrong in 2016.
FLAT_LINE = "flat-line"
#: The figures of each study, in the order in which they are shown.
FIGURES = {
    "controls": (
        Kind(
            "controls",
            "correlation:correlation_figure",
            "Positive and negative controls: gain over each rival against the correlation of the "
            "auxiliaries' label scores with the target's, by the share of themes in common.",
            "Gains in test score over the rivals against label correlation.",
            wide=True,
        ),
        Kind(
            FLAT_LINE,
            "training_size:flat_line_figure",
            "The flat line of 2016, redrawn: a single-task net on labels as they are, and on "
            "permuted ones, beside the constant predictor.",
            "Test error against training size: falling with aligned labels, flat with permuted "
            "ones.",
            wide=True,
            metric="error",
        ),
    ),
    "benefit": (
        Kind(
            "benefit",
            "benefit:benefit_figure",
            "Figure 3 of the 2016 paper, with intervals: scores of each architecture and its "
            "gain over every rival, tight task set.",
            "A row an architecture with its score, and its gains over each rival.",
            wide=True,
        ),
    ),
    "coupling": (
        Kind(
            "coupling",
            "benefit:coupling_figure",
            "Figures 4 and 5 of the 2016 paper, with intervals: tight and loose task sets.",
            "A row an architecture and task set with its score, and its gains over each rival.",
            wide=True,
        ),
    ),
    "training_size": (
        Kind(
            "size",
            "training_size:training_size_figure",
            "Figures 6 and 7 of the 2016 paper, with intervals: scores against training size.",
            "Test scores of each architecture and of the single task against training size.",
            wide=True,
        ),
    ),
    "sharing_degree": (
        Kind(
            "sharing",
            "sharing_degree:sharing_degree_figure",
            "Sharing patterns: gain by task set and widths.",
            "Gain of every sharing pattern, by task set and widths.",
        ),
    ),
    "auxiliary_size": (
        Kind(
            "auxiliary",
            "label_counts:label_counts_figure",
            "Gain over each rival against the number of songs with the target's label.",
            "Gain over each rival against the number of target labels, a line a number of "
            "auxiliary songs.",
            wide=True,
        ),
    ),
    "pairs": (
        Kind(
            "pairs",
            "forest:forest_figure",
            "One auxiliary after the other, with further songs that carry its label only.",
            "A row an auxiliary with the gains over each rival.",
            wide=True,
        ),
    ),
}


@dataclass(frozen=True)
class Shown:
    """A figure that was drawn, and what stands below it.

    Attributes:
        figure: The figure.
        told: `file`, `caption`, `alt`, `label` and `wide`, as `report.typ` reads them.
    """

    figure: "Figure"
    told: dict


def figures_of(record: Record, number: int) -> list[Shown]:
    """The figures of the `number`th record of its study; not those that its cells do not fit."""
    shown = []
    for kind in FIGURES.get(record.study, ()):
        figure = kind.draw(record)
        if figure is None:
            continue
        name = f"{kind.name}-{number}"
        by = f"Test {metric_words(record, kind.metric)} of {record.target}. "
        told = {
            "file": f"figures/{name}.svg",
            "caption": f"{kind.caption} {by}{sentence(record.data)}, "
            f"{record.content['seeds']} seeds.",
            "alt": f"{kind.alt} {sentence(record.data)}.",
            "label": f"fig-{name}",
            "wide": kind.wide,
        }
        shown.append(Shown(figure, told))
    return shown


def draw_all(evidence: Evidence) -> dict[str, list[list[Shown]]]:
    """By study: the figures of each of its records."""
    return {
        study: [figures_of(record, number) for number, record in enumerate(evidence.of(study), 1)]
        for study in FIGURES
    }


def told_of(drawn: dict[str, list[list[Shown]]]) -> dict[str, list[list[dict]]]:
    """What the report reads of the figures, without the figures."""
    return {
        study: [[shown.told for shown in of_record] for of_record in records]
        for study, records in drawn.items()
    }


def save_figures(drawn: dict[str, list[list[Shown]]], folder: Path) -> None:
    """Saves what was drawn, and the four architectures, as SVG below `folder`."""
    from representation_music.plots.architectures import architectures_figure
    from representation_music.plots.drawing.style import save_figure

    save_figure(architectures_figure(), folder / "figures" / "architectures", ["svg"])
    for shown in (each for study in drawn.values() for record in study for each in record):
        save_figure(shown.figure, (folder / shown.told["file"]).with_suffix(""), ["svg"])
