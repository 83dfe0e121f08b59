import ctypes.util
from pathlib import Path

import numpy as np
import pytest
import torch

from voices.corpus import clips, teacher
from voices.corpus.mel import log_mel, token_count

needs_flite = pytest.mark.skipif(
    ctypes.util.find_library("flite_cmu_us_rms") is None, reason="the teacher, Debian's package flite, is not installed"
)


@needs_flite
def test_the_teacher_speaks_between_two_short_silences() -> None:
    samples = teacher.speak("good morning to you.").astype(np.float32) / 32768
    assert 1.0 < len(samples) / teacher.SAMPLE_RATE < 2.5
    before, after = int(0.035 * teacher.SAMPLE_RATE), int(0.19 * teacher.SAMPLE_RATE)
    assert np.abs(samples[:before]).max() < 0.01
    assert np.abs(samples[-after:]).max() < 0.01
    assert 0.05 < np.sqrt(np.square(samples).mean()) < 0.25
    assert np.abs(samples).max() < 0.95


@needs_flite
def test_it_speaks_a_sentence_the_same_way_each_time_except_for_noise() -> None:
    first, second = (log_mel(torch.from_numpy(teacher.speak("once more.") / np.float32(32768))) for _ in range(2))
    shorter = min(len(first), len(second))
    assert max(len(first), len(second)) <= shorter + 1  # the noise shifts the trimmed ends
    assert (first[:shorter] - second[:shorter]).abs().mean() < 0.5


@needs_flite
def test_clips_are_loaded_as_they_were_made_and_made_only_once(tmp_path: Path) -> None:
    sentences = ["hello there.", "this is the second one.", "and a third."]
    assert list(clips.make(tmp_path, sentences)) == [0, 3]
    assert list(clips.make(tmp_path, sentences)) == [3]
    loaded = clips.load(tmp_path)
    assert loaded.texts == sentences
    for text, audio, mel in zip(loaded.texts, loaded.audio, loaded.mel, strict=True):
        assert len(audio) == pytest.approx(len(teacher.speak(text)), abs=1000)  # the noise shifts the trimmed ends
        assert len(mel) == token_count(len(audio))
        wanted = log_mel(torch.from_numpy(audio.astype(np.float32) / 32768))
        np.testing.assert_allclose(mel, wanted, atol=0.01)
    assert loaded.hours == pytest.approx(sum(map(len, loaded.audio)) / 16000 / 3600)
