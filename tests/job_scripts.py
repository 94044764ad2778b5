"""What tests of the job scripts share: running bash, a stand-in for training, a real Slurm."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
from in_this_process import called

from representation_music.experiments.cluster import scripts

SCRIPTS = Path(__file__).parents[1] / "maverick_scripts"
LOCAL_CLUSTER = Path(__file__).with_name("slurm") / "local_cluster.sh"

#: Counts to a number, a step every 50 ms; a signal ends it after its step, saved, with code 75.
COUNTER = """
import signal, sys, time
from pathlib import Path

saved, end = Path(sys.argv[1]), int(sys.argv[2])
stop = []
for name in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(name, lambda number, frame: stop.append(number))
count = int(saved.read_text()) if saved.exists() else 0
print(f"begins at {count}", flush=True)
while count < end:
    time.sleep(0.05)
    count += 1
    saved.write_text(str(count))
    if stop:
        print(f"saved at {count}", flush=True)
        sys.exit(75)
print(f"reached {count}", flush=True)
"""


def clean_environment(**settings) -> dict[str, str]:
    """The environment without any Slurm job's or site's settings, and with the given ones."""
    unwanted = re.compile(r"SLURM_|SBATCH_|(SCRATCH|WORK|SITE_ENV|VIRTUAL_ENV)$")
    kept = {key: value for key, value in os.environ.items() if not unwanted.match(key)}
    return {**kept, "SITE_ENV": os.devnull, "VENV": sys.prefix, **settings}


def path_without(folder: Path, *hidden: str) -> str:
    """A PATH with every tool of this machine but the hidden ones; its links go to a folder."""
    tools = folder / f"without-{'-'.join(hidden)}"
    if not tools.exists():
        tools.mkdir(parents=True)
        for place in reversed(os.environ["PATH"].split(os.pathsep)):
            for tool in Path(place).iterdir() if Path(place).is_dir() else ():
                if tool.name not in hidden:
                    (tools / tool.name).unlink(missing_ok=True)
                    (tools / tool.name).symlink_to(tool)
    return str(tools)


def bash(*words, timeout=60, **settings) -> subprocess.CompletedProcess:
    """Runs a script to its end."""
    return subprocess.run(
        ["bash", *map(str, words)],
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def run_here(script, *words, **settings) -> subprocess.CompletedProcess:
    """What `bash SCRIPT.sh WORDS` does once there is a Python."""
    argv = mock.patch.object(sys, "argv", ["scripts", script, *map(str, words)])
    with argv, mock.patch.dict(os.environ, clean_environment(**settings), clear=True):
        return called(scripts.main)


def wait_for(condition, what: str, seconds=60, told=str):
    """Returns the condition's value once it is true; fails, with `told()`, if that takes long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} s in vain for {what}\n{told()}")


class Cluster:
    """The one-node Slurm of local_cluster.sh, and jobs whose STORE and logs are one folder."""

    def __init__(self, configuration: Path, store: Path):
        self.settings = {"SLURM_CONF": str(configuration), "STORE": str(store)}
        self.store = store

    def run(self, *words) -> str:
        """Output of a Slurm command."""
        return subprocess.run(
            list(map(str, words)),
            env=clean_environment(**self.settings),
            capture_output=True,
            text=True,
            check=True,
            cwd=self.store,
        ).stdout.strip()

    def sbatch(self, *words) -> str:
        """Submits; returns the job's number. The log of job 7 is 7.log, of its task 1 7_1.log."""
        log = "%A_%a.log" if any(str(word).startswith("--array") for word in words) else "%j.log"
        return self.run("sbatch", "--parsable", f"--output={log}", *words)

    def job(self, job: str) -> dict[str, str]:
        """What Slurm knows of a job or an array's task: JobState, Restarts, ExitCode, ..."""
        line = self.run("scontrol", "show", "job", "--oneliner", job).splitlines()[0]
        return dict(word.split("=", 1) for word in line.split() if "=" in word)

    def wait(self, job: str, state="COMPLETED", seconds=60):
        """Waits for a state of the job; fails, with its log, on another end."""
        ended = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"}

        def reached():
            now = self.job(job)["JobState"]
            if now in ended - {state}:
                pytest.fail(f"job {job} is {now}, not {state}; its log:\n{self.log(job)}")
            return now == state

        wait_for(reached, f"job {job} to be {state}", seconds)

    def log(self, job: str) -> str:
        """The job's log so far."""
        path = self.store / f"{job}.log"
        return path.read_text() if path.exists() else ""

    def wait_for_line(self, job: str, text: str):
        """Waits until the job's log holds a text."""
        what = f"{text!r} in the log of job {job}"
        wait_for(lambda: text in self.log(job), what, told=lambda: self.log(job))
