"""The report's figures, drawn from records by `plots/`'s own functions."""

from pathlib import Path

from representation_music.plots.architectures import architectures_figure
from representation_music.plots.report.records import Evidence
from representation_music.plots.style import save_figure


def draw_figures(evidence: Evidence, folder: Path) -> dict[str, list[dict]]:
    """Draws every figure as SVG into `folder`.

    Returns:
        By study, in the order of its records: `file`, `caption`, `alt`, `label`, `wide`.
    """
    save_figure(architectures_figure(), folder / "architectures", ["svg"])
    return {}
