import math

import numpy as np
import pytest
import torch

from voices.corpus.mel import TOKEN
from voices.training.decoder import STATE_SAMPLES, Crops, Recording, crops, losses, new_decoder, optimiser
from voices.training.model_config import HIDDEN

CROP = 40  # states
COUNT = 12


def recording(states: int) -> Recording:
    """States whose values are their index, and a full-scale tone."""
    index = np.arange(states, dtype=np.float16)
    samples = 32767 * np.sin(np.arange((states - 1) * TOKEN) * 2 * np.pi * 440 / 16000)
    return Recording(np.tile(index[:, None], (1, HIDDEN)), samples.astype(np.int16))


def tokens_that_count(batch: torch.Tensor) -> list[list[int]]:
    rows = batch.view(len(batch), CROP - 1, STATE_SAMPLES)
    assert torch.equal(rows.amin(dim=2), rows.amax(dim=2))
    return [np.flatnonzero(row).tolist() for row in rows[:, :, 0].numpy()]


def test_a_clip_as_long_as_a_crop_counts_to_both_ends() -> None:
    batch = crops([recording(CROP)], COUNT, np.random.default_rng(1))
    assert tokens_that_count(batch.mask) == [list(range(CROP - 1))] * len(batch.states)


def test_tokens_near_a_cut_do_not_count() -> None:
    batch = crops([recording(200)], COUNT, np.random.default_rng(1))
    for states, mask in zip(batch.states, tokens_that_count(batch.mask), strict=True):
        first = int(states[0, 0])
        assert mask[0] == (0 if first == 0 else 2)
        assert mask[-1] == CROP - 2 - (0 if first == 200 - CROP else 2)


def test_the_padding_of_a_short_clip_does_not_count() -> None:
    batch = crops([recording(10)], COUNT, np.random.default_rng(1))
    assert tokens_that_count(batch.mask) == [list(range(7))] * len(batch.states)
    assert (batch.audio[:, 9 * STATE_SAMPLES + 100 :].abs() < 1e-3).all()


def test_the_audio_of_a_crop_belongs_to_its_states() -> None:
    batch = crops([recording(200)], COUNT, np.random.default_rng(1))
    for states, audio in zip(batch.states, batch.audio.numpy(), strict=True):
        inside = np.arange(1000, len(audio) - 1000)
        wanted = np.sin((int(states[0, 0]) * STATE_SAMPLES + inside) * 2 * np.pi * 440 / 32000)
        np.testing.assert_allclose(audio[inside], wanted, atol=0.01)


@pytest.mark.parametrize(("noise", "wanted"), [(0.0, 0.0), (math.pi, 1.0)])
def test_phases_have_to_advance_as_the_recordings_do(
    monkeypatch: pytest.MonkeyPatch, noise: float, wanted: float
) -> None:
    """A constant offset of all phases does not count."""
    batch = crops([recording(CROP)], COUNT, np.random.default_rng(1))
    spectrum = torch.stft(batch.audio, 2048, 512, window=torch.hann_window(2048), return_complex=True)
    torch.manual_seed(1)
    phase = spectrum.angle() + 2.0 + noise * (2 * torch.rand(spectrum.shape) - 1)
    monkeypatch.setattr("voices.training.decoder._head", lambda *_: (spectrum.abs().clamp(min=1e-9).log(), phase))
    measured = losses(new_decoder(), batch)
    assert measured.magnitude.item() == pytest.approx(0, abs=1e-3)
    assert measured.phase_advance.item() == pytest.approx(wanted, abs=0.02)


def test_a_tenth_of_the_loudness_is_the_same_distance_on_every_mel_band(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = torch.rand(1, STATE_SAMPLES * (CROP - 1), generator=torch.Generator().manual_seed(1)) - 0.5
    batch = Crops(torch.zeros(1, HIDDEN, CROP), audio, torch.ones_like(audio))
    spectrum = torch.stft(audio, 2048, 512, window=torch.hann_window(2048), return_complex=True)
    loudness = (0.1 * spectrum.abs()).clamp(min=1e-9).log()
    monkeypatch.setattr("voices.training.decoder._head", lambda *_: (loudness, spectrum.angle()))
    assert losses(new_decoder(), batch).mel.item() == pytest.approx(math.log(10), abs=0.05)


def test_it_learns_a_tone() -> None:
    torch.manual_seed(1)
    decoder = new_decoder()
    adam = optimiser(decoder)
    batch = crops([recording(CROP)], 2, np.random.default_rng(1))
    first = losses(decoder, batch).total.item()
    for _ in range(12):
        adam.zero_grad()
        losses(decoder, batch).total.backward()  # type: ignore[no-untyped-call]
        adam.step()
    assert losses(decoder, batch).total.item() < 0.9 * first
