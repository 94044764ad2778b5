import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import log_loss

from representation_music.experiments import engine as module
from representation_music.experiments.config import RunConfig
from representation_music.experiments.evaluate import evaluate_run
from representation_music.experiments.experiment import Experiment
from representation_music.experiments.inputs import RunInputs
from representation_music.experiments.train import train_run
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError

CONFIG = RunConfig(
    tasks=("pop", "year", "genre"),
    widths=(16, 12, 8, 6),
    word_dropout=0.3,
    learning_rate=0.05,
    warmup_steps=5,
    training_size=200,
    batch_size=32,
    num_steps=60,
    evaluate_every=10,
    word_floor=2,
    word_share=0.0,
    patience=0,
)


def run(dataset, runs, checkpoint_seconds=5.0, **values):
    record = Experiment(
        dataclasses.replace(CONFIG, **values), dataset, runs, checkpoint_seconds
    ).train()
    (folder,) = runs.iterdir()
    return folder, record


def bits(folder) -> list[bytes]:
    """What a run's result is: weights, optimizer and history."""
    arrays = [
        array.tobytes()
        for name in ("best", "latest")
        for array in load_checkpoint(folder / "checkpoints" / f"{name}.npz")[0]
    ]
    return [*arrays, (folder / "history.csv").read_bytes()]


def history(folder) -> list[dict]:
    with open(folder / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


class Stopping(Exception):
    pass


def stop_at(step):
    def advance(done, _text):
        if done >= step:
            raise Stopping

    return advance


@pytest.fixture(scope="module")
def straight(song_dataset, tmp_path_factory):
    """The folder and record of a run that nothing interrupted."""
    return run(song_dataset, tmp_path_factory.mktemp("straight"))


def test_history_is_the_checkpoints_row_by_row(straight):
    folder, _ = straight
    _, state = load_checkpoint(folder / "checkpoints" / "latest.npz")
    rows = history(folder)
    assert [int(row["step"]) for row in rows] == [10, 20, 30, 40, 50, 60]
    assert len(state["history"]) == 6 and state["step"] == 60
    for row, saved in zip(rows, state["history"], strict=True):
        assert list(row) == list(saved)
        assert [float(value) for value in row.values()] == pytest.approx(
            list(saved.values()), rel=0, abs=0, nan_ok=True
        )
    assert float(rows[0]["epoch"]) == pytest.approx(10 / 7)  # 200 songs, 7 batches of 32


def test_the_record_tells_what_was_trained_on_what_and_how_well_beside_the_constant(
    straight, song_dataset
):
    folder, returned = straight
    record = json.loads((folder / "record.json").read_text())
    assert record["status"] == "finished" and record["steps"] == 60
    assert record["fingerprint"] == song_dataset.fingerprint
    assert record["data"] == "synthetic songs (600 songs)" and record["data_kind"] == "synthetic"
    assert record["training_songs"] == record["training_labels"]["pop"] == 200
    rows = history(folder)
    best = min(rows, key=lambda row: float(row["validation_log_loss:pop"]))
    assert record["best_step"] == int(best["step"]) and record["stopping_metric"] == "log_loss"
    # The constant predictor a second time, from the labels.
    ours = Experiment(CONFIG, song_dataset, folder.parent)
    labels = song_dataset.labels("pop")
    rate = labels[ours.inputs.songs.positions].mean()
    validation = labels[song_dataset.split("artist")["validation"]]
    validation = validation[np.isfinite(validation)]
    scored = record["validation"]["pop"]
    assert scored["songs"] == len(validation)
    expected = log_loss(validation, np.full(len(validation), rate))
    assert scored["constant"]["log_loss"] == pytest.approx(expected)
    assert scored["network"]["log_loss"] == pytest.approx(float(best["validation_log_loss:pop"]))
    assert scored["network"]["skill"] > 0.05 and "pop: better than" in record["verdict"]
    assert returned["validation"].keys() == {"pop", "year", "genre"}


def test_best_weights_are_those_of_the_best_step(straight, song_dataset, tmp_path):
    folder, record = straight
    weights, state = load_checkpoint(folder / "checkpoints" / "best.npz")
    assert state["step"] == record["best_step"]
    shorter, _ = run(song_dataset, tmp_path, num_steps=record["best_step"])
    latest, _ = load_checkpoint(shorter / "checkpoints" / "latest.npz")
    assert all(np.array_equal(a, b) for a, b in zip(weights, latest, strict=False))


def test_the_same_config_gives_the_same_bits_after_other_runs_and_in_another_engine(
    straight, song_dataset, tmp_path
):
    run(song_dataset, tmp_path / "other", seed=9, num_steps=20, learning_rate=0.3)
    again, _ = run(song_dataset, tmp_path / "again")
    assert bits(again) == bits(straight[0])
    module._ENGINES.clear()
    anew, _ = run(song_dataset, tmp_path / "anew")
    assert bits(anew) == bits(straight[0])


def test_another_seed_gives_other_bits(straight, song_dataset, tmp_path):
    folder, _ = run(song_dataset, tmp_path, seed=1)
    assert (folder / "history.csv").read_bytes() != (straight[0] / "history.csv").read_bytes()


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 1000.0])
def test_a_run_that_died_resumes_to_the_same_bits(
    straight, song_dataset, tmp_path, checkpoint_seconds
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, checkpoint_seconds)
    with pytest.raises(Stopping):
        ours.train(stop_at(30))
    assert (ours.folder / "checkpoints" / "latest.npz").exists() == (checkpoint_seconds == 0)
    folder, record = run(song_dataset, tmp_path)
    assert record["status"] == "finished" and bits(folder) == bits(straight[0])


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(bytes(content))


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


