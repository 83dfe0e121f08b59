"""Decoding of the server's audio with other libraries than the one that encoded it."""

import io
import subprocess

import imageio_ffmpeg
import numpy as np
import soundfile

from voices.errors import VoiceError
from voices.evaluation.sound import Sound

_PCM_RATE = 24_000  # the rate that every client assumes for `pcm`
_FFMPEG_RATE = 32_000
# libsndfile cannot decode AAC, and it seeks in FLAC, which fails because a stream's header has no length.
_READ_BY_FFMPEG = {"aac", "flac"}


def read(body: bytes, audio_format: str) -> Sound:
    """Decode a clip in one of the API's formats but telephony's. Raises `VoiceError` if `body` is not in that."""
    if audio_format == "pcm":
        return Sound.of_integers(np.frombuffer(body, np.int16), _PCM_RATE)
    if audio_format in _READ_BY_FFMPEG:
        return _read_by_ffmpeg(body)
    try:
        return Sound(*soundfile.read(io.BytesIO(body), dtype="float32"))
    except soundfile.LibsndfileError as error:
        raise VoiceError(f"the server's answer is not {audio_format}: {error}") from error


def _read_by_ffmpeg(body: bytes) -> Sound:
    output = ["-f", "f32le", "-ac", "1", "-ar", str(_FFMPEG_RATE), "pipe:1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "pipe:0", *output]
    done = subprocess.run(command, input=body, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise VoiceError(f"the server's answer cannot be decoded: {done.stderr.decode(errors='replace').strip()}")
    return Sound(np.frombuffer(done.stdout, np.float32), _FFMPEG_RATE)
