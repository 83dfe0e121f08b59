"""A record of what openai-python sends and gets, retries included."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server answered, and when, on a monotonic clock."""

    status: int
    retry_after: str | None
    at: float


@dataclass
class Calls:
    """Event hooks for the client's HTTP client, which note every request and answer and then call `on_answer`."""

    on_answer: Callable[[Answer], None] = lambda _: None
    asked: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def hooks(self) -> dict[str, list[Callable[..., Any]]]:
        return {"request": [self._note_request], "response": [self._note_answer]}

    @property
    def async_hooks(self) -> dict[str, list[Callable[..., Any]]]:
        async def note_request(request: Any) -> None:
            self._note_request(request)

        async def note_answer(response: Any) -> None:
            self._note_answer(response)

        return {"request": [note_request], "response": [note_answer]}

    def _note_request(self, _: Any) -> None:
        self.asked.append(time.monotonic())

    def _note_answer(self, response: Any) -> None:
        answer = Answer(response.status_code, response.headers.get("retry-after"), time.monotonic())
        self.answers.append(answer)
        self.on_answer(answer)
