"""The page of the committed records in a real Chromium: what clicks and filters show of them."""

import json

import pytest
from results_page import READY, Page, shown
from written_report import RECORDS

from representation_music.plots.drawing.names import FACTOR_NAMES, factor_value
from representation_music.plots.page.build import build_page, write_page
from representation_music.plots.page.relatedness import load_relatedness
from representation_music.plots.report.records import sort_of
from representation_music.plots.studies.results import levels, load_results, metric_label

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def committed():
    """Studies and relatedness of the committed records."""
    sorts = {path: sort_of(json.loads(path.read_text())) for path in sorted(RECORDS.glob("*.json"))}
    studies = [load_results(path) for path, sort in sorts.items() if sort == "study"]
    related = [load_relatedness(path) for path, sort in sorts.items() if sort == "relatedness"]
    return studies, related


@pytest.fixture(scope="module")
def page(chromium, committed, tmp_path_factory):
    studies, related = committed
    folder = tmp_path_factory.mktemp("committed")
    page = Page(chromium)
    page.open(write_page(build_page(studies, relatedness=related), folder), 1200)
    return page


@pytest.fixture(scope="module")
def sections(page, committed):
    """Each study's results by the name of its section."""
    names = page.run("return [...document.querySelectorAll('section.study')].map((one) => one.id)")
    ordered = sorted(committed[0], key=lambda study: study["order"])
    return dict(zip(names, ordered, strict=True))


def test_a_click_on_a_cell_shows_the_commands_and_configs_of_its_runs(page, sections):
    for name, study in sections.items():
        for number in {0, len(study["cells"]) - 1}:
            page.run(
                "document.querySelectorAll(`#${arguments[0]} .cells tbody button`)[arguments[1]]"
                ".click()",
                name,
                number,
            )
            page.wait("document.querySelector('#detail[open] pre.command')")
            runs = [study["runs"][run] for run in study["cells"][number]["arms"]["arm"]["runs"]]
            assert page.texts("#detail pre.command") == [run["command"] for run in runs]
            configs = [json.loads(text) for text in page.texts("#detail pre.config")]
            assert configs == [run["config"] for run in runs]
            page.run("document.getElementById('detail').close()")
    page.assert_console_is_silent()


def test_every_metric_shows_the_records_scores_and_gains_in_every_cell(page, sections):
    for name, study in sections.items():
        for metric in study["cells"][0]["metrics"]:
            of_verdicts = " (of the verdicts)" * (metric == study["metric"])
            page.choose(name, "metric", metric_label(study, metric) + of_verdicts)
            rows = page.rows(f"#{name} .cells > .scroll:first-of-type")
            assert len(rows) == len(study["cells"])
            for row, cell in zip(rows, study["cells"], strict=True):
                found = cell["metrics"][metric]
                assert row[1].startswith(found["verdict"])
                score, constant, linear = (text.split()[0] for text in row[3:6])
                assert score == shown(found["scores"]["arm"][0])
                assert constant == shown(found["constant"])
                assert linear == shown(found["scores"]["linear model"][0])
                gains = [shown(of["gain"][0], "+") for of in found["gains"].values()]
                dash = "\N{EN DASH}"
                assert [text.split()[0] for text in row[6:-2] if text != dash] == gains
    page.assert_console_is_silent()


def test_every_filter_leaves_the_cells_that_have_its_value(page, sections):
    page.run("document.querySelectorAll('form.filters button').forEach((one) => one.click())")
    page.wait(READY)
    for name, study in sections.items():
        offered = page.texts(f"#{name} form.filters label")
        for factor in ("architecture", "coupling", "songs", "control", "correlation"):
            values = levels(study["cells"], factor)
            if len(values) < 2:
                continue
            label = FACTOR_NAMES.get(factor, factor)
            assert any(text.startswith(label) for text in offered)
            page.choose(name, label, factor_value(factor, values[0]))
            left = [c for c in study["cells"] if c["factors"].get(factor, values[0]) == values[0]]
            rows = page.rows(f"#{name} .cells > .scroll:first-of-type")
            assert [row[3].split()[0] for row in rows] == [
                shown(cell["metrics"][study["metric"]]["scores"]["arm"][0]) for cell in left
            ]
            page.choose(name, label, "all")
    page.assert_console_is_silent()
