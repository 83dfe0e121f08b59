"""The failures of a hub, and the messages for users."""

import errno

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)

from engine.checkpoint.files import BUILTIN, KNOWN
from engine.errors import CheckpointUnavailable

HUB_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, OSError, XetDownloadError, RuntimeError, ValueError, LookupError)
"""What huggingface_hub raises when the hub fails: its own errors, those of its HTTP client, those of its Xet client
(which have no base class), and those of parsing a response that is not from a hub."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def explain(failure: BaseException, repo_id: str, revision: str | None) -> CheckpointUnavailable:
    """Return an error that says why `repo_id` could not be downloaded, and what to do."""
    hub = constants.ENDPOINT
    cache = constants.HF_HUB_CACHE
    match failure:
        case LocalEntryNotFoundError(__cause__=BaseException() as cause):
            return explain(cause, repo_id, revision)
        case GatedRepoError():
            reason = f"{repo_id} is gated."
            remedy = f"Accept its terms at {hub}/{repo_id} and set HF_TOKEN to a token of that account."
        case RevisionNotFoundError():
            reason = f"{repo_id} has no revision {revision!r} at {hub}."
            remedy = "Name a branch, a tag or a full commit, or leave it out."
        case RepositoryNotFoundError():
            reason = f"{hub} has no repository {repo_id}, or it is private."
            remedy = f"Check the name (known are {' and '.join(KNOWN)}), or set HF_TOKEN to a token that may read it."
        case HfHubHTTPError(response=response) if response.status_code in (401, 403):
            reason = f"{hub} refuses access to {repo_id} ({response.status_code})."
            remedy = "Set HF_TOKEN to a valid token that may read it."
        case OfflineModeIsEnabled():
            reason = f"HF_HUB_OFFLINE is set and {cache} has no complete copy of {repo_id}."
            remedy = f"Unset it to fetch one, or name `{BUILTIN}`, the built-in voice."
        case OSError(errno=number) if number in _NO_ROOM:
            reason = f"There is no room for {repo_id} in {cache}."
            remedy = "Free some, or set HF_HOME to a directory on another disk."
        case OSError(errno=int(), filename=str() as path):
            reason = f"{repo_id} cannot be stored at {path} ({failure.strerror})."
            remedy = "Set HF_HOME to a directory that can be written."
        case _:
            reason = f"{repo_id} could not be fetched from {hub} ({_first_line(failure)})."
            remedy = f"Try again, set HF_ENDPOINT to a hub that answers, or name `{BUILTIN}`, the built-in voice."
    return CheckpointUnavailable(reason, remedy)


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return lines[0] if lines else type(failure).__name__
