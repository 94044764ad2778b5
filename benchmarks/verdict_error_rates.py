"""How often intervals cover and verdicts err, beside the former rule and naive procedures.

The world it simulates: a song's prediction is the sum of what the net learned (its seed decides
how much), of how typical song and artist are (the same for every net), of an arm's lasting luck
with an artist, and of noise. All sizes are in `World`. Run it to print the tables.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress
from representation_music.utils.decimals import short_decimal
from representation_music.utils.metrics import DEFAULT_METRIC, scores
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.statistics.comparisons import MARGINS, Arms, Comparison, TestSongs
from representation_music.utils.statistics.estimates import LEVEL, estimate
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS, is_settled, judge
from representation_music.utils.tasks import Task

#: True gains at which "no material difference" is asked; the margin is .02.
TRUE_GAINS = (0.0, 0.02, 0.025, 0.03)
#: True gains of cells that may be stopped early.
EARLY_GAINS = (0.0, 0.03, 0.05)
ALL = slice(None)
SHARING, SINGLE, CONTROL = "sharing", "single task", "auxiliary weights 0"


@dataclass(frozen=True)
class World:
    """A study's cell: three arms on the same test songs. Predictions have about unit variance.

    Their score is AUC, or R² of a regression task. By default the gain of one seed spreads by .021
    AUC for the seed and as much for the test songs.

    Attributes:
        gains: True gain in score of sharing and of the control arm over the single task.
        luck: Share of the variance that is an arm's own with an artist, the same at every seed. It
            does not change the arm's score over all artists there are.
        score: True score of the single task.
        subset_sd: Spread of scores between seeds that the arms of a seed share (training subset).
        seed_sd: Spread of scores between seeds of each arm on its own.
        artist, song: Shares of the variance that all nets have in common.
        seed_artist: Share of the variance that a net has with an artist; what is left of 1 is noise
            for each song.
        num_songs, num_artists: Test songs, and artists they may be of.
        base_rate: Share of positives.
        kind: Of the task. Labels of a regression are normal, .3 of their variance an artist's.
    """

    gains: tuple[float, float] = (0.0, 0.0)
    luck: float = 0.0
    score: float = 0.75
    subset_sd: float = 0.02
    seed_sd: float = 0.015
    artist: float = 0.2
    song: float = 0.3
    seed_artist: float = 0.1
    num_songs: int = 1000
    num_artists: int = 300
    base_rate: float = 0.5
    kind: Literal["binary", "regression"] = "binary"


#: Gains spread over seeds by .008 to .063. In the records that is .001 to .014 on planted songs,
#: .002 to .034 in the former controls, .009 to .074 on the sample, .003 to .041 on real sets.
WORLDS = {
    "as by default": World(),
    "lucky artists": World(luck=0.1),
    "seeds alike": World(subset_sd=0.01, seed_sd=0.004, seed_artist=0.03),
    "seeds apart": World(subset_sd=0.03, seed_sd=0.03),
    "more test songs": World(num_songs=3000, num_artists=900, seed_sd=0.008),
    "as on planted songs": World(
        num_songs=6000, num_artists=3000, subset_sd=0.005, seed_sd=0.003, seed_artist=0.02
    ),
    "as far apart as on the sample": World(subset_sd=0.04, seed_sd=0.045),
    "a gain, lucky artists": World(gains=(0.05, 0), luck=0.05),
    "the stream helps, sharing does not": World(gains=(0.05, 0.05)),
    "R², as on real songs": World(
        kind="regression", score=0.15, num_songs=3000, num_artists=2000, seed_sd=0.01
    ),
    "R², seeds apart, lucky artists": World(
        kind="regression", score=0.15, subset_sd=0.03, seed_sd=0.03, luck=0.05
    ),
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

    def noise(share: float, *shape: int) -> np.ndarray:
        return np.sqrt(share) * random.normal(size=shape)

    if world.kind == "regression":
        labels = noise(0.3, artists)[artist] + noise(0.7, songs)
    else:  # they follow artists, as tags do: an artist's songs mostly carry the same one
        of_artist = random.random(artists) < world.base_rate
        own = random.random(songs) < world.base_rate
        labels = np.where(random.random(songs) < 0.8, of_artist[artist], own).astype(float)

    typical = noise(world.artist, artists)[artist] + noise(world.song, songs)
    subset = world.subset_sd * random.normal(size=num_seeds)
    rest = 1 - world.artist - world.song - world.luck - world.seed_artist
    predictions = {}
    for arm, gain in ((SHARING, world.gains[0]), (SINGLE, 0), (CONTROL, world.gains[1])):
        score = world.score + gain + subset + world.seed_sd * random.normal(size=num_seeds)
        luck = noise(world.luck, artists)[artist]
        of_seed = noise(world.seed_artist, num_seeds, artists)[:, artist]
        errors = typical + luck + of_seed + noise(rest, num_seeds, songs)
        if world.kind == "regression":  # of correlation r, at the spread r that the best have
            r2 = np.maximum(score, 0.0)[:, None]
            predictions[arm] = r2 * labels + np.sqrt(r2 * (1 - r2)) * errors
        else:  # binormal: AUC = Phi(distance / sqrt 2)
            distance = np.sqrt(2) * norm.ppf(score)[:, None]
            predictions[arm] = expit(distance * (labels - 0.5) + errors)
    return TestSongs(Task("target", world.kind), labels, artist), predictions


def score_of(songs: TestSongs, predictions: np.ndarray, chosen: np.ndarray | slice = ALL) -> float:
    """The score that decides, of predictions `[songs]`, on some of the songs."""
    metric = DEFAULT_METRIC[songs.task.kind]
    return scores(songs.task, songs.labels[chosen], predictions[chosen])[metric]


def gain_intervals(
    songs: TestSongs, predictions: dict[str, np.ndarray], rival: str, resamples: int, seed: int
) -> dict[str, np.ndarray]:
    """Intervals of the gain over a rival by procedure: `[95 % and 90 %, low and high]`."""
    random = np.random.default_rng(seed)
    codes, groups = np.unique(songs.artists, return_inverse=True)
    weights = draw_groups(len(codes), resamples, random)

    def resampled(arm: str) -> np.ndarray:
        metric, labels = DEFAULT_METRIC[songs.task.kind], songs.labels
        return np.stack(
            [
                resampled_scores(songs.task, metric, labels, p, groups, weights)
                for p in predictions[arm]
            ]
        )

    def scored(arm: str) -> np.ndarray:
        return np.array([score_of(songs, of_seed) for of_seed in predictions[arm]])

    gains = scored(SHARING) - scored(rival)
    drawn = resampled(SHARING) - resampled(rival)
    number = len(gains)
    shares = random.multinomial(number, np.full(number, 1 / number), resamples).T / number
    levels = (LEVEL, 2 * LEVEL)

    def percentiles(values: np.ndarray) -> list:
        return [np.quantile(values, [level / 2, 1 - level / 2]) for level in levels]

    rule = estimate(gains, drawn.mean(axis=0), len(codes))
    nested = np.array(percentiles((drawn * shares).sum(axis=0)))
    paired_t = np.array([estimate(gains).interval(level) for level in levels])
    # Both had to agree on a difference; the nested interval alone told what is immaterial.
    former = np.array([np.minimum(nested[0], paired_t[0]), nested[0]])
    former[0, 1] = max(nested[0, 1], paired_t[0, 1])
    return {
        "test artists alone": np.array(percentiles(drawn.mean(axis=0))),
        "seeds alone (paired t)": paired_t,
        "nested bootstrap": nested,
        "nested and t (former rule)": former,
        "the rule": np.array([rule.interval(level) for level in levels]),
    }


def error_rates(
    world: World, num_seeds: int, trials: int, resamples: int = 150, seed: int = 7, advance=None
) -> dict[str, dict[str, float]]:
    """By procedure, the share of trials in which it covers the true gain, claims one, and so on.

    Only the mean of gains depends on the true one, so one simulation serves for all: another true
    gain is added to every interval. In a world whose control arm gains, `benefit` is the share in
    which both rivals seem beaten.
    """
    rivals = (SINGLE, CONTROL) if world.gains[1] else (SINGLE,)
    found: dict[str, list] = {}
    for trial in range(trials):
        random = np.random.default_rng([seed, num_seeds, trial])
        songs, predictions = simulate(world, num_seeds, random)
        of_rivals = [
            gain_intervals(songs, predictions, rival, resamples, trial) for rival in rivals
        ]
        for name in of_rivals[0]:
            found.setdefault(name, []).append([of[name] for of in of_rivals])
        if advance:
            advance()
    return {name: _rates(np.array(intervals), world.gains[0]) for name, intervals in found.items()}


def _rates(intervals: np.ndarray, gain: float) -> dict[str, float]:
    """Rates from `[trials, rivals, levels, ends]` of intervals at a true gain."""
    centred = intervals[:, 0] - gain
    (low, high), (inner_low, inner_high) = centred.transpose(1, 2, 0)

    def within(true: float) -> np.ndarray:
        margin = MARGINS["auc"]
        return (inner_low + true > -margin) & (inner_high + true < margin)

    rates = {
        "covers": (low <= 0) & (high >= 0),
        "claims, true gain 0": (low > 0) | (high < 0),
        "benefit, true gain .030": low + 0.03 > 0,
        "benefit, true gain .050": low + 0.05 > 0,
        "benefit over both": (intervals[:, :, 0, 0] > 0).all(axis=1),
    }
    rates |= {f"not material, true gain {short_decimal(g)}": within(g) for g in TRUE_GAINS}
    return {name: float(of.mean()) for name, of in rates.items()}


def early_rates(
    world: World,
    planned: Sequence[int],
    trials: int,
    cells: Sequence[int] = (1,),
    resamples: int = 150,
    advance=None,
) -> dict[tuple[int, int, float], dict[str, float]]:
    """The verdicts of a cell with all its seeds, and with `--stop-early`.

    Args:
        world: Its true gain gives way to others, but where the control arm gains as well: both
            rivals have to be beaten there, and the control arm is not.
        planned: Seeds of a cell that is not stopped early.
        trials: Simulated cells.
        cells: How many the study has, by which alone the others matter: verdicts are a cell's own.
        resamples: Draws of the test artists in each trial.
        advance: Called after each trial.

    Returns:
        Rates by planned seeds, cells and true gain.
    """
    most, (first, *others) = max(planned), (SINGLE, CONTROL) if world.gains[1] else (SINGLE,)
    shifts = (0.0,) if others else tuple(np.subtract(EARLY_GAINS, world.gains[0]))
    found: dict[tuple, list] = {}
    for trial in range(trials):
        songs, predictions = simulate(world, most, np.random.default_rng([11, most, trial]))
        metric = DEFAULT_METRIC[songs.task.kind]
        arms = Arms(songs, predictions, metric, resamples, seed=trial)
        for shift in shifts:
            true = round(world.gains[0] - world.gains[1] + shift, 3)
            at = {
                number: {
                    rival: _shifted(arms.compare(SHARING, rival, number), shift)
                    for rival in (first, *others)
                }
                for number in range(FEWEST_SEEDS, most + 1)
            }
            for of_plan, of_study in product(planned, cells):
                looks = range(FEWEST_SEEDS, of_plan)
                stop = next((n for n in looks if is_settled(at[n], of_plan, of_study)), of_plan)
                pair = [_of_cell(at[n], true) | {"runs": n / of_plan} for n in (of_plan, stop)]
                found.setdefault((of_plan, of_study, true), []).append(pair)
        if advance:
            advance()
    return {about: _early_rates(of) for about, of in found.items()}


def _shifted(compared: Comparison, shift: float) -> Comparison:
    gain = replace(compared.gain, mean=compared.gain.mean + shift)
    return Comparison(gain, compared.seed_gains + shift)


def _of_cell(compared: dict[str, Comparison], true: float) -> dict:
    """Its verdict, and whether the interval over the last rival covers the true gain."""
    gain, verdict = [*compared.values()][-1].gain, judge({"": compared})[""].verdict
    low, high = gain.interval()
    return {
        "covers": low <= true <= high,
        "claims": verdict in ("benefit", "harm", "too small to matter"),
        "not material": verdict == "no material difference",
        "verdict": verdict,
    }


def _early_rates(pairs: Sequence[list[dict]]) -> dict[str, float]:
    rates = {
        f"{name}, {how}": np.mean([pair[number][name] for pair in pairs])
        for name in ("covers", "claims", "not material")
        for number, how in enumerate(("all seeds", "early"))
    }
    same = np.mean([whole["verdict"] == early["verdict"] for whole, early in pairs])
    return rates | {"same verdict": same, "runs saved": 1 - np.mean([e["runs"] for _, e in pairs])}


def print_early_rates(trials: int, planned: Sequence[int], resamples: int) -> None:
    """Prints a table of each world, of studies of one cell and of six."""
    with progress("stopping early", len(WORLDS) * trials) as advance:
        for name, world in WORLDS.items():
            found = early_rates(world, planned, trials, (1, 6), resamples, advance)
            rows = [
                [str(seeds), str(cells), short_decimal(true), *(f"{r:.3f}" for r in of.values())]
                for (seeds, cells, true), of in sorted(found.items())
            ]
            heads = next(iter(found.values()))
            print_table(name, ["seeds", "cells", "true gain", *heads], rows)


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
ONE_SPLIT = "one split, as many runs"


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
            ONE_SPLIT: of_split["the rule"][0],
        }.items():
            found.setdefault(name, []).append(interval)
        if advance:
            advance()
    return {
        name: {"covers": np.mean((low <= 0) & (high >= 0)), "width": np.mean(high - low)}
        for name, (low, high) in ((n, np.transpose(of)) for n, of in found.items())
    }


def print_fold_rates(trials: int) -> None:
    """Prints coverage and widths of cross-fitting beside a single split."""
    designs = [
        Folds(k, r, shared) for k, r in ((5, 1), (5, 2), (5, 3), (10, 1)) for shared in (0.0, 0.25)
    ]
    rows = []
    with progress("cross-fitting", len(designs) * trials) as advance:
        for each in designs:
            rates = fold_rates(LABELLED, each, trials, advance)
            label = f"{each.folds} folds, {each.repeats} repeats, {each.shared:.0%} shared"
            rows += [
                (label, name, f"{of['covers']:.3f}", f"{of['width']:.4f}")
                for name, of in rates.items()
            ]
    print_table("Cross-fitting, true gain 0", ["design", "rule", "covers", "width (AUC)"], rows)


def verdict_error_rates(
    trials: int = 250,
    seeds: tuple[int, ...] = (3, 5, 7, 10),
    resamples: int = 150,
    folds: bool = False,
    stop_early: bool = False,
) -> None:
    """Prints coverage, false claims, power and false equivalence of the rule and of others.

    Args:
        trials: Simulated cells for each world and number of seeds.
        seeds: Numbers of seeds.
        resamples: Draws of the test artists in each trial.
        folds: Simulate cross-fitting beside a single split instead.
        stop_early: Simulate cells that may be stopped early, of so many planned `seeds`, instead.
    """
    start = time.perf_counter()
    if folds:
        print_fold_rates(trials)
        return
    if stop_early:
        print_early_rates(trials, seeds, resamples)
        return
    error = (LEVEL * (1 - LEVEL) / trials) ** 0.5
    print(f"Shares of {trials} trials; one of {LEVEL} is known to ± {error:.3f}.")
    with progress("simulating", len(WORLDS) * len(seeds) * trials) as advance:
        for name, world in WORLDS.items():
            rates = [error_rates(world, n, trials, resamples, advance=advance) for n in seeds]
            rows = [
                [f"{rate}: {procedure}", *(f"{of[procedure][rate]:.3f}" for of in rates)]
                for rate in rates[0]["the rule"]
                if rate != "benefit over both" or world.gains[1]
                for procedure in rates[0]
            ]
            print_table(name, ["", *(f"{n} seeds" for n in seeds)], rows)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    raise SystemExit(run_command(verdict_error_rates))
