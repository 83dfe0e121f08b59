"""Checks of this machine: what `soprano serve` needs, whether it is present, and how to get it."""

import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.checkpoint import files as checkpoint_files
from engine.checkpoint.files import AUTO, BUILTIN, DEFAULT_CHECKPOINT, SYNTHETIC
from launch.directories import cache_directory
from launch.errors import LaunchError
from launch.process import ports
from launch.triton import installation
from launch.triton.fleet import NVIDIA_DRIVER
from launch.triton.shared_memory import SHARED_MEMORY

FREE_DISK_BYTES = 2 * 1024**3
"""Needed for a checkpoint, caches and logs."""
SHARED_MEMORY_BYTES = 64 * 1024**2
"""Needed for Triton's two Python models."""

INSTALL = "run `make install`"

ENTRY_POINT = "launch.cli"
"""The module that our console scripts import."""


class State(Enum):
    """The severity of a finding."""

    GOOD = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    subject: str
    state: State
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Plan:
    """The settings of `soprano serve` that the checks depend on."""

    checkpoint: str
    ports: dict[str, int]
    """Port by the option that sets it."""
    address: str = "127.0.0.1"


def examine(plan: Plan) -> Iterator[Finding]:
    """Run all checks one by one; the one of PyTorch takes seconds."""
    yield python_version()
    yield numpy_version()
    yield _unless_raises("libpython", lambda: str(installation.find_libpython()))
    yield _unless_raises("tritonserver", lambda: str(installation.find_binary()))
    yield _unless_raises("Python stub", lambda: str(installation.find_stub(installation.find_binary())))
    yield package("soprano-tts", "soprano")
    yield command()
    yield package("tritonclient", "tritonclient")
    yield package("fastapi", "fastapi")
    yield package("av", "av")
    yield pytorch()
    for option, port in plan.ports.items():
        yield free_port(plan.address, port, option)
    yield disk_space()
    yield shared_memory()
    yield checkpoint(plan.checkpoint)


def python_version() -> Finding:
    """Python in a version that Triton's stubs, NumPy 1 and the engine support."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 13)
    return _finding("Python", good, version, "make the virtual environment with Python 3.11 or 3.12")


def numpy_version() -> Finding:
    """NumPy 1; with NumPy 2 the stubs of Triton 24.10 crash on the first text."""
    version = _version("numpy")
    good = version is not None and version.startswith("1.")
    return _finding("numpy < 2", good, version or "not installed", "run `pip install 'numpy<2'`")


def package(name: str, module: str) -> Finding:
    """A package of which any version will do."""
    found = importlib.util.find_spec(module) is not None
    return _finding(name, found, _version(name) or ("installed" if found else "not installed"), INSTALL)


def command() -> Finding:
    """The command `soprano`: soprano-tts installs one of the same name, and pip lets the last installation win."""
    script = Path(sysconfig.get_path("scripts")) / "soprano"
    remedy = "run `pip install --no-deps -e .` in the project, or use `soprano-triton`, which is the same command"
    if _version("soprano-triton") is None:
        return Finding("command", State.GOOD, "python -m launch.cli, from the source")
    if not script.is_file():
        return Finding("command", State.WARNING, f"{script} does not exist", remedy)
    if ENTRY_POINT not in script.read_text(errors="replace"):
        return Finding("command", State.WARNING, f"{script} is that of soprano-tts", remedy)
    return Finding("command", State.GOOD, str(script))


def pytorch() -> Finding:
    """PyTorch, and whether it can use this machine's GPU."""
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        return Finding("PyTorch", State.MISSING, f"cannot be imported ({error})", INSTALL)
    if torch.cuda.is_available():
        return Finding("PyTorch", State.GOOD, f"{torch.__version__}, {torch.cuda.get_device_name()}")
    if not NVIDIA_DRIVER.exists():
        return Finding("PyTorch", State.GOOD, f"{torch.__version__}, no GPU: the processor speaks")
    if torch.version.cuda is None:
        remedy = "install PyTorch's CUDA build to use it"
        return Finding("PyTorch", State.WARNING, f"{torch.__version__}, built without CUDA; there is a GPU", remedy)
    remedy = "update NVIDIA's driver to use it"
    return Finding("PyTorch", State.WARNING, f"{torch.__version__} cannot use the GPU", remedy)


