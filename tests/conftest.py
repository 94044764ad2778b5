"""What tests of several folders share: seeds, and a small set of songs with every kind of label."""

import gc
import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory

#: Of small matrices several threads only wait for each other; read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags

NUM_SONGS, NUM_WORDS, NUM_ARTISTS, NUM_THEMES = 600, 50, 150, 4

#: Why tests may be skipped where everything is installed: for what cannot be installed.
NOT_INSTALLABLE = ("real sample", "TensorFlow rounds otherwise")
#: CI's file of the tests that have passed: they are left out, and those that now pass are added.
PASSED = Path(os.environ.get("REPMUSIC_PASSED") or os.devnull)


#: Collecting imports a million objects and leaves no garbage: looking for it takes seconds.
gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_report_header():
    if done := len(PASSED.read_text().splitlines()):
        return f"left out, as they have passed: {done} tests"


def pytest_collection_modifyitems(config, items):
    """What takes long comes first, lest it is left for one worker at the end: Slurm, slow files."""
    passed = set(PASSED.read_text().splitlines())
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in passed])
    items[:] = [item for item in items if item.nodeid not in passed]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    slurm = {item.path.parent for item in items if item.get_closest_marker("slurm")}
    items.sort(key=lambda item: (item.path.parent not in slurm, item.path not in slow))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A worker takes a file at a time, in our order; those that wait for the one Slurm together."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid):
            scope = super()._split_scope(nodeid)
            return "Slurm" if "maverick_scripts/" in scope else scope

    config.option.loadscopereorder = False
    return Files(config, log)


def pytest_sessionfinish(session):
    """Notes what has passed; under REPMUSIC_NONE_SKIPPED, a test that is skipped is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(session.config, "workerinput"):
        return
    with open(PASSED, "a") as file:
        file.writelines(f"{report.nodeid}\n" for report in reporter.stats.get("passed", []))
    if not os.environ.get("REPMUSIC_NONE_SKIPPED"):
        return
    reasons = [str(report.longrepr[-1]) for report in reporter.stats.get("skipped", [])]
    if skipped := [r for r in reasons if not any(text in r for text in NOT_INSTALLABLE)]:
        reporter.write_line(f"\n{len(skipped)} tests are skipped; none may be here.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def seeds():
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def unrendered(monkeypatch):
    """Figures are made but not rendered, which takes most of their time: their files are empty."""
    figure = "matplotlib.figure.Figure"
    monkeypatch.setattr(f"{figure}.draw_without_rendering", lambda self: None)
    monkeypatch.setattr(f"{figure}.savefig", lambda self, path, **_: Path(path).write_bytes(b""))


@pytest.fixture
def no_workers():
    """Grids train in this process; the tests of the pool show that they do so in workers."""
    from in_this_process import no_workers

    with no_workers():
        yield


@pytest.fixture
def few_linear_models():
    """Linear models are chosen among few; that they are chosen well, their own tests show."""
    from small_runs import few_linear_models

    with few_linear_models():
        yield


@pytest.fixture
def folder():
    """A folder that everybody may look into, which pytest's own is not."""
    with TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def song_dataset() -> SongDataset:
    """600 songs of 50 words with labels that the words foretell; read only.

    Tags pop, pop rock and ballad, year and loudness (some missing), a genre of 4 classes (some
    missing); splits artist and random. The first word is in every song, the last in none.
    """
    return small_songs()


@pytest.fixture(scope="session")
def songs_file(song_dataset, tmp_path_factory):
    """Path of the same songs as a songs file."""
    path = tmp_path_factory.mktemp("songs") / "songs.h5"
    small_songs().save(path)
    return path


def small_songs() -> SongDataset:
    rng = np.random.default_rng(11)
    artist = np.sort(rng.integers(0, NUM_ARTISTS, NUM_SONGS))
    theme = rng.integers(0, NUM_THEMES, NUM_SONGS)
    rates = rng.gamma(0.3, 2.0, (NUM_THEMES, NUM_WORDS))
    counts = rng.poisson(rates[theme]).astype(np.float32)
    counts[:, 0], counts[:, -1] = 1, 0
    score = (theme - 1.5) / 1.1 + rng.normal(0, 0.5, NUM_SONGS)
    known = rng.random(NUM_ARTISTS)[artist] < 0.9
    carried = np.stack([score > -0.5, score > 0.3, -score > 0.8], axis=1) & known[:, None]
    year = np.where(rng.random(NUM_SONGS) < 0.8, np.round(1990 + 8 * score), np.nan)
    artist_part = rng.permutation(np.repeat([0, 1, 2], [90, 25, 35]))[artist]
    random_part = rng.permutation(np.repeat([0, 1, 2], [360, 100, 140]))
    genre = np.where(rng.random(NUM_SONGS) < 0.7, theme, np.nan)
    return SongDataset(
        ids=np.array([f"TR{n:016d}" for n in range(NUM_SONGS)], "S18"),
        groups=np.array([f"AR{n:016d}" for n in artist], "S18"),
        words=[f"word{n}" for n in range(NUM_WORDS)],
        counts=csr_array(counts),
        columns={
            "year": LabelColumn("regression", year, unit="years"),
            "loudness": LabelColumn("regression", -10 + 3 * score, unit="dB"),
            "genre": LabelColumn("multiclass", genre, ["Blues", "Country", "Pop_Rock", "Rap"]),
        },
        tags=Tags(["pop", "pop rock", "ballad"], known, csr_array(carried.astype(np.int8))),
        splits={"artist": artist_part.astype(np.int8), "random": random_part.astype(np.int8)},
        kind="synthetic",
        provenance={"made": "for tests"},
    )
