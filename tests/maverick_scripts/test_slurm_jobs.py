"""Jobs on a real Slurm: signals, requeueing, kills, refusals. Needs local_cluster.sh up."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from job_scripts import LOCAL_CLUSTER, SCRIPTS, bash, clean_environment, wait_for

pytestmark = pytest.mark.slurm


def test_a_job_runs_to_its_end_in_the_store(cluster, job_script):
    job = cluster.sbatch(job_script, "state", 3)
    cluster.wait(job)
    assert (cluster.store / "state").read_text() == "3"
    assert "life 1" in cluster.log(job)
    assert cluster.log(job).rstrip().endswith("finished")


def test_only_the_signalled_task_of_an_array_is_requeued_and_it_resumes(cluster, job_script):
    job = cluster.sbatch("--array=0-1", job_script, "state", 200)
    signalled, other = f"{job}_1", f"{job}_0"
    cluster.wait_for_line(signalled, "begins at 0")
    cluster.run("scancel", "--batch", "--signal=USR2", signalled)
    cluster.wait_for_line(signalled, "requeued as job")
    saved = int((cluster.store / "state-1").read_text())
    assert 0 < saved < 200
    cluster.wait(other)
    cluster.wait(signalled)
    assert cluster.job(signalled)["Restarts"] == "1"
    assert cluster.job(other)["Restarts"] == "0"
    log = cluster.log(signalled)  # appended: both lives are in it
    assert log.count("begins at") == 2
    assert f"begins at {saved}\n" in log
    assert "reached 200" in log
    assert cluster.log(other).count("begins at") == 1


def test_the_signal_that_slurm_sends_before_the_time_limit_saves_and_requeues(cluster, job_script):
    # The limit is one minute and the signal due 60 s before it, that is, at once.
    job = cluster.sbatch("--time=1", "--signal=B:USR2@60", job_script, "state", 10000)
    cluster.wait_for_line(job, "saved and requeued")
    cluster.run("scancel", job)
    assert "saved at" in cluster.log(job)


def test_a_cancelled_job_saves_and_is_not_requeued(cluster, job_script):
    job = cluster.sbatch(job_script, "state", 10000)
    cluster.wait_for_line(job, "begins at 0")
    cluster.run("scancel", job)
    cluster.wait(job, "CANCELLED")
    cluster.wait_for_line(job, "saved at")
    assert cluster.job(job)["Restarts"] == "0"


def test_a_killed_job_fails_and_a_new_submission_resumes(cluster, job_script):
    job = cluster.sbatch(job_script, "state", 40)
    cluster.wait_for_line(job, "begins at 0")
    wait_for((cluster.store / "state").exists, "the first saved state")
    os.kill(process_of("counter.py", cluster.store), signal.SIGKILL)
    cluster.wait(job, "FAILED")
    assert "failed with exit code 137" in cluster.log(job)
    saved = int((cluster.store / "state").read_text())
    again = cluster.sbatch(job_script, "state", 40)
    cluster.wait(again)
    assert f"begins at {saved}\n" in cluster.log(again)
    assert (cluster.store / "state").read_text() == "40"


def process_of(program: str, folder: Path) -> int:
    """Number of the one Python process that runs a program of a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        words = entry.read_bytes().decode(errors="replace").split("\0") if entry.exists() else []
        if words[1:2] == [str(folder / program)]:
            found.append(int(entry.parent.name))
    assert len(found) == 1, found
    return found[0]


def test_a_preempted_job_saves_and_resumes_when_the_node_is_free_again(cluster, job_script):
    job = cluster.sbatch("--partition=scavenge", "--exclusive", job_script, "state", 200)
    cluster.wait_for_line(job, "begins at 0")
    owner = cluster.sbatch("--partition=local", "--exclusive", "--wrap=sleep 1")
    cluster.wait(owner)
    cluster.wait(job)
    assert cluster.job(job)["Restarts"] == "1"
    assert cluster.log(job).count("saved at") == 1
    assert "reached 200" in cluster.log(job)


def test_a_script_of_the_project_finds_its_folder_from_slurms_copy_of_it(cluster):
    command = [sys.executable, "-m", "representation_music.experiments.command_line"]
    submitted = subprocess.run(
        [*command, "submit", "dummy"],
        env=clean_environment(**cluster.settings, VENV="/nowhere"),
        capture_output=True,
        text=True,
    )
    assert submitted.returncode == 0, submitted.stderr
    job = submitted.stdout.split()[0]
    cluster.wait(job, "FAILED")
    log = (cluster.store / "logs" / f"dummy-{job}.log").read_text()
    assert "found no Python at '/nowhere/bin/python'" in log
    assert cluster.job(job)["ExitCode"] == "2:0"


def test_a_wrong_partition_is_named_beside_those_there_are(cluster):
    settings = {**cluster.settings, "PARTITION": "nowhere"}
    refused = bash(SCRIPTS / "submission_script.sh", "dummy", **settings)
    assert refused.returncode == 2
    assert "partition 'nowhere' (there are: local scavenge)" in refused.stderr
    assert "Change it in " in refused.stderr


def test_bringing_the_cluster_up_twice_changes_nothing(cluster):
    before = bash(LOCAL_CLUSTER, "status").stdout
    again = bash(LOCAL_CLUSTER, "up")
    assert again.returncode == 0
    assert f"export SLURM_CONF={cluster.settings['SLURM_CONF']}" in again.stdout
    after = bash(LOCAL_CLUSTER, "status").stdout
    assert after.splitlines()[:3] == before.splitlines()[:3]  # the same processes


def test_a_second_cluster_on_the_same_ports_is_refused(cluster, tmp_path):
    other = bash(LOCAL_CLUSTER, "up", REPMUSIC_SLURM_DIR=str(tmp_path / "other"))
    assert other.returncode == 2
    assert "in use" in other.stderr
    assert "REPMUSIC_SLURM_PORT" in other.stderr
