"""The streaming model: Triton requests in, the engine's chunks out. Translation only.

`execute` hands requests over and returns at once; texts are prepared and spoken in other processes. Every request gets
exactly one final response, whatever happens to it, because Triton waits for it.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import triton_python_backend_utils as pb_utils
from answer import Answer, AnswerSenders
from housekeeping import Housekeeping
from tensors import parse_request

from engine.client import EngineClient
from engine.errors import EngineError, EngineFailed
from engine.settings import EngineSettings


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Start the engine; an error here is a load error of the model, with the engine's own message."""
        settings = EngineSettings.from_environment(overrides=_parameters(json.loads(args["model_config"])))
        self._engine = EngineClient(settings, on_failure=_end_server)
        pb_utils.Logger.log_info(f"the checkpoint {self._engine.checkpoint} speaks")
        self._senders = AnswerSenders()
        self._housekeeping = Housekeeping(self._engine, self._senders)

    def execute(self, requests: list[Any]) -> None:
        """Take the requests in."""
        for request in requests:
            self._take_in(request)

    def finalize(self) -> None:
        """End what is open, then every thread."""
        self._housekeeping.close()
        self._engine.close()
        self._senders.close()

    def _take_in(self, request: Any) -> None:
        answer = Answer(request.get_response_sender(), request.requested_output_names(), self._engine.checkpoint)
        self._senders.open(answer)
        with self._answering(answer):
            answer.speech = self._engine.submit(
                parse_request(request),
                on_ready=lambda speech: self._senders.notify(answer, speech),
                arrived=answer.arrived,
            )

    @contextmanager
    def _answering(self, answer: Answer) -> Iterator[None]:
        """Answer with whatever goes wrong inside: Triton waits for an answer, and an exception fails a whole batch."""
        try:
            yield
        except EngineError as error:
            self._senders.fail(answer, error)
        except Exception as error:
            pb_utils.Logger.log_error(f"a request could not be taken in: {error!r}")
            self._senders.fail(answer, EngineFailed("the request could not be taken in; see the server's log"))


def _parameters(config: dict[str, Any]) -> dict[str, str]:
    """The engine settings among the model's `parameters`."""
    known = EngineSettings.__dataclass_fields__
    given = {name: value["string_value"] for name, value in config.get("parameters", {}).items()}
    return {name: value for name, value in given.items() if name in known}


def _end_server() -> None:
    """Stop Triton: it would go on calling itself healthy, and its orchestrator would never restart it."""
    os.kill(os.getppid(), signal.SIGTERM)
