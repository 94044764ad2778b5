import json

import pytest

from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.grid.manifest import (
    by_engine,
    chosen_lines,
    engine_signature,
    read_manifest,
    write_manifest,
)
from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.errors import InputError

CONFIG = DEFAULT.replace(tasks=("classification", "regression 1"), widths=(8, 8, 4, 4))


@pytest.fixture(autouse=True)
def songs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    songs = noise_songs()
    songs.save(tmp_path / CONFIG.dataset)
    return songs


def with_settings(**settings):
    return CONFIG.replace(**settings)


def test_a_manifest_keeps_every_setting_of_every_run(tmp_path):
    runs = [with_settings(seed=3, learning_rate=0.1 + 0.2), with_settings(task_weights=(1.0, 0.0))]
    write_manifest(tmp_path / "manifest.jsonl", runs)
    assert read_manifest(tmp_path / "manifest.jsonl") == runs


def test_runs_that_share_an_engine_stand_together_in_the_order_given(tmp_path):
    wide = (16, 8, 4, 4)
    runs = [
        with_settings(seed=0),
        with_settings(seed=0, widths=wide),
        with_settings(seed=1, learning_rate=0.5),
        with_settings(seed=0, tasks=("classification", "regression 2")),  # the same heads
        with_settings(seed=1, widths=wide),
    ]
    write_manifest(tmp_path / "manifest.jsonl", runs)
    assert read_manifest(tmp_path / "manifest.jsonl") == [runs[n] for n in (0, 2, 3, 1, 4)]


def test_a_worker_keeps_its_engine_over_all_sizes_and_seeds(songs):
    sizes = [with_settings(seed=seed, training_size=size) for seed in (0, 1) for size in (50, 100)]
    assert len({engine_signature(config, songs) for config in sizes}) == 1
    # Runs of a size use as many words, mostly: in the manifest they stand together.
    assert [c.training_size for c in by_engine(sizes)] == [50, 50, 100, 100]
    other = [with_settings(word_floor=50), with_settings(architecture="no_sharing")]
    assert not {engine_signature(c, songs) for c in other} & {engine_signature(sizes[0], songs)}


def test_a_run_that_two_cells_name_is_written_once(tmp_path):
    write_manifest(tmp_path / "manifest.jsonl", [CONFIG, with_settings(seed=1), CONFIG])
    assert len((tmp_path / "manifest.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{", "no JSON"),
        ('{"seed": 1, "seed": 2}', "occurs twice"),
        ("[1]", "a list"),
        ('{"sede": 1}', "['sede']"),
        ('{"batch_size": 0}', ": batch_size: found 0"),
        ('{"batch_size": "64"}', 'batch_size: found a text "64", expected a whole number'),
        ('{"batch_size": true}', "batch_size: found a truth value true"),
        ('{"learning_rate": "0.1"}', "learning_rate: found a text"),
        ('{"batch_normalization": 1}', "expected true or false"),
        ('{"batch_normalization": "false"}', "expected true or false"),
        ('{"input_transform": "log"}', 'input_transform: found a text "log", expected one of raw'),
        ('{"widths": [8, 8, 4.5, 4]}', "widths[2]: found 4.5"),
        ('{"tasks": "pop"}', "tasks: found a text"),
        ('{"l2": Infinity}', "l2: found Infinity, expected a finite number"),
        ('{"dataset": null}', "dataset: found null, expected a text"),
        ("\n{}", "no JSON"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path, line, found):
    path = tmp_path / "manifest.jsonl"
    path.write_text(json.dumps(CONFIG.to_json()) + f"\n{line}\n")
    with pytest.raises(InputError) as error:
        read_manifest(path)
    assert error.value.place.startswith(f"{path}:2")
    assert found in str(error.value)


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_or_empty_manifest_is_bad_input(tmp_path, content):
    path = tmp_path / "manifest.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=r"manifest\.jsonl"):
        read_manifest(path)


def test_lines_are_counted_from_1_and_end_with_the_manifest():
    assert list(chosen_lines("2-4", 10)) == [1, 2, 3]
    assert list(chosen_lines("10", 10)) == [9]
    assert list(chosen_lines("9-16", 10)) == [8, 9]


@pytest.mark.parametrize("text", ["0-3", "11-12", "4-2", "a-b", "3-", "-3", "1,2"])
def test_other_words_for_lines_are_refused(text):
    with pytest.raises(InputError, match="--lines"):
        chosen_lines(text, 10)


def test_a_manifest_with_a_byte_order_mark_and_blank_last_lines_is_read(tmp_path):
    write_manifest(tmp_path / "manifest.jsonl", runs := [CONFIG, with_settings(seed=1)])
    text = (tmp_path / "manifest.jsonl").read_bytes()
    (tmp_path / "manifest.jsonl").write_bytes(b"\xef\xbb\xbf" + text + b"\r\n  \n")
    assert read_manifest(tmp_path / "manifest.jsonl") == runs
