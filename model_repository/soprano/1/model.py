"""The whole-clip model: forwards each request to `soprano_stream` and responds when its clip is complete.

`soprano_stream` returns a clip as exactly one final response: several responses to concurrent calls inside Triton can
deadlock it.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from engine.errors import triton_status

Arrays = dict[str, np.ndarray[Any, Any]]

_ENGINE_MODEL = "soprano_stream"


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Start the threads that wait for clips."""
        config = json.loads(args["model_config"])
        self._inputs = [each["name"] for each in config["input"]]
        self._max_open = int(config["parameters"]["max_open"]["string_value"])
        self._permits = threading.Semaphore(self._max_open)
        self._callers = ThreadPoolExecutor(self._max_open, thread_name_prefix="call")

    def execute(self, requests: list[Any]) -> None:
        """Start a call for each request; the response follows later, through the request's own sender."""
        for request in requests:
            sender = request.get_response_sender()
            if self._permits.acquire(blocking=False):
                self._take_in(request, sender)
            else:
                _fail(sender, f"overloaded: the limit of {self._max_open} open requests is reached; try again later")

    def finalize(self) -> None:
        """Wait for the open requests, then end the threads."""
        self._callers.shutdown()

    def _take_in(self, request: Any, sender: Any) -> None:
        """Copy the inputs, because Triton frees the request when `execute` returns, and start the call."""
        try:
            inputs, requested = _copy_inputs(request, self._inputs), list(request.requested_output_names())
        except Exception as error:  # it would otherwise fail the whole batch
            _fail(sender, f"invalid_parameter: the inputs cannot be read: {error}")
            self._permits.release()
        else:
            self._callers.submit(self._call, sender, inputs, requested)

    def _call(self, sender: Any, inputs: Arrays, requested: list[str]) -> None:
        try:
            _forward(sender, inputs, requested)
        except Exception as error:  # Triton waits for a response after any error
            pb_utils.Logger.log_error(f"{_ENGINE_MODEL} could not be called: {error!r}")
            _fail(sender, "internal: the request could not be passed on; see the server's log")
        finally:
            self._permits.release()


def _copy_inputs(request: Any, names: list[str]) -> Arrays:
    """Return copies of those inputs that the request has."""
    tensors = {name: pb_utils.get_input_tensor_by_name(request, name) for name in names}
    return {name: tensor.as_numpy().copy() for name, tensor in tensors.items() if tensor is not None}


def _forward(sender: Any, inputs: Arrays, requested: list[str]) -> None:
    """Let the engine's model speak a whole clip, and send it as the response."""
    tensors = [pb_utils.Tensor(name, value) for name, value in inputs.items()]
    tensors.append(pb_utils.Tensor("whole", np.array([[True]])))
    request = pb_utils.InferenceRequest(model_name=_ENGINE_MODEL, inputs=tensors, requested_output_names=requested)
    responses = request.exec(decoupled=True)
    (response,) = responses
    # Triton's stub drops its reference to `responses` on a thread that does not hold the GIL. If that reference is the
    # last, Triton 24.10 frees Python objects there and crashes. The next call waits until the stub has dropped it, so
    # that ours is the last.
    sender.is_cancelled()
    if response.has_error():
        _fail(sender, response.error().message())
        return
    # Keep the tensors until `send` has returned: without another reference, Triton 24.10 frees their arrays while it
    # does not hold the GIL.
    outputs = [pb_utils.get_output_tensor_by_name(response, name) for name in requested]
    _send(sender, pb_utils.InferenceResponse(output_tensors=outputs))


def _fail(sender: Any, message: str) -> None:
    """Respond with an error. Its status follows from the code in its message: calls inside Triton lose the status."""
    status = getattr(pb_utils.TritonError, triton_status(message.partition(":")[0]))
    _send(sender, pb_utils.InferenceResponse(error=pb_utils.TritonError(message, status)))


def _send(sender: Any, response: Any) -> None:
    sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
