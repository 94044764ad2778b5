"""How nets stand beside the constant predictor and the linear model, which learn the same songs."""

from collections.abc import Mapping

from representation_music.utils.results_format import LINEAR

#: A net that gains less over the constant predictor than this share of what the linear model gains
#: has stayed near it.
NEAR = 0.25


def near_constant(
    found: Mapping, runs: Mapping[str, list[str]], higher_is_better: bool
) -> dict[str, list[str]] | None:
    """The runs that stayed near the constant predictor, by arm; arms without any are left out.

    A few such nets decide a cell's mean, whatever the others have learnt; in a rival they make a
    benefit of nothing. Runs and scores (of the deciding metric, as in `results.json`) are in the
    order of the seeds.

    Returns:
        None where the linear model itself gains nothing: then nobody can tell.
    """
    sign = 1 if higher_is_better else -1
    constant, linear = found["constant"], found["scores"][LINEAR][0]
    if constant is None or linear is None or not sign * (linear - constant) > 0:
        return None
    least = NEAR * sign * (linear - constant)
    near = {
        arm: [
            run
            for run, score in zip(runs[arm], scores, strict=True)
            if score is not None and sign * (score - constant) < least
        ]
        for arm, scores in found["seed_scores"].items()
        if arm != LINEAR
    }
    return {arm: names for arm, names in near.items() if names}
