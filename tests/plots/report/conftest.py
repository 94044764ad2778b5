"""Folders of records for the tests of the report."""

import json

import pytest
from study_records import (
    description,
    study_record,
)


@pytest.fixture
def folder(tmp_path):
    """A folder of records: RQ1 on two kinds of data, and the controls."""
    for name, record in {
        "benefit-sample": study_record("benefit", "sample", gain=0.0),
        "benefit-synthetic": study_record("benefit", "synthetic"),
        "controls-synthetic": study_record("controls"),
        "songs-sample-10244": description("sample"),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    return tmp_path


@pytest.fixture
def one_study(tmp_path):
    """A folder of one record only, for the tests that typeset."""
    folder = tmp_path / "one study"
    folder.mkdir()
    (folder / "benefit-synthetic.json").write_text(json.dumps(study_record("benefit")))
    return folder
