"""Fetching a checkpoint from the Hugging Face hub, or finding the copy of it in the cache.

Where from, where to and as whom are huggingface_hub's own settings, read when it is imported: `HF_ENDPOINT`, `HF_HOME`,
`HF_TOKEN`, `HF_HUB_OFFLINE`.
"""

import errno
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)
from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

from engine.checkpoint_files import DEFAULT_CHECKPOINT
from engine.download_log import DownloadLog
from engine.errors import CheckpointError

KNOWN = (DEFAULT_CHECKPOINT, "ekwek/Soprano-80M")
_KNOWN = " and ".join(KNOWN)

REQUIRED_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "decoder.pth")
OPTIONAL_FILES = ("generation_config.json", "special_tokens_map.json")

_FILES = [*REQUIRED_FILES, *OPTIONAL_FILES]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# What huggingface_hub raises when a hub fails it: besides its own errors, those of its HTTP client, of its Xet client
# (which has no base class) and of reading an answer that no hub would give.
_HUB_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, OSError, XetDownloadError, RuntimeError, ValueError, LookupError)

_log = logging.getLogger(__name__)


def fetch(repo_id: str, *, revision: str | None = None, progress: bool = True) -> Path:
    """Download the checkpoint `repo_id` (`OWNER/NAME`) and return its directory in the cache.

    Only what is not in the cache yet is transferred, and a connection that is cut resumes where it was. If the hub
    does not deliver but the cache holds the whole checkpoint, that copy is used and a line in the log says so.
    `revision` is a branch, a tag or a commit; `progress` shows bars on a terminal, and else writes lines to the log.

    Raises:
        CheckpointError: there is no such checkpoint, it is not Soprano's, or neither hub nor cache could provide it.
    """
    try:
        published = _published_files(repo_id, revision)
    except HFValidationError as error:
        raise CheckpointError(
            f"{repo_id!r} is neither a directory nor the name of a repository on the hub. Write OWNER/NAME, such as "
            f"{DEFAULT_CHECKPOINT}."
        ) from error
    except _HUB_FAILURES as error:
        return _cached(repo_id, revision, error)
    _require_all(repo_id, published.sizes)
    try:
        with _progress_bars(shown=progress):
            return _download(repo_id, revision, published, to_log=progress and not sys.stderr.isatty())
    except _HUB_FAILURES as error:
        raise CheckpointError(_explain(error, repo_id, revision)) from error


@dataclass(frozen=True)
class _Published:
    """What a repository holds: the commit, and its files with their sizes, where the hub tells them."""

    commit: str | None
    sizes: Mapping[str, int | None]


def _published_files(repo_id: str, revision: str | None) -> _Published:
    info = HfApi().model_info(repo_id, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT, files_metadata=True)
    return _Published(info.sha, {sibling.rfilename: sibling.size for sibling in info.siblings or ()})


def _download(repo_id: str, revision: str | None, published: _Published, *, to_log: bool) -> Path:
    if not to_log:
        return Path(snapshot_download(repo_id, revision=revision, allow_patterns=_FILES))
    log = DownloadLog(_bytes_to_fetch(repo_id, published))
    snapshot = Path(snapshot_download(repo_id, revision=revision, allow_patterns=_FILES, tqdm_class=log.bars))
    log.finish()
    return snapshot


def _bytes_to_fetch(repo_id: str, published: _Published) -> int | None:
    """How much of the files is not in the cache yet, if the hub tells their sizes."""
    total = 0
    for name in published.sizes.keys() & set(_FILES):
        if isinstance(try_to_load_from_cache(repo_id, name, revision=published.commit), str):
            continue
        size = published.sizes[name]
        if size is None:
            return None
        total += size
    return total


def _require_all(repo_id: str, published: Iterable[str]) -> None:
    missing = ", ".join(sorted(set(REQUIRED_FILES).difference(published)))
    if missing:
        raise CheckpointError(f"{repo_id} is not a Soprano checkpoint: it has no {missing}. Known are {_KNOWN}.")


def _cached(repo_id: str, revision: str | None, failure: Exception) -> Path:
    """The copy in the cache, if it is whole; otherwise the failure that made it necessary is raised."""
    reason = _explain(failure, repo_id, revision)
    try:
        snapshot = Path(snapshot_download(repo_id, revision=revision, allow_patterns=_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        raise CheckpointError(reason) from failure
    if not all((snapshot / name).is_file() for name in REQUIRED_FILES):
        raise CheckpointError(reason) from failure
    level = logging.INFO if isinstance(failure, OfflineModeIsEnabled) else logging.WARNING
    _log.log(level, "Using the copy of %s in %s, because the hub did not answer for it: %s", repo_id, snapshot, reason)
    return snapshot


@contextmanager
def _progress_bars(*, shown: bool) -> Iterator[None]:
    if shown or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def _explain(failure: BaseException, repo_id: str, revision: str | None) -> str:
    """One sentence on what went wrong and one on what to do."""
    hub = constants.ENDPOINT
    cache = constants.HF_HUB_CACHE
    match failure:
        case LocalEntryNotFoundError(__cause__=BaseException() as cause):
            return _explain(cause, repo_id, revision)
        case GatedRepoError():
            return (
                f"{repo_id} is gated. Accept its terms at {hub}/{repo_id} and set HF_TOKEN to a token of that account."
            )
        case RevisionNotFoundError():
            return (
                f"{repo_id} has no revision {revision!r} at {hub}. "
                "Name a branch, a tag or a full commit, or leave it out."
            )
        case RepositoryNotFoundError():
            return (
                f"{hub} has no repository {repo_id}, or it is private. "
                f"Check the name (known are {_KNOWN}), or set HF_TOKEN to a token that may read it."
            )
        case HfHubHTTPError(response=response) if response.status_code in (401, 403):
            return (
                f"{hub} refuses access to {repo_id} ({response.status_code}). "
                "Set HF_TOKEN to a valid token that may read it."
            )
        case OfflineModeIsEnabled():
            return (
                f"HF_HUB_OFFLINE is set and {cache} holds no whole copy of {repo_id}. "
                "Unset it to fetch one, or make a checkpoint with `soprano checkpoint synthetic`."
            )
        case OSError(errno=number) if number in _NO_ROOM:
            return (
                f"There is no room for {repo_id} in {cache}. Free some, or set HF_HOME to a directory on another disk."
            )
        case OSError(errno=int(), filename=str() as path):
            return (
                f"{repo_id} cannot be stored at {path} ({failure.strerror}). "
                "Set HF_HOME to a directory that can be written."
            )
        case _:
            return (
                f"{repo_id} could not be fetched from {hub} ({_first_line(failure)}). Try again, "
                "set HF_ENDPOINT to a hub that answers, or make a checkpoint with `soprano checkpoint synthetic`."
            )


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return lines[0] if lines else type(failure).__name__
