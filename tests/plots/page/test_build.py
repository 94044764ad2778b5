import base64
import gzip
import json
import re
from html.parser import HTMLParser

import made_up_page_studies
import pytest
from study_records import gain_against_relatedness

from representation_music.plots.page import build
from representation_music.plots.page.build import build_page, pack
from representation_music.utils.errors import InputError


class Loaded(HTMLParser):
    """Collects what a page loads by itself: anything but links to follow."""

    def __init__(self):
        super().__init__()
        self.addresses = set()

    def handle_starttag(self, tag, attrs):
        if tag != "a":
            self.addresses |= {value for name, value in attrs if name in ("src", "href")}


def test_the_page_holds_the_records_to_seven_digits_and_no_address_to_load(studies, page_path):
    page = page_path.read_text()
    assert page_path.stat().st_size < 6_000_000
    packed = re.search(r'id="records">([^<]*)<', page)[1]
    content = json.loads(gzip.decompress(base64.b64decode(packed)))
    for name, study in studies.items():
        held = next(one for one in content["studies"] if one["study"] == name)
        for cell, recorded in zip(held["cells"], study["cells"], strict=True):
            for metric, scored in recorded["metrics"].items():
                scores = cell["metrics"][metric]["scores"]
                assert scores["arm"] == pytest.approx(scored["scores"]["arm"], rel=1e-6)
    found = Loaded()
    found.feed(page)
    assert found.addresses == {"data:,"}
    assert "default-src 'none'" in page


def test_the_same_records_make_the_same_page(studies):
    benefit = studies["benefit"]
    assert build_page([benefit]) == build_page([benefit])


def test_names_from_records_cannot_break_out_of_the_page():
    study = made_up_page_studies.benefit()
    study["data"] = ["</script><script>alert(1)</script>"]
    page = build_page([study])
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "alert" not in pack([study])


def test_what_relatedness_foretold_has_tables_and_a_figure(studies):
    numbers = gain_against_relatedness() | {"target": "<b>pop"}
    # Spearman's ranks are Pearson's where labels are binary, and told once.
    (row,) = numbers["within_targets"]
    numbers["within_targets"].append(row | {"measure": "spearman"})
    page = build_page([studies["benefit"]], against_gain=[numbers])
    section = page[page.index('id="foretold-0"') :]
    cells = re.findall("<td>([^<]*)</td>", section)
    assert cells[:4] == ["pearson", "single task", "6", "+.500 (-.250 to +1.000)"]
    tried = ["pop: rock", "+.020", "+.010", "+.030"]
    assert cells[4:12] == ["pearson", "the other targets", "single task", cells[3], *tried]
    assert cells[13] == "other songs" and "<b>pop" not in page
    assert base64.b64decode(re.search('png;base64,([^"]*)', section)[1])[1:4] == b"PNG"


def test_a_page_that_is_too_large_says_so(studies, monkeypatch):
    monkeypatch.setattr(build, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"page of 1\.. MB, expected at most 0\.001 MB"):
        build_page([studies["benefit"]])


def test_a_page_without_results_shows_progress():
    progress = {
        "study": "benefit",
        "total": 8,
        "done": 0,
        "states": [("not begun", 8)],
        "running": [],
        "failures": [],
        "time_left": "About 2 min left with 2 workers.",
    }
    page = build_page([], [progress], refresh=10)
    assert "benefit: 0 of 8 runs done" in page and 'data-refresh="10"' in page


def test_a_study_run_on_two_data_sets_stands_twice(studies):
    other = studies["benefit"] | {"data": ["sample of real songs (10,244 songs)"]}
    page = build_page([studies["benefit"], other])
    for slug in ("synthetic-songs-1-000-songs", "sample-of-real-songs-10-244-songs"):
        assert f'<section class="study" id="benefit-{slug}"' in page
        assert f'href="#benefit-{slug}"' in page
    assert ">benefit, sample of real songs (10,244 songs)</a>" in page
    assert "benefit 2" not in page
    twice = build_page([studies["benefit"], dict(studies["benefit"])])
    assert len(set(re.findall(r'<section class="study" id="([^"]*)"', twice))) == 2
