"""Waiting until a server that has just been started is ready."""

import threading
import time
from collections.abc import Callable, Sequence

import httpx

from ipc.stop_signal import Cancellation
from launch.errors import StartCancelled, StartFailed
from launch.process.tethered_process import TetheredProcess, describe_exit

POLL_INTERVAL = 0.05
POLL_TIMEOUT = 0.5


def wait_until_ready(
    process: TetheredProcess,
    name: str,
    url: str,
    paths: Sequence[str],
    *,
    timeout: float,
    poll_timeout: float = POLL_TIMEOUT,
    explain: Callable[[str, str], str],
    cancellation: Cancellation | None = None,
) -> None:
    """Return once the server at `url` answers every one of `paths` with status 200, within `poll_timeout` seconds each.

    Raises `StartFailed` if `process` ends or `timeout` seconds pass first, and `StartCancelled` if `cancellation` asks
    for it. `explain` turns what happened and the server's last answer into the message of `StartFailed`.
    """
    deadline = time.monotonic() + timeout
    cancellation = cancellation or threading.Event()
    # The environment may name a web proxy, which does not apply to this machine's own addresses.
    with httpx.Client(base_url=url, timeout=poll_timeout, trust_env=False) as client:
        while (answer := _refusal(client, paths)) is not None:
            if process.exit_status is not None:
                ended = f"{name} ended while it was starting, {describe_exit(process.exit_status)}"
                raise StartFailed(explain(ended, answer))
            if cancellation.wait(POLL_INTERVAL):
                raise StartCancelled(f"the start of {name} was cancelled: start it again when you are ready")
            if time.monotonic() > deadline:
                raise StartFailed(explain(f"{name} was not ready within {timeout:.0f} s", answer))


def _refusal(client: httpx.Client, paths: Sequence[str]) -> str | None:
    """The first answer whose status is not 200, or the connection's error; None if there is none."""
    try:
        for path in paths:
            response = client.get(path)
            if response.status_code != httpx.codes.OK:
                return response.text
    except httpx.TransportError as error:
        return str(error)
    return None
