"""Opening files to read them: what the system refuses is named, so no sound file is called damaged.

A file that is locked, forbidden or on a failing disk may be whole; a dangling link is no file that
is lacking. Both are told by the system's error number, whoever reports it: Python, HDF5 or SQLite.
"""

import errno
import io
import os
import re
import stat
from pathlib import Path

from representation_music.utils.errors import InputError

#: What to do about a file that HDF5 cannot lock.
_HDF5_LOCK_ADVICE = (
    "Wait until no other program uses the file. If none writes to it, or its disk cannot lock, set "
    "HDF5_USE_FILE_LOCKING=FALSE."
)

_WAIT = "Wait until no other program uses the file, or read a copy of it."
_LOCKED = ("that another process has locked it", _WAIT)
_FORBIDDEN = (
    "that it may not be read",
    "Have its owner allow it, as by `chmod a+r`, and by `chmod a+x` for the folders that it is in.",
)
_DISK = (
    "that its disk fails",
    "The file may be sound: try again, and have the disk or network looked at if that fails too.",
)
_STALE = ("that its network disk has lost it", "Try again, or have the disk mounted again.")
_TOO_MANY = ("too many open files", "Allow more with `ulimit -n`, or read fewer at once.")

#: What was found and what to do, by error number.
_MEANINGS = {
    errno.EAGAIN: _LOCKED,
    errno.EBUSY: _LOCKED,
    errno.EDEADLK: _LOCKED,
    errno.ETXTBSY: _LOCKED,
    errno.ENOLCK: ("that its disk cannot lock it", _WAIT),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: _DISK,
    errno.ESTALE: _STALE,
    errno.ETIMEDOUT: _STALE,
    errno.ENOTCONN: _STALE,
    errno.EMFILE: _TOO_MANY,
    errno.ENFILE: _TOO_MANY,
    errno.ENOMEM: ("too little memory", "Ask for more memory."),
    errno.EISDIR: ("a folder", "Name the file in it."),
    errno.ELOOP: ("links that lead to each other", "Mend the links."),
}

#: Error numbers by what SQLite says; its own codes are hidden from Python before 3.11.
_SQLITE_ERRORS = {
    "is locked": errno.EAGAIN,
    "locking protocol": errno.ENOLCK,
    "disk I/O error": errno.EIO,
    "unable to open database file": errno.EACCES,
    "access permission denied": errno.EACCES,
    "attempt to write a readonly database": errno.EROFS,
}


class Unreadable(InputError):
    """A file that the system would not let be read, which says nothing about its content."""


def refusal(place, error: Exception, expected: str = "", advice: str = "") -> Unreadable | None:
    """What `error` of Python, h5py or SQLite says of the file at `place`.

    Args:
        place: The file, or its name for messages.
        error: What opening or reading it raised.
        expected: What should be there, where there is no file at all.
        advice: What to do in that case.

    Returns:
        The error to raise; None if the system refused nothing, so the content is at fault.
    """
    number = _error_number(error)
    if number in (None, errno.EINVAL):  # a damaged archive has its readers seek to nowhere
        return None
    if number in (errno.ENOENT, errno.ENOTDIR):
        return missing_file(place, expected, advice)
    reason = f"{os.strerror(number)}, errno {number}"
    if "unable to lock file" in str(error):
        return Unreadable(place, f"that it cannot be locked ({reason})", "", _HDF5_LOCK_ADVICE)
    found, advice = _MEANINGS.get(number, ("that it cannot be read", "Try again."))
    return Unreadable(place, f"{found} ({reason})", "", advice)


def missing_file(place, expected: str = "", advice: str = "", what: str = "file") -> Unreadable:
    """The error for a file (or another `what`) that is not there, or whose link leads nowhere."""
    link = dangling_link(Path(place))
    if link:
        target = os.path.realpath(link)
        advice = f"Bring back {target}, or remove the link."
        return Unreadable(place, f"a link to {target}, which is not there", expected, advice)
    return Unreadable(place, f"no such {what}", expected, advice)


def exists(path: Path | str) -> bool:
    """Whether a file or folder is there; a link to nowhere is not the same as nothing.

    Raises:
        Unreadable: for a link to nowhere, or where the system does not tell.
    """
    try:
        os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR) and not dangling_link(Path(path)):
            return False
        raise refusal(path, error) or error from error
    return True


def dangling_link(path: Path) -> Path | None:
    """`path`, or the first folder on the way to it, that is a link to nowhere; None if none is."""
    for part in (*reversed(path.parents), path):
        if os.path.islink(part) and _leads_nowhere(part):
            return part
    return None


def _leads_nowhere(link: Path) -> bool:
    try:
        os.stat(link)
    except OSError as error:  # not where its target may be there and is forbidden
        return error.errno in (errno.ENOENT, errno.ENOTDIR)
    return False


def require_file(path: Path | str, expected: str) -> None:
    """Makes sure that a library which opens files by name will find one there.

    Raises:
        Unreadable: for what is no file, cannot be opened, or is a link to nowhere.
    """
    open_file(path, expected).close()


def open_file(path: Path | str, expected: str = "a file", advice: str = "") -> io.BufferedReader:
    """Opens a file whose every failure to be read is an `Unreadable` that names it.

    Where there is no file, the error says what is expected there and what to do.

    Raises:
        Unreadable: for what is no file, cannot be opened, or is a link to nowhere.
    """
    try:
        mode = os.stat(path).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe would be waited for
            raise Unreadable(path, "no regular file", expected, advice)
        file = io.BufferedReader(_NamedFile(path))
    except OSError as error:
        raise refusal(path, error, expected, advice) or error from error
    try:
        file.peek(1)  # a failing disk says so here, before a library takes it for damage
    except BaseException:
        file.close()
        raise
    return file


def read_bytes(path: Path | str, expected: str = "a file", advice: str = "") -> bytes:
    """The content of a file.

    Raises:
        Unreadable: if there is none or it cannot be read.
    """
    with open_file(path, expected, advice) as file:
        return file.read()


class _NamedFile(io.FileIO):
    """A file whose failures to be read name it, also through libraries that pass on others' own."""

    def readinto(self, buffer) -> int:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise refusal(self.name, error) or error from error

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise refusal(self.name, error) or error from error


def _error_number(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if found := re.search(r"errno = (\d+)", str(error)):  # HDF5, where h5py does not know it
        return int(found[1])
    if type(error).__module__ == "sqlite3":
        return next((n for words, n in _SQLITE_ERRORS.items() if words in str(error)), None)
    return None
