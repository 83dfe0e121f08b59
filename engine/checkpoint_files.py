"""The files of a checkpoint in Soprano's published layout, and finding the directory that holds them.

Without PyTorch: who only wants to know where a checkpoint is, or what it is, should not wait for it.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError, CheckpointUnavailable
from engine.time_limit import Pace

DEFAULT_CHECKPOINT = "ekwek/Soprano-1.1-80M"
KNOWN = (DEFAULT_CHECKPOINT, "ekwek/Soprano-80M")
"""The repositories with published weights."""

AUTO = "auto"
"""The name of the published weights, or where they cannot be got, of the voice in the box."""
BUILTIN = "builtin"
"""The name of the voice in the box: a small one that lies beside the code, so that speech needs no network."""
BUILTIN_DIRECTORY = Path(__file__).parents[1] / "voices" / BUILTIN
SYNTHETIC = "synthetic"
"""What random weights are called."""

CONFIG = "config.json"
LANGUAGE_MODEL = "model.safetensors"
TOKENIZER = "tokenizer.json"
DECODER = "decoder.pth"

SYNTHETIC_KEY = "soprano_synthetic"
"""Entry of `config.json` that marks random weights, which make noise instead of speech."""
BUILTIN_KEY = "soprano_builtin"
"""Entry of `config.json` that marks the built-in voice."""

REMEDY = "fetch the checkpoint again (`soprano checkpoint fetch`) or name another directory"

AUTO_PATIENCE = 5.0
"""Seconds in which a hub has to answer when there is a voice to fall back on."""

AUTO_PACE = Pace(amount=6e6, seconds=60.0)
"""Bytes that a hub has to deliver in these seconds when there is a voice to fall back on: 100 kB a second."""

_log = logging.getLogger(__name__)


def resolve(name: str) -> Path:
    """Return the directory of checkpoint `name`: `auto`, `builtin`, a directory, or a repository of the hub.

    A repository (`OWNER/NAME`, or `OWNER/NAME@REVISION`) is fetched if it is not cached. Raises `CheckpointError`.
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
    from engine.hub import fetch

    return fetch(repository, revision=revision)


def split_revision(name: str) -> tuple[str, str | None]:
    """Return the repository and the revision (a branch, a tag or a commit) of `OWNER/NAME@REVISION`."""
    repository, _, revision = name.partition("@")
    return repository, revision or None


def commit_of(path: Path) -> str | None:
    """Return the commit of a checkpoint in the hub's cache; None for any other directory."""
    return path.name if path.parent.name == "snapshots" else None


def mark(path: Path) -> str:
    """Return what the checkpoint at `path` is, if it is no published one: `synthetic`, `builtin` or else nothing.

    Raises `CheckpointError`.
    """
    return mark_of(read_config(path))


def mark_of(config: Mapping[str, Any]) -> str:
    """The same, by the content of its `config.json`."""
    if config.get(SYNTHETIC_KEY):
        return SYNTHETIC
    return BUILTIN if config.get(BUILTIN_KEY) else ""


def read_config(path: Path) -> Mapping[str, Any]:
    """Return the parsed `config.json` of the checkpoint at `path`. Raises `CheckpointError`."""
    file = path / CONFIG
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"the checkpoint {path} lacks {CONFIG}; {REMEDY}") from error
    except ValueError as error:
        raise CheckpointError(f"{file} is not JSON ({error}); {REMEDY}") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{file} is not a JSON object; {REMEDY}")
    return config


def _published_or_builtin() -> Path:
    """The copy in the cache, without asking for a newer one: a start should not depend on the network."""
    from engine.hub import cached, fetch

    if copy := cached(DEFAULT_CHECKPOINT):
        return copy
    try:
        return fetch(DEFAULT_CHECKPOINT, patience=AUTO_PATIENCE, least_pace=AUTO_PACE)
    except CheckpointUnavailable as error:
        if not BUILTIN_DIRECTORY.is_dir():
            raise
        _log.warning("the voice in the box speaks instead of the published one: %s", error.reason)
        return BUILTIN_DIRECTORY


def _builtin() -> Path:
    if not BUILTIN_DIRECTORY.is_dir():
        raise CheckpointError(
            f"there is no voice in {BUILTIN_DIRECTORY}; get the project whole, or give a directory or a hub id"
        )
    return BUILTIN_DIRECTORY
