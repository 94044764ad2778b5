"""One run on two tasks of a real Slurm job step against the same run in one process."""

import csv
import json

import pytest
from in_this_process import repmusic
from job_scripts import SCRIPTS, wait_for

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

SETTINGS = """
    --tasks pop year genre --architecture SPPS --widths 16 12 8 6 --learning-rate 0.05
    --training-size 201 --batch-size 32 --num-steps 160 --evaluate-every 2 --word-floor 2
    --patience 0 --checkpoint-seconds 0
"""


def train(cluster, songs_file, runs) -> str:
    """Submits a run on two tasks; returns the job's number."""
    log = f"--output={cluster.store}/%j.log"
    options = ["--parsable", "--ntasks=2", log, "distributed.sh"]
    words = ["--dataset", songs_file, "--runs", runs, *SETTINGS.split()]
    return cluster.run("env", f"--chdir={SCRIPTS}", "sbatch", *options, *words)


def history_and_record(runs) -> tuple[list[dict], dict]:
    (folder,) = runs.iterdir()
    with open(folder / "history.csv", newline="") as file:
        return list(csv.DictReader(file)), json.loads((folder / "record.json").read_text())


def test_two_tasks_train_what_one_trains_also_when_signalled_and_requeued(
    cluster, songs_file, tmp_path
):
    job = train(cluster, songs_file, tmp_path / "two")
    wait_for(lambda: list(tmp_path.glob("two/*/history.csv")), "a row of history", 600)
    cluster.run("scancel", "--batch", "--signal=USR2", job)
    wait_for(lambda: "requeued as job" in cluster.log(job), "the requeueing", 600)
    cluster.wait(job, seconds=900)
    assert cluster.job(job)["Restarts"] == "1"
    assert "Saved at step" in cluster.log(job) and "constant predictor" in cluster.log(job)

    words = ["--dataset", songs_file, "--runs", tmp_path / "one", *SETTINGS.split()]
    assert repmusic("train", *words).returncode == 0

    history, record = history_and_record(tmp_path / "two")
    expected, _ = history_and_record(tmp_path / "one")
    assert (record["status"], record["replicas"], len(history)) == ("finished", 2, 80)
    for row, theirs in zip(history, expected, strict=True):
        for name in ("pop", "year", "genre"):
            loss, their_loss = (float(r[f"training_loss:{name}"]) for r in (row, theirs))
            assert loss == pytest.approx(their_loss, rel=1e-4)
