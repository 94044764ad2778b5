"""Real training on a real Slurm: arrays, signals, kills, failures, and the way to the results page.

Needs local_cluster.sh up.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from in_this_process import no_workers, repmusic
from job_scripts import SCRIPTS, bash, wait_for
from track_tree import split_summary

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.grid.manifest import write_manifest
from representation_music.experiments.runs.config import DEFAULT, RunConfig
from representation_music.experiments.runs.folder import run_folder, state_of
from representation_music.utils.checkpoint import load_checkpoint

pytestmark = pytest.mark.slurm

#: Seconds that a job of a few short trainings may take on a busy machine.
PATIENCE = 300
STEPS = 1500
TINY = "--sizes 50 --num-steps 20 --widths 8 8 4 4"


@pytest.fixture(scope="module")
def long_run(songs_file) -> RunConfig:
    """A run of many small steps, some seconds long."""
    return DEFAULT.replace(
        dataset=str(songs_file),
        tasks=("pop", "ballad"),
        widths=(8, 8, 4, 4),
        training_size=100,
        batch_size=16,
        num_steps=STEPS,
        evaluate_every=20,
        patience=0,
    )


@pytest.fixture(scope="module")
def undisturbed(long_run, tmp_path_factory) -> tuple:
    """What the long run leaves when nothing interrupts it, outside of Slurm."""
    manifest, (folder,) = write(tmp_path_factory.mktemp("undisturbed"), [long_run])
    with no_workers():
        assert repmusic("run-manifest", manifest, "--keep-checkpoints").returncode == 0
    return bits(folder)


def write(store: Path, runs: list[RunConfig]) -> tuple[Path, list[Path]]:
    """The manifest of a study called `long`, and the folders of its runs."""
    manifest = store / "runs/long/manifest.jsonl"
    write_manifest(manifest, runs)
    fingerprint = SongDataset.load(runs[0].dataset).fingerprint
    return manifest, [run_folder(config, fingerprint, manifest.parent) for config in runs]


def bits(folder: Path) -> tuple:
    """Weights, history and test predictions of a run, as bytes."""
    assert state_of(folder) == "done"
    with np.load(folder / "predictions-test.npz") as file:
        predictions = {name: file[name].tobytes() for name in file.files}
    weights = [array.tobytes() for array in load_checkpoint(folder / "checkpoints/best.npz")[0]]
    latest = [array.tobytes() for array in load_checkpoint(folder / "checkpoints/latest.npz")[0]]
    return weights, latest, (folder / "history.csv").read_bytes(), predictions


def submit(cluster, *words, **settings) -> tuple[str, str]:
    """Runs a script of the project that submits; the last job's number, and all it says."""
    done = bash(SCRIPTS / words[0], *words[1:], **{**cluster.settings, "CPUS": "1", **settings})
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = [line.split()[0] for line in done.stdout.splitlines() if line.split()[:1]]
    return [job for job in jobs if job.isdigit()][-1], done.stdout


def submit_long(cluster, manifest) -> str:
    """Submits it as an array of one run a task that saves after every evaluation."""
    options = ("--keep-checkpoints", "--checkpoint-seconds", "0")
    return submit(cluster, "grid.sh", manifest, *options, RUNS_PER_TASK="1")[0]


def wait_until_it_trains(folder: Path) -> int:
    """Waits until a life of the run has saved some steps of its own; how many there are now."""
    file = folder / "history.csv"
    before = file.stat().st_mtime if file.exists() else 0
    wait_for(lambda: file.exists() and file.stat().st_mtime > before, "a saved step", PATIENCE)
    return len(file.read_text().splitlines()) - 1


def log_of(cluster, name: str) -> str:
    return (cluster.store / "logs" / f"{name}.log").read_text()


