"""The benchmark of the lyrics reader compares like with like, on a file like the real ones."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "parse_musixmatch.py"


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("parse_musixmatch", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_synthetic_file_is_about_as_dense_as_the_real_sample(script, tmp_path):
    path = tmp_path / "mxm_dataset_train.txt"
    script.write_synthetic_lyrics(path, 400)
    words, track_ids, indptr, _, counts = script.read_by_loop(path)
    assert (len(words), len(track_ids)) == (5000, 400)
    assert np.diff(indptr).mean() == pytest.approx(84, rel=0.15)  # distinct words a song
    assert sum(counts) / 400 == pytest.approx(230, rel=0.15)  # tokens a song
    assert script.assert_same(path) == 400


def test_it_prints_the_ratio_with_its_spread(script, capsys):
    script.benchmark(songs=50, repeats=2)
    printed = capsys.readouterr().out
    assert "50 songs" in printed
    (row,) = [line for line in printed.splitlines() if "wall: ratio" in line]
    median, lowest, highest = map(float, row.split()[-3:])
    assert lowest <= median <= highest
