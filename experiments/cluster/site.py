"""The settings of a site: maverick_scripts/site.env, lines of KEY=value, under the environment.

The file looks like shell but is never run: a line that is not a setting is an error with its
number. `start.sh` reads two of its keys before there is a Python, by the same rules.
"""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "maverick_scripts"

#: A quoted text or one word, in which nothing has a meaning to a shell but $NAME; then a comment.
LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<key>[A-Za-z_]\w*)=
    (?:"(?P<double>[^"`\\]*)" | '(?P<single>[^'`\\]*)' | (?P<word>(?!\#)[^\s"'`\\;&|<>()]*))
    (?:\s+\#.*)?\s*""",
    re.VERBOSE,
)
#: $NAME or ${NAME}; else any $, which is an error.
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})|\$")


@dataclass(frozen=True)
class Site:
    """What a user sets for all job scripts; `site.env.example` says what each key means.

    Attributes:
        store: Folder of songs, runs and logs, in which every job works; absolute.
        raw_dir: Folder of the official files, absolute; None if it is not set.
        file: The settings file, whether it exists or not.
    """

    file: Path
    store: Path
    raw_dir: Path | None = None
    mail_user: str = ""
    partition: str = ""
    account: str = ""
    qos: str = ""
    time: str = ""
    gpus: str = ""
    cpus: int = 0
    mem: str = ""
    runs_per_task: int = 0
    tree_tasks: int = 0
    modules: str = ""
    venv: str = ""
    dataset: str = "songs.h5"
    max_requeues: int = 50
    sets: tuple[str, ...] = ()
    set_options: tuple[str, ...] = ()
    studies: tuple[str, ...] = ("benefit", "coupling", "training_size")
    study_options: tuple[str, ...] = ()

    @property
    def runs_side_by_side(self) -> int:
        """Runs that one task of a job array trains at a time: two for each GPU, or one per core."""
        count = self.gpus.rpartition(":")[2]  # of `a100:2`
        return 2 * int(count) if count.isdigit() and int(count) else self.cpus or 1

    def from_here(self, path: str) -> str:
        """A path that is typed: it starts at STORE, or else where the command is typed."""
        here = os.path.exists(path) and not exists(self.store / path)
        return os.path.abspath(path) if here else path


#: The keys of the file; each may be set in the environment instead.
KEYS = tuple(field.name.upper() for field in fields(Site) if field.name != "file")


def read_site(environment: Mapping[str, str] = os.environ) -> Site:
    """The settings of the file that SITE_ENV names, or of site.env beside the scripts.

    Raises:
        InputError: for a line or a value that is no setting, with the file and the line's number.
    """
    named = environment.get("SITE_ENV")
    file = Path(named or SCRIPTS / "site.env")
    found = {}  # by key: where it stands, and its text
    if exists(file):
        found = _read_file(file, environment)
    elif named:
        raise InputError(file, "no such file", "the settings that SITE_ENV names")
    found |= {key: (key, environment[key]) for key in KEYS if key in environment}
    # Results belong on the large disk that clusters name by SCRATCH or WORK; else in the project.
    disk = environment.get("SCRATCH") or environment.get("WORK")
    store = _text(found, "STORE") or (f"{disk}/representation-music" if disk else "")
    settings = {"file": file, "store": ROOT / store}
    if raw_dir := _text(found, "RAW_DIR"):
        settings["raw_dir"] = ROOT / raw_dir
    for field in fields(Site):
        key = field.name.upper()
        if field.name not in settings and _text(found, key):
            settings[field.name] = _as_type(field.type, *found[key])
    return Site(**settings)


def _text(found: Mapping[str, tuple], key: str) -> str:
    return found.get(key, ("", ""))[1]


def _read_file(file: Path, environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By key: `file:line` and the value."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(file, f"no readable file ({error})", "lines of KEY=value") from error
    found: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"{file}:{number}"
        match = LINE.fullmatch(line)
        if not match:
            advice = 'Several words stand in quotes: STUDY_OPTIONS="--sizes 500 1000".'
            raise InputError(place, repr(line), "KEY=value", advice)
        key = match["key"]
        if key not in KEYS:
            raise InputError(place, key, f"one of: {', '.join(KEYS)}")
        if key in found:
            raise InputError(place, f"{key} a second time", f"it once, as in {found[key][0]}")
        value = match["double"] or match["single"] or match["word"] or ""
        found[key] = place, _filled(value, place, environment)
    return found


def _filled(value: str, place: str, environment: Mapping[str, str]) -> str:
    """The value with $NAME from the environment and ~/ at its start filled in."""

    def fill(match: re.Match) -> str:
        name = match[1] or match[2]
        if name not in environment:
            raise InputError(place, repr(match[0]), "a variable of the environment")
        return environment[name]

    filled = VARIABLE.sub(fill, value)
    return environment.get("HOME", "~") + filled[1:] if filled.startswith("~/") else filled


def _as_type(kind: type, place: str, text: str):
    if kind is int:
        if not text.isdecimal():
            raise InputError(place, repr(text), "a whole number")
        return int(text)
    if kind is str:
        return text
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(place, f"{text!r} ({error})", "words") from error
