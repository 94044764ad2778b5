"""Imports TensorFlow the way every command wants it: quietly, with its threads, sharing a GPU."""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from representation_music.utils.errors import InputError
from representation_music.utils.machine import require_address_space
from representation_music.utils.signals import ended_at_once

#: What Keras imports where it is installed, for wrappers and pictures that nothing here uses.
UNUSED_BY_KERAS = ("matplotlib", "pandas", "sklearn")


def configure_tensorflow(threads: int = 0) -> None:
    """Imports TensorFlow, sets its processor threads (0: its own choice), lets GPU memory grow."""
    if threads < 0:
        raise InputError("--threads", str(threads), "0 or more")
    require_address_space()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with ended_at_once(), _silent_stderr(), _absent(UNUSED_BY_KERAS), _no_garbage_collected():
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        # Two let a small operation run beside a large one: 10 % faster than one.
        tf.config.threading.set_inter_op_parallelism_threads(2)
    for device in devices:
        tf.config.experimental.set_memory_growth(device, True)


@contextmanager
def _absent(packages: Sequence[str]) -> Iterator[None]:
    """Hides packages that are not imported yet: their import is a third of TensorFlow's."""
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # None there makes an import fail
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


@contextmanager
def _no_garbage_collected() -> Iterator[None]:
    """Keeps the collector from what is made here, now and later, the end of the process included.

    An import leaves half a million objects and no garbage; looking through them, time and again
    while they are made and once more at the end, takes a second of processor time.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Sends file descriptor 2 nowhere: TensorFlow greets there before any log level counts."""
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3":
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
