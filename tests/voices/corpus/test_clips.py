import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.voices.corpus.voiced import glide
from voices.corpus import clips, shards, teacher
from voices.corpus.mel import TOKEN, log_mel
from voices.errors import VoiceError

SENTENCES = ["hello there.", "this is the second one.", "and a third."]


def speak(text: str) -> NDArray[np.int16]:
    """A voice that sings longer for a longer text, and cannot say "mute"."""
    if text == "mute":
        return np.zeros(0, np.int16)
    return (32767 * glide(180, 220, 0.05 * len(text), teacher.SAMPLE_RATE)).astype(np.int16)


def record_and_write(file: Path, sentences: Sequence[str]) -> None:
    clips.write(file, clips.record(sentences, speak))


def test_clips_are_loaded_as_they_were_made_and_made_only_once(tmp_path: Path) -> None:
    assert list(shards.make(tmp_path, SENTENCES, record_and_write)) == [0, 3]
    assert list(shards.make(tmp_path, SENTENCES, record_and_write)) == [3]
    loaded = clips.load(tmp_path)
    assert [clip.text for clip in loaded] == SENTENCES
    for got, wanted in zip(loaded, clips.record(SENTENCES, speak), strict=True):
        for name in ("audio", "mel", "periods", "voiced"):
            np.testing.assert_array_equal(getattr(got, name), getattr(wanted, name))
    assert clips.hours(loaded) == pytest.approx(sum(len(clip.audio) for clip in loaded) / 32000 / 3600)


def test_the_parts_of_a_clip_belong_together() -> None:
    (clip,) = clips.record(SENTENCES[:1], speak)
    assert len(clip.mel) == len(clip.periods) == len(clip.voiced) == len(clip.audio) // TOKEN + 1
    rounded = log_mel(torch.from_numpy(clip.audio.astype(np.float32) / 32768)).numpy()
    assert np.abs(clip.mel - rounded).mean() < 0.005


def test_a_sentence_without_sound_is_left_out() -> None:
    assert [clip.text for clip in clips.record(["mute", "hello there."], speak)] == ["hello there."]


def test_a_teacher_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(VoiceError, match="make voice"):
        teacher.Teacher(tmp_path / "voice.bin")
