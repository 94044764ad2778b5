"""One run on several replicas against the same run on one, in real processes."""

import csv
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from in_this_process import repmusic
from job_scripts import clean_environment, wait_for

from representation_music.experiments.training.distribution.replicas import distributed
from representation_music.experiments.training.distribution.slurm_workers import (
    SlurmWorkers,
    addresses,
    first_port,
    host_names,
    own_gpus,
)
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError

SAVED_NOT_FINISHED = 75
CODE = "from representation_music.experiments.command_line import main; main()"
#: Shared and private layers; dropout of words and units; batches of 32 and, each epoch, one of 9.
SETTINGS = """
    --tasks pop year genre --architecture SPPS --widths 16 12 8 6 --dropout 0 0.2 0.5 0.5
    --word-dropout 0.5 --learning-rate 0.05 --warmup-steps 5 --training-size 201 --batch-size 32
    --num-steps 160 --evaluate-every 2 --word-floor 2 --patience 0
    --checkpoint-seconds 0
"""


def arguments(songs_file, runs) -> list:
    return ["train", "--dataset", songs_file, "--runs", runs, *SETTINGS.split()]


def train(songs_file, runs, *words, **environment) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments(songs_file, runs), "--threads", "1", *words],
        env=clean_environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def two_workers(songs_file, runs, *words) -> list[subprocess.Popen]:
    cluster = {"worker": [f"localhost:{free_port()}", f"localhost:{free_port()}"]}
    tasks = [{"cluster": cluster, "task": {"type": "worker", "index": n}} for n in (0, 1)]
    words = (*words, "--distribute", "multi-worker")
    return [train(songs_file, runs, *words, TF_CONFIG=json.dumps(task)) for task in tasks]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def finish(process, code=0) -> tuple[str, str]:
    out, err = process.communicate(timeout=900)
    assert process.returncode == code, out + err
    return out, err


