"""The results page in a real Chromium without network: what it shows, against the records."""

import json
import re

import made_up_page_studies
import numpy as np
import pytest
from results_page import READY, Page, shown

from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.relatedness.task_sets import propose_task_sets
from representation_music.plots.page.build import build_page, write_page
from representation_music.utils.files import without_nan

pytestmark = pytest.mark.browser

SCORES, GAINS = "Test scores", "Gains over every rival"
SCORES_BY_SIZE, GAINS_BY_SIZE = "Test scores by training songs", "Gains by training songs"
ROW_NAMES = {
    "low_level_sharing": "low-level sharing",
    "high_level_sharing": "high-level sharing",
    "interspersed_sharing": "interspersed sharing",
}


def cell_of(study, architecture, **factors):
    wanted = (factors | {"architecture": architecture}).items()
    (cell,) = [cell for cell in study["cells"] if wanted <= cell["factors"].items()]
    return cell


@pytest.mark.parametrize(("metric", "label"), [("auc", ""), ("error", "1 - accuracy")])
def test_scores_and_the_table_show_the_records_by_the_metric_chosen(
    open_study, studies, metric, label
):
    page = open_study("benefit")
    study = studies["benefit"]
    if label:
        page.choose("benefit", "metric", label)
    in_figure = page.figures("benefit")[SCORES]
    in_table = {row[0]: row[1:] for row in page.rows("#benefit .cells")}
    assert len(in_figure) == 3 * 5 and set(in_table) == set(ROW_NAMES.values())
    for architecture, name in ROW_NAMES.items():
        scored = cell_of(study, architecture)["metrics"][metric]
        found = {series: rest for of, series, *rest in in_figure if of == name}
        for arm, (mean, low, high) in scored["scores"].items():
            interval = f"({shown(low)} to {shown(high)})"
            series = "named at left" if arm == "arm" else arm
            assert found[series] == [shown(mean), interval, "5"]
        # The baselines stand beside the score, where narrow windows show them.
        verdict, p, score, constant, linear, *gains, _, seeds = in_table[name]
        assert verdict == f"{scored['verdict']} {scored['reason']['text']}"
        assert (constant, seeds) == (shown(scored["constant"]), "5")
        assert p == shown(scored["p_holm"])
        assert score.startswith(f"{shown(scored['scores']['arm'][0])} (")
        assert linear.startswith(f"{shown(scored['scores']['linear model'][0])} (")
        expected = [shown(of["gain"][0], "+") for of in scored["gains"].values()]
        assert [gain.split()[0] for gain in gains] == expected


def test_points_stand_where_their_values_belong(open_study, studies):
    page = open_study("benefit")
    marks = page.marks("benefit", SCORES)
    recorded = [
        mean
        for cell in studies["benefit"]["cells"]
        for mean, _, _ in cell["metrics"]["auc"]["scores"].values()
    ]
    assert sorted(m["mean"] for m in marks) == pytest.approx(sorted(recorded), rel=1e-6)
    means, places = (np.array([mark[key] for mark in marks]) for key in ("mean", "x"))
    slope, start = np.polyfit(means, places, 1)
    assert slope > 0
    assert np.abs(slope * means + start - places).max() < 0.1  # pixels


def test_curves_over_training_songs_have_a_logarithmic_axis(open_study, studies):
    page = open_study("training_size")
    marks = page.marks("training_size", SCORES_BY_SIZE)
    low = {mark["songs"]: mark for mark in marks if mark["series"] == "low-level sharing"}
    assert tuple(low) == made_up_page_studies.SIZES
    for songs, mark in low.items():
        study = studies["training_size"]
        cell = cell_of(study, "low_level_sharing", coupling="tight", songs=songs)
        assert mark["mean"] == pytest.approx(cell["metrics"]["auc"]["scores"]["arm"][0], rel=1e-6)
    logs, places = np.log([*low]), np.array([mark["x"] for mark in low.values()])
    slope, start = np.polyfit(logs, places, 1)
    assert np.abs(slope * logs + start - places).max() < 0.1


def test_filters_leave_the_cells_that_they_name(open_study, studies):
    page = open_study("training_size")
    page.choose("training_size", "architecture", "high-level sharing")
    page.choose("training_size", "task set", "loose")
    page.choose("training_size", "training songs", "2,000")
    study = studies["training_size"]
    scored = cell_of(study, "high_level_sharing", coupling="loose", songs=2000)["metrics"]["auc"]
    figures = page.figures("training_size")
    gains = figures[GAINS_BY_SIZE]
    assert [row[2] for row in gains] == [
        shown(scored["gains"]["auxiliary weights 0"]["gain"][0], "+")
    ]
    (row,) = page.rows("#training_size .cells")
    assert row[3].startswith(shown(scored["scores"]["arm"][0]))
    page.run("document.querySelector('#training_size form.filters button').click()")
    page.wait(READY)
    assert len(page.rows("#training_size .cells")) == 60


