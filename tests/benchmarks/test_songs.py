import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset


def test_repeated_songs_are_the_same_songs_under_ids_and_artists_of_their_own(
    module, monkeypatch, tmp_path
):
    songs = module("songs")
    monkeypatch.setattr(songs, "DATA", tmp_path)
    counts = np.random.default_rng(0).poisson(0.5, (40, 6))
    year = np.arange(40.0)
    ids, artists = [f"TR{n:02d}" for n in range(40)], [f"AR{n // 2:02d}" for n in range(40)]
    once = SongDataset.from_bags(counts, "abcdef", ids, artists, {"year": year})
    once.save(tmp_path / "once.h5")
    monkeypatch.setattr(songs, "songs_file", lambda _: tmp_path / "once.h5")

    repeated = SongDataset.load(songs.repeated_file(3, 40))
    assert repeated.num_songs == len(set(repeated.ids)) == 120
    assert len(set(repeated.groups)) == 60
    years = repeated.labels("year")
    assert sorted(years) == sorted([*year] * 3)
    np.testing.assert_array_equal(repeated.counts.toarray(), counts[years.astype(int)])
    assert len(repeated.split("artist")["train"]) > 0.75 * 120  # 85 %, artist by artist
    assert songs.repeated_file(3, 40) == repeated.path
