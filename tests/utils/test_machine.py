import os
import subprocess
import sys

import pytest

from representation_music.experiments.grid.worker import _share_machine
from representation_music.experiments.training import tensorflow_setup
from representation_music.utils.machine import available_cores, default_workers, visible_gpus


@pytest.fixture(autouse=True)
def outside_of_any_job(monkeypatch):
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)


def test_workers_follow_the_cores_or_the_gpus(monkeypatch):
    assert default_workers() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "7")
    assert default_workers() == 7
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert default_workers() == 6
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert visible_gpus() == []
    assert default_workers() == 7


def test_a_job_takes_no_more_of_a_node_than_it_was_given(monkeypatch):
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "3")
    assert available_cores() == 3
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "2")
    assert available_cores() == 2


def test_workers_share_the_gpus_given_in_turn_and_the_cores(monkeypatch):
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "8")
    threads = []
    monkeypatch.setattr(tensorflow_setup, "configure_tensorflow", threads.append)
    seen = []
    for number in range(4):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-7f")
        _share_machine(number, 4)
        seen.append(os.environ["CUDA_VISIBLE_DEVICES"])
    assert seen == ["2", "GPU-7f", "2", "GPU-7f"]
    assert threads == [2, 2, 2, 2]


def test_a_worker_without_gpus_sees_none(monkeypatch):
    monkeypatch.setattr(tensorflow_setup, "configure_tensorflow", lambda threads: None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    _share_machine(1, 2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


def test_too_few_addresses_for_tensorflow_are_refused_at_once():
    resource = pytest.importorskip("resource")
    module = "representation_music.experiments.command_line"
    done = subprocess.run(
        [sys.executable, "-m", module, "train", "--dataset", "songs.h5"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "ulimit -v" in done.stderr and "Traceback" not in done.stderr