@pytest.mark.parametrize(
    ("damaged", "damage"),
    [
        (("latest",), cut),
        (("latest",), flip),
        (("latest",), empty),
        (("latest",), remove),
        (("latest", "latest.previous"), cut),
        (("best",), flip),
        (("best",), remove),
    ],
)
def test_damaged_checkpoints_are_passed_over_and_the_bits_stay_the_same(
    straight, song_dataset, tmp_path, damage, damaged
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(40))
    for name in damaged:
        damage(ours.folder / "checkpoints" / f"{name}.npz")
    steps = []
    Experiment(CONFIG, song_dataset, tmp_path).train(lambda step, _: steps.append(step))
    assert steps[0] == (40 if damaged == ("latest",) else 10)
    assert bits(ours.folder) == bits(straight[0])


def test_old_checkpoints_do_not_speak_for_best_weights_that_were_lost(
    straight, song_dataset, tmp_path
):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(50))
    checkpoints = ours.folder / "checkpoints"
    cut(checkpoints / "best.npz")
    with pytest.raises(Stopping):  # starts anew; `latest.previous` is of step 50
        Experiment(CONFIG, song_dataset, tmp_path, 0.0).train(stop_at(10))
    assert load_checkpoint(checkpoints / "latest.previous.npz")[1]["step"] == 50
    cut(checkpoints / "latest.npz")
    folder, _ = run(song_dataset, tmp_path)
    assert bits(folder) == bits(straight[0])


def test_a_stop_file_ends_a_run_saved_after_the_current_epoch(straight, song_dataset, tmp_path):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 1000.0)
    record = ours.train(lambda step, _: (ours.folder / "stop").touch() if step == 20 else None)
    assert record["status"] == "stopped" and record["steps"] == 20
    assert "stop" in record["stopped_by"] and not (ours.folder / "stop").exists()
    folder, record = run(song_dataset, tmp_path)
    assert record["status"] == "finished" and bits(folder) == bits(straight[0])


def test_a_finished_run_is_not_run_again(straight, song_dataset):
    before = (straight[0] / "record.json").read_bytes()
    record = train_run(CONFIG, straight[0].parent, dataset=song_dataset)
    assert record["folder"] == str(straight[0]) and record["steps"] == 60
    assert (straight[0] / "record.json").read_bytes() == before


def test_another_config_in_the_folder_is_refused_by_what_differs(song_dataset, tmp_path):
    ours = Experiment(CONFIG, song_dataset, tmp_path)
    ours.folder.mkdir()
    there = dataclasses.replace(CONFIG, learning_rate=0.25, experiment_name="other").to_json()
    there |= {"fingerprint": song_dataset.fingerprint}
    (ours.folder / "config.json").write_text(json.dumps(there))
    with pytest.raises(InputError) as error:
        ours.train()
    assert "learning_rate 0.25 (ours 0.05)" in str(error.value)
    assert "experiment_name" not in str(error.value)
    assert not (ours.folder / "checkpoints").exists()


def test_with_one_task_every_architecture_is_the_same_run(song_dataset, tmp_path):
    options = {"tasks": ("pop",), "num_steps": 20}
    first, _ = run(song_dataset, tmp_path, architecture="no_sharing", **options)
    before = bits(first)
    again, record = run(song_dataset, tmp_path, architecture="PSSS", **options)
    assert again == first and record["status"] == "finished"
    elsewhere, _ = run(song_dataset, tmp_path / "2", architecture="PSSS", **options)
    assert elsewhere.name == first.name and bits(elsewhere) == before


