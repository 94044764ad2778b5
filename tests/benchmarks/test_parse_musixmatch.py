"""The benchmark of the lyrics reader compares like with like, on a file like the real ones."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "parse_musixmatch.py"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)  # as Python does where it runs a script
    return runpy.run_path(str(SCRIPT))


def test_both_readers_read_the_same_of_a_file_as_dense_as_the_real_sample(script, tmp_path):
    synthesize(tmp_path, SyntheticSettings(songs=400))
    path = tmp_path / "mxm_dataset_train.txt"
    words, track_ids, indptr, _, counts = script["read_by_loop"](path)
    songs = len(track_ids)
    assert len(words) == 5000
    assert np.diff(indptr).mean() == pytest.approx(84, rel=0.15)  # distinct words a song
    assert sum(counts) / songs == pytest.approx(230, rel=0.15)  # tokens a song
    assert script["assert_same"](path) == songs


def test_it_prints_the_ratio_with_its_spread(script, capsys):
    script["benchmark"](songs=50, repeats=2)
    printed = capsys.readouterr().out
    assert "repeats" in printed
    (row,) = [line for line in printed.splitlines() if "wall: ratio" in line]
    median, lowest, _, highest = row.split()[-4:]
    assert float(lowest) <= float(median) <= float(highest)


def test_readers_that_differ_are_not_compared(script, tmp_path, monkeypatch):
    synthesize(tmp_path, SyntheticSettings(songs=50))
    read = script["read_by_loop"]

    def misread(path):
        words, track_ids, indptr, indices, counts = read(path)
        return words, track_ids, indptr, indices, [counts[0] + 1, *counts[1:]]

    monkeypatch.setitem(script["assert_same"].__globals__, "read_by_loop", misread)
    with pytest.raises(AssertionError):
        script["assert_same"](tmp_path / "mxm_dataset_train.txt")
