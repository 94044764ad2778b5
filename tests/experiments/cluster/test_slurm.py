"""Slurm's commands, with stand-ins on the PATH."""

from pathlib import Path

import pytest

from representation_music.experiments.cluster import slurm
from representation_music.experiments.cluster.site import Site
from representation_music.experiments.cluster.slurm import Job, Slurm, own_job
from representation_music.utils.errors import InputError

TOO_LARGE = """#!/bin/bash
echo "sbatch: error: Batch job submission failed: Invalid job array specification" >&2
exit 1
"""


@pytest.fixture
def refusing(tmp_path, monkeypatch) -> Site:
    """A site whose sbatch refuses every job."""
    (tmp_path / "sbatch").write_text(TOO_LARGE)
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return Site(Path("site.env"), tmp_path / "store", partition="fast", runs_per_task=2)


def test_the_refusal_of_an_array_names_runs_per_task_and_slurms_reason(refusing):
    with pytest.raises(InputError) as refused:
        Slurm(refusing).submit(Job("grid", name="benefit", array="1-500"))
    text = str(refused.value)
    assert "Invalid job array specification (benefit: partition 'fast'" in text
    assert "array 1-500" in text
    assert "set RUNS_PER_TASK" in text


def test_the_refusal_of_another_job_does_not(refusing):
    with pytest.raises(InputError) as refused:
        Slurm(refusing, by_hand="bash study.sh benefit").submit(Job("report"))
    assert "RUNS_PER_TASK" not in str(refused.value)
    assert "On a login node type: bash study.sh benefit" in str(refused.value)


def test_a_federations_name_is_no_part_of_a_jobs_number(tmp_path, monkeypatch):
    (tmp_path / "sbatch").write_text("#!/bin/bash\necho '17;north'\n")
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert Slurm(Site(Path("site.env"), tmp_path)).submit(Job("dummy")) == "17"


def test_a_task_of_an_array_is_requeued_alone():
    array = {"SLURM_JOB_ID": "12", "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3"}
    assert own_job(array) == "12_3"
    assert own_job({"SLURM_JOB_ID": "12"}) == "12"


def test_a_new_job_inherits_nothing_of_the_job_that_submits_it(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv("SLURM_CONF", "/its.conf")
    shown = slurm._run(["env"]).stdout
    assert "SLURM_CONF=/its.conf\n" in shown
    assert "SLURM_JOB_ID" not in shown
