from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from voices.corpus.audio_tokens import AudioTokens

KINDS, FEATURES = 16, 320


@pytest.fixture(scope="module")
def kinds() -> NDArray[np.float16]:
    return np.random.default_rng(1).normal(0, 3, (KINDS, FEATURES)).astype(np.float16)


@pytest.fixture(scope="module")
def tokens(kinds: NDArray[np.float16]) -> AudioTokens:
    noise = np.random.default_rng(2).normal(0, 0.1, (KINDS * 100, FEATURES))
    return AudioTokens.fit((np.tile(kinds, (100, 1)) + noise).astype(np.float16), 2 * KINDS, seed=1)


def test_each_kind_of_sound_has_a_token_of_its_own(tokens: AudioTokens, kinds: NDArray[np.float16]) -> None:
    assert len(set(tokens(torch.from_numpy(kinds)).tolist())) == KINDS


def test_even_and_odd_places_have_tokens_of_their_own(tokens: AudioTokens, kinds: NDArray[np.float16]) -> None:
    even, odd = tokens(torch.from_numpy(kinds[[3, 3]])).tolist()
    assert odd == even + KINDS


def test_the_same_seed_finds_the_same_tokens(kinds: NDArray[np.float16]) -> None:
    rows = np.tile(kinds, (10, 1))
    first, second = (AudioTokens.fit(rows, 2 * KINDS, seed=3) for _ in range(2))
    torch.testing.assert_close(first.centres, second.centres)


def test_what_is_saved_is_what_is_loaded(tokens: AudioTokens, kinds: NDArray[np.float16], tmp_path: Path) -> None:
    tokens.save(tmp_path / "tokens.pt")
    loaded = AudioTokens.load(tmp_path / "tokens.pt")
    rows = torch.from_numpy(kinds)
    assert torch.equal(loaded(rows), tokens(rows))


def test_neighbours_are_the_nearest_others(tokens: AudioTokens) -> None:
    neighbours = tokens.neighbours(3)
    assert neighbours.shape == (2 * KINDS, 3)
    assert not (neighbours == torch.arange(2 * KINDS)[:, None]).any()
    nearest = torch.cdist(tokens.centres, tokens.centres).fill_diagonal_(torch.inf).argmin(dim=1)
    assert torch.equal(neighbours[:, 0], torch.cat((nearest, nearest + KINDS)))