def test_a_signalled_task_alone_is_requeued_and_its_run_ends_with_the_same_bits(
    cluster, long_run, undisturbed
):
    runs = [long_run, long_run.replace(seed=1, num_steps=40)]
    manifest, (folder, other) = write(cluster.store, runs)
    job = submit_long(cluster, manifest)
    wait_until_it_trains(folder)
    cluster.run("scancel", "--batch", "--signal=USR2", f"{job}_1")
    wait_for(lambda: "saved and requeued" in log_of(cluster, "long-1"), "the requeue", PATIENCE)
    saved = json.loads((folder / "record.json").read_text())
    assert saved["status"] == "stopped" and 0 < saved["steps"] < STEPS
    cluster.wait(f"{job}_2", seconds=PATIENCE)
    cluster.wait(f"{job}_1", seconds=PATIENCE)
    assert cluster.job(f"{job}_1")["Restarts"] == "1"
    assert cluster.job(f"{job}_2")["Restarts"] == "0"
    assert log_of(cluster, "long-1").count(", life ") == 2  # one log, appended
    assert state_of(other) == "done"
    assert bits(folder) == undisturbed


def test_a_task_killed_submitted_again_cancelled_and_submitted_again_ends_with_the_same_bits(
    cluster, long_run, undisturbed
):
    manifest, (folder,) = write(cluster.store, [long_run])
    killed = submit_long(cluster, manifest)
    wait_until_it_trains(folder)
    again, told = submit(cluster, "grid.sh", manifest)
    assert again == killed and "in the queue already" in told  # no run is trained twice at once
    process = json.loads((folder / "running").read_text())["process"]
    os.killpg(os.getpgid(process), signal.SIGKILL)  # shell, Python and workers, as a dying node
    cluster.wait(f"{killed}_1", "FAILED", PATIENCE)
    steps = len((folder / "history.csv").read_text().splitlines())

    cancelled = submit_long(cluster, manifest)
    assert wait_until_it_trains(folder) > steps - 1  # it went on
    cluster.run("scancel", cancelled)
    cluster.wait(f"{cancelled}_1", "CANCELLED", PATIENCE)
    wait_for(lambda: "submit again" in log_of(cluster, "long-1"), "the end", PATIENCE)
    saved = json.loads((folder / "record.json").read_text())
    assert saved["status"] == "stopped" and saved["steps"] < STEPS

    last = submit_long(cluster, manifest)
    cluster.wait(f"{last}_1", seconds=PATIENCE)
    assert log_of(cluster, "long-1").count(", life 1") == 3
    assert bits(folder) == undisturbed
    done = bash(SCRIPTS / "grid.sh", manifest, **cluster.settings)
    assert "all runs are done" in done.stdout


def test_a_failing_run_is_told_by_status_and_stops_what_depends_on_it(cluster, long_run):
    short = long_run.replace(num_steps=20)
    # RMSE is no metric of a tag, which shows when the run begins.
    bad = short.replace(stopping_metric="rmse", experiment_name="bad")
    manifest, (failing, good) = write(cluster.store, [bad, short])
    job, _ = submit(cluster, "grid.sh", manifest, RUNS_PER_TASK="1")
    after = (f"--dependency=afterok:{job}", "--kill-on-invalid-dep=yes", "--wrap=true")
    depending = cluster.sbatch(*after)
    cluster.wait(f"{job}_1", "FAILED", PATIENCE)
    cluster.wait(f"{job}_2", seconds=PATIENCE)
    cluster.wait(depending, "CANCELLED")
    assert (state_of(failing), state_of(good)) == ("failed", "done")
    shown = repmusic("status", manifest.parent).stdout
    assert f"FAILED {failing}: InputError: --stopping-metric" in shown
    assert f"{manifest.parent}/logs/task-1-worker-0.log: " in shown
    assert f"again: bash {SCRIPTS}/grid.sh {manifest}\n" in shown


