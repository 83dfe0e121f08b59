"""The directories for the command line's own files, as the XDG specification defines them."""

import os
from pathlib import Path

from launch.errors import CannotWrite


def cache_directory() -> Path:
    """Return the directory for files that can be recreated; create it if necessary. Raises `CannotWrite`."""
    return _create("XDG_CACHE_HOME", "~/.cache")


def state_directory() -> Path:
    """Return the directory for logs; create it if necessary. Raises `CannotWrite`."""
    return _create("XDG_STATE_HOME", "~/.local/state")


def _create(variable: str, default: str) -> Path:
    directory = Path(os.environ.get(variable) or default).expanduser() / "soprano"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"cannot create {directory} ({error.strerror}): set {variable} to another place") from error
    return directory
