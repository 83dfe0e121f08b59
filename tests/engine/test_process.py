"""What ends a beat of the engine process before its time."""

from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from engine.messages import FromServer, ReaderState, Submit
from engine.process import Loop
from engine.request import SpeechRequest


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Loop]]:
    """The server's end of the connection, and the loop at the other end."""
    server, engine = Pipe()
    with server, engine:
        yield server, Loop(engine)


def test_nothing_arrives_from_a_silent_server(ends: tuple[Connection, Loop]) -> None:
    _, loop = ends
    assert not loop.has_arrived()


@pytest.mark.parametrize(
    ("message", "interrupts"),
    [
        (Submit(1, SpeechRequest("text"), [], 0.0), True),
        (ReaderState(1, 2048, left_at=1.0), True),
        (ReaderState(1, 2048, left_at=None), False),
    ],
)
def test_a_beat_ends_for_new_and_cancelled_requests_but_not_for_readers(
    ends: tuple[Connection, Loop], message: FromServer, interrupts: bool
) -> None:
    server, loop = ends
    server.send([ReaderState(0, 0, None), message])
    assert loop.has_arrived() is interrupts


def test_a_beat_ends_once_the_server_has_hung_up(ends: tuple[Connection, Loop]) -> None:
    server, loop = ends
    server.close()
    assert loop.has_arrived()
