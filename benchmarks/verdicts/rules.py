"""The rule beside the former one and naive procedures: coverage, false claims, power."""

import numpy as np

from representation_music.utils.decimals import short_decimal
from representation_music.utils.metrics import DEFAULT_METRIC
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.statistics.comparisons import MARGINS, TestSongs
from representation_music.utils.statistics.estimates import LEVEL, estimate
from verdicts.worlds import CONTROL, SHARING, SINGLE, World, score_of, simulate

#: True gains at which "no material difference" is asked; the margin is .02.
TRUE_GAINS = (0.0, 0.02, 0.025, 0.03)


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
