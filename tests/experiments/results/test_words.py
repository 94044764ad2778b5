import pytest

from representation_music.experiments.results.words import reason_text


@pytest.mark.parametrize(("p", "told"), [(0.0337638, "p .034"), (0.000434, "p < .001")])
def test_the_p_value_of_a_benefit_is_the_largest_over_the_rivals_of_its_level(p, told):
    reason = {"rule": "every rival", "rival": "lyrics only", "p": p}
    assert reason_text(reason) == (
        f"{told} after Holm's correction, the largest over the rivals of this level"
    )


def test_no_p_value_stands_with_two_signs():
    for rule in ("first rival", "p"):
        text = reason_text({"rule": rule, "rival": "single task", "p": 0.0002})
        assert "p < .001 after" in text and "=" not in text
    reason = {"rule": "too small", "rival": "a", "small": "b", "margin": 0.02, "side": 1}
    assert reason_text(reason | {"p": 0.02}) == (
        "p .020 after Holm's correction over a, but the 90 % interval over b lies within ± 0.02"
    )
