"""A request that occupies a server which makes one clip at a time."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from openai import OpenAI

from tests.clients.serving import Server
from tests.clients.texts import LONG_TEXT
from tests.waiting import wait_until


class Occupation:
    """A long stream that is not read, open from the beginning of a `with` block to its end, or until `end()`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        client = self._stack.enter_context(OpenAI(base_url=self._server.base_url, api_key="none", max_retries=0))
        # A server that has just finished a clip asks clients to wait for a short time only.
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.")
        wait_until(lambda: self._server.in_flight() == 0)
        create = client.audio.speech.with_streaming_response.create
        self._stack.enter_context(create(model="tts-1", voice="alloy", input=LONG_TEXT, response_format="pcm"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Close the stream, and wait until the server is free."""
        self._stack.close()
        wait_until(lambda: self._server.in_flight() == 0)
