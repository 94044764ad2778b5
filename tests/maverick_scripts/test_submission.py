"""The sbatch commands that submission_script.sh makes, word by word. Needs no Slurm."""

import re
import shutil
from pathlib import Path

import pytest
from job_scripts import SCRIPTS, bash

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.commands.study import study
from representation_music.experiments.design.cells import StudyOptions
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.runs.folder import run_folder

GOLDEN = Path(__file__).parent / "golden"
#: Name of a golden file: settings, and what follows --dry-run.
CASES = {
    "study_without_songs_file": ({"RAW_DIR": "/"}, []),
    "study_with_everything_set": (
        {
            "RAW_DIR": "/",
            "MAIL_USER": "me@site.edu",
            "PARTITION": "gpu",
            "ACCOUNT": "music",
            "QOS": "long",
            "TIME": "04:00:00",
            "GPUS": "1",
            "CPUS": "4",
            "MEM": "8G",
        },
        [],
    ),
    "preprocessing_of_a_tree": (
        {"RAW_DIR": "/", "TREE_TASKS": "16"},
        ["preprocess", "--seed", "3"],
    ),
    "own_choice_of_sets_and_studies": (
        {
            "RAW_DIR": "/",
            "SETS": "single_task_target",
            "SET_OPTIONS": "--sizes 500 1000",
            "STUDIES": "benefit",
            "STUDY_OPTIONS": "--seeds 10 --tune 8",
        },
        [],
    ),
    "one_set_with_arguments": ({"TIME": "01:00:00"}, ["multi_low_tightly_coupled", "--sizes", "5"]),
    "evaluation_of_a_folder_with_a_space": ({}, ["evaluate", "runs/one two"]),
}
SMALL = "--sizes 50 --architectures low_level_sharing"
#: The same where there is a songs file: the script comes first.
CASES_WITH_SONGS = {
    "paper_with_songs_file": (
        {"SETS": "single_task_target", "STUDIES": "benefit coupling", "STUDY_OPTIONS": SMALL},
        ["submission_script"],
    ),
    "study_on_gpus": (
        {"GPUS": "1", "PARTITION": "gpu"},
        ["study", "benefit", *SMALL.split(), "--seeds", "3"],
    ),
    "tuning_before_its_study": ({}, ["study", "benefit", *SMALL.split(), "--tune", "2"]),
}


