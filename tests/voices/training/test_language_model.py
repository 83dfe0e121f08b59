import random

import torch

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP
from voices.training.language_model import Lesson, Speller, batches, collate, mark, optimiser

FEATURES = 320


def lesson(prompt: int, audio: int) -> Lesson:
    return Lesson(torch.full((prompt,), 1030), torch.arange(audio), torch.randn(audio, FEATURES))


def test_every_lesson_is_in_exactly_one_batch_and_no_batch_is_too_large() -> None:
    dice = random.Random(1)
    lessons = [lesson(dice.randint(4, 300), dice.randint(3, 300)) for _ in range(200)]
    groups = list(batches(lessons, 3000, seed=1))
    assert sorted(id(each) for group in groups for each in group) == sorted(map(id, lessons))
    assert all(len(group) * max(map(len, group)) <= 3000 for group in groups)


def test_the_state_before_a_token_has_to_produce_it_and_the_last_one_the_end() -> None:
    batch = collate([lesson(4, 3), lesson(6, 2)], neighbours=None)
    assert batch.tokens.tolist() == [
        [1030, 1030, 1030, 1030, AUDIO_OFFSET, AUDIO_OFFSET + 1, AUDIO_OFFSET + 2, STOP],
        [1030, 1030, 1030, 1030, 1030, 1030, AUDIO_OFFSET, AUDIO_OFFSET + 1],
    ]
    assert batch.positions.tolist() == [3, 4, 5, 6, 8 + 5, 8 + 6, 8 + 7]
    audio = [AUDIO_OFFSET + index for index in (0, 1, 2, 0, 1)]
    assert batch.targets.tolist() == [*audio[:3], STOP, *audio[3:], STOP]
    assert batch.described.tolist() == [0, 1, 2, 4, 5]
    assert len(batch.mel) == 5


def test_a_misheard_token_is_read_but_never_asked_for() -> None:
    torch.manual_seed(1)
    other = torch.arange(1000)[:, None] + 1
    batch = collate([lesson(4, 1000)], neighbours=other)
    heard = batch.tokens[0, 4:] - AUDIO_OFFSET
    assert 0.05 < (heard != torch.arange(1000)).float().mean() < 0.12
    assert torch.equal(batch.targets[:-1] - AUDIO_OFFSET, torch.arange(1000))


def test_padding_changes_nothing() -> None:
    torch.manual_seed(1)
    speller = Speller(FEATURES).eval()
    short = lesson(5, 4)
    alone = speller.states(collate([short], None).tokens)[0]
    beside = speller.states(collate([short, lesson(20, 30)], None).tokens)[0, : len(alone)]
    torch.testing.assert_close(beside, alone, atol=1e-5, rtol=1e-4)


def test_it_learns_a_sentence_by_heart() -> None:
    torch.manual_seed(1)
    speller = Speller(FEATURES)
    course = optimiser(speller)
    batch = collate([lesson(5, 8)], None)
    first = mark(speller, batch).figures
    for _ in range(25):
        course.zero_grad()
        mark(speller, batch).loss.backward()  # type: ignore[no-untyped-call]
        course.step()
    last = mark(speller, batch).figures
    assert first["accuracy"] < 0.3
    assert last["accuracy"] == 1.0
    assert last["spectrum"] < first["spectrum"]
