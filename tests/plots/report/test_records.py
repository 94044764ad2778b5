"""What a report is made of: records of studies, whole or cut to be committed."""

import json
import re
from collections import defaultdict

import pytest
from made_up_study import make_results
from study_records import description, gain_against_relatedness, relatedness, study_record

from representation_music.plots.report.compact_records import CURVE_POINTS, compact_records
from representation_music.plots.report.data import report_data
from representation_music.plots.report.figures import Figures, draw_figures
from representation_music.plots.report.records import Record, read_evidence
from representation_music.utils.errors import InputError

#: Drawing is another test's.
NO_FIGURES = Figures(defaultdict(dict), "")


def data_of(folder, tmp_path):
    evidence = read_evidence(folder)
    return report_data(evidence, draw_figures(evidence.studies, tmp_path / "drawn"))


def written(value):
    """Data without numbers that are not written out, of which compact records keep fewer digits."""
    if isinstance(value, dict):
        return {name: written(v) for name, v in value.items() if not isinstance(v, float)}
    return [written(each) for each in value] if isinstance(value, list) else value


def test_compact_records_tell_the_same(folder, tmp_path):
    small = tmp_path / "small"
    compact_records(tuple(sorted(folder.glob("*.json"))), small)
    names = {path.name for path in folder.glob("*.json")}
    assert {path.name for path in small.iterdir()} == names
    told, whole = (report_data(read_evidence(place), NO_FIGURES) for place in (small, folder))
    assert written(told) == written(whole)
    for name in names - {"songs-sample-10244.json"}:
        assert (small / name).stat().st_size < (folder / name).stat().st_size


def test_compact_records_name_no_place_of_this_machine(tmp_path):
    record = study_record("benefit", "sample")
    record["command"] = "repmusic study benefit --dataset /home/me/songs.h5 --runs a/runs"
    record["options"]["dataset"] = "/home/me/songs.h5"
    (tmp_path / "results.json").write_text(json.dumps(record))
    compact_records((tmp_path / "results.json",), tmp_path / "small")
    kept = json.loads((tmp_path / "small" / "benefit-sample.json").read_text())
    assert kept["command"] == "repmusic study benefit --dataset songs.h5 --runs a/runs"
    assert kept["options"]["dataset"] == "songs.h5"


def test_compact_records_thin_learning_curves_and_keep_their_ends(tmp_path):
    record = study_record("benefit", "sample")
    for run in record["runs"].values():
        if run["history"]:
            run["history"] |= {"step": list(range(41)), "validation": [n / 2 for n in range(41)]}
    (tmp_path / "results.json").write_text(json.dumps(record))
    compact_records((tmp_path / "results.json",), tmp_path)
    kept = json.loads((tmp_path / "benefit-sample.json").read_text())
    curves = [run["history"] for run in kept["runs"].values() if run["history"]]
    assert len(curves) == sum(run["history"] is not None for run in record["runs"].values()) > 0
    for curve in curves:
        assert len(curve["step"]) == CURVE_POINTS < 41
        assert (curve["step"][0], curve["step"][-1]) == (0, 40)
        assert curve["validation"] == [step / 2 for step in curve["step"]]


def test_two_records_of_one_study_and_target_are_refused(folder, tmp_path):
    twin = tmp_path / "twin.json"
    twin.write_text((folder / "benefit-sample.json").read_text())
    with pytest.raises(InputError, match="another benefit-sample"):
        compact_records((folder / "benefit-sample.json", twin), tmp_path / "small")


def test_studies_are_read_from_their_folders_with_what_stands_beside(tmp_path):
    for name, kind in {"mine": "full", "theirs": "sample"}.items():
        study = tmp_path / name
        study.mkdir()
        (study / "study.json").write_text("{}")
        (study / "results.json").write_text(json.dumps(study_record("benefit", kind)))
        (study / "gain-against-relatedness.json").write_text(json.dumps(gain_against_relatedness()))
    (tmp_path / "songs-artist.json").write_text(json.dumps(description("full")))
    evidence = read_evidence(tmp_path)
    assert [record.name for record in evidence.studies] == ["mine", "theirs"]
    assert len(evidence.against_gain) == 2
    assert [each.content["kind"] for each in evidence.songs] == ["full"]
    alone = read_evidence(tmp_path / "theirs", tmp_path / "mine" / "results.json")
    assert sorted(record.name for record in alone.studies) == ["mine", "theirs"]


