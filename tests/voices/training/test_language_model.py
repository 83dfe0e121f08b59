import random

import torch
from transformers import Qwen3ForCausalLM

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP
from voices.training import language_model
from voices.training.language_model import Example, TrainingModel, batches, collate, losses, optimisers
from voices.training.model_config import language_model_config

FEATURES = 320


def example(prompt: int, audio: int) -> Example:
    mel, periods = torch.randn(audio, FEATURES), torch.full((audio,), 12)
    return language_model.example(torch.full((prompt,), 1030), torch.arange(audio), mel, periods, periods > 0)


def test_a_state_tells_the_spectra_and_the_pitch_around_its_token() -> None:
    mel, periods = torch.arange(3.0)[:, None].expand(3, FEATURES) + 1, torch.tensor([10, 11, 30])
    voiced = torch.tensor([True, True, False])
    made = language_model.example(torch.zeros(4), torch.arange(3), mel, periods, voiced)
    assert made.mel[:, 0].tolist() == [0, 1, 2]
    assert made.mel[:, FEATURES].tolist() == [1, 2, 3]
    assert made.pitch.tolist() == [[0, 5, 6], [5, 6, 0], [6, 0, 0]]


def test_every_example_is_in_exactly_one_batch_and_no_batch_is_too_large() -> None:
    dice = random.Random(1)
    examples = [example(dice.randint(4, 300), dice.randint(3, 300)) for _ in range(200)]
    groups = list(batches(examples, 3000, seed=1))
    assert sorted(id(each) for group in groups for each in group) == sorted(map(id, examples))
    assert all(len(group) * max(map(len, group)) <= 3000 for group in groups)


def test_the_state_before_a_token_has_to_produce_it_and_the_last_one_the_end() -> None:
    batch = collate([example(4, 3), example(6, 2)], neighbours=None)
    assert batch.tokens.tolist() == [
        [1030, 1030, 1030, 1030, AUDIO_OFFSET, AUDIO_OFFSET + 1, AUDIO_OFFSET + 2, STOP],
        [1030, 1030, 1030, 1030, 1030, 1030, AUDIO_OFFSET, AUDIO_OFFSET + 1],
    ]
    assert batch.positions.tolist() == [3, 4, 5, 6, 8 + 5, 8 + 6, 8 + 7]
    audio = [AUDIO_OFFSET + index for index in (0, 1, 2, 0, 1)]
    assert batch.targets.tolist() == [*audio[:3], STOP, *audio[3:], STOP]
    assert batch.described.tolist() == [0, 1, 2, 4, 5]
    assert len(batch.mel) == 5


def test_a_replaced_token_is_an_input_but_never_a_target() -> None:
    torch.manual_seed(1)
    other = torch.arange(1000)[:, None] + 1
    batch = collate([example(4, 1000)], neighbours=other)
    read = batch.tokens[0, 4:] - AUDIO_OFFSET
    assert 0.1 < (read != torch.arange(1000)).float().mean() < 0.2
    assert torch.equal(batch.targets[:-1] - AUDIO_OFFSET, torch.arange(1000))


def test_padding_changes_nothing() -> None:
    torch.manual_seed(1)
    model = TrainingModel(FEATURES).eval()
    short = example(5, 4)
    alone = model.states(collate([short], None).tokens)[0]
    beside = model.states(collate([short, example(20, 30)], None).tokens)[0, : len(alone)]
    torch.testing.assert_close(beside, alone, atol=1e-5, rtol=1e-4)


def test_training_computes_what_transformers_does() -> None:
    torch.manual_seed(1)
    model = TrainingModel(FEATURES).eval()
    batch = collate([example(5, 4), example(20, 30)], None)
    plain = Qwen3ForCausalLM(language_model_config()).eval()  # type: ignore[no-untyped-call]
    plain.set_attn_implementation("eager")
    plain.load_state_dict(model.model.state_dict())
    states = plain.model(input_ids=batch.tokens).last_hidden_state
    real = torch.arange(batch.tokens.shape[1]) < batch.lengths[:, None]
    torch.testing.assert_close(model.states(batch.tokens)[real], states[real], atol=1e-5, rtol=1e-4)


def test_it_learns_a_sentence_by_heart() -> None:
    torch.manual_seed(1)
    model = TrainingModel(FEATURES)
    both = optimisers(model)
    batch = collate([example(5, 8)], None)
    first = losses(model, batch).metrics
    for _ in range(25):
        model.zero_grad()
        losses(model, batch).total.backward()  # type: ignore[no-untyped-call]
        for optimiser in both:
            optimiser.step()
    last = losses(model, batch).metrics
    assert first["accuracy"] < 0.3
    assert last["accuracy"] == 1.0
    assert last["spectrum"] < first["spectrum"]
    assert last["pitch"] < first["pitch"]


def test_each_weight_has_one_optimiser() -> None:
    model = TrainingModel(FEATURES)
    trained = [id(weight) for each in optimisers(model) for group in each.param_groups for weight in group["params"]]
    assert sorted(trained) == sorted(map(id, model.parameters()))
