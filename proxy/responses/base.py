"""The base class of the HTTP responses that carry a clip."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from proxy.admission import Admission
from proxy.errors import DeadlineExceeded, ServiceUnavailable
from proxy.request_record import Ending, RequestRecord
from proxy.responses.backlog import Backlog
from proxy.responses.body import Body
from proxy.responses.buffer_budget import BufferBudget
from proxy.responses.clip import Clip
from proxy.responses.connection import ClientDisconnected, while_connected
from proxy.responses.slow_reader_timeout import ReaderStalled, SlowReaderTimeout

STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Headers of streamed bodies; without them nginx would buffer the body."""

CHECKPOINT_HEADER = "x-soprano-checkpoint"

log = logging.getLogger(__name__)


class ClipResponse(Response, ABC):
    """Speaks, encodes and sends a clip, starting when a route returns it.

    Status 200 is sent together with the first encoded audio. Before that, an `ApiError` becomes a response with its
    own status, and a clip whose engine is lost is retried once. If the client disconnects or stops reading at any
    time, the synthesis is cancelled.
    """

    def __init__(
        self,
        make_clip: Callable[[], Clip],
        admission: Admission,
        budget: BufferBudget,
        slow_reader_timeout: SlowReaderTimeout,
        deadline: float,
    ) -> None:
        super().__init__()
        self.clip = make_clip()
        self._make_clip = make_clip
        self._admission = admission
        self._budget = budget
        self._slow_reader_timeout = slow_reader_timeout
        self._deadline = deadline * self.clip.slowdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        self.record: RequestRecord = scope["state"]["record"]
        try:
            with self._admission.permit(scope["state"]["api_key"]):
                self._budget.require_room()
                await while_connected(receive, self._answer_in_time(send))
        except ClientDisconnected as left:
            # A client that has received an error event disconnects because of it.
            if self.record.ending is not Ending.CUT:
                self.record.ending, self.record.cancel_seconds = Ending.LEFT, left.seconds
        except ReaderStalled:
            self.record.ending = Ending.STALLED
        except Exception:
            if self.record.first_audio_seconds is not None:
                self.record.ending = Ending.CUT
            raise
        finally:
            self.record.warnings = [warning.code for warning in self.clip.warnings]

    async def _answer_in_time(self, send: Send) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._answer(send)
        except TimeoutError as error:
            late = DeadlineExceeded(f"The clip was not complete within {self._deadline:g} seconds.")
            if self.record.first_audio_seconds is None:
                raise late from error
            self.note_cut(late)

    async def _answer(self, send: Send) -> None:
        try:
            await self._deliver(send)
        except ServiceUnavailable:
            if not self.clip.seconds:  # `Failover` has tried everything already
                raise
            self.record.retried = True
            self.clip = self._make_clip()
            await self._deliver(send)

    async def _deliver(self, send: Send) -> None:
        async with aclosing(Backlog(self.clip.pieces(), self._budget, self._slow_reader_timeout.expire)) as pieces:
            body = Body(send, self.record, self._slow_reader_timeout, lambda: pieces.silence)
            try:
                await self.deliver(pieces, body)
            finally:
                self.record.audio_seconds = pieces.seconds

    @property
    def headers_of_clip(self) -> dict[str, str]:
        """The headers that describe the clip; known once its first piece exists."""
        return {CHECKPOINT_HEADER: self.clip.checkpoint} if self.clip.checkpoint else {}

    @abstractmethod
    async def deliver(self, pieces: Backlog, body: Body) -> None:
        """Send the clip in the form of this response."""

    def note_cut(self, error: Exception) -> None:
        """Record and log a failure after audio was sent."""
        self.record.ending = Ending.CUT
        log.error("cut after audio was sent: %s", error, extra={"fields": {"request_id": self.record.request_id}})
