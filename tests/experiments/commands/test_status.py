import os
import threading
from pathlib import Path

import pytest

from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.commands.status import status
from representation_music.experiments.grid.manifest import (
    chosen_lines,
    read_manifest,
    write_manifest,
)
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import (
    note_failure,
    run_folder,
    state_of,
    working_on,
)
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of five runs, and their folders."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # a machine without Slurm
    songs = noise_songs()
    songs.save(tmp_path / "songs.h5")
    config = RunConfig(dataset=str(tmp_path / "songs.h5"), tasks=("classification",))
    runs = [config.replace(seed=seed) for seed in range(5)]
    write_manifest(tmp_path / "benefit/manifest.jsonl", runs)
    folders = [run_folder(c, songs.fingerprint, tmp_path / "benefit") for c in runs]
    return tmp_path / "benefit", folders


def finish(folder, evaluated=True, seconds=10.0):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    record = {"status": "finished", "seconds": {"training": seconds}}
    write_json(folder / "record.json", record)
    if evaluated:
        (folder / "test.json").write_text("{}")


def stop(folder):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    write_json(folder / "record.json", {"status": "stopped"})


def test_a_runs_state_is_told_from_its_files(tmp_path):
    folder = tmp_path / "run"
    assert state_of(folder) == "missing"
    stop(folder)
    assert state_of(folder) == "interrupted"
    with working_on(folder):
        assert state_of(folder) == "running"
    note_failure(folder, "out of luck", "")
    assert state_of(folder) == "failed"
    finish(folder, evaluated=False)
    assert state_of(folder) == "trained"
    finish(folder)
    assert state_of(folder) == "done"


def test_status_counts_runs_and_says_what_failed_and_what_to_do(study, capsys):
    folder, (first, second, third, *_) = study
    finish(first)
    note_failure(second, "InputError: no label", "")
    with working_on(third):
        assert status(folder) == 1
    shown = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    for line in ("done 1 20%", "running 1 20%", "failed 1 20%", "not begun 2 40%"):
        assert line in lines
    assert f"{second}: InputError: no label" in shown
    assert f"process {os.getpid()} on" in shown
    assert f"repmusic run-manifest {folder}/manifest.jsonl\n" in shown


def test_a_failed_run_is_listed_with_its_logs_last_line_and_what_tries_it_again(study, capsys):
    folder, folders = study
    log = folder / "logs/task-2-worker-0.log"
    log.parent.mkdir()
    log.write_text(
        f"--- runs/benefit/{folders[0].name}\nfine\n"
        f"--- runs/benefit/{folders[3].name}\nstep 1\nout of memory\n\n"
        f"--- runs/benefit/{folders[1].name}\nfine as well\n"
    )
    note_failure(folders[3], "its process died", "", log)
    status(folder)
    shown = capsys.readouterr().out
    manifest = folder / "manifest.jsonl"
    assert (
        f"FAILED {folders[3]}: its process died\n"
        f"  {log}: out of memory\n"
        f"  again: repmusic run-manifest {manifest} --lines 4\n"
    ) in shown
    (run,) = [read_manifest(manifest)[line] for line in chosen_lines("4", 5)]
    assert run_folder(run, noise_songs().fingerprint, folder) == folders[3]


def test_where_there_is_slurm_status_says_how_to_submit_what_is_not_done(study, capsys):
    folder, folders = study
    tool = folder.parent / "bin/sbatch"
    tool.parent.mkdir()
    tool.touch(0o755)
    note_failure(folders[3], "out of luck", "")
    grid = Path(__file__).parents[3] / "maverick_scripts/grid.sh"
    assert grid.is_file()
    status(folder)
    shown = capsys.readouterr().out
    assert f"  again: bash {grid} {folder}/manifest.jsonl\n" in shown
    assert f"What is missing: bash {grid} {folder}/manifest.jsonl\n" in shown
    tuning = folder / "tuning"
    tuning.mkdir()
    (folder / "manifest.jsonl").rename(tuning / "manifest.jsonl")
    status(tuning)
    shown = capsys.readouterr().out
    assert f"What is missing: bash {grid} {tuning}/manifest.jsonl --no-evaluate\n" in shown


def test_a_failure_without_a_log_is_listed_as_well(study, capsys):
    folder, folders = study
    note_failure(folders[0], "out of luck", "", folder / "logs/none.log")
    folders[1].mkdir()
    (folders[1] / "failed.json").write_text("{")
    status(folder)
    shown = capsys.readouterr().out
    assert f"FAILED {folders[0]}: out of luck\n  again: " in shown
    assert f"FAILED {folders[1]}: no reason can be read" in shown


def test_tuning_is_done_when_it_is_trained_and_is_never_shown_how_to_be_tested(study, capsys):
    folder, folders = study
    tuning = folder / "tuning"
    tuning.mkdir()
    (folder / "manifest.jsonl").rename(tuning / "manifest.jsonl")
    folders = [tuning / run.name for run in folders]
    finish(folders[0], evaluated=False, seconds=600)
    note_failure(folders[1], "out of luck", "")
    assert status(tuning) == 1
    shown = capsys.readouterr().out
    assert "done 1 20%" in " ".join(shown.split())
    commands = [line for line in shown.splitlines() if "run-manifest" in line]
    assert len(commands) == 2
    assert all("--no-evaluate" in command for command in commands)
    for run in folders[1:]:
        finish(run, evaluated=False)
    assert status(tuning) == 0
    assert "repmusic results" not in capsys.readouterr().out


def test_watching_goes_on_until_all_is_done(study, capsys):
    folder, folders = study

    def finish_all():
        for each in folders:
            finish(each)

    timer = threading.Timer(0.3, finish_all)
    timer.start()
    assert status(folder, watch=True, every=0.05) == 0
    timer.join()
    assert "All is done." in capsys.readouterr().out


def test_time_left_is_that_of_finished_runs(study, capsys):
    folder, folders = study
    finish(folders[0], seconds=600.0)
    with working_on(folders[1]):
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


def test_a_set_of_the_2016_study_is_known_by_the_name_of_its_script(study, capsys):
    folder, folders = study
    (folder / "manifest.jsonl").rename(folder / "single_task_target.jsonl")
    finish(folders[0])
    assert status("single_task_target", folder) == 1
    shown = capsys.readouterr().out
    assert "single_task_target: 5 runs" in shown
    assert f"What is missing: repmusic run-manifest {folder}/single_task_target.jsonl\n" in shown
    for each in folders:
        finish(each)
    assert status("single_task_target", folder) == 0
    assert f"All is done. Next: repmusic plot {folder}/run-*\n" in capsys.readouterr().out
