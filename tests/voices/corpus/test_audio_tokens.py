from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from voices.corpus.audio_tokens import AudioTokens
from voices.corpus.clips import Clip

KINDS, FEATURES = 16, 320
PERIODS = 12


def clip(mel: np.ndarray[tuple[int, ...], np.dtype[np.float16]]) -> Clip:
    count = len(mel)
    return Clip("", mel, np.full(count, PERIODS, np.int16), np.ones(count, np.bool_))


@pytest.fixture(scope="module")
def kinds() -> Clip:
    """A token of each of sixteen kinds of sound."""
    return clip(np.random.default_rng(1).normal(0, 3, (KINDS, FEATURES)).astype(np.float16))


@pytest.fixture(scope="module")
def tokens(kinds: Clip) -> AudioTokens:
    noise = np.random.default_rng(2).normal(0, 0.1, (KINDS * 100, FEATURES))
    return AudioTokens.fit([clip((np.tile(kinds.mel, (100, 1)) + noise).astype(np.float16))], KINDS, seed=1)


def test_each_kind_of_sound_has_a_token_of_its_own(tokens: AudioTokens, kinds: Clip) -> None:
    assert len(set(tokens(kinds).tolist())) == KINDS


def test_a_sound_has_a_token_for_each_pitch() -> None:
    sound = clip(np.random.default_rng(1).normal(0, 0.01, (60, FEATURES)).astype(np.float16))
    pitches = np.tile(np.arange(10, 16, dtype=np.int16), 10)
    sung = replace(sound, periods=pitches)
    found = AudioTokens.fit([sung], 6, seed=1)(sung)
    assert len({*zip(found.tolist(), pitches.tolist(), strict=True)}) == 6


def test_the_pitch_of_a_sound_without_voice_does_not_count(tokens: AudioTokens, kinds: Clip) -> None:
    silent = replace(kinds, voiced=np.zeros(KINDS, np.bool_))
    other = replace(silent, periods=silent.periods + 5)
    assert torch.equal(tokens(silent), tokens(other))


def test_the_same_seed_finds_the_same_tokens(kinds: Clip) -> None:
    rows = clip(np.tile(kinds.mel, (10, 1)))
    first, second = (AudioTokens.fit([rows], KINDS, seed=3) for _ in range(2))
    torch.testing.assert_close(first.centres, second.centres)


def test_what_is_saved_is_what_is_loaded(tokens: AudioTokens, kinds: Clip, tmp_path: Path) -> None:
    tokens.save(tmp_path / "tokens.pt")
    loaded = AudioTokens.load(tmp_path / "tokens.pt")
    assert torch.equal(loaded(kinds), tokens(kinds))


def test_neighbours_are_the_nearest_others(tokens: AudioTokens) -> None:
    neighbours = tokens.neighbours(3)
    assert neighbours.shape == (KINDS, 3)
    assert not (neighbours == torch.arange(KINDS)[:, None]).any()
    nearest = torch.cdist(tokens.centres, tokens.centres).fill_diagonal_(torch.inf).argmin(dim=1)
    assert torch.equal(neighbours[:, 0], nearest)
