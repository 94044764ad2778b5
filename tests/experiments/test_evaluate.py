import dataclasses
import json

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import log_loss
from small_runs import CONFIG

from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.training_loop import Experiment
from representation_music.utils.errors import InputError


def test_evaluation_scores_the_best_weights_on_the_test_songs(straight, song_dataset):
    folder, _ = straight
    result = evaluate_run(folder, dataset=song_dataset)
    written = json.loads((folder / "test.json").read_text())
    assert written["same_data"] and written["fingerprint"] == song_dataset.fingerprint
    with np.load(folder / "predictions-test.npz") as file:
        probability, ids = file["task0"], file["ids"]
    test = song_dataset.split("artist")["test"]
    every = np.array([song_dataset.labels(name)[test] for name in CONFIG.tasks])
    useful = np.isfinite(every).any(axis=0)
    np.testing.assert_array_equal(ids, song_dataset.ids[test[useful]])
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


def test_only_the_best_checkpoint_of_a_finished_run_on_its_own_data_gives_its_result(
    song_dataset, tmp_path
):
    ours = Experiment(CONFIG.replace(patience=0), song_dataset, tmp_path, 0.0)

    def stop_at_once(_step, _text):
        (ours.folder / "stop").touch()

    assert ours.train(stop_at_once)["status"] == "stopped"
    early = evaluate_run(ours.folder, dataset=song_dataset)
    assert early["file"] == f"test-best-step-{early['step']}.json"
    assert not (ours.folder / "test.json").exists()
    (ours.folder / "test.json").write_text("{}")  # as an earlier version left it

    again = Experiment(CONFIG.replace(patience=0), song_dataset, tmp_path, 0.0)
    record = again.train(lambda *_: None)
    assert record["status"] == "finished" and not (ours.folder / "test.json").exists()
    result = evaluate_run(ours.folder, dataset=song_dataset)
    assert result["file"] == "test.json" and result["step"] == record["best_step"]
    assert (
        "latest"
        in evaluate_run(ours.folder / "checkpoints" / "latest.npz", dataset=song_dataset)["file"]
    )


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
        no_genre = {n: c for n, c in song_dataset.columns.items() if n != "genre"}
        evaluate_run(straight[0], dataset=replace(song_dataset, columns=no_genre))


def test_evaluating_on_other_classes_is_refused_and_says_which(straight, song_dataset, tmp_path):
    folder, _ = straight
    genre = song_dataset.columns["genre"]
    others = [f"other {name}" for name in genre.class_names]
    columns = song_dataset.columns | {"genre": dataclasses.replace(genre, class_names=others)}
    renamed = dataclasses.replace(song_dataset, columns=columns)
    with pytest.raises(InputError, match=r"'classes': \['other .*which the checkpoint was"):
        evaluate_run(folder, dataset=renamed)


def test_evaluation_of_no_run_says_so(tmp_path, song_dataset):
    with pytest.raises(InputError, match="no run"):
        evaluate_run(tmp_path, dataset=song_dataset)
