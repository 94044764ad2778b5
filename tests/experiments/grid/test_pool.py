import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from in_this_process import no_workers, repmusic
from small_runs import left_by

from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.grid.manifest import write_manifest
from representation_music.experiments.grid.pool import run_all
from representation_music.experiments.grid.progress import failures, states_of
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.runs.folder import state_of
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.files import write_json

WIDTHS = (8, 8, 4, 4)


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    path = tmp_path_factory.mktemp("songs") / "songs.h5"
    noise_songs().save(path)
    return path


def configs(songs, **settings):
    base = DEFAULT.replace(
        dataset=str(songs),
        tasks=("classification", "regression 1"),
        widths=WIDTHS,
        training_size=100,
        num_steps=20,
        evaluate_every=5,
        batch_size=16,
    )
    return [
        base.replace(architecture=a, seed=s, experiment_name=a, **settings)
        for s in (0, 1)
        for a in ("low_level_sharing", "no_sharing")
    ]


def write(path, runs):
    write_manifest(path, runs)
    return path


def command(manifest, runs, *flags):
    program = "from representation_music.experiments.command_line import main; main()"
    words = ["run-manifest", str(manifest), "--runs", str(runs), *flags]
    return [sys.executable, "-c", program, *words]


def run(manifest, runs, *flags):
    return subprocess.run(command(manifest, runs, *flags), capture_output=True, text=True)


def run_here(manifest, runs, *flags):
    """The same, where it is not the workers that a test is about."""
    with no_workers():
        return repmusic("run-manifest", manifest, "--runs", runs, *flags)


#: Of nets as wide as the study's: several threads share their products.
WIDE = {"widths": (1024, 512, 256, 128), "batch_size": 64}


@pytest.fixture(scope="module")
def one_worker(songs, tmp_path_factory):
    """The runs of `configs`, wide, run by one worker with all cores in the manifest's order."""
    folder = tmp_path_factory.mktemp("one")
    manifest = write(folder / "manifest.jsonl", configs(songs, **WIDE))
    done = run(manifest, folder / "runs", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_results_do_not_depend_on_workers_threads_or_order(one_worker, songs, tmp_path):
    runs = configs(songs, **WIDE)
    random.Random(0).shuffle(runs)
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(c.to_json()) + "\n" for c in runs))
    flags = ("--workers", "2", "--keep-checkpoints")
    assert run(manifest, tmp_path / "runs", *flags).returncode == 0
    expected = left_by(one_worker / "runs")
    assert len(expected) == 4
    assert left_by(tmp_path / "runs") == expected
    # An evaluated run leaves no checkpoint unless told to.
    assert len(list((tmp_path / "runs").glob("*/checkpoints/best.npz"))) == 4
    assert not list((one_worker / "runs").glob("*/checkpoints"))


@pytest.mark.slow
def test_what_is_done_is_not_done_again(one_worker):
    before = {path: path.stat().st_mtime_ns for path in (one_worker / "runs").rglob("*")}
    again = run(one_worker / "manifest.jsonl", one_worker / "runs")
    assert again.returncode == 0
    assert "4 runs, of which 4 are done already." in again.stdout
    assert {p: p.stat().st_mtime_ns for p in (one_worker / "runs").rglob("*")} == before


def finished(config, runs):
    """The folder of a run that looks done."""
    folder = Runs(runs).folder_of(config)
    folder.mkdir(parents=True)
    write_json(folder / "record.json", {"status": "finished"})
    write_json(folder / "test.json", {"test": {}})
    return folder


def test_a_damaged_record_is_named_and_does_not_keep_the_others_from_being_looked_at(
    songs, tmp_path, capsys
):
    runs = configs(songs)
    folders = [finished(config, tmp_path) for config in runs]
    (folders[1] / "record.json").write_text('{"status": "fini')
    assert run_all(runs, tmp_path) == 2
    told = capsys.readouterr()
    assert "4 runs, of which 3 are done already." in told.out
    assert told.err.startswith(f"error: {folders[1]}/record.json: found no JSON")
    states = states_of(runs, Runs(tmp_path))
    assert [state for _, state in states.values()] == ["done", "damaged", "done", "done"]
    assert f"FAILED {folders[1]}" in failures(tmp_path / "manifest.jsonl", states)[0]


