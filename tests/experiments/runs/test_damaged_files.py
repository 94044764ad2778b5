"""Every file that a run leaves is damaged at random: it is refused by name, or nothing changes.

The slow form makes 500 damages.
"""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from small_runs import CONFIG

from representation_music.experiments.design.cells import Cell, design
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import read_study
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.grid.progress import progress_of
from representation_music.experiments.runs.folder import (
    LOCK,
    config_of,
    failure_of,
    note_failure,
    state_of,
)
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.summary import run_summary
from representation_music.experiments.studies import find_studies
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.trained_network import TrainedNetwork
from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.learning_curves import draw_learning_curves
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.lock import hold
from representation_music.utils.records import is_finished, read_json, read_runs

FILES = (
    "config.json",
    "record.json",
    "test.json",
    "history.csv",
    "predictions-test.npz",
    "checkpoints/best.npz",
    "failed.json",
    "running",
)
IN_STUDY = ("manifest.jsonl", "study.json")


@pytest.fixture(scope="module")
def study(songs_file, song_dataset, tmp_path_factory):
    """The folder of a study of one run, trained and evaluated; and that of the run."""
    folder = tmp_path_factory.mktemp("study")
    config = dataclasses.replace(CONFIG, dataset=str(songs_file), num_steps=30)
    run = train_run(config, folder, dataset=song_dataset, figures=False)["folder"]
    evaluate_run(run := folder / run, dataset=song_dataset)
    note_failure(run, "out of luck", "", folder / "worker.log")
    with hold(run / LOCK):
        lock = json.loads((run / LOCK).read_bytes())
    # As of a process that was killed, whose number another has now.
    (run / LOCK).write_text(json.dumps(lock | {"started": "1"}))
    write_manifest(folder / "manifest.jsonl", [config])
    cells = design([Cell({"songs": 200}, config)], 1)
    write_json(folder / "study.json", find_studies()["benefit"].content(StudyOptions(), cells))
    return folder, run


def what_is_read(folder, run, dataset):
    """Each reader's result by name, in a form that can be compared; or how it refused."""
    ids = dataset.ids[dataset.split("artist")["test"]][:20]
    readers = {
        "config": lambda: config_of(run),
        "state": lambda: is_finished(run) and state_of(run),
        "summary": lambda: run_summary(run),
        "predictions": lambda: predictions_of(run, ids).tolist(),
        "table": lambda: read_runs([run]).to_json(default_handler=str),
        "curve": lambda: {n: list(v) for n, v in RunHistory.read(run).table.items()},
        "test": lambda: read_json(run / "test.json")["test"],
        "network": lambda: [a.tobytes() for a in TrainedNetwork.load(run).engine.weights()],
        "manifest": lambda: read_manifest(folder / "manifest.jsonl"),
        "study": lambda: read_study(folder),
        "failure": lambda: failure_of(run),
        "progress": lambda: progress_of(run),
    }
    found = {}
    for name, reader in readers.items():
        try:
            found[name] = reader()
        except InputError as error:
            found[name] = error
    return found


def damage(content: bytes, random) -> bytes:
    """The content with bits flipped, cut, zeroed, doubled, or with other digits."""
    place = int(random.integers(len(content)))
    length = int(random.integers(1, 200))
    kind = random.integers(7)
    if kind == 0:
        flipped = bytearray(content)
        flipped[place] ^= 1 << random.integers(8)
        return bytes(flipped)
    if kind == 1:
        return content[:place]
    if kind == 2:
        return b""
    if kind == 3:
        return content[:place] + bytes(length) + content[place + length :]
    if kind == 4:
        return content[: place + length] + content[place:]
    if kind == 5:
        return content[:place] + content[place + length :]
    digits = [n for n, byte in enumerate(content) if 48 <= byte < 58]
    changed = bytearray(content)
    chosen = random.choice(digits)
    changed[chosen] = 48 + (changed[chosen] - 47) % 10
    return bytes(changed)


