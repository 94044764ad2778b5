"""Cross-fitting beside a single split: coverage and width of intervals (`--folds`)."""

from dataclasses import dataclass, replace

import numpy as np

from representation_music.utils.statistics.estimates import estimate
from verdicts.rules import gain_intervals
from verdicts.worlds import CONTROL, SHARING, SINGLE, World, score_of, simulate


@dataclass(frozen=True)
class Folds:
    """Cross-fitting of the songs of a world.

    Attributes:
        folds, repeats: How often an arm is trained: once a fold and repeat.
        shared: Share of a net's own variance that all nets of an arm have in common, since their
            training songs overlap.
    """

    folds: int
    repeats: int
    shared: float = 0.0


#: 1,900 songs of 1,000 artists carry artist terms on the sample; one split tests on a quarter.
LABELLED = World(seed_sd=0.02, num_songs=1900, num_artists=1000, seed_artist=0.05)


def fold_rates(world: World, design: Folds, trials: int, advance=None) -> dict[str, dict]:
    """By rule, how often the interval covers a true gain of 0, and its mean width.

    Args:
        world: Every labelled song.
        design: How they are cross-fitted.
        trials: Simulated cells.
        advance: Called after each.
    """
    found: dict[str, list] = {}
    for trial in range(trials):
        random = np.random.default_rng([trial, design.folds, design.repeats])
        common = np.sqrt(design.shared) * world.seed_sd * random.normal(size=2)
        own = replace(
            world, gains=tuple(common), seed_sd=world.seed_sd * (1 - design.shared) ** 0.5
        )
        songs, predictions = simulate(own, design.folds * design.repeats, random)
        gains = []
        for run in range(design.folds * design.repeats):
            if run % design.folds == 0:
                fold_of = random.integers(design.folds, size=world.num_artists)
            test = fold_of[songs.artists] == run % design.folds
            found_of = [score_of(songs, predictions[arm][run], test) for arm in (SHARING, CONTROL)]
            gains.append(found_of[0] - found_of[1])
        quarter = replace(world, num_songs=world.num_songs // 4, num_artists=world.num_artists // 4)
        of_split = gain_intervals(*simulate(quarter, len(gains), random), SINGLE, 200, trial)
        for name, interval in {
            "folds, corrected": estimate(gains, overlap=1 / (design.folds - 1)).interval(),
            "folds, plain t": estimate(gains).interval(),
            "one split, as many runs": of_split["the rule"][0],
        }.items():
            found.setdefault(name, []).append(interval)
        if advance:
            advance()
    return {
        name: {"covers": np.mean((low <= 0) & (high >= 0)), "width": np.mean(high - low)}
        for name, (low, high) in ((n, np.transpose(of)) for n, of in found.items())
    }
