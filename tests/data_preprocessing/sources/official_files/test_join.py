from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from representation_music.data_preprocessing.complete import OwnTable, add_labels
from representation_music.data_preprocessing.songs.bags_of_words import BagsOfWords, offsets
from representation_music.data_preprocessing.songs.labels import LabelColumn, classes_of
from representation_music.data_preprocessing.sources.label_table import LabelTable
from representation_music.data_preprocessing.sources.million_songs.song_table import SongTable
from representation_music.data_preprocessing.sources.official_files import join
from representation_music.data_preprocessing.sources.official_files.join import (
    find_rows,
    join_lyrics,
    keep_songs,
)
from representation_music.utils.errors import InputError

WORDS = ["the", "you", "love", "rain", "fire"]
TAGS = ["ballad", "jazz", "pop", "pop rock", "unused"]
GENRES = ["Rap", "Jazz", "Rock"]


def ids(prefix, numbers):
    return np.array([f"{prefix}{number:016d}" for number in numbers], "S18")


class Facts:
    """The same random facts about 60 songs, as dictionaries and, rows shuffled, as sources."""

    def __init__(self):
        draw = np.random.default_rng(4)
        self.bags = {
            n: draw.poisson(0.7, len(WORDS)) + np.eye(5, dtype=int)[n % 5] for n in range(60)
        }
        self.test = {n for n in self.bags if n % 7 == 0}
        self.artist = {n: int(draw.integers(0, 15)) for n in range(5, 80)}
        self.loudness = {n: float(draw.normal(-8, 4)) for n in range(5, 80)}
        self.year = {n: 1960.0 + n for n in range(5, 80) if n % 3}
        self.more_years = {n: 1900.0 + n for n in range(0, 90, 2)}
        self.tags = {
            a: sorted(draw.choice(4, draw.integers(1, 4), replace=False)) for a in range(11)
        }
        self.genre = {n: GENRES[n % 3] for n in range(20, 70)}
        self.mood = {n: "sad" if n % 2 else "" for n in range(40)}
        self.clean = {n: [0.0, 1.0, np.nan][n % 3] for n in range(40)}

    def sources(self, seed):
        """What the readers would give with the rows of every source in the order of `seed`."""
        draw = np.random.default_rng(seed)

        def shuffled(facts):
            return [list(facts)[i] for i in draw.permutation(len(facts))]

        lyrics = []
        for is_test in (False, True):
            songs = [n for n in shuffled(self.bags) if (n in self.test) == is_test]
            used = [np.flatnonzero(self.bags[n]) for n in songs]
            lyrics.append(
                (
                    f"{is_test}.txt",
                    BagsOfWords(
                        words=WORDS,
                        track_ids=ids("TR", songs),
                        indptr=offsets(np.array([len(u) for u in used])),
                        indices=np.concatenate(used).astype(np.int32),
                        counts=np.concatenate(
                            [self.bags[n][u] for n, u in zip(songs, used, strict=True)]
                        ),
                        is_test=np.full(len(songs), is_test),
                    ),
                )
            )
        songs = shuffled(self.loudness)
        table = SongTable(
            track_ids=ids("TR", songs),
            artist_ids=ids("AR", [self.artist[n] for n in songs]),
            labels={
                "loudness": np.array([self.loudness[n] for n in songs]),
                "year": np.array([self.year.get(n, np.nan) for n in songs]),
            },
        )
        songs = shuffled(self.more_years)
        years = SongTable(
            track_ids=ids("TR", songs),
            artist_ids=np.zeros(len(songs), "S18"),
            labels={"year": np.array([self.more_years[n] for n in songs])},
        )
        artists, tag_order = shuffled(self.tags), draw.permutation(len(TAGS))
        tags = SimpleNamespace(
            artist_ids=ids("AR", artists),
            names=[TAGS[t] for t in tag_order],
            indptr=offsets(np.array([len(self.tags[a]) for a in artists])),
            indices=np.concatenate([np.argsort(tag_order)[self.tags[a]] for a in artists]),
        )
        with_genre, own = shuffled(self.genre), shuffled(self.mood)
        columns = {
            "mood": classes_of([self.mood[n] for n in own]),
            "clean": LabelColumn("binary", np.array([self.clean[n] for n in own])),
        }
        return {
            "lyrics": join_lyrics(lyrics if seed % 2 else lyrics[::-1]),
            "tables": [("summary.h5", table), ("years.txt", years)],
            "artist_tags": ("artist_term.db", tags),
            "genres": ("genres.cls", (ids("TR", with_genre), [self.genre[n] for n in with_genre])),
            "label_tables": [("mine.csv", LabelTable(ids("TR", own), None, columns))],
        }


