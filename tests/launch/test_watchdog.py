import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from launch.errors import InvalidSetting
from launch.watchdog import Watchdog, WatchdogSettings
from tests.waiting import wait_until

QUICK = WatchdogSettings(interval=0.02, deadline=0.2, failures=3)


class Triton(BaseHTTPRequestHandler):
    """Answers inference requests as the test wants."""

    answers: ClassVar[list[tuple[int, bytes]]]
    seconds: ClassVar[float]
    bodies: ClassVar[list[bytes]]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.seconds)
        status, body = self.answers[min(len(self.bodies), len(self.answers)) - 1]
        # A watchdog that no longer waits has closed the connection.
        with suppress(ConnectionError):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def triton(*answers: tuple[int, bytes], seconds: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that gives one answer after the other, the last one for ever, and the bodies it has got."""
    bodies: list[bytes] = []
    handler = type("Handler", (Triton,), {"answers": answers, "seconds": seconds, "bodies": bodies})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="stand-in")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


def test_a_triton_that_speaks_is_left_alone() -> None:
    with triton((200, b"audio")) as (url, bodies), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 5, 5)
        assert watchdog.failure is None
        assert b'"Hello."' in bodies[0]


@pytest.mark.parametrize("says", ["overloaded: 512 requests are open", "timeout: no audio was made within 60 s"])
def test_a_triton_that_has_too_much_to_do_is_alive(says: str) -> None:
    answer = (503, b'{"error":"%b"}' % says.encode())
    with triton(answer) as (url, bodies), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 5, 5)
        assert watchdog.failure is None


def test_a_slow_answer_within_the_deadline_is_alive() -> None:
    with triton((200, b"audio"), seconds=0.1) as (url, bodies), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 4, 5)
        assert watchdog.failure is None


def test_failures_in_a_row_count_as_broken() -> None:
    with triton((500, b'{"error":"internal: broken"}')) as (url, bodies), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "3 one-word requests in a row" in str(watchdog.failure)
        assert "500" in str(watchdog.failure)
        assert len(bodies) == 3


def test_a_failure_is_looked_into_at_once() -> None:
    rare = WatchdogSettings(interval=3.0, failures=2)
    with triton((500, b"bad")) as (url, bodies), Watchdog(url, rare) as watchdog:
        wait_until(lambda: bodies, 5)
        wait_until(lambda: watchdog.failure, 2)


def test_single_failures_do_not() -> None:
    bad, good = (500, b"bad"), (200, b"audio")
    with triton(bad, bad, good, bad, bad, good) as (url, bodies), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: len(bodies) > 8, 5)
        assert watchdog.failure is None


def test_silence_counts_as_broken() -> None:
    with triton((200, b"audio"), seconds=0.5) as (url, _), Watchdog(url, QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "no answer within" in str(watchdog.failure)


def test_nobody_there_counts_as_broken() -> None:
    with Watchdog("http://127.0.0.1:9", QUICK) as watchdog:
        wait_until(lambda: watchdog.failure, 5)
        assert "the connection broke" in str(watchdog.failure)


def test_it_ends_at_once_in_the_middle_of_a_check() -> None:
    patient = WatchdogSettings(interval=0.01, deadline=60.0)
    with triton((200, b"audio"), seconds=2.0) as (url, bodies):
        with Watchdog(url, patient) as watchdog:
            wait_until(lambda: bodies, 5)
            began = time.monotonic()
        assert time.monotonic() - began < 1
        assert watchdog.failure is None
        assert "watchdog" not in [thread.name for thread in threading.enumerate()]


def test_an_interval_of_zero_turns_it_off() -> None:
    with Watchdog("http://127.0.0.1:9", WatchdogSettings(interval=0)):
        assert "watchdog" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("wrong", [{"interval": -1.0}, {"deadline": 0.0}, {"failures": 0}])
def test_settings_that_cannot_work(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSetting):
        WatchdogSettings(**wrong)  # type: ignore[arg-type]
