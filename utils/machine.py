"""What this process may use of the machine (cores, GPUs), and which processes of it still run."""

import os
from contextlib import suppress
from pathlib import Path

from representation_music.utils.errors import InputError

#: Runs that one GPU trains side by side: one alone leaves it idle most of the time.
RUNS_A_GPU = 2


def available_cores() -> int:
    """Cores that this process may use: Slurm's share where there is one."""
    # Without --cpus-per-task only the second is set, and where the site has no cgroups a process
    # could use the whole node.
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"):
        if cores := os.environ.get(name):
            return int(cores)
    if hasattr(os, "sched_getaffinity"):  # not every system can tell
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def visible_gpus() -> list[str]:
    """GPUs that `CUDA_VISIBLE_DEVICES` names, which Slurm sets to those it gave the job."""
    gpus = [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu]
    return [] if gpus == ["-1"] else gpus


def default_workers() -> int:
    """One worker per core, as two runs of one thread beat one of two; or two per visible GPU."""
    return RUNS_A_GPU * len(visible_gpus()) or available_cores()


#: Bytes of addresses that TensorFlow takes to be imported and to train, with room to spare.
ADDRESSES = 4 << 30


def require_address_space() -> None:
    """Refuses a limit of addresses below which TensorFlow's import never ends.

    Raises:
        InputError: if `ulimit -v` is too low.
    """
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < ADDRESSES:
        raise InputError(
            "ulimit -v",
            f"{limit >> 10:,} KB of addresses",
            f"{ADDRESSES >> 10:,} KB or more, which TensorFlow takes",
            "Raise the limit, or ask the job for more memory.",
        )


def machine() -> str:
    """This boot of this machine, and the container; empty on systems that do not tell."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    return ""


def process_began(process: int) -> str:
    """When a process of this machine began, in ticks since the boot; empty if it has ended."""
    with suppress(OSError, IndexError):
        # The name, in brackets, may hold anything.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""
