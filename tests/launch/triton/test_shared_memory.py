import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from launch.process import process_table
from launch.triton import shared_memory
from tests.launch.processes import ProcessSnapshot
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for these tests alone, since other servers may run on this machine."""
    monkeypatch.setattr(shared_memory, "SHARED_MEMORY", tmp_path)
    return tmp_path


def prefix_of_ended_process() -> str:
    with subprocess.Popen(["sleep", "100"]) as process:
        start = process_table.start_time(process.pid)
        process.kill()
    return f"soprano_{process_table.namespace()}_{process.pid}_{start}_00000000_"


def test_each_server_has_a_prefix_of_its_own() -> None:
    assert shared_memory.new_prefix() != shared_memory.new_prefix()


def test_regions_of_an_ended_owner_are_removed(directory: Path) -> None:
    region = directory / f"{prefix_of_ended_process()}region"
    region.touch()
    assert shared_memory.remove_orphans().regions == (region.name,)
    assert not region.exists()


def test_regions_of_a_running_owner_stay(directory: Path) -> None:
    region = directory / f"{shared_memory.new_prefix()}region"
    region.touch()
    assert not shared_memory.remove_orphans()
    assert region.exists()


def test_regions_of_a_recycled_process_id_are_removed(directory: Path) -> None:
    start = process_table.start_time(os.getpid())
    assert start is not None
    prefix = shared_memory.new_prefix().replace(f"_{start}_", f"_{start - 1}_")
    (directory / f"{prefix}region").touch()
    assert shared_memory.remove_orphans().regions == (f"{prefix}region",)


@pytest.mark.parametrize(
    "name",
    [
        "triton_python_backend_shm_region_1",
        "soprano_something_else",
        prefix_of_ended_process().replace(str(process_table.namespace()), "1") + "of another container",
    ],
    ids=["of another program", "of another program with a similar name", "of another container"],
)
def test_regions_of_others_stay(directory: Path, name: str) -> None:
    (directory / name).touch()
    assert not shared_memory.remove_orphans()
    assert (directory / name).exists()


def test_removing_of_one_server_leaves_the_others(directory: Path) -> None:
    ours, theirs = shared_memory.new_prefix(), shared_memory.new_prefix()
    (directory / f"{ours}region").touch()
    (directory / f"{theirs}region").touch()
    assert shared_memory.remove(ours).regions == (f"{ours}region",)
    assert (directory / f"{theirs}region").exists()


@contextmanager
def running(program: str | Path, region: str) -> Iterator[ProcessSnapshot]:
    """A process with `region` among its arguments, once /proc shows them."""
    with subprocess.Popen([program, "-c", "import time; time.sleep(100)", region]) as process:
        try:
            wait_until(lambda: region in process_table.arguments(process.pid), 5)
            yield ProcessSnapshot.at(process.pid)
        finally:
            process.kill()


def test_processes_of_an_ended_owner_are_killed(tmp_path: Path) -> None:
    stub = tmp_path / "triton_python_backend_stub"
    stub.symlink_to(sys.executable)
    with running(stub, f"{prefix_of_ended_process()}region") as process:
        assert shared_memory.remove_orphans().processes == (process.pid,)
        assert not process.alive


def test_processes_that_only_mention_an_ended_owner_run_on() -> None:
    with running(sys.executable, f"{prefix_of_ended_process()}region") as process:
        assert not shared_memory.remove_orphans()
        assert process.alive
