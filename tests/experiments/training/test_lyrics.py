import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training import linear_inputs
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.inputs import RunInputs
from representation_music.experiments.training.lyrics import Words, components, lyric_labels
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError

RECIPES = ("linear model", "lyrics only", "linear multi-task")
TASKS = ("target", "near", "kinds")
#: 60 songs with the target's label, and 500 with auxiliary labels only.
ARM = RunConfig(tasks=TASKS, training_size=60, auxiliary_size=500, seed=3, num_steps=4, min_steps=0)


@pytest.fixture(scope="module")
def songs():
    """Counts of 80 words that four hidden themes make, which decide three labels as well."""
    random = np.random.default_rng(2)
    songs = noise_songs()
    themes = random.standard_normal((songs.num_songs, 4))
    rates = np.exp(0.4 * themes @ random.standard_normal((4, 80)) - 2.5)
    clear = themes[:, 0] + 0.3 * themes[:, 1]
    noise = random.standard_normal((3, songs.num_songs)) * [[0.5], [0.2], [0.2]]
    columns = {
        "target": LabelColumn("binary", (clear + noise[0] > 0).astype(float)),
        "near": LabelColumn("regression", clear + noise[1]),
        "kinds": LabelColumn("multiclass", np.digitize(clear + noise[2], [-1, 1]), [*"abc"]),
    }
    return dataclasses.replace(
        songs,
        counts=csr_array(random.poisson(rates).astype(np.float32)),
        words=[f"word{n}" for n in range(80)],
        columns=columns,
    )


def rival(recipe):
    return LinearConfig.beside(ARM, recipe)


def chosen_and_predictions(config, songs, runs):
    """What a rival chose, and its predictions of the test songs by position."""
    record = train_run(config, runs, dataset=songs)
    evaluate_run(record["folder"], dataset=songs)
    with np.load(f"{record['folder']}/predictions-test.npz") as file:
        return record["chosen"], np.searchsorted(songs.ids, file["ids"]), file["task0"]


@pytest.fixture(scope="module")
def runs(songs, tmp_path_factory):
    """A folder with the run of every recipe."""
    folder = tmp_path_factory.mktemp("runs")
    for recipe in RECIPES:
        chosen_and_predictions(rival(recipe), songs, folder)
    return folder


def read(songs, positions, transform, fitted_on):
    """Transformed counts by scikit-learn, dense, with a mean sum of squares of 1."""
    counts = np.log1p(songs.counts[positions].toarray())
    fitting = np.log1p(songs.counts[fitted_on].toarray())
    if transform == "tfidf":
        weigh = TfidfTransformer().fit(songs.counts[fitted_on])
        idf = weigh.idf_ * (fitting > 0).any(axis=0)
        counts, fitting = (
            rows * idf / np.linalg.norm(rows * idf, axis=1, keepdims=True)
            for rows in (counts, fitting)
        )
    return counts / np.sqrt((fitting**2).sum(axis=1).mean())


def component_scores(name, fitting, rows):
    """The inputs called `name`, `30 whitened components`, of dense rows."""
    pca = PCA(int(name.split()[0]), svd_solver="full").fit(fitting)
    scores, variance = pca.transform(rows), pca.explained_variance_
    if "whitened" in name:
        return scores / np.sqrt(variance * len(variance))
    return scores / np.sqrt(variance.sum())


@pytest.mark.slow
def test_lyrics_only_is_logistic_regression_on_the_components_of_all_songs(songs, runs):
    config = rival("lyrics only")
    chosen, positions, predictions = chosen_and_predictions(config, songs, runs)
    training = select_training_songs(config, songs)
    transform, name = chosen["input_transform"], chosen["inputs"]
    every = read(songs, training.positions, transform, training.positions)
    own, test = every[:60], read(songs, positions, transform, training.positions)
    model = LogisticRegression(C=chosen["inverse_l2"], tol=1e-8, max_iter=5000)
    model.fit(component_scores(name, every, own), training.labels[:60, 0])
    again = model.predict_proba(component_scores(name, every, test))[:, 1]
    np.testing.assert_allclose(predictions, again, atol=2e-3)
    assert len(training.positions) == 560


@pytest.mark.slow
def test_linear_multi_task_reads_out_of_fold_scores_of_the_auxiliary_tasks(
    songs, tmp_path, monkeypatch
):
    monkeypatch.setattr(linear_inputs, "AUX", (1.0,))
    monkeypatch.setattr(linear_inputs, "BASES", ("words",))
    config = rival("linear multi-task")
    chosen, positions, predictions = chosen_and_predictions(config, songs, tmp_path)
    training = select_training_songs(config, songs)
    every, test = (
        read(songs, rows, chosen["input_transform"], training.positions)
        for rows in (training.positions, positions)
    )
    groups = np.unique(songs.group_codes()[training.positions], return_inverse=True)[1]
    order = np.random.default_rng([ARM.seed, 6]).permutation(groups.max() + 1)
    folds = PredefinedSplit(order[groups] % 5)
    models = Ridge(alpha=1.0), LogisticRegression(C=1.0, tol=1e-8, max_iter=5000)
    inputs, of_test = [], []
    for number, model in enumerate(models, 1):
        labels = training.labels[:, number]
        method = "predict" if number == 1 else "decision_function"
        out_of_fold = cross_val_predict(model, every, labels, cv=folds, method=method)
        spread = out_of_fold.std(axis=0)
        inputs.append((out_of_fold / spread).reshape(560, -1))
        scores = getattr(model.fit(every, labels), method)(test)
        of_test.append((scores / spread).reshape(len(test), -1))
    weight = chosen.get("score_weight", 1)
    words = (every, test) if chosen["inputs"] == "words" else (every[:, :0], test[:, :0])
    own, checked = (
        np.hstack([words[n], *(weight * part for part in parts)])
        for n, parts in enumerate((inputs, of_test))
    )
    model = LogisticRegression(C=chosen["inverse_l2"], tol=1e-8, max_iter=5000)
    model.fit(own[:60], training.labels[:60, 0])
    np.testing.assert_allclose(predictions, model.predict_proba(checked)[:, 1], atol=5e-3)


