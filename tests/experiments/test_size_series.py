import pytest

from representation_music.experiments.size_series import main


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--sizes"], "--sizes"),
        (["--sizes", "0"], "--sizes"),
        (["--sizes", "-5"], "--sizes"),
        (["--tasks", "year"], "--tasks"),
        (["--training-size", "7"], "--training-size"),
        (["--preset", "other"], "--preset"),
        (["--threads", "-1"], "--threads"),
        (["--dataset", "nowhere.h5"], "nowhere.h5"),
    ],
)
def test_bad_flags_end_with_2_and_one_message(words, place, capsys):
    assert main("low_level_sharing", ("tightly_coupled",), "multi_low", words) == 2
    assert place in capsys.readouterr().err
