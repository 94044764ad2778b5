"""Reuses a run that another study has finished: its files are linked, or copied."""

import os
import shutil
from pathlib import Path

from representation_music.experiments.runs.folder import LOCK, working_on
from representation_music.utils.files import atomic_path


def reuse(finished: Path, run: Path) -> None:
    """Puts a finished run in the place of `run`, whole, of what an ended life has left there.

    The record comes last: whatever ends this, a run without it is not finished.

    Raises:
        Held: if another process is at work on either, as the worker that still clears up.
    """
    with working_on(finished, wait=False), working_on(run, wait=False):
        for old in run.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
            elif old.name != LOCK:
                old.unlink()
        record = finished / "record.json"
        files = (file for file in sorted(finished.rglob("*")) if file.is_file() and file != record)
        for file in (*files, record):
            if file.parent != finished or file.name not in (LOCK, "failed.json"):
                place = run / file.relative_to(finished)
                place.parent.mkdir(parents=True, exist_ok=True)
                _link_or_copy(file, place)


def _link_or_copy(file: Path, place: Path) -> None:
    """Files of runs are replaced, never changed, so links are as good as copies."""
    try:
        os.link(file, place)
    except OSError:  # another disk, or one without hard links
        with atomic_path(place) as temporary:
            shutil.copyfile(file, temporary)
