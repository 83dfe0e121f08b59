"""A plain port of upstream's `SopranoTTS` to Triton: one `infer_batch` for all requests of a batch.

SOPRANO_CHECKPOINT is the directory of the checkpoint; without it, upstream downloads its own.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from soprano.tts import SopranoTTS
from torch import Tensor

SAMPLE_RATE = 32_000


class TritonPythonModel:
    """The class that Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:  # noqa: ARG002 - Triton's signature
        """Load the model, which warms itself up."""
        self._tts = SopranoTTS(model_path=os.environ.get("SOPRANO_CHECKPOINT"))
        self._held: list[Any] = []

    def execute(self, requests: list[Any]) -> list[Any]:
        """Speak the texts of all requests in one batch; each gets its own clip, or its own error."""
        texts = [_text(request) for request in requests]
        clips = iter(self._speak([text for text in texts if isinstance(text, str)]))
        answers = [next(clips) if isinstance(text, str) else text for text in texts]
        responses = [_response(request, answer) for request, answer in zip(requests, answers, strict=True)]
        # Keep them until Triton has copied them, which it does after `execute` returns: Triton 24.10 frees arrays
        # without the GIL if it has the only reference.
        self._held = responses
        return responses

    def _speak(self, texts: Sequence[str]) -> list[Tensor | Exception]:
        """Return a clip for each text. If one of them fails the batch, each is spoken alone and may fail alone."""
        try:
            return list(self._tts.infer_batch(texts))
        except Exception as error:  # upstream has no error classes of its own
            return [error] if len(texts) == 1 else [self._speak([text])[0] for text in texts]


def _text(request: Any) -> str | ValueError:  # noqa: ANN401 - Triton's type exists only inside its process
    """Return the text of a request, or the error in it."""
    values = pb_utils.get_input_tensor_by_name(request, "text").as_numpy().reshape(-1)
    if len(values) != 1:
        return ValueError("send one text a request")
    try:
        text: str = values[0].decode("utf-8")
    except UnicodeDecodeError:
        return ValueError("the text is not UTF-8")
    return text if text.strip() else ValueError("the text is empty")


def _response(request: Any, answer: Tensor | Exception) -> Any:  # noqa: ANN401 - as above
    if isinstance(answer, Exception):
        return pb_utils.InferenceResponse(error=pb_utils.TritonError(f"the text cannot be spoken: {answer}"))
    wanted = request.requested_output_names()
    values = {"audio": _pcm16(answer)[None], "sample_rate": np.array([[SAMPLE_RATE]], dtype=np.int32)}
    tensors = [pb_utils.Tensor(name, value) for name, value in values.items() if name in wanted]
    return pb_utils.InferenceResponse(output_tensors=tensors)


def _pcm16(clip: Tensor) -> NDArray[np.int16]:
    """Convert samples as upstream's server does."""
    return (np.clip(clip.numpy(), -1.0, 1.0) * 32767).astype(np.int16)
