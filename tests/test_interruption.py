"""The tests can interrupt their programs even if a script started the tests in the background."""

import subprocess
import sys

import pytest

INTERRUPTING_TEST = "tests/measuring/test_worker.py::test_busy_process_ends_with_its_owner[SIGINT]"


@pytest.mark.parametrize("start", ['"$@"', '"$@" & wait $!', 'nohup "$@"'], ids=["foreground", "background", "nohup"])
def test_what_a_test_starts_can_be_interrupted(start: str) -> None:
    pytest_command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", INTERRUPTING_TEST]
    done = subprocess.run(
        ["sh", "-c", start, "sh", *pytest_command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
