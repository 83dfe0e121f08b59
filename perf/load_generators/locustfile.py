"""Requests speech from a server as its users would. For Locust (https://docs.locust.io), in the project's folder.

    locust -f perf/load_generators/locustfile.py      # then set the users on Locust's own page
    locust -f perf/load_generators/locustfile.py --headless --users 16 --spawn-rate 16 --requests 200
    locust -f perf/load_generators/locustfile.py --headless Arrivals --rate 2 --run-time 5m

Each user is a `Listener`, who sends the next request when the last one has ended, or, if it was refused, after the
pause that the server asks for. `Arrivals` must be named; it is one user who sends `--rate` requests a second at random
moments, and does not wait for the responses, so that the load does not depend on the server's speed.

Locust's own options work as usual. By default `--host` is http://127.0.0.1:8080, and Locust's page is on 127.0.0.1. The
following options do not appear in `--help`; each is also an environment variable and a field of the page:

    --response-format  SPEECH_FORMAT    mp3 (default), opus, aac, flac, wav, pcm, pcmu or pcma
    --whole            SPEECH_WHOLE     request whole clips instead of streams
    --texts            SPEECH_TEXTS     a file of texts, one in each line, or a list in .json, used in turn;
                                         without it, the mix in perf/texts
    --requests         SPEECH_REQUESTS  number of requests in total; 0 (default): no end
    --rate             SPEECH_RATE      requests a second of Arrivals; default 1
    --seed             SPEECH_SEED      for the random moments of Arrivals
    --record           SPEECH_RECORD    a file for all responses, for `perf.load_generators.http_client.read`
    --api-key          SPEECH_API_KEY   for a server that requires one

Besides the requests, Locust's table has lines for the first audio, for the silence of listeners after an underrun (in
wav and pcm only), and for refusals (429 and 503), which do not count as failures. Its last line, "Aggregated", mixes
these and has no meaning. Use one process only: with `--processes`, each process would send all requests.
"""

import sys
import time
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import ClassVar, cast

import gevent
from gevent.pool import Group
from locust import User, constant, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING

from perf.load_generators.http_client import PATH, Record, RecordedResponse, Recorder, connections, request_speech
from perf.measurements import Status
from perf.workload import Mix, TextQueue, arrival_times, read_texts
from proxy.audio.formats import AUDIO_FORMATS, FormatName

_MEASURED_FORMATS: frozenset[FormatName] = frozenset({"wav", "pcm"})
"""Formats whose duration follows from the bytes. Decoding others would take processor time that the server needs."""


class SpeechFailed(Exception):
    """A request failed; `str()` says why."""


class SpeechUser(User):
    """The common part of both kinds of users: sends a request and reports its result."""

    abstract = True
    wait_time = constant(0)
    queue: ClassVar[TextQueue]
    recorder: ClassVar[Recorder | None] = None
    server = connections()

    @property
    def options(self) -> Namespace:
        """The options from the command line or from Locust's page."""
        return _options(self.environment)

    def speak(self, number: int, text: str) -> RecordedResponse:
        """Send a request, receive its audio as it arrives, report the result and return it."""
        body = {
            "model": "soprano",
            "voice": "soprano",
            "input": text,
            "response_format": self.options.response_format,
            "stream": not self.options.whole,
        }
        headers = {"Authorization": f"Bearer {self.options.api_key}"} if self.options.api_key else {}
        records = request_speech(self.server, self.host or "", number, body, headers)
        try:
            response = RecordedResponse(self._recorded(next(records)), self.options.response_format, _MEASURED_FORMATS)
            for record in records:
                response.take(self._recorded(record))
            self._report(response)
            return response
        finally:
            self.queue.note_end()

    def _recorded(self, record: Record) -> Record:
        if self.recorder:
            self.recorder.write(record)
        return record

    def _report(self, response: RecordedResponse) -> None:
        if response.status is Status.REFUSED:
            self._count("refused", str(response.http_status), response.last - response.sent)
            return
        failure = SpeechFailed(response.problem) if response.problem else None
        self._count("POST", PATH, response.last - response.sent, size=response.bytes, exception=failure)
        if response.first_piece is not None and failure is None:
            self._count("heard", "first audio", response.first_piece - response.sent)
        if response.stream:
            self._count("heard", "stall", response.stream.stall)

    def _count(
        self, kind: str, name: str, seconds: float, *, size: int = 0, exception: Exception | None = None
    ) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=1000 * seconds,
            response_length=size,
            exception=exception,
            context={},
        )


