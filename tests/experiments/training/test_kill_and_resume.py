"""Real processes: `repmusic train`, killed and resumed, against one that nothing disturbed."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from representation_music.utils.checkpoint import load_checkpoint, load_newest

pytestmark = pytest.mark.slow

SAVED_NOT_FINISHED = 75
STEPS = 160


def command(songs_file, runs):
    settings = {
        "dataset": songs_file,
        "runs": runs,
        "tasks": "pop year genre",
        "widths": "16 12 8 6",
        "training-size": 200,
        "batch-size": 32,
        "num-steps": STEPS,
        "evaluate-every": 2,
        "word-floor": 2,
        "patience": 0,
        "threads": 1,
        "checkpoint-seconds": 0,
    }
    words = [word for name, v in settings.items() for word in (f"--{name}", *str(v).split(" "))]
    code = "from representation_music.experiments.command_line import main; main()"
    return [sys.executable, "-c", code, "train", *words]


def start(songs_file, runs):
    for history in runs.glob("*/history.csv"):
        history.unlink()  # so that its rows tell what this process has done
    return subprocess.Popen(
        command(songs_file, runs), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def folder_of(runs):
    (folder,) = runs.iterdir()
    return folder


def bits(runs) -> list[bytes]:
    folder = folder_of(runs)
    arrays = [
        array.tobytes()
        for name in ("best", "latest")
        for array in load_checkpoint(folder / "checkpoints" / f"{name}.npz")[0]
    ]
    return [*arrays, (folder / "history.csv").read_bytes()]


def logged_steps(runs) -> set[int]:
    """Steps of which TensorBoard has an evaluation."""
    place = str(folder_of(runs) / "tensorboard")
    events = EventAccumulator(place, purge_orphaned_data=False).Reload()
    return {event.step for event in events.Scalars("training_loss/pop")}


def wait_for_step(process, runs, step):
    """Returns once a checkpoint of `step` or later is on disk."""
    deadline = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < deadline:
        history = next(runs.glob("*/history.csv"), None) if runs.exists() else None
        if history and len(history.read_text().splitlines()) > step // 2:
            return
        time.sleep(0.005)
    raise AssertionError(f"step {step} was never reached: {finish(process)}")


@pytest.fixture(scope="module")
def straight(songs_file, tmp_path_factory):
    runs = tmp_path_factory.mktemp("straight")
    code, out, err = finish(start(songs_file, runs))
    assert code == 0, err
    assert "constant predictor" in out
    return bits(runs)


def test_a_run_killed_again_and_again_at_random_moments_ends_with_the_same_bits(
    straight, songs_file, tmp_path
):
    rng = random.Random()
    seed = rng.getrandbits(32)
    print(f"moments by seed {seed}")
    rng.seed(seed)
    for step in (0, *sorted(rng.sample(range(6, STEPS - 40), 2))):
        process = start(songs_file, tmp_path)
        if step:
            wait_for_step(process, tmp_path, step)
            time.sleep(rng.uniform(0, 0.1))  # anywhere within an epoch or a checkpoint
        else:
            time.sleep(rng.uniform(0, 2))  # while TensorFlow starts
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        if saved := load_newest(next(tmp_path.glob("*"), tmp_path) / "checkpoints/latest.npz"):
            assert {row["step"] for row in saved[1]["history"]} <= logged_steps(tmp_path)
    code, _, err = finish(start(songs_file, tmp_path))
    assert code == 0, err
    assert bits(tmp_path) == straight


def test_a_signal_while_tensorflow_starts_ends_the_process_as_not_finished(songs_file, tmp_path):
    process = start(songs_file, tmp_path)
    deadline = time.monotonic() + 60
    while "tensorflow" not in Path(f"/proc/{process.pid}/maps").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGUSR2)  # each of the four: `utils/test_signals.py`
    code, _, err = finish(process)
    assert code == SAVED_NOT_FINISHED, err
    assert list(tmp_path.iterdir()) == []  # nothing was begun


def test_signals_end_a_run_saved_and_resumable(straight, songs_file, tmp_path):
    # All four, and a file `stop`, are noted alike: `utils/test_signals.py`, `test_resume.py`.
    for step, name in ((1, "SIGTERM"), (3, "SIGINT")):
        process = start(songs_file, tmp_path)
        wait_for_step(process, tmp_path, 20 * step)
        process.send_signal(getattr(signal, name))
        code, out, err = finish(process)
        assert code == SAVED_NOT_FINISHED, err
        _, state = load_checkpoint(folder_of(tmp_path) / "checkpoints" / "latest.npz")
        assert name in out and f"step {state['step']} " in out
        assert 20 * step <= state["step"] < STEPS
    code, _, err = finish(start(songs_file, tmp_path))
    assert code == 0, err
    assert bits(tmp_path) == straight
