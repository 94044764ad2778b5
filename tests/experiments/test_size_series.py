import json
import subprocess
import sys

import pytest

from representation_music.experiments.commands.status import status
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.size_series import main


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--sizes"], "--sizes"),
        (["--sizes", "0"], "--sizes"),
        (["--sizes", "-5"], "--sizes"),
        (["--tasks", "year"], "--tasks"),
        (["--training-size", "7"], "--training-size"),
        (["--preset", "other"], "--preset"),
        (["--threads", "-1"], "--threads"),
        (["--dataset", "nowhere.h5"], "nowhere.h5"),
    ],
)
def test_bad_flags_end_with_2_and_one_message(words, place, capsys):
    assert main("low_level_sharing", ("tightly_coupled",), "multi_low", words) == 2
    assert place in capsys.readouterr().err


def test_a_set_leaves_a_manifest_and_the_reason_of_a_failure_for_status(
    songs_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))  # a machine without Slurm
    # RMSE is no metric of a tag, which shows when the run begins.
    words = f"--dataset {songs_file} --runs {tmp_path} --sizes 50 60 --stopping-metric rmse"
    assert main("no_sharing", ("target",), "single_task", words.split()) == 2
    configs = read_manifest(tmp_path / "single_task_target.jsonl")
    assert [config.training_size for config in configs] == [50, 60]
    (failed,) = tmp_path.glob("single_task-target-*/failed.json")
    assert "--stopping-metric" in json.loads(failed.read_text())["reason"]
    assert status("single_task_target", tmp_path) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "failed 1 50% not begun 1 50%" in shown
    assert f"FAILED {failed.parent}: InputError" in shown


#: Holds the lock of a set until it is told to end.
OTHER = """
import sys
from pathlib import Path
from representation_music.utils.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_of_a_set_is_told_who_is_at_it_and_leaves_its_manifest(
    songs_file, tmp_path, capsys
):
    lock = tmp_path / ".single_task_target.jsonl.lock"
    words = [sys.executable, "-c", OTHER, str(lock)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        words = f"--dataset {songs_file} --runs {tmp_path} --sizes 50 --stopping-metric rmse"
        assert main("no_sharing", ("target",), "single_task", words.split()) == 2
        other.stdin.close()
    assert f"process {other.pid} on" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
