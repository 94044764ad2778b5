"""A grid whose processes are killed at random moments, and grids that meet on one manifest.

`KILL_STORM` is the number of kills; 60 take about ten minutes on two cores.
"""

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from in_this_process import no_workers, repmusic
from small_runs import CONFIG

from representation_music.experiments.grid.manifest import write_manifest
from representation_music.utils.checkpoint import load_checkpoint

pytestmark = pytest.mark.slow

PROGRAM = "from representation_music.experiments.command_line import main; main()"


@pytest.fixture(scope="module")
def manifest(songs_file, tmp_path_factory):
    path = tmp_path_factory.mktemp("manifest") / "manifest.jsonl"
    settings = {"dataset": str(songs_file), "num_steps": 120, "evaluate_every": 2}
    config = dataclasses.replace(CONFIG, **settings)
    write_manifest(path, [dataclasses.replace(config, seed=seed) for seed in range(4)])
    return path


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that a group can be killed at once, workers included
    )


def start_grid(manifest, runs, workers=1):
    flags = ("--workers", workers, "--keep-checkpoints", "--checkpoint-seconds", 0)
    return start("run-manifest", manifest, "--runs", runs, *flags)


def bits(runs):
    """Weights, history, predictions and test scores of every run."""
    found = {}
    for record in sorted(runs.glob("*/record.json")):
        folder = record.parent
        assert json.loads(record.read_text())["status"] == "finished"
        arrays = load_checkpoint(folder / "checkpoints" / "best.npz")[0]
        with np.load(folder / "predictions-test.npz") as file:
            arrays += [file[name] for name in sorted(file)]
        history = (folder / "history.csv").read_bytes()
        test = json.loads((folder / "test.json").read_text())["test"]
        found[folder.name] = [*(array.tobytes() for array in arrays), history, test]
    return found


def differences(found, expected):
    """Places where two answers of `bits` differ: (run, index of the part)."""
    assert found.keys() == expected.keys()
    return [
        (run, part)
        for run in expected
        for part, (ours, theirs) in enumerate(zip(found[run], expected[run], strict=True))
        if ours != theirs
    ]


@pytest.fixture(scope="module")
def straight(manifest, tmp_path_factory):
    """What a grid leaves that nothing disturbed, and how many seconds it took."""
    runs = tmp_path_factory.mktemp("straight")
    began = time.monotonic()
    process = start_grid(manifest, runs)
    out, _ = process.communicate()
    assert process.returncode == 0, out
    found = bits(runs)
    assert len(found) == 4
    return found, time.monotonic() - began


def test_a_grid_killed_at_random_moments_ends_with_the_same_bits(straight, manifest, tmp_path):
    expected, seconds = straight
    rng = random.Random()
    seed = rng.getrandbits(32)
    print(f"moments by seed {seed}")
    rng.seed(seed)
    done: set[str] = set()
    for kill in range(int(os.environ.get("KILL_STORM", "3"))):
        process = start_grid(manifest, tmp_path, workers=1 + kill % 2)
        time.sleep(rng.uniform(0.2, 0.7) * seconds)
        # Two workers with their parent, or only the parent of one, which goes on for a moment,
        # with its locks.
        (os.killpg if kill % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.communicate()
        tested = {test.parent.name for test in tmp_path.glob("*/test.json")}
        assert done <= tested  # nothing that was finished is begun again
        done = tested
        if len(done) == len(expected):  # all is done: the storm begins anew
            assert differences(bits(tmp_path), expected) == []
            for folder in tmp_path.iterdir():
                folder.rename(folder.parent.parent / f"{folder.name}-of-{kill}")
            done = set()
    with no_workers():
        ended = repmusic("run-manifest", manifest, "--runs", tmp_path, "--keep-checkpoints")
    assert ended.returncode == 0, ended
    assert differences(bits(tmp_path), expected) == []
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.glob("*/running"))


def test_two_grids_on_one_manifest_share_its_runs_and_undo_nothing(straight, manifest, tmp_path):
    processes = [start_grid(manifest, tmp_path) for _ in range(2)]
    done: dict[str, int] = {}
    while any(process.poll() is None for process in processes):
        for test in tmp_path.glob("*/test.json"):
            done.setdefault(test.parent.name, test.stat().st_mtime_ns)
        for name, written in done.items():
            assert (tmp_path / name / "test.json").stat().st_mtime_ns == written, name
            record = json.loads((tmp_path / name / "record.json").read_text())
            assert record["status"] == "finished"
        time.sleep(0.05)
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert bits(tmp_path) == straight[0]


def test_a_second_study_is_told_who_is_at_work_on_the_first(songs_file, tmp_path):
    words = ["study", "benefit", "--dataset", songs_file, "--runs", tmp_path, "--seeds", 1]
    words += ["--sizes", 100, "--num-steps", 20, "--architectures", "low_level_sharing"]
    words += ["--widths", 8, 8, 4, 4, "--workers", 1, "--controls"]
    first = start(*words)
    while not (tmp_path / "benefit" / "running").exists():
        assert first.poll() is None
        time.sleep(0.05)
    second = start(*words, "--seeds", 2)
    said, _ = second.communicate()
    assert second.returncode == 2 and f"process {first.pid} on" in said
    said, _ = first.communicate()
    assert first.returncode in (0, 1), said  # 1: with one seed nothing can be said
    assert "gain" in said


def test_a_study_whose_reader_goes_saves_its_runs_and_is_no_success(songs_file, tmp_path):
    words = ["study", "benefit", "--dataset", songs_file, "--runs", tmp_path, "--seeds", 1]
    words += ["--sizes", 100, "--num-steps", 20, "--architectures", "low_level_sharing"]
    study = start(*words, "--widths", 8, 8, 4, 4, "--workers", 1)
    for _ in range(2):
        study.stdout.readline()
    study.stdout.close()
    assert study.wait(timeout=300) == 141
    assert not list(tmp_path.glob("*/*/running"))  # the workers have saved and ended
