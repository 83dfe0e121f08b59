"""Records the requests and responses of openai-python, retries included."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RecordedResponse:
    """The status of a response and its time on a monotonic clock."""

    status: int
    retry_after: str | None
    at: float


@dataclass
class Calls:
    """Event hooks for the client's HTTP client, which record every request and response and then call `on_response`."""

    on_response: Callable[[RecordedResponse], None] = lambda _: None
    asked: list[float] = field(default_factory=list)
    responses: list[RecordedResponse] = field(default_factory=list)

    @property
    def hooks(self) -> dict[str, list[Callable[..., Any]]]:
        return {"request": [self._note_request], "response": [self._note_response]}

    @property
    def async_hooks(self) -> dict[str, list[Callable[..., Any]]]:
        async def note_request(request: Any) -> None:
            self._note_request(request)

        async def note_response(response: Any) -> None:
            self._note_response(response)

        return {"request": [note_request], "response": [note_response]}

    def _note_request(self, _: Any) -> None:
        self.asked.append(time.monotonic())

    def _note_response(self, response: Any) -> None:
        recorded = RecordedResponse(response.status_code, response.headers.get("retry-after"), time.monotonic())
        self.responses.append(recorded)
        self.on_response(recorded)
