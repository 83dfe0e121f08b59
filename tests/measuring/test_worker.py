import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from measuring.worker import SeparateProcess, Worker, WorkerFailed
from tests.measuring import tasks
from tests.waiting import wait_until


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_object_lives_in_the_other_process() -> None:
    with Worker("counter", tasks.Counter, 40) as counter:
        assert counter.call(tasks.Counter.add, 1)[0] == 41
        count, pid = counter.call(tasks.Counter.add, 1)
    assert count == 42
    assert pid != os.getpid()


def test_functions_are_called_there_one_after_the_other() -> None:
    with SeparateProcess("process") as process:
        first = process.run(tasks.pid)
        assert first != os.getpid()
        assert process.run(tasks.pid) == first


def test_process_ends_when_closed() -> None:
    with SeparateProcess("process") as process:
        pid = process.run(tasks.pid)
    assert not is_running(pid)


def test_an_error_for_a_person_is_one_sentence() -> None:
    with SeparateProcess("process") as process, pytest.raises(WorkerFailed) as raised:
        process.run(tasks.refuse)
    assert str(raised.value) == "process: a sentence for a person"


def test_any_other_error_comes_with_its_traceback() -> None:
    with SeparateProcess("process") as process, pytest.raises(WorkerFailed, match="RuntimeError: stumbled") as raised:
        process.run(tasks.stumble)
    assert "in stumble" in str(raised.value)


def test_process_goes_on_after_an_error() -> None:
    with SeparateProcess("process") as process:
        with pytest.raises(WorkerFailed):
            process.run(tasks.stumble)
        assert process.run(tasks.pid)


def test_death_is_reported_with_the_last_words() -> None:
    with SeparateProcess("process") as process:
        with pytest.raises(WorkerFailed, match="status 3\nlast words"):
            process.run(tasks.die)
        with pytest.raises(WorkerFailed, match="status 3"):
            process.run(tasks.pid)


def test_object_that_cannot_be_made() -> None:
    with pytest.raises(WorkerFailed, match="unmakeable: a sentence for a person"):
        Worker("unmakeable", tasks.Unmakeable)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda number: number.name)
def test_busy_process_ends_with_its_owner(number: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    owner = subprocess.Popen([sys.executable, "-m", "tests.measuring.owner", str(file)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: file.exists() and file.read_text())
        owner.send_signal(number)
        owner.wait(20)
    finally:
        owner.kill()
        owner.wait()
    wait_until(lambda: not is_running(int(file.read_text())))
