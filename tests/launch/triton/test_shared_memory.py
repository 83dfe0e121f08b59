import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from launch.process import process_table
from launch.triton import leftovers
from tests.launch.processes import Seen
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Other servers may run on this machine; these tests have a directory of their own."""
    monkeypatch.setattr(leftovers, "SHARED_MEMORY", tmp_path)
    return tmp_path


def prefix_of_ended_process() -> str:
    with subprocess.Popen(["sleep", "100"]) as process:
        start = process_table.start_time(process.pid)
        process.kill()
    return f"soprano_{process_table.namespace()}_{process.pid}_{start}_00000000_"


def test_each_server_has_a_prefix_of_its_own() -> None:
    assert leftovers.new_prefix() != leftovers.new_prefix()


def test_regions_of_a_dead_owner_are_removed(shared_memory: Path) -> None:
    region = shared_memory / f"{prefix_of_ended_process()}region"
    region.touch()
    assert leftovers.remove_of_dead_owners().regions == (region.name,)
    assert not region.exists()


def test_regions_of_a_living_owner_stay(shared_memory: Path) -> None:
    region = shared_memory / f"{leftovers.new_prefix()}region"
    region.touch()
    assert not leftovers.remove_of_dead_owners()
    assert region.exists()


def test_regions_of_a_recycled_process_id_are_removed(shared_memory: Path) -> None:
    start = process_table.start_time(os.getpid())
    assert start is not None
    prefix = leftovers.new_prefix().replace(f"_{start}_", f"_{start - 1}_")
    (shared_memory / f"{prefix}region").touch()
    assert leftovers.remove_of_dead_owners().regions == (f"{prefix}region",)


@pytest.mark.parametrize(
    "name",
    [
        "triton_python_backend_shm_region_1",
        "soprano_something_else",
        prefix_of_ended_process().replace(str(process_table.namespace()), "1") + "of another container",
    ],
    ids=["somebody else's", "somebody else's, named alike", "of another container"],
)
def test_regions_of_others_stay(shared_memory: Path, name: str) -> None:
    (shared_memory / name).touch()
    assert not leftovers.remove_of_dead_owners()
    assert (shared_memory / name).exists()


def test_removing_of_one_server_leaves_the_others(shared_memory: Path) -> None:
    ours, theirs = leftovers.new_prefix(), leftovers.new_prefix()
    (shared_memory / f"{ours}region").touch()
    (shared_memory / f"{theirs}region").touch()
    assert leftovers.remove_of(ours).regions == (f"{ours}region",)
    assert (shared_memory / f"{theirs}region").exists()


@contextmanager
def running(program: str | Path, region: str) -> Iterator[Seen]:
    """A process with `region` among its arguments, once /proc shows them."""
    with subprocess.Popen([program, "-c", "import time; time.sleep(100)", region]) as process:
        try:
            wait_until(lambda: region in process_table.arguments(process.pid), 5)
            yield Seen.at(process.pid)
        finally:
            process.kill()


def test_processes_of_a_dead_owner_are_killed(tmp_path: Path) -> None:
    stub = tmp_path / "triton_python_backend_stub"
    stub.symlink_to(sys.executable)
    with running(stub, f"{prefix_of_ended_process()}region") as process:
        assert leftovers.remove_of_dead_owners().processes == (process.pid,)
        assert not process.alive


def test_processes_that_only_mention_a_dead_owner_live_on() -> None:
    with running(sys.executable, f"{prefix_of_ended_process()}region") as process:
        assert not leftovers.remove_of_dead_owners()
        assert process.alive
