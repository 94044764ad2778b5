"""What a process spends before it trains, and how long commands take that train nothing.

Run: `python benchmarks/start_up.py`. Every figure is of a process of its own, in turns. In
processor time: TensorFlow as it comes, as `configure_tensorflow` imports it, and what the first of
two equal runs takes more than the second, which finds the engine built and traced. By the clock:
`--help` of every command, and commands that need no training, from start to end.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tyro
from songs import TASKS, songs_file

from representation_music.experiments.command_line import COMMANDS
from representation_music.utils.console import print_table, progress

NAMES = {
    "plain": "`import tensorflow`, as it comes",
    "ours": "the same by `configure_tensorflow`",
    "first run": "first run of a process, beyond the second",
}
SONGS = 10_000
#: Answers that nobody should wait for; a songs file stands where {} is.
ANSWERS = (
    *(f"{command} --help" for command in ("", *COMMANDS)),
    "study benefit --dataset {} --dry-run",
    "describe {}",
)


def measured(what: str) -> float:
    """Processor seconds of this process for one of `NAMES`."""
    began = time.process_time()
    if what == "plain":
        import tensorflow  # noqa: F401

        return time.process_time() - began
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow(1)
    if what == "ours":
        return time.process_time() - began
    first, second = (_seconds_of_run(seed) for seed in range(2))
    return first - second


def _seconds_of_run(seed: int) -> float:
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import DEFAULT
    from representation_music.experiments.training.run import train_run

    path = songs_file(SONGS)
    config = DEFAULT.replace(
        architecture="SSPP",
        tasks=TASKS,
        training_size=1000,
        num_steps=10,
        seed=seed,
        dataset=str(path),
    )
    dataset = SongDataset.load(path)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as runs:
        train_run(config, Path(runs), dataset=dataset, figures=False)
    return time.process_time() - began


def main(only: tyro.conf.Positional[str] = "", rounds: int = 5) -> None:
    """Print processor seconds, median and spread.

    Args:
        only: plain, ours or "first run": that figure alone, of this process.
        rounds: Processes for each figure.
    """
    if only:
        print(measured(only))
        return
    songs_file(SONGS)
    found: dict[str, list[float]] = {name: [] for name in NAMES}
    with progress("processes", rounds * len(NAMES)) as advance:
        for _ in range(rounds):
            for name in NAMES:
                command = [sys.executable, __file__, name]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                found[name].append(float(done.stdout.splitlines()[-1]))
                advance()
    rows = [[text, *_median_and_spread(found[name])] for name, text in NAMES.items()]
    print_table("Start-up", ["what", "processor seconds", "spread"], rows)
    answers: dict[str, list[float]] = {words: [] for words in ANSWERS}
    with progress("answers", rounds * len(ANSWERS)) as advance:
        for _ in range(rounds):
            for words, seconds in answers.items():
                seconds.append(_seconds_of_answer(words))
                advance()
    rows = [
        [f"repmusic {words.format('songs.h5')}", *_median_and_spread(of)]
        for words, of in answers.items()
    ]
    print_table("Commands that train nothing", ["command", "seconds by the clock", "spread"], rows)


def _seconds_of_answer(words: str) -> float:
    program = "from representation_music.experiments.command_line import main; main()"
    command = [sys.executable, "-c", program, *words.format(songs_file(SONGS)).split()]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def _median_and_spread(seconds: list[float]) -> list[str]:
    return [f"{np.median(seconds):.2f}", f"{min(seconds):.2f} - {max(seconds):.2f}"]


if __name__ == "__main__":
    tyro.cli(main)
