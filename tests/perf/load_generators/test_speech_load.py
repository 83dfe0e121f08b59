"""Locust with a real proxy and a real Triton, and with servers that misbehave."""

import io
import logging
import threading
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
import pytest
import scipy.io.wavfile

from launch.process import ports
from launch.proxy_server import ProxyServer, ProxySettings
from launch.triton.server import TritonServer
from perf.load_generators.speech_load import LoadFailed, run_speech_load
from perf.measurements import Load, RequestResult, Status
from tests.perf.load_generators.speech_server import WAIT, Handler, speech_server

TEXTS = ["Hello there, dear listener. This is the second sentence.", "Yes.\nOf course."]


@pytest.fixture(scope="module")
def url(triton: TritonServer) -> Iterator[str]:
    """A proxy's."""
    proxy = ProxyServer(ProxySettings(triton_url=triton.grpc_url, port=ports.find_free("127.0.0.1", 1)[0]))
    proxy.start(threading.Event())
    yield proxy.url
    proxy.stop(timeout=10)


def clip(seconds: float = 0.5) -> bytes:
    """A WAV file like those of upstream's server."""
    file = io.BytesIO()
    scipy.io.wavfile.write(file, 32000, np.ones(int(32000 * seconds), dtype=np.int16))
    return file.getvalue()


def most_open(results: Sequence[RequestResult]) -> int:
    """The maximal number of requests that were open at once, by the sender's clock."""
    changes = [(result.sent, 1) for result in results] + [(result.ended, -1) for result in results]
    return max(accumulate(change for _, change in sorted(changes)))


def test_listeners_hear_streams(url: str) -> None:
    results = run_speech_load(url, Load(clients=2), 4, TEXTS)
    assert [result.status for result in results] == [Status.SPOKEN] * 4
    streams = [result.stream for result in results if result.stream]
    assert max(len(stream.arrivals) for stream in streams) > 1
    assert all(stream.first_audio > 0 and stream.audio > 0 for stream in streams)


def test_clips_that_come_whole_are_one_arrival(url: str) -> None:
    results = run_speech_load(url, Load(rate=20.0), 3, TEXTS, "pcm", stream=False)
    assert [len(result.stream.arrivals) for result in results if result.stream] == [1, 1, 1]


def test_server_of_plain_wav_files() -> None:
    with speech_server(lambda request: request.whole(clip())) as server:
        results = run_speech_load(server.url, Load(clients=1), 4, TEXTS, "mp3")
    assert [result.stream.audio for result in results if result.stream] == [0.5] * 4
    assert [asked["input"] for asked in server.asked] == TEXTS * 2
    assert {asked["path"] for asked in server.asked} == {"/v1/audio/speech"}


def test_each_client_keeps_one_request_open() -> None:
    together = threading.Barrier(3)

    def answer(request: Handler) -> None:
        together.wait(WAIT)  # fails unless three requests are open at once
        request.whole(clip())

    with speech_server(answer) as server:
        results = run_speech_load(server.url, Load(clients=3), 9, TEXTS)
    assert [result.status for result in results] == [Status.SPOKEN] * 9
    assert most_open(results) == 3


def test_arrivals_wait_for_no_answer() -> None:
    together = threading.Barrier(40)

    def answer(request: Handler) -> None:
        together.wait(WAIT)  # no response is sent before the last request has arrived
        request.whole(clip())

    with speech_server(answer) as server:
        results = run_speech_load(server.url, Load(rate=100.0), 40, TEXTS)
    assert [result.status for result in results] == [Status.SPOKEN] * 40


def test_refusals_errors_and_cut_bodies_are_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    answers = {
        "full": lambda request: request.whole(b"{}", "application/json", 429),
        "starting": lambda request: request.whole(b"{}", "application/json", 503),
        "broken": lambda request: request.whole(b"{}", "application/json", 500),
        "cut": lambda request: request.cut(clip()),
        "noise": lambda request: request.whole(b"not audio"),
        "fine": lambda request: request.whole(clip()),
    }

    def answer(request: Handler) -> None:
        answers[request.state.asked[-1]["input"]](request)

    with speech_server(answer) as server, caplog.at_level(logging.WARNING):
        results = run_speech_load(server.url, Load(clients=1), len(answers), list(answers))
    statuses = dict(zip(answers, (result.status for result in results), strict=True))
    assert statuses == {
        "full": Status.REFUSED,
        "starting": Status.REFUSED,
        "broken": Status.FAILED,
        "cut": Status.FAILED,
        "noise": Status.FAILED,
        "fine": Status.SPOKEN,
    }
    assert "1 of 6 requests failed: the status was 500" in caplog.messages


def test_no_server_fails_every_request() -> None:
    nobody = f"http://127.0.0.1:{ports.find_free('127.0.0.1', 1)[0]}"
    results = run_speech_load(nobody, Load(clients=2), 4, TEXTS)
    assert [result.status for result in results] == [Status.FAILED] * 4


def test_server_that_never_answers_is_given_up() -> None:
    given_up = threading.Event()

    def answer(_: Handler) -> None:
        given_up.wait(WAIT)

    with speech_server(answer) as server:
        with pytest.raises(LoadFailed, match="not done after 1 s"):
            run_speech_load(server.url, Load(clients=1), 1, TEXTS, timeout=1.0)
        given_up.set()


def test_what_locust_refuses_is_shown() -> None:
    with pytest.raises(LoadFailed, match="-1 is below 0"):
        run_speech_load("http://127.0.0.1:1", Load(clients=1), -1, TEXTS)
