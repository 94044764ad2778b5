"""Signals to a command as a whole, in real processes; training under signals has its own tests."""

import os
import signal
import subprocess
import sys

import pytest

from representation_music.utils.command_line import run_command
from representation_music.utils.stopping import EndAtSignal, StopRequest

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


def test_a_command_leaves_no_handler_behind():
    before = signal.getsignal(signal.SIGTERM)
    assert run_command(lambda: 3, []) == 3
    assert signal.getsignal(signal.SIGTERM) is before
