"""Where a run lives and how far it is, from its files alone, without network or songs."""

import csv
import io
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypedDict

from representation_music.experiments.runs.linear_config import AnyConfig, config_from_json
from representation_music.utils.errors import InputError, disk_is_full
from representation_music.utils.file_names import file_name
from representation_music.utils.files import write_json, write_text
from representation_music.utils.lock import Held, hold, is_held
from representation_music.utils.reading import exists
from representation_music.utils.records import is_finished, read_json, read_settings

State = Literal["done", "trained", "running", "damaged", "failed", "interrupted", "missing"]


class _Failure(TypedDict):
    """What `failed.json` holds, as far as it is read again."""

    reason: str
    log: str


#: In a worker's log, before the folder of the run that the lines below it are about.
BEGINS = "--- "
#: The lock of a run's folder.
LOCK = "running"


def run_folder(config: AnyConfig, fingerprint: str, runs: Path | str) -> Path:
    """Where a run leaves its record: the experiment's name and the digest of config and data."""
    return Path(runs) / f"{file_name(config.experiment_name)}-{config.digest(fingerprint)}"


def run_and_checkpoint(path: Path | str) -> tuple[Path, Path]:
    """The run's folder and the checkpoint that `path` names, or the folder's best one.

    Raises:
        InputError: if there is no run, or no checkpoint in it.
    """
    path = Path(path)
    if path.suffix == ".npz":
        folder, checkpoint = path.absolute().parent.parent, path
        if not exists(path):
            raise InputError(path, "no such file", "a checkpoint")
        if not exists(folder / "config.json"):
            expected = "one in the folder `checkpoints` of its run, beside config.json"
            raise InputError(path, "a checkpoint outside its run", expected)
        return folder, checkpoint
    folder, checkpoint = path, path / "checkpoints" / "best.npz"
    if not exists(folder / "config.json"):
        advice = "`repmusic train` makes one."
        raise InputError(path, "no run", "a folder with config.json", advice)
    if not exists(checkpoint):
        raise InputError(
            checkpoint,
            "no such file",
            "a checkpoint",
            "Studies delete them but with --keep-checkpoints; `repmusic train` keeps them.",
        )
    return folder, checkpoint


def state_of(folder: Path) -> State:
    """How far the run in `folder` is: done means trained and evaluated on the test split."""
    try:
        return _state_of(folder)
    except InputError:
        return "damaged"


def _state_of(folder: Path) -> State:
    if is_finished(folder):
        return "done" if exists(folder / "test.json") else "trained"
    if is_held(folder / LOCK):
        return "running"
    if exists(folder / "failed.json"):
        return "failed"
    return "interrupted" if exists(folder / "config.json") else "missing"


def is_done(folder: Path, evaluated: bool = True) -> bool:
    """Whether nothing is left to do for the run: trained, and evaluated where that is wanted."""
    return is_finished(folder) and (not evaluated or exists(folder / "test.json"))


@contextmanager
def working_on(folder: Path, wait: bool = True) -> Iterator[None]:
    """Holds a run's folder while the block runs: all who write to it or delete from it do.

    What a killed process has left half written is cleared away. `wait` is that of
    `utils.lock.hold`.

    Raises:
        Held: if another process is at work there.
    """
    with hold(folder / LOCK, wait):
        for part in (*folder.glob(".*.part"), *folder.glob("checkpoints/.*.part")):
            if not part.name.startswith(f".{LOCK}."):  # which others make who look at the lock
                part.unlink(missing_ok=True)
        yield


@contextmanager
def failure_noted(folder: Path, log: Path | None = None) -> Iterator[None]:
    """Forgets an earlier failure of the run; notes, and passes on, an error of the block."""
    (folder / "failed.json").unlink(missing_ok=True)
    try:
        yield
    except Held:  # by a process that is at work on it, or on a member
        raise
    except Exception as error:
        if not disk_is_full(error):  # which is no fault of the run
            note_failure(folder, reason_of(error), traceback.format_exc(), log)
        raise


def reason_of(error: Exception) -> str:
    """Why a run failed, in one line."""
    # TensorFlow says what is wrong in the last line, after the way it got there.
    last_line = (str(error).strip().splitlines() or [""])[-1].strip()
    return f"{type(error).__name__}: {last_line}"


def note_failure(folder: Path, reason: str, details: str, log: Path | None = None) -> None:
    """Writes `failed.json`: why a run failed, in one line and in full, and where its log is."""
    content = {
        "reason": reason,
        "host": socket.gethostname(),
        "details": details,
        "log": str(log.absolute()) if log else "",
    }
    # What went wrong matters more than that it cannot be noted, or that another has begun anew.
    with suppress(InputError), working_on(folder, wait=False):
        write_json(folder / "failed.json", content)


def failure_of(folder: Path) -> tuple[str, str]:
    """Why a run failed or cannot be read, in one line, and the last line of its log."""
    try:
        _state_of(folder)
    except InputError as error:
        return str(error), ""
    try:
        content = read_json(folder / "failed.json", _Failure, sealed=True)
        return content["reason"], _last_line(Path(content["log"]), folder)
    except InputError as error:
        return f"no reason can be read ({error})", ""


def _last_line(log: Path, folder: Path) -> str:
    """The last line that a worker's log has about the run in `folder`, with the log's name."""
    about, last = False, ""
    with suppress(OSError, ValueError), open(log, encoding="utf-8", errors="replace") as lines:
        for line in filter(None, map(str.strip, lines)):
            if line.startswith(BEGINS):
                about = Path(line.removeprefix(BEGINS)).name == folder.name
            elif about:
                last = line
    return f"{log}: {last}" if last else ""


def config_of(folder: Path) -> tuple[AnyConfig, str]:
    """The config of the run in `folder`, and the fingerprint of the data it was trained on.

    Raises:
        InputError: if there is none, it is damaged, or it is not the one that the folder is named
            after: a run is evaluated as what was trained.
    """
    path = folder / "config.json"
    settings = read_settings(folder, "fingerprint")
    fingerprint = str(settings.pop("fingerprint"))
    config = config_from_json(settings, str(path))
    name = run_folder(config, fingerprint, "").name
    if folder.resolve().name != name:
        raise InputError(
            path,
            f"the settings of {name}",
            f"those of the run that its folder is named after, {folder.resolve().name}",
            "Undo the edit, or give the folder its name back.",
        )
    return config, fingerprint


def claim(folder: Path, config: AnyConfig, fingerprint: str) -> None:
    """Writes `config.json`, or compares with the one that stands there.

    Raises:
        InputError: if the folder holds another run; it says what differs.
    """
    path = folder / "config.json"
    if exists(path):
        there = read_settings(folder)
        their_data = {"fingerprint": there.pop("fingerprint", None)}
        # Settings, not what was typed: two ways to write one run are no difference.
        theirs = config_from_json(there, str(path)).settings() | their_data
        ours = config.settings() | {"fingerprint": fingerprint}
        differing = [
            f"{name} {theirs.get(name)!r} (ours {ours[name]!r})"
            for name in sorted(ours)
            if theirs.get(name) != ours[name]
        ]
        if differing:
            raise InputError(
                path,
                f"another run: {'; '.join(differing)}",
                "this run's config",
                "Name another --experiment-name or --runs folder.",
            )
    settings = config.to_json() | {"fingerprint": fingerprint}
    write_json(path, settings)


def write_history(folder: Path, history: list[dict]) -> None:
    """Writes `history.csv`, one row per evaluation."""
    if history:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        write_text(folder / "history.csv", text.getvalue())
