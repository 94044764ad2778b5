"""A file that is whole and cannot be read is never called damaged, whichever reader it is for."""

import json
import os
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import numpy as np
import pytest
from in_this_process import called, repmusic
from official_files import ARTISTS, SONGS, write_tables, write_track
from refusals import (
    BROKEN_DISK,
    forbidden,
    gone_from_behind_its_link,
    locked,
    locked_database,
    on_a_broken_disk,
    too_many_open,
)

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.sources.files import sqlite
from representation_music.data_preprocessing.sources.label_table import read_label_table
from representation_music.data_preprocessing.sources.lyrics import read_lyrics
from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
    read_artist_terms,
)
from representation_music.data_preprocessing.sources.million_songs.summary_file import (
    read_summary_file,
)
from representation_music.data_preprocessing.sources.million_songs.track_files import (
    read_track_files,
)
from representation_music.data_preprocessing.sources.musixmatch.sqlite import read_musixmatch_sqlite
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.data_preprocessing.sources.official_files.text_tables import (
    read_artist_list,
    read_tagtraum,
    read_tracks_per_year,
    read_unique_tracks,
)
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import run_folder
from representation_music.utils.checkpoint import load_checkpoint, load_newest, save_checkpoint
from representation_music.utils.command_line import run_command
from representation_music.utils.errors import InputError
from representation_music.utils.files import sha256_of, write_json
from representation_music.utils.records import read_history, read_json, run_folders

TRACK, ARTIST = SONGS[0][0][0].decode(), ARTISTS[0].decode()
LYRICS = f"%a,b\n{TRACK},1,1:2\n"


def read_one_track(path):
    return read_track_files(path, workers=1)


def read_tracks_beside(path):
    return read_track_files(path.parent, workers=1)


def make_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mxm_dataset_train.txt", LYRICS)


def make_packed_zip(method):
    def make(path):
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("mxm_dataset_train.txt", LYRICS)

    return make


def make_archive(path):
    track = write_track(path.parent / "tree", SONGS[0])
    with tarfile.open(path, "w:gz") as archive:
        archive.add(track, track.name)


def make_track(path):
    write_track(path.parent / "tree", SONGS[0]).rename(path)
    for folder in sorted((path.parent / "tree").rglob("*"), reverse=True):
        folder.rmdir()