def test_one_seed_shows_its_own_gains_without_intervals(open_study, studies):
    page = open_study("coupling")
    page.choose("coupling", "seed", "seed 3")
    page.choose("coupling", "gains over", "auxiliary weights 0")
    page.choose("coupling", "task set", "loose")
    rows = page.figures("coupling")[GAINS]
    study = studies["coupling"]
    for architecture, name in ROW_NAMES.items():
        gains = cell_of(study, architecture, coupling="loose")["metrics"]["auc"]["gains"]
        expected = shown(gains["auxiliary weights 0"]["seed_gains"][3], "+")
        dash = "\N{EN DASH}"
        label = f"{name}, loose task set"
        assert [label, "auxiliary weights 0", expected, dash, "1"] in rows
    assert len(rows) == 3


def test_the_grid_shows_every_sharing_pattern(open_study, studies):
    page = open_study("sharing_degree")
    rows = page.figures("sharing_degree")["Gain by sharing pattern"]
    cells = studies["sharing_degree"]["cells"]
    # Not over the single task: other batches alone can gain on that.
    assert [row[2] for row in rows] == [
        shown(cell["metrics"]["auc"]["gains"]["auxiliary weights 0"]["gain"][0], "+")
        for cell in cells
    ]
    drawn = page.texts("#sharing_degree figure:first-child .mark-text.role-mark text")
    assert drawn == [row[2] for row in rows]


def test_controls_say_pass_and_fail(open_study):
    page = open_study("controls")
    found = {row[0]: row[3] for row in page.rows("#controls .checks")}
    assert len(found) == 8
    assert {name for name, word in found.items() if word != "PASS"} == {
        "unrelated, correlation 0, no theme shared, 250 songs"
    }


def test_the_overview_shows_every_cells_gain_and_verdict_and_opens_it(chromium, page_path, studies):
    page = Page(chromium)
    page.open(page_path)
    script = """
        return [...document.querySelectorAll("#overview .mark-symbol path")]
            .map((path) => path.__data__.datum).filter((datum) => "mean" in datum)
            .map(({name, label, mean, series}) => [name, label, mean, series]);"""
    drawn = page.run(script)
    beyond = page.texts("#overview .mark-text.role-mark text")
    every = [
        (study["study"], next(iter(scored["gains"].values()))["gain"][0], scored["verdict"])
        for study in studies.values()
        for cell in study["cells"]
        for scored in [cell["metrics"]["auc"]]
    ]
    for name, _, mean, verdict in drawn:
        recorded = [gain for study, gain, judged in every if (study, judged) == (name, verdict)]
        assert min(abs(gain - mean) for gain in recorded) < 1e-6
    names = list(studies)
    numbers = [text for text in beyond if text not in names]
    assert len(drawn) + len(numbers) == len(every)
    assert set(names) <= set(beyond)
    page.run("""
        const path = [...document.querySelectorAll("#overview .mark-symbol path")]
            .find((one) => "mean" in one.__data__.datum);
        const {x, y, width, height} = path.getBoundingClientRect();
        const place = {bubbles: true, clientX: x + width / 2, clientY: y + height / 2};
        for (const kind of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
            path.dispatchEvent(new MouseEvent(kind, place));""")
    page.wait("document.querySelector('#detail[open] pre.command')")
    assert page.texts("#detail h2") == [drawn[0][1]]
    page.run("document.getElementById('detail').close()")
    page.assert_console_is_silent()


def test_a_study_whose_cells_are_all_anothers_says_whose(chromium, studies, tmp_path):
    first = studies["benefit"]
    page = Page(chromium)
    page.open(write_page(build_page([first, first | {"study": "coupling"}]), tmp_path))
    assert "coupling, the same cells as in benefit" in page.texts("#overview .mark-text text")
    assert "benefit" in page.texts("#overview .mark-text text")


def test_a_click_on_a_point_shows_commands_configs_and_learning_curves_of_its_runs(
    open_study, studies
):
    page = open_study("benefit")
    (mark,) = [
        mark
        for mark in page.marks("benefit", SCORES)
        if (mark["label"], mark["series"]) == ("high-level sharing", "permuted auxiliaries")
    ]
    page.point_at("benefit", SCORES, mark, click=True)
    page.wait("document.querySelector('#detail[open] .chart svg')")
    study = studies["benefit"]
    names = cell_of(study, "high_level_sharing")["arms"]["permuted auxiliaries"]["runs"]
    runs = [study["runs"][name] for name in names]
    assert page.texts("#detail pre.command") == [run["command"] for run in runs]
    configs = [json.loads(text) for text in page.texts("#detail pre.config")]
    assert configs == [run["config"] for run in runs]
    drawn = page.run("""
        return [...document.querySelectorAll("#detail .chart .mark-symbol path")]
            .map((path) => path.__data__.datum).filter((datum) => datum.seed === "2")
            .map((datum) => [datum.step, datum.value]);""")
    history = runs[2]["history"]
    recorded = dict(zip(history["step"], history["validation"], strict=True))
    assert dict(drawn) == pytest.approx(recorded, rel=1e-6)