def test_a_study_without_results_is_an_error(tmp_path):
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(InputError, match=r"results\.json"):
        read_evidence(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no JSON"),
        ('{"study": "benefit", "cells": [', "no JSON"),
        ("[1, 2]", "a list"),
        ('{"study": "benefit"}', "none of them"),
        ('{"study": "benefit", "cells": [], "format": 1}', "format 1"),
        (json.dumps(study_record("benefit") | {"format": 99}), "format 99"),
        (json.dumps(study_record("benefit") | {"cells": []}), "no cell"),
    ],
)
def test_a_damaged_record_is_one_error_that_names_the_file(folder, content, message):
    damaged = folder / "damaged.json"
    damaged.write_text(content)
    with pytest.raises(InputError, match=message) as error:
        read_evidence(folder)
    assert str(damaged) in str(error.value)


def test_a_folder_without_studies_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no study's record"):
        read_evidence(tmp_path)


LACKING = object()


def paths_of(value, path=()):
    """The place of every entry of a record, of lists only the first."""
    if isinstance(value, dict):
        keys = list(value)
    else:
        keys = [0] if isinstance(value, list) and value else []
    for key in keys[:1] if path[-1:] == ("runs",) else keys:
        yield (*path, key)
        yield from paths_of(value[key], (*path, key))


def with_value(record, path, value=LACKING):
    """A record with another value in one place, or none."""
    record = json.loads(json.dumps(record))
    within = record
    for key in path[:-1]:
        within = within[key]
    if value is LACKING:
        del within[path[-1]]
    else:
        within[path[-1]] = value
    return record


def small(record):
    """A record with few cells and runs."""
    runs = dict(list(record["runs"].items())[:6])
    return record | {"cells": record["cells"][:2], "runs": runs}


WHOLE = {
    "study": small(study_record("coupling")),
    "songs": description(),
    "relatedness": relatedness(),
    "against_gain": gain_against_relatedness(),
}
PLACES = [(sort, path) for sort, record in WHOLE.items() for path in paths_of(record)]


def test_a_record_that_lacks_any_entry_is_told_all_the_same_or_named(tmp_path):
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(study_record("benefit")))
    refused = 0
    for sort, path in PLACES:
        damaged = tmp_path / "damaged.json"
        damaged.write_text(json.dumps(with_value(WHOLE[sort], path)))
        try:
            evidence = read_evidence(damaged, *[whole] * (sort != "study"))
            report_data(evidence, NO_FIGURES)
        except InputError as error:
            assert str(damaged) in str(error), (sort, path)
            refused += 1
    assert refused > 50


SLOW = [pytest.param(value, marks=pytest.mark.slow) for value in ({}, "text", 7, [])]


@pytest.mark.parametrize("value", [None, *SLOW])
def test_a_record_with_another_type_in_any_place_is_told_all_the_same_or_named(tmp_path, value):
    damaged = tmp_path / "damaged.json"
    for path in paths_of(WHOLE["study"]):
        damaged.write_text(json.dumps(with_value(WHOLE["study"], path, value)))
        try:
            report_data(read_evidence(damaged), NO_FIGURES)
        except InputError as error:
            assert str(damaged) in str(error), path


def test_a_record_that_cannot_be_drawn_is_named(one_study, tmp_path):
    (path,) = one_study.iterdir()
    for change in ({"figure": "nothing"}, {"metrics": {"auc": {}}}):
        path.write_text(json.dumps(study_record("benefit") | change))
        with pytest.raises(InputError, match=r"benefit-synthetic\.json: found a damaged record"):
            data_of(one_study, tmp_path)


def test_a_study_of_methods_has_a_figure_for_a_column_too(tmp_path):
    factors = [{"method": method, "songs": 250} for method in ("pcgrad", "ple")]
    records = [Record("methods", tmp_path / "methods.json", make_results(factors, "methods"))]
    figures = draw_figures(records, tmp_path)
    (of_study,) = figures.of_studies.values()
    widths = {
        name: float(re.search(r'<svg [^>]*width="([\d.]+)pt"', read(tmp_path / file)).group(1))
        for name, file in of_study.items()
        if name.startswith("forest")
    }
    assert widths == {"forest": pytest.approx(7 * 72), "forest-column": pytest.approx(3.3 * 72)}


def read(path):
    return path.read_text(encoding="utf-8").replace("\n", " ")