def dry_run(words, script="submission_script", **settings) -> str:
    """The commands, with the project's folder written as PROJECT and the store's as STORE."""
    done = bash(SCRIPTS / f"{script}.sh", "--dry-run", *words, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(settings["STORE"], "STORE").replace(str(SCRIPTS.parent), "PROJECT")


@pytest.mark.parametrize("name", CASES)
def test_commands_are_those_of_the_golden_file(name, tmp_path):
    settings, words = CASES[name]
    commands = dry_run(words, STORE=str(tmp_path), **settings)
    # After a wanted change: write `commands` to the file, and read the difference in git.
    assert commands == (GOLDEN / f"{name}.txt").read_text()


@pytest.fixture
def store(songs_file, tmp_path) -> Path:
    """A store with songs and nothing else."""
    (tmp_path / "store").mkdir()
    shutil.copy(songs_file, tmp_path / "store/songs.h5")
    return tmp_path / "store"


@pytest.mark.parametrize("name", CASES_WITH_SONGS)
def test_where_there_are_songs_arrays_and_page_are_told_and_nothing_is_written(name, store):
    settings, (script, *words) = CASES_WITH_SONGS[name]
    settings = {"RUNS_PER_TASK": "8", **settings}
    commands = dry_run(words, script, STORE=str(store), **settings)
    assert commands == (GOLDEN / f"{name}.txt").read_text()
    assert [path.name for path in store.rglob("*")] == ["songs.h5"]


def test_a_dry_run_of_a_study_counts_what_is_done_and_changes_nothing(store, monkeypatch):
    monkeypatch.chdir(store)  # as a job does
    options = StudyOptions(sizes=(50,), architectures=("low_level_sharing",))
    study("benefit", options, manifest_only=True)
    manifest = Path("runs/benefit/manifest.jsonl")
    fingerprint = SongDataset.load("songs.h5").fingerprint
    for config in read_manifest(manifest)[4:]:
        finish(run_folder(config, fingerprint, manifest.parent))
    before = contents(store)
    settings = {"STORE": str(store), "RUNS_PER_TASK": "2"}
    assert array(dry_run(["benefit", *SMALL.split()], "study", **settings)) == "1-2"
    assert contents(store) == before


def test_every_submitted_script_exists(tmp_path):
    for command in dry_run([], STORE=str(tmp_path), RAW_DIR="/", TREE_TASKS="2").splitlines():
        (script,) = (word for word in command.split() if word.startswith("PROJECT/"))
        assert Path(script.replace("PROJECT", str(SCRIPTS.parent))).is_file()


@pytest.fixture
def manifest(songs_file, tmp_path) -> Path:
    """Ten runs of two architectures in the folder of a study."""
    base = DEFAULT.replace(dataset=str(songs_file), tasks=("pop", "ballad"), widths=(8, 8, 4, 4))
    runs = [
        base.replace(architecture=name, seed=seed)
        for name in ("low_level_sharing", "no_sharing")
        for seed in range(5)
    ]
    path = tmp_path / "runs/benefit/manifest.jsonl"
    write_manifest(path, runs)
    return path


def array(command: str) -> str:
    return re.search(r"--array=(\S+)", command)[1]


def test_an_arrays_range_is_computed_from_the_manifest(manifest, tmp_path):
    settings = {"STORE": str(tmp_path), "RUNS_PER_TASK": "4"}
    words = ["grid", "runs/benefit/manifest.jsonl", "--keep-checkpoints"]
    assert dry_run(words, **settings) == (
        "sbatch --parsable --job-name=benefit --output=STORE/logs/benefit-%a.log --array=1-3 "
        "PROJECT/maverick_scripts/grid.sh --runs-per-task=4 runs/benefit/manifest.jsonl "
        "--keep-checkpoints\n"
    )


def test_tasks_whose_runs_are_all_done_are_not_submitted_again(manifest, tmp_path):
    settings = {"STORE": str(tmp_path), "RUNS_PER_TASK": "2"}
    words = ["grid", "runs/benefit/manifest.jsonl"]
    configs = read_manifest(manifest)
    fingerprint = SongDataset.load(configs[0].dataset).fingerprint
    folders = [run_folder(config, fingerprint, manifest.parent) for config in configs]
    for folder in folders[2:5]:
        finish(folder)
    assert array(dry_run(words, **settings)) == "1,3-5"
    for folder in folders:
        finish(folder)
    assert "all runs are done" in dry_run(words, **settings)


def contents(folder) -> dict:
    """What is in a folder; another time or number of a file tells that it was written anew."""
    stats = {path: path.lstat() for path in folder.rglob("*")}
    return {path: (stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def test_a_manifest_with_a_name_of_its_own_gives_it_to_the_array(manifest, tmp_path):
    manifest.rename(tmp_path / "runs/single_task_target.jsonl")
    command = dry_run(["grid", "runs/single_task_target.jsonl"], STORE=str(tmp_path))
    assert "--job-name=single_task_target --output=STORE/logs/single_task_target-%a.log" in command


def finish(folder):
    folder.mkdir(exist_ok=True)
    (folder / "record.json").write_text('{"status": "finished"}')
    (folder / "test.json").write_text("{}")


def test_the_status_that_is_named_has_a_manifest_to_read(tmp_path):
    for name in ("benefit", "coupling/tuning"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "manifest.jsonl").touch()
    words = f'source "{SCRIPTS}/common.sh"; say_what_next benefit coupling pairs runs/mine'
    shown = bash("-c", words, STORE=str(tmp_path)).stdout.splitlines()[-4:]
    assert [line.strip() for line in shown] == [
        "repmusic status benefit",
        "repmusic status runs/coupling/tuning",
        "repmusic status pairs (once the studies' job has run)",
        "repmusic status runs/mine",
    ]


def test_an_array_takes_no_lines(manifest, tmp_path):
    words = ["runs/benefit/manifest.jsonl", "--lines", "2"]
    refused = bash(SCRIPTS / "grid.sh", "--dry-run", *words, STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "repmusic run-manifest runs/benefit/manifest.jsonl --lines 2" in refused.stderr
    assert refused.stdout == ""


def test_a_grid_of_a_missing_manifest_is_refused_by_name(tmp_path):
    refused = bash(SCRIPTS / "grid.sh", "--dry-run", "nothing.jsonl", STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "nothing.jsonl: found no readable file" in refused.stderr


def test_a_dry_run_writes_nothing(tmp_path):
    dry_run([], STORE=str(tmp_path / "store"), RAW_DIR="/")
    assert list(tmp_path.iterdir()) == []


def test_without_songs_and_without_official_files_it_says_what_to_set(tmp_path):
    refused = bash(SCRIPTS / "submission_script.sh", "--dry-run", STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "found no songs.h5" in refused.stderr
    assert "RAW_DIR" in refused.stderr


def test_songs_left_in_the_project_by_a_store_elsewhere_are_named(tmp_path):
    shutil.copytree(SCRIPTS, tmp_path / "project/maverick_scripts")
    (tmp_path / "project/songs.h5").touch()
    script = tmp_path / "project/maverick_scripts/submission_script.sh"
    refused = bash(script, "--dry-run", SCRATCH=str(tmp_path / "scratch"))
    assert refused.returncode == 2
    assert f"set DATASET={tmp_path}/project/songs.h5" in refused.stderr


def test_an_unknown_name_is_refused_with_the_names_there_are():
    refused = bash(SCRIPTS / "submission_script.sh", "--dry-run", "multi_middle")
    assert refused.returncode == 2
    assert "found 'multi_middle'" in refused.stderr
    for name in ("distributed", "dummy", "grid", "multi_low_tightly_coupled"):
        assert f" {name} " in refused.stderr


def test_without_slurm_it_says_how_to_run_here(tmp_path):
    for tool in ("dirname", "hostname", "bash", "sed", "paste"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    refused = bash(SCRIPTS / "submission_script.sh", "dummy", PATH=str(tmp_path))
    assert refused.returncode == 2
    assert "found no sbatch" in refused.stderr
    assert "bash maverick_scripts/NAME.sh" in refused.stderr
