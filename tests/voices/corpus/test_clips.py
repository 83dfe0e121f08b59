import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.voices.corpus.voiced import glide
from voices.corpus import clips, teacher
from voices.corpus.mel import SAMPLE_RATE, TOKEN, log_mel
from voices.corpus.teacher import FEATURE_RATE, Features, Recording
from voices.errors import VoiceError

SENTENCES = ["hello there.", "this is the second one."]
SILENCE = 0.3  # seconds


def speak(text: str) -> Recording | None:
    """A voice that sings longer for a longer text, between silences, and cannot say "mute" or "nothing"."""
    if text == "mute":
        return None
    silence = np.zeros(int(SILENCE * teacher.SAMPLE_RATE), np.float32)
    song = glide(180, 220, 0.05 * len(text), teacher.SAMPLE_RATE) * (text != "nothing")
    samples = np.concatenate((silence, song, silence))
    rows = int(len(samples) / teacher.SAMPLE_RATE * FEATURE_RATE)
    return Recording(samples, Features(np.zeros((rows, 4), np.float16), np.full(rows, 200, np.float32)))


def test_the_parts_of_a_clip_belong_together() -> None:
    (clip,) = clips.record(SENTENCES[:1], speak)
    assert len(clip.mel) == len(clip.periods) == len(clip.voiced) == len(clip.audio) // TOKEN + 1
    assert len(clip.hidden) == len(clip.frequency) == len(clip.loudness) == len(clip.voice)
    assert len(clip.rows) == 4 * len(clip.mel)
    rounded = log_mel(torch.from_numpy(clip.audio.astype(np.float32) / 32768)).numpy()
    assert np.abs(clip.mel - rounded).mean() < 0.005


def test_a_clip_knows_which_features_its_frames_come_from() -> None:
    (clip,) = clips.record(SENTENCES[:1], speak)
    begins, ends = SILENCE, SILENCE + 0.05 * len(SENTENCES[0])
    times = (np.arange(len(clip.voice)) + 0.5) / FEATURE_RATE
    sung = (times > begins + 0.03) & (times < ends - 0.03)
    assert (clip.voice[sung] > 0.5).all()
    assert (clip.voice[(times < begins - 0.03) | (times > ends + 0.03)] < 0.5).all()
    assert clip.loudness[sung].min() > np.log(teacher.AUDIBLE) > clip.loudness[times < begins - 0.03].max()
    # The clip begins a little before the song, and so do its rows.
    seconds = (clip.rows + 0.5) / FEATURE_RATE
    loud = np.exp(clip.mel.astype(np.float32)).reshape(len(seconds), -1).sum(axis=1) > 0.1
    assert seconds[loud].min() == pytest.approx(begins, abs=0.02)
    assert seconds[loud].max() == pytest.approx(ends, abs=0.02)


def test_rows_are_where_their_times_are() -> None:
    times = teacher.row_times(3)
    np.testing.assert_allclose(times, [0.00625, 0.01875, 0.03125])
    np.testing.assert_allclose(teacher.rows_at(times + 0.00625), [0.5, 1.5, 2.5], rtol=1e-6)


def test_what_cannot_be_said_or_heard_is_left_out() -> None:
    assert [clip.text for clip in clips.record(["mute", "nothing", *SENTENCES], speak)] == SENTENCES


def test_hours_are_those_of_the_sound() -> None:
    made = clips.record(SENTENCES, speak)
    assert clips.hours(made) == pytest.approx(sum(len(clip.audio) for clip in made) / SAMPLE_RATE / 3600)


def test_a_teacher_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(VoiceError, match="make voice"):
        teacher.Teacher(tmp_path / "voice.bin")
