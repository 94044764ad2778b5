"""The life of a job: its program runs in STORE, hears of signals, and is requeued if need be.

Exit codes: 0 finished; 2 bad settings; 75 saved but not finished (the next life or the next
submission goes on from there); anything else is a failure.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from representation_music.experiments.cluster.site import Site
from representation_music.experiments.cluster.slurm import own_job, requeue
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.signals import SAVED_NOT_FINISHED, SIGNALS

#: With these Slurm tells that the time limit is near (or `scancel -b -s USR2` does): the job is to
#: be requeued. After SIGTERM (scancel, a preemption) Slurm itself does what is to be done.
REQUEUEING = (signal.SIGUSR1, signal.SIGUSR2)


def in_job() -> bool:
    """Whether this process runs in a Slurm job."""
    return "SLURM_JOB_ID" in os.environ


def enter_store(site: Site) -> None:
    """Makes STORE, where it is missing, and the folder to work in.

    Raises:
        InputError: if it cannot be written to.
    """
    try:
        site.store.mkdir(parents=True, exist_ok=True)
        os.chdir(site.store)
        writable = os.access(".", os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise InputError("STORE", repr(str(site.store)), "a folder that can be written to")


class Relay:
    """Passes signals on to the program that runs, and remembers the last one.

    Made as early as possible: one that came before is named by REPMUSIC_SIGNALLED of start.sh. A
    terminal's Ctrl-C reaches the program by itself.
    """

    def __init__(self):
        early = os.environ.pop("REPMUSIC_SIGNALLED", "")
        self.signalled = signal.Signals[early] if early else None
        self.child: subprocess.Popen | None = None
        for number in SIGNALS:
            signal.signal(number, self._pass_on)

    def _pass_on(self, number, _frame) -> None:
        self.signalled = signal.Signals(number)
        if self.child and (in_job() or number != signal.SIGINT):
            self.child.send_signal(number)

    def run(self, command: Sequence[str]) -> int:
        """Runs a program to its end; its exit code as a shell counts."""
        self.child = subprocess.Popen(command, env=environment_of_program())
        if self.signalled:
            self.child.send_signal(self.signalled)
        code = self.child.wait()
        # A Python that is still starting up dies of the signal: nothing to save, nothing finished.
        if self.signalled and code == -self.signalled:
            return SAVED_NOT_FINISHED
        return code if code >= 0 else 128 - code


def environment_of_program() -> dict[str, str]:
    """The environment of this process, and no more of a GPU or of a node than the job is given."""
    usual = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}  # several runs share a GPU
    if cores := os.environ.get("SLURM_CPUS_PER_TASK"):
        usual |= {"OMP_NUM_THREADS": cores, "TF_NUM_INTRAOP_THREADS": cores}
    return usual | os.environ


def live(
    words: Sequence[str], site: Site, relay: Relay | None, launcher: Sequence[str] = ()
) -> int:
    """Runs this Python with the given words in STORE; in a Slurm job until the job's end.

    In a job, `relay` hears of signals, and the launcher's words, as of srun, stand before the
    Python.

    Returns:
        The exit code; outside of Slurm the program takes this process's place.
    """
    enter_store(site)
    if relay is None or not in_job():
        os.execve(sys.executable, [sys.executable, *words], environment_of_program())
    life = int(os.environ.get("SLURM_RESTART_COUNT", 0)) + 1
    log(f"job {own_job()} on {socket.gethostname()}, life {life}, in {site.store}: ", *words)
    code = relay.run([*launcher, sys.executable, *words])
    log(_end_of_life(code, relay.signalled, life, site.max_requeues))
    return code


def _end_of_life(code: int, signalled: int | None, life: int, max_requeues: int) -> str:
    """Requeues a job whose time limit is near, if it saved; what became of it, in words."""
    if code == 0:
        return "finished"
    if code != SAVED_NOT_FINISHED:
        return f"failed with exit code {code}"
    if signalled not in REQUEUEING:
        return "saved, not finished; submit again to go on"
    if life > max_requeues:
        return f"saved, but not requeued: this is already requeue {life - 1} (MAX_REQUEUES)"
    if requeue():
        return f"saved and requeued as job {own_job()}"
    return "saved, but this site does not requeue; submit again to go on"


def log(text: str, *words: str) -> None:
    """Prints a line with the time before it, at once, for a log that others read."""
    say(f"[{time.strftime('%F %T')}] {text}{shlex.join(words)}", flush=True)