def free_port(address: str, port: int, option: str) -> Finding:
    """A port to listen on."""

    def check() -> str:
        ports.require_free(address, port, option=option)
        return f"{port} is free"

    return _unless_raises(option.removeprefix("--").replace("-", " "), check)


def disk_space() -> Finding:
    """Free space in the directory of checkpoints and caches."""

    def check() -> str:
        directory = cache_directory()
        free = shutil.disk_usage(directory).free
        if free < FREE_DISK_BYTES:
            raise LaunchError(f"{free / 1024**3:.1f} GiB in {directory}: free some, or set XDG_CACHE_HOME")
        return f"{free / 1024**3:.0f} GiB in {directory}"

    return _unless_raises("disk space", check)


def shared_memory() -> Finding:
    """Free space for the tensors between Triton and its models; containers have little by default."""
    usage = os.statvfs(SHARED_MEMORY)
    free = usage.f_bavail * usage.f_frsize
    remedy = "start the container with a larger --shm-size, such as 1g"
    detail = f"{free / 1024**2:.0f} MiB free in {SHARED_MEMORY}"
    return _finding("shared memory", free >= SHARED_MEMORY_BYTES, detail, remedy)


def checkpoint(name: str) -> Finding:
    """The weights: present, or still to be downloaded."""
    if name == SYNTHETIC:
        return Finding("checkpoint", State.WARNING, "synthetic: noise, not speech", "name a real one to hear speech")
    if name == BUILTIN:
        return _builtin_checkpoint()
    if name == AUTO:
        return _automatic_checkpoint()
    if Path(name).expanduser().is_dir():
        return Finding("checkpoint", State.GOOD, name)
    if _is_cached(name):
        return Finding("checkpoint", State.GOOD, f"{name}, fetched")
    remedy = f"run `soprano checkpoint fetch {name}`, or serve with `--checkpoint synthetic` (noise) to try the rest"
    return Finding("checkpoint", State.WARNING, f"{name} is not fetched", remedy)


def _builtin_checkpoint() -> Finding:
    """The built-in voice."""
    directory = checkpoint_files.BUILTIN_DIRECTORY
    remedy = "get the project whole, or name another checkpoint"
    return _finding("checkpoint", directory.is_dir(), f"the built-in voice, {directory}", remedy)


def _automatic_checkpoint() -> Finding:
    """The published weights, or the built-in voice that replaces them if they cannot be downloaded."""
    if _is_cached(DEFAULT_CHECKPOINT) or not checkpoint_files.BUILTIN_DIRECTORY.is_dir():
        return checkpoint(DEFAULT_CHECKPOINT)
    detail = f"{DEFAULT_CHECKPOINT} is not fetched; if it cannot be, the built-in voice speaks"
    return Finding("checkpoint", State.GOOD, detail)


def _is_cached(repository: str) -> bool:
    if importlib.util.find_spec("huggingface_hub") is None:
        return False
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        name, revision = checkpoint_files.split_revision(repository)
        return isinstance(try_to_load_from_cache(name, "config.json", revision=revision), str)
    except HFValidationError:
        return False


def _finding(subject: str, good: bool, detail: str, remedy: str) -> Finding:
    return Finding(subject, State.GOOD, detail) if good else Finding(subject, State.MISSING, detail, remedy)


def _unless_raises(subject: str, check: Callable[[], str]) -> Finding:
    """The finding for `check`, which returns the detail, or raises an error whose message is `detail: remedy`."""
    try:
        return Finding(subject, State.GOOD, check())
    except LaunchError as error:
        detail, _, remedy = str(error).rpartition(": ")
        return Finding(subject, State.MISSING, detail, remedy)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
