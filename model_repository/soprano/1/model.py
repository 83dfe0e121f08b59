"""The whole-clip model: passes each request on to `soprano_stream` and answers it when its clip is done.

A clip comes back as exactly one final response: several responses to concurrent calls inside Triton can deadlock it.
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
_INPUTS = ("text", "temperature", "top_p", "repetition_penalty", "top_k", "retries", "seed")


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Start the threads that wait for clips."""
        self._max_open = int(json.loads(args["model_config"])["parameters"]["max_open"]["string_value"])
        self._places = threading.Semaphore(self._max_open)
        self._callers = ThreadPoolExecutor(self._max_open, thread_name_prefix="call")

    def execute(self, requests: list[Any]) -> None:
        """Take the requests in; each is answered later, through its own sender."""
        for request in requests:
            sender = request.get_response_sender()
            if self._places.acquire(blocking=False):
                self._take_in(request, sender)
            else:
                _fail(sender, f"overloaded: the limit of {self._max_open} open requests is reached; try again later")

    def finalize(self) -> None:
        """Wait for what is open, then end the threads."""
        self._callers.shutdown()

    def _take_in(self, request: Any, sender: Any) -> None:
        """Copy what is needed, since the request is gone when `execute` returns."""
        try:
            inputs, wanted = _copy_inputs(request), list(request.requested_output_names())
        except Exception as error:  # it would fail the whole batch
            _fail(sender, f"invalid_parameter: the inputs cannot be read: {error}")
            self._places.release()
        else:
            self._callers.submit(self._call, sender, inputs, wanted)

    def _call(self, sender: Any, inputs: Arrays, wanted: list[str]) -> None:
        try:
            _pass_on(sender, inputs, wanted)
        except Exception as error:  # whatever it is, Triton waits for an answer
            pb_utils.Logger.log_error(f"{_ENGINE_MODEL} could not be called: {error!r}")
            _fail(sender, "internal: the request could not be passed on; see the server's log")
        finally:
            self._places.release()


def _copy_inputs(request: Any) -> Arrays:
    """Copy the inputs that were sent."""
    tensors = {name: pb_utils.get_input_tensor_by_name(request, name) for name in _INPUTS}
    return {name: tensor.as_numpy().copy() for name, tensor in tensors.items() if tensor is not None}


def _pass_on(sender: Any, inputs: Arrays, wanted: list[str]) -> None:
    """Have the engine's model speak a whole clip and answer with it."""
    tensors = [pb_utils.Tensor(name, value) for name, value in inputs.items()]
    tensors.append(pb_utils.Tensor("whole", np.array([[True]])))
    request = pb_utils.InferenceRequest(model_name=_ENGINE_MODEL, inputs=tensors, requested_output_names=wanted)
    responses = request.exec(decoupled=True)
    (response,) = responses
    # The stub drops its own reference to `responses` in a thread without the GIL. If that one is the last, Triton 24.10
    # frees Python objects there and crashes; so ours outlives it: this question waits in line behind that work.
    sender.is_cancelled()
    if response.has_error():
        _fail(sender, response.error().message())
        return
    # Held until `send` has returned: Triton 24.10 frees arrays that nobody else refers to without the GIL.
    outputs = [pb_utils.get_output_tensor_by_name(response, name) for name in wanted]
    _send(sender, pb_utils.InferenceResponse(output_tensors=outputs))


def _fail(sender: Any, message: str) -> None:
    """Answer with an error; its status follows the code in its message, since a call inside Triton loses it."""
    status = getattr(pb_utils.TritonError, triton_status(message.partition(":")[0]))
    _send(sender, pb_utils.InferenceResponse(error=pb_utils.TritonError(message, status)))


def _send(sender: Any, response: Any) -> None:
    sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
