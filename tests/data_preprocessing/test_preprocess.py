import json
import shutil
import sqlite3
from pathlib import Path

import h5py
import numpy as np
import pytest
from refusals import files_of_at_most
from track_tree import split_summary

from representation_music.data_preprocessing.preprocess import PreprocessSettings, preprocess
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.sources.million_songs import track_files
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.command_line import main
from representation_music.utils.command_line import run_command
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import STUDY_TASKS

SAMPLE = Path(__file__).parents[3] / "shared" / "msd"
SETTINGS = SyntheticSettings(songs=400, songs_without_words=150, missing=0.3, seed=3)


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """A folder of synthetic songs in the official formats."""
    folder = tmp_path_factory.mktemp("synthetic") / "raw"
    synthesize(folder, SETTINGS)
    return folder


@pytest.fixture
def copy(raw, tmp_path) -> Path:
    """A copy of that folder, for tests that change it."""
    return Path(shutil.copytree(raw, tmp_path / "raw"))


def load(raw: Path, output: Path, **settings) -> SongDataset:
    preprocess(raw, output, PreprocessSettings(**settings))
    return SongDataset.load(output)


def shuffle_rows(folder: Path, seed: int) -> None:
    """Puts the rows of every source in another order, the order of a row's own parts kept."""
    draw = np.random.default_rng(seed)
    for path in [*folder.glob("*.txt"), *folder.glob("*.cls")]:
        lines = path.read_bytes().splitlines(keepends=True)
        head = [line for line in lines if line[:1] in b"#%"]
        rows = [line for line in lines if line[:1] not in b"#%"]
        path.write_bytes(b"".join(head + [rows[i] for i in draw.permutation(len(rows))]))
    with h5py.File(folder / "msd_summary_file.h5", "r+") as file:
        tables = [file[name] for name in ("analysis/songs", "metadata/songs", "musicbrainz/songs")]
        order = draw.permutation(len(tables[0]))
        for table in tables:
            table[:] = table[:][order]
    with sqlite3.connect(folder / "artist_term.db") as database:
        rows = database.execute("SELECT artist_id, term FROM artist_term").fetchall()
        database.execute("DELETE FROM artist_term")
        shuffled = [rows[i] for i in draw.permutation(len(rows))]
        database.executemany("INSERT INTO artist_term VALUES (?, ?)", shuffled)


def data_bytes(path: Path) -> dict[str, bytes]:
    """Every part of a songs file as bytes, but for its provenance, which hashes the sources."""
    with h5py.File(path) as file:
        parts = {name: part[:].tobytes() for name, part in file.items()}
    names = json.loads(parts.pop("names"))
    del names["provenance"]
    return parts | {f"names: {name}": repr(names[name]).encode() for name in names}


def test_the_same_rows_in_another_order_give_the_same_bytes_of_data(raw, copy, tmp_path):
    shuffle_rows(copy, seed=1)
    assert (copy / "artist_term.db").read_bytes() != (raw / "artist_term.db").read_bytes()
    first, second = load(raw, tmp_path / "one.h5"), load(copy, tmp_path / "two.h5")
    one, two = data_bytes(tmp_path / "one.h5"), data_bytes(tmp_path / "two.h5")
    assert one.keys() == two.keys() and len(one) > 15
    assert [name for name in one if one[name] != two[name]] == []
    assert first.fingerprint == second.fingerprint


def test_the_same_files_elsewhere_give_the_same_file(raw, copy, tmp_path):
    preprocess(raw, tmp_path / "one.h5")
    preprocess(copy, tmp_path / "deeper" / "two.h5")
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "deeper" / "two.h5").read_bytes()
    assert str(tmp_path).encode() not in (tmp_path / "one.h5").read_bytes()


def in_parts(raw: Path, output: Path, parts: int, monkeypatch) -> None:
    """Reads the tree in parts, the last one first, and makes the songs file without reading it."""
    settings = PreprocessSettings(resume_dir=output.parent / "parts")
    with monkeypatch.context() as patched:
        patched.setattr(track_files, "FILES_PER_SHARD", 7)
        for part in range(parts, 0, -1):
            preprocess(raw, settings=settings, part=f"{part}/{parts}")
        patched.setattr(track_files, "read_shard", None)  # whatever is read again fails
        preprocess(raw, output, settings)


