"""The real perf_analyzer against a real tritonserver."""

import socket

import numpy as np
import pytest
import tritonclient.http

from launch.triton.server import TritonServer
from measuring.stream import Stream
from perf.load_generators.perf_analyzer import Endpoint, PerfAnalyzer
from perf.load_generators.perf_analyzer_installation import RunFailed, find_installation
from perf.measurements import Load, RequestResult, Status

TEXTS = ["Hi.", "This one is somewhat longer.", 'A "third", café\\']


@pytest.fixture(scope="module")
def perf_analyzer() -> PerfAnalyzer:
    return PerfAnalyzer(find_installation())


def whole(triton: TritonServer) -> Endpoint:
    return Endpoint("soprano", triton.http_address, "http")


def streamed(triton: TritonServer) -> Endpoint:
    return Endpoint("soprano_stream", triton.grpc_url, "grpc", streamed=True)


def seconds(triton: TritonServer, text: str) -> float:
    """Seconds of audio that another client receives for the text."""
    tensor = tritonclient.http.InferInput("text", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[text.encode()]], dtype=object))
    with tritonclient.http.InferenceServerClient(whole(triton).url) as client:
        answer = client.infer("soprano", [tensor])
    return float(answer.as_numpy("audio").shape[1] / answer.as_numpy("sample_rate").item())


def streams(results: list[RequestResult]) -> list[Stream]:
    assert {result.status for result in results} == {Status.SPOKEN}
    return [result.stream for result in results if result.stream]


def most_open(results: list[RequestResult]) -> int:
    """The maximal number of requests that were open at once."""
    return max(sum(other.sent <= result.sent < other.ended for other in results) for result in results)


def test_clients_speak_all_texts_in_turn(
    triton: TritonServer, perf_analyzer: PerfAnalyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nothing listens there, and nothing should connect
    results = perf_analyzer.run(whole(triton), Load(clients=2), requests=7, texts=TEXTS)
    heard = [stream.audio for stream in streams(results)]
    expected = [seconds(triton, text) for text in TEXTS]
    assert len(set(expected)) == 3
    assert heard == pytest.approx([*expected, *expected, expected[0]])
    assert most_open(results) == 2


def test_streamed_audio_is_as_long_and_starts_before_it_ends(triton: TritonServer, perf_analyzer: PerfAnalyzer) -> None:
    heard = streams(perf_analyzer.run(streamed(triton), Load(clients=2), requests=3, texts=TEXTS))
    assert [stream.audio for stream in heard] == pytest.approx([seconds(triton, text) for text in TEXTS])
    assert all(stream.sent < stream.arrivals[0].time < stream.ended for stream in heard)


def test_arrivals_at_random_do_not_wait_for_the_server(triton: TritonServer, perf_analyzer: PerfAnalyzer) -> None:
    results = perf_analyzer.run(whole(triton), Load(rate=20), requests=20, texts=TEXTS)
    assert len(streams(results)) == 20
    assert most_open(results) > 2


def test_fewer_than_one_arrival_a_second(triton: TritonServer, perf_analyzer: PerfAnalyzer) -> None:
    assert len(streams(perf_analyzer.run(whole(triton), Load(rate=0.8), requests=1, texts=TEXTS))) == 1


def test_request_that_fails_ends_the_run(triton: TritonServer, perf_analyzer: PerfAnalyzer) -> None:
    with pytest.raises(RunFailed, match=r"with status 99\n(.*\n)*.*invalid_text: The text is empty"):
        perf_analyzer.run(whole(triton), Load(clients=1), requests=1, texts=[""])


def test_server_that_is_not_there(perf_analyzer: PerfAnalyzer) -> None:
    with pytest.raises(RunFailed, match="Couldn't connect to server"):
        perf_analyzer.run(Endpoint("soprano", "127.0.0.1:9", "http"), Load(clients=1), requests=1, texts=TEXTS)


def test_server_that_never_answers(perf_analyzer: PerfAnalyzer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint("soprano", f"127.0.0.1:{silent.getsockname()[1]}", "http")
        with pytest.raises(RunFailed, match="had not ended after 1 s and was stopped"):
            perf_analyzer.run(endpoint, Load(clients=1), requests=1, texts=TEXTS, timeout=1.0)


def test_pages_of_help_are_left_out(triton: TritonServer, perf_analyzer: PerfAnalyzer) -> None:
    nameless = Endpoint("", whole(triton).url, "http")
    with pytest.raises(RunFailed, match=r"\n  .*The value must be specified\.$"):
        perf_analyzer.run(nameless, Load(clients=1), requests=1, texts=TEXTS)


@pytest.mark.parametrize("load", [Load(clients=3), Load(rate=2.5)])
def test_too_few_requests(perf_analyzer: PerfAnalyzer, load: Load) -> None:
    with pytest.raises(ValueError, match="refuses 2 requests for"):
        perf_analyzer.run(Endpoint("soprano", "127.0.0.1:9", "http"), load, requests=2, texts=TEXTS)


def test_no_texts(perf_analyzer: PerfAnalyzer) -> None:
    with pytest.raises(ValueError, match="nothing to speak"):
        perf_analyzer.run(Endpoint("soprano", "127.0.0.1:9", "http"), Load(clients=1), requests=1, texts=[])


def test_no_streams_over_http() -> None:
    with pytest.raises(ValueError, match="over gRPC only"):
        Endpoint("soprano_stream", "127.0.0.1:9", "http", streamed=True)