def test_the_paper_is_run_from_official_files_to_its_results_by_one_command(
    cluster, tmp_path, monkeypatch
):
    raw = tmp_path / "raw"
    synthesize(raw, SyntheticSettings(songs=200, songs_without_words=20))
    split_summary(raw)  # the case of those who have only the tree
    settings = {
        "RAW_DIR": str(raw),
        "TREE_TASKS": "2",
        "SETS": "single_task_target",
        "SET_OPTIONS": TINY,
        "STUDIES": "benefit",
        "STUDY_OPTIONS": f"{TINY} --seeds 1 --architectures low_level_sharing --controls",
    }
    told = submit(cluster, "submission_script.sh", **settings)[1]
    jobs = jobs_in(told)
    names = ["preprocess_shards", "preprocess", "single_task_target", "study-benefit"]
    assert list(jobs) == names
    assert "repmusic status benefit" in told
    cluster.wait(jobs["study-benefit"], seconds=PATIENCE)
    preprocess(raw, tmp_path / "in_one_go.h5")
    in_one_go = (tmp_path / "in_one_go.h5").read_bytes()
    assert (cluster.store / "songs.h5").read_bytes() == in_one_go
    jobs = jobs_in(log_of(cluster, f"study-benefit-{jobs['study-benefit']}"))
    assert list(jobs) == ["benefit", "report-benefit"]
    cluster.run("scancel", jobs["benefit"])
    cluster.wait(jobs["report-benefit"], "CANCELLED")

    # Now that there are songs, the same command submits the arrays themselves.
    settings["STUDY_OPTIONS"] += " --tune 2"
    jobs = jobs_in(submit(cluster, "submission_script.sh", **settings)[1])
    assert list(jobs)[-2:] == ["benefit-tuning", "study-benefit"]
    cluster.wait(jobs["study-benefit"], seconds=PATIENCE)
    assert not list(cluster.store.glob("runs/benefit/tuning/*/test.json"))
    jobs = jobs_in(log_of(cluster, f"study-benefit-{jobs['study-benefit']}"))
    assert list(jobs) == ["benefit", "report-benefit"]
    again = submit(cluster, "submission_script.sh", **settings)[1]
    for name, number in jobs.items():
        assert f"{number:<12} {name}, in the queue already\n" in again
    cluster.wait(jobs["report-benefit"], seconds=PATIENCE)
    page = (cluster.store / "page/index.html").read_text(encoding="utf-8")
    assert "benefit" in page and "synthetic songs (200 songs)" in page
    monkeypatch.chdir(cluster.store)
    assert "All is done" in repmusic("status", "benefit").stdout
    assert len(list(cluster.store.glob("runs/single_task-target-*/test.json"))) == 1


def jobs_in(log: str) -> dict[str, str]:
    """Numbers of the jobs that a script says to have submitted, by name."""
    lines = [line.split() for line in log.splitlines()]
    return {words[1]: words[0] for words in lines if len(words) == 2 and words[0].isdigit()}


def test_a_refusal_names_the_partitions_there_are_and_what_to_type(cluster, long_run):
    manifest, _ = write(cluster.store, [long_run])
    settings = {**cluster.settings, "PARTITION": "nowhere"}
    refused = bash(SCRIPTS / "grid.sh", manifest, **settings)
    assert refused.returncode == 2
    assert "partition 'nowhere' (there are: local scavenge)" in refused.stderr
    assert "On a login node" not in refused.stderr
    within_a_job = bash(SCRIPTS / "grid.sh", manifest, SLURM_JOB_ID="1", **settings)
    assert within_a_job.returncode == 2
    assert f"On a login node type: bash {SCRIPTS}/grid.sh {manifest}" in within_a_job.stderr


def test_a_job_with_a_gpu_sees_that_one_and_takes_two_workers_for_it(cluster):
    program = (
        "from representation_music.utils.machine import *; print(visible_gpus(), default_workers())"
    )
    job = cluster.sbatch("--gres=gpu:1", f"--wrap={sys.executable} -c '{program}'")
    cluster.wait(job)
    assert cluster.log(job).strip() in ("['0'] 2", "['1'] 2")
