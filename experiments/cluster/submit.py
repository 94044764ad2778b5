"""`repmusic submit`: job scripts to Slurm with the settings of the site."""

import shlex
import shutil
import socket
from collections.abc import Sequence

from representation_music.utils.command_line import run_command
from representation_music.utils.console import say
from representation_music.utils.errors import InputError

USAGE = """usage: repmusic submit [--dry-run]
       repmusic submit [--dry-run] NAME [ARGUMENTS]

Submit jobs to Slurm with the settings of maverick_scripts/site.env. Without a name everything of
the 2016 paper: preprocessing where the songs file is missing, every set, the studies and their
results page. With a name that script of maverick_scripts alone; arguments go on to it:

{names}

`study` takes names of studies and the options of `repmusic study`, and submits each as one job
array; `grid` takes a manifest and the options of `repmusic run-manifest`. What waits or runs
already is not submitted again.

--dry-run prints the sbatch commands; it submits, runs and writes nothing."""


def main(arguments: Sequence[str], program: str = "repmusic submit") -> int:
    """Submits what the words of the command line ask for; the exit code."""
    return run_command(lambda: submit(arguments), [], program)


def submit(words: Sequence[str]) -> None:
    """Submits what the words ask for.

    Raises:
        InputError: where there is no Slurm, or what is asked for cannot be submitted.
    """
    import textwrap

    from representation_music.experiments.cluster.programs import NAMES, split_dry_run

    if words[:1] in (["-h"], ["--help"]):
        say(USAGE.format(names=textwrap.fill(", ".join(NAMES), 100)))
        return
    from representation_music.experiments.cluster.job import in_job
    from representation_music.experiments.cluster.site import SCRIPTS, read_site
    from representation_music.experiments.cluster.slurm import DryRun, Slurm
    from representation_music.experiments.cluster.submission import Submission

    dry, words = split_dry_run(words)
    site = read_site()
    if not SCRIPTS.is_dir():
        advice = "Install the project from a checkout: pip install -e FOLDER"
        raise InputError(SCRIPTS, "no such folder", "the job scripts", advice)
    own_scripts = words[:1] in (["grid"], ["study"])
    script = words[0] if own_scripts else "submission_script"
    typed = ["bash", f"{SCRIPTS}/{script}.sh", *(words[1:] if own_scripts else words)]
    by_hand = shlex.join(typed) if in_job() else ""
    if not dry and not shutil.which("sbatch"):
        advice = "Submit from a login node, or run one script here: bash maverick_scripts/NAME.sh."
        advice += (
            " On Debian or Ubuntu, tests/slurm/local_cluster.sh brings up a Slurm of your own."
        )
        if by_hand:
            advice = f"On a login node type: {by_hand}"
        raise InputError("repmusic submit", f"no sbatch on {socket.gethostname()}", "Slurm", advice)
    submission = Submission(site, DryRun(site) if dry else Slurm(site, by_hand))
    if words:
        submission.script(words[0], words[1:])
    else:
        submission.paper()
