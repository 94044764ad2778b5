import json

import numpy as np
import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.records import read_json, read_runs, run_folders


def write_run(folder, seed, auc=None, test_auc=None):
    def scored(value):
        return {
            "pop": {"songs": 40, "network": {"auc": value}, "constant": {"auc": 0.5}},
            "year": {"songs": 30, "network": {"r2": float("nan")}, "constant": {"r2": 0.0}},
        }

    folder.mkdir(parents=True)
    write_json(folder / "config.json", {"tasks": ["pop", "year"], "seed": seed})
    if auc:
        record = {"status": "finished", "steps": 300, "validation": scored(auc)}
        write_json(folder / "record.json", record)
    if test_auc:
        test = {"date": "2026-01-01", "test": scored(test_auc)}
        write_json(folder / "test.json", test)
    return folder


def test_a_row_holds_a_runs_settings_record_and_scores(tmp_path):
    write_run(tmp_path / "a", 7, auc=0.7, test_auc=0.65)
    row = read_runs([tmp_path]).iloc[0]
    assert row["folder"] == tmp_path / "a"
    assert (row["seed"], row["tasks"], row["steps"]) == (7, ("pop", "year"), 300)
    assert (row["validation_auc:pop"], row["test_auc:pop"]) == (0.7, 0.65)
    assert (row["test_constant_auc:pop"], row["test_songs:year"]) == (0.5, 30)
    assert np.isnan(row["validation_r2:year"])


def test_runs_can_be_grouped_by_a_setting_that_is_a_list(tmp_path):
    for seed, auc in enumerate((0.6, 0.7, 0.8)):
        write_run(tmp_path / f"run-{seed}", seed, auc)
    means = read_runs([tmp_path]).groupby("tasks")["validation_auc:pop"].mean()
    assert means[("pop", "year")] == pytest.approx(0.7)


def test_an_unfinished_run_has_a_row_without_scores(tmp_path):
    write_run(tmp_path / "done", 0, auc=0.7)
    write_run(tmp_path / "killed", 1)
    runs = read_runs([tmp_path])
    assert list(runs["status"]) == ["finished", "unfinished"]
    assert np.isnan(runs["validation_auc:pop"].iloc[1])


def test_places_may_be_runs_or_folders_of_runs_and_none_counts_twice(tmp_path):
    one, two = write_run(tmp_path / "runs" / "b", 0), write_run(tmp_path / "runs" / "a", 1)
    assert run_folders([one, tmp_path / "runs"]) == [two, one]


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no run \(no config.json\)"):
        read_runs([tmp_path])
    with pytest.raises(InputError, match="no folder"):
        read_runs([tmp_path / "missing"])


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def test_a_score_that_is_undefined_is_null_on_disk_and_nan_when_read(tmp_path):
    scored = {"year": {"songs": 3, "network": {"r2": float("nan"), "rmse": float("inf")}}}
    record = {"best_step": None, "validation": scored, "list": [float("-inf"), 0.1]}
    write_json(tmp_path / "record.json", record)
    text = (tmp_path / "record.json").read_text()
    written = json.loads(text, parse_constant=refuse)
    assert written["validation"]["year"] == {"songs": 3, "network": {"r2": None, "rmse": None}}
    assert written["list"] == [None, 0.1]

    read = read_json(tmp_path / "record.json")
    assert read["best_step"] is None
    assert read["validation"]["year"]["songs"] == 3
    assert all(np.isnan(value) for value in read["validation"]["year"]["network"].values())


def test_scores_that_are_null_in_every_run_make_a_column_of_numbers(tmp_path):
    record = json.loads((write_run(tmp_path / "a", 0, auc=0.7) / "record.json").read_text())
    write_json(tmp_path / "a/record.json", record)
    assert '"r2": null' in (tmp_path / "a/record.json").read_text()
    assert read_runs([tmp_path])["validation_r2:year"].dtype == np.float64
