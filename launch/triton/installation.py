"""The tritonserver of this machine: its path, and the files and search paths that it needs.

The places are searched in this order: the setting SOPRANO_TRITONSERVER; NVIDIA's container; the PATH; the
nvidia-pytriton wheel, whose files are used without importing it.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.directories import cache_directory
from launch.errors import CannotWrite, LibpythonNotFound, StubNotFound, TritonNotFound

SETTING = "SOPRANO_TRITONSERVER"
CONTAINER_BINARY = Path("/opt/tritonserver/bin/tritonserver")

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LIBPYTHON = f"libpython{PYTHON}.so.1.0"

STUB = "triton_python_backend_stub"
"""The program that runs a Python model for Triton."""


@dataclass(frozen=True)
class Installation:
    """A tritonserver that can run models with this Python."""

    binary: Path
    stub: Path
    """The program that Triton starts for each Python model."""
    libpython: Path

    @property
    def root(self) -> Path:
        """The folder that holds `bin` and `backends`."""
        return self.binary.parent.parent

    def backend_directory(self) -> Path:
        """Return the directory for `--backend-directory`. Raises `CannotWrite`.

        The wheel stores one stub per Python version outside the backend's directory, so one is assembled from links.
        """
        backend = self.root / "backends" / "python"
        if self.stub.parent == backend:
            return backend.parent
        key = hashlib.sha256(str(self.stub).encode()).hexdigest()[:16]
        directory = cache_directory() / f"backends-{key}"
        links = [file for file in (*backend.iterdir(), self.stub) if file.is_file()]
        _link_all(directory / "python", links)
        return directory

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` with the search paths of tritonserver and its stubs in front.

        The stub takes its site-packages from the first `python3` on PATH.
        """
        libraries = [folder for folder in (_wheel_libraries(self.root), self.root / "lib") if folder.is_dir()]
        return {
            **base,
            "PATH": _prepended([Path(sys.executable).parent], base.get("PATH", os.defpath)),
            "LD_LIBRARY_PATH": _prepended([*libraries, self.libpython.parent], base.get("LD_LIBRARY_PATH", "")),
        }


def find_installation(environment: Mapping[str, str] = os.environ) -> Installation:
    """Return this machine's tritonserver.

    Raises `TritonNotFound`, `StubNotFound` or `LibpythonNotFound`.
    """
    binary = find_binary(environment)
    return Installation(binary=binary, stub=find_stub(binary), libpython=find_libpython())


def find_binary(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of tritonserver. Raises `TritonNotFound`."""
    if setting := environment.get(SETTING):
        binary = Path(setting).expanduser()
        if not os.access(binary, os.X_OK) or binary.is_dir():
            raise TritonNotFound(f"{SETTING}={setting} is not a program: give the path of tritonserver itself")
        return binary.resolve()
    for candidate in _usual_places(environment):
        if candidate.is_file():
            return candidate.resolve()
    raise TritonNotFound(
        "no tritonserver on this machine: install the wheel with `pip install --no-deps nvidia-pytriton==0.7.0`, "
        f"run inside NVIDIA's Triton container, or set {SETTING} to the program's path"
    )


def find_stub(binary: Path) -> Path:
    """Return the Python backend's stub for this Python. Raises `StubNotFound`."""
    root = binary.parent.parent
    for stub in (root / "python_backend_stubs" / PYTHON / STUB, root / "backends" / "python" / STUB):
        if stub.is_file() and _python_of(stub) in (PYTHON, None):
            return stub
    supported = ", ".join(sorted(set(_supported_pythons(root)), key=_version_key)) or "none"
    raise StubNotFound(
        f"{binary} has no Python backend for Python {PYTHON} (it has: {supported}): "
        "recreate the virtual environment with one of these, best 3.11 or 3.12"
    )


def find_libpython() -> Path:
    """Return this Python's shared library. Raises `LibpythonNotFound`."""
    folders = (
        Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib"),
        Path(sys.base_prefix) / "lib",
        Path("/usr/lib") / (sysconfig.get_config_var("MULTIARCH") or ""),
        Path("/usr/lib64"),
        Path("/usr/local/lib"),
    )
    for folder in folders:
        if (folder / LIBPYTHON).is_file():
            return folder / LIBPYTHON
    raise LibpythonNotFound(
        f"{LIBPYTHON}, which Triton's Python backend needs, is not installed: on Debian or Ubuntu "
        f"`apt-get install libpython{PYTHON}`; with pyenv, build Python with `--enable-shared`"
    )


def _usual_places(environment: Mapping[str, str]) -> Iterator[Path]:
    yield CONTAINER_BINARY
    if on_path := shutil.which("tritonserver", path=environment.get("PATH")):
        yield Path(on_path)
    wheel = importlib.util.find_spec("pytriton")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        yield Path(folder) / "tritonserver" / "bin" / "tritonserver"


def _supported_pythons(root: Path) -> Iterator[str]:
    yield from (stub.parent.name for stub in root.glob(f"python_backend_stubs/3.*/{STUB}"))
    stub = root / "backends" / "python" / STUB
    if stub.is_file() and (version := _python_of(stub)):
        yield version


def _python_of(stub: Path) -> str | None:
    """The Python version that a stub is linked with; None if its file does not show it."""
    match = re.search(rb"libpython(3\.\d+)\.so", stub.read_bytes())
    return match.group(1).decode() if match else None


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _wheel_libraries(root: Path) -> Path:
    """The folder of shared libraries that the wheel installs beside the package."""
    return root.parent.parent / "nvidia_pytriton.libs"


def _link_all(directory: Path, files: Iterable[Path]) -> None:
    """Create a link in `directory` to each of `files`; each step is atomic, since other servers may do the same."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file in files:
            link = directory / file.name
            if not link.exists():
                draft = directory / f".{file.name}.{secrets.token_hex(8)}"
                draft.symlink_to(file)
                draft.replace(link)
    except OSError as error:
        raise CannotWrite(
            f"cannot write {directory} ({error.strerror}): set XDG_CACHE_HOME to another place"
        ) from error


def _prepended(folders: list[Path], paths: str) -> str:
    return os.pathsep.join([*map(str, folders), *filter(None, [paths])])
