import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from launch.errors import InvalidSetting
from launch.triton.watchdog import Watchdog, WatchdogSettings
from tests.waiting import wait_until

QUICK = WatchdogSettings(interval=0.02, deadline=0.2, failures=3)


class Triton(BaseHTTPRequestHandler):
    """Answers inference requests as the test specifies; each adds `audio` seconds to its metric of audio."""

    answers: ClassVar[list[tuple[int, bytes]]]
    seconds: ClassVar[float]
    bodies: ClassVar[list[bytes]]
    audio: ClassVar[float]
    made: ClassVar[list[float]]

    def do_GET(self) -> None:
        self.made.append(self.audio)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# HELP soprano_audio_seconds_total Audio\nsoprano_audio_seconds_total %f\n" % sum(self.made))

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.seconds)
        status, body = self.answers[min(len(self.bodies), len(self.answers)) - 1]
        # The watchdog closes the connection when it no longer waits.
        with suppress(ConnectionError):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def triton(*answers: tuple[int, bytes], seconds: float = 0.0, audio: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that gives its answers in order and repeats the last one; and the bodies it has received."""
    bodies: list[bytes] = []
    fields = {"answers": answers, "seconds": seconds, "bodies": bodies, "audio": audio, "made": []}
    handler = type("Handler", (Triton,), fields)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="stand-in")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


def watch(url: str, settings: WatchdogSettings) -> Watchdog:
    return Watchdog(url, f"{url}/metrics", settings)


def test_a_triton_that_speaks_is_left_alone() -> None:
    with triton((200, b"audio")) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 5, 5)
        assert watchdog.failure is None
        assert b'"Hello."' in bodies[0]


REFUSALS = ["overloaded: 512 requests are open", "timeout: no audio was made within 60 s"]


@pytest.mark.parametrize("says", REFUSALS)
def test_a_triton_that_refuses_while_it_makes_audio_for_others_is_alive(says: str) -> None:
    answer = (503, b'{"error":"%b"}' % says.encode())
    with triton(answer, audio=1.5) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 5, 5)
        assert watchdog.failure is None


@pytest.mark.parametrize("says", REFUSALS)
def test_a_triton_that_refuses_and_makes_no_audio_is_broken(says: str) -> None:
    answer = (503, b'{"error":"%b"}' % says.encode())
    with triton(answer) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert says in str(watchdog.failure)
        assert "no audio was made within 0.2 s" in str(watchdog.failure)
        assert len(bodies) == 3


def test_a_refusal_without_metrics_counts_as_no_audio() -> None:
    with (
        triton((503, b"overloaded: full"), audio=1.0) as (url, _),
        Watchdog(url, "http://127.0.0.1:9/metrics", QUICK) as watchdog,
    ):
        wait_until(lambda: watchdog.failure, 5)


RECOVERING = (503, b'{"error":"unavailable: the engine is starting again"}')


def test_a_model_gets_time_to_replace_its_engine() -> None:
    patient = replace(QUICK, recovery=60.0)
    with triton(*[RECOVERING] * 10, (200, b"audio")) as (url, bodies), watch(url, patient) as watchdog:
        wait_until(lambda: len(bodies) > 12, 5)
        assert watchdog.failure is None


def test_an_engine_that_is_not_replaced_in_time_counts_as_broken() -> None:
    began = time.monotonic()
    with triton(RECOVERING) as (url, _), watch(url, replace(QUICK, recovery=0.5)) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert time.monotonic() - began >= 0.5
        assert "its engine has not been replaced within 0.5 s" in str(watchdog.failure)
        assert "the engine is starting again" in str(watchdog.failure)


def test_each_recovery_has_its_own_time() -> None:
    answers = [RECOVERING, RECOVERING, (200, b"audio")] * 20
    with triton(*answers, (200, b"audio")) as (url, bodies), watch(url, replace(QUICK, recovery=0.3)) as watchdog:
        wait_until(lambda: len(bodies) > 60, 10)
        assert watchdog.failure is None


def test_a_slow_answer_within_the_deadline_is_alive() -> None:
    with triton((200, b"audio"), seconds=0.1) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 4, 5)
        assert watchdog.failure is None


def test_failures_in_a_row_count_as_broken() -> None:
    with triton((500, b'{"error":"internal: broken"}')) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "3 one-word requests failed" in str(watchdog.failure)
        assert "500" in str(watchdog.failure)
        assert len(bodies) == 3


def test_a_failure_is_rechecked_at_once() -> None:
    rare = WatchdogSettings(interval=3.0, failures=2)
    with triton((500, b"bad")) as (url, bodies), watch(url, rare) as watchdog:
        wait_until(lambda: bodies, 5)
        wait_until(lambda: watchdog.failure, 2)


def test_single_failures_do_not_count_as_broken() -> None:
    bad, good = (500, b"bad"), (200, b"audio")
    with triton(bad, bad, good, bad, bad, good) as (url, bodies), watch(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 8, 5)
        assert watchdog.failure is None


def test_silence_counts_as_broken() -> None:
    with triton((200, b"audio"), seconds=0.5) as (url, _), watch(url, QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "no answer within" in str(watchdog.failure)


def test_a_refused_connection_counts_as_broken() -> None:
    with watch("http://127.0.0.1:9", QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "the connection broke" in str(watchdog.failure)


def test_it_ends_at_once_in_the_middle_of_a_check() -> None:
    patient = WatchdogSettings(interval=0.01, deadline=60.0)
    with triton((200, b"audio"), seconds=2.0) as (url, bodies):
        with watch(url, patient) as watchdog:
            wait_until(lambda: bodies, 5)
            began = time.monotonic()
        assert time.monotonic() - began < 1
        assert watchdog.failure is None
        assert "watchdog" not in [thread.name for thread in threading.enumerate()]


def test_an_interval_of_zero_turns_it_off() -> None:
    with watch("http://127.0.0.1:9", WatchdogSettings(interval=0)):
        assert "watchdog" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("wrong", [{"interval": -1.0}, {"deadline": 0.0}, {"failures": 0}, {"recovery": -1.0}])
def test_settings_that_cannot_work(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSetting):
        WatchdogSettings(**wrong)  # type: ignore[arg-type]
