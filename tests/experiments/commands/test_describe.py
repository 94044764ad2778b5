import dataclasses
import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
from representation_music.data_preprocessing.sources.official_files.exclusions import (
    read_exclusions,
)
from representation_music.experiments.command_line import main


def run(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["describe", *map(str, arguments)])
    return end.value.code, *capsys.readouterr()


def test_describe_prints_splits_labels_and_words_and_leaves_a_figure(songs_file, tmp_path, capsys):
    code, out, err = run(capsys, songs_file, "--figures", tmp_path, "--split", "random")
    assert (code, err) == (0, "")
    for text in ("synthetic songs (600 songs)", "artists in several parts", "pop rock", "tokens"):
        assert text in out
    names = {path.name for path in tmp_path.iterdir()} - {"songs-random-near-equal.txt"}
    assert names == {f"songs-random.{kind}" for kind in ("json", "md", "png", "svg")}
    assert str(tmp_path / "songs-random.png") in out


@pytest.mark.usefixtures("unrendered")
def test_genre_and_own_columns_are_described_with_their_classes_and_units(
    songs_file, tmp_path, capsys
):
    songs = SongDataset.load(songs_file)
    third = np.arange(songs.num_songs) % 3
    songs.columns = {
        "genre": songs.columns["genre"],
        "speed": LabelColumn("regression", third + 0.5),
        "mood": LabelColumn("multiclass", np.minimum(third, 1.0), ["glad", "sad"]),
        "sung": LabelColumn("binary", third % 2.0, unit="0 no, 1 yes"),
        "lost": LabelColumn("regression", np.full(songs.num_songs, np.nan)),
    }
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    assert code == 0
    for text in (
        "genre (4 classes; share of",
        "speed (value)",
        "sung (share; 0 no, 1 yes)",
        "mood (2 classes; share of sad)",
    ):
        assert text in out
    assert "lost: none carries it" in out and "tempo" not in out


@pytest.mark.usefixtures("unrendered")
def test_a_songs_file_without_labels_is_said_to_hold_none(songs_file, tmp_path, capsys):
    songs = SongDataset.load(songs_file)
    songs.columns, songs.tags = {}, Tags.none(songs.num_songs)
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    assert code == 0 and "holds no labels" in out and "none carries it" not in out


@pytest.mark.usefixtures("unrendered")
def test_pages_that_have_tags_alone_are_called_pages_of_groups_with_the_commonest_tags(
    song_dataset, tmp_path, capsys
):
    pages = dataclasses.replace(
        song_dataset, columns={}, kind="own", noun="pages", name="bookmarks"
    )
    pages.save(tmp_path / "pages.h5")
    code, out, err = run(capsys, tmp_path / "pages.h5")
    assert (code, err) == (0, "")
    numbers = json.loads((tmp_path / "pages-artist.json").read_text())
    names = song_dataset.tags.names
    assert [task["name"] for task in numbers["tasks"]] == names[:20]
    train = song_dataset.split("artist")["train"]
    carried = song_dataset.tags.carried[:, [0]].toarray()[:, 0][train]
    known = song_dataset.tags.known[train]
    of_train = numbers["tasks"][0]["parts"]["train"]
    assert of_train["coverage"] == pytest.approx(known.mean())
    assert of_train["base_rate"] == pytest.approx(carried[known].mean())
    card = (tmp_path / "pages-artist.md").read_text()
    assert all(f"{len(names):,} tags" in " ".join(text.split()) for text in (out, card))
    assert "known groups" in out and "pages of none" in " ".join(out.split())
    assert "artists" not in out and "songs" not in out


def test_an_unknown_split_is_answered_with_the_splits_not_with_describe(songs_file, capsys):
    code, _, err = run(capsys, songs_file, "--split", "oficial")
    assert code == 2 and "'artist', 'random'" in err and "repmusic describe" not in err


@pytest.mark.usefixtures("unrendered")
def test_near_equal_songs_are_counted_and_listed_for_preprocess(song_dataset, tmp_path, capsys):
    songs = dataclasses.replace(song_dataset, counts=song_dataset.counts.copy())
    parts = songs.split("artist")
    rows = songs.counts.toarray()
    rows[parts["test"][:3]] = rows[parts["train"][:3]]
    songs.counts = csr_array(rows)
    odd = [b"#1", b"%2", b"A song 0 again"]
    songs.ids = songs.ids.astype("S30")
    songs.ids[parts["test"][:3]] = odd
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    near = json.loads((tmp_path / "songs-artist.json").read_text())["near_equal"]
    found = {test: cosine for test, _, cosine in near["songs"]}
    copies = [song.decode() for song in songs.ids[parts["test"][:3]].tolist()]
    assert code == 0 and [found[song] for song in copies] == [1.0] * 3
    assert near["looked_at"] == near["of"] == len(parts["test"])
    assert f"{len(found)} of {len(parts['test'])} test songs" in out
    left_out = read_exclusions(tmp_path / "songs-artist-near-equal.txt").concern(songs.ids)
    assert {song.decode() for song in songs.ids[left_out].tolist()} == set(found)


