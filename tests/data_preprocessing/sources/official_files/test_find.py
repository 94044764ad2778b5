import hashlib
from pathlib import Path

import pytest
from official_files import write_tree
from refusals import forbidden

from representation_music.data_preprocessing.sources.official_files.find import (
    find_sources,
    source_record,
)
from representation_music.utils.errors import InputError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_files_are_found_in_the_folder_and_one_level_below(tmp_path):
    touch(tmp_path, "mxm_dataset_train.txt", "lyrics/mxm_dataset_test.txt", "AddOn/artist_term.db")
    touch(tmp_path, "a/b/msd_summary_file.h5")  # two levels below
    sources = find_sources(tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in sources.lyrics]
    assert names == ["mxm_dataset_train.txt", "lyrics/mxm_dataset_test.txt"]
    assert sources.tags == tmp_path / "AddOn" / "artist_term.db"
    assert sources.summary is None and sources.genres is None and sources.synthetic is None


def test_unpacked_text_goes_before_its_zip_and_text_before_the_database(tmp_path):
    touch(tmp_path, "mxm_dataset.db")
    assert find_sources(tmp_path).lyrics == (tmp_path / "mxm_dataset.db",)
    touch(tmp_path, "mxm_dataset_train.txt.zip")
    assert [path.name for path in find_sources(tmp_path).lyrics] == ["mxm_dataset_train.txt.zip"]
    touch(tmp_path, "mxm_dataset_train.txt", "mxm_dataset_test.txt.zip")
    found = [path.name for path in find_sources(tmp_path).lyrics]
    assert found == ["mxm_dataset_train.txt", "mxm_dataset_test.txt.zip"]


@pytest.mark.parametrize("root", ["data", "MillionSongSubset", "MillionSongSubset/data", "."])
def test_a_tree_of_track_files_is_found_where_it_is_unpacked(tmp_path, root):
    touch(tmp_path, "mxm_dataset.db", f"{root}/A/B/C/TRABC.h5", "millionsongsubset.tar.gz")
    assert find_sources(tmp_path).track_files == tmp_path / root


def test_an_archive_of_track_files_serves_where_there_is_no_tree(tmp_path):
    touch(tmp_path, "mxm_dataset.db", "my_tracks.tar.gz")
    assert find_sources(tmp_path).track_files == tmp_path / "my_tracks.tar.gz"


def test_the_artist_lists_count_only_together(tmp_path):
    touch(tmp_path, "mxm_dataset.db", "artists_train.txt")
    assert find_sources(tmp_path).artist_lists == ()
    touch(tmp_path, "artists_test.txt")
    assert [path.name for path in find_sources(tmp_path).artist_lists] == [
        "artists_train.txt",
        "artists_test.txt",
    ]


