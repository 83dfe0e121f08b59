"""A request that does not arrive in time loses its connection, and nothing else is affected."""

import select
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.proxy.conftest import Serve
from tests.proxy.routers.test_metrics import value
from tests.proxy.slow_reader import ask_for_speech
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

DEADLINE = 0.5
HEAD = b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
GET = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
def client(serve: Serve) -> httpx.Client:
    return serve(request_deadline=DEADLINE)


@pytest.fixture
def connection(client: httpx.Client) -> Iterator[socket.socket]:
    url = urlsplit(str(client.base_url))
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        yield connection


def trickle(connection: socket.socket, data: bytes) -> float:
    """Send `data` byte by byte; return the seconds until the server answers or closes the connection."""
    begun = time.monotonic()
    for byte in data:
        if select.select([connection], [], [], 0.05)[0]:
            break
        connection.sendall(bytes([byte]))
    return time.monotonic() - begun


def received(connection: socket.socket) -> bytes:
    """Everything that the server sends until it closes the connection."""
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
    except ConnectionResetError:
        pass
    return data


def answer(connection: socket.socket) -> bytes:
    """One short response."""
    data = connection.recv(65536)
    while not data.endswith(b"}"):
        data += connection.recv(65536)
    return data


def test_a_connection_that_says_nothing_is_closed(connection: socket.socket) -> None:
    assert received(connection) == b""


def test_a_head_that_comes_byte_by_byte_is_given_up(connection: socket.socket) -> None:
    assert trickle(connection, HEAD) == pytest.approx(DEADLINE, abs=0.3)
    assert received(connection) == b""


def test_a_body_that_comes_byte_by_byte_is_told_so(connection: socket.socket, engine: StandIn) -> None:
    connection.sendall(HEAD)
    assert trickle(connection, b" " * 99) == pytest.approx(DEADLINE, abs=0.3)
    told = received(connection)
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in told.lower()
    assert b'"code":"request_timeout"' in told
    assert not engine.asked


def test_a_body_that_no_route_reads_has_a_deadline_too(connection: socket.socket) -> None:
    connection.sendall(GET.replace(b"\r\n\r\n", b"\r\ncontent-length: 100\r\n\r\n"))
    assert answer(connection).startswith(b"HTTP/1.1 200 ")
    assert trickle(connection, b" " * 99) == pytest.approx(DEADLINE + 1.0, abs=0.4)


def test_a_client_that_leaves_before_its_body_is_complete_is_no_failure(
    client: httpx.Client, connection: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    connection.sendall(HEAD + b" ")
    connection.close()
    wait_until(
        lambda: value(client, "soprano_proxy_requests_total", route="/audio/speech", status="499", format="") == 1
    )
    assert caplog.records == []


def test_the_second_request_of_a_connection_has_the_deadline_too(connection: socket.socket) -> None:
    connection.sendall(GET)
    assert answer(connection).startswith(b"HTTP/1.1 200 ")
    assert trickle(connection, HEAD) == pytest.approx(DEADLINE, abs=0.3)


def test_between_requests_a_connection_may_idle(connection: socket.socket) -> None:
    for _ in range(2):
        connection.sendall(GET)
        assert answer(connection).startswith(b"HTTP/1.1 200 ")
        assert not select.select([connection], [], [], 2 * DEADLINE)[0]


def test_an_answer_may_take_longer(client: httpx.Client, engine: StandIn) -> None:
    engine.delays = {3: 0.4, 5: 0.4, 7: 0.4}
    body = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
    assert len(client.post("/v1/audio/speech", json=body).content) == pytest.approx(engine.seconds * 48000, abs=4)


def test_unread_short_responses_do_not_wait_for_ever(serve: Serve) -> None:
    client = serve(reader_deadline=1.0)
    before = value(client, "process_open_fds")
    own = 1
    url = urlsplit(str(client.base_url))
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(1_000_000 * GET)  # of which the server takes some, and closes
        wait_until(lambda: value(client, "process_open_fds") <= before + own)


def test_a_cut_reader_that_takes_the_rest_is_forgotten(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 200
    client = serve(request_deadline=DEADLINE, buffer_bytes=500_000)
    with ask_for_speech(client) as connection:
        wait_until(lambda: value(client, "soprano_proxy_cancelled_total", reason="stalled") == 1)
        received(connection)
        time.sleep(2 * DEADLINE)  # in which nothing may happen any more: the test fails if anything does


def test_what_a_cut_reader_left_unread_does_not_wait_for_it(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 200
    client = serve(request_deadline=DEADLINE, buffer_bytes=500_000)
    before = value(client, "process_open_fds")
    with ask_for_speech(client):
        wait_until(lambda: value(client, "soprano_proxy_cancelled_total", reason="stalled") == 1)
        own = 1
        wait_until(lambda: value(client, "process_open_fds") <= before + own, 5)
