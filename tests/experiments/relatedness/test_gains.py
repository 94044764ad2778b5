import dataclasses
import json

import numpy as np
import pytest
from made_up_study import make_results
from scipy import stats

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.experiments.command_line import main
from representation_music.experiments.relatedness.gains import spread
from representation_music.experiments.runs.config import RunConfig

SHARES = (0.9, 0.1, 0.7, 0.5, 0.3)


@pytest.fixture
def study(song_dataset, tmp_path):
    """A study whose cells' auxiliaries agree with pop on a share of songs; gains rise by cell."""
    random = np.random.default_rng(0)
    pop = song_dataset.labels("pop")
    columns = {}
    for number, share in enumerate(SHARES):
        coin = (random.random(600) < 0.5).astype(float)
        values = np.where(random.random(600) < share, pop, coin)
        columns[f"aux {number}"] = LabelColumn("binary", np.where(np.isnan(pop), np.nan, values))
    songs = dataclasses.replace(song_dataset, columns=columns)
    songs.save(tmp_path / "songs.h5")
    results = make_results([{"auxiliary": name, "songs": 100} for name in columns], study="pairs")
    for cell, name in zip(results["cells"], columns, strict=True):
        config = RunConfig(
            tasks=("pop", name), dataset=str(tmp_path / "songs.h5"), training_size=100
        )
        cell["arms"]["arm"]["runs"] = [f"run {name}"]
        results["runs"][f"run {name}"] = {"config": config.to_json() | {"fingerprint": "abc"}}
    return tmp_path, results


def run(capsys, folder, results, *arguments) -> tuple[int, str, str]:
    (folder / "results.json").write_text(json.dumps(results))
    with pytest.raises(SystemExit) as end:
        main(["relatedness-gain", str(folder), *arguments, "--resamples", "50"])
    return end.value.code, *capsys.readouterr()


def test_the_rank_correlation_is_scipys_over_the_cells_labels_and_gains(study, capsys):
    folder, results = study
    code, out, err = run(capsys, folder, results)
    assert (code, err) == (0, "")
    assert "synthetic songs (1,000 songs)" in out
    numbers = json.loads((folder / "gain-against-relatedness.json").read_text())
    songs = SongDataset.load(folder / "songs.h5")
    train = songs.split("artist")["train"]
    pop = songs.labels("pop")[train]
    known = np.isfinite(pop)
    sizes = [
        abs(np.corrcoef(pop[known], songs.labels(f"aux {n}")[train][known])[0, 1])
        for n in range(len(SHARES))
    ]
    gains = [cell["metrics"]["auc"]["gains"]["single task"]["gain"][0] for cell in results["cells"]]
    (row,) = [
        row
        for row in numbers["correlations"]
        if row["measure"] == "pearson" and row["rival"] == "single task"
    ]
    assert row["cells"] == 5
    assert row["spearman"][0] == pytest.approx(stats.spearmanr(sizes, gains).statistic)
    assert row["kendall"] == pytest.approx(stats.kendalltau(sizes, gains).statistic)
    for kind in ("png", "svg"):
        assert (folder / f"gain-against-relatedness.{kind}").stat().st_size > 1000
    svg = (folder / "gain-against-relatedness.svg").read_text()
    assert "aux 3" in svg and "|Pearson correlation|" in svg and "5 seeds" in svg
    assert "constant predictor 0.500" in " ".join(out.split())


@pytest.mark.usefixtures("unrendered")
def test_cells_of_other_sizes_are_ranked_apart(study, capsys):
    folder, results = study
    for number in (0, 1):
        config = results["runs"][f"run aux {number}"]["config"]
        results["runs"][f"run aux {number}"]["config"] = config | {"training_size": 50}
    code, _, _ = run(capsys, folder, results)
    numbers = json.loads((folder / "gain-against-relatedness.json").read_text())
    assert code == 0
    assert {row["cells"] for row in numbers["correlations"]} == {3}  # two cells rank nothing


@pytest.mark.usefixtures("unrendered")
def test_controls_with_permuted_labels_are_no_points(study, capsys):
    folder, results = study
    config = results["runs"]["run aux 0"]["config"]
    results["runs"]["run aux 0"]["config"] = config | {"permuted_tasks": ["aux 0"]}
    run(capsys, folder, results)
    numbers = json.loads((folder / "gain-against-relatedness.json").read_text())
    assert [point["auxiliaries"] for point in numbers["points"]] == [
        [f"aux {number}"] for number in range(1, 5)
    ]


@pytest.mark.usefixtures("unrendered")
def test_a_study_of_one_task_set_is_refused(study, capsys):
    folder, results = study
    results["cells"] = results["cells"][:2]
    code, _, err = run(capsys, folder, results)
    assert code == 2 and "repmusic study pairs" in err and err.count("\n") == 1
    assert not (folder / "gain-against-relatedness.json").exists()


@pytest.mark.usefixtures("unrendered")
def test_of_two_studies_each_is_tried_with_the_measure_of_the_other(study, tmp_path, capsys):
    folder, results = study
    other = tmp_path / "other"
    other.mkdir()
    (other / "results.json").write_text(json.dumps(results | {"data": ["other songs"]}))
    code, out, err = run(capsys, folder, results, str(other))
    assert (code, err) == (0, "")
    numbers = {
        path: json.loads((path / "gain-against-relatedness.json").read_text())
        for path in (folder, other)
    }
    row, over_weights_0 = numbers[folder]["unseen_data"]
    assert over_weights_0["rival"] == "auxiliary weights 0"
    assert (row["fitted_on"], row["rival"]) == (["other songs"], "single task")
    fits = {
        row["measure"]: row["spearman"][0]
        for row in numbers[other]["correlations"]
        if row["rival"] == "single task"
    }
    assert row["fitted"] == pytest.approx(max(fits.values())) == fits[row["measure"]]
    assert len(row["choices"]["pop"]) == row["targets"] == 1
    assert (
        numbers[folder]["command"] == f"repmusic relatedness-gain {folder} {other} --resamples 50"
    )
    assert "tried on targets it has not seen" in out
    code, _, err = run(capsys, folder, results, str(other), "--output", str(tmp_path))
    assert code == 2 and "--output" in err


@pytest.mark.parametrize(
    ("number", "numbers"), [(1, [1]), (2, [0, 1]), (3, [0, 1, 3]), (9, [0, 1, 2, 3, 4])]
)
def test_nets_measure_cells_from_the_least_related_to_the_most(number, numbers):
    points = [{"relatedness": {"pearson": [share, 0, 1]}} for share in SHARES]
    assert spread(points, number) == numbers
