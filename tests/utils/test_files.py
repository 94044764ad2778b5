"""Files are written whole, through links to where they lead, and nothing else is left behind."""

import os
import subprocess
import sys

import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path, write_text


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_link_is_written_through_whether_its_target_is_there_or_not(tmp_path):
    scratch, home = tmp_path / "scratch", tmp_path / "home"
    scratch.mkdir()
    home.mkdir()
    (home / "songs.h5").symlink_to("../scratch/far.h5")
    (home / "link.h5").symlink_to("songs.h5")
    for text in ("first", "second"):
        write_text(home / "link.h5", text)
        assert (scratch / "far.h5").read_text() == text
    assert (home / "link.h5").is_symlink() and (home / "songs.h5").is_symlink()
    assert names_in(home) == ["link.h5", "songs.h5"] and names_in(scratch) == ["far.h5"]


def test_the_half_written_file_lies_beside_the_target_and_is_gone_after_a_failure(tmp_path):
    (tmp_path / "scratch").mkdir()
    target = tmp_path / "scratch" / "far.h5"
    target.write_text("old")
    (tmp_path / "link.h5").symlink_to(target)
    with pytest.raises(KeyError), atomic_path(tmp_path / "link.h5") as temporary:
        temporary.write_text("new")
        assert temporary.parent == target.parent
        raise KeyError
    assert target.read_text() == "old" and names_in(target.parent) == ["far.h5"]


def test_a_folder_that_is_a_link_is_written_into(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "scratch")
    write_text(tmp_path / "runs" / "a" / "record.json", "{}")
    assert (tmp_path / "scratch" / "a" / "record.json").read_text() == "{}"


def test_a_link_into_a_folder_that_is_not_there_is_named_and_kept(tmp_path):
    link = tmp_path / "link.h5"
    link.symlink_to("unmounted/far.h5")
    with pytest.raises(InputError) as caught:
        write_text(link, "x")
    assert caught.value.place == str(link)
    assert caught.value.found == f"a link to {tmp_path}/unmounted/far.h5, which is not there"
    assert link.is_symlink() and names_in(tmp_path) == ["link.h5"]


def test_links_that_lead_to_each_other_are_named_and_kept(tmp_path):
    os.symlink("b", tmp_path / "a")
    os.symlink("a", tmp_path / "b")
    with pytest.raises(InputError, match="links that lead to each other"):
        write_text(tmp_path / "a", "x")
    assert names_in(tmp_path) == ["a", "b"]


KILLED = """
import os, signal, sys
from representation_music.utils.files import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_killed_writers_left_half_written_is_cleared_by_the_next_and_no_one_else_s(tmp_path):
    target = tmp_path / "songs.h5"
    assert subprocess.run([sys.executable, "-c", KILLED, str(target)]).returncode == -9
    (of_killed,) = tmp_path.iterdir()
    far, long_dead = (tmp_path / f".songs.h5.00000000-1-2-{n}.part" for n in "ab")
    for part in (far, long_dead):  # of another machine, where nobody here can ask
        part.write_text("half")
    os.utime(long_dead, (0, 0))
    other = tmp_path / ".other.h5.half.part"
    other.write_text("of another file")
    with atomic_path(target) as at_work:
        at_work.write_text("new")
        write_text(target, "in between")
        assert at_work.exists() and not of_killed.exists()
    assert names_in(tmp_path) == sorted([target.name, far.name, other.name])