def test_hovering_a_point_tells_value_interval_seeds_and_data(open_study):
    page = open_study("benefit")
    mark = page.marks("benefit", SCORES)[0]
    page.point_at("benefit", SCORES, mark)
    page.wait("document.querySelector('#vg-tooltip-element.visible')")
    text = page.run("return document.querySelector('#vg-tooltip-element').innerText")
    assert shown(mark["mean"]) in text and " to " in text
    assert "synthetic songs (1,000 songs)" in text and re.search(r"seeds:?\s*5", text)


def test_the_keyboard_reaches_a_number_behind_a_verdict_and_comes_back(open_study):
    page = open_study("benefit")
    from selenium.webdriver.common.keys import Keys

    def press(key):
        page.driver.switch_to.active_element.send_keys(key)

    press(Keys.TAB)
    assert page.texts(":focus") == ["Skip to the answers"]
    for _ in range(40):
        press(Keys.TAB)
        if page.run("return document.activeElement.matches('.answer button')"):
            break
    (focused,) = page.texts(":focus")
    assert "AUC over single task" in focused
    press(Keys.ENTER)
    page.wait("document.querySelector('#detail[open] pre.command')")
    press(Keys.ESCAPE)
    page.wait("!document.querySelector('#detail[open]')")
    assert page.texts(":focus") == [focused]


def test_figures_and_controls_have_names_and_name_their_data(open_study):
    page = open_study("coupling")
    names = page.run("""
        return [...document.querySelectorAll("section.study figure:not([hidden]) .chart")].map(
            (one) => one.role === "graphics-document" && one.ariaLabel);""")
    assert len(names) == len(page.texts("section.study figure:not([hidden])"))
    assert all(re.search(r"values from .* to .* table below", name) for name in names)
    unnamed = page.run("""
        return [...document.querySelectorAll("button, select, input, progress, a[href]")].filter(
            (one) => !(one.textContent.trim() || one.ariaLabel
                || one.labels?.[0]?.textContent.trim())
        ).length;""")
    assert unnamed == 0
    captions = page.texts("section.study figure:not([hidden]) figcaption")
    assert len(captions) == len(names)
    assert all("Data: synthetic songs (1,000 songs)." in text for text in captions)


def test_an_open_page_of_running_studies_refreshes_itself_and_keeps_its_filters(
    chromium, tmp_path, studies
):
    study = studies["benefit"]

    def write(done):
        progress = {
            "study": "benefit",
            "total": 60,
            "done": done,
            "states": [("done", done), ("not begun", 60 - done)],
            "running": ["single-task-0, step 20"],
            "failures": [],
            "time_left": "About 5 min left with 2 workers.",
        }
        return write_page(build_page([study], [progress], refresh=0.5), tmp_path)

    page = Page(chromium)
    page.open(write(7))
    page.choose("benefit", "metric", "1 - accuracy")
    write(31)
    page.wait("document.querySelector('#progress')?.textContent.includes('31 of 60 runs done')")
    page.wait(READY)
    assert page.run("return document.querySelector('#progress progress').value") == 31
    scored = cell_of(study, "low_level_sharing")["metrics"]["error"]
    assert page.rows("#benefit .cells")[0][3].startswith(shown(scored["scores"]["arm"][0]))
    page.assert_console_is_silent()
    chromium.get("about:blank")  # ends the refreshing


def test_relatedness_can_be_searched_and_measured_otherwise(chromium, tmp_path, song_dataset):
    rows = label_relatedness(song_dataset, "pop", "artist", floor=5, resamples=20)
    numbers = {
        "command": "repmusic relatedness --target pop",
        "target": "pop",
        "data": "synthetic songs (600 songs)",
        "split": "artist",
        "training_songs": 300,
        "floor": 5,
        "proposal": propose_task_sets(rows, "pop"),
        "paper": {},
        "labels": rows,
        "nets": {},
    }
    page = Page(chromium)
    written = without_nan(numbers)
    page.open(write_page(build_page([], relatedness=[written]), tmp_path))
    shown_names = [row[0] for row in page.rows(".relatedness .cells")]
    assert shown_names[:3] == [row["name"] for row in rows[:3]]
    page.run("""
        const [measure, search] = document.querySelectorAll(".relatedness :is(select, input)");
        measure.value = "mutual_information";
        measure.dispatchEvent(new Event("change"));
        search.value = "rock";
        search.dispatchEvent(new Event("input"));""")
    found = [row for row in rows if "rock" in row["name"].lower()]
    table = page.rows(".relatedness .cells")
    assert [row[0] for row in table] == [row["name"] for row in found] != []
    assert [row[2] for row in table] == [shown(row["mutual_information"][0]) for row in found]
    page.wait("document.querySelectorAll('.relatedness .chart svg').length === 2")
    page.assert_console_is_silent()