def result(runs) -> tuple[list[dict], list[np.ndarray], dict]:
    """History, weights and optimizer at the end, and the record of the one run in a folder."""
    (folder,) = runs.iterdir()
    with open(folder / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    arrays, _ = load_checkpoint(folder / "checkpoints" / "latest.npz")
    return history, arrays, json.loads((folder / "record.json").read_text())


def assert_same_run(run, expected):
    """The loss curve, the scores and the weights are equal up to rounding."""
    history, arrays, record = run
    expected_history, expected_arrays, expected_record = expected
    assert record["steps"] == expected_record["steps"] == 160
    assert len(history) == 80
    for row, theirs in zip(history, expected_history, strict=True):
        assert list(row) == list(theirs)
        for name in row:
            tolerance = 1e-4 if name.startswith(("training_loss", "validation_log_loss")) else 0.03
            assert float(row[name]) == pytest.approx(
                float(theirs[name]), rel=tolerance, abs=1e-5, nan_ok=True
            ), name
    for array, theirs in zip(arrays, expected_arrays, strict=True):
        np.testing.assert_allclose(array, theirs, rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def one(songs_file, tmp_path_factory):
    """What one process on one device leaves behind."""
    return trained_here(songs_file, tmp_path_factory.mktemp("one"))


def trained_here(songs_file, runs, *words):
    done = repmusic(*arguments(songs_file, runs), *words)
    assert done.returncode == 0, done
    return result(runs)


@pytest.fixture(scope="module")
def two(songs_file, tmp_path_factory):
    """What two processes leave behind that nothing disturbs."""
    runs = tmp_path_factory.mktemp("two")
    chief, other = two_workers(songs_file, runs)
    assert "constant predictor" in finish(chief)[0]
    assert finish(other)[0] == ""
    return result(runs)


@pytest.mark.slow
def test_two_processes_train_what_one_trains(one, two):
    assert_same_run(two, one)
    assert (one[2]["replicas"], two[2]["replicas"]) == (1, 2)


@pytest.mark.slow
def test_two_processes_train_the_network_of_soft_sharing_that_one_trains(songs_file, tmp_path):
    for process in two_workers(songs_file, tmp_path / "two", "--architecture", "ple"):
        finish(process)
    one = trained_here(songs_file, tmp_path / "one", "--architecture", "ple")
    assert_same_run(result(tmp_path / "two"), one)


@pytest.mark.slow
def test_a_signal_to_any_process_saves_the_run_and_a_lost_process_costs_the_last_strides_only(
    songs_file, tmp_path, two
):
    processes = two_workers(songs_file, tmp_path)
    wait_for_row(tmp_path)
    processes[1].send_signal(signal.SIGUSR2)
    out, _ = finish(processes[0], SAVED_NOT_FINISHED)
    finish(processes[1], SAVED_NOT_FINISHED)
    assert "Saved at step" in out
    assert result(tmp_path)[2]["steps"] < 160

    processes = two_workers(songs_file, tmp_path)
    rows = len(result(tmp_path)[0])
    wait_for_row(tmp_path, rows + 1)
    processes[1].kill()
    processes[1].wait()
    _, err = finish(processes[0], 1)
    assert "another process of this run has ended" in err
    assert "Traceback" not in err

    for process in two_workers(songs_file, tmp_path):
        finish(process)
    history, arrays, record = result(tmp_path)
    assert history == two[0]
    assert record["status"] == "finished"
    for array, theirs in zip(arrays, two[1], strict=True):
        np.testing.assert_array_equal(array, theirs)


def wait_for_row(runs: Path, rows: int = 1):
    def reached():
        histories = list(runs.glob("*/history.csv"))
        return histories and len(histories[0].read_text().splitlines()) > rows

    wait_for(reached, f"{rows} rows of history", 900)


MIRRORED = """
import sys
import tensorflow as tf
from representation_music.experiments.command_line import main

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
main()
"""


@pytest.mark.slow
def test_two_devices_of_one_process_train_what_one_trains(songs_file, tmp_path, one):
    words = [*arguments(songs_file, tmp_path), "--distribute", "mirrored"]
    done = subprocess.run([sys.executable, "-c", MIRRORED, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert_same_run(result(tmp_path), one)
    assert result(tmp_path)[2]["replicas"] == 2


def test_one_device_is_refused_as_mirrored():
    with (
        pytest.raises(InputError, match=r"1 device .*expected two GPUs or more"),
        distributed("mirrored"),
    ):
        pass


@pytest.mark.parametrize(
    ("tf_config", "message"),
    [
        (None, "neither a Slurm job step nor TF_CONFIG.*srun"),
        ("{", "TF_CONFIG: found '{'"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "TF_CONFIG"),
    ],
)
def test_processes_that_nothing_names_are_refused(monkeypatch, tf_config, message):
    for name in ("TF_CONFIG", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)
    if tf_config:
        monkeypatch.setenv("TF_CONFIG", tf_config)
    with pytest.raises(InputError, match=message), distributed("multi-worker"):
        pass


def test_tasks_are_numbered_in_slurms_order_of_nodes():
    assert addresses({"n2": 2, "n10": 1}, 5000) == ["n2:5000", "n2:5001", "n10:5000"]
    assert addresses({"n2": 2}, 5000) == ["localhost:5000", "localhost:5001"]


@pytest.mark.parametrize(
    ("node_list", "names"),
    [
        ("n5", "n5"),
        ("n2,n10", "n2 n10"),
        ("n[08-10,12],m5", "n08 n09 n10 n12 m5"),
        # As `scontrol show hostnames` of Slurm 22.05 orders them.
        ("rack[1-2]n[05-06]", "rack1n05 rack1n06 rack2n05 rack2n06"),
        # Of which it prints nothing.
        ("rack[1-2]n5,y[1,3-4]-ib0", "rack1n5 rack2n5 y1-ib0 y3-ib0 y4-ib0"),
    ],
)
def test_nodes_with_brackets_anywhere_in_their_names_are_told_apart(node_list, names):
    assert host_names(node_list) == names.split()


@pytest.mark.parametrize("node_list", ["", "n[1-2", "n1]", "n[2-1]", "n[a-b]", "n[1,]", "n[[1]]"])
def test_a_list_of_nodes_that_cannot_be_read_is_refused(node_list):
    with pytest.raises(InputError, match=r"SLURM_STEP_NODELIST: found .*rack\[1-2\]n5.*TF_CONFIG"):
        host_names(node_list)


def test_a_job_step_on_nodes_with_a_bracket_within_their_names_names_its_workers(monkeypatch):
    step = {
        "SLURM_STEP_NUM_TASKS": "4",
        "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
        "SLURM_STEP_NODELIST": "rack[1-2]n5",
        "SLURM_PROCID": "2",
        "SLURM_LOCALID": "0",
        "SLURMD_NODENAME": "rack2n5",
    }
    for name, value in step.items():
        monkeypatch.setenv(name, value)
    workers = SlurmWorkers().cluster_spec().job_tasks("worker")
    assert [address.partition(":")[0] for address in workers] == ["rack1n5"] * 2 + ["rack2n5"] * 2


def test_job_steps_have_ports_of_their_own():
    steps = [{"SLURM_JOB_ID": str(job), "SLURM_STEP_ID": "0"} for job in range(100, 110)]
    ports = [first_port(step) for step in steps]
    assert len(set(ports)) == 10
    assert all(16384 <= port < 32768 - 16 and port % 16 == 0 for port in ports)


def test_tasks_that_see_the_same_gpus_share_them_out_and_bound_ones_stay():
    assert own_gpus(["a", "b", "c", "d"], 2, {"SLURM_LOCALID": "1"}) == ["c", "d"]
    assert own_gpus(["a", "b"], 2, {"SLURM_LOCALID": "1", "SLURM_GPUS_PER_TASK": "2"}) == ["a", "b"]
    assert own_gpus(["a", "b"], 1, {"SLURM_LOCALID": "0"}) == ["a", "b"]
    assert own_gpus(["a"], 2, {"SLURM_LOCALID": "1"}) == ["a"]
    assert own_gpus([], 2, {"SLURM_LOCALID": "1"}) == []
    with pytest.raises(InputError, match="3 tasks and 2 GPUs"):
        own_gpus(["a", "b"], 3, {"SLURM_LOCALID": "0"})
