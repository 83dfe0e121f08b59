"""The teacher: flite's `cmu_us_rms`, a free synthesiser that is forty times faster than real time on one core.

Its licence allows any use of the voice and of its speech. It runs in this process, through its C library.
"""

import ctypes
from functools import cache

import numpy as np
from numpy.typing import NDArray

from voices.errors import VoiceError

SAMPLE_RATE = 16_000

_VOICE = "cmu_us_rms"
_AUDIBLE = 0.004  # of full scale
_GAIN = 1.5  # the voice was recorded at a low level; with this gain, peaks reach 0.7 of full scale
_BEFORE, _AFTER = 0.04, 0.2  # seconds of silence around a sentence; their sum is the pause between two sentences


class _Wave(ctypes.Structure):
    """`cst_wave` of flite's headers."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


@cache
def _flite() -> tuple[ctypes.CDLL, ctypes.c_void_p]:
    """The library and the voice, loaded once in each process."""
    try:
        library = ctypes.CDLL("libflite.so.1")
        voices = ctypes.CDLL(f"libflite_{_VOICE}.so.1")
    except OSError as error:
        raise VoiceError(f"flite is not installed ({error}); on Debian: apt-get install flite") from error
    library.flite_text_to_wave.restype = ctypes.POINTER(_Wave)
    library.flite_text_to_wave.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    library.delete_wave.argtypes = (ctypes.POINTER(_Wave),)
    register = getattr(voices, f"register_{_VOICE}")
    register.restype = ctypes.c_void_p
    register.argtypes = (ctypes.c_char_p,)
    library.flite_init()
    return library, ctypes.c_void_p(register(None))


def speak(text: str) -> NDArray[np.int16]:
    """Speak a normalised sentence: samples `[T]` at 16 kHz, with the same short silence around every sentence.

    Returns no samples for a sentence without audible speech. Raises `VoiceError` if flite is not installed.
    """
    library, voice = _flite()
    wave = library.flite_text_to_wave(text.encode("ascii"), voice)
    if not wave:
        raise VoiceError(f"flite could not read {text!r}")
    try:
        samples = np.ctypeslib.as_array(wave.contents.samples, (wave.contents.num_samples,)).astype(np.float32) / 32768
    finally:
        library.delete_wave(wave)
    return _trim(samples)


def _trim(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    audible = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(audible):
        return np.zeros(0, dtype=np.int16)
    before, after = int(_BEFORE * SAMPLE_RATE), int(_AFTER * SAMPLE_RATE)
    samples = np.pad(samples, (before, after))[audible[0] : audible[-1] + before + after]
    louder: NDArray[np.float32] = np.rint(samples * _GAIN * 32768)
    return louder.clip(-32768, 32767).astype(np.int16)
