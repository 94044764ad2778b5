"""How often the verdict claims what is not there, or misses what is, beside naive procedures.

The world it simulates: a song's prediction is the sum of what the net learned (its seed decides
how much), of how typical song and artist are (the same for every net), of an arm's lasting luck
with an artist, and of noise. All sizes are in `World`. Run it to print the tables.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress
from representation_music.utils.statistics.comparisons import (
    Arms,
    TestSongs,
    bootstrap_p,
    judge,
    paired_t_p,
)
from representation_music.utils.tasks import Task

LEVEL = 0.05
TASK = Task("pop", "binary")
SHARING, SINGLE, CONTROL = "sharing", "single task", "auxiliary weights 0"


@dataclass(frozen=True)
class World:
    """A study's cell: three arms on the same test songs. Predictions have about unit variance.

    By default the gain of one seed spreads by .021 AUC for the seed and as much for the test songs.

    Attributes:
        gains: True gain in AUC of sharing and of the control arm over the single task.
        luck: Share of the variance that is an arm's own with an artist, the same at every seed. It
            does not change the arm's AUC over all artists there are.
        auc: True AUC of the single task.
        subset_sd: Spread of AUC between seeds that the arms of a seed share (training subset).
        seed_sd: Spread of AUC between seeds of each arm on its own.
        artist, song: Shares of the variance that all nets have in common.
        seed_artist: Share of the variance that a net has with an artist; what is left of 1 is noise
            for each song.
    """

    gains: tuple[float, float] = (0.0, 0.0)
    luck: float = 0.0
    auc: float = 0.75
    subset_sd: float = 0.02
    seed_sd: float = 0.015
    artist: float = 0.2
    song: float = 0.3
    seed_artist: float = 0.1
    num_songs: int = 1000
    num_artists: int = 300
    base_rate: float = 0.5


WORLDS = {
    "no difference": World(),
    "no difference, lucky artists": World(luck=0.1),
    "the stream helps, sharing does not": World(gains=(0.05, 0.05)),
    "sharing helps": World(gains=(0.05, 0.0)),
}


def simulate(
    world: World, num_seeds: int, random: np.random.Generator
) -> tuple[TestSongs, dict[str, np.ndarray]]:
    """Draws test songs and each arm's predictions `[seeds, songs]`."""
    from scipy.special import expit
    from scipy.stats import norm

    songs, artists = world.num_songs, world.num_artists
    # Uneven shares: some artists have many songs, most have a few.
    artist = random.choice(artists, size=songs, p=random.dirichlet(np.ones(artists)))
    # Labels follow artists, as tags do: an artist's songs mostly carry the same one.
    of_artist = random.random(artists) < world.base_rate
    own = random.random(songs) < world.base_rate
    labels = np.where(random.random(songs) < 0.8, of_artist[artist], own).astype(float)

    def noise(share: float, *shape: int) -> np.ndarray:
        return np.sqrt(share) * random.normal(size=shape)

    typical = noise(world.artist, artists)[artist] + noise(world.song, songs)
    subset = world.subset_sd * random.normal(size=num_seeds)
    rest = 1 - world.artist - world.song - world.luck - world.seed_artist
    predictions = {}
    for arm, gain in ((SHARING, world.gains[0]), (SINGLE, 0), (CONTROL, world.gains[1])):
        auc = world.auc + gain + subset + world.seed_sd * random.normal(size=num_seeds)
        distance = np.sqrt(2) * norm.ppf(auc)  # binormal: AUC = Phi(distance / sqrt 2)
        luck = noise(world.luck, artists)[artist]
        of_seed = noise(world.seed_artist, num_seeds, artists)[:, artist]
        score = distance[:, None] * (labels - 0.5) + typical + luck + of_seed
        predictions[arm] = expit(score + noise(rest, num_seeds, songs))
    return TestSongs(TASK, labels, artist), predictions


