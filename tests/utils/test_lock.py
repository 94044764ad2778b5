import json
import os
import subprocess
import sys
import time

import pytest

from representation_music.utils import lock
from representation_music.utils.lock import DEAD_AFTER, Held, hold, holder, is_held, require_held

HOLD = """
import sys, time
from pathlib import Path
from representation_music.utils.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run" / "running"


def other_process(file, seconds=60):
    words = [sys.executable, "-c", HOLD, str(file), str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def as_elsewhere(file, age):
    """Makes the lock look like one of a process on another host."""
    content = json.loads(file.read_text()) | {"machine": "another boot", "host": "node7"}
    file.write_text(json.dumps(content))
    then = time.time() - age
    os.utime(file, (then, then))


def test_a_lock_is_gone_when_its_block_ends_and_is_no_obstacle_to_its_owner(file):
    with hold(file):
        with hold(file):
            assert is_held(file) and f"process {os.getpid()} on" in holder(file)
        assert is_held(file)
    assert not is_held(file) and not file.parent.exists()


def test_a_second_process_is_told_who_holds_it_until_that_has_been_killed(file):
    process = other_process(file)
    with pytest.raises(Held, match=f"process {process.pid} on"), hold(file):
        pass
    process.kill()  # no longer running, though its parent has not asked after it yet
    began = time.monotonic()
    with hold(file):
        assert time.monotonic() - began < 5
        assert f"process {os.getpid()} " in holder(file)
    process.wait()
    assert not list(file.parent.parent.rglob("*.part"))


def test_another_process_with_the_number_of_the_dead_one_does_not_hold_its_lock(file):
    with hold(file):
        content = json.loads(file.read_text())
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content | {"started": "1", "token": "earlier"}))
    assert not is_held(file)
    with hold(file):
        pass


def test_a_lock_of_another_host_is_taken_when_it_has_not_beaten_for_long(file, capsys):
    process = other_process(file)
    process.kill()
    as_elsewhere(file, DEAD_AFTER - 1.5)
    assert is_held(file)
    with pytest.raises(Held, match="node7"), hold(file, wait=False):
        pass
    with hold(file):
        pass
    assert "waiting whether process" in capsys.readouterr().out
    process.wait()


def test_a_lock_of_another_host_that_beats_is_held(file, monkeypatch):
    process = other_process(file)
    as_elsewhere(file, 20)
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: os.utime(file))
    with pytest.raises(Held, match="node7"), hold(file):
        pass
    process.kill()
    process.wait()


def test_of_many_who_want_a_stale_lock_one_gets_it(file):
    process = other_process(file)
    process.kill()
    process.wait()
    words = [sys.executable, "-c", HOLD, str(file), "3"]
    rivals = [subprocess.Popen(words, stderr=subprocess.DEVNULL) for _ in range(6)]
    assert sorted(rival.wait() for rival in rivals) == [0, 1, 1, 1, 1, 1]


def test_who_was_taken_for_dead_notices(file):
    with hold(file):
        require_held(file)
        as_elsewhere(file, 0)
        with pytest.raises(Held, match="node7"):
            require_held(file)
    assert file.exists()  # it is the other's


def test_a_damaged_lock_counts_by_its_age(file):
    file.parent.mkdir()
    file.write_text("\0\0\0")
    assert is_held(file) and holder(file) == "an unknown process"
    then = time.time() - DEAD_AFTER - 1
    os.utime(file, (then, then))
    with hold(file):
        pass
