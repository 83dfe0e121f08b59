"""The responses to one Triton request."""

import threading
import time
from typing import Any

import triton_python_backend_utils as pb_utils
from tensors import chunk_tensors

from engine.errors import EngineError, triton_status
from engine.speech import Chunk, Speech


class ResponseStream:
    """The responses to one request: any number of chunks, then exactly one final response.

    `requested` names the output tensors to send. `checkpoint` is the name of the checkpoint that speaks.
    """

    def __init__(self, sender: Any, requested: set[str], checkpoint: str) -> None:
        self.speech: Speech | None = None
        self.arrived = time.perf_counter()
        self._last_connected = self.arrived  # the last time at which the client was known to be connected
        self._sender = sender
        self._requested = requested
        self._checkpoint = checkpoint
        self._lock = threading.Lock()
        self._ended = False
        self._cancelled = False

    def send(self, chunk: Chunk) -> None:
        """Send a chunk; the final chunk ends the stream."""
        # Keep the tensors until `send` has returned: without another reference, Triton 24.10 frees their arrays while
        # it does not hold the GIL.
        tensors = chunk_tensors(chunk, self._checkpoint, self._requested)
        response = pb_utils.InferenceResponse(output_tensors=tensors)
        if chunk.final:
            self._end(response)
        else:
            self._sender.send(response)

    def fail(self, error: EngineError) -> None:
        """End the stream with an error."""
        status = getattr(pb_utils.TritonError, triton_status(error.code))
        self._end(pb_utils.InferenceResponse(error=pb_utils.TritonError(error.coded, status)))

    def forward_cancellation(self) -> None:
        """Cancel the speech if the client has cancelled the request or has disconnected; at most once."""
        with self._lock:
            # Do not query a sender after its final response: Triton 24.10 would read freed memory and crash.
            if self.speech is None or self._ended or self._cancelled:
                return
            now = time.perf_counter()
            self._cancelled = self._sender.is_cancelled()
            if not self._cancelled:
                self._last_connected = now
                return
        self.speech.cancel(since=self._last_connected)

    def _end(self, response: Any) -> None:
        with self._lock:
            self._ended = True
        self._sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
