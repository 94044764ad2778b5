import pytest
from scipy import stats

from representation_music.plots.runs.comparison import (
    by_architecture_figure,
    by_training_size_figure,
    draw_comparison,
)
from representation_music.plots.runs.scores import read_test_scores

ARCHITECTURES = ("no_sharing", "low_level_sharing")


@pytest.fixture
def grid(write_run):
    """Two architectures at two sizes with three seeds: AUC .6, .7 plus .01 a seed, .05 for size."""
    return [
        write_run(
            f"{name}-{size}-{seed}",
            test={"auc": 0.6 + 0.1 * place + 0.01 * seed + (size == 1000) * 0.05, "error": 0.2},
            architecture=name,
            training_size=size,
            seed=seed,
        )
        for place, name in enumerate(ARCHITECTURES)
        for size in (500, 1000)
        for seed in range(3)
    ]


def test_each_architectures_row_shows_mean_seeds_and_interval_at_the_largest_size(grid):
    axes, _ = by_architecture_figure(read_test_scores(grid)).axes
    constant, *lines = axes.get_lines()
    assert list(constant.get_xdata()) == [0.5, 0.5]
    seeds, interval, mean = lines[3:]  # the second row
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "no sharing",
        "low-level sharing",
    ]
    assert seeds.get_xdata() == pytest.approx([0.75, 0.76, 0.77])
    assert list(mean.get_xdata()) == pytest.approx([0.76])
    assert set(mean.get_ydata()) == {1}
    expected = stats.ttest_1samp([0.75, 0.76, 0.77], 0).confidence_interval(0.95)
    assert interval.get_xdata() == pytest.approx(list(expected))


def test_the_second_panel_shows_the_studys_metric(grid):
    axes = by_architecture_figure(read_test_scores(grid)).axes[1]
    assert axes.get_xlabel() == "1 - accuracy, lower is better"
    assert list(axes.get_lines()[0].get_xdata()) == [0.3, 0.3]
    assert list(axes.get_lines()[3].get_xdata()) == pytest.approx([0.2])


def test_each_architecture_has_a_line_over_logarithmic_sizes(grid):
    axes, _ = by_training_size_figure(read_test_scores(grid)).axes
    assert axes.get_xscale() == "log"
    low_level = next(c for c in axes.containers if c.get_label() == "low-level sharing")
    line, _, (bars,) = low_level
    assert line.get_ydata() == pytest.approx([0.71, 0.76])
    assert line.get_xdata() == pytest.approx([500, 1000], rel=0.01)
    expected = stats.ttest_1samp([0.70, 0.71, 0.72], 0).confidence_interval(0.95)
    assert bars.get_segments()[0][:, 1] == pytest.approx(list(expected))


def test_the_constant_predictor_has_a_line_over_the_sizes(grid):
    axes, _ = by_training_size_figure(read_test_scores(grid)).axes
    line = next(each for each in axes.get_lines() if each.get_label() == "constant predictor")
    assert line.get_xydata().tolist() == [[500, 0.5], [1000, 0.5]]


def test_the_figure_names_data_seeds_and_kind_of_interval(grid):
    figure = by_architecture_figure(read_test_scores(grid))
    assert figure.get_supxlabel() == (
        "Data: synthetic songs (1,000 songs), 3 seeds; mean over seeds, 95 % t interval"
    )


def test_one_seed_has_a_point_and_no_interval(write_run, tmp_path):
    run = write_run("a", test={"auc": 0.7, "error": 0.2})
    figure = by_architecture_figure(read_test_scores([run]))
    assert [list(line.get_xdata()) for line in figure.axes[0].get_lines()] == [[0.5, 0.5], [0.7]]
    assert figure.get_supxlabel() == "Data: synthetic songs (1,000 songs), 1 seed"
    assert [path.name for path in draw_comparison([run], tmp_path)] == [
        "by-architecture.png",
        "by-architecture.svg",
    ]


def test_several_sizes_give_both_figures(grid, tmp_path):
    paths = draw_comparison(grid, tmp_path / "figures")
    assert {path.stem for path in paths} == {"by-architecture", "by-training-size"}
    assert all(path.exists() for path in paths)


def test_a_regression_target_is_drawn_in_its_unit(write_run):
    run = write_run("a", test={"rmse": 9.1, "r2": 0.1}, tasks=["year", "pop"])
    _, rmse = by_architecture_figure(read_test_scores([run])).axes
    assert rmse.get_xlabel() == "RMSE (years), lower is better"
    assert list(rmse.get_lines()[1].get_xdata()) == [9.1]


def test_architectures_are_compared_at_a_size_that_all_have(write_run):
    def write(name, size, auc):
        return write_run(
            f"{name}-{size}", test={"auc": auc, "error": 0.2}, architecture=name, training_size=size
        )

    runs = [write("SSPP", 500, 0.6), write("SSPP", 1000, 0.9), write("PPPP", 500, 0.7)]
    axes, _ = by_architecture_figure(read_test_scores(runs)).axes
    assert [line.get_xdata()[0] for line in axes.get_lines()] == [0.5, 0.7, 0.6]


def test_a_tiny_difference_is_not_blown_up_to_the_whole_axis(write_run):
    runs = [
        write_run(name, architecture=name, test={"auc": auc, "error": 0.3})
        for name, auc in (("SSPP", 0.500), ("PPPP", 0.502))
    ]
    axes, _ = by_architecture_figure(read_test_scores(runs)).axes
    low, high = axes.get_xlim()
    assert high - low == pytest.approx(0.05)
    assert (low + high) / 2 == pytest.approx(0.501)
