"""The sbatch commands that scripts make, word by word; and what a dry run leaves alone."""

import os
import re
import shutil
from pathlib import Path

import pytest
from job_scripts import SCRIPTS, bash, clean_environment, path_without, run_here

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.cluster import scripts
from representation_music.experiments.cluster.programs import program_of
from representation_music.experiments.cluster.scripts import run_script
from representation_music.experiments.cluster.site import Site
from representation_music.experiments.commands.study import study
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.runs.folder import run_folder
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json

ROOT = SCRIPTS.parent
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
    done = run_here(script, "--dry-run", *words, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(settings["STORE"], "STORE").replace(str(ROOT), "PROJECT")


def test_a_script_by_bash_prints_what_python_does(tmp_path):
    settings = {"RAW_DIR": "/", "STORE": str(tmp_path)}
    done = bash(SCRIPTS / "submission_script.sh", "--dry-run", **settings)
    printed = done.stdout.replace(str(tmp_path), "STORE").replace(str(ROOT), "PROJECT")
    assert done.returncode == 0 and printed == dry_run([], **settings)


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


def ten_runs(songs_file) -> list:
    """Ten runs of two architectures."""
    base = DEFAULT.replace(dataset=str(songs_file), tasks=("pop", "ballad"), widths=(8, 8, 4, 4))
    return [
        base.replace(architecture=name, seed=seed)
        for name in ("low_level_sharing", "no_sharing")
        for seed in range(5)
    ]


@pytest.fixture
def manifest(songs_file, tmp_path) -> Path:
    """Ten runs in the folder of a study."""
    path = tmp_path / "runs/benefit/manifest.jsonl"
    write_manifest(path, ten_runs(songs_file))
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
    write_json(folder / "record.json", {"status": "finished"})
    (folder / "test.json").write_text("{}")


def test_a_grid_of_a_missing_manifest_is_refused_by_name(tmp_path):
    refused = run_here("grid", "--dry-run", "nothing.jsonl", STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "nothing.jsonl: found no such file" in refused.stderr


def test_without_songs_and_without_official_files_it_says_what_to_set(tmp_path):
    refused = run_here("submission_script", "--dry-run", STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "RAW_DIR: found '', expected the folder of official files" in refused.stderr
    assert f"to make {tmp_path}/songs.h5 from. Set it in " in refused.stderr


def test_an_unknown_name_is_refused_with_the_names_there_are():
    refused = run_here("submission_script", "--dry-run", "multi_middle")
    assert refused.returncode == 2
    assert "found 'multi_middle'" in refused.stderr
    for name in ("distributed", "dummy", "grid", "multi_low_tightly_coupled"):
        assert f" {name}," in refused.stderr


def test_without_slurm_it_says_how_to_run_here(tmp_path):
    path = path_without(tmp_path, "sbatch")
    refused = run_here("submission_script", "dummy", PATH=path)
    assert refused.returncode == 2
    assert "found no sbatch" in refused.stderr
    assert "bash maverick_scripts/NAME.sh" in refused.stderr


#: Arguments with which a script would do something.
ARGUMENTS = {
    "evaluate": ["runs/some"],
    "grid": ["runs/benefit/manifest.jsonl", "--checkpoint-seconds", "1"],
    "preprocess_shards": ["2", "--seed", "3"],
    "report": ["benefit"],
    "study": ["benefit", "--sizes", "50", "--num-steps", "1", "--seeds", "1"],
    "submission_script": ["dummy", "--num-steps", "1"],
}
RECORDER = '#!/bin/bash\necho "$0 $*" >>"{}"\necho 100\n'


@pytest.fixture
def untouched(store, songs_file, tmp_path, monkeypatch):
    """Settings of a store with a manifest, and a check that nothing was written or asked of Slurm.

    Slurm's commands, which only note that they were run, are on the PATH.
    """
    write_manifest(store / "runs/benefit/manifest.jsonl", ten_runs(songs_file))
    asked, home, tools = (tmp_path / name for name in ("asked", "home", "slurm"))
    home.mkdir()
    tools.mkdir()
    for tool in ("sbatch", "srun", "scontrol"):
        (tools / tool).write_text(RECORDER.format(asked))
        (tools / tool).chmod(0o755)
    settings = {"STORE": str(store), "RAW_DIR": str(store), "RUNS_PER_TASK": "4"}
    settings |= {"HOME": str(home), "TMPDIR": str(home), "PATH": f"{tools}:{os.environ['PATH']}"}
    before = contents(tmp_path)
    yield settings
    assert contents(tmp_path) == before


NAMES = sorted(path.stem for path in SCRIPTS.glob("*.sh") if path.stem != "start")


def test_a_dry_run_by_bash_runs_submits_and_writes_nothing(untouched):
    done = bash(SCRIPTS / "grid.sh", *ARGUMENTS["grid"], "--dry-run", **untouched)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sbatch --parsable")


def test_every_other_script_hands_its_name_on_as_that_one_does():
    def commands(name):
        lines = (SCRIPTS / f"{name}.sh").read_text().splitlines()
        return [line for line in lines if not line.startswith("#")]

    for name in NAMES:
        assert commands(name) == [line.replace(" grid ", f" {name} ") for line in commands("grid")]


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("slurm", [True, False], ids=["with Slurm", "without Slurm"])
@pytest.mark.parametrize("job", ["", "17"], ids=["in a shell", "in a job"])
def test_it_is_a_dry_run_wherever_among_the_words_its_flag_stands(
    script, slurm, job, untouched, monkeypatch, capsys
):
    for key, value in (clean_environment(**untouched) | {"SLURM_JOB_ID": job}).items():
        monkeypatch.setenv(key, value)
    if not job:
        monkeypatch.delenv("SLURM_JOB_ID")
    if not slurm:
        monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(scripts, "live", lambda *_: pytest.fail("it runs"))
    words = ARGUMENTS.get(script, ["--seed", "3"])
    shown = []
    for place in range(len(words) + 1):
        assert run_script(script, [*words[:place], "--dry-run", *words[place:]]) == 0
        shown.append(capsys.readouterr().out)
    assert len(set(shown)) == 1
    assert shown[0].startswith(("sbatch --parsable", f"cd {untouched['STORE']}\n"))


@pytest.mark.parametrize("slurm", [True, False], ids=["with Slurm", "without Slurm"])
def test_a_dry_run_of_some_lines_is_refused_and_trains_nothing(slurm, untouched, tmp_path):
    if not slurm:
        untouched["PATH"] = path_without(tmp_path.parent / "tools", "sbatch")
    words = ["runs/benefit/manifest.jsonl", "--lines", "2"]
    for flags in (["--dry-run", *words], [*words, "--dry-run"]):
        refused = run_here("grid", *flags, **untouched)
        assert refused.returncode == 2
        assert "repmusic run-manifest runs/benefit/manifest.jsonl --lines 2" in refused.stderr
        assert refused.stdout == ""


def test_a_dry_run_within_a_job_neither_runs_nor_submits(tmp_path):
    settings = {"STORE": str(tmp_path / "store"), "SLURM_JOB_ID": "17"}
    done = bash(SCRIPTS / "dummy.sh", "--num-steps", "1", "--dry-run", **settings)
    assert done.returncode == 0, done.stderr
    assert "dummy --num-steps 1" in done.stdout
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("name", "words", "program"),
    [
        ("grid", ["m.jsonl", "--lines", "2"], "command_line run-manifest m.jsonl --lines 2"),
        ("dummy", ["--seed", "3"], "dummy --seed 3"),
        (
            "multi_low_loosely_coupled",
            [],
            "multi_low --task-type loosely_coupled --dataset songs.h5",
        ),
        ("report", ["benefit"], "command_line page benefit --judge -o page"),
        (
            "preprocess_shards",
            ["4", "--seed", "3"],
            "command_line preprocess / --resume-dir track_files_read --part 1/4 --seed 3",
        ),
    ],
)
def test_where_no_slurm_is_a_script_runs_its_program_here(monkeypatch, name, words, program):
    for key, value in {"PATH": "/nowhere", "RAW_DIR": "/", "SITE_ENV": os.devnull}.items():
        monkeypatch.setenv(key, value)
    run = []
    monkeypatch.setattr(scripts, "live", lambda words, *_: run.append(words) or 0)
    assert run_script(name, words) == 0
    assert run == [["-m", *f"representation_music.experiments.{program}".split()]]


@pytest.mark.parametrize(("codes", "last"), [([0, 0], "page"), ([75, 0], "study")])
def test_where_no_slurm_is_studies_run_here_one_after_the_other_until_one_is_not_done(
    monkeypatch, tmp_path, codes, last
):
    for key, value in {"PATH": "/nowhere", "SITE_ENV": os.devnull, "STORE": str(tmp_path)}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.chdir(tmp_path)
    run, left = [], list(codes)
    monkeypatch.setattr(scripts.Relay, "__init__", lambda self: None)
    monkeypatch.setattr(scripts.Relay, "run", lambda self, words: run.append(words) or left.pop(0))
    monkeypatch.setattr(scripts, "live", lambda words, *_: run.append(words) or 0)
    code = run_script("study", ["benefit", "coupling", "--seeds", "3"])
    assert code == codes[0]
    assert f"command_line {last} " in " ".join(run[-1])
    assert " ".join(run[0]).endswith("study benefit --dataset songs.h5 --seeds 3")


def test_a_task_of_an_array_takes_its_own_lines(monkeypatch):
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    site = Site(Path("site.env"), Path("/"))
    words = program_of("grid", ["--runs-per-task=8", "m.jsonl", "--no-evaluate"], site)
    assert words[-4:] == ["m.jsonl", "--lines", "17-24", "--no-evaluate"]
    with pytest.raises(InputError, match="RUNS_PER_TASK: found nothing"):
        program_of("grid", ["m.jsonl"], site)


def test_a_misspelt_option_of_a_study_is_refused_before_anything_is_submitted(tmp_path):
    settings = {"STORE": str(tmp_path), "RAW_DIR": "/", "STUDY_OPTIONS": "--seed 10"}
    refused = run_here("submission_script", "--dry-run", **settings)
    assert refused.returncode == 2
    assert "--seed" in refused.stderr
    assert refused.stdout == ""


def test_a_set_that_is_none_is_refused_with_those_there_are(tmp_path):
    settings = {"STORE": str(tmp_path), "RAW_DIR": "/", "SETS": "single_task_target multi_middle"}
    refused = run_here("submission_script", "--dry-run", **settings)
    assert refused.returncode == 2
    assert "SETS: found multi_middle, expected one or more of: single_task_target" in refused.stderr
    assert refused.stdout == ""


def test_a_study_that_writes_into_its_array_how_many_run_side_by_side(store):
    words = ["benefit", *SMALL.split(), "--workers", "3", "--keep-checkpoints"]
    command = dry_run(words, "study", STORE=str(store), RUNS_PER_TASK="8").splitlines()[0]
    assert command.endswith("runs/benefit/manifest.jsonl --keep-checkpoints --workers 3")
