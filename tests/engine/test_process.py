"""What the engine process receives and sends."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engine.loading import load_engine
from engine.messages import Begun, FromEngine, FromServer, ReaderState, Report, Submit
from engine.process import Loop
from engine.request import SpeechRequest
from engine.settings import EngineSettings
from text.options import ReadingOptions
from text.preparation import prepare


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


def test_requests_are_announced_before_their_audio_and_all_ends_with_the_server(
    ends: tuple[Connection, Loop], tiny_checkpoint: Path
) -> None:
    server, loop = ends
    settings = EngineSettings(checkpoint=str(tiny_checkpoint), threads=1, slots=2)
    loaded = load_engine(settings, on_begun=loop.announce, arrived=loop.has_arrived, quantise=True)
    sentences = prepare("Hello there.", loaded.checkpoint.tokenizer, 1000, ReadingOptions())
    server.send([Submit(7, SpeechRequest("Hello there."), sentences, time.perf_counter())])
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(loop.run, loaded)
        messages: list[FromEngine] = []
        while not any(isinstance(each, Report) and any(chunk.final for _, chunk in each.chunks) for each in messages):
            messages.append(server.recv())
        assert "report-writer_0" in [thread.name for thread in threading.enumerate()]
        server.close()
        with pytest.raises((EOFError, ConnectionError)):
            running.result(timeout=60)
    kinds = [type(each) for each in messages if not (isinstance(each, Report) and not each.chunks)]
    assert kinds[0] is Begun
    assert set(kinds[1:]) == {Report}
    assert "report-writer_0" not in [thread.name for thread in threading.enumerate()]
