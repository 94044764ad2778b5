"""The rule by which a cell's gains become a verdict with its reason.

How often it errs was measured: `benchmarks/verdict_error_rates.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from representation_music.utils.statistics.comparisons import MARGINS, Comparison
from representation_music.utils.statistics.estimates import LEVEL, foreseen

Verdict = Literal["benefit", "harm", "too small to matter", "no material difference", "no evidence"]

#: With fewer seeds their spread is guesswork, so nothing is claimed. Five is better, ten good.
FEWEST_SEEDS = 3


@dataclass(frozen=True)
class Judgement:
    """A cell's verdict, its p-value after Holm's correction over the study, and its reason.

    Attributes:
        verdict: The verdict.
        p_holm: Of the claim that lies nearest: harm where the arm scores below its first rival,
            benefit otherwise.
        hardest: The rival that is hardest to beat.
        reason: The `rule` that decided and its numbers, as JSON types. Of a harm, `unlike` names
            the other rivals that the arm lies below as well, `alike` those that it does not; of no
            evidence, `despite` another rival whose interval excludes 0.
    """

    verdict: Verdict
    p_holm: float
    hardest: str
    reason: dict


def judge(
    cells: Mapping[str, Mapping[str, Comparison]], margin: float = MARGINS["auc"]
) -> dict[str, Judgement]:
    """Judges every cell of a study.

    A cell's comparisons hold the arm in question against each rival it has to beat: the single task
    first, as a rule, and then the control arms (auxiliary weights 0, permuted auxiliaries). In this
    order:

    1. "no evidence" with fewer than FEWEST_SEEDS seeds, or where a gain is not defined.
    2. "benefit" if *every* rival is beaten: the largest p-value over them stays within LEVEL after
       Holm's correction over the study's cells. As all tests must reject, it is a valid one
       (intersection-union, Berger 1982).
    3. "harm" likewise if the *first* rival does better than the arm. What the other rivals do says
       why: a control arm that falls short as well lays it to the stream of songs, not to labels.
    4. "too small to matter" instead of either, if the difference is surely within the margin: of a
       benefit that over some rival, of a harm that to the first.
    5. "no material difference" if the difference to every rival is surely within the margin.
    6. "no evidence" otherwise; an arm that beats one rival and not the other is here too.

    Args:
        cells: By cell: the comparison with each rival, by its name.
        margin: In the metric's unit, named before the study is run; with 0 no difference is ever
            called immaterial.
    """
    adjusted = holm([_nearest_claim(rivals)[2] for rivals in cells.values()])
    return {
        cell: _judgement(rivals, float(p), margin)
        for (cell, rivals), p in zip(cells.items(), adjusted, strict=True)
    }


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjusts p-values for having looked at all of them (Holm 1979), in the order given."""
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values)
    remaining = len(p_values) - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * remaining))
    return adjusted


def _hardest(rivals: Mapping[str, Comparison]) -> str:
    return max(rivals, key=lambda name: rivals[name].gain.p_above)


def _nearest_claim(rivals: Mapping[str, Comparison]) -> tuple[int, str, float]:
    """Its side, the rival that decides, and its p-value, which is valid for either claim."""
    first, hardest = next(iter(rivals)), _hardest(rivals)
    if rivals[first].gain.mean < 0:
        return -1, first, rivals[first].gain.p
    return 1, hardest, rivals[hardest].gain.p if rivals[hardest].gain.mean > 0 else 1.0


def _judgement(rivals: Mapping[str, Comparison], p: float, margin: float) -> Judgement:
    def judged(verdict: Verdict, rule: str, **numbers) -> Judgement:
        return Judgement(verdict, p, _hardest(rivals), {"rule": rule, **numbers})

    seeds = _seeds(rivals)
    if seeds < FEWEST_SEEDS:
        return judged("no evidence", "seeds", seeds=seeds, least=FEWEST_SEEDS)
    for rival, comparison in rivals.items():
        if not comparison.gain.defined:
            return judged("no evidence", "undefined", rival=rival)
    side, rival, own_p = _nearest_claim(rivals)
    within = [name for name, comparison in rivals.items() if comparison.within(margin)]
    sides = {name: comparison.gain.side for name, comparison in rivals.items()}
    others = {name: of for name, of in sides.items() if name != rival}
    if p <= LEVEL:
        small = within if side > 0 else [name for name in within if name == rival]
        if small:
            numbers = {"rival": rival, "p": p, "small": small[0], "margin": margin, "side": side}
            return judged("too small to matter", "too small", **numbers)
        if side > 0:
            return judged("benefit", "every rival", rival=rival, p=p)
        unlike = [name for name, of in others.items() if of < 0]
        alike = [name for name, of in others.items() if of >= 0]
        return judged("harm", "first rival", rival=rival, p=p, unlike=unlike, alike=alike)
    if len(within) == len(rivals):
        return judged("no material difference", "margin", margin=margin)
    if own_p <= LEVEL:
        return judged("no evidence", "p", rival=rival, p=p)
    despite = next((name for name, of in others.items() if of), None)
    return judged("no evidence", "interval", rival=rival, side=sides[rival], despite=despite)


def _seeds(rivals: Mapping[str, Comparison]) -> int:
    return min(len(comparison.seed_gains) for comparison in rivals.values())


def is_settled(
    rivals: Mapping[str, Comparison], planned: int, cells: int = 1, margin: float = MARGINS["auc"]
) -> bool:
    """Whether more seeds would hardly change a cell's verdict, so that none are needed.

    The verdict is the same now and at all planned seeds, where the seeds to come bring the least
    gains, gains as before, and the most that `foreseen` has; and whichever p-values the study's
    other cells come to have: Holm's correction leaves a p-value as it is at least, and multiplies
    it by the number of cells at most. A claim has to hold at LEVEL times the square of the share of
    seeds that are done (a spending function of Kim & DeMets 1987), or looking after each seed would
    make false ones more frequent. Whether a difference that is surely within the margin is one at
    all does not count.

    Args:
        rivals: The cell's comparison with each rival, at its first seeds.
        planned: Seeds that it has unless it is stopped.
        cells: How many cells are judged together.
        margin: As `judge` takes it.
    """
    number = _seeds(rivals)
    if number < FEWEST_SEEDS or not all(of.gain.defined for of in rivals.values()):
        return False
    futures = [foreseen(of.gain, number, planned) for of in rivals.values()]
    cases = [rivals] + [
        {
            name: replace(of, gain=gain)
            for (name, of), gain in zip(rivals.items(), gains, strict=True)
        }
        for gains in zip(*futures, strict=True)
    ]
    verdicts = {
        _judgement(case, min(1.0, times * _nearest_claim(case)[2]), margin).verdict
        for case in cases
        for times in (1, cells * (planned / number) ** 2)
    }
    return len(verdicts) == 1 or verdicts == {"too small to matter", "no material difference"}
