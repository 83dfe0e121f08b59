"""Asks a server for speech as its users would, for Locust (https://docs.locust.io); run it in the project's folder.

    locust -f perf/load_generators/locustfile.py      # then set the users on Locust's own page
    locust -f perf/load_generators/locustfile.py --headless --users 16 --spawn-rate 16 --requests 200
    locust -f perf/load_generators/locustfile.py --headless Arrivals --rate 2 --run-time 5m

Each `Listener`, of whom there are as many as users, sends its next request when the last one has ended, or, if it was
refused, when the server wants to be asked again. `Arrivals`, one
user that has to be named, sends requests at random moments, `--rate` a second, and waits for none: what comes does not
depend on how fast the server is.

Locust's own options work as usual; `--host` is http://127.0.0.1:8080 and its page on 127.0.0.1 unless they are set. Its
`--help` does not show ours, each of which is also a variable and a field of the page:

    --response-format  SPEECH_FORMAT    mp3 (default), opus, aac, flac, wav or pcm
    --whole            SPEECH_WHOLE     ask for clips that come whole, not as they are made
    --texts            SPEECH_TEXTS     a file of texts, one a line, or a list in .json, said in turn;
                                         without it, the mix in perf/texts
    --requests         SPEECH_REQUESTS  how many to send in all; 0 (default) for no end
    --rate             SPEECH_RATE      requests a second of Arrivals; default 1
    --seed             SPEECH_SEED      for the moments of Arrivals
    --record           SPEECH_RECORD    a file to write all answers to, for `perf.load_generators.http_client.read`
    --api-key          SPEECH_API_KEY   for a server that wants one

Beside the requests, Locust's table has lines of its own for the first audio, for the silence in which a listener waited
for more (in wav and pcm, whose bytes are seconds), and for refusals (429 and 503), which are not failures. Its last
line, "Aggregated", adds up what does not belong together. One process only: `--processes` would repeat it all.
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

from perf.load_generators.http_client import PATH, Answer, Record, Recorder, connections, request_speech
from perf.measurements import Status
from perf.workload import Mix, TextQueue, arrival_times, read_texts
from proxy.audio.formats import AUDIO_FORMATS, FormatName

_HEARD: frozenset[FormatName] = frozenset({"wav", "pcm"})
"""Whose bytes are seconds. The others would have to be decoded, on the processor that the server may need."""


class SpeechFailed(Exception):
    """A request was not spoken to its end; `str()` says why."""


class Speaking(User):
    """What both kinds of users have in common: how to send one request and what to tell of it."""

    abstract = True
    wait_time = constant(0)
    queue: ClassVar[TextQueue]
    recorder: ClassVar[Recorder | None] = None
    server = connections()

    @property
    def options(self) -> Namespace:
        """What is set on the command line or on Locust's page."""
        return _options(self.environment)

    def speak(self, number: int, text: str) -> Answer:
        """Send a request, take its audio as it comes, report on it and return it."""
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
            answer = Answer(self._recorded(next(records)), self.options.response_format, heard=_HEARD)
            for record in records:
                answer.take(self._recorded(record))
            self._report(answer)
            return answer
        finally:
            self.queue.note_end()

    def _recorded(self, record: Record) -> Record:
        if self.recorder:
            self.recorder.write(record)
        return record

    def _report(self, answer: Answer) -> None:
        if answer.status is Status.REFUSED:
            self._count("refused", str(answer.http_status), answer.last - answer.sent)
            return
        failure = SpeechFailed(answer.problem) if answer.problem else None
        self._count("POST", PATH, answer.last - answer.sent, size=answer.bytes, exception=failure)
        if answer.first_piece is not None and failure is None:
            self._count("heard", "first audio", answer.first_piece - answer.sent)
        if answer.stream:
            self._count("heard", "stall", answer.stream.stall)

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


class Listener(Speaking):
    """Sends its next request when the last one has ended, or later if the server says so."""

    @task
    def listen(self) -> None:
        """Have one text spoken, or wait for the others once there is none left."""
        numbered = self.queue.next_text()
        if numbered is None:
            self.queue.all_ended.wait()
        else:
            # As OpenAI's own clients do, which come back when they are told to.
            gevent.sleep(self.speak(*numbered).retry_after)


class Arrivals(Speaking):
    """Sends requests at the moments of a Poisson process, whatever the server makes of those before."""

    fixed_count = 1

    def on_start(self) -> None:
        """Begin with nothing open."""
        self._open = Group()

    def on_stop(self) -> None:
        """Leave what is still open."""
        self._open.kill()

    @task
    def arrive(self) -> None:
        """Send every request at its moment, then wait until the last one has ended."""
        begun = time.perf_counter()
        for due in arrival_times(self.options.rate, self.options.seed):
            numbered = self.queue.next_text()
            if numbered is None:
                break
            gevent.sleep(max(0.0, begun + due - time.perf_counter()))
            self._open.spawn(self.speak, *numbered)
        self.queue.all_ended.wait()


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser, **_: object) -> None:
    """Add what can be set on the command line, in the environment or on Locust's page."""
    parser.set_defaults(host="http://127.0.0.1:8080", web_host="127.0.0.1")
    add = parser.add_argument
    add("--response-format", env_var="SPEECH_FORMAT", choices=list(AUDIO_FORMATS), default="mp3", help="Of the audio.")
    add("--whole", env_var="SPEECH_WHOLE", action="store_true", help="Ask for clips that come whole.")
    add("--rate", env_var="SPEECH_RATE", type=_positive, default=1.0, help="Requests a second of Arrivals.")
    add("--seed", env_var="SPEECH_SEED", type=int, default=0, help="For the moments of Arrivals.")
    add("--requests", env_var="SPEECH_REQUESTS", type=_natural, default=0, help="How many in all; 0 for no end.")
    add("--texts", env_var="SPEECH_TEXTS", default="", help="A file of texts, one a line, or a list in .json.")
    add("--record", env_var="SPEECH_RECORD", default="", help="A file to write all answers to.")
    add("--api-key", env_var="SPEECH_API_KEY", default="", is_secret=True, help="If the server wants one.")


@events.init.add_listener
def choose_users(environment: Environment, **_: object) -> None:
    """Leave out `Arrivals` unless it was named, and check the texts before Locust is up."""
    options = _options(environment)
    if not options.user_classes and not options.class_picker:
        environment.user_classes = [Listener]
    try:
        _texts(options)
    except (OSError, ValueError) as error:
        sys.exit(f"--texts: {error}")


@events.test_start.add_listener
def begin(environment: Environment, **_: object) -> None:
    """Take up the script at its beginning; a test on Locust's page can be started again."""
    options = _options(environment)
    Speaking.queue = TextQueue(_texts(options), options.requests)
    Speaking.recorder = Recorder(Path(options.record)) if options.record else None
    gevent.spawn(_stop_at_the_end, environment, Speaking.queue)


@events.test_stop.add_listener
def end(**_: object) -> None:
    """Close the recording."""
    if Speaking.recorder:
        Speaking.recorder.close()


def _stop_at_the_end(environment: Environment, queue: TextQueue) -> None:
    queue.all_ended.wait()
    runner = environment.runner
    if runner and runner.state in (STATE_SPAWNING, STATE_RUNNING):  # and not being stopped already
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
