"""Answers under way, and the threads that send them."""

import queue
import threading
import time
from typing import Any

import triton_python_backend_utils as pb_utils
from tensors import chunk_tensors

from engine.errors import EngineError, EngineFailed, triton_status
from engine.speech import Chunk, Speech

_THREADS = 8


class Answer:
    """The responses to one request, spoken by `checkpoint`: chunks, then exactly one final response."""

    def __init__(self, sender: Any, wanted: set[str], checkpoint: str) -> None:
        self.speech: Speech | None = None
        self.arrived = time.perf_counter()
        self._client_seen = self.arrived  # when its client was last known to be there
        self._sender = sender
        self._wanted = wanted
        self._checkpoint = checkpoint
        self._lock = threading.Lock()
        self._ended = False
        self._cancelled = False

    def send(self, chunk: Chunk) -> None:
        """Send a chunk; the final one ends the answer."""
        # Held until `send` has returned: Triton 24.10 frees arrays that nobody else refers to without the GIL.
        tensors = chunk_tensors(chunk, self._checkpoint, self._wanted)
        response = pb_utils.InferenceResponse(output_tensors=tensors)
        if chunk.final:
            self._end(response)
        else:
            self._sender.send(response)

    def fail(self, error: EngineError) -> None:
        """End the answer with an error."""
        status = getattr(pb_utils.TritonError, triton_status(error.code))
        self._end(pb_utils.InferenceResponse(error=pb_utils.TritonError(error.coded, status)))

    def cancel_if_asked(self) -> None:
        """Pass a cancellation by the client on to the engine, once."""
        with self._lock:
            # Asked about an answer that has ended, Triton 24.10 reads freed memory and crashes.
            if self.speech is None or self._ended or self._cancelled:
                return
            asked = time.perf_counter()
            self._cancelled = self._sender.is_cancelled()
            if not self._cancelled:
                self._client_seen = asked
                return
        self.speech.cancel(since=self._client_seen)

    def _end(self, response: Any) -> None:
        with self._lock:
            self._ended = True
        self._sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


class AnswerSenders:
    """Threads `send-0`, `send-1`, … An answer always meets the same one, so its chunks keep their order."""

    def __init__(self) -> None:
        self._queues: list[queue.SimpleQueue[tuple[Answer, Speech] | None]] = [
            queue.SimpleQueue() for _ in range(_THREADS)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(inbox,), name=f"send-{index}", daemon=True)
            for index, inbox in enumerate(self._queues)
        ]
        self._open: dict[Answer, None] = {}
        for thread in self._threads:
            thread.start()

    def open(self, answer: Answer) -> None:
        """Begin to watch an answer."""
        self._open[answer] = None

    def notify(self, answer: Answer, speech: Speech) -> None:
        """There is something to send for `answer`."""
        self._queues[id(answer) // 64 % _THREADS].put((answer, speech))

    def cancel_where_asked(self) -> None:
        """Pass the cancellations of clients on to the engine."""
        for answer in list(self._open):
            answer.cancel_if_asked()

    def fail(self, answer: Answer, error: EngineError) -> None:
        """End an answer that has no speech."""
        self._open.pop(answer, None)
        answer.fail(error)

    def close(self) -> None:
        """Send what is left and end the threads."""
        for inbox in self._queues:
            inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, inbox: "queue.SimpleQueue[tuple[Answer, Speech] | None]") -> None:
        while (item := inbox.get()) is not None:
            answer, speech = item
            try:
                self._send_all(answer, speech)
            except Exception as error:  # one failed answer must not end the thread of the others
                self._give_up(answer, speech, error)

    def _give_up(self, answer: Answer, speech: Speech, error: Exception) -> None:
        """End an answer that could not be sent, as far as Triton still takes its end."""
        pb_utils.Logger.log_error(f"an answer could not be sent: {error!r}")
        speech.cancel()
        try:
            self.fail(answer, EngineFailed("the answer could not be sent; see the server's log"))
        except Exception as again:
            pb_utils.Logger.log_error(f"nor could its end: {again!r}")

    def _send_all(self, answer: Answer, speech: Speech) -> None:
        if answer not in self._open:
            return
        try:
            while (chunk := speech.take()) is not None:
                if chunk.final:
                    self._open.pop(answer, None)
                answer.send(chunk)
        except EngineError as error:
            self.fail(answer, error)
