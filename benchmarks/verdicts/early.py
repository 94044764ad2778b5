"""Cells that get no more seeds once these would hardly change the verdict: `--stop-early`."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from representation_music.utils.metrics import DEFAULT_METRIC
from representation_music.utils.statistics.comparisons import Arms, Comparison
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS, is_settled, judge
from verdicts.worlds import CONTROL, SHARING, SINGLE, World, simulate

#: True gains of cells that may be stopped early.
EARLY_GAINS = (0.0, 0.03, 0.05)


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
