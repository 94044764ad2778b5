import numpy as np
import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
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
    kinds = sorted(path.suffix for path in tmp_path.iterdir())
    assert kinds == [".json", ".png", ".svg"]
    assert str(tmp_path / "songs-random.png") in out


def test_describe_of_a_file_of_another_kind_is_one_message(tmp_path, capsys):
    (tmp_path / "songs.h5").write_text("no HDF5")
    code, _, err = run(capsys, tmp_path / "songs.h5")
    assert code == 2
    assert err.startswith("error: ") and err.count("\n") == 1


def test_genre_and_own_columns_are_described_with_their_classes_and_units(
    songs_file, tmp_path, capsys
):
    songs = SongDataset.load(songs_file)
    third = np.arange(songs.num_songs) % 3
    songs.columns = {
        "genre": songs.columns["genre"],
        "speed": LabelColumn("regression", third + 0.5),
        "mood": LabelColumn("multiclass", np.minimum(third, 1.0), ["glad", "sad"]),
        "lost": LabelColumn("regression", np.full(songs.num_songs, np.nan)),
    }
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    assert code == 0
    for text in ("genre (4 classes; share of", "speed (value)", "mood (2 classes; share of sad)"):
        assert text in out
    assert "lost: no song carries it" in out and "tempo" not in out


def test_a_songs_file_without_labels_is_said_to_hold_none(songs_file, tmp_path, capsys):
    songs = SongDataset.load(songs_file)
    songs.columns, songs.tags = {}, Tags.none(songs.num_songs)
    songs.save(tmp_path / "songs.h5")
    code, out, _ = run(capsys, tmp_path / "songs.h5")
    assert code == 0 and "holds no labels" in out and "no song carries it" not in out


def test_an_unknown_split_is_answered_with_the_splits_not_with_describe(songs_file, capsys):
    code, _, err = run(capsys, songs_file, "--split", "oficial")
    assert code == 2 and "'artist', 'random'" in err and "repmusic describe" not in err
