import numpy as np
import pytest
from scipy import stats

from representation_music.data_preprocessing.synthetic.labels import TAG_RATES, draw_labels
from representation_music.data_preprocessing.synthetic.lyrics import (
    NUM_COMMON_WORDS,
    NUM_WORDS,
    draw_bags_of_words,
    draw_vocabulary,
    word_probabilities,
)
from representation_music.data_preprocessing.synthetic.songs import (
    SyntheticSettings,
    clean_scores,
    draw_artists,
)
from representation_music.utils.errors import InputError


def dense_counts(settings):
    artists = draw_artists(settings)
    counts = np.zeros((settings.songs, NUM_WORDS), np.int32)
    start = 0
    for indptr, indices, values in draw_bags_of_words(settings, artists, draw_vocabulary(settings)):
        song = start + np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        counts[song, indices] = values
        start += len(indptr) - 1
    return artists, counts


@pytest.fixture(scope="module")
def many():
    settings = SyntheticSettings(songs=40_000, seed=3)
    artists = draw_artists(settings)
    return settings, artists, draw_labels(settings, artists)


@pytest.mark.parametrize("shared_themes", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("correlation", [-0.7, 0.0, 0.5, 0.9, 1.0])
def test_clean_scores_have_the_asked_correlation(correlation, shared_themes):
    settings = SyntheticSettings(
        songs=40_000, songs_per_artist=1, correlation=correlation, shared_themes=shared_themes
    )
    scores = clean_scores(settings, draw_artists(settings))
    values = np.array([scores[name] for name in ("pop", "pop rock", "ballad")])
    np.testing.assert_allclose(values.mean(axis=1), 0, atol=0.02)
    np.testing.assert_allclose(values.var(axis=1), 1, atol=0.03)
    # Four standard errors of a correlation of 40,000 pairs.
    error = 4 * (1 - correlation**2) / np.sqrt(40_000) + 1e-9
    np.testing.assert_allclose(np.corrcoef(values)[0, 1:], correlation, atol=1.5 * error)


def test_loose_tasks_and_extra_tags_take_their_own_correlations():
    settings = SyntheticSettings(
        songs=40_000,
        songs_per_artist=1,
        correlation=0.9,
        loose_correlation=0.3,
        extra_tags=12,
        extra_correlations=(0.0, 0.8),
    )
    scores = clean_scores(settings, draw_artists(settings))
    found = [np.corrcoef(scores["pop"], scores[f"extra {i}"])[0, 1] for i in range(1, 13)]
    np.testing.assert_allclose(found, [0.0, 0.8] * 6, atol=0.03)
    assert np.corrcoef(scores["pop"], scores["year"])[0, 1] == pytest.approx(0.3, abs=0.03)


def test_extra_tags_leave_the_other_tasks_as_they_are():
    def of(**options):
        settings = SyntheticSettings(songs=500, **options)
        return draw_labels(settings, draw_artists(settings))

    plain, more = of(), of(extra_tags=20)
    assert set(more.tags) - set(plain.tags) == {f"extra {i}" for i in range(1, 21)}
    for name in plain.tags:
        np.testing.assert_array_equal(plain.tags[name], more.tags[name])
    np.testing.assert_array_equal(plain.numeric["year"], more.numeric["year"])


@pytest.mark.parametrize(
    "dials", [{"correlation": 0.0}, {"shared_themes": 0.0}, {"loose_correlation": 1.0}]
)
def test_the_dials_change_auxiliary_labels_only(dials):
    plain, turned = SyntheticSettings(songs=300), SyntheticSettings(songs=300, **dials)
    np.testing.assert_array_equal(dense_counts(plain)[1], dense_counts(turned)[1])
    labels, others = (draw_labels(s, draw_artists(s)) for s in (plain, turned))
    np.testing.assert_array_equal(labels.tags["pop"], others.tags["pop"])
    assert any(
        np.any(labels.tags[name] != others.tags[name]) for name in ("pop rock", "ballad")
    ) or np.any(labels.numeric["year"] != others.numeric["year"])


def test_with_both_dials_at_0_the_tasks_have_neither_theme_nor_word_in_common():
    settings = SyntheticSettings(
        songs=40_000, songs_per_artist=1, correlation=0, loose_correlation=0, shared_themes=0
    )
    artists = draw_artists(settings)
    scores = clean_scores(settings, artists)
    for name in settings.auxiliaries:
        with_target_themes = np.corrcoef(scores[name], artists.target_themes.T)[0, 1:]
        np.testing.assert_allclose(with_target_themes, 0, atol=0.025)
        fit = np.linalg.lstsq(artists.other_themes, scores[name], rcond=None)[0]
        np.testing.assert_allclose(artists.other_themes @ fit, scores[name], atol=1e-8)
    sources = draw_vocabulary(settings).sources
    target_words = sources[2 : 2 + settings.themes].any(axis=0)
    other_words = sources[2 + settings.themes :].any(axis=0)
    assert not (target_words & other_words).any()
    assert not (target_words | other_words)[:NUM_COMMON_WORDS].any()
    assert target_words.sum() > 1000 and other_words.sum() > 1000


def test_shared_themes_is_the_share_of_the_rest_that_the_target_s_themes_explain():
    settings = SyntheticSettings(songs=40_000, songs_per_artist=1, correlation=0, shared_themes=0.3)
    artists = draw_artists(settings)
    score = clean_scores(settings, artists)["ballad"]
    themes = artists.target_themes
    fit = np.linalg.lstsq(themes, score, rcond=None)[0]
    assert np.var(themes @ fit) == pytest.approx(0.3, abs=0.02)


def test_tags_meet_their_base_rates_among_songs(many):
    _, artists, labels = many
    for name, rate in TAG_RATES.items():
        assert labels.tags[name][artists.of_song].mean() == pytest.approx(rate, abs=5e-4)


def test_year_and_loudness_have_the_real_sample_s_mean_and_deviation(many):
    _, _, labels = many
    year, loudness = labels.numeric["year"], labels.numeric["loudness"]
    assert year.mean() == pytest.approx(1998.9, abs=0.1)
    assert year.std() == pytest.approx(9.6, abs=0.15)
    assert year.min() >= 1922 and year.max() == 2010
    np.testing.assert_array_equal(year, np.round(year))
    assert loudness.mean() == pytest.approx(-8.65, abs=0.1)
    assert loudness.std() == pytest.approx(4.19, abs=0.1)


def test_the_clean_score_is_what_the_noise_leaves(many):
    settings, artists, labels = many
    scores = clean_scores(settings, artists)
    song = artists.of_song
    explained = np.corrcoef(scores["loudness"][song], labels.numeric["loudness"])[0, 1] ** 2
    assert explained == pytest.approx(1 - settings.noise, abs=0.01)
    positive = labels.tags["pop"]
    ranks = stats.rankdata(scores["pop"])
    wins = ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    assert wins / (positive.sum() * (~positive).sum()) == pytest.approx(0.94, abs=0.02)


def test_artists_have_as_many_songs_as_asked(many):
    _, artists, _ = many
    sizes = np.bincount(artists.of_song)
    assert sizes.mean() == pytest.approx(1.87, abs=0.03)
    assert np.mean(sizes == 1) == pytest.approx(1 / 1.87, abs=0.02)


def test_missing_labels_come_in_the_asked_share():
    settings = SyntheticSettings(songs=20_000, missing=0.3)
    labels = draw_labels(settings, draw_artists(settings))
    assert np.mean(~labels.tagged) == pytest.approx(0.3, abs=0.02)
    for name in ("year", "loudness"):
        assert np.isnan(labels.numeric[name]).mean() == pytest.approx(0.3, abs=0.02)
    assert np.mean(labels.genre < 0) == pytest.approx(0.3, abs=0.02)
    whole = SyntheticSettings(songs=20_000)
    np.testing.assert_array_equal(
        labels.tags["pop"], draw_labels(whole, draw_artists(whole)).tags["pop"]
    )


def test_counts_of_a_word_are_negative_binomial():
    # Dirichlet-multinomial words with a gamma length: r = A q, p = A / (A + N).
    settings = SyntheticSettings(
        songs=2500,
        theme_weight=0,
        common_words=1e6,
        repetition=50,
        repetition_spread=0,
        log_length=np.log(200),
        log_length_spread=0,
    )
    _, counts = dense_counts(settings)
    share = word_probabilities()
    for word in (0, 3, 20):
        law = stats.nbinom(50 * share[word], 50 / 250)
        bins = np.array([0, 1, 2, 4, 8, 16])
        expected = 2500 * np.diff(np.append(law.cdf(bins - 1), 1))
        found = np.histogram(counts[:, word], np.append(bins, 10**6))[0]
        assert stats.chisquare(found, expected).pvalue > 1e-3


def test_songs_are_as_long_and_as_varied_as_real_ones():
    # The real sample: 82 distinct words and 216 tokens a song, .56 of counts are 1.
    _, counts = dense_counts(SyntheticSettings(songs=2000))
    assert (counts > 0).sum(axis=1).mean() == pytest.approx(82, rel=0.12)
    assert counts.sum(axis=1).mean() == pytest.approx(216, rel=0.05)
    assert np.mean(counts[counts > 0] == 1) == pytest.approx(0.56, abs=0.04)
    assert counts.sum(axis=1).min() >= 1
    share = np.sort(counts.sum(axis=0))[::-1] / counts.sum()
    assert share[:100].sum() == pytest.approx(0.572, abs=0.04)


def test_words_tell_a_linear_model_the_tag_of_songs_by_other_artists():
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    settings = SyntheticSettings(songs=1400)
    artists, counts = dense_counts(settings)
    labels = draw_labels(settings, artists).tags["pop"][artists.of_song]
    words = (counts > 0)[:, (counts[:1000] > 0).sum(axis=0) >= 20].astype(np.float32)
    mean, sd = words[:1000].mean(axis=0), words[:1000].std(axis=0) + 1e-6
    words = (words - mean) / sd
    test = np.flatnonzero(~np.isin(artists.of_song, artists.of_song[:1000]))
    model = LogisticRegression(C=1e-4, max_iter=100).fit(words[:1000], labels[:1000])
    auc = roc_auc_score(labels[test], model.decision_function(words[test]))
    assert 0.77 < auc < 0.9


@pytest.mark.parametrize(
    ("setting", "value"),
    [("correlation", 1.5), ("noise", -0.1), ("songs", 0), ("themes", 2), ("missing", float("nan"))],
)
def test_a_setting_out_of_range_is_refused_by_its_flag(setting, value):
    with pytest.raises(InputError, match=f"--{setting}: found {value}"):
        SyntheticSettings(**{setting: value})