@pytest.mark.usefixtures("unrendered")
def test_songs_of_unknown_artists_are_counted_by_part_and_warned_of(song_dataset, tmp_path, capsys):
    groups = song_dataset.groups.copy()
    groups[::2] = b""
    songs = dataclasses.replace(song_dataset, groups=groups)
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    numbers = json.loads((tmp_path / "songs-artist.json").read_text())
    unknown = {p: int((groups[s] == b"").sum()) for p, s in songs.split("artist").items()}
    assert code == 0 and numbers["splits"]["artist"]["unknown_artist"] == unknown
    assert " / ".join(map(str, unknown.values())) in out
    test = songs.split("artist")["test"]
    of_year = test[~np.isnan(songs.labels("year")[test])]
    warned = {name: counts for name, *counts in numbers["unknown_artists"]}
    assert warned["year"] == [int((groups[of_year] == b"").sum()), len(of_year)]
    assert f"year {warned['year'][0]} of {warned['year'][1]}" in " ".join(out.split())


@pytest.mark.usefixtures("unrendered")
def test_where_artists_are_known_nothing_is_warned_of(songs_file, tmp_path, capsys):
    _, out, _ = run(capsys, songs_file, "--figures", tmp_path)
    assert "Warning" not in out


def test_a_folder_that_cannot_be_written_is_refused_by_the_flag(songs_file, capsys):
    code, out, err = run(capsys, songs_file, "--figures", songs_file / "below")
    assert (code, out) == (2, "") and "--figures" in err and err.count("\n") == 1


@pytest.mark.usefixtures("unrendered")
def test_the_card_says_source_licence_groups_splits_labels_and_near_equal_pages(
    song_dataset, tmp_path, capsys
):
    counts = song_dataset.counts.toarray()
    parts = song_dataset.split("artist")
    counts[parts["test"][0]] = counts[parts["train"][0]]
    record = {"role": "examples", "name": "a|b*.csv", "rows": 600, "sha256": "ab" * 32}
    pages = dataclasses.replace(
        song_dataset,
        counts=csr_array(counts),
        name="my <pages>",
        noun="pages",
        kind="own",
        provenance={"licence": "CC BY 4.0", "sources": [record], "version": "0.1.0"},
    )
    pages.save(tmp_path / "pages.h5")
    code, out, _ = run(capsys, tmp_path / "pages.h5")
    assert code == 0
    assert "Licence: CC BY 4.0" in out and "Source: a|b*.csv" in out
    numbers = json.loads((tmp_path / "pages-artist.json").read_text())
    groups, sizes = np.unique(pages.groups, return_counts=True)
    assert numbers["groups"]["groups"] == len(groups)
    assert f"Groups: {len(groups)}, the largest of {sizes.max()} pages; 0 pages of unknown" in out
    repeated = len(counts) - len({row.tobytes() for row in counts})
    assert numbers["groups"]["repeated"] == repeated >= 1
    card = (tmp_path / "pages-artist.md").read_text()
    near = len(numbers["near_equal"]["songs"])
    for text in (
        "# my \\<pages\\> (600 pages)",
        "| Licence | CC BY 4.0 |",
        f"| Groups | {len(groups)}, the largest of {sizes.max()} pages |",
        f"| {near} of {len(parts['test'])} test pages looked at",
        "| a\\|b\\*.csv | examples | 600 | " + "ab" * 32 + " |",
        "![Labels, base rates and words by split](pages-artist.png)",
        "| genre | multiclass, 4 classes; share of ",
    ):
        assert text in card
    for part, songs in parts.items():
        assert f"{len(songs):,}" in card, part


@pytest.mark.usefixtures("unrendered")
def test_a_card_of_what_is_not_known_says_so(songs_file, tmp_path, capsys):
    run(capsys, songs_file, "--figures", tmp_path)
    card = (tmp_path / "songs-artist.md").read_text()
    assert "| Licence | not known |" in card and "## Source\n\nNone." in card
