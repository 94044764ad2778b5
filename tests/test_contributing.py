"""The examples of CONTRIBUTING.md are run as they stand there, through `repmusic`."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: Flags that make an example's command small.
SMALL = "--dataset songs.h5 --training-size 100 --num-steps 20 --evaluate-every 10"
SMALL_STUDY = "--dataset songs.h5 --num-steps 20 --widths 8 4 4 4 --workers 1 --controls"


def sections() -> dict[str, str]:
    """The text of each section by its heading."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", sections()[section], flags=re.DOTALL)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with small songs in `songs.h5`."""
    folder = tmp_path_factory.mktemp("contributing")
    run(folder, "repmusic synthesize data --songs 1500", {})
    run(folder, "repmusic preprocess data -o songs.h5", {})
    return folder


def run(folder: Path, command: str, environment: dict[str, str]) -> str:
    """Runs a command of `repmusic` in a process of its own; gives what it prints."""
    words = shlex.split(command)
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment = environment | {name: value}
    assert words[0] == "repmusic"
    module = "representation_music.experiments.command_line"
    done = subprocess.run(
        [sys.executable, "-m", module, *words[1:]],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def write_example(folder: Path, section: str) -> Path:
    """Writes a section's module under the name in its first line."""
    (text,) = blocks(section, "python")
    name = text.splitlines()[0].removeprefix("# ")
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.slow
@pytest.mark.parametrize("section", ["A network", "An objective"])
def test_what_trains_is_one_file(workplace, section):
    write_example(workplace, section)
    (commands,) = blocks(section, "sh")
    for command in commands.splitlines():
        printed = run(workplace, f"{command} {SMALL}", {})
        assert "Next: repmusic evaluate" in printed
        (folder,) = re.findall(r"Next: repmusic evaluate (\S+)", printed)
        plugins = {"REPMUSIC_PLUGINS": command.partition("=")[2].split()[0]}
        assert "test split" in run(workplace, f"repmusic evaluate {folder}", plugins)


def test_a_dataset_format_is_one_file(tmp_path):
    write_example(tmp_path, "A dataset format")
    rows = ["id,site,funny,cat,dog", *(f"p{n},s{n % 40},{n % 2},{n % 3},1" for n in range(200))]
    (tmp_path / "pages.csv").write_text("\n".join(rows) + "\n")
    (command,) = blocks("A dataset format", "sh")
    assert "pages of a CSV (200 pages)" in run(tmp_path, command, {})
    pages = SongDataset.load(tmp_path / "pages.h5")
    assert pages.words == ["cat", "dog"] and pages.task("funny").kind == "binary"
    row = pages.ids.tolist().index(b"p7")
    assert pages.counts[[row]].toarray().tolist() == [[1, 1]]
    assert pages.labels("funny")[row] == 1 and pages.groups[row] == b"s7"
    parts = [set(pages.groups[songs].tolist()) for songs in pages.split("artist").values()]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 40
    (tmp_path / "own.csv").write_text("id,length\np7,2.5\np9,7\n")
    run(tmp_path, f"{command} --labels own.csv --unit length=minutes", {})
    length = SongDataset.load(tmp_path / "pages.h5").columns["length"]
    assert length.unit == "minutes" and length.values[row] == 2.5 and length.known.sum() == 2
    flags = f"{command} --text-column site"
    with pytest.raises(AssertionError, match="--text-column with the format pages: found both"):
        run(tmp_path, flags, {})


@pytest.mark.slow
def test_a_study_is_one_file(workplace):
    write_example(workplace, "A study")
    (commands,) = blocks("A study", "sh")
    export, *others = commands.splitlines()
    name, _, value = export.removeprefix("export ").partition("=")
    for command in others:
        flags = SMALL_STUDY if " study " in command else ""
        run(workplace, f"{command} {flags}", {name: value})
    assert "Does sharing every layer help?" in (workplace / "page/index.html").read_text()
    assert list((workplace / "runs/all_shared").rglob("*.png"))