def test_more_of_the_songs_tells_more(songs, runs):
    auc = {}
    for recipe in RECIPES:
        _, positions, predictions = chosen_and_predictions(rival(recipe), songs, runs)
        auc[recipe] = roc_auc_score(songs.labels("target")[positions], predictions)
    assert auc["linear model"] + 0.02 < auc["lyrics only"] < auc["linear multi-task"] - 0.02


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_word_or_label_of_the_test_split_is_read_in_training(songs, runs, tmp_path, recipe):
    test = songs.split("artist")["test"]
    order = np.arange(songs.num_songs)
    order[test] = np.roll(test, 1)
    others = dataclasses.replace(
        songs,
        counts=songs.counts[order],
        columns={name: column.take(order) for name, column in songs.columns.items()},
    )
    folders = (
        train_run(rival(recipe), place, dataset=those)["folder"]
        for place, those in ((runs, songs), (tmp_path, others))
    )
    models = [load_checkpoint(Path(folder) / "checkpoints/best.npz")[0] for folder in folders]
    for one, other in zip(*models, strict=True):
        np.testing.assert_array_equal(one, other)


def test_lyrics_only_reads_no_label_of_another_task(songs, runs, tmp_path):
    column = songs.columns["near"]
    columns = songs.columns | {"near": dataclasses.replace(column, values=-column.values)}
    others = dataclasses.replace(songs, columns=columns)
    predictions = [
        chosen_and_predictions(rival("lyrics only"), those, place)[2]
        for place, those in ((runs, songs), (tmp_path, others))
    ]
    np.testing.assert_array_equal(*predictions)


def test_components_are_those_of_a_full_decomposition(songs):
    positions = np.arange(300)
    found = components(songs, positions, "tfidf")
    rows = Words.of(songs.counts[positions], "tfidf").read(songs.counts[positions]).toarray()
    centred = rows - rows.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(found.variance[:10], values[:10] ** 2 / 299, rtol=1e-6)
    scores = found.scores(songs.counts[positions])[:, :5]
    np.testing.assert_allclose(np.abs(scores), np.abs(centred @ axes[:5].T), atol=1e-6)


def test_lyric_made_auxiliaries_are_halves_of_the_components_that_tell_most_of_the_target(songs):
    config = ARM.replace(lyric_tasks=TASKS[1:])
    inputs = RunInputs(config, songs)
    real = RunInputs(ARM, songs)
    assert [task.kind for task in inputs.tasks] == ["binary"] * 3
    np.testing.assert_array_equal(inputs.songs.positions, real.songs.positions)
    np.testing.assert_array_equal(inputs.songs.labels[:, 0], real.songs.labels[:, 0])
    np.testing.assert_array_equal(inputs.songs.labels[:, 1:].mean(axis=0), [0.5, 0.5])
    found = components(songs, inputs.songs.positions, "tfidf")
    validation = songs.split("artist")["validation"]
    scores = found.scores(songs.counts[inputs.songs.positions])
    known = inputs.songs.has_target
    told = [abs(np.corrcoef(s, inputs.songs.labels[known, 0])[0, 1]) for s in scores[known].T[:30]]
    best = np.argsort(told)[:-3:-1]
    assert set(best) != {0, 1}
    above = found.scores(songs.counts[validation])[:, best] > np.median(scores[:, best], axis=0)
    np.testing.assert_array_equal(np.transpose(inputs.labels(validation)[1:]), above)
    # Whatever the real labels of these tasks are, as long as the songs are the same.
    column = songs.columns["near"]
    columns = songs.columns | {"near": dataclasses.replace(column, values=-column.values)}
    others = RunInputs(config, dataclasses.replace(songs, columns=columns))
    np.testing.assert_array_equal(inputs.songs.labels, others.songs.labels)


def test_a_net_with_lyric_made_auxiliaries_trains_and_is_scored(songs, tmp_path):
    config = ARM.replace(lyric_tasks=TASKS[1:], widths=(8, 4, 4, 4), evaluate_every=4)
    record = train_run(config, tmp_path, dataset=songs, figures=False)
    scored = evaluate_run(record["folder"], dataset=songs)["test"]
    assert scored["kinds"]["network"].keys() == scored["target"]["network"].keys()
    assert record["training_labels"] == {"target": 60, "near": 560, "kinds": 560}


def test_labels_made_of_lyrics_do_not_depend_on_which_songs_are_labelled(songs):
    target, training = songs.task("target"), RunInputs(ARM, songs).songs
    whole = lyric_labels(songs, target, training, np.arange(400), 3)
    np.testing.assert_array_equal(
        whole[100:], lyric_labels(songs, target, training, np.arange(100, 400), 3)
    )


def test_labels_made_of_lyrics_leave_permuted_ones_permuted(songs):
    permuted = ARM.replace(permuted_tasks=TASKS[1:2])
    both = permuted.replace(lyric_tasks=TASKS[2:])
    for column in (0, 1):
        np.testing.assert_array_equal(
            RunInputs(both, songs).songs.labels[:, column],
            RunInputs(permuted, songs).songs.labels[:, column],
        )
    with pytest.raises(InputError, match="none of the permuted tasks"):
        permuted.replace(lyric_tasks=TASKS[1:])