def claims(
    songs: TestSongs, predictions: dict[str, np.ndarray], resamples: int, seed: int
) -> dict[str, bool | str]:
    """Whether each procedure claims a difference of sharing; and the verdict in words."""
    arms = Arms(songs, predictions, "auc", resamples, seed)
    against_single = arms.compare(SHARING, SINGLE)
    both = {SINGLE: against_single, CONTROL: arms.compare(SHARING, CONTROL)}
    verdict = judge({"cell": both})["cell"].verdict
    alone = judge({"cell": {SINGLE: against_single}})["cell"].verdict

    lone = replace(songs, artists=np.arange(len(songs.labels)))
    pair = {arm: predictions[arm] for arm in (SHARING, SINGLE)}
    of_songs = Arms(lone, pair, "auc", resamples, seed).resampled
    songs_only = (of_songs[SHARING] - of_songs[SINGLE]).mean(axis=0)
    seeds_only = against_single.seed_gains @ arms.seed_shares
    # Shifting a seed's resamples against the others' makes its artists independent of theirs.
    shifted = [
        np.roll(row, 7 * number)
        for number, row in enumerate(arms.resampled[SHARING] - arms.resampled[SINGLE])
    ]
    anew = (np.stack(shifted) * arms.seed_shares).sum(axis=0)
    return {
        "bootstrap, test songs only": bootstrap_p(songs_only) <= LEVEL,
        "bootstrap, seeds only": bootstrap_p(seeds_only) <= LEVEL,
        "paired t over seeds": paired_t_p(against_single.seed_gains) <= LEVEL,
        "nested, artists drawn anew for each seed": bootstrap_p(anew) <= LEVEL,
        "nested": against_single.p_bootstrap <= LEVEL,
        "nested and paired t": against_single.p <= LEVEL,
        "verdict (single task only)": alone in ("benefit", "harm"),
        "verdict (both rivals)": verdict in ("benefit", "harm"),
        "says": verdict,
    }


def error_rates(
    world: World, num_seeds: int, trials: int, resamples: int = 300, seed: int = 0, advance=None
) -> dict[str, float]:
    """Share of trials in which each procedure claims a difference, and of each verdict."""
    outcomes = []
    for trial in range(trials):
        random = np.random.default_rng([seed, num_seeds, trial])
        songs, predictions = simulate(world, num_seeds, random)
        outcomes.append(claims(songs, predictions, resamples, seed=trial))
        if advance:
            advance()
    rates = {
        name: float(np.mean([outcome[name] for outcome in outcomes]))
        for name in outcomes[0]
        if name != "says"
    }
    for verdict in ("benefit", "no evidence", "no material difference", "harm"):
        rates[verdict] = float(np.mean([outcome["says"] == verdict for outcome in outcomes]))
    return rates


def verdict_error_rates(
    trials: int = 300, seeds: tuple[int, ...] = (3, 5, 10), resamples: int = 300
) -> None:
    """Prints false-positive rates and power of the verdict and of naive procedures.

    Args:
        trials: Simulated cells for each world and number of seeds.
        seeds: Numbers of seeds.
        resamples: Bootstrap resamples of each trial.
    """
    start = time.perf_counter()
    rates = {}
    with progress("simulating", len(WORLDS) * len(seeds) * trials) as advance:
        for name, world in WORLDS.items():
            for count in seeds:
                rates[name, count] = error_rates(world, count, trials, resamples, advance=advance)
    procedures = list(next(iter(rates.values())))
    verdicts = procedures[-4:]
    error = (LEVEL * (1 - LEVEL) / trials) ** 0.5
    print(f"Share of {trials} trials that claim a difference; nominal {LEVEL} ± {error:.3f}.")
    columns = ["", *(f"{count} seeds" for count in seeds)]
    for name in WORLDS:
        print_table(
            name,
            columns,
            [
                [procedure, *(f"{rates[name, count][procedure]:.3f}" for count in seeds)]
                for procedure in procedures[:-4]
            ]
            + [
                [f"  says {verdict}", *(f"{rates[name, count][verdict]:.3f}" for count in seeds)]
                for verdict in verdicts
            ],
        )
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    raise SystemExit(run_command(verdict_error_rates))
