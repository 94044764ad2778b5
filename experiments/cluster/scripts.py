"""What each script of maverick_scripts does; `start.sh` runs this module with the script's name.

Most run one program, here and at once: in a job if sbatch was given the script, else in the shell.
`study`, `grid` and `submission_script` submit jobs, where there is a Slurm.
"""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Sequence

from representation_music.experiments.cluster.job import Relay, enter_store, in_job, live
from representation_music.experiments.cluster.programs import (
    REPMUSIC,
    program_of,
    split_dry_run,
    split_names,
)
from representation_music.experiments.cluster.site import Site, read_site
from representation_music.utils.command_line import exit_code
from representation_music.utils.console import say
from representation_music.utils.signals import SIGNALS

#: Code 75 of one task is no reason to kill the others, which are saving; a task that is left alone
#: for a minute is.
SRUN = ("srun", "--kill-on-bad-exit=0", "--wait=60", "--distribution=block")


def run_script(name: str, words: Sequence[str], relay: Relay | None = None) -> int:
    """Does what a script is for; its exit code. With --dry-run it only says what that is.

    In a job, `relay` hears of signals.
    """
    dry, others = split_dry_run(words)
    site = read_site()
    array_task = name == "grid" and "SLURM_ARRAY_TASK_ID" in os.environ
    if name in ("submission_script", "study", "grid") and not array_task:
        # A job does not train what it was to submit, unless the user chose the runs.
        must = name == "submission_script" or (name == "study" and relay)
        if dry or must or shutil.which("sbatch"):
            from representation_music.experiments.cluster import submit

            return submit.main([*([name] if name != "submission_script" else []), *words])
        if name == "study":
            return _study_here(others, site)
    program = program_of(name, others, site)
    if dry:
        say(f"cd {shlex.quote(str(site.store))}\n{shlex.join([sys.executable, *program])}")
        return 0
    cores = os.environ.get("SLURM_CPUS_PER_TASK")
    launcher = (*SRUN, *([f"--cpus-per-task={cores}"] if cores else ()))
    return live(program, site, relay, launcher if name == "distributed" else ())


def _study_here(words: Sequence[str], site: Site) -> int:
    """Studies one after the other on this machine, and their results page."""
    names, options = split_names(words)
    enter_store(site)
    relay = Relay()
    for name in names:
        study = [*REPMUSIC, "study", name, "--dataset", site.dataset, *options]
        if code := relay.run([sys.executable, *study]):
            return code
    return live(program_of("report", names, site), site, relay)


def main() -> int:
    """Runs the script that the command line names."""
    name, *words = sys.argv[1:]
    relay = Relay() if in_job() else None
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # start.sh holds them back until here
    return exit_code(lambda: run_script(name, words, relay))


if __name__ == "__main__":
    sys.exit(main())
