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
    bootstrap_p,
    holm,
    judge,
    paired_t_p,
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


def comparison(low, high, p=0.001, seeds=5):
    return Comparison(Estimate((low + high) / 2, low, high), np.full(seeds, (low + high) / 2), p, p)


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


def test_the_nested_bootstrap_has_the_variance_that_theory_gives_for_a_mean():
    seeds, songs, resamples = 4, 60, 20000
    random = np.random.default_rng(0)
    labels = random.normal(size=songs)
    errors = np.abs(random.normal(1, 0.5, (seeds, 1)) + random.normal(0, 1.5, (seeds, songs)))
    test_songs = TestSongs(YEAR, labels, np.arange(songs))  # an artist a song
    arms = Arms(test_songs, {"arm": labels + errors}, "mae", resamples=resamples)
    # A resample is s' E w with multinomial shares s of seeds and w of songs.
    seed_covariance = (np.eye(seeds) - 1 / seeds) / seeds**2
    song_covariance = (np.eye(songs) - 1 / songs) / songs**2
    by_song, by_seed = errors.mean(axis=0), errors.mean(axis=1)
    variance = (
        by_song @ song_covariance @ by_song
        + by_seed @ seed_covariance @ by_seed
        + np.trace(errors @ song_covariance @ errors.T @ seed_covariance)
    )
    resampled = arms.resampled_means("arm")
    assert resampled.mean() == pytest.approx(errors.mean(), abs=4 * (variance / resamples) ** 0.5)
    assert resampled.var() == pytest.approx(variance, rel=0.05)


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


def test_one_seed_and_lone_artists_give_scipys_interval_over_songs():
    songs, runs = songs_and_runs(seeds=1)
    alone = TestSongs(POP, songs.labels, np.arange(200))
    ours = Arms(alone, {"arm": runs["sharing"]}, "error", resamples=4000).score("arm")
    wrong = (runs["sharing"][0] >= 0.5) != songs.labels
    theirs = stats.bootstrap(
        (wrong,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.0101)  # two songs of 200
    assert ours.high == pytest.approx(theirs.high, abs=0.0101)


def test_tasks_with_the_same_artists_share_their_draws():
    songs, runs = songs_and_runs()
    gap = TestSongs(POP, np.where(np.arange(200) < 20, np.nan, songs.labels), songs.artists)
    whole, part = (Arms(part, runs, "error", resamples=300) for part in (songs, gap))
    together = np.corrcoef(whole.resampled_means("sharing"), part.resampled_means("sharing"))
    assert together[0, 1] > 0.9


def test_arms_that_predict_the_same_show_no_gain_and_no_warning():
    songs, runs = songs_and_runs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arms = Arms(songs, {"a": runs["sharing"], "b": runs["sharing"]}, "auc", resamples=100)
        same = arms.compare("a", "b")
    assert same.gain == Estimate(0.0, 0.0, 0.0)
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
    resampled = [arms.resampled_means(arm) for arm in runs]
    sharing, single, other, other_single = resampled
    differences = (other_single - other) - (single - sharing)  # less loss is better
    low, high = np.quantile(differences, [0.025, 0.975])
    assert (found.gain.low, found.gain.high) == pytest.approx((low, high))
    assert found.p_paired_t == pytest.approx(stats.ttest_rel(one.seed_gains, two.seed_gains).pvalue)


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


def test_arms_with_different_numbers_of_seeds_are_refused():
    songs, runs = songs_and_runs()
    with pytest.raises(ValueError, match="same seeds"):
        Arms(songs, {"a": runs["sharing"], "b": runs["sharing"][:2]}, "auc")


@pytest.mark.parametrize(
    ("rivals", "verdict", "reason"),
    [
        ([comparison(0.01, 0.05), comparison(0.03, 0.06)], "benefit", "every rival"),
        ([comparison(0.01, 0.05), comparison(-0.01, 0.06)], "no evidence", "interval, 1 not 0"),
        ([comparison(-0.05, -0.01), comparison(-0.06, -0.03)], "harm", "every rival"),
        ([comparison(-0.05, -0.01), comparison(0.03, 0.06)], "no evidence", "interval, 1 not 0"),
        ([comparison(-0.01, 0.05), comparison(0.03, 0.06)], "no evidence", "interval, 0 not 1"),
        ([comparison(-0.01, 0.05)], "no evidence", "interval, 0 not None"),
        ([comparison(-0.01, 0.019), comparison(-0.019, 0.01)], "no material difference", "margin"),
        # Surely there, but too small.
        ([comparison(0.005, 0.019)], "no material difference", "margin"),
        (
            [comparison(-0.01, 0.021), comparison(-0.01, 0.01)],
            "no evidence",
            "interval, 0 not None",
        ),
        ([comparison(0.01, 0.05), comparison(0.01, 0.05, p=0.06)], "no evidence", "p, 1 bootstrap"),
        ([comparison(0.01, 0.05, p=np.nan)], "no evidence", "p, 0 paired t"),
        ([comparison(np.nan, np.nan)], "no evidence", "undefined"),
        ([comparison(0.01, 0.05, seeds=2)], "no evidence", "seeds"),
        ([comparison(-0.01, 0.01, seeds=2)], "no evidence", "seeds"),
    ],
)
def test_the_verdict_follows_its_rule_and_names_what_decided(rivals, verdict, reason):
    named = {str(number): rival for number, rival in enumerate(rivals)}
    judgement = judge({"cell": named}, margin=0.02)["cell"]
    assert judgement.verdict == verdict
    rule, _, details = reason.partition(", ")
    found = judgement.reason
    assert found["rule"] == rule
    if rule == "interval":
        assert f"{found['rival']} not {found['despite']}" == details
    if rule == "p":
        assert f"{found['rival']} {found['test']}" == details
        assert found["p"] == judgement.p_holm > 0.05


def test_a_cell_that_would_pass_alone_may_fail_among_many():
    good = comparison(0.03, 0.05, p=0.004)
    assert judge({"only": {"rival": good}})["only"].verdict == "benefit"
    others = {f"{n}": {"rival": comparison(-0.1, 0.1, p=0.5)} for n in range(14)}
    among = judge({"one": {"rival": good}} | others)
    assert among["one"].p_holm == pytest.approx(0.06)
    assert among["one"].verdict == "no evidence"


def test_holm_gives_the_published_example_in_the_order_given():
    # Worked by hand: sorted .005 .01 .03 .04, times 4 3 2 1, then never falling.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == pytest.approx([1, 1])


def test_the_paired_t_is_scipys_and_defined_where_scipys_is_not():
    arm, rival = np.array([0.71, 0.74, 0.70, 0.78]), np.array([0.70, 0.71, 0.69, 0.73])
    assert paired_t_p(arm - rival) == pytest.approx(stats.ttest_rel(arm, rival).pvalue)
    assert paired_t_p(np.zeros(3)) == 1
    assert np.isnan(paired_t_p(np.array([0.3])))


def test_the_bootstrap_p_counts_the_resamples_beyond_0():
    gains = np.concatenate([np.full(3, -1.0), np.full(96, 1.0)])
    assert bootstrap_p(gains) == pytest.approx(2 * (3 + 1) / 100)
    assert bootstrap_p(-gains) == bootstrap_p(gains)
    assert bootstrap_p(np.zeros(9)) == 1
