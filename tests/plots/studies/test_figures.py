import json

import pytest
from made_up_study import make_results
from matplotlib.text import Text

from representation_music.experiments.command_line import main
from representation_music.plots.studies.figures import study_figures
from representation_music.utils.errors import InputError

ARCHITECTURES = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")
PLAIN = [
    {"architecture": name, "coupling": coupling, "songs": songs}
    for coupling in ("tight", "loose")
    for name in ARCHITECTURES
    for songs in (500, 1000)
]
LONG_DATA = ["a songs file whose name and description go on for longer than a line (1 songs)"]


def controls():
    results = make_results(
        [
            {"control": "related", "correlation": c, "shared themes": t, "songs": s}
            for c in (0.0, 0.9)
            for t in (0.0, 0.5)
            for s in (250, 500)
        ],
        "controls",
    )
    target = [{"control": "permuted target", "songs": songs} for songs in (250, 4000)]
    results["cells"] += make_results(target, rivals=("permuted target",))["cells"]
    null = [{"control": "null", "meeting": number} for number in range(3)]
    results["cells"] += make_results(null, rivals=("itself",))["cells"]
    return results


STUDIES = {
    "four sizes": make_results([c | {"songs": s} for c in PLAIN[::2] for s in (1, 2, 3, 4)]),
    "two sizes": make_results(PLAIN),
    "one cell": make_results(PLAIN[:1]),
    "one seed": make_results(PLAIN[:4], seeds=1, data=LONG_DATA),
    "patterns": make_results([{"pattern": p, "coupling": "tight"} for p in ("SSPP", "SPSP")]),
    "alternating": make_results(PLAIN[:2], "alternating", ("sum of losses",)),
    "controls": controls(),
}
ALLOWED = {
    "four sizes": {"training-size", "label-counts", "forest"},
    "two sizes": {"benefit", "coupling", "training-size", "label-counts", "forest"},
    "one cell": {"benefit", "forest"},
    "one seed": {"benefit", "training-size", "label-counts", "forest"},
    "patterns": {"sharing-degree", "forest"},
    "alternating": {"forest"},
    "controls": {"correlation", "flat-line", "forest"},
}


@pytest.mark.parametrize("study", STUDIES)
def test_the_cells_decide_which_figures_there_are(study):
    assert set(study_figures(STUDIES[study])) == ALLOWED[study]


@pytest.mark.slow
@pytest.mark.parametrize("width", [7.0, 3.3])
@pytest.mark.parametrize("study", STUDIES)
def test_nothing_is_cut_off_and_no_texts_overlap(study, width):
    for name, figure in study_figures(STUDIES[study], "error", width).items():
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        tolerance = 0.04
        assert box.x0 >= -tolerance and box.x1 <= width + tolerance, name
        assert box.y0 >= -tolerance and box.y1 <= figure.get_figheight() + tolerance, name
        texts = visible_texts(figure)
        for place, (text, extent) in enumerate(texts):
            for other, others in texts[place + 1 :]:
                assert not overlap(extent, others), (name, text, other)
        assert any("synthetic" in text or LONG_DATA[0][:8] in text for text, _ in texts)


def visible_texts(figure):
    """Text and extent of what is written: titles, axes' names, tick labels, verdicts, legend."""
    hidden = {
        label
        for axes in figure.axes
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
        for tick in axis.get_major_ticks()
        if not min(limits) <= tick.get_loc() <= max(limits)
        for label in (tick.label1, tick.label2)
    }
    texts = (text for text in figure.findobj(Text) if text.get_text().strip())
    shown = (text for text in texts if text.get_visible() and text not in hidden)
    return [(text.get_text(), text.get_window_extent()) for text in shown]


def overlap(one, other, tolerance=1.5):
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > tolerance and high > tolerance


def run(*words):
    with pytest.raises(SystemExit) as stop:
        main(["figures", *map(str, words)])
    return stop.value.code


def test_the_command_draws_beside_the_results_and_prints_the_files(tmp_path, capsys):
    (tmp_path / "results.json").write_text(json.dumps(make_results(PLAIN[:1])))
    assert run(tmp_path) == 0
    written = sorted(tmp_path.glob("figures/*"))
    assert [path.name for path in written] == [
        "benefit.png",
        "benefit.svg",
        "forest.png",
        "forest.svg",
    ]
    assert sorted(capsys.readouterr().out.split()) == [str(path) for path in written]


@pytest.mark.usefixtures("unrendered")
def test_another_metric_is_in_the_files_names_and_several_studies_have_folders(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(
            json.dumps(make_results(PLAIN[:1], "alternating", ("sum of losses",)))
        )
    places = [tmp_path / "one", tmp_path / "two" / "results.json"]
    assert run(*places, "-o", tmp_path / "out", "--metric", "auc", "error") == 0
    found = {str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/*/*")}
    kinds = ("png", "svg")
    assert found == {
        f"{name}/forest{ending}.{kind}"
        for name in ("one", "two")
        for ending in ("", "-error")
        for kind in kinds
    }


def test_bad_input_is_told_before_anything_is_written(tmp_path, capsys):
    (tmp_path / "results.json").write_text(json.dumps(make_results([])))
    assert run() == 2
    assert run(tmp_path / "nowhere") == 2
    assert run(tmp_path) == 2
    assert "no cell with a rival" in capsys.readouterr().err
    (tmp_path / "results.json").write_text(json.dumps(make_results(PLAIN[:1])))
    assert run(tmp_path, "--metric", "auc", "r2") == 2
    assert "found 'r2', expected one of auc, error" in capsys.readouterr().err
    assert not (tmp_path / "figures").exists()
    with pytest.raises(InputError):
        study_figures(make_results(PLAIN[:1]), "r2")
