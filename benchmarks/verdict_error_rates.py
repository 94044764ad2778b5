"""How often intervals cover and verdicts err, beside the former rule and naive procedures.

It prints tables of cells of studies that `verdicts/worlds.py` simulates.
"""

import time
from collections.abc import Sequence

from verdicts.early import early_rates
from verdicts.folds import LABELLED, Folds, fold_rates
from verdicts.rules import error_rates
from verdicts.worlds import WORLDS

from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress
from representation_music.utils.decimals import short_decimal
from representation_music.utils.statistics.estimates import LEVEL


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
        _print_fold_rates(trials)
        return
    if stop_early:
        _print_early_rates(trials, seeds, resamples)
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


def _print_early_rates(trials: int, planned: Sequence[int], resamples: int) -> None:
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


def _print_fold_rates(trials: int) -> None:
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


if __name__ == "__main__":
    raise SystemExit(run_command(verdict_error_rates))
