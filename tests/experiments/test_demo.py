import dataclasses
import json

import pytest

from representation_music.experiments import demo
from representation_music.experiments.demo import train_architectures
from representation_music.experiments.runs.config import DEFAULT

TASKS = ("pop", "ballad")


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "unrendered")
def test_a_demo_trains_four_architectures_and_prints_their_test_scores(
    song_dataset, tmp_path, monkeypatch, capsys
):
    song_dataset.save(tmp_path / "songs.h5")
    monkeypatch.setattr(demo, "DEFAULT", DEFAULT.replace(widths=(8, 8, 4, 4)))
    monkeypatch.setattr(demo, "SYNTHETIC_STEPS", 4)
    runs = tmp_path / "demo/runs"
    assert train_architectures(tmp_path / "songs.h5", runs, TASKS) == 0
    told = capsys.readouterr().out
    scores = {
        path.parent.name: json.loads(path.read_text())["test"]["pop"]["network"]["auc"]
        for path in runs.glob("*/test.json")
    }
    assert len(scores) == 4
    for run, auc in scores.items():
        (row,) = [row for row in told.splitlines() if run.split("-")[0] in row and " M" in row]
        assert f"{auc:.4f}".lstrip("0") in row
    assert (tmp_path / "demo/by-architecture.png").exists()

    # A second time nothing is trained, and the table is the same.
    train_architectures(tmp_path / "songs.h5", runs, TASKS)
    again = capsys.readouterr().out
    assert "4 runs, of which 4 are done already" in again
    assert told.split("Test split")[1] == again.split("Test split")[1]


@pytest.mark.parametrize(("kind", "steps"), [("synthetic", 450), ("sample", 3000)])
def test_nets_on_real_songs_have_the_whole_budget(song_dataset, tmp_path, monkeypatch, kind, steps):
    dataclasses.replace(song_dataset, kind=kind).save(tmp_path / "songs.h5")
    begun = []
    monkeypatch.setattr(
        "representation_music.experiments.grid.pool.run_all",
        lambda configs, *_, **__: begun.extend(configs) or 75,
    )
    assert train_architectures(tmp_path / "songs.h5", tmp_path / "runs", TASKS) == 75
    assert [config.num_steps for config in begun] == [steps] * 4
