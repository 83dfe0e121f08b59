import math

import numpy as np
import pytest
import torch

from voices.corpus.mel import SAMPLE_RATE, TOKEN
from voices.training.decoder import STATES, Recording, crops, decoded, losses, new_decoder
from voices.training.discriminators import AdversarialDecoder, optimiser
from voices.training.model_config import HIDDEN

COUNT = 12


def recording(states: int) -> Recording:
    """States whose values are their index, and a full-scale tone."""
    index = np.arange(states, dtype=np.float16)
    samples = 32767 * np.sin(np.arange((states - 1) * TOKEN) * 2 * np.pi * 440 / SAMPLE_RATE)
    return Recording(np.tile(index[:, None], (1, HIDDEN)), samples.astype(np.int16))


def tokens_that_count(batch: torch.Tensor) -> list[list[int]]:
    rows = batch.view(len(batch), STATES - 1, TOKEN)
    assert torch.equal(rows.amin(dim=2), rows.amax(dim=2))
    return [np.flatnonzero(row).tolist() for row in rows[:, :, 0].numpy()]


def test_a_clip_as_long_as_a_crop_counts_to_both_ends() -> None:
    batch = crops([recording(STATES)], COUNT, np.random.default_rng(1))
    assert tokens_that_count(batch.mask) == [list(range(STATES - 1))] * len(batch.states)


def test_tokens_near_a_cut_do_not_count() -> None:
    batch = crops([recording(200)], COUNT, np.random.default_rng(1))
    for states, mask in zip(batch.states, tokens_that_count(batch.mask), strict=True):
        first = int(states[0, 0])
        assert mask[0] == (0 if first == 0 else 2)
        assert mask[-1] == STATES - 2 - (0 if first == 200 - STATES else 2)


def test_the_padding_of_a_short_clip_does_not_count() -> None:
    batch = crops([recording(10)], COUNT, np.random.default_rng(1))
    assert tokens_that_count(batch.mask) == [list(range(7))] * len(batch.states)
    assert (batch.audio[:, 9 * TOKEN :] == 0).all()


def test_the_audio_of_a_crop_belongs_to_its_states() -> None:
    batch = crops([recording(200)], COUNT, np.random.default_rng(1))
    for states, audio in zip(batch.states, batch.audio.numpy(), strict=True):
        place = np.arange(len(audio)) + int(states[0, 0]) * TOKEN
        np.testing.assert_allclose(audio, np.sin(place * 2 * np.pi * 440 / SAMPLE_RATE), atol=0.001)


def test_the_same_sound_has_no_loss() -> None:
    audio = crops([recording(STATES)], 1, np.random.default_rng(1)).audio
    assert losses(audio, audio).total.item() < 0.01


def test_a_phase_counts_among_the_complex_spectra_only() -> None:
    audio = crops([recording(STATES)], 1, np.random.default_rng(1)).audio
    compared = losses(-audio, audio)
    metrics = compared.metrics
    assert metrics["complex"].item() > 1.9
    assert compared.total.item() > 3
    assert metrics["spectrum"].item() < 1e-3
    assert metrics["mel"].item() < 1e-3


def test_a_tenth_of_the_loudness_is_the_same_distance_on_every_mel_band() -> None:
    audio = torch.rand(1, TOKEN * (STATES - 1), generator=torch.Generator().manual_seed(1)) - 0.5
    assert losses(0.1 * audio, audio).metrics["mel"].item() == pytest.approx(math.log(10), abs=0.01)


def test_training_decodes_as_the_decoder_does() -> None:
    torch.manual_seed(1)
    decoder = new_decoder().eval()
    states = torch.randn(1, HIDDEN, 12)
    with torch.no_grad():
        fast, exact = decoded(decoder, states), decoder(states)
    assert (fast - exact).abs().max() < 0.05 * exact.abs().max()


def test_it_learns_a_tone() -> None:
    torch.manual_seed(1)
    model = AdversarialDecoder()
    adam = optimiser(model)
    batch = crops([recording(STATES)], 2, np.random.default_rng(1))
    first = model.eval().losses(batch, adversarial=False).total.item()
    model.train()
    for _ in range(12):
        adam.zero_grad()
        model.losses(batch, adversarial=False).total.backward()  # type: ignore[no-untyped-call]
        adam.step()
    assert model.eval().losses(batch, adversarial=False).total.item() < 0.9 * first
