"""How long runs take: a rough model, calibrated by the runs that are finished."""

from collections.abc import Iterable
from pathlib import Path

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import AnyConfig, LinearConfig
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.networks import network_of
from representation_music.utils.reading import exists
from representation_music.utils.records import read_record

#: Seconds that one trained parameter's update, and one parameter's work for one song of a batch,
#: take one thread. Fitted to runs on cores of two AMD EPYCs, of which one takes half the other's
#: time; `calibration` mends it elsewhere.
SECONDS_A_PARAMETER = 1.8e-9
SECONDS_A_PARAMETER_AND_SONG = 6e-11
#: Words of a song, on average: the first layer works on these only.
WORDS_A_SONG = 80
SECONDS_A_RUN = 1.5
#: Seconds that all fits of a linear model take for a training song, by recipe.
SECONDS_A_SONG_OF_LINEAR = {"linear model": 1e-3, "lyrics only": 3e-4, "linear multi-task": 5e-4}
#: Evaluations until the best one, of runs that patience ends.
EVALUATIONS_TO_BEST = 30


def estimated_seconds(config: AnyConfig, training_songs: int, num_words: int = 5000) -> float:
    """Seconds that a run takes on one thread, to within a factor of about two."""
    if isinstance(config, LinearConfig):
        return SECONDS_A_RUN + SECONDS_A_SONG_OF_LINEAR[config.recipe] * training_songs
    if config.members > 1:
        return SECONDS_A_RUN  # its members are runs of their own
    songs = config.batch_size + config.target_batch_size
    inputs, num_tasks = input_words(config, training_songs, num_words), len(config.tasks)
    network = network_of(config.network.architecture)
    updated = network.number_of_weights(config.network, num_tasks, inputs)
    worked = network.products_per_song(config.network, num_tasks, WORDS_A_SONG)
    step = SECONDS_A_PARAMETER * updated + SECONDS_A_PARAMETER_AND_SONG * worked * songs
    shared = network.share_below_parting(config.network, num_tasks, WORDS_A_SONG)
    step *= OBJECTIVES[config.objective].step_factor(num_tasks, shared)
    return SECONDS_A_RUN + expected_steps(config, training_songs) * step


def input_words(config: RunConfig, training_songs: int, num_words: int) -> int:
    """About how many words of real or synthetic songs pass a run's word floor."""
    if config.word_floor <= 1:
        return min(num_words, round(4500 * (training_songs / 1000) ** 0.3))
    return min(num_words, round(1800 * (training_songs / 1000) ** 0.5))


def expected_steps(config: RunConfig, training_songs: int) -> int:
    """Training steps: the budget, or what a run that patience ends usually takes."""
    an_epoch = -(-training_songs // config.batch_size)
    steps = config.num_epochs * an_epoch or config.num_steps
    if config.patience:
        evaluation = config.evaluate_every * (an_epoch if config.num_epochs else 1)
        usual = max(evaluation * (EVALUATIONS_TO_BEST + config.patience), config.min_steps)
        steps = min(steps, usual)
    return steps


def training_songs(config: AnyConfig, in_split: int) -> int:
    """About how many songs a run trains on, of a training split of `in_split` songs."""
    return min((config.training_size or in_split) + config.auxiliary_size, in_split)


def measured_seconds(folder: Path) -> float | None:
    """Seconds that a finished run took, or None."""
    if not exists(folder / "record.json"):
        return None
    seconds = read_record(folder).get("seconds")
    return sum(seconds.values()) if seconds else None


def calibration(estimated_and_measured: Iterable[tuple[float, float]]) -> float:
    """Factor by which finished runs took longer than estimated; 1 where none is finished."""
    pairs = list(estimated_and_measured)
    estimated = sum(pair[0] for pair in pairs)
    return sum(pair[1] for pair in pairs) / estimated if estimated else 1.0


def in_words(seconds: float) -> str:
    """A length of time as people say it: `40 s`, `12 min`, `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def workers_in_words(number: int) -> str:
    """`1 worker`, `2 workers`."""
    return f"{number} worker" + ("s" if number > 1 else "")
