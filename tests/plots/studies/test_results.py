import json
import math

import pytest
from made_up_study import make_results

from representation_music.plots.studies import results as study_results
from representation_music.plots.studies.results import load_results
from representation_music.utils.errors import InputError

TWO_SIZES = [
    {"architecture": "low_level_sharing", "coupling": "tight", "songs": 1000},
    {"architecture": "low_level_sharing", "coupling": "tight", "songs": 500},
]


@pytest.fixture
def write(tmp_path):
    def write_results(content):
        (tmp_path / "results.json").write_text(json.dumps(content))
        return tmp_path

    return write_results


def test_a_studys_folder_and_its_file_give_the_content_as_it_stands(write):
    results = make_results(TWO_SIZES, seeds=1)
    folder = write(results)
    assert load_results(folder) == load_results(str(folder / "results.json")) == results


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"format": 1}, "found format 1, expected a study's results of format 4"),
        ({"metric": "r2"}, "found 'r2', expected one of auc, error"),
        ({"cells": [{}]}, r"cells\[0\]: found no 'cell'"),
        ({"cells": [3]}, r"cells\[0\]: found 3, expected an object"),
    ],
)
def test_other_formats_and_lacking_parts_are_named(write, change, found):
    folder = write(make_results(TWO_SIZES) | change)
    with pytest.raises(InputError, match=found):
        load_results(folder)


def test_the_old_format_a_list_and_a_missing_file_say_what_to_do(write, tmp_path):
    with pytest.raises(InputError, match="repmusic results"):
        load_results(tmp_path)
    with pytest.raises(InputError, match=r"found a list \[\], expected .*repmusic results"):
        load_results(write([]))
    with pytest.raises(InputError, match="found no format, expected a study's results"):
        load_results(write({"cells": []}))
    with pytest.raises(InputError, match="found no 'seeds'"):
        content = make_results(TWO_SIZES)
        del content["seeds"]
        load_results(write(content))


def test_numbers_are_found_and_missing_ones_are_nan():
    cell, other = make_results(TWO_SIZES)["cells"]
    assert study_results.score(cell, "auc") == (0.6, 0.595, 0.605)
    assert study_results.score(other, "auc", "single task") == pytest.approx((0.59, 0.585, 0.595))
    assert study_results.gain(other, "error", "auxiliary weights 0")[0] == pytest.approx(0.03)
    assert study_results.constant(cell, "error") == 0.3
    assert study_results.verdict(other, "auc") == "no evidence"
    cell["metrics"]["auc"]["scores"]["arm"] = [0.6, None, None]
    cell["metrics"]["auc"]["constant"] = None
    mean, *ends = study_results.score(cell, "auc")
    assert mean == 0.6 and all(map(math.isnan, ends))
    assert math.isnan(study_results.constant(cell, "auc"))
    assert all(map(math.isnan, study_results.gain(cell, "auc", "nobody")))
    assert study_results.verdict(cell, "r2") == ""


def test_factors_choose_cells_and_numbers_are_sorted():
    cells = make_results(TWO_SIZES)["cells"]
    assert study_results.levels(cells, "songs") == [500, 1000]
    assert study_results.cells_with(cells, songs=500) == cells[1:]
    assert study_results.rivals_of(cells) == [
        "single task",
        "auxiliary weights 0",
        "permuted auxiliaries",
    ]


def test_labels_carry_the_unit_of_the_target():
    results = make_results(TWO_SIZES)
    assert study_results.metric_label(results, "auc") == "AUC"
    for cell in results["cells"]:
        cell |= {"target": "year", "unit": "years"}
    results["metrics"] = {"rmse": {"label": "RMSE", "better": "lower", "margin": None}}
    assert study_results.metric_label(results, "rmse") == "RMSE (years)"


def test_the_studys_metric_is_drawn_unless_another_that_it_knows_is_named():
    results = make_results(TWO_SIZES)
    assert study_results.chosen_metric(results) == "auc"
    assert study_results.chosen_metric(results, "error") == "error"
    with pytest.raises(InputError, match="'r2', expected one of auc, error"):
        study_results.chosen_metric(results, "r2")
