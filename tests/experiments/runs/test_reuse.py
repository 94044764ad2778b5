import errno
import os

import pytest

from representation_music.experiments.runs.folder import is_done, state_of, working_on
from representation_music.experiments.runs.reuse import reuse
from representation_music.utils.files import write_json
from representation_music.utils.lock import Held


@pytest.fixture
def finished(tmp_path):
    """A run that another study has finished."""
    folder = tmp_path / "benefit" / "run-1"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "best.npz").write_bytes(b"weights")
    (folder / "config.json").write_text("{}")
    write_json(folder / "record.json", {"status": "finished"})
    write_json(folder / "test.json", {"test": {}})
    return folder


@pytest.fixture
def run(tmp_path):
    """What an ended life has left of the same run."""
    folder = tmp_path / "coupling" / "run-1"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "latest.npz").write_bytes(b"early weights")
    (folder / "failed.json").write_text("{}")
    return folder


def content(folder):
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_run_is_taken_over_whole_and_by_links(finished, run):
    reuse(finished, run)
    assert content(run) == content(finished)
    assert os.path.samefile(run / "record.json", finished / "record.json")


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_where_no_link_can_be_made_files_are_copied(finished, run, monkeypatch, number):
    link = os.link

    def refuse(source, place):
        if str(source).startswith(str(finished)) and "running" not in str(place):
            raise OSError(number, os.strerror(number))
        link(source, place)

    monkeypatch.setattr(os, "link", refuse)
    reuse(finished, run)
    assert content(run) == content(finished)
    assert not os.path.samefile(run / "record.json", finished / "record.json")


def test_a_run_that_is_half_taken_over_is_not_done(finished, run, monkeypatch):
    link = os.link

    def die(source, place):
        if str(source).endswith("record.json"):
            raise KeyboardInterrupt
        link(source, place)

    monkeypatch.setattr(os, "link", die)
    with pytest.raises(KeyboardInterrupt):
        reuse(finished, run)
    assert state_of(run) == "interrupted"
    monkeypatch.undo()
    reuse(finished, run)
    assert is_done(run) and content(run) == content(finished)


def test_a_run_that_is_trained_is_left_alone(finished, run):
    before = content(run)
    content_of_lock = run / "running"
    with working_on(run):
        pass
    content_of_lock.write_text("{}")  # of an owner that nobody can ask
    with pytest.raises(Held):
        reuse(finished, run)
    content_of_lock.unlink()
    assert content(run) == before
