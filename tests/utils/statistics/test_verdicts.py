import numpy as np
import pytest
from scipy import stats

from representation_music.utils.statistics.comparisons import Comparison
from representation_music.utils.statistics.estimates import Estimate, estimate
from representation_music.utils.statistics.verdicts import holm, is_settled, judge


def comparison(low, high, seeds=5):
    """A comparison with this 95 % interval, of a normal distribution."""
    half = (high - low) / 2
    gain = Estimate(low + half, half / stats.norm.isf(0.025), 1e9)
    return Comparison(gain, np.full(seeds, low + half))


UP, DOWN, OPEN, EVEN = (0.01, 0.05), (-0.05, -0.01), (-0.01, 0.05), (-0.01, 0.01)
SMALL_UP, SMALL_DOWN = (0.005, 0.015), (-0.015, -0.005)


@pytest.mark.parametrize(
    ("gains", "verdict", "reason"),
    [
        ([UP, (0.03, 0.06)], "benefit", {"rule": "every rival", "rival": "0"}),
        ([UP, OPEN], "no evidence", {"rule": "interval", "rival": "1", "side": 0, "despite": "0"}),
        ([UP, DOWN], "no evidence", {"rule": "interval", "rival": "1", "side": -1, "despite": "0"}),
        ([OPEN, UP], "no evidence", {"rule": "interval", "rival": "0", "side": 0, "despite": "1"}),
        ([OPEN], "no evidence", {"rule": "interval", "despite": None}),
        # The first rival alone decides on harm, and the others say why.
        ([DOWN, DOWN], "harm", {"rule": "first rival", "unlike": ["1"], "alike": []}),
        ([DOWN, EVEN], "harm", {"rule": "first rival", "unlike": [], "alike": ["1"]}),
        ([DOWN, UP], "harm", {"rule": "first rival", "unlike": [], "alike": ["1"]}),
        ([EVEN, (-0.019, 0.01)], "no material difference", {"rule": "margin", "margin": 0.02}),
        ([EVEN, OPEN], "no evidence", {"rule": "interval", "rival": "0"}),
        # Two one-sided tests at .05: the 90 % interval decides, which is .84 times as wide.
        ([(-0.021, 0.021)], "no material difference", {"rule": "margin"}),
        ([(-0.024, 0.024)], "no evidence", {"rule": "interval"}),
        # A difference is judged before its size, and both are told.
        ([SMALL_UP], "too small to matter", {"rule": "too small", "side": 1, "small": "0"}),
        ([UP, SMALL_UP], "too small to matter", {"rule": "too small", "rival": "0", "small": "1"}),
        ([SMALL_DOWN, UP], "too small to matter", {"rule": "too small", "side": -1}),
        ([DOWN, SMALL_DOWN], "harm", {"rule": "first rival", "unlike": ["1"]}),
        ([UP, (np.nan, np.nan)], "no evidence", {"rule": "undefined", "rival": "1"}),
    ],
)
def test_the_verdict_follows_its_rule_and_names_what_decided(gains, verdict, reason):
    rivals = {str(number): comparison(*gain) for number, gain in enumerate(gains)}
    judgement = judge({"cell": rivals}, margin=0.02)["cell"]
    assert judgement.verdict == verdict
    assert reason.items() <= judgement.reason.items()


@pytest.mark.parametrize("gain", [UP, EVEN])
def test_two_seeds_show_nothing_either_way(gain):
    judgement = judge({"cell": {"rival": comparison(*gain, seeds=2)}})["cell"]
    assert (judgement.verdict, judgement.reason["rule"]) == ("no evidence", "seeds")


def test_a_cell_that_would_pass_alone_may_fail_among_many():
    good = comparison(0.015, 0.09)
    assert 0.004 < good.gain.p < 0.007
    assert judge({"only": {"rival": good}})["only"].verdict == "benefit"
    others = {f"{n}": {"rival": comparison(-0.1, 0.1)} for n in range(14)}
    among = judge({"one": {"rival": good}} | others)["one"]
    assert among.p_holm == pytest.approx(15 * good.gain.p)
    assert (among.verdict, among.reason["rule"]) == ("no evidence", "p")


def test_holm_gives_the_published_example_in_the_order_given():
    # Worked by hand: sorted .005 .01 .03 .04, times 4 3 2 1, then never falling.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == pytest.approx([1, 1])


def gains(*values, of_groups=0.0):
    """A comparison whose seeds gained so much, on test groups that give such a variance."""
    drawn = of_groups**0.5 * np.array([-1, 0, 1])
    return Comparison(estimate(np.array(values), drawn, num_groups=300), np.array(values))


@pytest.mark.parametrize(
    ("rivals", "verdict", "settled"),
    [
        # seeds that agree: the other seven cannot take it back, or bring it
        ([(0.050, 0.052, 0.048)], "benefit", True),
        ([(-0.050, -0.052, -0.048)], "harm", True),
        ([(0.001, -0.001, 0.0)], "no material difference", True),
        # the interval excludes 0 now, and may include it with all seeds
        ([(0.03, 0.09, 0.06)], "no evidence", False),
        ([(0.04, 0.09, 0.065)], "benefit", False),
        # nothing now, and perhaps with all seeds
        ([(0.00, 0.05, 0.025)], "no evidence", False),
        # one rival is out of reach, whatever comes of the other
        ([(0.03, 0.09, 0.06), (-0.050, -0.052, -0.048)], "no evidence", True),
        ([(0.050, 0.052, 0.048), (0.00, 0.05, 0.025)], "no evidence", False),
        # too few seeds, or a gain that is undefined
        ([(0.05, 0.05)], "no evidence", False),
        ([(0.05, 0.05, np.nan)], "no evidence", False),
    ],
)
def test_a_cell_is_settled_once_no_likely_gain_of_the_other_seeds_changes_it(
    rivals, verdict, settled
):
    cell = {str(number): gains(*of) for number, of in enumerate(rivals)}
    assert judge({"": cell})[""].verdict == verdict
    assert is_settled(cell, planned=10) is settled


def test_test_songs_that_leave_a_gain_open_settle_it_for_more_seeds_cannot_help():
    cell = {"rival": gains(0.010, 0.012, 0.008, of_groups=4e-3)}
    assert judge({"": cell})[""].verdict == "no evidence"
    assert is_settled(cell, planned=10)
    # Where they are luck of each net's own, more nets may show that nothing material is gained.
    cell = {"rival": gains(0.0, 0.002, -0.002, of_groups=2e-4)}
    assert judge({"": cell})[""].verdict == "no evidence"
    assert not is_settled(cell, planned=10)


def test_a_claim_that_other_cells_may_undo_by_holms_correction_is_not_settled():
    cell = {"rival": gains(0.050, 0.052, 0.048)}
    assert cell["rival"].gain.p == pytest.approx(0.00053, abs=2e-5)
    assert is_settled(cell, planned=10, cells=8)
    assert not is_settled(cell, planned=10, cells=9)  # 9 * .00053 * (10 / 3)² is above .05


def test_early_looks_ask_more_of_a_claim():
    cell = {"rival": gains(0.050, 0.057, 0.043)}
    assert cell["rival"].gain.p == pytest.approx(0.0065, abs=1e-4)
    assert [is_settled(cell, planned) for planned in (4, 5, 8, 9)] == [True, True, True, False]
