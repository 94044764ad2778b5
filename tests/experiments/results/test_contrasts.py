import numpy as np
import pytest
from scipy import stats

from representation_music.experiments.results.contrasts import (
    judged_contrasts,
    steps_to_converge,
)
from representation_music.utils.statistics.comparisons import Arms, TestSongs
from representation_music.utils.statistics.verdicts import holm
from representation_music.utils.tasks import Task

POP = Task("pop", "binary")


class Cell:
    """What contrasts read of `CellRuns`."""

    def __init__(self, number, place="here"):
        self.test_set, self.task, self.overlap = (place,), POP, 0.0
        self.folders = {"arm": f"arm {number}", "single task": f"single {number}"}


def contrast(one, other, asks="?"):
    gain, less = ([[f"{n}", "arm"], [f"{n}", "single task"]] for n in (one, other))
    return {"asks": asks, "name": "", "gain": gain, "other": less, "measure": "score"}


def test_differences_of_gains_are_judged_with_their_side_a_family_a_question():
    random = np.random.default_rng(3)
    labels = (random.random(600) < 0.5).astype(float)
    signals = {"arm 1": 2.5, "single 1": 1.0, "arm 2": 1.0, "single 2": 1.0}
    signals |= {"arm 3": 1.0, "single 3": 1.0, "arm 4": 1.0, "single 4": 2.5}
    predictions = {
        name: stats.norm.cdf(signal * (labels - 0.5) + random.normal(size=(5, 600)))
        for name, signal in signals.items()
    }
    arms = Arms(TestSongs(POP, labels, np.arange(600)), predictions, "auc", 300)
    cells = {str(n): Cell(n, "elsewhere" if n == 5 else "here") for n in range(1, 6)}
    asked = [contrast(1, 2), contrast(3, 2), contrast(4, 2), contrast(4, 3, "another")]
    found = judged_contrasts(
        [*asked, contrast(1, 5), contrast(1, 6)], cells, {("here",): arms}, "auc"
    )
    assert found[4:] == [None, None]  # other test songs, and a cell that is not complete
    assert [of["verdict"] for of in (found[0], found[2])] == ["larger gain", "smaller gain"]
    assert found[1]["verdict"] in ("no evidence", "no material difference")
    gains = [arms.compare(f"arm {n}", f"single {n}").seed_gains for n in (1, 2)]
    assert found[0]["seed_differences"] == pytest.approx(gains[0] - gains[1])
    assert found[0]["difference"][0] == pytest.approx((gains[0] - gains[1]).mean())
    adjusted = holm([of["p"] for of in found[:3]])
    assert [of["p_holm"] for of in found[:3]] == pytest.approx(adjusted)
    assert found[3]["p_holm"] == found[3]["p"]


def write_history(folder, aucs):
    folder.mkdir()
    rows = [f"{25 * (n + 1)},{n},{auc}" for n, auc in enumerate(aucs)]
    (folder / "history.csv").write_text("\n".join(["step,epoch,validation_auc:pop", *rows]))
    return folder


def test_a_net_has_converged_when_it_is_within_a_hundredth_of_its_best(tmp_path):
    run = write_history(tmp_path / "run", [0.5, 0.68, 0.695, 0.69, 0.7, 0.66])
    assert steps_to_converge(run, "pop", "auc") == 75


def test_steps_to_converge_are_paired_by_seed_and_fewer_are_better(tmp_path):
    cell = Cell(1)
    for arm, late in (("arm", 1), ("single task", 4)):
        cell.folders[arm] = tuple(
            write_history(tmp_path / f"{arm} {seed}", [0.5] * (late + seed % 2) + [0.7])
            for seed in range(4)
        )
    steps = contrast(1, 1) | {"measure": "steps", "other": []}
    (found,) = judged_contrasts([steps], {"1": cell}, {}, "auc")
    assert found["seed_differences"] == [75.0] * 4
    # A net is looked at every 25 steps: two such errors of four seeds have this standard error.
    half = stats.t.ppf(0.975, 3) * np.sqrt(2 * 25**2 / 12 / 4)
    assert found["difference"] == pytest.approx([75, 75 - half, 75 + half])
    assert found["verdict"] == "fewer steps"
    assert judged_contrasts([steps], {"1": cell}, {}, "log_loss") == [None]


def test_a_net_without_a_score_has_not_converged(tmp_path):
    run = write_history(tmp_path / "run", [float("nan")] * 3)
    assert np.isnan(steps_to_converge(run, "pop", "auc"))
