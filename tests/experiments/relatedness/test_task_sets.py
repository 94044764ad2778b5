import numpy as np

from representation_music.experiments.relatedness.task_sets import drawn_over_relatedness


def test_drawn_labels_go_over_the_whole_range_by_the_seed_alone():
    rows = [{"name": f"l{n}", "pearson": [value]} for n, value in enumerate(np.linspace(-1, 1, 41))]
    rows += [{"name": "unknown", "pearson": [float("nan")]}]
    drawn = drawn_over_relatedness(rows, 8, seed=1)
    assert drawn == drawn_over_relatedness(rows[::-1], 8, seed=1)
    assert drawn != drawn_over_relatedness(rows, 8, seed=2)
    value = {row["name"]: row["pearson"][0] for row in rows}
    parts = [int(min((value[name] + 1) * 4, 7)) for name in drawn]
    assert sorted(parts) == list(range(8))
    # Nearly all in one place: the rest is drawn from there.
    rows = [{"name": f"l{n}", "pearson": [v]} for n, v in enumerate([0.9, 0.01, 0.02, 0.03])]
    assert set(drawn_over_relatedness(rows, 4, seed=0)) == {"l0", "l1", "l2", "l3"}
    assert drawn_over_relatedness([], 4, seed=0) == []