def with_other_test_songs(dataset):
    """The same songs, but what can be changed of the test split is changed."""
    test = dataset.split("artist")["test"]
    counts = dataset.counts.toarray()
    counts[test] = np.random.default_rng(3).poisson(2, (len(test), counts.shape[1]))
    numeric = {name: values.copy() for name, values in dataset.numeric.items()}
    numeric["year"][test] = 1900
    genre = dataset.genre.copy()
    genre[test] = 0
    known = dataset.tag_known.copy()
    known[test] = False
    lengths = np.where(known, np.diff(dataset.tag_indptr), 0)
    kept = np.repeat(known, np.diff(dataset.tag_indptr))
    return dataclasses.replace(
        dataset,
        counts=csr_array(counts.astype("f4")),
        numeric=numeric,
        genre=genre,
        tag_known=known,
        tag_indptr=np.concatenate([[0], np.cumsum(lengths)]),
        tag_indices=dataset.tag_indices[kept],
    )


def test_training_never_looks_at_the_test_split(straight, song_dataset, tmp_path):
    other = with_other_test_songs(song_dataset)
    assert other.fingerprint != song_dataset.fingerprint
    folder, record = run(other, tmp_path)
    assert bits(folder) == bits(straight[0])
    assert record["validation"] == straight[1]["validation"]
    with pytest.raises(InputError, match="no label in the test part"):
        evaluate_run(folder, dataset=other)


def test_a_target_without_validation_labels_is_refused(song_dataset, tmp_path):
    year = song_dataset.numeric["year"].copy()
    year[song_dataset.split("artist")["validation"]] = np.nan
    dataset = dataclasses.replace(song_dataset, numeric=song_dataset.numeric | {"year": year})
    with pytest.raises(InputError, match="no label in the validation part"):
        run(dataset, tmp_path, tasks=("year", "pop"))


def test_all_arms_stop_on_the_same_songs(song_dataset, tmp_path):
    chosen = []
    for tasks in (("year",), ("year", "pop"), ("year", "genre", "loudness")):
        for seed in (0, 1):
            config = dataclasses.replace(CONFIG, tasks=tasks, seed=seed, validation_size=30)
            ours = RunInputs(config, song_dataset)
            chosen.append(ours.labelled(ours.positions("validation", 30)).labels[0])
    assert np.isfinite(chosen).all() and np.shape(chosen) == (6, 30)
    assert (np.array(chosen) == chosen[0]).all()


def test_patience_ends_a_run_and_the_best_step_came_that_much_earlier(song_dataset, tmp_path):
    options = {"num_steps": 2000, "patience": 3, "learning_rate": 0.3}
    folder, record = run(song_dataset, tmp_path, **options)
    assert record["status"] == "finished" and record["steps"] < 2000
    assert record["steps"] - record["best_step"] == 3 * 10
    losses = [float(row["validation_log_loss:pop"]) for row in history(folder)]
    assert int(np.argmin(losses)) == len(losses) - 4


def test_a_budget_in_epochs_counts_passes_over_the_songs(song_dataset, tmp_path):
    folder, record = run(song_dataset, tmp_path, num_epochs=5, evaluate_every=2)
    assert record["steps"] == 5 * 7
    assert [float(row["epoch"]) for row in history(folder)] == [2, 4, 5]


def test_a_metric_that_the_targets_kind_has_not_is_refused(song_dataset, tmp_path):
    with pytest.raises(InputError, match="rmse"):
        run(song_dataset, tmp_path, tasks=("year",), stopping_metric="auc")


def test_training_that_diverges_says_so(song_dataset, tmp_path):
    _, record = run(song_dataset, tmp_path, optimizer="momentum", learning_rate=1e30)
    assert "not finite" in record["verdict"]


def test_evaluation_scores_the_best_weights_on_the_test_songs(straight, song_dataset):
    folder, _ = straight
    result = evaluate_run(folder, dataset=song_dataset)
    written = json.loads((folder / "test.json").read_text())
    assert written["same_data"] and written["fingerprint"] == song_dataset.fingerprint
    with np.load(folder / "predictions-test.npz") as file:
        probability, ids = file["task0"], file["track_ids"]
    test = song_dataset.split("artist")["test"]
    every = np.array([song_dataset.labels(name)[test] for name in CONFIG.tasks])
    useful = np.isfinite(every).any(axis=0)
    np.testing.assert_array_equal(ids, song_dataset.track_ids[test[useful]])
    labels = every[0, useful]
    known = np.isfinite(labels)
    expected = log_loss(labels[known], probability[known].astype("f8"))
    assert result["test"]["pop"]["network"]["log_loss"] == pytest.approx(expected, rel=1e-5)
    assert result["test"]["pop"]["songs"] == known.sum()


def test_any_checkpoint_of_a_run_can_be_evaluated(straight, song_dataset):
    checkpoints = straight[0] / "checkpoints"
    steps = [
        evaluate_run(checkpoints / f"{name}.npz", dataset=song_dataset)["step"]
        for name in ("latest", "best")
    ]
    assert steps == [60, straight[1]["best_step"]]


