import numpy as np
import pytest
import torch

from voices.corpus.mel import TOKEN
from voices.training.decoder import STATES, WINDOWS, Crops
from voices.training.discriminators import AdversarialDecoder, optimiser
from voices.training.model_config import HIDDEN


def batch(seed: int) -> Crops:
    draw = torch.Generator().manual_seed(seed)
    audio = 0.1 * torch.randn(2, (STATES - 1) * TOKEN, generator=draw)
    return Crops(torch.randn(2, HIDDEN, STATES, generator=draw), audio, torch.ones_like(audio))


def gradients(model: AdversarialDecoder, *, adversarial: bool) -> tuple[float, float]:
    """The sums of the gradients of the decoder and of its adversaries."""
    torch.manual_seed(1)
    model.zero_grad(set_to_none=True)
    model.losses(batch(1), adversarial=adversarial).total.backward()  # type: ignore[no-untyped-call]
    decoder, discriminators = (
        sum(float(weight.grad.abs().sum()) for weight in part.parameters() if weight.grad is not None)
        for part in (model.decoder, model.discriminators)
    )
    return decoder, discriminators


def test_without_adversaries_only_the_decoder_is_trained() -> None:
    torch.manual_seed(1)
    decoder, discriminators = gradients(AdversarialDecoder(), adversarial=False)
    assert decoder > 0
    assert discriminators == 0


def test_in_training_each_step_hears_one_window_and_an_evaluation_all() -> None:
    torch.manual_seed(1)
    model = AdversarialDecoder()
    trained = [model.losses(batch(1), adversarial=False).total.item() for _ in range(12)]
    assert len({round(loss, 4) for loss in trained}) == len(WINDOWS)
    evaluated = model.eval().losses(batch(1), adversarial=False).total.item()
    assert evaluated == pytest.approx(np.mean(sorted({round(loss, 4) for loss in trained})), rel=1e-3)


def test_with_them_both_sides_are() -> None:
    torch.manual_seed(1)
    model = AdversarialDecoder()
    alone, _ = gradients(model, adversarial=False)
    together, discriminators = gradients(model, adversarial=True)
    assert together != alone
    assert discriminators > 0
    assert all(weight.requires_grad for weight in model.parameters())


def test_the_loss_of_the_decoder_does_not_train_them(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    model = AdversarialDecoder()
    _, discriminators = gradients(model, adversarial=True)
    for weight in ("_ADVERSARIAL_WEIGHT", "_FEATURE_WEIGHT"):
        monkeypatch.setattr(f"voices.training.discriminators.{weight}", 0.0)
    assert gradients(model, adversarial=True)[1] == pytest.approx(discriminators, rel=1e-3)


def test_discriminators_learn_to_tell_its_sound_from_recordings() -> None:
    torch.manual_seed(1)
    model = AdversarialDecoder()
    adam = optimiser(model)
    told = []
    for step in range(36):
        losses = model.losses(batch(step), adversarial=True)
        adam.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        adam.step()
        told.append(float(losses.metrics["telling"]))
    assert np.mean(told[-9:]) < 0.7 * np.mean(told[:3])
