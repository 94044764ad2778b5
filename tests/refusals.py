"""Ways to have the system refuse a file, by what really does so: rights, limits, locks, links."""

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534

#: A regular file of which every read fails with EIO.
BROKEN_DISK = Path("/proc/self/mem")

_LOCK = """
import fcntl, sys, time
file = open(sys.argv[1], "rb+")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(60)
"""

_LOCK_DATABASE = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1])
database.execute("BEGIN EXCLUSIVE")
print(flush=True)
time.sleep(60)
"""


@contextmanager
def forbidden(path):
    """Takes all rights to a file or folder away, also from root."""
    mode, user = os.stat(path).st_mode, os.geteuid()
    os.chmod(path, 0)
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        os.chmod(path, mode)


@contextmanager
def too_many_open(_path):
    """Lets no further file be opened."""
    lowest_free = os.dup(0)
    os.close(lowest_free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def _a_link(path, to):
    aside = path.rename(path.with_name("aside"))
    path.symlink_to(to)
    try:
        yield
    finally:
        path.unlink()
        aside.rename(path)


def on_a_broken_disk(path):
    """Puts a file that cannot be read for input/output errors in the place of `path`."""
    return _a_link(path, BROKEN_DISK)


def gone_from_behind_its_link(path):
    """Makes `path` a link to a place where nothing is."""
    return _a_link(path, path.with_name("scratch") / "nowhere")


@contextmanager
def locked(path):
    """Has another process hold a lock on the file, as writers of HDF5 files do."""
    with _held(_LOCK, path):
        yield


@contextmanager
def locked_database(path):
    """Has another process be writing to a SQLite database."""
    with _held(_LOCK_DATABASE, path):
        yield


@contextmanager
def _held(script, path):
    with subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


@contextmanager
def files_of_at_most(size):
    """Writing past `size` bytes fails in this block, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
