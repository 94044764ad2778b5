import numpy as np
import pytest

from representation_music.utils.checkpoint import (
    load_checkpoint,
    load_newest,
    previous_of,
    save_checkpoint,
)
from representation_music.utils.errors import InputError

ARRAYS = [np.arange(600, dtype="f4").reshape(20, 30), np.array(7, "i8"), np.zeros((0, 3), "f4")]
STATE = {"step": 3, "loss": 0.1, "missing": float("nan"), "words": ["niño"]}


def equal(arrays, others) -> bool:
    pairs = zip(arrays, others, strict=True)
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


def test_arrays_and_state_come_back_bit_for_bit(tmp_path):
    save_checkpoint(tmp_path / "latest.npz", ARRAYS, STATE)
    arrays, state = load_checkpoint(tmp_path / "latest.npz")
    assert equal(arrays, ARRAYS)
    assert np.isnan(state.pop("missing")) and state == {k: STATE[k] for k in state}
    assert [path.name for path in tmp_path.iterdir()] == ["latest.npz"]


def test_any_flipped_bit_and_any_cut_is_told_or_does_no_harm(tmp_path):
    path = tmp_path / "latest.npz"
    save_checkpoint(path, ARRAYS, STATE)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0
    for place in rng.integers(0, len(whole), 400):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        for content in (bytes(damaged), whole[:place]):
            path.write_bytes(content)
            try:
                assert equal(load_checkpoint(path)[0], ARRAYS)
            except InputError as error:
                assert error.place == str(path)
                noticed += 1
    assert noticed > 600


def test_the_one_before_is_taken_where_the_newest_is_damaged_or_missing(tmp_path, capsys):
    path = tmp_path / "latest.npz"
    assert load_newest(path) is None
    for step in (1, 2, 3):
        save_checkpoint(path, ARRAYS, {"step": step}, keep_previous=True)
    assert load_newest(path)[1]["step"] == 3
    path.write_bytes(path.read_bytes()[:100])
    assert load_newest(path)[1]["step"] == 2
    assert "passed over" in capsys.readouterr().err
    path.unlink()
    assert load_newest(path)[1]["step"] == 2
    previous_of(path).write_bytes(b"")
    assert load_newest(path) is None


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match=r"best\.npz: found no such file"):
        load_checkpoint(tmp_path / "best.npz")
