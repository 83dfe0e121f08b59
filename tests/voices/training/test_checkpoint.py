"""The engine computes with a written checkpoint what the trained networks compute."""

import json
from pathlib import Path

import pytest
import torch
from soprano.vocos.decoder import SopranoDecoder
from torch import nn
from transformers import Qwen3ForCausalLM

from engine.checkpoint.load import load
from engine.checkpoint.synthetic_tokenizer import write_tokenizer
from engine.model.decoder import StreamingDecoder
from engine.model.hallucination import DISTANCE_THRESHOLD
from engine.model.key_value_cache import KeyValueCache
from engine.model.language_model import LanguageModel
from engine.model.prefill_attention import PackedPrompts
from voices.errors import VoiceError
from voices.training import checkpoint, model_config
from voices.training.decoder import new_decoder
from voices.training.language_model import TrainingModel

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trained() -> tuple[TrainingModel, SopranoDecoder]:
    """An untrained voice whose weights bfloat16 can represent exactly."""
    torch.manual_seed(1)
    model, decoder = TrainingModel(320).eval(), new_decoder().eval()
    for module in (model, decoder):
        _spread(module)
    return model, decoder


@torch.no_grad()
def _spread(module: nn.Module) -> None:
    for name, weight in module.named_parameters():
        if weight.dim() == 1 and "head" not in name:
            weight.add_(0.1 * torch.randn_like(weight))
        weight.copy_(weight.bfloat16().float())


@pytest.fixture(scope="module")
def directory(trained: tuple[TrainingModel, SopranoDecoder], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice")
    write_tokenizer(path, model_config.AUDIO_TOKENS, model_config.TEXT_TOKENS)
    checkpoint.write(path, trained[0].model, trained[1])
    return path


def test_the_engine_has_the_states_that_were_trained(
    trained: tuple[TrainingModel, SopranoDecoder], directory: Path
) -> None:
    served = load(directory, dtype=torch.float32, device=CPU)
    prompt = torch.tensor(served.tokenizer.prompt("hello, world."))
    model = LanguageModel(served.config, served.language_model, positions=64)
    cache = KeyValueCache(served.config, 1, 64, dtype=torch.float32, device=CPU)
    slots, positions = torch.zeros_like(prompt), torch.arange(len(prompt))
    states = model.prefill(PackedPrompts(prompt, slots, positions, positions[-1:], slots, positions), cache)
    with torch.no_grad():
        wanted = trained[0].states(prompt[None])[0, -1:]
        logits = trained[0].model.lm_head(wanted)
    torch.testing.assert_close(states / checkpoint.STATE_SCALE, wanted, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(model.logits(states), logits, atol=1e-4, rtol=1e-4)


def test_the_engine_decodes_them_as_was_trained(trained: tuple[TrainingModel, SopranoDecoder], directory: Path) -> None:
    served = load(directory, dtype=torch.float32, device=CPU)
    decoder = StreamingDecoder(served.decoder, slots=1)
    states = torch.randn(1, 12, model_config.HIDDEN)
    padded = (
        torch.cat((states, torch.zeros(1, decoder.flush_states, model_config.HIDDEN)), dim=1) * checkpoint.STATE_SCALE
    )
    samples = decoder.step(torch.zeros(1, dtype=torch.int64), padded, torch.tensor([0]), torch.tensor([12]))
    start, stop = decoder.audible(torch.tensor(0), padded.shape[1], torch.tensor(12))
    with torch.no_grad():
        wanted = trained[1](states.transpose(1, 2))
    torch.testing.assert_close(samples[:, start:stop], wanted, atol=1e-4, rtol=1e-4)


def test_states_differ_enough_for_the_sign_of_a_sentence_gone_wrong(
    trained: tuple[TrainingModel, SopranoDecoder],
) -> None:
    with torch.no_grad():
        states = trained[0].states(4 + torch.randperm(1024)[None, :50])[0] * checkpoint.STATE_SCALE
    distances = states.diff(dim=0).abs().sum(dim=1)
    assert distances.min() > 2 * DISTANCE_THRESHOLD


def test_a_training_can_go_on_from_it(trained: tuple[TrainingModel, SopranoDecoder], directory: Path) -> None:
    torch.manual_seed(2)
    model, decoder = TrainingModel(320).model, new_decoder()
    checkpoint.load_language_model(directory, model)
    checkpoint.load_decoder(directory, decoder)
    torch.testing.assert_close(model.state_dict(), trained[0].model.state_dict(), atol=0, rtol=0)
    torch.testing.assert_close(decoder.state_dict(), trained[1].state_dict(), atol=0, rtol=0)


def test_no_training_goes_on_from_a_voice_of_another_size(directory: Path) -> None:
    larger = model_config.language_model_config()
    larger.intermediate_size += 64
    with pytest.raises(VoiceError, match=f"cannot go on from {directory}"):
        checkpoint.load_language_model(directory, Qwen3ForCausalLM(larger))
    with pytest.raises(VoiceError, match=f"cannot go on from {directory}"):
        checkpoint.load_decoder(directory, SopranoDecoder(num_input_channels=64, decoder_dim=64, decoder_num_layers=2))


def test_it_is_marked_as_the_built_in_voice(directory: Path) -> None:
    assert json.loads((directory / "config.json").read_text())["soprano_builtin"] is True


def test_everybody_may_read_it(directory: Path) -> None:
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in directory.iterdir())


def test_it_fits_into_a_repository(directory: Path) -> None:
    assert sum(file.stat().st_size for file in directory.iterdir()) < 24e6
