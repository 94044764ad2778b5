import pytest

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
