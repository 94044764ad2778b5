"""A lock with an owner: one process at a time writes to a folder, also on a disk that hosts share.

The lock is a file that names its owner, made by a hard link, which network disks make atomically
as well. Its owner touches it every `BEAT` seconds. It is stale, and whoever wants it takes it,

- at once, if its owner ran on this host (same boot, same container) and has ended;
- after `DEAD_AFTER` seconds without a beat otherwise: on another host, nobody can tell else.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import part_beside
from representation_music.utils.machine import machine, process_began
from representation_music.utils.typed_json import checked, parse

#: Seconds between two beats of a lock that is held.
BEAT = 10
#: Without a beat for so many seconds the owner is dead. Clocks of hosts differ a little.
DEAD_AFTER = 90
#: Seconds between two looks at a lock whose owner may be dead.
LOOK = 0.5
#: Seconds that an owner who was killed may need to end.
GRACE = 2.0

#: Locks that this process holds: how often, by file.
_held: dict[Path, tuple["_Owner", int]] = {}


class Held(InputError):
    """A folder that another living process writes to."""


@dataclass(frozen=True)
class _Owner:
    """Who holds a lock.

    Attributes:
        host: Name of its host.
        process: Number of its process.
        started: When that began, in the kernel's ticks: numbers of processes are used again.
        machine: Boot and container within which numbers of processes mean something.
        token: Tells two locks of one process apart.
    """

    host: str
    process: int
    started: str = ""
    machine: str = ""
    token: str = ""

    @classmethod
    def ours(cls) -> "_Owner":
        process = os.getpid()
        started, token = process_began(process), uuid.uuid4().hex
        return cls(socket.gethostname(), process, started, machine(), token)

    @classmethod
    def read(cls, file: Path) -> "_Owner | None":
        """The owner that a lock names; None if there is none, or what stands there is damaged."""
        try:
            return checked(cls, parse(file.read_text(encoding="utf-8"), file), file)
        except (OSError, ValueError, InputError):
            return None

    def has_ended(self) -> bool | None:
        """Whether the process has ended; None where that cannot be told from here."""
        if not self.machine or self.machine != machine():
            return None
        return process_began(self.process) != self.started


def is_held(file: Path) -> bool:
    """Whether a living process, this one included, holds the lock."""
    try:
        age = time.time() - file.stat().st_mtime
    except OSError:
        return False
    owner = _Owner.read(file)
    ended = owner.has_ended() if owner else None
    return age < DEAD_AFTER if ended is None else not ended


def holder(file: Path) -> str:
    """Who holds the lock, in words: `process 12 on node3`."""
    owner = _Owner.read(file)
    return f"process {owner.process} on {owner.host}" if owner else "an unknown process"


@contextmanager
def hold(file: Path, wait: bool = True) -> Iterator[None]:
    """Holds the lock while the block runs; within itself it is no obstacle.

    Args:
        file: The lock.
        wait: Whether to wait, where the owner may be dead on another host, until it beats or is
            stale; it is taken for alive otherwise.

    Raises:
        Held: if another living process holds it.
        InputError: if the folder cannot be written.
    """
    file = Path(os.path.abspath(file))
    owner, times = _held.get(file) or (None, 0)
    made = not os.path.exists(file.parent)
    if owner is None:
        owner = _Owner.ours()
        _acquire(file, owner, wait)
    _held[file] = owner, times + 1
    ended = threading.Event()
    if not times:
        threading.Thread(target=_beat, args=(file, owner, ended), daemon=True).start()
    try:
        yield
    finally:
        if times:
            _held[file] = owner, times
        else:
            ended.set()
            del _held[file]
            if _Owner.read(file) == owner:
                file.unlink(missing_ok=True)
            if made:
                with suppress(OSError):  # something was written there
                    file.parent.rmdir()


def require_held(file: Path) -> None:
    """Makes sure that a lock which this process took is still its own.

    A process that was suspended for long, as a laptop is, may have been taken for dead.

    Raises:
        Held: if another process has taken it.
    """
    mine, _ = _held.get(Path(os.path.abspath(file))) or (None, 0)
    if mine and _Owner.read(file) not in (mine, None):
        raise Held(file, f"{holder(file)}, which took this process for dead", "our own lock")


def _acquire(file: Path, owner: _Owner, wait: bool) -> None:
    seen, began = None, time.monotonic()
    while not _make(file, owner):
        found, age = _Owner.read(file), _age(file)
        if age is None:  # it has just been given up
            continue
        ended = found.has_ended() if found else None
        if ended or age > DEAD_AFTER:
            _break(file, found)
            continue
        beats = seen is not None and age < seen
        if not wait or (time.monotonic() - began > GRACE if ended is False else beats):
            raise Held(
                file.parent,
                f"that {holder(file)} is at work there",
                "a folder that no other process writes to",
                "Wait until it has ended, or end it.",
            )
        if seen is None and ended is None:
            say(f"{file.parent}: waiting whether {holder(file)} is alive", flush=True)
        seen = age
        time.sleep(LOOK)


def _make(file: Path, owner: _Owner) -> bool:
    """Makes the lock if there is none; whether it did."""
    draft = part_beside(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(asdict(owner)) + "\n")
        try:
            os.link(draft, file)
        except FileExistsError:
            return False
        except OSError:  # a disk without hard links
            with suppress(FileExistsError), open(file, "x") as made:
                made.write(json.dumps(asdict(owner)) + "\n")
        return _Owner.read(file) == owner
    except OSError as error:
        found = f"that it cannot be written ({error.strerror or error})"
        raise InputError(
            file.parent, found, "", "Free some space or name another place."
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _age(file: Path) -> float | None:
    """Seconds since the last beat, by the clock of the disk; None if the lock is gone."""
    clock = part_beside(file)
    try:
        clock.touch()
        now = clock.stat().st_mtime
    except OSError:  # a full or unwritable disk
        now = time.time()
    try:
        return now - file.stat().st_mtime
    except OSError:
        return None
    finally:
        with suppress(OSError):
            clock.unlink(missing_ok=True)


def _break(file: Path, found: "_Owner | None") -> None:
    """Removes a stale lock, unless another process has done so: one at a time may."""
    guard = file.with_name(f".{file.name}.taken")
    try:
        os.close(os.open(guard, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        if (_age(guard) or 0.0) > DEAD_AFTER:
            guard.unlink(missing_ok=True)
        time.sleep(LOOK)
        return
    try:
        if _Owner.read(file) == found:
            file.unlink(missing_ok=True)
    finally:
        guard.unlink(missing_ok=True)


def _beat(file: Path, owner: _Owner, ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):
            if _Owner.read(file) == owner:
                os.utime(file)
