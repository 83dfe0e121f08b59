"""NVIDIA's perf_analyzer on this machine.

It is searched for on the PATH first, where NVIDIA's SDK container has it. Otherwise the program is extracted from a
wheel once and kept in the user's cache.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launch.directories import cache_directory

_START_TIMEOUT = 10.0
PROGRAM = "perf_analyzer"
LIBRARIES = "libraries"
_PIP_TIMEOUT = 600.0


@dataclass(frozen=True)
class Installation:
    """A perf_analyzer that can be run."""

    binary: Path
    source: str
    """Its source: "the PATH", or the wheel's name and version."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in addition to this process's own."""

    def version(self) -> str:
        """Return the version that the program reports, or else its source, as in "tritonclient 2.49.0's".

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
                f"{self.binary} does not run ({str(said).strip()}): repair it, or remove it to have one set up"
            ) from error
        printed = done.stdout.strip()
        return printed if re.search(r"\d+\.\d+", printed) else f"{self.source}'s"


def find_installation() -> Installation:
    """Return this machine's perf_analyzer; if there is none yet, set it up, which takes pip some seconds.

    Raises `PerfAnalyzerNotFound`, or `CannotWrite` if there is no place for a cache.
    """
    on_path = shutil.which(PROGRAM)
    installation = Installation(Path(on_path), "the PATH") if on_path else _from_cache()
    installation.version()  # raises if it does not run
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


class PerfAnalyzerError(Exception):
    """Base of these errors; `str()` says what is wrong and what to do."""


class PerfAnalyzerNotFound(PerfAnalyzerError):
    """No perf_analyzer runs on this machine, and none can be set up."""


class RunFailed(PerfAnalyzerError):
    """perf_analyzer failed, took too long, or did not measure every request; none of its processes is left running."""


class UnreadableExport(PerfAnalyzerError):
    """A profile export is missing, incomplete, or without audio."""


@dataclass(frozen=True)
class Wheel:
    """A wheel that contains the program."""

    distribution: str
    version: str
    platform: str
    libraries: tuple[str, ...] = ()
    """Names of libraries that the program loads and the wheel does not contain."""


_WHEELS = {
    (2, 38): Wheel("perf-analyzer", "2.60.0", "manylinux_2_38_x86_64"),
    (2, 34): Wheel("tritonclient", "2.49.0", "manylinux1_x86_64", libraries=("libb64.so.0d", "libcudart.so.12")),
}
"""By the oldest glibc on which they run, newest first."""


def wheel_for_this_machine() -> Wheel:
    """Return the newest wheel that runs here. Raises `PerfAnalyzerNotFound`."""
    library, version = platform.libc_ver()
    if platform.machine() == "x86_64" and library == "glibc":
        here = tuple(int(number) for number in version.split(".")[:2])
        for oldest, wheel in _WHEELS.items():
            if here >= oldest:
                return wheel
    raise PerfAnalyzerNotFound(
        f"there is no perf_analyzer for {platform.machine()} with {f'{library} {version}'.strip() or 'its C library'}: "
        "use a machine with x86-64 and glibc 2.34 or newer, or NVIDIA's Triton SDK container"
    )


def set_up(wheel: Wheel, folder: Path) -> None:
    """Create `folder` with the program and a folder of libraries.

    It is created atomically, also if several processes do this at once. Raises `PerfAnalyzerNotFound`.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as draft:
            complete = Path(draft) / folder.name
            complete.mkdir()
            _extract_program(_fetch(wheel, Path(draft)), complete / PROGRAM)
            _copy_libraries(wheel, complete / LIBRARIES)
            complete.rename(folder)
    except OSError as error:
        # Another process may have made it meanwhile.
        if not folder.is_dir():
            raise PerfAnalyzerNotFound(
                f"cannot set up perf_analyzer in {folder} ({error.strerror}): make room there, "
                "or set XDG_CACHE_HOME to another place"
            ) from error


def _fetch(wheel: Wheel, folder: Path) -> Path:
    """Have pip download the wheel into `folder`."""
    requirement = f"{wheel.distribution}=={wheel.version}"
    arguments = ["--no-deps", "--only-binary=:all:", f"--platform={wheel.platform}", f"--dest={folder}", requirement]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PIP_TIMEOUT,
            check=True,
        )
    except subprocess.SubprocessError as error:
        said = "; ".join(str(getattr(error, "stdout", None) or error).strip().splitlines())
        raise PerfAnalyzerNotFound(
            f"perf_analyzer is not on the PATH, and pip cannot download {requirement} ({said}): check that "
            "pip reaches a package index, or put perf_analyzer on the PATH"
        ) from error
    return next(folder.glob("*.whl"))


def _extract_program(wheel_file: Path, program: Path) -> None:
    """Copy the program from the wheel; its path there depends on the wheel."""
    with zipfile.ZipFile(wheel_file) as archive:
        member = next((name for name in archive.namelist() if name.endswith(f"/bin/{PROGRAM}")), None)
        if member is None:
            raise PerfAnalyzerNotFound(
                f"there is no perf_analyzer in {wheel_file.name}: check from where pip gets its wheels, "
                "or put perf_analyzer on the PATH"
            )
        with archive.open(member) as source, program.open("wb") as target:
            shutil.copyfileobj(source, target)
    program.chmod(0o755)


def _copy_libraries(wheel: Wheel, folder: Path) -> None:
    """Copy the libraries from Triton's wheel, which has all of them, with a hash in the file name."""
    folder.mkdir()
    for name in wheel.libraries:
        stem, suffix = name.split(".", 1)
        found = next((path for place in _triton_libraries() for path in place.glob(f"{stem}-*.{suffix}*")), None)
        if found is None:
            raise PerfAnalyzerNotFound(
                f"perf_analyzer needs {name}, which nvidia-pytriton brings: run `make install`, "
                "or put perf_analyzer on the PATH"
            )
        shutil.copyfile(found, folder / name)


def _triton_libraries() -> Iterator[Path]:
    package = importlib.util.find_spec("pytriton")
    for folder in (package and package.submodule_search_locations) or ():
        yield Path(folder).parent / "nvidia_pytriton.libs"