def make_lyrics_database(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE words (word TEXT)")
        database.execute("CREATE TABLE lyrics (track_id, mxm_tid, word, count, is_test)")
        database.execute("INSERT INTO words VALUES ('a')")
        database.execute("INSERT INTO lyrics VALUES (?, 1, 'a', 2, 0)", [TRACK])
        database.commit()


def make_terms(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE artist_term (artist_id text, term text)")
        database.execute("INSERT INTO artist_term VALUES (?, 'pop')", [ARTIST])
        database.commit()


def text(content):
    return lambda path: path.write_text(content)


#: Name of a file: how it is made, and read.
READERS = {
    "mxm_dataset_train.txt": (text(LYRICS), read_musixmatch_text),
    "mxm_dataset_train.txt.zip": (make_zip, read_musixmatch_text),
    "tracks_per_year.txt": (text(f"1990<SEP>{TRACK}<SEP>A<SEP>B\n"), read_tracks_per_year),
    "unique_tracks.txt": (text(f"{TRACK}<SEP>SO<SEP>A<SEP>B\n"), read_unique_tracks),
    "genres.cls": (text(f"{TRACK}\tRap\n"), read_tagtraum),
    "artists_test.txt": (text(f"{ARTIST}\n"), read_artist_list),
    "labels.csv": (text(f"track_id,mood\n{TRACK},1\n"), read_label_table),
    "song.txt": (text("la la"), read_lyrics),
    "config.json": (text("{}"), read_json),
    "manifest.jsonl": (text(json.dumps(RunConfig().to_json()) + "\n"), read_manifest),
    "history.csv": (text("step,epoch\n1,1\n"), lambda path: read_history(path.parent)),
    "any": (text("x"), sha256_of),
    "best.npz": (lambda path: save_checkpoint(path, [np.arange(3)], {}), load_checkpoint),
    "latest.npz": (lambda path: save_checkpoint(path, [np.arange(3)], {}), load_newest),
    "subset.tar.gz": (make_archive, read_one_track),
}
BY_LIBRARIES = {
    "msd_summary_file.h5": (lambda path: write_tables(path, SONGS), read_summary_file),
    "TRAAAAA128F0000001.h5": (make_track, read_tracks_beside),
    "artist_term.db": (make_terms, read_artist_terms),
    "mxm_dataset.db": (make_lyrics_database, read_musixmatch_sqlite),
}
ALL = READERS | BY_LIBRARIES


def refused(folder, name, refuse):
    make, read = ALL[name]
    path = folder / name
    make(path)
    read(path)  # whole, and all that reading imports is imported
    with refuse(path), pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith((f"{path}: ", f"{folder}: "))
    assert "damaged" not in message and "etch the file again" not in message
    read(path)
    return message


@pytest.mark.parametrize("name", ALL)
def test_missing_rights_are_named(folder, name):
    message = refused(folder, name, forbidden)
    assert "may not be read (Permission denied, errno 13)" in message


@pytest.mark.parametrize("name", ALL)
def test_too_many_open_files_are_named(folder, name):
    message = refused(folder, name, too_many_open)
    assert "too many open files" in message and "ulimit -n" in message


@pytest.mark.skipif(not BROKEN_DISK.exists(), reason="no file here that cannot be read")
@pytest.mark.parametrize("name", ALL)
def test_a_failing_disk_is_named(folder, name):
    message = refused(folder, name, on_a_broken_disk)
    assert "its disk fails (Input/output error, errno 5)" in message


@pytest.mark.parametrize("name", ALL)
def test_a_link_to_nowhere_is_named_with_its_target(folder, name):
    message = refused(folder, name, gone_from_behind_its_link)
    assert f"found a link to {folder}/scratch/nowhere, which is not there" in message


@pytest.mark.parametrize("name", [name for name in BY_LIBRARIES if name.endswith(".h5")])
def test_a_lock_of_another_process_on_an_hdf5_file_is_named(folder, name):
    message = refused(folder, name, locked)
    assert "cannot be locked (Resource temporarily unavailable, errno 11)" in message
    assert "HDF5_USE_FILE_LOCKING=FALSE" in message


@pytest.mark.parametrize("name", [name for name in BY_LIBRARIES if name.endswith(".db")])
def test_a_lock_of_another_process_on_a_database_is_named(folder, monkeypatch, name):
    monkeypatch.setattr(sqlite, "LOCK_WAIT", 0.1)
    message = refused(folder, name, locked_database)
    assert "another process has locked it" in message


def test_a_songs_file_that_cannot_be_read_is_not_called_damaged(folder, songs_file):
    path = folder / "songs.h5"
    path.write_bytes(songs_file.read_bytes())
    for refuse, found in (
        (forbidden, "that it may not be read"),
        (too_many_open, "too many open files"),
        (on_a_broken_disk, "that its disk fails"),
        (gone_from_behind_its_link, f"a link to {folder}/scratch/nowhere, which is not there"),
    ):
        with refuse(path), pytest.raises(InputError) as caught:
            SongDataset.load(path)
        assert caught.value.place == str(path) and caught.value.found.startswith(found)
    with locked(path):  # it is read whole into memory, so nobody's lock matters
        assert SongDataset.load(path).num_songs == 600


def test_a_checkpoint_that_may_be_whole_is_not_passed_over(folder):
    path = folder / "latest.npz"
    for step in (1, 2):
        save_checkpoint(path, [], {"step": step}, keep_previous=True)
    for refuse in (forbidden, on_a_broken_disk, gone_from_behind_its_link):
        with refuse(path), pytest.raises(InputError, match=r"latest\.npz"):
            load_newest(path)
    assert load_newest(path)[1]["step"] == 2


@pytest.fixture
def study(folder, songs_file, song_dataset):
    """A study of one run that has begun, and the run; others may look into both."""
    (folder / "out").mkdir()
    (folder / "out").chmod(0o777)
    songs = folder / "songs.h5"
    songs.write_bytes(songs_file.read_bytes())
    config = RunConfig(dataset=str(songs), tasks=("pop",))
    run = run_folder(config, song_dataset.fingerprint, folder / "study")
    run.mkdir(parents=True)
    write_json(run / "config.json", config.to_json() | {"fingerprint": song_dataset.fingerprint})
    write_manifest(folder / "study/manifest.jsonl", [config])
    return folder / "study", run


COMMANDS = ("preprocess", "results", "evaluate", "page", "relatedness-gain", "status")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_on_the_way_that_may_not_be_searched_is_named(study, command):
    folder, run = study
    further = {
        "preprocess": ["-o", folder.parent / "out.h5"],
        "page": ["-o", folder.parent / "out/page.html"],
    }
    words = further.get(command, [])
    repmusic(command, folder / "nowhere", *words)  # all that it imports is imported
    with forbidden(folder):
        ended = repmusic(command, run, *words)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {run}")
    assert "may not be read (Permission denied, errno 13)" in ended.stderr


def test_a_refusal_that_nobody_foresaw_is_one_line_and_no_traceback(folder):
    called(run_command, lambda: None, [])
    with forbidden(folder):
        ended = called(run_command, lambda: os.listdir(folder), [])
    assert ended.returncode == 2 and ended.stderr == f"error: {folder}: Permission denied\n"
    with pytest.raises(OSError, match="of no file"):  # a fault of the program's
        run_command(lambda: (_ for _ in ()).throw(OSError("of no file")).send(None), [])


def test_the_status_of_a_run_that_may_not_be_searched_says_so(study):
    folder, run = study
    repmusic("status", folder)
    with forbidden(run):
        ended = repmusic("status", folder)
    assert ended.returncode == 1 and not ended.stderr
    shown = ended.stdout.replace("\n", " ")
    assert f"FAILED {run}: {run}/record.json: found that it may not be read" in shown


def test_a_plot_says_which_run_it_passes_over(study, monkeypatch):
    folder, run = study
    repmusic("plot", folder, "-o", folder.parent / "out/curves")
    with forbidden(run):
        alone = repmusic("plot", folder, "-o", folder.parent / "out/curves")
    assert alone.returncode == 2 and f"{run}/config.json: found that it may" in alone.stderr
    (folder / "other").mkdir()
    write_json(folder / "other/config.json", {})
    with forbidden(run):
        told = called(lambda: run_folders([folder]) == [folder / "other"])
    assert told.returncode is True
    assert f"passed over: {run}/config.json: found that it may not be read" in told.stderr


#: Where damage does most: headers and tables of contents.
ENDS = 600
PACKED = {
    "deflated.zip": (make_packed_zip(zipfile.ZIP_DEFLATED), read_musixmatch_text),
    "bzip2.zip": (make_packed_zip(zipfile.ZIP_BZIP2), read_musixmatch_text),
    "lzma.zip": (make_packed_zip(zipfile.ZIP_LZMA), read_musixmatch_text),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ALL | PACKED if name != "any"])
def test_damage_anywhere_is_one_clear_error_or_does_no_harm(tmp_path, name):
    make, read = (ALL | PACKED)[name]
    path = tmp_path / name
    make(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    for _ in range(200):
        damaged = bytearray(whole)
        place = int(rng.integers(min(len(whole), ENDS)))
        place = [place, len(whole) - 1 - place, int(rng.integers(len(whole)))][rng.integers(3)]
        if rng.random() < 0.2:
            del damaged[place:]
        else:
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            read(path)
        except InputError as error:
            assert str(path) in str(error)