def test_a_folder_without_bags_of_words_is_refused_saying_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"no bags of words.*repmusic download"):
        find_sources(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        find_sources(tmp_path / "absent")


def test_provenance_names_a_file_by_its_name_and_hash_alone(tmp_path):
    touch(tmp_path, "artist_term.db")
    assert source_record("tags", tmp_path / "artist_term.db") == {
        "role": "tags",
        "name": "artist_term.db",
        "bytes": 14,
        "sha256": hashlib.sha256(b"artist_term.db").hexdigest(),
    }


def test_provenance_of_a_tree_follows_its_names_and_sizes(tmp_path):
    touch(tmp_path, "data/A/B/C/TRABC.h5")
    first = source_record("track files", tmp_path / "data")
    assert (first["files"], first["name"]) == (1, "data")
    touch(tmp_path, "data/A/B/C/TRABD.h5")
    assert source_record("track files", tmp_path / "data") != first


def test_a_folder_named_like_an_official_file_is_refused_unless_the_file_is_in_it(tmp_path):
    touch(tmp_path, "mxm_dataset_train.txt/mxm_dataset_train.txt")  # as some programs unpack it
    assert find_sources(tmp_path).lyrics == (
        tmp_path / "mxm_dataset_train.txt" / "mxm_dataset_train.txt",
    )
    (tmp_path / "artist_term.db").mkdir()
    with pytest.raises(InputError, match=r"artist_term\.db: found a folder"):
        find_sources(tmp_path)


def link_to_nowhere(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path.parent / "gone" / path.name)


@pytest.mark.parametrize(
    "name",
    [
        "mxm_dataset_train.txt",
        "mxm_dataset_test.txt.zip",
        "msd_summary_file.h5",
        "AdditionalFiles/artist_term.db",
        "tracks_per_year.txt",
        "unique_tracks.txt",
        "msd_tagtraum_cd2.cls",
        "artists_test.txt",
        "synthetic.json",
        "millionsongsubset.tar.gz",
        "my_tracks.tar.gz",
        "data",
        "A",
        "MillionSongSubset/data",
        "MillionSongSubset",
    ],
)
def test_a_source_that_is_a_link_to_nowhere_is_named_and_not_taken_for_absent(tmp_path, name):
    touch(tmp_path, "mxm_dataset.db")
    link_to_nowhere(tmp_path / name)
    with pytest.raises(InputError) as caught:
        find_sources(tmp_path)
    assert caught.value.place == str(tmp_path / name)
    target = (tmp_path / name).parent / "gone" / Path(name).name
    assert caught.value.found == f"a link to {target}, which is not there"


def test_a_folder_behind_a_link_to_nowhere_is_named(tmp_path):
    link_to_nowhere(tmp_path / "raw")
    with pytest.raises(InputError, match=r"raw: found a link to .*gone/raw, which is not there"):
        find_sources(tmp_path / "raw")


def test_links_to_nowhere_that_are_no_sources_do_no_harm(tmp_path):
    touch(tmp_path, "mxm_dataset.db", "msd_tagtraum_cd1.cls")
    for name in (".#mxm_dataset.db", "notes.txt", "msd_tagtraum_cd2.cls", "x/notes"):
        link_to_nowhere(tmp_path / name)
    assert find_sources(tmp_path).genres == tmp_path / "msd_tagtraum_cd1.cls"


def test_a_folder_that_cannot_be_read_is_passed_over_and_named(folder, capsys):
    touch(folder, "mxm_dataset.db", "data/A/B/C/TRABC.h5", "lost+found/artist_term.db")
    with forbidden(folder / "lost+found"):
        sources = find_sources(folder)
    assert sources.track_files == folder / "data" and sources.tags is None
    said = capsys.readouterr().err
    assert said.startswith(f"passed over: {folder}/lost+found: found that it may not be read (")


def test_sources_that_cannot_be_opened_are_named_before_any_is_read(folder):
    touch(folder, "mxm_dataset.db", "other/artist_term.db")
    (folder / "raw").mkdir()
    (folder / "raw" / "mxm_dataset.db").symlink_to(folder / "mxm_dataset.db")
    (folder / "raw" / "artist_term.db").symlink_to(folder / "other" / "artist_term.db")
    with forbidden(folder / "other"), pytest.raises(InputError) as caught:
        find_sources(folder / "raw")
    assert caught.value.place == str(folder / "raw" / "artist_term.db")
    assert caught.value.found.startswith("that it may not be read")
    touch(folder, "other/data/A/B/C/TRABC.h5")
    (folder / "raw" / "artist_term.db").unlink()
    (folder / "raw" / "data").symlink_to(folder / "other" / "data")
    with forbidden(folder / "other"), pytest.raises(InputError, match="data: found that it may no"):
        find_sources(folder / "raw")


def test_a_folder_of_sources_that_cannot_be_read_is_named(folder):
    touch(folder, "raw/mxm_dataset.db")
    with forbidden(folder / "raw"), pytest.raises(InputError, match="raw: found that it may not"):
        find_sources(folder / "raw")


def test_files_of_the_published_subset_serve_where_those_of_all_songs_lack(tmp_path):
    touch(tmp_path, "mxm_dataset.db")
    for name, role in [
        ("msd_summary_file.h5", "summary"),
        ("artist_term.db", "tags"),
        ("tracks_per_year.txt", "years"),
        ("unique_tracks.txt", "artist names"),
    ]:
        touch(tmp_path, f"AdditionalFiles/subset_{name}")
        subset = tmp_path / "AdditionalFiles" / f"subset_{name}"
        assert find_sources(tmp_path).of_role(role) == (subset,)
        touch(tmp_path, f"AdditionalFiles/{name}")
        assert find_sources(tmp_path).of_role(role) == (subset.with_name(name),)


def test_resource_forks_of_archives_are_no_archives(tmp_path):
    touch(tmp_path, "mxm_dataset.db", "._tracks.tar.gz")
    assert find_sources(tmp_path).track_files is None


def test_provenance_of_a_tree_counts_what_is_read_through_its_links(tmp_path):
    disk = write_tree(tmp_path / "disk", 5)
    tree = tmp_path / "data"
    tree.mkdir()
    for letter in disk.iterdir():
        (tree / letter.name).symlink_to(letter)
    (tree / "notes.h5").write_text("no track")
    record = source_record("track files", tree)
    sizes = [path.stat().st_size for path in disk.rglob("*.h5")]
    assert (record["files"], record["bytes"]) == (5, sum(sizes))
    assert record["sha256_of_listing"] == source_record("track files", disk)["sha256_of_listing"]
