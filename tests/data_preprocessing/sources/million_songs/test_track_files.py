import io
import json
import os
import tarfile

import h5py
import numpy as np
import pytest
from official_files import (
    ARTISTS,
    EXPECTED,
    SAMPLE,
    SONGS,
    needs_sample,
    tags_by_artist,
    track_id,
    write_track,
    write_tree,
)
from refusals import forbidden

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.million_songs import track_files
from representation_music.data_preprocessing.sources.million_songs.summary_file import (
    read_summary_file,
)
from representation_music.data_preprocessing.sources.million_songs.track_files import (
    read_track_files,
)
from representation_music.utils.errors import InputError
from representation_music.utils.files import SEAL


def test_track_files_give_what_the_summary_file_gives_and_the_tags(tmp_path):
    for song in SONGS:
        write_track(tmp_path / "data", song)
    songs, tags = read_track_files(tmp_path / "data", workers=1)
    assert songs.track_ids.tolist() == [song[0][0] for song in SONGS]
    np.testing.assert_equal(songs.labels, {k: np.array(v, float) for k, v in EXPECTED.items()})
    assert tags_by_artist(tags) == {artist: ["pop", "pop rock"] for artist in ARTISTS}
    _, tags = read_track_files(tmp_path / "data", workers=1, tags="artist_mbtag")
    assert tags_by_artist(tags) == {artist: ["uk"] for artist in ARTISTS}


def test_an_artist_without_tags_is_not_among_the_tagged(tmp_path):
    write_track(tmp_path, SONGS[0])
    write_track(tmp_path, SONGS[1], terms=())
    _, tags = read_track_files(tmp_path, workers=1)
    assert tags.artist_ids.tolist() == [ARTISTS[0]]


@needs_sample
def test_real_track_files_agree_with_the_real_summary_file():
    songs, _ = read_track_files(SAMPLE / "data", workers=1)
    summary = read_summary_file(SAMPLE / "msd_summary_file.h5")
    assert len(songs.track_ids) == 100
    _, here, there = np.intersect1d(songs.track_ids, summary.track_ids, return_indices=True)
    assert len(here) == 100
    for name, values in songs.labels.items():
        np.testing.assert_equal(values[here], summary.labels[name][there])


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_and_archives_give_the_same_as_one_process_and_a_tree(
    tmp_path, monkeypatch, workers
):
    monkeypatch.setattr(track_files, "FILES_PER_SHARD", 4)
    tree = write_tree(tmp_path / "data", 10)
    with tarfile.open(tmp_path / "subset.tar.gz", "w:gz") as archive:
        archive.add(tree, "MillionSongSubset/data")
        archive.add(__file__, "MillionSongSubset/README")
    for path in [tree, tmp_path / "subset.tar.gz"] if workers == 1 else [tree]:
        songs, tags = read_track_files(path, workers=workers)
        order = np.argsort(songs.track_ids)
        assert songs.track_ids[order].tolist() == [track_id(n)[:18] for n in range(10)]
        assert songs.labels["duration"][order].tolist() == list(range(1, 11))
        assert tags_by_artist(tags) == {a: ["all", f"tag {n}"] for n, a in enumerate(ARTISTS)}


@pytest.mark.parametrize("archived", [False, True])
def test_an_interrupted_read_goes_on_without_reading_finished_shards_again(
    tmp_path, monkeypatch, archived
):
    monkeypatch.setattr(track_files, "FILES_PER_SHARD", 3)
    path = tree = write_tree(tmp_path / "data", 10)
    if archived:
        path = tmp_path / "subset.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(tree, "data")
    read_shard, read = track_files.read_shard, []

    def read_until_power_fails(places, contents, tags):
        if len(read) == 2:
            raise KeyboardInterrupt
        read.append(places)
        return read_shard(places, contents, tags)

    monkeypatch.setattr(track_files, "read_shard", read_until_power_fails)
    with pytest.raises(KeyboardInterrupt):
        read_track_files(path, workers=1, resume_dir=tmp_path / "resume")
    assert len(list((tmp_path / "resume").iterdir())) == 2

    read_again = []
    monkeypatch.setattr(
        track_files, "read_shard", lambda *a: read_again.append(a[0]) or read_shard(*a)
    )
    songs, tags = read_track_files(path, workers=1, resume_dir=tmp_path / "resume")
    assert sum(map(len, read)) == 6 and sum(map(len, read_again)) == 4
    assert sorted(songs.labels["duration"]) == list(range(1, 11))
    assert tags_by_artist(tags) == {a: ["all", f"tag {n}"] for n, a in enumerate(ARTISTS)}


