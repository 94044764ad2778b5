import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import csr_array
from sklearn.metrics import log_loss, r2_score
from small_runs import CONFIG, assert_logged, bits, history, run, with_values
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training import engine as module
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.inputs import RunInputs
from representation_music.experiments.training.scoring import fitted_scale
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.training_loop import Experiment
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError


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
    best = max(rows, key=lambda row: float(row["validation_auc:pop"]))
    assert record["best_step"] == int(best["step"]) and record["stopping_metric"] == "auc"
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


def test_a_finished_run_is_scored_on_a_bounded_sample(song_dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "representation_music.experiments.training.training_loop.FINAL_VALIDATION", 40
    )
    experiment = Experiment(CONFIG, song_dataset, tmp_path)
    scored = experiment.train()["validation"][CONFIG.target]["network"]
    songs = experiment.inputs.labelled(experiment.inputs.positions("validation", 40))
    assert len(songs.labels[0]) == 40 < len(experiment.inputs.positions("validation"))
    assert scored == experiment.network_scores(songs)[CONFIG.target]


def test_one_event_an_evaluation_holds_the_rows_of_the_history(straight):
    folder, _ = straight
    assert_logged(folder)


def test_every_checkpoint_has_the_events_before_it_on_disk(song_dataset, tmp_path):
    def compare(step, _text):  # what a kill -9 would leave right now
        events = EventAccumulator(str(experiment.folder / "tensorboard")).Reload()
        assert events.Scalars("training_loss/pop")[-1].step == step
        seen.append(step)

    experiment, seen = Experiment(CONFIG, song_dataset, tmp_path, 0.0), []
    experiment.train(compare)
    assert seen == list(range(10, 70, 10))


def test_best_weights_are_those_of_the_best_step(straight, song_dataset, tmp_path):
    folder, record = straight
    weights, state = load_checkpoint(folder / "checkpoints" / "best.npz")
    assert state["step"] == record["best_step"]
    shorter, _ = run(song_dataset, tmp_path, num_steps=record["best_step"])
    latest, _ = load_checkpoint(shorter / "checkpoints" / "latest.npz")
    assert all(np.array_equal(a, b) for a, b in zip(weights, latest, strict=False))


def test_averaging_keeps_the_weighted_mean_of_the_weights_at_evaluations(song_dataset, tmp_path):
    options = {"training_size": 100, "num_steps": 30, "stopping_metric": "log_loss"}
    at = {}
    for step in (10, 20, 30):
        latest = run(song_dataset, tmp_path / str(step), **options | {"num_steps": step})[0]
        at[step], _ = load_checkpoint(latest / "checkpoints" / "latest.npz")
    folder, record = run(song_dataset, tmp_path / "mean", averaging=1, **options)
    assert record["best_step"] == 30
    kept, _ = load_checkpoint(folder / "checkpoints" / "best.npz")
    latest, _ = load_checkpoint(folder / "checkpoints" / "latest.npz")
    # Shares 1, 2/3 and 2/4 of the newest: the weights of the three are 1, 2 and 3 sixths.
    for mean, one, two, three, last in zip(kept, *at.values(), latest, strict=False):
        if mean.dtype == np.float32:
            np.testing.assert_allclose(mean, (one + 2 * two + 3 * three) / 6, rtol=1e-4, atol=1e-6)
        assert np.array_equal(three, last)  # training itself goes on as without
    both = [folder, folder / "checkpoints" / "latest.npz"]
    best, latest = (evaluate_run(place, dataset=song_dataset)["test"] for place in both)
    assert best == latest


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


