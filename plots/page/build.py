"""Builds the results page from studies' results: a template filled in, records packed inside."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from representation_music.plots.drawing.arms import LOOKS, arm_of
from representation_music.plots.page.figures import figures_of
from representation_music.plots.page.relatedness import prepared
from representation_music.plots.page.verdicts import answer, control_checks
from representation_music.plots.page.words import (
    FACTOR_NAMES,
    cell_labels,
    cell_title,
    factor_names,
    factor_value,
)
from representation_music.plots.studies.results import ARM, metric_label
from representation_music.plots.studies.words import cuts, doubt_words, rivals_told
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text

#: Bytes that a page may have, so that mail and browsers take it.
MOST_BYTES = 6_000_000
#: Significant digits of the numbers inside the page; it shows three decimals.
DIGITS = 7


def build_page(
    studies: Sequence[Mapping],
    progress: Sequence[Mapping] = (),
    refresh: float = 0,
    relatedness: Sequence[Mapping] = (),
) -> str:
    """The page as HTML that needs nothing else.

    Args:
        studies: Contents of `results.json`, see `study_results.load_results`.
        progress: Of each study that is not done, see `study_progress` of `repmusic report`.
        refresh: Seconds after which an open page loads itself anew; 0: never.
        relatedness: What `repmusic relatedness` found, see `load_relatedness`.

    Raises:
        InputError: if the page would be larger than `MOST_BYTES`.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "template"),
        autoescape=jinja2.select_autoescape(["html", "jinja"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("page.html.jinja").render(
        studies=[
            _described(study, number, anchor)
            for number, (study, anchor) in enumerate(zip(studies, _anchors(studies), strict=True))
        ],
        progress=progress,
        refresh=refresh,
        relatedness=relatedness,
        records=pack(studies, relatedness),
        charts=_charts_library(),
    )
    if len(page.encode()) > MOST_BYTES:
        found = f"records that make a page of {len(page.encode()) / 1e6:.1f} MB"
        raise InputError(
            "the studies",
            found,
            f"at most {MOST_BYTES / 1e6:g} MB",
            "Make a page of each study, in folders of their own.",
        )
    return page


@cache
def _charts_library() -> str:
    """Vega, Vega-Lite and vega-embed as one script, which takes seconds to put together."""
    import vl_convert

    return vl_convert.javascript_bundle()


def write_page(page: str, folder: Path | str) -> Path:
    """Writes the page to `folder`/index.html, whole or not at all; gives its path."""
    path = Path(folder) / "index.html"
    write_text(path, page)
    return path


def _anchors(studies: Sequence[Mapping]) -> list[str]:
    """A name of its own for each study: the same may have been run on several data."""
    names = [study["study"] for study in studies]
    return [
        name if names[:number].count(name) == 0 else f"{name}-{names[:number].count(name) + 1}"
        for number, name in enumerate(names)
    ]


def _described(study: Mapping, number: int, anchor: str) -> dict:
    """What the template says of a study itself."""
    return {
        "index": number,
        "anchor": anchor,
        "name": study["study"],
        "answer": answer(study),
        "checks": control_checks(study),
        "data": "; ".join(study["data"]),
        "kinds": study.get("data_kind", []),
        "headline": "",
        "rivals": rivals_told(study),
        "cuts": cuts(study),
        "missing": study.get("missing_cells", 0),
        "seeds": study["seeds"],
        "metric": metric_label(study, study["metric"]),
        "command": study.get("command") or "",
        "options": json.dumps(study.get("options", {}), indent=1, ensure_ascii=False),
    }


def pack(studies: Sequence[Mapping], relatedness: Sequence[Mapping] = ()) -> str:
    """The records as the page's scripts read them: JSON, compressed, as ASCII letters."""
    content = {
        "studies": [_prepared(study) for study in studies],
        "relatedness": [prepared(numbers) for numbers in relatedness],
        "factors": FACTOR_NAMES,
        "looks": LOOKS,
    }
    text = json.dumps(_rounded(content), separators=(",", ":"), allow_nan=False)
    # Without the time of day, so that the same records make the same page.
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


def _prepared(study: Mapping) -> dict:
    """The study with its names in words and its figures."""
    labels = cell_labels(study["cells"])
    cells = [
        cell
        | {
            "label": label,
            "title": cell_title(cell),
            "names": factor_names(cell),
            "architecture": _architecture(study, cell),
            "doubts": {name: doubt_words(cell, name, study["level"]) for name in cell["metrics"]},
        }
        for cell, label in zip(study["cells"], labels, strict=True)
    ]
    metrics = {
        name: metric | {"label": metric_label(study, name)}
        for name, metric in study["metrics"].items()
        # Records that were cut hold few of the metrics.
        if any(name in cell["metrics"] for cell in study["cells"])
    }
    figures = figures_of(study)
    return dict(study) | {"cells": cells, "metrics": metrics, "figures": figures}


def _architecture(study: Mapping, cell: Mapping) -> str:
    """What the arm in question is called beside its rivals."""
    for run in cell["arms"][ARM]["runs"]:
        if config := study["runs"].get(run, {}).get("config"):
            return arm_of(config).name
    factors = cell["factors"]
    architecture = factors.get("architecture", factors.get("pattern", "arm in question"))
    return factor_value("architecture", architecture)


def _rounded(value):
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
