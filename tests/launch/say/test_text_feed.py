"""How much of a text is sent and kept."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from launch.errors import InvalidText
from launch.say.text_feed import LONGEST_PREVIOUS_TEXT, MOST_UNACKNOWLEDGED, TextFeed
from tests.waiting import wait_until

TEXT = "".join(map(str, range(40_000)))


class Sink:
    """A session that keeps what it is sent."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.ended = False
        self.closed = threading.Event()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def append(self, text: str) -> None:
        self.pieces.append(text)

    def end(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed.set()


def acknowledge_all(feed: TextFeed, sink: Sink) -> None:
    acknowledged = 0
    while not sink.ended:
        wait_until(lambda: len(sink.pieces) > acknowledged or sink.ended)  # noqa: B023 (called at once)
        while acknowledged < len(sink.pieces):
            acknowledged += 1
            feed.acknowledge()


def test_the_whole_text_is_sent() -> None:
    sink, feed = Sink(), TextFeed(iter([TEXT[:50_000], TEXT[50_000:]]))
    feed.attach(sink)
    acknowledge_all(feed, sink)
    assert sink.text == TEXT
    assert feed.is_complete(len(TEXT))
    assert not feed.is_complete(len(TEXT) - 1)


def test_what_is_not_acknowledged_is_limited() -> None:
    sink, feed = Sink(), TextFeed([TEXT])
    feed.attach(sink)
    wait_until(lambda: len(sink.text) >= MOST_UNACKNOWLEDGED)
    assert len(sink.text) < MOST_UNACKNOWLEDGED + 1000
    before = len(sink.text)
    feed.acknowledge()
    assert before < len(sink.text) <= before + 1000


def test_an_endless_text_is_read_no_further_than_it_is_sent() -> None:
    read: list[int] = []

    def pieces() -> Iterator[str]:
        for number in itertools.count():
            read.append(number)
            yield "x" * 1000

    sink, feed = Sink(), TextFeed(pieces())
    feed.attach(sink)
    for _ in range(2000):
        wait_until(lambda: sink.pieces)
        sink.pieces.clear()
        feed.acknowledge()
        feed.spoken(feed.length - 20_000 if feed.length > 20_000 else 0)
    assert len(read) < 2000 + 50
    assert len(feed._kept) < 40_000


def test_another_session_gets_what_was_not_spoken() -> None:
    feed = TextFeed([TEXT])
    first, second = Sink(), Sink()
    feed.attach(first)
    wait_until(lambda: first.pieces)
    feed.spoken(1234)
    feed.detach()
    assert feed.previous_text() == TEXT[1234 - LONGEST_PREVIOUS_TEXT : 1234]
    feed.attach(second)
    acknowledge_all(feed, second)
    assert second.text == TEXT[1234:]
    assert feed.is_complete(len(TEXT) - 1234)


def test_a_text_goes_on_where_another_command_ended() -> None:
    feed, sink = TextFeed([TEXT[:70_000], TEXT[70_000:]], 69_999), Sink()
    assert feed.previous_text() == TEXT[68_999:69_999]
    feed.attach(sink)
    acknowledge_all(feed, sink)
    assert sink.text == TEXT[69_999:]


def test_what_ends_the_reading_ends_the_session() -> None:
    attached = threading.Event()

    def pieces() -> Iterator[str]:
        yield "Hello."
        attached.wait(20)
        raise InvalidText("it is not UTF-8")

    sink, feed = Sink(), TextFeed(pieces())
    feed.attach(sink)
    attached.set()
    assert sink.closed.wait(20)
    for late in (feed.raise_failure, feed.previous_text, lambda: feed.attach(sink)):
        with pytest.raises(InvalidText):
            late()


def test_a_session_is_kept_alive_while_its_writer_thinks() -> None:
    written = threading.Event()

    def pieces() -> Iterator[str]:
        yield "Hello."
        written.wait(20)

    sink, feed = Sink(), TextFeed(pieces())
    feed.attach(sink)
    wait_until(lambda: sink.pieces == ["Hello."])
    feed.keep_alive()
    assert sink.pieces == ["Hello.", ""]
    written.set()
    wait_until(lambda: sink.ended)
    feed.keep_alive()
    assert sink.pieces == ["Hello.", ""]
