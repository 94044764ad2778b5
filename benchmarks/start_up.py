"""What a process spends before it trains, and how long commands take that train nothing.

Run: `python benchmarks/start_up.py`. Every figure is of a process of its own, in turns. In
processor time: TensorFlow as it comes, as `configure_tensorflow` imports it, and what the first of
two equal runs takes more than the second, which finds the engine built and traced. By the clock:
`--help` of every command, and commands that need no training, from start to end.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import tyro
from measuring import answer_of, median_and_spread, repmusic
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
    from representation_music.experiments.training.train_run import train_run

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
        print(json.dumps(measured(only)))
        return
    path = songs_file(SONGS)
    found = in_turns(rounds, NAMES, lambda name: answer_of(__file__, name))
    rows = [[text, *median_and_spread(found[name])] for name, text in NAMES.items()]
    print_table("Start-up", ["what", "processor seconds", "spread"], rows)

    def seconds_of_answer(words: str) -> float:
        return repmusic(*(path if word == "{}" else word for word in words.split())).seconds

    answers = in_turns(rounds, ANSWERS, seconds_of_answer)
    rows = [
        [f"repmusic {words.format('songs.h5')}", *median_and_spread(of)]
        for words, of in answers.items()
    ]
    print_table("Commands that train nothing", ["command", "seconds by the clock", "spread"], rows)


def in_turns(
    rounds: int, names: Iterable[str], measure: Callable[[str], float]
) -> dict[str, list[float]]:
    """A measurement of each in every round."""
    found = {name: [] for name in names}
    with progress("processes", rounds * len(found)) as advance:
        for _ in range(rounds):
            for name, samples in found.items():
                samples.append(measure(name))
                advance()
    return found


if __name__ == "__main__":
    tyro.cli(main)
