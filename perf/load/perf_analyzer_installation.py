"""NVIDIA's perf_analyzer on this machine.

Looked for on the PATH first, where NVIDIA's SDK container has it. Else the program is taken out of a wheel, once, and
kept in the user's cache.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launch.directories import cache_directory
from perf.load.perf_analyzer_errors import PerfAnalyzerNotFound
from perf.load.perf_analyzer_wheel import LIBRARIES, PROGRAM, set_up, wheel_for_this_machine

_START_TIMEOUT = 10.0


@dataclass(frozen=True)
class Installation:
    """A perf_analyzer that can be run."""

    binary: Path
    source: str
    """Where it comes from: "the PATH", or the wheel's name and version."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that it needs on top of this process's own."""

    def version(self) -> str:
        """Return what it says of its version, or whose it is where it knows none, as in "tritonclient 2.49.0's".

        Raises `PerfAnalyzerNotFound` if it does not run.
        """
        try:
            done = subprocess.run(
                [self.binary, "--version"],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_START_TIMEOUT,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stdout", None) or error
            raise PerfAnalyzerNotFound(
                f"{self.binary} does not run ({str(said).strip()}): repair it, or remove it so that one is set up"
            ) from error
        printed = done.stdout.strip()
        return printed if re.search(r"\d+\.\d+", printed) else f"{self.source}'s"


def find_installation() -> Installation:
    """Return this machine's perf_analyzer, which is set up if it is not here yet: that takes pip some seconds.

    Raises `PerfAnalyzerNotFound`, or `CannotWrite` when there is no place for a cache.
    """
    on_path = shutil.which(PROGRAM)
    installation = Installation(Path(on_path), "the PATH") if on_path else _from_cache()
    installation.version()  # finds out whether it runs
    return installation


def _from_cache() -> Installation:
    wheel = wheel_for_this_machine()
    folder = cache_directory() / f"{wheel.distribution}-{wheel.version}"
    if not folder.is_dir():
        set_up(wheel, folder)
    paths = [str(folder / LIBRARIES), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    return Installation(
        binary=folder / PROGRAM,
        source=f"{wheel.distribution} {wheel.version}",
        environment={"LD_LIBRARY_PATH": os.pathsep.join(paths)} if wheel.libraries else {},
    )