def join_songs(lyrics, label_tables=(), **sources):
    """The songs of `sources` with the labels of tables, as `preprocess` joins them."""
    groups = [(name, of.ids, of.groups) for name, of in label_tables if of.groups is not None]
    songs = join.join_songs(lyrics, label_groups=groups, **sources)
    return add_labels(songs, [OwnTable(Path(name), of) for name, of in label_tables])


@pytest.fixture
def facts():
    return Facts()


@pytest.fixture
def songs(facts):
    return join_songs(**facts.sources(seed=0))


def test_every_song_gets_its_own_words_and_labels_whatever_the_row_order(facts, songs):
    assert songs.ids.tolist() == ids("TR", range(60)).tolist()
    nan = float("nan")
    for n in range(60):
        assert songs.counts[[n]].toarray()[0].tolist() == facts.bags[n].tolist()
        artist = facts.artist.get(n)
        assert songs.groups[n] == (ids("AR", [artist])[0] if artist is not None else b"")
        year = facts.year.get(n, facts.more_years.get(n, nan))
        np.testing.assert_equal(songs.labels("year")[n], year)
        np.testing.assert_equal(songs.labels("loudness")[n], facts.loudness.get(n, nan))
        tags = facts.tags.get(artist)
        for t, tag in enumerate(TAGS[:4]):
            expected = nan if tags is None else float(t in tags)
            np.testing.assert_equal(songs.labels(tag)[n], expected)
        genre = facts.genre.get(n)
        expected = nan if genre is None else sorted(GENRES).index(genre)
        np.testing.assert_equal(songs.labels("genre")[n], expected)
        np.testing.assert_equal(
            songs.labels("genre:Jazz")[n], nan if genre is None else genre == "Jazz"
        )
        np.testing.assert_equal(songs.labels("mood")[n], 0.0 if facts.mood.get(n) else nan)
        np.testing.assert_equal(songs.labels("clean")[n], facts.clean.get(n, nan))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sources_in_another_row_order_give_the_same_bytes(facts, songs, seed, tmp_path):
    other = join_songs(**facts.sources(seed))
    other.save(tmp_path / "other.h5")
    songs.save(tmp_path / "songs.h5")
    assert (tmp_path / "other.h5").read_bytes() == (tmp_path / "songs.h5").read_bytes()
    assert other.fingerprint == songs.fingerprint


def test_tags_are_ordered_by_the_songs_that_carry_them_and_unused_ones_left_out(songs):
    assert "unused" not in songs.tags.names
    carried = [int(np.nansum(songs.labels(tag))) for tag in songs.tags.names]
    assert carried == songs.tags.counts.tolist() == sorted(carried, reverse=True)


def test_kinds_of_the_users_own_columns_follow_their_values(songs):
    assert songs.task("clean").kind == "binary"
    assert songs.task("mood").kind == "multiclass" and songs.class_names("mood") == ["sad"]


def test_classes_that_no_song_carries_are_dropped(facts):
    sources = facts.sources(0)
    columns = {"mood": classes_of(["sad", "lost", "glad"])}
    sources["label_tables"] = [("mine.csv", LabelTable(ids("TR", [1, 99, 2]), None, columns))]
    songs = join_songs(**sources)
    assert songs.class_names("mood") == ["glad", "sad"]
    assert songs.labels("mood")[[1, 2]].tolist() == [1, 0]
    assert keep_songs(songs, songs.ids == ids("TR", [1])[0]).class_names("mood") == ["sad"]


def test_songs_that_are_left_out_take_their_tags_and_genres_with_them(facts, songs):
    keep = songs.labels("genre:Rap") == 1
    kept = keep_songs(songs, keep)
    assert kept.class_names("genre") == ["Rap"]
    assert kept.num_songs == keep.sum() > 0
    for name in ("year", "loudness", "clean", *kept.tags.names):
        np.testing.assert_array_equal(kept.labels(name), songs.labels(name)[keep])
    assert (kept.counts.toarray() == songs.counts.toarray()[keep]).all()
    assert kept.tags.counts.tolist() == [int(np.nansum(kept.labels(t))) for t in kept.tags.names]


