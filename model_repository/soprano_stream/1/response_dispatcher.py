"""The threads that send responses."""

import queue
import threading

import triton_python_backend_utils as pb_utils
from response_stream import ResponseStream

from engine.errors import EngineError, EngineFailed
from engine.speech import Speech

_THREADS = 8


class ResponseDispatcher:
    """Sends the chunks of all open response streams, on the threads `send-0`, `send-1`, …

    Each stream stays on one thread, so that its chunks keep their order.
    """

    def __init__(self) -> None:
        self._queues: list[queue.SimpleQueue[tuple[ResponseStream, Speech] | None]] = [
            queue.SimpleQueue() for _ in range(_THREADS)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(inbox,), name=f"send-{index}", daemon=True)
            for index, inbox in enumerate(self._queues)
        ]
        self._open: dict[ResponseStream, None] = {}
        for thread in self._threads:
            thread.start()

    def open(self, stream: ResponseStream) -> None:
        """Register a stream."""
        self._open[stream] = None

    def notify(self, stream: ResponseStream, speech: Speech) -> None:
        """Send what `speech` has for `stream`; returns at once."""
        self._queues[id(stream) // 64 % _THREADS].put((stream, speech))

    def forward_cancellations(self) -> None:
        """Cancel the speech of every open stream whose client has cancelled or disconnected."""
        for stream in list(self._open):
            stream.forward_cancellation()

    def fail(self, stream: ResponseStream, error: EngineError) -> None:
        """End a stream with an error and unregister it."""
        self._open.pop(stream, None)
        stream.fail(error)

    def close(self) -> None:
        """Send what is queued and end the threads."""
        for inbox in self._queues:
            inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, inbox: "queue.SimpleQueue[tuple[ResponseStream, Speech] | None]") -> None:
        while (item := inbox.get()) is not None:
            stream, speech = item
            try:
                self._send_all(stream, speech)
            except Exception as error:  # a stream that fails must not end the thread, which serves others too
                self._abort(stream, speech, error)

    def _abort(self, stream: ResponseStream, speech: Speech, error: Exception) -> None:
        """End a stream after a response could not be sent, if Triton still accepts a final response."""
        pb_utils.Logger.log_error(f"a response could not be sent: {error!r}")
        speech.cancel()
        try:
            self.fail(stream, EngineFailed("the response could not be sent; see the server's log"))
        except Exception as again:
            pb_utils.Logger.log_error(f"the final response could not be sent either: {again!r}")

    def _send_all(self, stream: ResponseStream, speech: Speech) -> None:
        if stream not in self._open:
            return
        try:
            while (chunk := speech.take()) is not None:
                if chunk.final:
                    self._open.pop(stream, None)
                stream.send(chunk)
        except EngineError as error:
            self.fail(stream, error)