def test_a_tree_read_in_parts_gives_the_same_file_as_in_one_go(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(track_files, "available_cores", lambda: 1)  # starting processes is slow
    raw = tmp_path / "raw"
    synthesize(raw, SyntheticSettings(songs=60, songs_without_words=30, missing=0.3))
    preprocess(raw, tmp_path / "summary.h5")
    split_summary(raw)
    preprocess(raw, tmp_path / "one.h5")
    in_parts(raw, tmp_path / "parts.h5", 3, monkeypatch)
    assert "Part 3/3 of" in capsys.readouterr().out
    assert (tmp_path / "parts.h5").read_bytes() == (tmp_path / "one.h5").read_bytes()
    # The tree holds what the summary file and the database held.
    one, two = data_bytes(tmp_path / "summary.h5"), data_bytes(tmp_path / "one.h5")
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.skipif(not SAMPLE.exists(), reason="the real sample is not here")
def test_real_track_files_read_in_parts_give_the_same_file_as_in_one_go(tmp_path, monkeypatch):
    monkeypatch.setattr(track_files, "available_cores", lambda: 1)
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("mxm_dataset_train.txt", "mxm_dataset_test.txt", "data"):
        (raw / name).symlink_to(SAMPLE / name)
    preprocess(raw, tmp_path / "one.h5")
    in_parts(raw, tmp_path / "parts.h5", 4, monkeypatch)
    assert (tmp_path / "parts.h5").read_bytes() == (tmp_path / "one.h5").read_bytes()
    assert np.isfinite(SongDataset.load(tmp_path / "one.h5").labels("loudness")).sum() == 100


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "1/", "a/b"])
def test_a_part_that_is_none_is_refused(raw, tmp_path, part):
    with pytest.raises(InputError, match=r"--part: found .* PART/PARTS"):
        preprocess(raw, settings=PreprocessSettings(resume_dir=tmp_path), part=part)


def test_parts_without_a_folder_or_a_tree_that_is_needed_are_refused(raw, tmp_path):
    with pytest.raises(InputError, match="--part: found no --resume-dir"):
        preprocess(raw, part="1/2")
    with pytest.raises(InputError, match="--part: found nothing to divide"):
        preprocess(raw, settings=PreprocessSettings(resume_dir=tmp_path), part="1/2")


def test_labels_are_those_that_the_files_hold_for_the_track(raw, tmp_path):
    songs = load(raw, tmp_path / "songs.h5")
    assert songs.num_songs == 400
    assert songs.kind == "synthetic"
    with h5py.File(raw / "msd_summary_file.h5") as file:
        tracks = file["analysis/songs"]["track_id"].tolist()
        loudness = dict(zip(tracks, file["analysis/songs"]["loudness"].tolist(), strict=True))
        artists = dict(zip(tracks, file["metadata/songs"]["artist_id"].tolist(), strict=True))
    with sqlite3.connect(raw / "artist_term.db") as database:
        tagged = {row[0] for row in database.execute("SELECT artist_id FROM artist_term")}
        query = "SELECT artist_id FROM artist_term WHERE term = 'pop'"
        pop = {row[0] for row in database.execute(query)}
    known = songs.labels("loudness")
    for song, track in enumerate(songs.ids.tolist()):
        artist = artists[track].decode()
        assert songs.groups[song].decode() == artist
        np.testing.assert_equal(known[song], loudness[track])
        expected = float(artist in pop) if artist in tagged else np.nan
        np.testing.assert_equal(songs.labels("pop")[song], expected)
    assert 0 < np.isnan(songs.labels("pop")).sum() < 400


def test_the_official_split_follows_the_two_lyrics_files(raw, tmp_path):
    songs = load(raw, tmp_path / "songs.h5")
    text = (raw / "mxm_dataset_test.txt").read_text().splitlines()
    test_tracks = {line.split(",")[0].encode() for line in text if line.startswith("TR")}
    parts = songs.split("official")
    assert set(songs.ids[parts["test"]]) == test_tracks
    assert len(parts["validation"]) > 0
    assert sum(map(len, parts.values())) == 400


