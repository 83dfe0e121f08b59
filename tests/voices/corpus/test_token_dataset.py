from pathlib import Path

import numpy as np
import torch

from tests.voices.corpus.test_clips import needs_flite
from voices.corpus import clips, token_dataset
from voices.corpus.audio_tokens import AudioTokens


@needs_flite
def test_the_dataset_has_the_tokens_of_the_teachers_sound(tmp_path: Path) -> None:
    sentences = ["hello there.", "this is the second one.", "and a third."]
    file = tmp_path / "audio_tokens.pt"
    recorded = clips.record(sentences)
    tokens = AudioTokens.fit(np.concatenate(recorded.mel).repeat(8, axis=0), 32, seed=1)
    tokens.save(file)
    assert list(token_dataset.make(tmp_path / "readings", sentences, file)) == [0, 3]
    assert list(token_dataset.make(tmp_path / "readings", sentences, file)) == [3]
    read = token_dataset.load(tmp_path / "readings")
    assert read.texts == sentences
    for got, rows in zip(read.tokens, recorded.mel, strict=True):
        wanted = tokens(torch.from_numpy(rows)).numpy()
        shared = min(len(got), len(wanted))
        assert max(len(got), len(wanted)) <= shared + 1  # the noise shifts the trimmed ends
        assert (got[:shared] == wanted[:shared]).mean() > 0.6


def test_nothing_read_is_nothing_loaded(tmp_path: Path) -> None:
    assert list(token_dataset.make(tmp_path, [], tmp_path / "none.pt")) == [0]
    assert token_dataset.load(tmp_path) == token_dataset.TokenDataset([], [])
