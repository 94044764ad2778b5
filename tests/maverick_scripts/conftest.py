"""A job script around a stand-in for training, and a real Slurm."""

import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from job_scripts import COUNTER, LOCAL_CLUSTER, SCRIPTS, Cluster, bash

#: Runs a program of one's own as the scripts run those of the project.
LIVE = """
import sys
from representation_music.experiments.cluster.job import Relay, in_job, live
from representation_music.experiments.cluster.site import read_site
from representation_music.utils.errors import InputError

try:
    sys.exit(live(sys.argv[1:], read_site(), Relay() if in_job() else None))
except InputError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)
"""


@pytest.fixture
def job_script(tmp_path) -> Path:
    """A script as those of the project, whose program counts instead of training.

    `job_script NAME END` counts to END; its state is the file NAME in STORE, `NAME-<task>` in an
    array.
    """
    (tmp_path / "counter.py").write_text(COUNTER)
    (tmp_path / "live.py").write_text(LIVE)
    header = (SCRIPTS / "dummy.sh").read_text().split("\nfor dir")[0]
    script = tmp_path / "count.sh"
    script.write_text(
        f"{header}\nname=$1${{SLURM_ARRAY_TASK_ID:+-$SLURM_ARRAY_TASK_ID}}\n"
        f'exec "{sys.executable}" "{tmp_path}/live.py" "{tmp_path}/counter.py" "$name" "$2"\n'
    )
    return script


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    """A Slurm brought up by local_cluster.sh; the test is skipped where there is none.

    A production Slurm is never used, even if this is one of its login nodes. Tests have it one
    after another, whatever workers pytest has: some want the whole node.
    """
    folder = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    folder = os.environ.get("REPMUSIC_SLURM_DIR") or f"{folder}/representation-music-slurm"
    configuration = Path(folder) / "slurm.conf"
    running = bash(LOCAL_CLUSTER, "status").returncode == 0
    if not running:
        pytest.skip(f"no local Slurm in {folder}: bash tests/slurm/local_cluster.sh up")
    with open(configuration.with_name("tests.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Cluster(configuration, tmp_path)
