"""Submitting to Slurm, and asking what waits or runs there; or only printing what would be done."""

import os
import re
import shlex
import subprocess
from dataclasses import dataclass

from representation_music.experiments.cluster.site import ROOT, SCRIPTS, Site
from representation_music.utils.console import say
from representation_music.utils.errors import InputError


@dataclass(frozen=True)
class Job:
    """A script of `maverick_scripts` and how it is to be submitted.

    Attributes:
        script: Its name, without `.sh`.
        arguments: Of the script.
        name: What the job and its log are called; the script's name if empty.
        array: The tasks of a job array, `1-4,9`; none if empty. A task has the same log in every
            life and every submission.
        after: Numbers of jobs that must have succeeded.
        gpus: Whether it takes the GPUs that the site's settings ask for.
    """

    script: str
    arguments: tuple[str, ...] = ()
    name: str = ""
    array: str = ""
    after: tuple[str, ...] = ()
    gpus: bool = True

    @property
    def called(self) -> str:
        """The job's name."""
        return self.name or self.script


def sbatch_command(job: Job, site: Site) -> list[str]:
    """The words that submit a job; an empty setting of the site leaves its option out."""
    log = f"{site.store}/logs/{job.called}-{'%a' if job.array else '%j'}.log"
    options = {
        "--job-name": job.called,
        "--output": log,
        "--partition": site.partition,
        "--account": site.account,
        "--qos": site.qos,
        "--time": site.time,
        "--gres": f"gpu:{site.gpus}" if job.gpus and site.gpus not in ("", "0") else "",
        "--cpus-per-task": site.cpus or "",
        "--mem": site.mem,
        "--mail-user": site.mail_user,
        "--mail-type": "END,FAIL" if site.mail_user else "",
        "--array": job.array,
        "--dependency": _after(job.after),
        "--kill-on-invalid-dep": "yes" if job.after else "",
    }
    given = [f"{option}={value}" for option, value in options.items() if value]
    return ["sbatch", "--parsable", *given, f"{SCRIPTS}/{job.script}.sh", *job.arguments]


def _after(numbers: tuple[str, ...]) -> str:
    """The dependency on jobs that must have succeeded; empty for none."""
    return ":".join(["afterok", *numbers]) if numbers else ""


class Slurm:
    """The Slurm whose commands are on the PATH.

    Args:
        site: The site's settings.
        by_hand: What a user types instead where jobs may not submit jobs.
    """

    #: Whether nothing is submitted, so that nothing may be written either.
    dry = False

    def __init__(self, site: Site, by_hand: str = ""):
        self.site, self.by_hand = site, by_hand

    def submit(self, job: Job) -> str:
        """Submits a job and prints its number and name.

        Raises:
            InputError: if sbatch refuses it; it says why, and what to change.
        """
        (self.site.store / "logs").mkdir(parents=True, exist_ok=True)
        done = _run(sbatch_command(job, self.site))
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            raise self._refused(job, "; ".join(li.removeprefix("sbatch: error: ") for li in lines))
        number = done.stdout.strip().partition(";")[0]  # a federation adds its cluster's name
        say(f"{number:<12} {job.called}", flush=True)
        return number

    def find(self, name: str, pending: bool = False) -> str:
        """The number of a job of that name that has not ended, which it prints; empty if none.

        Two of them would write into the same folders of STORE.
        """
        columns = "--Format=State:20,StdOut:1000,JobID:20,ArrayJobID:20"
        words = ["squeue", "--me", "--noheader", f"--name={name}", columns]
        for line in _run([*words, *(["--states=PENDING"] if pending else [])]).stdout.splitlines():
            # What is no array may have no array's number, or 0.
            numbers = [word for word in line.split()[-2:] if re.fullmatch("[1-9][0-9]*", word)]
            # A cancelled job is still there for a moment, as completing.
            ended = line.startswith("COMPLETING") or f"{self.site.store}/logs/{name}-" not in line
            if numbers and not ended and numbers[-1] != os.environ.get("SLURM_JOB_ID"):
                say(f"{numbers[-1]:<12} {name}, in the queue already", flush=True)
                return numbers[-1]
        return ""

    def wait_for(self, number: str, after: tuple[str, ...]) -> bool:
        """Lets a pending job wait for others; whether that was possible."""
        dependency = f"Dependency={_after(after)}"
        return _run(["scontrol", "update", f"JobId={number}", dependency]).returncode == 0

    def _refused(self, job: Job, reason: str) -> InputError:
        partitions = sorted(set(_run(["sinfo", "--noheader", "--format=%R"]).stdout.split()))
        there = " ".join(partitions) or "none, for no Slurm answers"
        site, gpus = self.site, (self.site.gpus if job.gpus else "")
        found = (
            f"{reason or 'a refusal without a reason'} ({job.called}: partition "
            f"'{site.partition or 'default'}' (there are: {there}), account "
            f"'{site.account or 'default'}', time '{site.time or 'default'}', "
            f"GPUs '{gpus or 'none'}'{f', array {job.array}' if job.array else ''})"
        )
        advice = f"Change it in {site.file}, or in front of the command: PARTITION=name bash ..."
        if job.array:
            advice += " If the array has more tasks than the site takes, set RUNS_PER_TASK: more"
            advice += " runs per task are fewer tasks."
        if self.by_hand:
            advice += " This was a job that submits jobs, which some sites forbid. On a login node"
            advice += f" type: {self.by_hand}"
        return InputError("sbatch", found, "a job that this site takes", advice)


class DryRun(Slurm):
    """Prints the sbatch commands as they are for an empty queue; asks and changes nothing."""

    dry = True

    def submit(self, job: Job) -> str:
        """Prints the command; a stand-in for the job's number."""
        say(shlex.join(sbatch_command(job, self.site)))
        return f"{job.called.upper()}_ID"

    def find(self, name: str, pending: bool = False) -> str:
        """Nothing."""
        return ""


def _run(command: list[str]) -> subprocess.CompletedProcess:
    """Runs a command of Slurm without what an enclosing job would hand down to a new one."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("SLURM_") or key == "SLURM_CONF"
    }
    try:
        return subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, text=True)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def own_job(environment=os.environ) -> str:
    """What scontrol must requeue: this job, or this task of its array alone.

    Within an array, SLURM_JOB_ID of the last task is the number of the whole array.
    """
    if task := environment.get("SLURM_ARRAY_TASK_ID"):
        return f"{environment['SLURM_ARRAY_JOB_ID']}_{task}"
    return environment["SLURM_JOB_ID"]


def requeue() -> bool:
    """Requeues the job that this process is in; whether the site does that."""
    return _run(["scontrol", "requeue", own_job()]).returncode == 0
