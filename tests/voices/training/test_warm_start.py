from pathlib import Path

import pytest
import torch
from transformers import Qwen3ForCausalLM

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET
from voices.errors import VoiceError
from voices.training import checkpoint, model_config
from voices.training.decoder import new_decoder
from voices.training.warm_start import warm_start


def model(seed: int) -> Qwen3ForCausalLM:
    torch.manual_seed(seed)
    return Qwen3ForCausalLM(model_config.language_model_config())


def test_the_reading_is_kept_and_the_audio_tokens_are_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_config, "AUDIO_TOKENS", 512)
    reader = model(1)
    checkpoint.write(tmp_path, reader, new_decoder())
    monkeypatch.setattr(model_config, "AUDIO_TOKENS", 1024)
    started = model(2)
    warm_start(started, tmp_path, seed=3)
    text = slice(-model_config.TEXT_TOKENS, None)
    for ours, theirs in zip(started.model.layers.parameters(), reader.model.layers.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=0, rtol=0.01)  # bfloat16
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        ours, theirs = started.state_dict()[name], reader.state_dict()[name]
        torch.testing.assert_close(ours[text], theirs[text], atol=0, rtol=0.01)
        torch.testing.assert_close(ours[:AUDIO_OFFSET], theirs[:AUDIO_OFFSET], atol=0, rtol=0.01)
        assert len(ours[AUDIO_OFFSET:][: -model_config.TEXT_TOKENS]) == 1024


def test_a_reader_of_another_size_is_refused(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, model(1), new_decoder())
    larger = model_config.language_model_config()
    larger.intermediate_size += 64
    with pytest.raises(VoiceError, match="cannot begin"):
        warm_start(Qwen3ForCausalLM(larger), tmp_path, seed=1)
