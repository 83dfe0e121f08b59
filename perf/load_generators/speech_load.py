"""Load on OpenAI's speech endpoint, as its users send it: Locust in a process of its own, and what its users heard."""

import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch.process.tethered_process import TetheredProcess, describe_exit
from perf.load_generators.http_client import Answer, Event, read
from perf.measurements import Load, RequestResult, Status
from proxy.audio.formats import FormatName

_ROOT = Path(__file__).parents[2]
_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_OURS = ("LOCUST_", "SPEECH_")
"""How variables begin by which Locust or the locustfile could be told something else."""
_LAST_WORDS = 2000  # characters of what Locust printed that are shown
_TOO_BUSY = "CPU usage"
_STOP_SECONDS = 5.0

log = logging.getLogger(__name__)


class LoadFailed(Exception):
    """A load was not put on the server as it was to be; `str()` says why."""


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
    """Have the server at `url` speak `texts` in turn, `requests` times in all; return what became of each request.

    `seed` decides at which moments requests come, under a load that is a rate. The answers are decoded after the last
    one, so that the server has the machine to itself. Raises `LoadFailed` if Locust fails or is not done within
    `timeout` seconds.
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
        answers = read_answers(recording, audio_format)
    if len(answers) != requests:
        raise LoadFailed(f"locust sent {len(answers)} of {requests} requests")
    _tell_failures(answers)
    return [answer.result for answer in answers]


def read_answers(recording: Path, audio_format: FormatName) -> list[Answer]:
    """Return what came back for each request of a recording, in the order in which they were sent."""
    answers: dict[int, Answer] = {}
    for record in read(recording):
        if record.event is Event.SENT:
            answers[record.request] = Answer(record, audio_format)
        else:
            answers[record.request].take(record)
    return list(answers.values())


def _users(load: Load, seed: int) -> tuple[str, ...]:
    if load.clients is None:
        return ("Arrivals", "--rate", repr(load.rate), "--seed", str(seed))
    return ("Listener", "--users", str(load.clients), "--spawn-rate", str(load.clients))


def _environment(api_key: str) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    # The key is no argument, as everybody on the machine can read those.
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
        log.warning("locust itself was short of processor time: its figures are too high")


def _tell_failures(answers: Sequence[Answer]) -> None:
    problems = Counter(answer.problem for answer in answers if answer.status is Status.FAILED)
    for problem, number in problems.items():
        log.warning("%d of %d requests failed: %s", number, len(answers), problem)
