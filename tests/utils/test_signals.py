"""Signals to a command as a whole, in real processes; training under signals has its own tests."""

import os
import signal
import subprocess
import sys

import pytest

from representation_music.utils.command_line import run_command
from representation_music.utils.signals import EndAtSignal, StopRequest, ended_at_once

COMMAND = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from representation_music.utils.command_line import run_command

def command():
    print("begun", flush=True)
    time.sleep(60)

raise SystemExit(run_command(command, []))
"""


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGUSR2, 75), (signal.SIGINT, 130)],
)
def test_a_command_that_has_nothing_to_save_ends_at_once_as_not_finished(sent, code):
    process = subprocess.Popen([sys.executable, "-c", COMMAND], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(sent)
    process.communicate(timeout=30)
    assert process.returncode == code


#: A library in C: an exception within its import comes out as another one.
LIBRARY = """
import os, signal
try:
    os.kill(os.getpid(), signal.{name})
    for _ in range(100):
        pass
except BaseException as error:
    raise ImportError("no module named tensorflow.core") from error
"""
IMPORTER = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
from representation_music.utils.command_line import run_command

raise SystemExit(run_command(lambda: configure_tensorflow(), []))
"""


@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 75), ("SIGUSR1", 75), ("SIGUSR2", 75), ("SIGINT", 130)]
)
def test_a_signal_while_tensorflow_is_imported_ends_as_not_finished(name, code, tmp_path):
    (tmp_path / "tensorflow.py").write_text(LIBRARY.format(name=name))
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{IMPORTER}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_within_an_import_a_request_only_notes_the_signal_and_handlers_come_back(tmp_path):
    with EndAtSignal():
        ending = signal.getsignal(signal.SIGTERM)
        with ended_at_once():
            assert signal.getsignal(signal.SIGTERM) != ending
        assert signal.getsignal(signal.SIGTERM) == ending
        with StopRequest(tmp_path) as stop:
            with ended_at_once():
                os.kill(os.getpid(), signal.SIGTERM)
            assert stop.reason == "SIGTERM"


def test_a_request_inside_hears_of_a_signal_whose_exit_a_library_swallowed(tmp_path):
    with EndAtSignal():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except BaseException as error:
            assert isinstance(error, SystemExit)
        with StopRequest(tmp_path) as stop:
            assert stop.requested()
            assert stop.reason == "SIGTERM"


def test_a_request_inside_waits_for_its_epoch_and_afterwards_the_process_may_end(tmp_path):
    with EndAtSignal():
        with StopRequest(tmp_path) as stop:
            os.kill(os.getpid(), signal.SIGUSR2)
            assert stop.reason == "SIGUSR2"
        with pytest.raises(SystemExit):
            os.kill(os.getpid(), signal.SIGUSR2)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2"])
def test_a_request_notes_each_signal_by_its_name(tmp_path, name):
    with StopRequest(tmp_path) as stop:
        assert not stop.requested()
        os.kill(os.getpid(), getattr(signal, name))
        assert stop.requested() and stop.reason == name


def test_a_command_leaves_no_handler_behind():
    before = signal.getsignal(signal.SIGTERM)
    assert run_command(lambda: 3, []) == 3
    assert signal.getsignal(signal.SIGTERM) is before
