import subprocess
import sys

import numpy as np
import pytest

from representation_music.data_preprocessing.songs import splits


def songs_of_artists(songs=6000, artists=900, seed=0):
    generator = np.random.default_rng(seed)
    ids = np.array([f"TR{number:06d}" for number in range(songs)], "S18")
    groups = np.array([f"AR{number:06d}" for number in generator.integers(0, artists, songs)])
    groups = groups.astype("S18")
    groups[generator.random(songs) < 0.2] = b""
    return ids, groups


def test_no_artist_is_in_two_parts_and_proportions_hold_nearly():
    ids, groups = songs_of_artists()
    codes = splits.group_split(ids, groups, seed=3, proportions=(60, 15, 25))
    parts = [set(groups[codes == code]) - {b""} for code in range(3)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert splits.shared_groups(codes, groups) == 0
    shares = np.bincount(codes, minlength=3) / len(codes)
    np.testing.assert_allclose(shares, [0.6, 0.15, 0.25], atol=0.04)


def test_songs_without_artist_id_are_spread_as_artists_of_their_own():
    ids, groups = songs_of_artists()
    codes = splits.group_split(ids, groups, seed=3, proportions=(60, 15, 25))
    unknown = codes[groups == b""]
    np.testing.assert_allclose(np.bincount(unknown) / len(unknown), [0.6, 0.15, 0.25], atol=0.05)


def test_an_artist_keeps_its_part_when_other_songs_come_and_go():
    ids, groups = songs_of_artists()
    whole = splits.group_split(ids, groups, 0, (60, 15, 25))
    kept = np.random.default_rng(1).random(len(ids)) < 0.3
    part = splits.group_split(ids[kept], groups[kept], 0, (60, 15, 25))
    assert (whole[kept] == part).all()


def test_splits_follow_the_seed_and_nothing_else():
    ids, groups = songs_of_artists()
    first = splits.group_split(ids, groups, 0, (60, 15, 25))
    assert (first == splits.group_split(ids, groups, 0, (60, 15, 25))).all()
    assert (first != splits.group_split(ids, groups, 1, (60, 15, 25))).mean() > 0.3
    code = (
        "import numpy as np; from representation_music.data_preprocessing.songs import splits;"
        "print(splits.hash_fractions(np.array([b'AR1'], 'S18'), 0)[0])"
    )
    other_process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    here = splits.hash_fractions(np.array([b"AR1"], "S18"), 0)[0]
    assert float(other_process.stdout) == here


def test_hash_fractions_are_uniform():
    ids = np.array([f"AR{number}" for number in range(20_000)], "S18")
    counts = np.bincount((splits.hash_fractions(ids, 5) * 10).astype(int), minlength=10)
    assert ((counts - 2000) ** 2 / 2000).sum() < 27.9  # chi-square, 9 degrees, p = .001


def test_the_official_split_keeps_the_test_songs_and_takes_validation_by_artist():
    ids, groups = songs_of_artists()
    is_test = splits.hash_fractions(splits.group_keys(ids, groups), 99) < 0.1
    neither = np.arange(len(ids)) % 50 == 0
    is_train = ~is_test & ~neither
    codes = splits.official_split(ids, groups, is_train, is_test, seed=0, proportions=(60, 15, 25))
    assert (codes[is_test] == 2).all() and (codes[neither & ~is_test] == -1).all()
    assert set(codes[is_train]) == {0, 1}
    assert (codes[is_train] == 1).mean() == pytest.approx(0.2, abs=0.04)
    assert splits.shared_groups(codes, groups) == 0


def test_the_random_split_has_exact_proportions_and_shares_artists():
    ids, groups = songs_of_artists()
    codes = splits.random_split(ids, 0, (60, 15, 25))
    assert np.bincount(codes).tolist() == [3600, 900, 1500]
    expected = sum(len(set(codes[groups == artist])) > 1 for artist in set(groups) - {b""})
    assert splits.shared_groups(codes, groups) == expected > 500


def test_the_random_split_does_not_depend_on_the_order_of_songs():
    ids, _ = songs_of_artists()
    order = np.random.default_rng(2).permutation(len(ids))
    codes = splits.random_split(ids, 0, (60, 15, 25))
    assert (splits.random_split(ids[order], 0, (60, 15, 25)) == codes[order]).all()


@pytest.mark.parametrize(
    ("songs", "sizes"),
    [(60_000, [25_000, 6_000, 25_000]), (5_600, [2_500, 600, 2_500]), (3, [1, 1, 1])],
)
def test_the_studys_split_has_its_sizes_or_its_proportions(songs, sizes):
    ids = np.array([f"TR{number:06d}" for number in range(songs)], "S18")
    codes = splits.study_split(ids, 0)
    assert [int((codes == code).sum()) for code in range(3)] == sizes
    assert (codes == -1).sum() == songs - sum(sizes)


@pytest.mark.parametrize("of", [2, 5])
def test_every_song_is_tested_on_once_a_repeat_and_no_artist_straddles_a_fold(of):
    ids, groups = songs_of_artists()
    folds = splits.Fold(1, of).siblings(2)
    codes = np.stack([fold.codes(ids, groups) for fold in folds]).reshape(2, of, -1)
    assert ((codes == 2).sum(axis=1) == 1).all()
    assert (codes[0] != codes[1]).any()
    for each in codes.reshape(-1, len(ids)):
        assert splits.shared_groups(each, groups) == 0
        np.testing.assert_allclose((each == 2).mean(), 1 / of, atol=0.05)
        np.testing.assert_allclose((each == 1).sum() / (each != 2).sum(), 0.2, atol=0.05)


def test_a_fold_is_its_name_whatever_other_songs_there_are():
    ids, groups = songs_of_artists()
    fold = splits.Fold(2, 5, 3)
    assert fold.name == "fold-2-of-5-repeat-3" and splits.Fold.of_name(fold.name) == fold
    np.testing.assert_array_equal(fold.codes(ids[::3], groups[::3]), fold.codes(ids, groups)[::3])
    for name in ("artist", "fold-6-of-5-repeat-1", "fold-0-of-5-repeat-1", "fold-1-of-1-repeat-1"):
        assert splits.Fold.of_name(name) is None
    assert splits.Fold.of_name("fold-1-of-5-repeat-0") is None