def change(track_file, field, value):
    with h5py.File(track_file, "a") as file:
        row = file["analysis/songs"][:]
        row[field] = value
        file["analysis/songs"][:] = row


def test_a_changed_file_or_a_spoilt_shard_is_read_again(tmp_path):
    tree = write_tree(tmp_path / "data", 4)
    options = {"workers": 1, "resume_dir": tmp_path / "resume"}
    read_track_files(tree, **options)
    (shard,) = (tmp_path / "resume").iterdir()
    shard.write_bytes(shard.read_bytes()[:100])
    assert read_track_files(tree, **options)[0].labels["duration"].tolist() == [1, 2, 3, 4]
    whole = json.loads(shard.read_text())
    edited = whole | {"columns": whole["columns"] | {"duration": [9, 9, 9, 9]}}
    unsealed = {name: value for name, value in edited.items() if name != SEAL}
    wrong = whole | {"columns": whole["columns"] | {"duration": 3}}
    for content in ({}, [], 3, edited, unsealed, wrong, whole | {"tags": []}):
        shard.write_text(json.dumps(content))
        assert read_track_files(tree, **options)[0].labels["duration"].tolist() == [1, 2, 3, 4]
        assert json.loads(shard.read_text()) == whole
    changed = next(tree.rglob("*.h5"))
    change(changed, "duration", 77)
    os.utime(changed, ns=(1, 1))
    assert 77 in read_track_files(tree, **options)[0].labels["duration"]


def test_what_no_json_can_say_is_kept_in_a_shard(tmp_path):
    tree = write_tree(tmp_path / "data", 4)
    change(next(tree.rglob("*.h5")), "loudness", np.nan)
    options = {"workers": 1, "resume_dir": tmp_path / "resume"}
    first, again = (read_track_files(tree, **options)[0] for _ in range(2))
    assert np.isnan(first.labels["loudness"]).sum() == 1
    np.testing.assert_equal(again.labels, first.labels)


def test_an_infinite_value_is_refused_from_a_kept_shard_as_from_its_file(tmp_path):
    tree = write_tree(tmp_path / "data", 4)
    change(next(tree.rglob("*.h5")), "loudness", np.inf)
    for _ in range(2):
        with pytest.raises(InputError, match="inf"):
            read_track_files(tree, workers=1, resume_dir=tmp_path / "resume")


@pytest.mark.parametrize("name", ["x/TRAAAAA128F0000000.h5", "README"])
def test_an_archive_that_unpacks_to_far_more_than_songs_would_is_refused(tmp_path, name):
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 1 << 25
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(InputError, match="bytes that unpack to 33,554,432"):
        read_track_files(tmp_path / "bomb.tar.gz", workers=1)


def damage_by_cutting(path):
    path.write_bytes(path.read_bytes()[:1000])


def damage_by_dropping_the_tags(path):
    with h5py.File(path, "a") as file:
        del file["metadata/artist_terms"]


def damage_by_dropping_a_table(path):
    with h5py.File(path, "a") as file:
        del file["musicbrainz/songs"]


def damage_by_a_second_row(path):
    with h5py.File(path, "a") as file:
        rows = file["analysis/songs"][:]
        del file["analysis/songs"]
        file["analysis/songs"] = np.concatenate([rows, rows])


def damage_by_tags_in_latin_1(path):
    with h5py.File(path, "a") as file:
        file["metadata/artist_terms"][0] = b"caf\xe9"


