"""What the report is made of: records, whole or cut to be committed."""

import json

import pytest
from study_records import (
    description,
    study_record,
)
from written_report import content

from representation_music.plots.report.compact_records import CURVE_POINTS, compact_records
from representation_music.plots.report.records import read_evidence
from representation_music.utils.errors import InputError


def test_compact_records_tell_the_same(folder, tmp_path, capsys):
    small = tmp_path / "small"
    compact_records(tuple(sorted(folder.glob("*.json"))), small)
    names = {path.name for path in folder.glob("*.json")}
    assert {path.name for path in small.iterdir()} == names
    assert content(small) == content(folder)
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


def test_a_folder_of_studies_serves_as_records(tmp_path):
    study = tmp_path / "benefit"
    study.mkdir()
    (study / "results.json").write_text(json.dumps(study_record("benefit", "full")))
    (tmp_path / "songs-artist.json").write_text(json.dumps(description("full")))
    evidence = read_evidence(tmp_path)
    assert [record.kind for record in evidence.records] == ["full"]
    assert [each["kind"] for each in evidence.descriptions] == ["full"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no study's record"),
        ({"study": "benefit", "cells": []}, "a record of format 1, expected format 3"),
    ],
)
def test_bad_records_are_refused(tmp_path, content, message):
    if content:
        (tmp_path / "benefit.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read_evidence(tmp_path)
