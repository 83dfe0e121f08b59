"""The engine process: receives prompts and sends audio. Only the thread that sends it competes for its GIL.

    python -m engine.process DESCRIPTOR

The descriptor is a socket to the server process, where `ipc.fork_server` has the other end. The process loads PyTorch,
is named `soprano-forks`, and forks engines. These are named `soprano-engine`; their other end is in
`engine.engine_process`. Each process exits when its other end is closed and when its parent dies.
"""

import gc
import logging
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from engine.checkpoint.files import TOKENIZER
from engine.errors import EngineError
from engine.loading import LoadedEngine, load_engine
from engine.messages import (
    HEARTBEAT,
    Begin,
    Begun,
    FromEngine,
    FromServer,
    ReaderState,
    Ready,
    Report,
    StartFailed,
    Submit,
)
from engine.scheduling.utterance import Utterance
from engine.speech import Chunk
from ipc.fork_server import die_with_parent, serve_forks

_MIN_PAUSE = 0.05
"""Seconds between two reports that have no audio and no errors."""


_MOST_UNSENT = 2
"""Reports that wait to be sent before the loop does: the server may be slow to receive."""


class RemoteSink:
    """The `AudioSink` of a request whose caller is in the server process."""

    def __init__(self, number: int, chunks: list[tuple[int, Chunk]], errors: list[tuple[int, EngineError]]) -> None:
        self.left_at: float | None = None
        self.taken_samples = 0
        self._number = number
        self._put = 0
        self._chunks = chunks
        self._errors = errors

    @property
    def buffered_samples(self) -> int:
        """Samples that the reader has not taken, by its last message."""
        return self._put - self.taken_samples

    def put(self, chunk: Chunk) -> None:
        """Add a chunk to the next report."""
        self._put += chunk.sample_count
        self._chunks.append((self._number, chunk))

    def fail(self, error: EngineError) -> None:
        """Add the error to the next report."""
        self._errors.append((self._number, error))


class Loop:
    """The engine's main loop: receive, step, report."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        self._sinks: dict[int, RemoteSink] = {}
        self._waiting: dict[Utterance, int] = {}  # requests that no step has worked on yet
        self._chunks: list[tuple[int, Chunk]] = []
        self._errors: list[tuple[int, EngineError]] = []
        self._unread: list[FromServer] = []  # received during a step
        self._streams_received = 0
        self._reported = 0.0
        # Joins, pickles and sends audio while the next step runs, until the loop ends.
        self._writer = ThreadPoolExecutor(1, "report-writer")
        self._reports: deque[Future[None]] = deque()

    def run(self, loaded: LoadedEngine) -> None:
        """Run until the server hangs up, which raises `EOFError` or `OSError`. A GPU step may raise any error."""
        busy = False
        with self._writer:
            while True:
                self._receive(loaded, 0.0 if busy else min(loaded.core.seconds_to_deadline, HEARTBEAT))
                busy = loaded.core.step()
                self._report(loaded)

    def has_arrived(self) -> bool:
        """Whether a request has arrived or was cancelled. What readers take is no reason to end a beat."""
        try:
            self._read(0.0)
        except (EOFError, OSError):
            return True  # the next `_receive` raises it again
        return any(isinstance(each, Submit) or _cancels(each) for each in self._unread)

    def _receive(self, loaded: LoadedEngine, timeout: float) -> None:
        """Process all messages that have arrived; wait up to `timeout` seconds for the first."""
        self._read(0.0 if self._unread else timeout)
        for message in self._unread:
            self._take_in(loaded, message)
        self._unread.clear()

    def _read(self, timeout: float) -> None:
        while self._poll.poll(max(0.0, timeout) * 1000):
            messages: list[FromServer] = self._connection.recv()
            self._unread += messages
            timeout = 0.0

    def _take_in(self, loaded: LoadedEngine, message: FromServer) -> None:
        match message:
            case Submit():
                sink = RemoteSink(message.number, self._chunks, self._errors)
                self._sinks[message.number] = sink
                self._streams_received += not message.request.whole
                utterance = loaded.add(message.request, message.sentences, sink, message.arrived)
                self._waiting[utterance] = message.number
            case ReaderState():
                known = self._sinks.get(message.number)
                if known is not None:  # the request may have ended
                    known.taken_samples = message.taken_samples
                    known.left_at = message.left_at
                    if message.left_at is not None:
                        loaded.core.left(known)
            case Begin():
                raise ValueError("the engine has begun already")

    def announce(self, begun: Iterable[Utterance]) -> None:
        """Send, before a step, the requests that it is the first to work on: one of them may crash this process."""
        numbers = [self._waiting.pop(utterance) for utterance in begun if utterance in self._waiting]
        if numbers:
            self._send(Begun(numbers)).result()

    def _send(self, message: FromEngine) -> "Future[None]":
        """Send a message after all those before it."""
        return self._writer.submit(self._connection.send, message)

    def _report(self, loaded: LoadedEngine) -> None:
        now = time.monotonic()
        silent = not (self._chunks or self._errors)
        if silent and now - self._reported < _MIN_PAUSE:
            return
        self._reported = now
        self._forget_ended()
        report = Report(
            chunks=self._chunks.copy(),
            errors=self._errors.copy(),
            streams_received=self._streams_received,
            load=loaded.core.load(),
            statistics=loaded.core.statistics(open_requests=0, rejected=0),
            observations=loaded.core.observations.take(),
        )
        self._chunks.clear()
        self._errors.clear()
        self._reports.append(self._send(report))
        while self._reports and (len(self._reports) > _MOST_UNSENT or self._reports[0].done()):
            self._reports.popleft().result()

    def _forget_ended(self) -> None:
        ended = [number for number, chunk in self._chunks if chunk.final] + [number for number, _ in self._errors]
        for number in ended:
            self._sinks.pop(number, None)
        for utterance in [each for each in self._waiting if each.closed]:
            del self._waiting[utterance]


def _cancels(message: FromServer) -> bool:
    return isinstance(message, ReaderState) and message.left_at is not None


def main() -> None:
    """Serve forks at the descriptor on the command line; in each fork, run an engine."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the server, which closes the connection
    die_with_parent()
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    _rename("soprano-forks")
    with Connection(int(sys.argv[1])) as server:
        connection = serve_forks(server)
    if connection is not None:
        _rename("soprano-engine")
        with connection, suppress(EOFError, ConnectionError):
            _run_engine(connection, connection.recv())
        os._exit(0)  # an orderly shutdown of PyTorch takes a third of a second


def _run_engine(connection: Connection, begin: Begin) -> None:
    send: Callable[[FromEngine], None] = connection.send
    loop = Loop(connection)
    try:
        loaded = load_engine(begin.settings, on_begun=loop.announce, arrived=loop.has_arrived, quantise=True)
    except EngineError as error:
        send(StartFailed(error))
        return
    directory = loaded.checkpoint.path
    send(Ready(loaded.checkpoint.name, directory, directory / TOKENIZER, loaded.checkpoint.config.vocab_size))
    gc.collect()
    gc.freeze()  # else each full collection goes through all of PyTorch's objects
    loop.run(loaded)


def _rename(name: str) -> None:
    """Set the process name that `pgrep` and `top` show."""
    Path("/proc/self/comm").write_text(name)


if __name__ == "__main__":
    main()