def test_songs_can_be_split_by_lists_of_artists(copy, tmp_path):
    artists = sorted(set(load(copy, tmp_path / "songs.h5").groups.tolist()))
    (copy / "artists_train.txt").write_bytes(b"".join(a + b"\n" for a in artists[:60]))
    (copy / "artists_test.txt").write_bytes(b"".join(a + b"\n" for a in artists[60:90]))
    songs = load(copy, tmp_path / "songs.h5", official="artist-lists")
    parts = {part: set(songs.groups[s].tolist()) for part, s in songs.split("official").items()}
    assert parts["test"] == set(artists[60:90])
    assert parts["train"] | parts["validation"] == set(artists[:60])
    assert not parts["train"] & parts["validation"]


def test_an_official_split_without_its_files_is_left_out_and_said_so(copy, tmp_path, capsys):
    (copy / "mxm_dataset_test.txt").unlink()
    songs = load(copy, tmp_path / "songs.h5")
    assert songs.split_names() == ["artist", "random"]
    assert "No official split" in capsys.readouterr().out


def test_the_database_of_lyrics_gives_the_same_songs_as_the_two_texts(copy, tmp_path):
    from_texts = load(copy, tmp_path / "songs.h5")
    rows = []
    for is_test, path in enumerate(
        [copy / f"mxm_dataset_{part}.txt" for part in ("train", "test")]
    ):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("%"):
                words = line[1:].split(",")
            elif line.startswith("TR"):
                track, song, *pairs = line.split(",")
                for word, count in (map(int, pair.split(":")) for pair in pairs):
                    rows.append((track, song, words[word - 1], count, is_test))
        path.unlink()
    with sqlite3.connect(copy / "mxm_dataset.db") as database:
        database.execute("CREATE TABLE words (word TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO words VALUES (?)", [(word,) for word in words])
        columns = "track_id, mxm_tid INT, word TEXT, count INT, is_test INT"
        database.execute(f"CREATE TABLE lyrics ({columns})")
        database.executemany("INSERT INTO lyrics VALUES (?, ?, ?, ?, ?)", rows)
    assert load(copy, tmp_path / "songs.h5").fingerprint == from_texts.fingerprint


def test_what_was_found_what_is_not_used_and_what_is_lacking_is_said(copy, tmp_path, capsys):
    (copy / "tracks_per_year.txt").unlink()
    for name in ("artists_train.txt", "artists_test.txt"):
        (copy / name).write_text("ARABCDE1187FB46DFA\n")
    load(copy, tmp_path / "songs.h5")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if "  " in line]
    rows = {line.split("  ")[0]: line for line in lines if line}
    assert rows["summary"].split()[-2:] == ["msd_summary_file.h5", "550"]
    assert "lacking" in rows["years"] and "lacking" in rows["track files"]
    assert "artists_train.txt, artists_test.txt" in rows["artist lists"]
    assert "not used" in rows["artist lists"]