@pytest.mark.slow
def test_beside_a_damaged_record_the_other_runs_are_trained(songs, tmp_path):
    runs = configs(songs)[:2]
    damaged = finished(runs[0], tmp_path / "runs")
    (damaged / "record.json").write_text("")
    ended = run_here(write(tmp_path / "manifest.jsonl", runs), tmp_path / "runs")
    assert ended.returncode == 2 and f"error: {damaged}/record.json" in ended.stderr
    assert [state_of(Runs(tmp_path / "runs").folder_of(c)) for c in runs] == ["damaged", "done"]


@pytest.mark.slow
def test_a_full_disk_stops_a_grid_with_one_error_and_fails_no_run(songs, tmp_path):
    runs = configs(songs, widths=(64, 64, 64, 64))
    manifest = write(tmp_path / "manifest.jsonl", runs)
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (50_000, 50_000))
    words = command(manifest, tmp_path / "runs", "--workers", "1")
    ended = subprocess.run(words, capture_output=True, text=True, preexec_fn=limit)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert ended.stderr.count("error: the disk is full") == 1 and "FAILED" not in ended.stdout
    states = sorted(state_of(Runs(tmp_path / "runs").folder_of(config)) for config in runs)
    assert states == ["interrupted", "missing", "missing", "missing"]
    assert not list(tmp_path.rglob("failed.json"))
    assert run_here(manifest, tmp_path / "runs").returncode == 0


@pytest.mark.slow
def test_a_failing_run_is_recorded_and_stops_no_other(songs, tmp_path):
    runs = configs(songs)[:2]
    # RMSE is no metric of a classification, which shows at the first evaluation.
    bad = runs[0].replace(stopping_metric="rmse", experiment_name="bad")
    manifest = write(tmp_path / "manifest.jsonl", [bad, *runs])
    ended = run(manifest, tmp_path / "runs", "--workers", "1")
    assert ended.returncode == 1
    states = {path.name.rpartition("-")[0]: state_of(path) for path in folders(tmp_path / "runs")}
    assert states == {"bad": "failed", "low_level_sharing": "done", "no_sharing": "done"}
    assert "1 of 3 runs failed" in ended.stdout
    assert "rmse" in json.loads(next(tmp_path.glob("runs/bad-*/failed.json")).read_text())["reason"]


def folders(runs):
    return [path for path in runs.iterdir() if path.is_dir() and path.name != "logs"]


def begun(manifest, runs, *flags):
    """A grid of long runs that has trained for a while: one has saved its first steps."""
    words = command(manifest, runs, "--checkpoint-seconds", "0", *flags)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    give_up = time.monotonic() + 120
    while not list(runs.glob("*/history.csv")) and time.monotonic() < give_up:
        time.sleep(0.05)
    return process


@pytest.fixture(scope="module")
def long_runs(songs, tmp_path_factory):
    """A manifest of two runs that take a while, and their results when nothing stops them."""
    folder = tmp_path_factory.mktemp("long")
    settings = {"num_steps": 2000, "patience": 0, "evaluate_every": 100}
    manifest = write(folder / "manifest.jsonl", configs(songs, **settings)[:2])
    assert run_here(manifest, folder / "runs").returncode == 0
    return manifest, left_by(folder / "runs")


@pytest.mark.slow
def test_a_signalled_grid_saves_and_goes_on_to_the_same_end(long_runs, tmp_path):
    manifest, expected = long_runs
    process = begun(manifest, tmp_path, "--workers", "2")
    process.send_signal(signal.SIGUSR2)  # as Slurm does before its time limit
    output = process.communicate()[0]
    assert process.returncode == 75, output
    assert "The same command goes on." in output
    # Saved mid-way: there is something to go on from.
    assert any(0 < steps(folder) < 2000 for folder in folders(tmp_path))
    assert run_here(manifest, tmp_path).returncode == 0
    assert left_by(tmp_path) == expected


@pytest.mark.slow
def test_a_worker_that_is_killed_fails_its_run_only(long_runs, tmp_path):
    manifest, expected = long_runs
    process = begun(manifest, tmp_path, "--workers", "1")
    worker = json.loads(next(tmp_path.glob("*/running")).read_text())["process"]
    os.kill(worker, signal.SIGKILL)
    output = process.communicate()[0]
    assert process.returncode == 1
    assert "exit code -9" in output
    assert len(left_by(tmp_path)) == 1  # by the worker that took its place
    assert run_here(manifest, tmp_path).returncode == 0
    assert left_by(tmp_path) == expected


def steps(folder):
    return json.loads((folder / "record.json").read_text())["steps"]
