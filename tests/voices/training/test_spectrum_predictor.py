"""The teacher of these tests has spectra among its features, so what is to be predicted is known."""

import numpy as np
import pytest
import torch

from tests.voices.corpus.voiced import glide
from voices.corpus.clips import Clip, RecordedClip, recorded_clip
from voices.corpus.mel import BANDS
from voices.corpus.teacher import FEATURE_RATE, HIDDEN, SAMPLE_RATE, Features, Recording, loudness
from voices.training.spectrum_predictor import SpectrumPredictor, collate, optimiser

HERTZ = 200.0


def recording(seconds: float, seed: int) -> Recording:
    """A hum whose loudness changes, between silences."""
    draw = np.random.default_rng(seed)
    hum = glide(HERTZ, HERTZ, seconds, SAMPLE_RATE)
    changes = np.interp(np.arange(len(hum)), np.linspace(0, len(hum), 8), draw.uniform(0.1, 1, 8))
    samples = np.pad(hum * changes, SAMPLE_RATE // 4).astype(np.float32)
    rows = int(len(samples) / SAMPLE_RATE * FEATURE_RATE)
    times = ((np.arange(rows) + 0.5) / FEATURE_RATE * SAMPLE_RATE).astype(int)
    level = np.log(loudness(samples)[times] + 1e-3)
    hidden = np.zeros((rows, HIDDEN), np.float16)
    hidden[:, :40] = level[:, None]
    return Recording(samples, Features(hidden, np.where(level > -5, HERTZ, 5.0).astype(np.float32)))


def clip(seconds: float, seed: int) -> RecordedClip:
    made = recorded_clip(f"hum {seed}", recording(seconds, seed))
    assert made is not None
    return made


@pytest.fixture(scope="module")
def trained() -> SpectrumPredictor:
    torch.manual_seed(1)
    clips = [clip(0.6 + 0.05 * seed, seed) for seed in range(8)]
    model = SpectrumPredictor()
    model.scale_to(clips)
    # It begins near the truth and learns faster than in earnest, so that a few steps are enough.
    last = model.spectrum[2]
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        model.sound.bias[0] = last.bias[:] = -6
    steps = optimiser(model)
    steps.param_groups[0]["lr"] *= 3
    for _ in range(250):
        steps.zero_grad()
        model.losses(collate(clips)).total.backward()  # type: ignore[no-untyped-call]
        steps.step()
    return model


def alike(first: Clip, second: Clip) -> float:
    """The correlation of how the loudness of two clips changes."""
    levels = [clip.mel.astype(np.float32).reshape(-1, BANDS).mean(axis=1) for clip in (first, second)]
    count = min(map(len, levels))
    return float(np.corrcoef(levels[0][:count], levels[1][:count])[0, 1])


def test_a_clip_without_sound_is_as_the_recorded_one(trained: SpectrumPredictor) -> None:
    unheard, known = recording(1.1, 50), clip(1.1, 50)
    silent = trained.clip("hum", unheard.features)
    assert silent is not None
    assert abs(len(silent.mel) - len(known.mel)) <= 1
    count = min(len(silent.mel), len(known.mel))
    voiced = silent.voiced[:count] & known.voiced[:count]
    assert voiced.sum() > 0.8 * max(known.voiced.sum(), silent.voiced.sum())
    assert abs(silent.periods[:count] - known.periods[:count])[voiced].max() <= 1
    assert alike(silent, known) > 0.7  # it may begin a frame earlier or later


def test_a_recorded_clip_is_smoothed_in_its_spectra_only(trained: SpectrumPredictor) -> None:
    known = clip(1.1, 50)
    smooth = trained.smooth(known)
    assert smooth.text == known.text
    np.testing.assert_array_equal(smooth.periods, known.periods)
    np.testing.assert_array_equal(smooth.voiced, known.voiced)
    assert smooth.mel.shape == known.mel.shape
    assert alike(smooth, known) > 0.9


def test_features_of_silence_make_no_clip(trained: SpectrumPredictor) -> None:
    silence = recording(1.0, 1).features
    hidden = np.zeros_like(silence.hidden)
    hidden[:, :40] = np.log(1e-3)
    assert trained.clip("nothing", Features(hidden, np.full(len(hidden), 5, np.float32))) is None


def test_padding_changes_nothing() -> None:
    torch.manual_seed(1)
    model = SpectrumPredictor()
    short, long = clip(0.7, 1), clip(1.4, 2)
    frames = len(short.rows)
    batch, alone = collate([short, long]), collate([short])
    together = model.mel(model.states(batch.hidden, batch.frequency), batch.rows)[0, : frames - 8]
    single = model.mel(model.states(alone.hidden, alone.frequency), alone.rows)[0, : frames - 8]
    torch.testing.assert_close(together, single, atol=1e-4, rtol=1e-4)
    counted = [float(model.losses(collate([each])).metrics["spectrum"]) * len(each.rows) for each in (short, long)]
    both = float(model.losses(batch).metrics["spectrum"])
    assert both == pytest.approx(sum(counted) / (frames + len(long.rows)), rel=0.02)


def test_frames_between_two_rows_are_between_them() -> None:
    model = SpectrumPredictor()
    states = torch.zeros(1, 3, 256)
    rows = torch.tensor([[0.0, 0.5, 1.0, 2.0, 5.0, -1.0]])
    assert model.mel(states, rows).shape == (1, 6, BANDS)
