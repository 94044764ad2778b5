"""What an error number means; refusals that can be had for real are in the readers' own test."""

import errno
import os
import sqlite3

import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.reading import open_file, refusal


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OSError(errno.EAGAIN, ""), "that another process has locked it"),
        (OSError(errno.ESTALE, ""), "that its network disk has lost it (Stale file handle"),
        (OSError(errno.ENOLCK, ""), "that its disk cannot lock it"),
        (OSError(errno.EOPNOTSUPP, ""), "that it cannot be read (Operation not supported"),
        (OSError("read failed: errno = 5, error message = 'x'"), "that its disk fails"),
        (OSError(errno.ENOSYS, "unable to lock file, errno = 38"), "that it cannot be locked"),
        (sqlite3.OperationalError("database table is locked"), "that another process has locked"),
        (sqlite3.OperationalError("disk I/O error"), "that its disk fails"),
    ],
)
def test_what_the_system_refuses_is_told_by_its_number(error, found):
    refused = refusal("songs.h5", error)
    assert refused.place == "songs.h5" and refused.found.startswith(found) and refused.advice


@pytest.mark.parametrize(
    "error",
    [
        OSError("truncated file: eof = 100"),
        OSError(errno.EINVAL, "Invalid argument"),  # of a seek to where a damaged header points
        sqlite3.DatabaseError("file is not a database"),
        ValueError("is locked"),
    ],
)
def test_what_it_does_not_refuse_is_the_contents_fault(error):
    assert refusal("songs.h5", error) is None


def test_a_link_on_the_way_that_leads_nowhere_is_named(tmp_path):
    (tmp_path / "data").symlink_to(tmp_path / "unmounted")
    with pytest.raises(InputError, match=r"found a link to .*unmounted, which is not there"):
        open_file(tmp_path / "data" / "songs.h5")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no regular file"):
        open_file(tmp_path / "pipe")