@pytest.mark.parametrize("number", [20, pytest.param(500, marks=pytest.mark.slow)])
def test_a_damaged_file_of_a_run_is_refused_or_does_no_harm(study, song_dataset, tmp_path, number):
    folder, run = tmp_path / "study", tmp_path / "study" / study[1].name
    shutil.copytree(study[0], folder)
    whole = what_is_read(folder, run, song_dataset)
    assert not [name for name, value in whole.items() if isinstance(value, InputError)]
    random = np.random.default_rng(0)
    places = [run / name for name in FILES] + [folder / name for name in IN_STUDY]
    refused = 0
    for trial in range(number):
        place = places[trial % len(places)]
        content = place.read_bytes()
        place.write_bytes(damage(content, random))
        for name, value in what_is_read(folder, run, song_dataset).items():
            if isinstance(value, InputError):
                assert str(value.place).startswith(str(place)), (trial, name)
                refused += 1
            elif name == "manifest":  # an edited line is another run, of another name
                changed = [config for config in value if config not in whole[name]]
                assert all(c.to_json() != CONFIG.to_json() for c in changed), trial
            elif name in ("failure", "progress"):  # in words
                refused += value != whole[name]
                assert value == whole[name] or name == "progress" or place.name in value[0], trial
            elif name == "network" and value != whole[name]:
                raise AssertionError(trial)
            else:
                assert str(value) == str(whole[name]), (trial, name)
        place.write_bytes(content)
    assert refused > number / 2


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("record.json", b"", "no JSON"),
        ("record.json", b"\0" * 400, "a byte 0"),
        ("record.json", b"\xff\xfe", "no text in UTF-8"),
        ("record.json", b'{"status": "done"}', 'status: found a text "done"'),
        ("history.csv", b"", "no column 'step'"),
        ("history.csv", b"step,epoch\n", "the steps []"),
        ("history.csv", b"step,epoch\n10,1\n5,2\n", "the steps [10, 5]"),
        ("history.csv", b"step,epoch\n10\n", "1 cells"),
        ("history.csv", b"step,epoch\n10,soon\n", "no number"),
        ("history.csv", b"step,epoch\n10,1\n", "1 rows that are not those"),
        ("predictions-test.npz", b"", "a damaged file"),
        ("predictions-test.npz", b"PK\x03\x04", "a damaged file"),
    ],
)
def test_what_is_wrong_with_a_file_and_what_to_do_is_said(
    study, song_dataset, tmp_path, name, content, found
):
    folder, run = tmp_path / "study", tmp_path / "study" / study[1].name
    shutil.copytree(study[0], folder)
    (run / name).write_bytes(content)
    errors = what_is_read(folder, run, song_dataset).values()
    said = [str(error) for error in errors if isinstance(error, InputError)]
    assert said and all(name in text and found in text for text in said)
    assert all("again" in text or "anew" in text for text in said)


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"3", b"[" * 100_000, b'{"reason": "x", "log": 3}', b'{"host": [], "x": 1}'],
)
def test_the_status_survives_whatever_stands_in_a_note_or_a_lock(tmp_path, content):
    for name in ("failed.json", LOCK):
        (tmp_path / name).write_bytes(content)
    assert "no reason can be read" in failure_of(tmp_path)[0]
    assert progress_of(tmp_path) == "just begun (an unknown process)"


def test_predictions_of_the_wrong_shape_are_refused(study, song_dataset, tmp_path):
    run = tmp_path / study[1].name
    shutil.copytree(study[1], run)
    ids = song_dataset.ids[song_dataset.split("artist")["test"]]
    for arrays in (
        {"ids": ids, "task0": np.zeros(3, "f4")},
        {"ids": ids, "task0": np.zeros(len(ids), "i8")},
        {"ids": ids, "task0": np.zeros((len(ids), 1, 1), "f4")},
        {"ids": ids[:0], "task0": np.zeros(0, "f4")},
        {"ids": ids},
        {"task0": np.zeros(3, "f4")},
    ):
        np.savez(run / "predictions-test.npz", **arrays)
        with pytest.raises(InputError, match=r"predictions-test\.npz"):
            predictions_of(run, ids[:5])


def test_an_edited_config_is_refused_by_all_who_read_the_run(study, song_dataset, tmp_path):
    run = tmp_path / study[1].name
    shutil.copytree(study[1], run)
    settings = read_json(run / "config.json")
    write_json(run / "config.json", settings | {"input_transform": "raw"})
    for reader in (
        lambda: evaluate_run(run, dataset=song_dataset),
        lambda: TrainedNetwork.load(run),
        lambda: run_summary(run),
        lambda: config_of(run),
    ):
        with pytest.raises(InputError, match=r"config\.json: found the settings of run-"):
            reader()
    curve = lambda: draw_learning_curves([run], tmp_path / "curves")  # noqa: E731
    for edited in (settings | {"input_transform": "log"}, settings):
        (run / "config.json").write_text(json.dumps(edited))
        readers = (
            curve,
            lambda: RunHistory.read(run),
            lambda: read_runs([run]),
            lambda: run_summary(run),
        )
        for reader in readers:
            with pytest.raises(InputError, match=r"config\.json: found no seal"):
                reader()
    write_json(run / "config.json", settings | {"input_transform": "raw"})
    (run / "record.json").unlink()
    with pytest.raises(InputError, match=r"config\.json: found another run: input_transform"):
        train_run(dataclasses.replace(CONFIG, num_steps=30), tmp_path, dataset=song_dataset)
    write_json(run / "config.json", settings | {"input_transform": "log"})
    with pytest.raises(InputError, match=r'config\.json: input_transform: found a text "log"'):
        evaluate_run(run, dataset=song_dataset)