def test_evaluation_refuses_other_words_other_training_songs_and_other_tasks(
    straight, song_dataset
):
    replace = dataclasses.replace
    words = ["other", *song_dataset.words[1:]]
    with pytest.raises(InputError, match="words"):
        evaluate_run(straight[0], dataset=replace(song_dataset, words=words))
    with pytest.raises(InputError, match="whitening"):
        other = csr_array(song_dataset.counts.toarray()[::-1])
        evaluate_run(straight[0], dataset=replace(song_dataset, counts=other))
    with pytest.raises(InputError, match="genre"):
        no_genre = np.full_like(song_dataset.genre, -1)
        evaluate_run(straight[0], dataset=replace(song_dataset, genre=no_genre, genre_names=[]))


def test_evaluation_of_no_run_says_so(tmp_path, song_dataset):
    with pytest.raises(InputError, match="no run"):
        evaluate_run(tmp_path, dataset=song_dataset)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["PPPP", "SSPP", "PSSS", "SPSS"])
@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("year", {"input_transform": "log1p", "optimizer": "adam", "learning_rate": 0.005}),
        ("pop", {"target_batch_size": 16, "auxiliary_size": 100, "task_weights": (0.5, 1.0, 1.0)}),
        ("genre", {"batch_normalization": True, "whitening": "split", "merge": "mean"}),
    ],
)
def test_each_architecture_learns_each_kind_of_task(
    song_dataset, tmp_path, architecture, target, options
):
    tasks = (target, *(task for task in CONFIG.tasks if task != target))
    options |= {"dropout": (0.0, 0.0, 0.1, 0.1), "widths": (32, 24, 16, 12), "num_steps": 300}
    folder, record = run(song_dataset, tmp_path, architecture=architecture, tasks=tasks, **options)
    result = evaluate_run(folder, dataset=song_dataset)
    assert record["validation"][target]["network"]["skill"] > 0.1
    assert result["test"][target]["network"]["skill"] > 0.1


def test_evaluating_on_other_classes_is_refused_and_says_which(straight, song_dataset, tmp_path):
    folder, _ = straight
    renamed = dataclasses.replace(
        song_dataset, genre_names=[f"other {name}" for name in song_dataset.genre_names]
    )
    with pytest.raises(InputError, match=r"'classes': \['other .*which the checkpoint was"):
        evaluate_run(folder, dataset=renamed)


def test_only_the_best_checkpoint_of_a_finished_run_on_its_own_data_gives_its_result(
    song_dataset, tmp_path
):
    ours = Experiment(dataclasses.replace(CONFIG, patience=0), song_dataset, tmp_path, 0.0)

    def stop_at_once(_step, _text):
        (ours.folder / "stop").touch()

    assert ours.train(stop_at_once)["status"] == "stopped"
    early = evaluate_run(ours.folder, dataset=song_dataset)
    assert early["file"] == f"test-best-step-{early['step']}.json"
    assert not (ours.folder / "test.json").exists()
    (ours.folder / "test.json").write_text("{}")  # as an earlier version left it

    again = Experiment(dataclasses.replace(CONFIG, patience=0), song_dataset, tmp_path, 0.0)
    record = again.train(lambda *_: None)
    assert record["status"] == "finished" and not (ours.folder / "test.json").exists()
    result = evaluate_run(ours.folder, dataset=song_dataset)
    assert result["file"] == "test.json" and result["step"] == record["best_step"]
    assert (
        "latest"
        in evaluate_run(ours.folder / "checkpoints" / "latest.npz", dataset=song_dataset)["file"]
    )


def test_a_diverged_run_says_so_and_draws_its_curves(song_dataset, tmp_path):
    config = dataclasses.replace(CONFIG, learning_rate=1e30, warmup_steps=0)
    record = train_run(config, tmp_path, dataset=song_dataset)
    assert "not finite" in record["verdict"]
    assert (Path(record["folder"]) / "error-curves.png").exists()
    text = (Path(record["folder"]) / "record.json").read_text()
    assert "NaN" not in text and '"log_loss": null' in text


def test_damaged_files_of_a_run_are_named(song_dataset, tmp_path):
    folder, _ = run(song_dataset, tmp_path, num_steps=20)
    for name in ("record.json", "config.json"):
        whole = (folder / name).read_text()
        (folder / name).write_text(whole[:20])
        with pytest.raises(InputError, match=name):
            if name == "record.json":
                train_run(dataclasses.replace(CONFIG, num_steps=20), tmp_path, dataset=song_dataset)
            else:
                Experiment(
                    dataclasses.replace(CONFIG, num_steps=20), song_dataset, tmp_path
                ).train()
        (folder / name).write_text(whole)
