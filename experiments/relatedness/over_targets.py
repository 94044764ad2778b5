"""Does a measure of relatedness predict gains, over several targets and on unseen ones?"""

from collections.abc import Mapping, Sequence

import numpy as np

from representation_music.utils.statistics.estimates import LEVEL

#: Resamples of targets.
RESAMPLES = 2000


def within_targets(points: Sequence[Mapping], measure: str, rival: str) -> dict:
    """Spearman's correlation of a measure with the gain, ranked within each target and pooled.

    The interval is a bootstrap over targets, for pairs of one target share its luck; it is NaN for
    fewer than four.

    Args:
        points: Of `gains_against_relatedness`.
        measure: One of their measures.
        rival: Whom the gains are over.
    """
    ranked = [ranks for of in _by_target(points).values() if (ranks := _ranks(of, measure, rival))]
    if not ranked:
        return {"targets": 0, "pairs": 0, "spearman": [float("nan")] * 3}
    value = _pooled(ranked)
    low = high = float("nan")
    if len(ranked) >= 4:
        random = np.random.default_rng(0)
        drawn = [
            _pooled([ranked[n] for n in random.integers(len(ranked), size=len(ranked))])
            for _ in range(RESAMPLES)
        ]
        low, high = np.nanquantile(drawn, [LEVEL / 2, 1 - LEVEL / 2]).tolist()
    pairs = sum(len(x) for of_target in ranked for x, _ in of_target)
    return {"targets": len(ranked), "pairs": pairs, "spearman": [value, low, high]}


def unseen_targets(points: Sequence[Mapping], measures: Sequence[str], rival: str) -> list[dict]:
    """Which auxiliaries a measure chooses for targets that had no say in choosing the measure.

    Targets are halved, every second one by name. On one half the measure of the best correlation
    within targets is chosen; on the other, each target takes the auxiliary that this measure ranks
    first. Then the halves change places.

    Returns:
        For each half: the `measure` chosen, the number of `targets` that it was tried on, and means
        over them of the gain of the auxiliary `chosen`, of all (`mean`), and of the `best`.
    """
    names = sorted(_by_target(points))
    halves = [set(names[::2]), set(names[1::2])]
    found = []
    for fit, test in (halves, halves[::-1]):
        seen = [point for point in points if point["target"] in fit]
        fits = {m: within_targets(seen, m, rival)["spearman"][0] for m in measures}
        fits = {measure: value for measure, value in fits.items() if np.isfinite(value)}
        if not fits:
            continue
        measure = max(fits, key=fits.__getitem__)
        rows = []
        for target in sorted(test):
            pairs = known_pairs([p for p in points if p["target"] == target], measure, rival)
            if len(pairs) > 1:
                gains = pairs[:, 1]
                rows.append((gains[pairs[:, 0].argmax()], gains.mean(), gains.max()))
        if rows:
            chosen, mean, best = np.mean(rows, axis=0).tolist()
            row = {"measure": measure, "fitted": fits[measure], "targets": len(rows)}
            found.append(row | {"chosen": chosen, "mean": mean, "best": best})
    return found


def _by_target(points: Sequence[Mapping]) -> dict[str, list[Mapping]]:
    found: dict[str, list] = {}
    for point in points:
        found.setdefault(point["target"], []).append(point)
    return found


def known_pairs(points: Sequence[Mapping], measure: str, rival: str) -> np.ndarray:
    """`[pairs, 2]` measure and gain, where both are known."""
    pairs = [
        (point["relatedness"][measure][0], point["gains"][rival][0])
        for point in points
        if measure in point["relatedness"] and rival in point["gains"]
    ]
    pairs = np.array(pairs, np.float64).reshape(-1, 2)
    return pairs[np.isfinite(pairs).all(axis=1)]


def _ranks(points: Sequence[Mapping], measure: str, rival: str) -> list[tuple]:
    """Ranks of measure and gain, centred, of the cells of a target that may be ranked together.

    Where either does not vary, they are left out.
    """
    from scipy.stats import rankdata

    found = []
    for apart in dict.fromkeys(point["apart"] for point in points):
        pairs = known_pairs([point for point in points if point["apart"] == apart], measure, rival)
        if len(pairs) >= 3 and np.ptp(pairs, axis=0).all():
            ranks = rankdata(pairs, axis=0)
            found.append(tuple(((ranks - ranks.mean(axis=0)) / len(ranks)).T))
    return found


def _pooled(ranked: Sequence[list[tuple]]) -> float:
    every = [ranks for of_target in ranked for ranks in of_target]
    x, y = (np.concatenate(each) for each in zip(*every, strict=True))
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