@pytest.mark.parametrize(
    ("damage", "found", "workers"),
    [
        (damage_by_cutting, "a cut or damaged HDF5 file", 2),
        (damage_by_cutting, "a cut or damaged HDF5 file", 1),
        (damage_by_dropping_the_tags, "no tags", 1),
        (damage_by_dropping_a_table, "the groups", 1),
        (damage_by_a_second_row, "2 rows", 1),
        (damage_by_tags_in_latin_1, "the tag b'caf", 1),
    ],
)
def test_a_damaged_track_file_is_named_or_skipped(tmp_path, damage, found, workers):
    tree = write_tree(tmp_path / "data", 3)
    path = sorted(tree.rglob("*.h5"))[1]
    damage(path)
    with pytest.raises(InputError) as caught:
        read_track_files(tree, workers=workers)
    assert caught.value.place.startswith(str(path)) and caught.value.found.startswith(found)
    bad_rows = BadRows(skip=True)
    songs, _ = read_track_files(tree, workers=1, bad_rows=bad_rows)
    assert songs.labels["duration"].tolist() == [1, 3]
    assert len(bad_rows.messages) == 1 and str(path) in bad_rows.messages[0]


def test_a_track_in_two_files_is_an_error(tmp_path):
    path = write_track(tmp_path / "data", SONGS[0])
    (tmp_path / "data" / "TRcopy.h5").write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"the track id TRAAAAA128F0000001 of .* again"):
        read_track_files(tmp_path / "data", workers=1)


@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_truncated_archive_is_an_error(tmp_path, ending, share):
    path = tmp_path / f"subset{ending}"
    with tarfile.open(path, "w:gz" if ending == ".tar.gz" else "w") as archive:
        archive.add(write_tree(tmp_path / "data", 6), "data")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="cut or damaged archive"):
        read_track_files(path, workers=1)


def linked_tree(root, disk):
    """A tree whose letter folders are links to another disk, where nothing else is changed."""
    root.mkdir()
    for folder in disk.iterdir():
        (root / folder.name).symlink_to(folder)
    return root


def test_a_tree_is_read_through_links_once_and_loops_do_no_harm(tmp_path):
    disk = write_tree(tmp_path / "disk", 6)
    tree = linked_tree(tmp_path / "data", disk)
    (disk / "A" / "A" / "again").symlink_to(tree)
    (disk / "Z").symlink_to(disk / "A")
    songs, _ = read_track_files(tree, workers=1)
    assert sorted(songs.labels["duration"]) == [1, 2, 3, 4, 5, 6]


def test_links_to_nowhere_in_a_tree_are_named_or_skipped(tmp_path):
    disk = write_tree(tmp_path / "disk", 3)
    tree = linked_tree(tmp_path / "data", disk)
    (tree / "Q").symlink_to(tmp_path / "gone")
    track = tree / "A" / "A" / "A" / "TRAAAZZ128F0000001.h5"
    track.symlink_to(tmp_path / "gone.h5")
    with pytest.raises(InputError, match=r"data/Q: found a link to .*gone, which is not there"):
        read_track_files(tree, workers=1)
    bad_rows = BadRows(skip=True)
    songs, _ = read_track_files(tree, workers=1, bad_rows=bad_rows, resume_dir=tmp_path / "resume")
    assert sorted(songs.labels["duration"]) == [1, 2, 3]
    assert [message.split(": ")[0] for message in bad_rows.messages] == [f"{tree}/Q", str(track)]


def test_folders_that_cannot_be_read_are_passed_over_unless_they_are_of_tracks(folder, capsys):
    tree = write_tree(folder / "data", 3)
    (tree / "lost+found").mkdir()
    read_track_files(tree, workers=1)
    with forbidden(tree / "lost+found"):
        assert len(read_track_files(tree, workers=1)[0].track_ids) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"passed over: {tree}/lost+found: found that it may not be read (")
    (tree / "B").mkdir()
    with forbidden(tree / "B"), pytest.raises(InputError, match="data/B: found that it may not be"):
        read_track_files(tree, workers=1)


def test_a_folder_without_track_files_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no readable file"):
        read_track_files(tmp_path, workers=1)
    with pytest.raises(InputError, match="no such file, expected a folder or a tar archive"):
        read_track_files(tmp_path / "nothing", workers=1)
