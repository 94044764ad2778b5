import dataclasses
import json
import os
import time

import pytest

from representation_music.data_preprocessing.noise import noise_songs
from representation_music.experiments.config import RunConfig
from representation_music.experiments.manifest import write_manifest
from representation_music.experiments.run_folder import (
    DEAD_AFTER,
    note_failure,
    run_folder,
    sign_of_life,
    state_of,
)
from representation_music.experiments.status import status
from representation_music.utils.errors import InputError


@pytest.fixture
def study(tmp_path):
    """A study of five runs, and their folders."""
    songs = noise_songs()
    songs.save(tmp_path / "songs.h5")
    config = RunConfig(dataset=str(tmp_path / "songs.h5"), tasks=("classification",))
    runs = [dataclasses.replace(config, seed=seed) for seed in range(5)]
    write_manifest(tmp_path / "benefit/manifest.jsonl", runs, lambda _: songs)
    folders = [run_folder(c, songs.fingerprint, tmp_path / "benefit") for c in runs]
    return tmp_path / "benefit", folders


def finish(folder, evaluated=True, seconds=10.0):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    record = {"status": "finished", "seconds": {"training": seconds}}
    (folder / "record.json").write_text(json.dumps(record))
    if evaluated:
        (folder / "test.json").write_text("{}")


def stop(folder):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "record.json").write_text('{"status": "stopped"}')


def test_a_runs_state_is_told_from_its_files(tmp_path):
    folder = tmp_path / "run"
    assert state_of(folder) == "missing"
    stop(folder)
    assert state_of(folder) == "interrupted"
    with sign_of_life(folder):
        assert state_of(folder) == "running"
    note_failure(folder, "out of luck", "")
    assert state_of(folder) == "failed"
    finish(folder, evaluated=False)
    assert state_of(folder) == "trained"
    finish(folder)
    assert state_of(folder) == "done"


def test_a_run_that_was_killed_is_not_running_for_ever(tmp_path):
    stop(tmp_path)
    (tmp_path / "running").write_text("{}")
    assert state_of(tmp_path) == "running"
    long_ago = time.time() - DEAD_AFTER - 1
    os.utime(tmp_path / "running", (long_ago, long_ago))
    assert state_of(tmp_path) == "interrupted"


def test_a_half_written_record_does_not_count_as_done(tmp_path):
    stop(tmp_path)
    (tmp_path / "record.json").write_text('{"status": "fini')
    (tmp_path / "test.json").write_text("{}")
    assert state_of(tmp_path) == "interrupted"


def test_status_counts_runs_and_says_what_failed_and_what_to_do(study, capsys):
    folder, (first, second, third, *_) = study
    finish(first)
    note_failure(second, "InputError: no label", "")
    with sign_of_life(third):
        assert status(folder) == 1
    shown = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    for line in ("done 1 20%", "running 1 20%", "failed 1 20%", "not begun 2 40%"):
        assert line in lines
    assert f"{second}: InputError: no label" in shown
    assert f"process {os.getpid()} on" in shown
    assert f"repmusic run-manifest {folder}/manifest.jsonl\n" in shown


def test_time_left_is_that_of_finished_runs(study, capsys):
    folder, folders = study
    finish(folders[0], seconds=600.0)
    with sign_of_life(folders[1]):
        status(folder)
    # Four runs of ten minutes each by one worker.
    assert "About 40 min left with 1 worker." in capsys.readouterr().out


def test_a_study_that_is_done_says_so(study, capsys):
    folder, folders = study
    for each in folders:
        finish(each)
    assert status(folder) == 0
    assert f"repmusic results {folder}" in capsys.readouterr().out


def test_a_study_is_found_by_name_or_manifest(study, capsys):
    folder, _ = study
    assert status("benefit", folder.parent) == status(folder / "manifest.jsonl") == 1
    with pytest.raises(InputError, match=r"coupling/manifest\.jsonl"):
        status("coupling", folder.parent)
