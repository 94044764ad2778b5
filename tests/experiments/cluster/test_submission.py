"""Submitting, with a stand-in for the queue."""

from pathlib import Path

import pytest

from representation_music.experiments.cluster import submission
from representation_music.experiments.cluster.site import Site
from representation_music.experiments.cluster.submission import Submission
from representation_music.utils.errors import InputError


class Empty:
    """A queue with nothing in it, which takes every job."""

    dry = False

    def __init__(self):
        self.jobs = []

    def submit(self, job) -> str:
        self.jobs.append(job)
        return str(len(self.jobs))

    def find(self, name, pending=False) -> str:
        return ""

    def wait_for(self, number, after) -> bool:
        return False


def test_the_status_that_is_named_has_a_manifest_to_read_and_can_be_pasted(tmp_path, capsys):
    for name in ("benefit", "coupling/tuning"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "manifest.jsonl").touch()
    site = Site(Path("site.env"), tmp_path)
    names = ["benefit", "coupling", "pairs", "runs/of mine"]
    Submission(site, Empty())._say_what_next(names)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()[-4:]] == [
        "repmusic status benefit",
        "repmusic status runs/coupling/tuning",
        "repmusic status pairs  # once the studies' job has run",
        "repmusic status 'runs/of mine'",
    ]


def test_songs_left_in_the_project_by_a_store_elsewhere_are_named(tmp_path, monkeypatch):
    (tmp_path / "songs.h5").touch()
    monkeypatch.setattr(submission, "ROOT", tmp_path)
    with pytest.raises(InputError, match=f"set DATASET={tmp_path}/songs.h5"):
        Submission(Site(Path("site.env"), tmp_path / "scratch"), Empty()).paper()


@pytest.mark.parametrize("flag", ["--dry-run", "--manifest-only"])
def test_flags_that_would_leave_runs_undone_are_no_options_of_a_site(tmp_path, flag):
    site = Site(Path("site.env"), tmp_path, study_options=(flag,))
    queue = Empty()
    with pytest.raises(InputError, match=f"study: found {flag}"):
        Submission(site, queue).paper()
    assert queue.jobs == []
