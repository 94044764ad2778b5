import itertools

import numpy as np
import pytest
from scipy import stats

from representation_music.experiments.results.gain_changes import changes, compared_cells
from representation_music.utils.statistics.comparisons import Arms, TestSongs, holm
from representation_music.utils.tasks import Task


def cell(rival="single task", **factors):
    return {"cell": str(factors), "factors": factors, "rivals": {rival: []}}


def test_each_cell_meets_the_one_that_differs_in_the_compared_factor_only():
    cells = [
        cell(architecture=architecture, coupling=coupling, songs=songs)
        for songs, coupling, architecture in itertools.product(
            (500, 1000, 2000), ("tight", "loose"), ("low", "high")
        )
    ]
    assert compared_cells(cells, "coupling") == {2: 0, 3: 1, 6: 4, 7: 5, 10: 8, 11: 9}
    by_size = {number: number % 4 for number in range(4, 12)}
    assert compared_cells(cells, "songs") == by_size
    assert compared_cells(cells, "") == compared_cells(cells, "pattern") == {}
    assert compared_cells([cell("raw labels", songs=1), cell("raw labels", songs=2)], "songs") == {}


class Cell:
    """What `changes` reads of `CellRuns`."""

    def __init__(self, songs, place="here"):
        self.cell = cell(songs=songs)
        self.meeting_place = (place,)
        self.folders = {"arm": f"arm {songs}", "single task": f"single {songs}"}


def test_a_change_is_judged_with_its_direction_and_cells_on_other_test_songs_have_none():
    random = np.random.default_rng(3)
    labels = (random.random(600) < 0.5).astype(float)
    signals = {"arm 1": 1.0, "single 1": 1.0, "arm 2": 2.5, "single 2": 1.0}
    signals |= {"arm 3": 1.0, "single 3": 1.0, "arm 4": 1.0, "single 4": 2.5}
    predictions = {
        name: stats.norm.cdf(signal * (labels - 0.5) + random.normal(size=(5, 600)))
        for name, signal in signals.items()
    }
    arms = Arms(TestSongs(Task("pop", "binary"), labels, np.arange(600)), predictions, "auc", 300)
    cells = [Cell(1), Cell(2), Cell(3), Cell(4), Cell(5, "elsewhere")]
    found = changes(cells, {("here",): arms}, "songs", margin=0.02)
    assert sorted(found) == [1, 2, 3]
    assert [found[number]["verdict"] for number in (1, 3)] == ["larger gain", "smaller gain"]
    assert found[2]["verdict"] in ("no evidence", "no material difference")
    gains = [arms.compare(f"arm {n}", f"single {n}").seed_gains for n in (1, 2)]
    assert found[1]["seed_changes"] == pytest.approx(gains[1] - gains[0])
    assert found[1]["from"] == "{'songs': 1}"
    adjusted = holm([of["p"] for of in found.values()])
    assert [of["p_holm"] for of in found.values()] == pytest.approx(adjusted)
