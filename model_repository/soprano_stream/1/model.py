"""The streaming model: Triton requests in, the engine's chunks out. Translation only.

`execute` passes requests to the engine and returns at once; texts are prepared and spoken in other processes. Every
request gets exactly one final response, also after an error, because Triton waits for it.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import triton_python_backend_utils as pb_utils
from housekeeping import Housekeeping
from response_dispatcher import ResponseDispatcher
from response_stream import ResponseStream
from tensors import parse_request

from engine.client import EngineClient
from engine.errors import EngineError, EngineFailed
from engine.settings import EngineSettings


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Start the engine; an error here makes the model fail to load, with the engine's message."""
        settings = EngineSettings.from_environment(overrides=_parameters(json.loads(args["model_config"])))
        self._engine = EngineClient(settings, on_failure=_end_server)
        pb_utils.Logger.log_info(f"the checkpoint {self._engine.checkpoint} is loaded")
        self._dispatcher = ResponseDispatcher()
        self._housekeeping = Housekeeping(self._engine, self._dispatcher)

    def execute(self, requests: list[Any]) -> None:
        """Pass the requests to the engine."""
        for request in requests:
            self._take_in(request)

    def finalize(self) -> None:
        """End all open requests, then all threads."""
        self._housekeeping.close()
        self._engine.close()
        self._dispatcher.close()

    def _take_in(self, request: Any) -> None:
        stream = ResponseStream(
            request.get_response_sender(), request.requested_output_names(), self._engine.checkpoint
        )
        self._dispatcher.open(stream)
        with self._responding_to_errors(stream):
            stream.speech = self._engine.submit(
                parse_request(request),
                on_ready=lambda speech: self._dispatcher.notify(stream, speech),
                arrived=stream.arrived,
            )

    @contextmanager
    def _responding_to_errors(self, stream: ResponseStream) -> Iterator[None]:
        """Send any exception as the response. One that `execute` raises would fail the whole batch."""
        try:
            yield
        except EngineError as error:
            self._dispatcher.fail(stream, error)
        except Exception as error:
            pb_utils.Logger.log_error(f"a request could not be taken in: {error!r}")
            self._dispatcher.fail(stream, EngineFailed("the request could not be taken in; see the server's log"))


def _parameters(config: dict[str, Any]) -> dict[str, str]:
    """Return the engine settings among the model's `parameters`."""
    known = EngineSettings.__dataclass_fields__
    given = {name: value["string_value"] for name, value in config.get("parameters", {}).items()}
    return {name: value for name, value in given.items() if name in known}


def _end_server() -> None:
    """Stop Triton. It would otherwise report that it is healthy, and its orchestrator would not restart it."""
    os.kill(os.getppid(), signal.SIGTERM)
