import warnings

from study_records import study_record

from representation_music.plots.drawing.style import save_figure
from representation_music.plots.studies.overview import overview_figure
from representation_music.plots.studies.results import earlier_studies


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_each_data_set_has_a_panel_and_each_study_a_row():
    studies = [
        study_record(name, kind) for name in ("benefit", "pairs") for kind in ("sample", "full")
    ]
    figure = overview_figure(studies)
    title = "Gain of every cell over its first rival, by its verdict over the rivals of its level"
    assert figure.legends[0].get_title().get_text().replace("\n", " ") == title
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert titles == [studies[0]["data"][0], studies[1]["data"][0]]
    for axes in figure.axes:
        assert [label.get_text() for label in axes.get_yticklabels()] == ["benefit", "pairs"]
        marks = [line for line in axes.lines if line.get_marker() == "^"]
        means = [line.get_xdata()[0] for line in marks]
        cells = [cell for study in studies for cell in study["cells"]]
        gains = {cell["metrics"]["auc"]["gains"]["single task"]["gain"][0] for cell in cells}
        assert len(means) == 6 and set(means) <= gains


def test_a_gain_far_beyond_the_others_is_written_at_the_edge():
    study = study_record("training_size")
    study["cells"][3]["metrics"]["auc"]["gains"]["single task"]["gain"] = [-9.5, -9.6, -9.4]
    (axes,) = overview_figure([study]).axes
    assert texts(axes) == ["← -9.500"]
    assert axes.get_xlim()[1] < 1


def test_controls_alone_have_no_overview():
    assert overview_figure([study_record("controls")]) is None


def test_a_cell_that_two_studies_have_is_drawn_once():
    first, second = study_record("benefit"), study_record("coupling")
    # Its cells with the tight task set are those of the other study.
    assert earlier_studies([first, second]) == [[""] * 3, ["benefit", ""] * 3]
    (axes,) = overview_figure([first, second]).axes
    drawn = [line for line in axes.lines if line.get_marker() == "^"]
    assert len(drawn) == 3 + 6 - 3


def test_one_study_of_few_cells_has_room_for_its_axes(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib lays nothing out where no room is left
        save_figure(overview_figure([study_record("benefit")]), tmp_path / "one", ["svg"])


def test_more_data_sets_than_stand_side_by_side_begin_another_row():
    studies = [study_record("benefit", "sample") | {"data": [f"set {n} (9 songs)"]} for n in "abcd"]
    *above, below = overview_figure(studies).axes
    assert len({axes.get_subplotspec().rowspan.start for axes in above}) == 1
    assert below.get_subplotspec().rowspan.start == 1