def test_a_full_disk_is_one_error_and_the_songs_of_before_are_whole(raw, tmp_path, capsys):
    output = tmp_path / "songs.h5"
    preprocess(raw, output)
    before = output.read_bytes()
    capsys.readouterr()
    with files_of_at_most(len(before) // 2):
        code = run_command(preprocess, [str(raw), "-o", str(output)], "repmusic preprocess")
    error = capsys.readouterr().err
    assert code == 2 and error.startswith(f"error: {output}: found that it cannot be written")
    assert error.count("\n") == 1 and output.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_required_labels_are_there_in_every_song_kept(raw, tmp_path):
    whole = load(raw, tmp_path / "whole.h5")
    songs = load(raw, tmp_path / "songs.h5", require=("year", "pop rock"))
    has_both = ~np.isnan(whole.labels("year") + whole.labels("pop rock"))
    assert songs.ids.tolist() == whole.ids[has_both].tolist()
    assert 0 < songs.num_songs < 400


def test_the_papers_protocol_keeps_complete_songs_in_the_studys_proportions(raw, tmp_path):
    songs = load(raw, tmp_path / "songs.h5", protocol="paper")
    assert not any(np.isnan(songs.labels(name)).any() for name in STUDY_TASKS)
    sizes = [len(part) for part in songs.split("random").values()]
    expected = np.array([25, 6, 25]) / 56 * songs.num_songs
    assert sum(sizes) == songs.num_songs
    np.testing.assert_allclose(sizes, expected, atol=1)


def test_splits_keep_a_song_in_its_part_when_a_filter_takes_others_away(raw, tmp_path):
    whole = load(raw, tmp_path / "whole.h5")
    songs = load(raw, tmp_path / "songs.h5", require=("year",))
    kept = np.isin(whole.ids, songs.ids)
    for name in ("artist", "official"):
        assert (whole.splits[name][kept] == songs.splits[name]).all()


def test_years_missing_in_the_summary_come_from_the_list_of_years(copy, tmp_path):
    before = load(copy, tmp_path / "songs.h5")
    with h5py.File(copy / "msd_summary_file.h5", "r+") as file:
        table = file["musicbrainz/songs"][:]
        table["year"] = 0
        file["musicbrainz/songs"][:] = table
    after = load(copy, tmp_path / "songs.h5")
    np.testing.assert_array_equal(before.labels("year"), after.labels("year"))
    (copy / "tracks_per_year.txt").unlink()
    with pytest.raises(InputError, match="no task 'year'"):
        load(copy, tmp_path / "songs.h5").labels("year")


def test_own_labels_are_joined_by_track_id(raw, tmp_path):
    tracks = load(raw, tmp_path / "songs.h5").ids[[7, 3]]
    table = tmp_path / "mine.csv"
    table.write_text(f"track_id,speed\n{tracks[0].decode()},2.5\n{tracks[1].decode()},-1\n")
    songs = load(raw, tmp_path / "songs.h5", labels=(table,))
    speed = songs.labels("speed")
    assert songs.task("speed").kind == "regression"
    assert (speed[7], speed[3], np.isnan(speed).sum()) == (2.5, -1.0, 398)
    assert songs.provenance["settings"]["labels"] == ["mine.csv"]


def test_the_kind_taken_for_each_own_column_is_told(raw, tmp_path, capsys):
    tracks = [track.decode() for track in load(raw, tmp_path / "songs.h5").ids[:3]]
    table = tmp_path / "mine.csv"
    rows = zip(tracks, ("1,2.5,sad,no,3", "0,7,glad,yes,1", "1,,calm,no,2"), strict=True)
    header = "track_id,live,speed,mood,sung,level\n"
    table.write_text(header + "".join(f"{t},{r}\n" for t, r in rows))
    load(raw, tmp_path / "songs.h5", labels=(table,), kind=("level=multiclass",))
    out = capsys.readouterr().out
    told = [line for line in out.splitlines() if line.startswith("Own column")]
    assert told == [
        "Own column live: binary",
        "Own column speed: regression",
        "Own column mood: multiclass (3 classes)",
        "Own column sung: binary (0 no, 1 yes)",
        "Own column level: multiclass (3 classes), as named by --kind",
    ]


def test_own_columns_of_any_name_are_kept(raw, tmp_path):
    tracks = load(raw, tmp_path / "songs.h5").ids[:3]
    names = [".", "..", "../../../x", "a/b", "x" * 5000, "[red]", "A$AP", "bell\a", "mood:sad"]
    rows = [",".join([track.decode(), *["0.5"] * len(names)]) for track in tracks]
    table = tmp_path / "mine.csv"
    table.write_text("\n".join([",".join(["track_id", *names]), *rows]))
    songs = load(raw, tmp_path / "songs.h5", labels=(table,))
    assert [name for name in songs.columns if name in names] == names
    assert all(np.nansum(songs.labels(name)) == 1.5 for name in names)


@pytest.mark.parametrize("kind", ["mood", "mood=ordinal", "=binary", ""])
def test_a_kind_that_is_none_is_refused(kind):
    with pytest.raises(InputError, match=r"--kind: found .*NAME=regression"):
        PreprocessSettings(kind=(kind,))


def test_a_kind_may_be_named_of_official_columns_too(raw, tmp_path, capsys):
    plain = load(raw, tmp_path / "plain.h5")
    kinds = ("mode=binary", "key=multiclass", "time_signature=multiclass", "tempo=regression")
    songs = load(raw, tmp_path / "songs.h5", kind=kinds)
    told = capsys.readouterr().out
    assert [songs.task(kind.split("=")[0]).kind for kind in kinds] == [
        kind.split("=")[1] for kind in kinds
    ]
    for name in ("mode", "tempo"):
        np.testing.assert_equal(songs.labels(name), plain.labels(name))
        assert songs.task(name).unit == plain.task(name).unit
    for name in ("key", "time_signature"):
        codes, classes = songs.labels(name), songs.class_names(name)
        known = ~np.isnan(codes)
        assert [float(classes[int(code)]) for code in codes[known]] == list(
            plain.labels(name)[known]
        )
        assert classes == sorted(classes, key=int)
        np.testing.assert_equal(known, ~np.isnan(plain.labels(name)))
    assert "Column mode: binary (0 minor, 1 major), as named by --kind" in told
    with pytest.raises(InputError, match=r"'tempo': found .* different values, expected two"):
        load(raw, tmp_path / "songs.h5", kind=("tempo=binary",))
    with pytest.raises(InputError, match="'genre': found the text"):
        load(raw, tmp_path / "songs.h5", kind=("genre=regression",))


@pytest.mark.parametrize("proportions", [(1, 0, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1)])
def test_a_split_without_one_of_its_parts_is_refused(proportions):
    with pytest.raises(InputError, match="positive share each of train, validation and test"):
        PreprocessSettings(proportions=proportions)


def test_a_part_that_received_no_song_is_warned_of(raw, tmp_path, capsys):
    load(raw, tmp_path / "songs.h5", proportions=(1, 1e-9, 1e-9), splits=("random",))
    assert "Warning: split random has no songs for validation and test." in capsys.readouterr().out


def test_bad_rows_are_skipped_only_on_demand_and_listed(copy, tmp_path, capsys):
    path = copy / "mxm_dataset_train.txt"
    lines = path.read_text().splitlines(keepends=True)
    lines[-1] = lines[-1].split(",")[0] + ",0,1:x\n"
    path.write_text("".join(lines))
    with pytest.raises(InputError, match=rf"mxm_dataset_train\.txt:{len(lines)}"):
        load(copy, tmp_path / "songs.h5")
    assert not (tmp_path / "songs.h5").exists()
    songs = load(copy, tmp_path / "songs.h5", skip_bad_rows=True)
    assert songs.num_songs == 399
    assert f"mxm_dataset_train.txt:{len(lines)}" in capsys.readouterr().out
    assert len(songs.provenance["skipped_rows"]) == 1
    assert str(tmp_path) not in songs.provenance["skipped_rows"][0]


def test_asking_for_labels_that_no_song_has_together_says_how_many_have_each(copy, tmp_path):
    tracks = load(copy, tmp_path / "songs.h5").ids[:2]
    for name, track in zip(("a", "b"), tracks.tolist(), strict=True):
        (tmp_path / f"{name}.csv").write_text(f"track_id,{name}\n{track.decode()},1.5\n")
    tables = tuple(tmp_path / f"{name}.csv" for name in "ab")
    with pytest.raises(InputError, match="songs with each: a 1, b 1"):
        load(copy, tmp_path / "songs.h5", labels=tables, require=("a", "b"))
    with pytest.raises(InputError, match=r"no task 'pop rok'.*'pop rock'"):
        load(copy, tmp_path / "songs.h5", require=("pop rok",))


def test_the_command_reports_bad_input_in_one_message(tmp_path, capsys):
    for arguments in ([str(tmp_path)], [str(tmp_path), "--proportions", "0", "1", "1"]):
        with pytest.raises(SystemExit) as end:
            main(["preprocess", *arguments])
        assert end.value.code == 2
        assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.skipif(not SAMPLE.exists(), reason="the real sample is not here")
def test_the_real_sample_keeps_every_bag_of_words_and_masks_what_is_missing(tmp_path):
    songs = load(SAMPLE, tmp_path / "songs.h5")
    assert songs.num_songs == 1965 + 8279
    assert songs.kind == "sample"
    assert (songs.groups != b"").sum() == songs.tags.known.sum() == 1882
    assert (~np.isnan(songs.labels("year"))).sum() == 7455
    assert len(songs.split("official")["test"]) == 8279
    paper = load(SAMPLE, tmp_path / "paper.h5", protocol="paper")
    assert 0 < paper.num_songs < 1882


def test_artists_known_by_name_only_stay_in_one_part_of_the_split(copy, tmp_path):
    ids = load(copy, tmp_path / "before.h5").ids.tolist()
    (copy / "msd_summary_file.h5").unlink()
    (copy / "artist_term.db").unlink()
    names = [f"Band {number % 40}" for number in range(len(ids))]
    named, unnamed = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    (copy / "tracks_per_year.txt").write_text(
        "".join(f"1999<SEP>{i.decode()}<SEP>{n}<SEP>\n" for i, n in zip(named, names, strict=False))
    )
    (copy / "unique_tracks.txt").write_text(
        "".join(
            f"{i.decode()}<SEP>SO<SEP>{n.upper()}<SEP>\n"
            for i, n in zip(unnamed, names[len(named) :], strict=True)
        )
    )
    songs = load(copy, tmp_path / "songs.h5")
    assert len(np.unique(songs.group_codes())) == 40
    parts = songs.split("artist")
    bands = [{names[n] for n in parts[part]} for part in ("train", "validation", "test")]
    assert sum(map(len, bands)) == 40 and min(map(len, bands)) > 0
    roles = [source["role"] for source in songs.provenance["sources"]]
    assert "artist names" in roles


def test_unique_tracks_are_not_read_where_every_artist_is_known(copy, tmp_path):
    (copy / "unique_tracks.txt").write_text("not to be read\n")
    songs = load(copy, tmp_path / "songs.h5")
    assert "artist names" not in [source["role"] for source in songs.provenance["sources"]]


def test_songs_of_a_list_are_left_out_counted_and_in_the_provenance(raw, tmp_path, capsys):
    everything = load(raw, tmp_path / "all.h5")
    ids = [song.decode() for song in everything.ids.tolist()]
    (tmp_path / "mine.txt").write_text(f"{ids[5]}\n{ids[7]}\nTRNOTHERE\n")
    (tmp_path / "sid_mismatches.txt").write_text(f"ERROR: <SOAAA {ids[9]}> A  -  B  !=  C  -  D\n")
    (tmp_path / "msd_duplicates.txt").write_text(f"%0 A - B\n{ids[1]}\n{ids[2]}\n{ids[3]}\n")
    lists = [tmp_path / f"{name}.txt" for name in ("mine", "sid_mismatches", "msd_duplicates")]
    capsys.readouterr()
    songs = load(raw, tmp_path / "songs.h5", exclude=tuple(lists))
    kept = [place for place in range(len(ids)) if place not in (2, 3, 5, 7, 9)]
    assert songs.ids.tolist() == everything.ids[kept].tolist()
    assert songs.splits["artist"].tolist() == everything.splits["artist"][kept].tolist()
    counts = {"mine.txt": 2, "sid_mismatches.txt": 1, "msd_duplicates.txt": 2}
    assert songs.provenance["excluded"] == counts
    assert songs.provenance["settings"]["exclude"] == [path.name for path in lists]
    out = capsys.readouterr().out
    assert all(f"Left out by {name}: {number} songs" in out for name, number in counts.items())


def test_a_list_of_every_song_is_refused(raw, tmp_path):
    everything = load(raw, tmp_path / "all.h5")
    (tmp_path / "all.txt").write_bytes(b"\n".join(everything.ids.tolist()) + b"\n")
    with pytest.raises(InputError, match=r"all\.txt: found all songs"):
        load(raw, tmp_path / "songs.h5", exclude=(tmp_path / "all.txt",))


def test_songs_of_unknown_artists_are_counted_and_warned_of(copy, tmp_path, capsys):
    with h5py.File(copy / "msd_summary_file.h5", "r+") as file:
        table = file["metadata/songs"]
        rows = table[:]
        rows["artist_id"][::2] = b""
        table[:] = rows
    (copy / "tracks_per_year.txt").unlink()
    songs = load(copy, tmp_path / "songs.h5", splits=("artist", "random"))
    unknown = songs.groups == b""
    test = songs.split("artist")["test"]
    labelled = test[~np.isnan(songs.labels("loudness")[test])]
    out = " ".join(capsys.readouterr().out.split())
    assert f"test {len(test):,}; of unknown artists train" in out
    assert f"loudness {unknown[labelled].sum()} of {len(labelled)}" in out
    assert out.count("Warning: split artist") == 1 and "Warning: split random" not in out
