"""Load on OpenAI's speech endpoint: Locust in a process of its own, and the audio that its users received."""

import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch.process.tethered_process import TetheredProcess, describe_exit
from perf.load_generators.http_client import Event, RecordedResponse, read
from perf.measurements import Load, RequestResult, Status
from proxy.audio.formats import FormatName

_ROOT = Path(__file__).parents[2]
_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_OURS = ("LOCUST_", "SPEECH_")
"""Prefixes of environment variables that would change the settings of Locust or the locustfile."""
_LAST_WORDS = 2000  # characters of what Locust printed that are shown
_TOO_BUSY = "CPU usage"
_STOP_SECONDS = 5.0

log = logging.getLogger(__name__)


class LoadFailed(Exception):
    """The load could not be put on the server; `str()` says why."""


def run_speech_load(
    url: str,
    load: Load,
    requests: int,
    texts: Sequence[str],
    audio_format: FormatName = "mp3",
    *,
    stream: bool = True,
    seed: int = 0,
    api_key: str = "",
    timeout: float = 1200.0,
) -> list[RequestResult]:
    """Request `texts` in turn from the server at `url`, `requests` times in total; return the results.

    `seed` determines the random moments of a load that is a rate. The responses are decoded after the last one, so that
    the server has the machine to itself. Raises `LoadFailed` if Locust fails or is not done within `timeout` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="soprano-load-") as name:
        directory = Path(name)
        said, recording = directory / "texts.json", directory / "recording"
        said.write_text(json.dumps(list(texts)), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "locust", "-f", str(_LOCUSTFILE), *_users(load, seed), "--host", url),
            *("--headless", "--only-summary", "--loglevel", "WARNING", "--exit-code-on-error", "0"),
            *("--response-format", audio_format, *(() if stream else ("--whole",))),
            *("--requests", str(requests), "--texts", str(said), "--record", str(recording)),
        ]
        _run(command, _environment(api_key), directory / "locust.log", timeout)
        responses = read_responses(recording, audio_format)
    if len(responses) != requests:
        raise LoadFailed(f"locust sent {len(responses)} of {requests} requests")
    _log_failures(responses)
    return [response.result for response in responses]


def read_responses(recording: Path, audio_format: FormatName) -> list[RecordedResponse]:
    """Return the response to each request of a recording, in the order of sending."""
    responses: dict[int, RecordedResponse] = {}
    for record in read(recording):
        if record.event is Event.SENT:
            responses[record.request] = RecordedResponse(record, audio_format)
        else:
            responses[record.request].take(record)
    return list(responses.values())


def _users(load: Load, seed: int) -> tuple[str, ...]:
    if load.clients is None:
        return ("Arrivals", "--rate", repr(load.rate), "--seed", str(seed))
    return ("Listener", "--users", str(load.clients), "--spawn-rate", str(load.clients))


def _environment(api_key: str) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    # The key is not an argument, because every user of the machine can read arguments.
    return inherited | {"PYTHONPATH": path, "SPEECH_API_KEY": api_key}


def _run(command: Sequence[str], environment: Mapping[str, str], log_path: Path, timeout: float) -> None:
    with log_path.open("wb") as output:
        process = TetheredProcess(command, environment=environment, output=output.fileno())
        try:
            in_time = process.wait(timeout)
            status = process.exit_status
        finally:
            process.stop(_STOP_SECONDS)
    printed = log_path.read_text(encoding="utf-8", errors="replace")
    if not in_time:
        raise LoadFailed(f"locust was not done after {timeout:.0f} s: send fewer requests, or give it more time")
    if status != 0:
        raise LoadFailed(f"locust ended {describe_exit(status)}:\n{printed[-_LAST_WORDS:].strip()}")
    if _TOO_BUSY in printed:
        log.warning("locust itself had too little processor time: its times are too long")


def _log_failures(responses: Sequence[RecordedResponse]) -> None:
    problems = Counter(response.problem for response in responses if response.status is Status.FAILED)
    for problem, number in problems.items():
        log.warning("%d of %d requests failed: %s", number, len(responses), problem)
