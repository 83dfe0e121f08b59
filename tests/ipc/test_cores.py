"""The usable cores are those of the container, not of the machine."""

import os
from pathlib import Path

import pytest

from ipc.cores import usable_cores

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("limit", "cores"),
    [("max 100000", CORES), ("150000 100000", min(CORES, 2)), ("50000 100000", 1), ("6400000 100000", CORES)],
)
def test_a_quota_counts(tmp_path: Path, limit: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert usable_cores(tmp_path / "cpu.max") == cores


def test_without_a_quota_the_affinity_mask_counts(tmp_path: Path) -> None:
    assert usable_cores(tmp_path / "none") == CORES
