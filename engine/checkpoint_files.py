"""The files of a checkpoint in Soprano's published layout, and finding the directory that holds them.

Without PyTorch: who only wants to know where a checkpoint is, or what it is, should not wait for it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError

DEFAULT_CHECKPOINT = "ekwek/Soprano-1.1-80M"

CONFIG = "config.json"
LANGUAGE_MODEL = "model.safetensors"
TOKENIZER = "tokenizer.json"
DECODER = "decoder.pth"

SYNTHETIC_KEY = "soprano_synthetic"
"""Entry of `config.json` that marks random weights, which make noise instead of speech."""

REMEDY = "fetch the checkpoint again (`soprano checkpoint fetch`) or name another directory"


def resolve(name: str) -> Path:
    """Return the local directory of checkpoint `name`: a directory, or a repository of the Hugging Face hub.

    A repository is fetched if it is not cached. Raises `CheckpointError`.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        raise CheckpointError(
            f"there is no checkpoint directory {name!r}; give an existing directory or a hub id such as "
            f"{DEFAULT_CHECKPOINT}"
        )
    from engine.hub import fetch

    return fetch(name)


def is_synthetic(path: Path) -> bool:
    """Tell whether the checkpoint at `path` makes noise instead of speech. Raises `CheckpointError`."""
    return bool(read_config(path).get(SYNTHETIC_KEY))


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
