"""Does a measure of relatedness predict gains, over several targets and on unseen ones?"""

from collections.abc import Mapping, Sequence

import numpy as np

from representation_music.utils.statistics.rank_correlation import with_interval


def within_targets(points: Sequence[Mapping], measure: str, rival: str) -> dict:
    """Spearman's correlation of a measure with the gain, ranked within each target and pooled.

    The interval is over pairs drawn for these targets; it does not say how much others differ.
    Points are those of `gains_against_relatedness`.
    """
    ranked = [ranks for of in _by_target(points).values() if (ranks := _ranks(of, measure, rival))]
    parts = [part for of_target in ranked for part in of_target]
    pairs, value = sum(len(x) for x, _ in parts), _pooled(parts)
    spearman = with_interval(value, pairs, len(parts))
    return {"targets": len(ranked), "pairs": pairs, "spearman": spearman}


def unseen_targets(points: Sequence[Mapping], measures: Sequence[str], rival: str) -> list[dict]:
    """What a measure chosen on one half of the targets tells of the other; then they change places.

    Targets are halved, every second one by name. Returns what `foretold` does, where it is known.
    """
    names = sorted(_by_target(points))
    halves = [[p for p in points if p["target"] in of] for of in (names[::2], names[1::2])]
    found = [foretold(seen, new, measures, rival) for seen, new in (halves, halves[::-1])]
    return [row for row in found if row]


def foretold(
    seen: Sequence[Mapping], new: Sequence[Mapping], measures: Sequence[str], rival: str
) -> dict:
    """Which auxiliaries a measure chooses for targets that had no say in choosing the measure.

    Of the measures that are known of most `seen` points, that of the best correlation within
    targets is chosen; each target of the `new` ones takes the auxiliary that it ranks first.

    Returns:
        The `measure` and its correlation there (`fitted`), its correlation on the new targets with
        interval (`spearman`) and the number of these (`targets`), the auxiliaries that it takes by
        target (`choices`), and means over targets of the gain of these (`chosen`), of all (`mean`)
        and of the `best`. Empty where either side has nothing to rank.
    """
    ranked = {measure: within_targets(seen, measure, rival) for measure in measures}
    # One that is known of few pairs is easily the best of them by chance.
    most = max((of["pairs"] for of in ranked.values()), default=0)
    fits = {m: of["spearman"][0] for m, of in ranked.items() if of["pairs"] == most}
    fits = {measure: value for measure, value in fits.items() if np.isfinite(value)}
    if not fits:
        return {}
    measure = max(fits, key=fits.__getitem__)
    rows, choices = [], {}
    for target, of_target in sorted(_by_target(new).items()):
        known = [p for p in of_target if len(known_pairs([p], measure, rival))]
        if len(known) > 1:
            gains = known_pairs(known, measure, rival)
            first = int(gains[:, 0].argmax())
            choices[target] = known[first]["auxiliaries"]
            rows.append((gains[first, 1], gains[:, 1].mean(), gains[:, 1].max()))
    if not rows:
        return {}
    chosen, mean, best = np.mean(rows, axis=0).tolist()
    return {
        "measure": measure,
        "fitted": fits[measure],
        "spearman": within_targets(new, measure, rival)["spearman"],
        "targets": len(rows),
        "choices": choices,
        "chosen": chosen,
        "mean": mean,
        "best": best,
    }


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


def _pooled(parts: Sequence[tuple]) -> float:
    if not parts:
        return float("nan")
    x, y = (np.concatenate(each) for each in zip(*parts, strict=True))
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
