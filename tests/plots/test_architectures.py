import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from representation_music.plots.architectures import architectures_figure
from representation_music.plots.drawing.style import save_figure
from representation_music.utils.errors import InputError

PLOTS = Path(__file__).parents[2] / "plots"


def boxes(axes):
    """Number of boxes by what they stand for."""
    return Counter(patch.get_label() for patch in axes.patches if patch.get_label())


def test_a_shared_layer_is_one_box_and_a_private_one_a_box_a_task():
    (axes,) = architectures_figure(["SPSS"], ["pop", "year", "loudness"]).axes
    assert boxes(axes) == {
        "input": 1,
        "fc1 shared": 1,
        "fc2 private": 3,
        "fc3 shared": 1,
        "fc4 shared": 1,
        "head": 3,
    }


@pytest.mark.parametrize(
    ("pattern", "arrows"),
    # Into each layer and the heads: one while there is one stream, then one a task.
    [("PPPP", 5 * 2), ("SSPP", 2 + 3 * 2), ("PSSS", 5 * 2), ("SSSS", 4 + 2)],
)
def test_there_is_an_arrow_a_stream(pattern, arrows):
    (axes,) = architectures_figure([pattern], ["pop", "year"]).axes
    assert sum("Arrow" in type(patch).__name__ for patch in axes.patches) == arrows


def test_layers_narrow_with_depth_and_a_shared_one_spans_all_tasks():
    (axes,) = architectures_figure(["PSPS"], ["pop", "year"]).axes
    widths = {p.get_label(): p.get_window_extent().width for p in axes.patches if p.get_label()}
    assert widths["fc1 private"] > widths["fc3 private"]
    assert widths["fc2 shared"] > 2 * widths["fc3 private"]
    assert widths["fc2 shared"] > widths["fc4 shared"]


def test_the_studys_four_are_drawn_unless_others_are_named():
    titles = [axes.get_title() for axes in architectures_figure().axes]
    assert titles == [
        "No sharing  (PPPP)",
        "Low-level sharing  (SSPP)",
        "High-level sharing  (PSSS)",
        "Interspersed sharing  (SPSS)",
    ]


def test_layers_are_named_with_their_units():
    axes = architectures_figure(["SP"], widths=(2000, 7)).axes[0]
    assert {"fc1: 2,000", "fc2: 7"} <= {text.get_text() for text in axes.texts}


@pytest.mark.parametrize("pattern", ["SSP", "SSXP", ""])
def test_what_is_no_pattern_of_these_layers_is_refused(pattern):
    with pytest.raises(InputError, match="4 letters"):
        architectures_figure([pattern])


@pytest.mark.slow
def test_the_script_writes_small_files_that_are_the_same_each_time(tmp_path):
    command = [sys.executable, PLOTS / "architectures.py", "-o", tmp_path / "by script"]
    subprocess.run(command, check=True, capture_output=True)
    for path in save_figure(architectures_figure(), tmp_path / "architectures"):
        content = path.read_bytes()
        assert content == (tmp_path / "by script" / path.name).read_bytes()
        assert len(content) < 100_000
