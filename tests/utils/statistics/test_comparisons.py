import warnings

import numpy as np
import pytest
from scipy import stats

from representation_music.utils.metrics import scores
from representation_music.utils.statistics.comparisons import (
    Arms,
    Comparison,
    Estimate,
    TestSongs,
    estimate,
    foreseen,
    holm,
    is_settled,
    judge,
)
from representation_music.utils.tasks import Task

POP = Task("pop", "binary")
YEAR = Task("year", "regression")


def songs_and_runs(seeds=4, songs=200, artists=60, gain=0.0):
    """Binary test songs and two arms of runs; `gain` is added to the arm's signal."""
    random = np.random.default_rng(4)
    artist = random.integers(artists, size=songs)
    labels = (random.random(songs) < 0.5).astype(float)
    evidence = random.normal(size=songs) + labels
    arms = {
        name: stats.norm.cdf(
            evidence + extra * labels + 0.3 * random.normal(size=(seeds, songs)) - 0.5
        )
        for name, extra in (("sharing", gain), ("single task", 0))
    }
    return TestSongs(POP, labels, artist), arms


def comparison(low, high, seeds=5):
    """A comparison with this 95 % interval, of a normal distribution."""
    half = (high - low) / 2
    gain = Estimate(low + half, half / stats.norm.isf(0.025), 1e9)
    return Comparison(gain, np.full(seeds, low + half))


def test_scores_and_gains_are_those_of_the_runs():
    songs, runs = songs_and_runs(gain=0.5)
    arms = Arms(songs, runs, "log_loss", resamples=50)
    expected = {
        name: [scores(POP, songs.labels, run)["log_loss"] for run in runs[name]] for name in runs
    }
    for name in runs:
        assert arms.scores[name] == pytest.approx(expected[name])
    gains = np.subtract(expected["single task"], expected["sharing"])  # less loss is better
    compared = arms.compare("sharing", "single task")
    assert compared.seed_gains == pytest.approx(gains)
    assert compared.gain.mean == pytest.approx(gains.mean())


def test_an_interval_adds_the_variance_over_seeds_and_that_over_songs():
    seeds, songs, resamples = 4, 60, 20000
    random = np.random.default_rng(0)
    labels = random.normal(size=songs)
    errors = np.abs(random.normal(1, 0.5, (seeds, 1)) + random.normal(0, 1.5, (seeds, songs)))
    test_songs = TestSongs(YEAR, labels, np.arange(songs))  # an artist a song
    score = Arms(test_songs, {"arm": labels + errors}, "mae", resamples=resamples).score("arm")
    # What theory gives for means: drawn anew, a song's mean error varies by its variance / songs.
    of_seeds = errors.mean(axis=1).var(ddof=1) / seeds
    of_songs = errors.mean(axis=0).var() / songs
    df = (of_seeds + of_songs) ** 2 / (of_seeds**2 / (seeds - 1) + of_songs**2 / (songs - 1))
    assert score.mean == pytest.approx(errors.mean())
    assert score.error == pytest.approx((of_seeds + of_songs) ** 0.5, rel=0.02)
    assert score.df == pytest.approx(df, rel=0.05)
    half = stats.t.isf(0.025, score.df) * score.error
    assert score.interval() == pytest.approx((score.mean - half, score.mean + half))


def test_two_sources_alike_have_the_degrees_of_freedom_of_welchs_test():
    random = np.random.default_rng(1)
    one, other = random.normal(size=5), random.normal(size=9)
    resampled = np.sqrt(other.var(ddof=1) / 9) * np.array([-1, 0, 1])  # variance as that of a mean
    ours = estimate(one, resampled, num_groups=9)
    welch = stats.ttest_ind(one, other, equal_var=False)
    assert ours.df == pytest.approx(welch.df)
    assert ours.error == pytest.approx((one.mean() - other.mean()) / welch.statistic)


def test_of_worlds_the_rule_is_the_paired_t_test():
    random = np.random.default_rng(2)
    worlds, runs = [], {"sharing": [], "single task": []}
    for size in (80, 100, 120):  # every world has songs and labels of its own
        labels = np.arange(size) % 2.0
        worlds.append(TestSongs(POP, labels, np.arange(size)))
        for arm, signal in (("sharing", 1.0), ("single task", 0.5)):
            runs[arm].append(stats.norm.cdf(signal * (labels - 0.5) + random.normal(size=size)))
    compared = Arms(worlds, runs, "auc").compare("sharing", "single task")
    of_world = {
        arm: [scores(POP, of.labels, run)["auc"] for of, run in zip(worlds, runs[arm], strict=True)]
        for arm in runs
    }
    expected = stats.ttest_rel(of_world["sharing"], of_world["single task"])
    assert compared.p == pytest.approx(expected.pvalue)
    assert compared.gain.interval() == pytest.approx(expected.confidence_interval())


