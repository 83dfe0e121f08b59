"""How the tests are shared among the processes of `pytest -n`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).parents[1]
SHARED_TRITON = "triton"
"""The fixture, and the group of those who use it."""
LONGEST = ("triton",)
"""Groups and files that take long, the longest first."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        # By default a thread of PyTorch spins while it waits for the others, on a core that other tests want.
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling:
    return FilesAndGroups(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    if SHARED_TRITON in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.xdist_group(SHARED_TRITON))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Lest the other processes wait for one at the end.
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    name = str(group.args[0]) if group else item.nodeid.split("::")[0]
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


# Around the limit for each test, which is not for waiting.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with _turns.turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


class FilesAndGroups(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a process the tests of one file, or of one group, after the other; their fixtures are made once."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return nodeid.split("::")[0] if group == nodeid else group

    def remove_node(self, node: WorkerController) -> str | None:
        """Hand what a process has left to others, but not the test that ended it: xdist would have each die of it."""
        units = self.assigned_work.pop(node)
        crashed = next((test for unit in units.values() for test, done in unit.items() if not done), None)
        for scope, unit in units.items():
            if crashed in unit:
                unit[crashed] = True
            if not all(unit.values()):
                self.workqueue[scope] = unit
        for other in self.assigned_work:
            self._reschedule(other)
        return crashed


class Turns:
    """Lets the tests of several processes run at once, but some of them alone."""

    def __init__(self, door: Path, room: Path) -> None:
        """Lock two directories, which all processes name alike and nobody else locks."""
        self._door = os.open(door, os.O_RDONLY)
        self._room = os.open(room, os.O_RDONLY)

    @contextmanager
    def turn(self, *, alone: bool) -> Iterator[None]:
        """Wait until no other runs, or none that has to be alone, and keep it so inside the block."""
        # Who waits for the room to be empty stands in the door, so that nobody else enters it meanwhile.
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


_turns = Turns(ROOT, ROOT / "tests")
