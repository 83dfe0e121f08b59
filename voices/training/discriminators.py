"""Adversaries of the decoder: networks that tell its sound from recordings, by spectra at several resolutions.

After "UnivNet" (Jang et al. 2021) and "EnCodec" (Défossez et al. 2022): small two-dimensional convolutions over complex
spectra, least-squares losses as in "HiFi-GAN" (Kong et al. 2020), and feature matching. They hear pieces of half a
second.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from soprano.vocos.decoder import SopranoDecoder
from torch import Tensor, nn
from torch.nn import functional as F

from voices.training import decoder
from voices.training.decoder import WINDOWS, Crops
from voices.training.loop import Losses, Metrics
from voices.training.precision import fast_products

_CHANNELS = 16
_LAYERS = 4
_PIECE = 16_384  # samples
_ADVERSARIAL_WEIGHT = 0.3
_FEATURE_WEIGHT = 1.0


class Discriminator(nn.Module):
    """Judges spectra with windows of `window` samples."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self._window = window
        channels = (2, *[_CHANNELS] * _LAYERS)
        self.layers = nn.ModuleList(
            nn.Conv2d(*pair, (3, 9), stride=(1, 2), padding=(1, 4)) for pair in pairwise(channels)
        )
        self.last = nn.Conv2d(_CHANNELS, 1, 3, padding=1)

    def forward(self, samples: Tensor) -> list[Tensor]:
        """The output of each layer for `samples` `[B, T]`; the last one is the judgement: 1 for a recording, else 0."""
        spectrum = decoder.compressed(decoder.spectra(samples, self._window))
        x = torch.stack((spectrum.real, spectrum.imag), dim=1).transpose(2, 3)
        outputs = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            outputs.append(x)
        return [*outputs, self.last(x)]


@dataclass(frozen=True)
class Judged:
    """The losses of both sides."""

    decoder: Tensor
    discriminator: Tensor
    metrics: Metrics


class AdversarialDecoder(nn.Module):
    """The decoder with its adversaries, which are trained in the same steps and by the same optimiser.

    In training, each step compares and judges with one of the windows, which is drawn: so there are twice as many steps
    in the same time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.decoder = decoder.new_decoder()
        self.discriminators = nn.ModuleDict({str(window): Discriminator(window) for window in WINDOWS})

    def losses(self, batch: Crops, *, adversarial: bool) -> Losses:
        """The loss of the decoder, and if `adversarial` also the losses of both sides."""
        made, wanted = self.decoded(batch.states) * batch.mask, batch.audio * batch.mask
        if not self.training:
            return decoder.losses(made, wanted)
        window = WINDOWS[int(torch.randint(len(WINDOWS), ()))]
        compared = decoder.losses(made, wanted, [window])
        if not adversarial:
            return compared
        start = int(torch.randint(made.shape[1] - _PIECE + 1, ()))
        judged = self._judge(window, made[:, start : start + _PIECE], wanted[:, start : start + _PIECE])
        return Losses(compared.total + judged.decoder + judged.discriminator, {**compared.metrics, **judged.metrics})

    def decoded(self, states: Tensor) -> Tensor:
        """The decoder's samples."""
        trained: SopranoDecoder = self.decoder
        return decoder.decoded(trained, states)

    def _judge(self, window: int, made: Tensor, wanted: Tensor) -> Judged:
        judge = self.discriminators[str(window)]
        with fast_products(made.device):
            real, fake = judge(wanted), judge(made.detach())
            telling = (1 - real[-1].float()).square().mean() + fake[-1].float().square().mean()
            # The decoder's own loss must not train the discriminator.
            judge.requires_grad_(requires_grad=False)
            heard = judge(made)
            judge.requires_grad_(requires_grad=True)
            fooling = (1 - heard[-1].float()).square().mean()
            matching = sum(
                F.l1_loss(ours.float(), theirs.detach().float()) / theirs.detach().float().abs().mean()
                for ours, theirs in zip(heard[:-1], real[:-1], strict=True)
            ) / len(heard)
        metrics = {"fooling": fooling, "matching": matching, "telling": telling}
        total = _ADVERSARIAL_WEIGHT * fooling + _FEATURE_WEIGHT * matching
        return Judged(total, telling, {name: value.detach() for name, value in metrics.items()})


def optimiser(model: AdversarialDecoder) -> torch.optim.AdamW:
    """AdamW with the momenta that are usual for vocoders."""
    return torch.optim.AdamW(
        model.parameters(), lr=decoder.LEARNING_RATE, betas=(0.8, 0.99), weight_decay=0.01, fused=True
    )
