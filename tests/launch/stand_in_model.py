"""Stands in for `soprano_stream`: Triton's model file in the tests' repository. Ten samples, no engine, no PyTorch.

Each request adds a byte to the file `$STAND_IN_FAULT.requests`. A word in the file `$STAND_IN_FAULT` selects a fault:

- `unloadable`: loading raises; `deadly`: loading ends the process
- `silent`: requests stay open; `broken`: they fail; `recovering`: the engine is being replaced
- `overloaded`: they are refused while audio is made for others; `stuck`: they are refused and no audio is made
- `frozen`: the first request holds Python's lock for a minute, so that the whole process does not react
"""

import ctypes
import os
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

_CODES = {"overloaded": "overloaded", "stuck": "overloaded", "broken": "internal", "recovering": "unavailable"}

# The senders of requests that are never answered; deleting a sender would end its request.
_open: list[Any] = []


def _fault() -> str:
    path = Path(os.environ["STAND_IN_FAULT"])
    return path.read_text() if path.exists() else ""


class TritonPythonModel:
    def __init__(self) -> None:
        kind = pb_utils.MetricFamily.COUNTER
        self._family = pb_utils.MetricFamily(name="soprano_audio_seconds_total", description="Audio", kind=kind)
        self._audio = self._family.Metric(labels={})

    def initialize(self, _: dict[str, str]) -> None:
        if _fault() == "unloadable":
            raise ValueError("there is no checkpoint here: fetch one")
        if _fault() == "deadly":
            print("out of luck", flush=True)  # noqa: T201 - a process's last words
            os._exit(9)

    def execute(self, requests: list[Any]) -> None:
        with open(os.environ["STAND_IN_FAULT"] + ".requests", "ab") as count:
            count.write(b"." * len(requests))
        for request in requests:
            if _fault() != "stuck":
                self._audio.increment(1)
            _answer(request.get_response_sender())


def _answer(sender: Any) -> None:
    fault = _fault()
    if fault == "silent":
        _open.append(sender)
        return
    if fault == "frozen":
        ctypes.PyDLL(None).sleep(60)
    if code := _CODES.get(fault):
        response = pb_utils.InferenceResponse(error=pb_utils.TritonError(f"{code}: as the test wants it"))
    else:
        response = pb_utils.InferenceResponse(_outputs())
    sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def _outputs() -> list[Any]:
    return [
        pb_utils.Tensor("audio", np.arange(10, dtype=np.int16)[None]),
        pb_utils.Tensor("sample_rate", np.array([[32000]], np.int32)),
        pb_utils.Tensor("usage", np.array([[1, 2]], np.int32)),
        pb_utils.Tensor("sentences", np.array([[b"[]"]], np.object_)),
        pb_utils.Tensor("checkpoint", np.array([[b"stand-in"]], np.object_)),
    ]