def with_other_test_songs(dataset):
    """The same songs, but what can be changed of the test split is changed."""
    test = dataset.split("artist")["test"]
    counts = dataset.counts.toarray()
    counts[test] = np.random.default_rng(3).poisson(2, (len(test), counts.shape[1]))
    year, genre = dataset.labels("year").copy(), dataset.labels("genre").copy()
    year[test], genre[test] = 1900, 0
    known = dataset.tags.known.copy()
    known[test] = False
    carried = csr_array(dataset.tags.carried.toarray() * known[:, None])
    return dataclasses.replace(
        dataset,
        counts=csr_array(counts.astype("f4")),
        columns=with_values(dataset, year=year, genre=genre),
        tags=dataclasses.replace(dataset.tags, known=known, carried=carried),
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
    year = song_dataset.labels("year").copy()
    year[song_dataset.split("artist")["validation"]] = np.nan
    dataset = dataclasses.replace(song_dataset, columns=with_values(song_dataset, year=year))
    with pytest.raises(InputError, match="no label in the validation part"):
        run(dataset, tmp_path, tasks=("year", "pop"))


def stopping(song_dataset, **values) -> np.ndarray:
    return RunInputs(CONFIG.replace(**values), song_dataset).stopping_positions()


def test_all_arms_of_a_seed_stop_on_the_same_songs(song_dataset):
    for seed in (0, 1):
        chosen = [
            stopping(song_dataset, tasks=tasks, seed=seed, validation_labels=30)
            for tasks in (("year",), ("year", "pop"), ("year", "genre", "loudness"))
        ]
        assert np.shape(chosen) == (3, 30)
        assert (np.array(chosen) == chosen[0]).all()
        assert np.isfinite(song_dataset.labels("year")[chosen[0]]).all()
    assert set(chosen[0]) != set(stopping(song_dataset, tasks=("year",), validation_labels=30))


def test_stopping_sees_no_more_labels_than_training_but_for_a_hundred(song_dataset):
    code = np.resize([0, 1, 1], song_dataset.num_songs).astype(np.int8)
    resplit = dataclasses.replace(song_dataset, splits={"artist": code})
    labels = resplit.labels("pop")
    known = np.isfinite(labels[resplit.split("artist")["validation"]]).sum()
    assert known > 200
    for size, expected in ((10, 100), (150, 150)):
        seen = stopping(resplit, training_size=size)
        assert len(seen) == np.isfinite(labels[seen]).sum() == expected
    assert len(stopping(resplit, training_size=10, validation_labels=120)) == 120
    assert len(stopping(resplit, validation_labels=120, validation_size=40)) == 40
    # Where labels are too few, songs with another task's label make up the number.
    seen = stopping(resplit, validation_size=0, validation_labels=known + 10)
    assert len(seen) == known + 10 and np.isfinite(labels[seen]).sum() == known


def test_where_the_stopping_metric_is_undefined_the_loss_stands_in(song_dataset, tmp_path):
    experiment = Experiment(CONFIG, song_dataset, tmp_path)
    rows = [
        {"validation_auc:pop": auc, "validation_log_loss:pop": loss}
        for auc, loss in ((np.nan, 0.7), (np.nan, 0.5), (np.nan, 0.6))
    ]
    assert experiment.history.best_of(rows) == 1  # as where all validation songs carry the tag
    rows.append({"validation_auc:pop": 0.6, "validation_log_loss:pop": 0.8})
    assert experiment.history.best_of(rows) == 3


def test_patience_ends_a_run_and_the_best_step_came_that_much_earlier(song_dataset, tmp_path):
    options = {"num_steps": 2000, "patience": 3, "min_steps": 0, "learning_rate": 0.3}
    folder, record = run(song_dataset, tmp_path, **options)
    assert record["status"] == "finished" and record["steps"] < 2000
    assert record["steps"] - record["best_step"] == 3 * 10
    scores = [float(row["validation_auc:pop"]) for row in history(folder)]
    assert int(np.argmax(scores)) == len(scores) - 4


def test_patience_ends_no_run_before_its_least_steps(song_dataset, tmp_path):
    options = {"num_steps": 2000, "patience": 1, "min_steps": 70, "learning_rate": 0.3}
    _, record = run(song_dataset, tmp_path, num_epochs=0, **options)
    assert 70 <= record["steps"] < 2000


def test_a_budget_in_epochs_counts_passes_over_the_songs(song_dataset, tmp_path):
    folder, record = run(song_dataset, tmp_path, num_epochs=5, evaluate_every=2)
    assert record["steps"] == 5 * 7
    assert [float(row["epoch"]) for row in history(folder)] == [2, 4, 5]


def test_a_metric_that_the_targets_kind_has_not_is_refused(song_dataset, tmp_path):
    with pytest.raises(InputError, match="rmse"):
        run(song_dataset, tmp_path, tasks=("year",), stopping_metric="auc")


@pytest.mark.slow
def test_training_that_diverges_says_so(song_dataset, tmp_path):
    _, record = run(song_dataset, tmp_path, optimizer="momentum", learning_rate=1e30)
    assert "not finite" in record["verdict"]


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


@pytest.mark.usefixtures("unrendered")
def test_a_diverged_run_says_so_and_draws_its_curves(song_dataset, tmp_path):
    config = CONFIG.replace(learning_rate=1e30, warmup_steps=0)
    record = train_run(config, tmp_path, dataset=song_dataset)
    assert "not finite" in record["verdict"]
    assert (Path(record["folder"]) / "error-curves.png").exists()
    text = (Path(record["folder"]) / "record.json").read_text()
    assert "NaN" not in text and '"log_loss": null' in text


def dead_units(experiment) -> list[float]:
    """Share of each hidden layer's units that are 0 for every validation song."""
    network, songs = experiment.trainer.engine.network, experiment.samples["validation"].tensors
    rows = tf.range(songs.starts.shape[0] - 1, dtype=tf.int64)
    values = network.hidden[0](
        module.bags_of_words(songs, rows, experiment.trainer.engine.num_words)
    )
    shares = []
    for depth, layer in enumerate(network.hidden):
        values = tf.nn.relu(layer(values) if depth else values)
        shares.append(float(np.mean(values.numpy().max(axis=1) <= 0)))
    return shares


@pytest.mark.slow
def test_heads_of_zero_keep_the_units_of_layers_alive_that_regressions_share(tmp_path):
    dead = {}
    for head_weights in ("drawn", "zero"):
        config = DEFAULT.replace(
            tasks=NOISE_TASKS[:3],
            architecture="SSSS",
            training_size=300,
            num_steps=60,
            evaluate_every=60,
            head_weights=head_weights,
        )
        experiment = Experiment(config, noise_songs(), tmp_path)
        experiment.train()
        dead[head_weights] = max(dead_units(experiment))
    assert dead["zero"] < 0.1 and dead["drawn"] > 0.3, dead


def test_regressions_are_rescaled_to_the_labels_that_stopping_sees_and_training_is_not(
    song_dataset, tmp_path
):
    options = {"tasks": ("year", "pop"), "word_dropout": 0.8}
    plain, _ = run(song_dataset, tmp_path / "plain", rescale_predictions=False, **options)
    folder, record = run(song_dataset, tmp_path / "ours", **options)
    for one, other in zip(bits(plain)[-20:-1], bits(folder)[-20:-1], strict=True):
        assert one == other
    ours = Experiment(CONFIG.replace(**options), song_dataset, tmp_path)
    weights, state = load_checkpoint(folder / "checkpoints" / "best.npz")
    ours.trainer.engine.restore_weights(weights)
    songs = ours.samples["validation"]
    predictions, _ = ours.trainer.predictions(songs)  # as training scales them
    offset, factor = fitted_scale(songs.labels[0], predictions)
    assert factor > 1.2
    mean, sd = ours.inputs.scales[0]
    np.testing.assert_allclose(state["scales"], [(offset + factor * mean, factor * sd), (0, 1)])
    known = np.isfinite(songs.labels[0])
    expected = r2_score(songs.labels[0][known], offset + factor * predictions[known])
    best = next(row for row in history(folder) if int(row["step"]) == record["best_step"])
    assert float(best["validation_r2:year"]) == pytest.approx(expected, abs=1e-5)
    assert expected > r2_score(songs.labels[0][known], predictions[known])
    # What is evaluated is scaled as what was chosen.
    evaluate_run(folder, dataset=song_dataset)
    with np.load(folder / "predictions-test.npz") as file:
        found = file["task0"]
    test = ours.inputs.labelled(ours.inputs.positions("test"))
    raw, _ = ours.trainer.predictions(test)
    np.testing.assert_allclose(found, offset + factor * raw, rtol=1e-4)
