"""Speech from Triton itself, chunk by chunk over gRPC, into a WAV file.

    pip install 'tritonclient[grpc]' numpy
    python examples/triton_stream.py "Hello from Triton." hello.wav

docs/triton.md describes the model's tensors.
"""

import os
import queue
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferenceServerClient, InferInput, InferResult
from tritonclient.utils import InferenceServerException

MODEL = "soprano_stream"

Response = tuple[InferResult | None, InferenceServerException | None]


def speak(client: InferenceServerClient, text: str) -> Iterator[tuple[NDArray[np.int16], int]]:
    """Yield the samples of each chunk, mono, and their rate in Hz. Raises what Triton reports."""
    responses: queue.SimpleQueue[Response] = queue.SimpleQueue()
    client.start_stream(lambda result, error: responses.put((result, error)))
    try:
        client.async_stream_infer(MODEL, [text_tensor(text)])
        while True:
            result, error = responses.get()
            if result is None:
                raise error or RuntimeError("Triton sent neither a result nor an error")
            yield result.as_numpy("audio").reshape(-1), int(result.as_numpy("sample_rate").item())
            if result.get_response().parameters["triton_final_response"].bool_param:
                return
    finally:
        client.stop_stream(cancel_requests=True)  # ends the synthesis of a clip that is not complete


def text_tensor(text: str) -> InferInput:
    """Return the one input that is required; sampling parameters would be further tensors of shape [1, 1]."""
    tensor = InferInput("text", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[text.encode()]], dtype=object))
    return tensor


def main(text: str, path: Path) -> None:
    """Write `text` as speech to the WAV file `path`, as it comes."""
    url = os.environ.get("SOPRANO_TRITON_URL", "127.0.0.1:8001")
    with InferenceServerClient(url) as client, wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        for number, (samples, rate) in enumerate(speak(client, text)):
            if number == 0:
                file.setframerate(rate)
            file.writeframes(samples.tobytes())
            print(f"chunk {number}: {len(samples) / rate:.3f} s")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
