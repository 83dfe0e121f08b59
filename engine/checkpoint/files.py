"""The names of checkpoints, and the files of a checkpoint in Soprano's published layout. Loads no PyTorch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError

DEFAULT_CHECKPOINT = "ekwek/Soprano-1.1-80M"
KNOWN = (DEFAULT_CHECKPOINT, "ekwek/Soprano-80M")
"""The repositories with published weights."""

AUTO = "auto"
"""The name of the published weights or, if they cannot be downloaded, of the built-in voice."""
BUILTIN = "builtin"
"""The name of the built-in voice: a small checkpoint in this repository, which needs no network."""
BUILTIN_DIRECTORY = Path(__file__).parents[2] / "voices" / BUILTIN
SYNTHETIC = "synthetic"
"""The name of random weights."""

CONFIG = "config.json"
LANGUAGE_MODEL = "model.safetensors"
TOKENIZER = "tokenizer.json"
DECODER = "decoder.pth"

SYNTHETIC_KEY = "soprano_synthetic"
"""Entry of `config.json` that marks random weights, which make noise instead of speech."""
BUILTIN_KEY = "soprano_builtin"
"""Entry of `config.json` that marks the built-in voice."""

REMEDY = "fetch the checkpoint again (`soprano checkpoint fetch`) or name another directory"


def split_revision(name: str) -> tuple[str, str | None]:
    """Return the repository and the revision (a branch, a tag or a commit) of `OWNER/NAME@REVISION`."""
    repository, _, revision = name.partition("@")
    return repository, revision or None


def commit_of(path: Path) -> str | None:
    """Return the commit of a checkpoint in the hub's cache; None for any other directory."""
    return path.name if path.parent.name == "snapshots" else None


def mark(path: Path) -> str:
    """Return `synthetic` or `builtin` if the checkpoint at `path` is marked as such, else an empty string.

    Raises `CheckpointError`.
    """
    return mark_of(read_config(path))


def mark_of(config: Mapping[str, Any]) -> str:
    """The same, given the content of its `config.json`."""
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
