"""Downloads a checkpoint from the Hugging Face hub, or finds its copy in the cache.

The endpoint, the cache and the account are huggingface_hub's own settings, which it reads when it is imported:
`HF_ENDPOINT`, `HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE`.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, OfflineModeIsEnabled

from engine.checkpoint.download_log import DownloadLog, size
from engine.checkpoint.files import DEFAULT_CHECKPOINT, KNOWN
from engine.checkpoint.hub_errors import HUB_FAILURES, explain
from engine.checkpoint.time_limit import MinimumRate, TooSlow, at_minimum_rate, with_timeout
from engine.errors import CheckpointError, CheckpointUnavailable

REQUIRED_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "decoder.pth")
OPTIONAL_FILES = ("generation_config.json", "special_tokens_map.json")

_FILES = [*REQUIRED_FILES, *OPTIONAL_FILES]

HUB_TIMEOUT = max(30.0, constants.HF_HUB_ETAG_TIMEOUT)
"""Seconds in which the hub has to answer, over all its addresses; `HF_HUB_ETAG_TIMEOUT` applies to each address."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TICK = 0.5

# The default is 10 MiB, which would hide the progress of a slow download.
constants.DOWNLOAD_CHUNK_SIZE = 2**18

_log = logging.getLogger(__name__)


def fetch(
    repo_id: str,
    *,
    revision: str | None = None,
    progress: bool = True,
    timeout: float = HUB_TIMEOUT,
    minimum_rate: MinimumRate | None = None,
) -> Path:
    """Download the checkpoint `repo_id` (`OWNER/NAME`) and return its directory in the cache.

    Only files that are not in the cache are transferred, and an interrupted connection resumes. If the hub fails but
    the cache has the complete checkpoint, that copy is used, with a log line. `revision` is a branch, a tag or a
    commit; for a commit that is in the cache, the hub is not contacted. `progress` shows bars on a terminal, or else
    writes log lines. The hub counts as unreachable if it has not answered after `timeout` seconds, or if it is slower
    than `minimum_rate` (None: no limit).

    Raises:
        CheckpointUnavailable: neither the hub nor the cache has it.
        CheckpointError: this is not a valid name of a repository.
    """
    if revision and _COMMIT.fullmatch(revision) and (copy := cached(repo_id, revision)):
        return copy
    try:
        published = with_timeout(timeout, lambda: _published_files(repo_id, revision))
    except HFValidationError as error:
        raise CheckpointError(
            f"{repo_id!r} is neither a directory nor the name of a repository on the hub. Write OWNER/NAME, such as "
            f"{DEFAULT_CHECKPOINT}."
        ) from error
    except HUB_FAILURES as error:
        return _copy_instead(repo_id, revision, error)
    _require_all(repo_id, published.sizes)
    terminal = sys.stderr.isatty()
    log = DownloadLog(
        _bytes_to_fetch(repo_id, published), to_log=progress and not terminal, to_terminal=progress and terminal
    )
    try:
        return _download(repo_id, revision, published, log, minimum_rate)
    except TooSlow as error:
        slow = TimeoutError(f"only {size(error.done)} came in {error.seconds:.0f} seconds")
        raise explain(slow, repo_id, revision) from error
    except HUB_FAILURES as error:
        raise explain(error, repo_id, revision) from error


def cached(repo_id: str, revision: str | None = None) -> Path | None:
    """Return the directory of the checkpoint's complete copy in the cache, if any. Does not contact the hub."""
    try:
        snapshot = Path(snapshot_download(repo_id, revision=revision, allow_patterns=_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return snapshot if all((snapshot / name).is_file() for name in REQUIRED_FILES) else None


@dataclass(frozen=True)
class _Published:
    """The content of a repository: the commit, and its files with their sizes (None if the hub does not state them)."""

    commit: str | None
    sizes: Mapping[str, int | None]


def _published_files(repo_id: str, revision: str | None) -> _Published:
    info = HfApi().model_info(repo_id, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT, files_metadata=True)
    return _Published(info.sha, {sibling.rfilename: sibling.size for sibling in info.siblings or ()})


def _download(
    repo_id: str, revision: str | None, published: _Published, log: DownloadLog, minimum_rate: MinimumRate | None
) -> Path:
    commit = published.commit or revision

    def download() -> Path:
        # One by one: the process would wait at its end for the threads that snapshot_download creates.
        for name in _FILES:
            if name in published.sizes:
                hf_hub_download(repo_id, name, revision=commit, tqdm_class=log.bars)
        # Transfers nothing more: it records the commit of the revision, and its files.
        return Path(snapshot_download(repo_id, revision=revision, allow_patterns=_FILES, tqdm_class=log.bars))

    def fetched() -> float:
        log.report()
        return log.fetched

    try:
        snapshot = at_minimum_rate(minimum_rate, download, fetched, interval=_TICK)
    except BaseException:
        log.abandon()
        raise
    log.finish()
    return snapshot


def _bytes_to_fetch(repo_id: str, published: _Published) -> int | None:
    """Return the size of the files that are not in the cache; None if the hub does not state the sizes."""
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
        raise CheckpointUnavailable(
            f"{repo_id} is not a Soprano checkpoint: it has no {missing}.", f"Known are {' and '.join(KNOWN)}."
        )


def _copy_instead(repo_id: str, revision: str | None, failure: Exception) -> Path:
    """Return the copy in the cache if it is complete; otherwise raise `failure`, explained."""
    explained = explain(failure, repo_id, revision)
    snapshot = cached(repo_id, revision)
    if snapshot is None:
        raise explained from failure
    level = logging.INFO if isinstance(failure, OfflineModeIsEnabled) else logging.WARNING
    _log.log(level, "Using the copy of %s in %s, because the hub did not provide it: %s", repo_id, snapshot, explained)
    return snapshot