def test_intervals_are_wider_when_the_songs_belong_to_few_artists():
    random = np.random.default_rng(2)
    artist = np.repeat(np.arange(30), 10)
    labels = np.zeros(300)
    predictions = random.normal(size=30)[artist][None] + 0.1 * random.normal(size=(3, 300))
    width = {}
    for name, groups in (("artists", artist), ("songs", np.arange(300))):
        score = Arms(TestSongs(YEAR, labels, groups), {"arm": predictions}, "mae").score("arm")
        width[name] = score.high - score.low
    # Ten copies of each artist's luck: the spread of 30 draws, not of 300.
    assert width["artists"] / width["songs"] == pytest.approx(10**0.5, rel=0.15)


def test_one_seed_has_a_mean_and_neither_interval_nor_claim():
    songs, runs = songs_and_runs(seeds=1)
    compared = Arms(songs, runs, "auc", resamples=20).compare("sharing", "single task")
    assert np.isfinite(compared.gain.mean) and np.isnan(compared.gain.interval()).all()
    assert compared.p == 1


def test_tasks_with_the_same_artists_share_their_draws():
    songs, runs = songs_and_runs()
    gap = TestSongs(POP, np.where(np.arange(200) < 20, np.nan, songs.labels), songs.artists)
    whole, part = (Arms(part, runs, "error", resamples=300) for part in (songs, gap))
    together = np.corrcoef(*(of.resampled["sharing"].mean(axis=0) for of in (whole, part)))
    assert together[0, 1] > 0.9


def test_arms_that_predict_the_same_show_no_gain_and_no_warning():
    songs, runs = songs_and_runs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arms = Arms(songs, {"a": runs["sharing"], "b": runs["sharing"]}, "auc", resamples=100)
        same = arms.compare("a", "b")
    assert same.gain.to_json() == [0, 0, 0]
    assert same.p == 1
    assert judge({"cell": {"b": same}})["cell"].verdict == "no material difference"


def test_a_contrast_is_the_difference_of_two_gains_resample_by_resample():
    songs, runs = songs_and_runs(gain=0.5)
    _, others = songs_and_runs(gain=1.5)
    runs |= {"other": others["sharing"], "other single": others["single task"][::-1]}
    arms = Arms(songs, runs, "log_loss", resamples=400)
    found = arms.contrast(("other", "other single"), ("sharing", "single task"))
    one, two = arms.compare("other", "other single"), arms.compare("sharing", "single task")
    assert found.seed_gains == pytest.approx(one.seed_gains - two.seed_gains)
    sharing, single, other, other_single = (arms.resampled[arm].mean(axis=0) for arm in runs)
    differences = (other_single - other) - (single - sharing)  # less loss is better
    expected = estimate(one.seed_gains - two.seed_gains, differences, arms.num_groups)
    assert found.gain.to_json() == pytest.approx(expected.to_json())


def test_of_gains_over_one_rival_the_contrast_compares_the_arms_whatever_the_rival_scored():
    songs, runs = songs_and_runs(gain=0.5)
    runs["undefined"] = np.full_like(runs["sharing"], np.nan)
    arms = Arms(songs, runs, "log_loss", resamples=100)
    found = arms.contrast(("sharing", "undefined"), ("single task", "undefined"))
    assert found.gain == arms.compare("sharing", "single task").gain


def test_a_large_gain_is_a_benefit_and_the_other_way_round_harm():
    songs, runs = songs_and_runs(gain=1.5)
    arms = Arms(songs, runs, "auc", resamples=500)
    better, worse = arms.compare("sharing", "single task"), arms.compare("single task", "sharing")
    assert better.gain.low > 0.02
    assert better.gain.low == pytest.approx(-worse.gain.high)
    verdicts = judge({"better": {"rival": better}, "worse": {"rival": worse}})
    assert verdicts["better"].verdict == "benefit"
    assert verdicts["worse"].verdict == "harm"


def test_a_label_that_no_test_song_has_gives_no_evidence():
    songs, runs = songs_and_runs()
    unlabelled = TestSongs(POP, np.full(200, np.nan), songs.artists)
    compared = Arms(unlabelled, runs, "auc", resamples=20).compare("sharing", "single task")
    assert np.isnan(compared.gain.mean)
    assert judge({"cell": {"single task": compared}})["cell"].verdict == "no evidence"


