"""How natural speech sounds, as neural networks predict it: mean opinion scores from 1 (bad) to 5 (excellent)."""

import sys
import warnings
from functools import cache
from importlib.resources import as_file, files
from types import ModuleType

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from transformers.audio_utils import mel_filter_bank, power_to_db, spectrogram, window_function

from voices.evaluation.sound import Sound

_RATE = 16_000  # of both networks

_P808_WINDOW = 144_000  # samples: nine seconds
_P808_HOP, _P808_FRAME, _P808_BANDS = 160, 321, 120


def distill_mos(sound: Sound) -> float:
    """Return the score of Distill-MOS (Stahl and Gamper 2025), which was trained on speech codecs and synthesisers too.

    It judges windows of 7.7 s of speech of any level, and a shorter sound as if silence followed.
    """
    with torch.inference_mode():
        return float(_distill_mos()(torch.from_numpy(sound.at(_RATE).samples)[None]).item())


def p808(sound: Sound) -> float:
    """Return the score of DNSMOS's model of ITU-T P.808 (Reddy et al. 2021), which was trained on denoised speech.

    As its authors do, it repeats a short sound and takes the mean over windows of nine seconds, one at each second.
    """
    samples = sound.at(_RATE).samples
    while len(samples) < _P808_WINDOW:
        samples = np.tile(samples, 2)
    seconds = max(1, len(samples) // _RATE - _P808_WINDOW // _RATE)
    windows = [samples[second * _RATE :][:_P808_WINDOW] for second in range(seconds)]
    features = np.stack([_p808_features(window) for window in windows])
    (scores,) = _p808().run(None, {"input_1": features})
    return float(np.mean(scores))


def _p808_features(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `[frames, bands]`, what librosa's `melspectrogram` and `power_to_db` make of the samples."""
    power = spectrogram(
        samples,
        window_function(_P808_FRAME, "hann"),
        frame_length=_P808_FRAME,
        hop_length=_P808_HOP,
        power=2.0,
        pad_mode="constant",
        mel_filters=_p808_filters(),
        mel_floor=0.0,
    )
    decibels = power_to_db(power, reference=float(power.max()), db_range=80.0)
    features: NDArray[np.float32] = ((decibels + 40) / 40).T.astype(np.float32)
    return features


@cache
def _p808_filters() -> NDArray[np.float64]:
    bins = _P808_FRAME // 2 + 1
    last_bin = (bins - 1) * _RATE // _P808_FRAME  # hertz; the function takes it for half of the sample rate
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "At least one mel filter has all zero values")  # the network has learned so
        filters = mel_filter_bank(bins, _P808_BANDS, 0.0, _RATE / 2, 2 * last_bin, norm="slaney", mel_scale="slaney")
    return np.asarray(filters, dtype=np.float64)


@cache
def _p808() -> onnxruntime.InferenceSession:
    with as_file(files("speechmos") / "dnsmos_models" / "model_v8.onnx") as file:
        return onnxruntime.InferenceSession(file, _one_thread(), providers=["CPUExecutionProvider"])


def _one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options


@cache
def _distill_mos() -> torch.nn.Module:
    # It imports torchaudio to read files for its command line, and there is no build of it for every PyTorch.
    sys.modules["torchaudio"] = ModuleType("torchaudio")
    try:
        from distillmos import ConvTransformerSQAModel
    finally:
        del sys.modules["torchaudio"]
    model: torch.nn.Module = ConvTransformerSQAModel().eval()
    return model
