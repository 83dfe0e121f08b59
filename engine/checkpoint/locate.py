"""Finds the directory of a checkpoint. Loads no PyTorch."""

import logging
from pathlib import Path

from engine.checkpoint import files
from engine.checkpoint.files import AUTO, BUILTIN, DEFAULT_CHECKPOINT, split_revision
from engine.checkpoint.time_limit import MinimumRate
from engine.errors import CheckpointError, CheckpointUnavailable

AUTO_TIMEOUT = 5.0
"""Seconds in which the hub has to answer when there is a fallback."""

AUTO_MINIMUM_RATE = MinimumRate(amount=6e6, seconds=60.0)
"""The minimum download rate when there is a fallback: 100 kB/s, measured over a minute."""

_log = logging.getLogger(__name__)


def resolve(name: str) -> Path:
    """Return the directory of checkpoint `name`: `auto`, `builtin`, a directory, or a repository of the hub.

    A repository (`OWNER/NAME` or `OWNER/NAME@REVISION`) is downloaded if it is not cached. Raises `CheckpointError`.
    """
    if name == AUTO:
        return _published_or_builtin()
    if name == BUILTIN:
        return _builtin()
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    repository, revision = split_revision(name)
    if path.is_absolute() or name.startswith((".", "~")) or repository.count("/") != 1:
        raise CheckpointError(
            f"there is no checkpoint directory {name!r}; give an existing directory, a hub id such as "
            f"{DEFAULT_CHECKPOINT}, or `{BUILTIN}`"
        )
    from engine.checkpoint.hub import fetch

    return fetch(repository, revision=revision)


def _published_or_builtin() -> Path:
    """Return the cached copy, the published checkpoint, or the built-in voice. With a cached copy, uses no network."""
    from engine.checkpoint.hub import cached, fetch

    if copy := cached(DEFAULT_CHECKPOINT):
        return copy
    try:
        return fetch(DEFAULT_CHECKPOINT, timeout=AUTO_TIMEOUT, minimum_rate=AUTO_MINIMUM_RATE)
    except CheckpointUnavailable as error:
        if not files.BUILTIN_DIRECTORY.is_dir():
            raise
        _log.warning("the built-in voice is used instead of the published checkpoint: %s", error.reason)
        return files.BUILTIN_DIRECTORY


def _builtin() -> Path:
    if not files.BUILTIN_DIRECTORY.is_dir():
        raise CheckpointError(
            f"there is no voice in {files.BUILTIN_DIRECTORY}; get the complete project, or give a directory or a hub id"
        )
    return files.BUILTIN_DIRECTORY