def test_arms_with_different_numbers_of_seeds_are_compared_at_those_in_common():
    songs, runs = songs_and_runs()
    cut = runs | {"single task": runs["single task"][:3]}
    compared = Arms(songs, cut, "auc", resamples=20).compare("sharing", "single task")
    both = {arm: of_seeds[:3] for arm, of_seeds in runs.items()}
    expected = Arms(songs, both, "auc", resamples=20).compare("sharing", "single task")
    assert len(compared.seed_gains) == 3 < len(runs["sharing"])
    assert compared.gain == expected.gain


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
    assert 0.004 < good.p < 0.007
    assert judge({"only": {"rival": good}})["only"].verdict == "benefit"
    others = {f"{n}": {"rival": comparison(-0.1, 0.1)} for n in range(14)}
    among = judge({"one": {"rival": good}} | others)["one"]
    assert among.p_holm == pytest.approx(15 * good.p)
    assert (among.verdict, among.reason["rule"]) == ("no evidence", "p")


def test_holm_gives_the_published_example_in_the_order_given():
    # Worked by hand: sorted .005 .01 .03 .04, times 4 3 2 1, then never falling.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == pytest.approx([1, 1])


def test_folds_widen_the_paired_t_by_the_songs_that_they_share():
    one, two = np.random.default_rng(5).normal(0.02, 0.01, (2, 10))
    plain = estimate(one - two)
    folds = estimate(one - two, overlap=1 / 4)  # of five folds, two repeats
    assert plain.error == pytest.approx(stats.sem(one - two))
    # Nadeau & Bengio 2003: the naive variance times 1 + folds / (folds - 1) * repeats
    assert (folds.error / plain.error) ** 2 == pytest.approx(1 + 10 / 4)
    assert folds.mean == plain.mean and folds.df == plain.df == 9


def test_arms_with_fewer_seeds_are_compared_at_the_first_ones_of_the_others():
    songs, runs = songs_and_runs(seeds=5, gain=0.5)
    whole = Arms(songs, runs, "auc", resamples=100)
    cut = {"sharing": runs["sharing"], "single task": runs["single task"][:3]}
    first = Arms(songs, {arm: of[:3] for arm, of in runs.items()}, "auc", resamples=100)
    expected = first.compare("sharing", "single task").gain
    assert Arms(songs, cut, "auc", resamples=100).compare("sharing", "single task").gain == expected
    assert whole.compare("sharing", "single task", 3).gain == expected
    assert whole.contrast(("sharing", "single task"), (), 3).gain == expected
    assert whole.compare("sharing", "single task").gain != expected


def gains(*values, of_groups=0.0):
    """A comparison whose seeds gained so much, on test groups that give such a variance."""
    drawn = of_groups**0.5 * np.array([-1, 0, 1])
    return Comparison(estimate(np.array(values), drawn, num_groups=300), np.array(values))


def test_what_all_seeds_may_gain_is_what_they_gain_in_95_of_100_cells():
    random = np.random.default_rng(6)
    seeds = random.normal(0.03, 0.02, (2000, 10))
    inside = 0
    for row in seeds:
        low, *_, high = foreseen(gains(*row[:4]).gain, 4, planned=10)
        inside += low.mean <= row.mean() <= high.mean
    assert inside / 2000 == pytest.approx(0.95, abs=0.015)
    now = gains(*seeds[0, :4], of_groups=4e-4)
    wide, narrow = foreseen(now.gain, 4, planned=10)[2:4]  # the mean as it is
    of_seeds = seeds[0, :4].var(ddof=1) / 10
    assert wide.error**2 == pytest.approx(of_seeds + 4e-4)
    assert narrow.error**2 == pytest.approx(of_seeds + 4e-4 * 4 / 10)
    with_all = gains(*seeds[0], of_groups=4e-4).gain
    for same in foreseen(with_all, 10, planned=10):
        assert (same.mean, same.error) == pytest.approx((with_all.mean, with_all.error))


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
    assert cell["rival"].p == pytest.approx(0.00053, abs=2e-5)
    assert is_settled(cell, planned=10, cells=8)
    assert not is_settled(cell, planned=10, cells=9)  # 9 * .00053 * (10 / 3)² is above .05


def test_early_looks_ask_more_of_a_claim():
    cell = {"rival": gains(0.050, 0.057, 0.043)}
    assert cell["rival"].p == pytest.approx(0.0065, abs=1e-4)
    assert [is_settled(cell, planned) for planned in (4, 5, 8, 9)] == [True, True, True, False]