class Listener(SpeechUser):
    """Sends its next request when the last one has ended, or later if the server asks for a pause."""

    @task
    def listen(self) -> None:
        """Have one text spoken; if none is left, wait until all requests have ended."""
        numbered = self.queue.next_text()
        if numbered is None:
            self.queue.all_ended.wait()
        else:
            # OpenAI's own clients also wait as long as the server asks.
            gevent.sleep(self.speak(*numbered).retry_after)


class Arrivals(SpeechUser):
    """Sends requests at the moments of a Poisson process, independent of earlier responses."""

    fixed_count = 1

    def on_start(self) -> None:
        """Begin without open requests."""
        self._open = Group()

    def on_stop(self) -> None:
        """Cancel the open requests."""
        self._open.kill()

    @task
    def arrive(self) -> None:
        """Send every request at its moment, then wait until all requests have ended."""
        start = time.perf_counter()
        for due in arrival_times(self.options.rate, self.options.seed):
            numbered = self.queue.next_text()
            if numbered is None:
                break
            gevent.sleep(max(0.0, start + due - time.perf_counter()))
            self._open.spawn(self.speak, *numbered)
        self.queue.all_ended.wait()


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser, **_: object) -> None:
    """Add our options to the command line, the environment and Locust's page."""
    parser.set_defaults(host="http://127.0.0.1:8080", web_host="127.0.0.1")
    add = parser.add_argument
    add(
        "--response-format",
        env_var="SPEECH_FORMAT",
        choices=list(AUDIO_FORMATS),
        default="mp3",
        help="Format of the audio.",
    )
    add("--whole", env_var="SPEECH_WHOLE", action="store_true", help="Request whole clips.")
    add("--rate", env_var="SPEECH_RATE", type=_positive, default=1.0, help="Requests a second of Arrivals.")
    add("--seed", env_var="SPEECH_SEED", type=int, default=0, help="For the random moments of Arrivals.")
    add(
        "--requests",
        env_var="SPEECH_REQUESTS",
        type=_natural,
        default=0,
        help="Number of requests in total; 0: no end.",
    )
    add("--texts", env_var="SPEECH_TEXTS", default="", help="A file of texts, one in each line, or a list in .json.")
    add("--record", env_var="SPEECH_RECORD", default="", help="A file for all responses.")
    add("--api-key", env_var="SPEECH_API_KEY", default="", is_secret=True, help="If the server requires one.")


@events.init.add_listener
def choose_users(environment: Environment, **_: object) -> None:
    """Leave out `Arrivals` unless it was named, and check the texts before Locust starts."""
    options = _options(environment)
    if not options.user_classes and not options.class_picker:
        environment.user_classes = [Listener]
    try:
        _texts(options)
    except (OSError, ValueError) as error:
        sys.exit(f"--texts: {error}")


@events.test_start.add_listener
def begin(environment: Environment, **_: object) -> None:
    """Start with the first text; a test on Locust's page can be started again."""
    options = _options(environment)
    SpeechUser.queue = TextQueue(_texts(options), options.requests)
    SpeechUser.recorder = Recorder(Path(options.record)) if options.record else None
    gevent.spawn(_stop_at_the_end, environment, SpeechUser.queue)


@events.test_stop.add_listener
def end(**_: object) -> None:
    """Close the recording."""
    if SpeechUser.recorder:
        SpeechUser.recorder.close()


def _stop_at_the_end(environment: Environment, queue: TextQueue) -> None:
    queue.all_ended.wait()
    runner = environment.runner
    if runner and runner.state in (STATE_SPAWNING, STATE_RUNNING):  # and is not being stopped already
        stop = runner.quit if _options(environment).headless else runner.stop
        stop()


def _options(environment: Environment) -> Namespace:
    return cast("Namespace", environment.parsed_options)


def _texts(options: Namespace) -> list[str]:
    return read_texts(Path(options.texts)) if options.texts else list(Mix.read().deck())


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text} is not above 0")
    return number


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ArgumentTypeError(f"{text} is below 0")
    return number
