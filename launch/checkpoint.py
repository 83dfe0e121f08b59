"""Checkpoints by the names that users give them. Modules that need PyTorch are imported only when they are used."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.checkpoint.files import AUTO, BUILTIN, DEFAULT_CHECKPOINT, SYNTHETIC, commit_of, split_revision
from launch import console
from launch.directories import cache_directory
from launch.errors import CheckpointUnusable


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that is on this machine."""

    name: str
    """`synthetic`, `builtin`, a hub id with its commit (`OWNER/NAME@COMMIT`), or the directory."""
    path: Path


def locate(name: str) -> Checkpoint:
    """Find a checkpoint by any name; if it is not on this machine yet, download or create it.

    "synthetic" means random weights of full size. Raises `CheckpointUnusable` or `CannotWrite`.
    """
    with _engine_errors():
        from engine.checkpoint.files import mark
        from engine.checkpoint.locate import resolve

        path = _synthetic() if name == SYNTHETIC else resolve(name).resolve()
        return Checkpoint(mark(path) or _published_name(DEFAULT_CHECKPOINT if name == AUTO else name, path), path)


def announce(checkpoint: Checkpoint) -> None:
    """Print which checkpoint will be used."""
    if checkpoint.name == SYNTHETIC:
        console.warn("this checkpoint is synthetic: it makes noise, not speech")
    elif checkpoint.name == BUILTIN:
        console.say("checkpoint: builtin, the small built-in voice")
    else:
        console.say(f"checkpoint: {checkpoint.name}")


def fetch(repository: str) -> Path:
    """Find a checkpoint in the cache, or download it; or find the built-in one. Raises `CheckpointUnusable`."""
    if repository == BUILTIN:
        return locate(BUILTIN).path
    with _engine_errors():
        from engine.checkpoint.hub import fetch

        name, revision = split_revision(repository)
        return fetch(name, revision=revision)


def write_synthetic(path: Path, size: Literal["full", "small", "tiny"]) -> None:
    """Write random weights to the new directory `path`. Raises `CheckpointUnusable`."""
    with _engine_errors():
        from engine.checkpoint.synthetic import write_synthetic

        write_synthetic(path, size)


def describe(name: str) -> str:
    """Read the whole checkpoint in the directory `name`, or "builtin", and describe it.

    Raises `CheckpointUnusable`.
    """
    with _engine_errors():
        from engine.checkpoint.load import verify
        from engine.checkpoint.locate import resolve

        summary = verify(resolve(name) if name == BUILTIN else Path(name))
    return (
        f"{summary.path}: {summary.description}, {summary.language_model_parameters / 1e6:.1f} million parameters in "
        f"the language model and {summary.decoder_parameters / 1e6:.1f} million in the decoder"
    )


def _published_name(name: str, path: Path) -> str:
    """Add the commit to a hub id, so that exactly this version can be requested again."""
    commit = commit_of(path)
    return f"{split_revision(name)[0]}@{commit}" if commit and not Path(name).expanduser().is_dir() else name


def _synthetic() -> Path:
    """The path of the synthetic checkpoint that this version of the generator makes; it is made if it is missing."""
    path = cache_directory() / f"synthetic-{_generator_key()}"
    if path.is_dir():
        return path
    console.say(f"making a synthetic checkpoint, once, in {path}")
    try:
        write_synthetic(path, "full")
    except CheckpointUnusable:
        # Another process may have made it in the meantime; the directory is created atomically.
        if not path.is_dir():
            raise
    return path


def _generator_key() -> str:
    """A hash of the code that makes synthetic checkpoints."""
    from engine import checkpoint

    folder = Path(checkpoint.__path__[0])
    code = b"".join((folder / name).read_bytes() for name in ("synthetic.py", "synthetic_tokenizer.py"))
    return hashlib.sha256(code).hexdigest()[:12]


@contextmanager
def _engine_errors() -> Iterator[None]:
    """Turn errors of the engine into errors of the command line."""
    try:
        from engine.errors import EngineError
    except ImportError as error:
        raise _not_installed(error) from error
    try:
        yield
    except EngineError as error:
        raise CheckpointUnusable(str(error)) from error
    except ImportError as error:
        raise _not_installed(error) from error


def _not_installed(error: ImportError) -> CheckpointUnusable:
    return CheckpointUnusable(f"the engine cannot be loaded ({error}): see `soprano doctor` for what is missing")