def test_bags_of_words_alone_make_a_dataset_whose_labels_are_all_missing(facts):
    songs = join_songs(facts.sources(0)["lyrics"])
    assert songs.num_songs == 60
    assert songs.task_names() == []
    with pytest.raises(InputError, match="no task 'pop'"):
        songs.labels("pop")


def test_rows_are_found_as_a_dictionary_finds_them():
    draw = np.random.default_rng(0)
    known = ids("TR", draw.permutation(500)[:300])
    wanted = ids("TR", range(500))
    by_dictionary = {key: row for row, key in enumerate(known.tolist())}
    rows = find_rows("file", known, wanted)
    assert rows.tolist() == [by_dictionary.get(key, -1) for key in wanted.tolist()]


def test_unknown_artists_match_nothing():
    known = np.array([b"", b"AR1"], "S18")
    assert find_rows("file", known, np.array([b"", b"AR1"], "S18")).tolist() == [-1, 1]


def test_a_source_without_a_song_in_common_is_refused():
    with pytest.raises(InputError, match=r"years\.txt.*no id in common"):
        find_rows("years.txt", ids("TR", [1, 2]), ids("TR", [3]))
    with pytest.raises(InputError, match="no id in common"):
        find_rows("years.txt", ids("TR", []), ids("TR", [3]))
    match = r"l\.csv: found no id in common .* \(2 such as 'A' against 3 such as 'a'\)"
    with pytest.raises(InputError, match=match):
        find_rows("l.csv", np.array([b"B", b"A"]), np.array([b"c", b"b", b"a", b""]))


def test_an_id_that_is_twice_in_a_source_is_refused():
    with pytest.raises(InputError, match=r"TR0+7 more than once"):
        find_rows("years.txt", ids("TR", [7, 8, 7]), ids("TR", [7]))


def test_lyrics_files_that_overlap_or_differ_in_words_are_refused():
    def bags(words, songs):
        return BagsOfWords(
            words=words,
            track_ids=ids("TR", songs),
            indptr=np.arange(len(songs) + 1),
            indices=np.zeros(len(songs), np.int32),
            counts=np.ones(len(songs), np.int32),
            is_test=np.zeros(len(songs), bool),
        )

    with pytest.raises(InputError, match=r"a\.txt and b\.txt.*more than once"):
        join_lyrics([("a.txt", bags(WORDS, [1, 2])), ("b.txt", bags(WORDS, [3, 2]))])
    with pytest.raises(InputError, match=r"b\.txt.*another list of words"):
        join_lyrics([("a.txt", bags(WORDS, [1])), ("b.txt", bags(WORDS[::-1], [3]))])


@pytest.mark.parametrize("name", ["year", "genre:Rap", "genre", "pop"])
def test_a_users_column_must_not_take_the_name_of_another_label(facts, name):
    sources = facts.sources(0)
    columns = {name: LabelColumn("binary", np.ones(1))}
    sources["label_tables"] = [("mine.csv", LabelTable(ids("TR", [1]), None, columns))]
    with pytest.raises(InputError, match=r"mine\.csv: column .* that the songs have already"):
        join_songs(**sources)


def test_a_users_artists_stand_in_where_no_other_source_knows_one_and_bring_their_tags(facts):
    sources = facts.sources(0)
    before = join_songs(**sources)
    unknown = np.flatnonzero(before.groups == b"")
    assert len(unknown) == 5
    artists = np.array([ids("AR", [0])[0]] * 60)
    table = LabelTable(before.ids, artists, {"other": LabelColumn("regression", np.ones(60) * 0.5)})
    after = join_songs(**sources | {"label_tables": [("mine.csv", table)]})
    assert (after.groups == artists[0]).all()  # the table says that all are of one
    known = before.groups != b""
    for tag in TAGS[:4]:
        np.testing.assert_equal(after.labels(tag)[known], before.labels(tag)[known])
        assert after.labels(tag)[unknown].tolist() == [float(TAGS.index(tag) in facts.tags[0])] * 5
