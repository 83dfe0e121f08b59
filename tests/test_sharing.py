"""The guarantees for tests when `pytest -n` distributes them over processes."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.sharing import ROOT, SHARED_TRITON, SLOW, USERS_OF_TRITON, Turns
from tests.waiting import wait_until


class Visitor:
    """Takes a turn in another process, as a test does."""

    def __init__(self, directory: Path, *, alone: bool) -> None:
        self.turns = Turns(directory / "door", directory / "room")
        self.inside = threading.Event()
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._visit, args=(alone,), daemon=True)
        self._thread.start()

    def _visit(self, alone: bool) -> None:
        with self.turns.turn(alone=alone):
            self.inside.set()
            self._leave.wait()

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(20)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "door").mkdir()
    (tmp_path / "room").mkdir()
    return tmp_path


def is_locked(directory: Path) -> bool:
    """Whether another process holds the lock."""
    return subprocess.run(["flock", "--nonblock", str(directory), "true"], check=False).returncode != 0


def test_slow_files_exist() -> None:
    assert [file for file in SLOW if not (ROOT / file).is_file()] == []


def test_tests_run_side_by_side(directory: Path) -> None:
    visitors = [Visitor(directory, alone=False) for _ in range(3)]
    assert all(visitor.inside.wait(20) for visitor in visitors)
    for visitor in visitors:
        visitor.leave()


def test_a_test_that_must_be_alone_waits_for_the_others_and_none_starts_before_it(directory: Path) -> None:
    first = Visitor(directory, alone=False)
    assert first.inside.wait(20)
    alone = Visitor(directory, alone=True)
    wait_until(lambda: is_locked(directory / "door"))
    later = Visitor(directory, alone=False)
    assert not alone.inside.is_set()
    first.leave()
    assert alone.inside.wait(20)
    assert not later.inside.is_set()
    alone.leave()
    assert later.inside.wait(20)
    later.leave()


def shared(directory: Path, *options: str, **files: str) -> str:
    """Run the tests in `files` in a separate directory with two processes; return pytest's output."""
    (directory / "pytest.ini").write_text("[pytest]\nmarkers = alone: not beside others\n")
    for name, content in files.items():
        (directory / f"test_{name}.py").write_text(content)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadscope", *options]
    plugins = ("xdist", "pytest_timeout", "tests.sharing")
    command += [option for plugin in plugins for option in ("-p", plugin)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=100)
    return done.stdout + done.stderr


def test_the_tests_of_a_file_share_a_process(tmp_path: Path) -> None:
    one_process = "import os\ndef test_first(): os.environ['SEEN'] = '{0}'\n" + "".join(
        f"def test_{index}(): assert os.environ['SEEN'] == '{{0}}'\n" for index in range(5)
    )
    assert "12 passed" in shared(tmp_path, a=one_process.format("a"), b=one_process.format("b"))


def test_files_that_use_the_shared_server_are_listed(request: pytest.FixtureRequest) -> None:
    assert {item.nodeid.split("::")[0] for item in request.session.items if uses_shared_triton(item)} <= {
        *USERS_OF_TRITON
    }, "add the file to USERS_OF_TRITON"


def uses_shared_triton(item: pytest.Item) -> bool:
    """Whether the file uses the server of `tests/conftest.py`; some files have their own."""
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(fixture.baseid == "tests" for fixture in fixtures.get(SHARED_TRITON, [])[-1:])


def test_a_test_that_ends_its_process_fails_once_and_the_others_run(tmp_path: Path) -> None:
    said = shared(
        tmp_path,
        "--timeout=1",
        "--timeout-method=thread",
        hanging="import time\ndef test_before(): pass\ndef test_hanging(): time.sleep(60)\ndef test_after(): pass\n",
        other="def test_other(): pass\n",
    )
    assert "1 failed, 3 passed" in said
    assert "crashed while running 'test_hanging.py::test_hanging'" in said
