"""Builds the results page from studies' results: a template filled in, records packed inside."""

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from representation_music.plots.drawing.arms import LOOKS, VERDICT_LOOKS, arm_of
from representation_music.plots.drawing.names import (
    FACTOR_NAMES,
    architecture_name,
    cell_names,
    cell_title,
    factor_value,
)
from representation_music.plots.page.figures import figures_of
from representation_music.plots.page.relatedness import foretold_on_page, prepared
from representation_music.plots.studies.results import (
    earlier_studies,
    gain,
    metric_label,
    repeats,
    rivals_of,
)
from representation_music.utils.decimals import interval, short_decimal
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.results_format import ARM

#: Bytes that a page may have, so that mail and browsers take it.
MOST_BYTES = 6_000_000
#: Significant digits of the numbers inside the page; it shows three decimals.
DIGITS = 7


def build_page(
    studies: Sequence[Mapping],
    progress: Sequence[Mapping] = (),
    refresh: float = 0,
    relatedness: Sequence[Mapping] = (),
    against_gain: Sequence[Mapping] = (),
) -> str:
    """The page as HTML that needs nothing else.

    Args:
        studies: Contents of `results.json`, see `load_results`; the page has them in their order.
        progress: Of each study that is not done, see `study_progress`.
        refresh: Seconds after which an open page loads itself anew; 0: never.
        relatedness: What `repmusic relatedness` found, see `load_relatedness`.
        against_gain: What `repmusic relatedness-gain` found of studies.

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
    studies = sorted(studies, key=lambda study: study["order"])
    described = [_described(study, studies) for study in studies]
    page = environment.get_template("page.html.jinja").render(
        studies=described,
        progress=progress,
        refresh=refresh,
        relatedness=relatedness,
        foretold=[foretold_on_page(numbers) for numbers in against_gain],
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


def _name(study: Mapping, studies: Sequence[Mapping]) -> str:
    """The study's name, with its data where the same was run on several."""
    if sum(other["study"] == study["study"] for other in studies) == 1:
        return study["study"]
    return f"{study['study']}, {'; '.join(study['data'])}"


def _anchor(study: Mapping, studies: Sequence[Mapping]) -> str:
    """An address on the page; a number tells apart what has the same name on the same data."""
    own = next(n for n, other in enumerate(studies) if other is study)
    name = _name(study, studies)
    twins = sum(_name(other, studies) == name for other in studies[:own])
    slug = re.sub(r"\W+", "-", name.lower()).strip("-") or "study"
    return f"{slug}-{twins + 1}" if twins else slug


def _described(study: Mapping, studies: Sequence[Mapping]) -> dict:
    """What the template says of a study itself."""
    names, _ = cell_names(study["cells"])
    return {
        **{key: study[key] for key in ("question", "asked", "answer", "counts")},
        "repeats": repeats(study),
        "index": next(n for n, other in enumerate(studies) if other is study),
        "anchor": _anchor(study, studies),
        "name": _name(study, studies),
        "data": "; ".join(study["data"]),
        "kinds": study.get("data_kind", []),
        "cited": _cited(study, names),
        "warnings": [warning["text"] for warning in study["warnings"]],
        "cuts": [cut["text"] for cut in study["cut"]],
        "rivals": rivals_of(study["cells"]),
        "controls": [_control(study, control, names) for control in study["controls"]],
        "metric": metric_label(study, study["metric"]),
        "command": study.get("command") or "",
        "options": json.dumps(study.get("options", {}), indent=1, ensure_ascii=False),
    }


def _cited(study: Mapping, names: Sequence[str]) -> str:
    """The gain of the cell that shows the answer best, over its first rival; empty if none."""
    number, metric = study["answer"]["cell"], study["metric"]
    if number is None or not (rivals := rivals_of([study["cells"][number]])):
        return ""
    found = interval(gain(study["cells"][number], metric, rivals[0]), write=short_decimal)
    return f"{names[number]}: {found} {metric_label(study, metric)} over {rivals[0]}"


def _control(study: Mapping, control: Mapping, names: Sequence[str]) -> dict:
    """A row of the table of controls."""
    first = study["cells"][control["cells"][0]]
    if "claims" in control:
        name = "an arm against itself with other seeds"
        found = f"a difference claimed in {control['claims']} of {len(control['cells'])}"
    else:
        name = names[control["cells"][0]]
        scored = first["metrics"][study["metric"]]
        found = f"{scored['verdict']}: {scored['reason']['text']}"
    return {
        "name": name,
        "cell": control["cells"][0],
        "expected": " or ".join(control["expected"]),
        "found": found,
        "passes": control["passes"],
    }


def pack(studies: Sequence[Mapping], relatedness: Sequence[Mapping] = ()) -> str:
    """The records as the page's scripts read them: JSON, compressed, as ASCII letters."""
    content = {
        "studies": [_prepared(study, studies) for study in studies],
        "relatedness": [prepared(numbers) for numbers in relatedness],
        "factors": FACTOR_NAMES,
        "looks": LOOKS,
        "verdicts": {verdict: [look[1], look[3]] for verdict, look in VERDICT_LOOKS.items()},
    }
    text = json.dumps(_rounded(content), separators=(",", ":"), allow_nan=False)
    # Without the time of day, so that the same records make the same page.
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


def _prepared(study: Mapping, studies: Sequence[Mapping]) -> dict:
    """The study with its names in words and its figures."""
    names, _ = cell_names(study["cells"])
    own = next(n for n, other in enumerate(studies) if other is study)
    cells = [
        cell
        | {
            "earlier": earlier,
            "label": name,
            "title": cell_title(cell) or cell["cell"],
            "names": {factor: factor_value(factor, v) for factor, v in cell["factors"].items()},
            "architecture": _architecture(study, cell),
        }
        for cell, name, earlier in zip(
            study["cells"], names, earlier_studies(studies)[own], strict=True
        )
    ]
    metrics = {
        name: metric | {"label": metric_label(study, name)}
        for name, metric in study["metrics"].items()
        # Records that were cut hold few of the metrics.
        if any(name in cell["metrics"] for cell in study["cells"])
    }
    own = {"name": _name(study, studies), "cells": cells, "metrics": metrics}
    return dict(study) | own | {"figures": figures_of(study)}


def _architecture(study: Mapping, cell: Mapping) -> str:
    """What the arm in question is called beside its rivals."""
    for run in cell["arms"][ARM]["runs"]:
        if config := study["runs"].get(run, {}).get("config"):
            return arm_of(config).name
    factors = cell["factors"]
    return architecture_name(factors.get("architecture", factors.get("pattern", "arm in question")))


def _rounded(value):
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
