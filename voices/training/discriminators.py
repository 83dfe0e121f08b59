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
from voices.training.decoder import Crops
from voices.training.loop import Losses, Metrics
from voices.training.precision import fast_products

_WINDOWS = (512, 1024, 2048)
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
    discriminators: Tensor
    metrics: Metrics


class AdversarialDecoder(nn.Module):
    """The decoder with its adversaries, which are trained in the same steps and by the same optimiser."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder = decoder.new_decoder()
        self.discriminators = nn.ModuleList(map(Discriminator, _WINDOWS))

    def losses(self, batch: Crops, *, adversarial: bool) -> Losses:
        """The loss of the decoder, and if `adversarial` also the losses of both sides."""
        made, wanted = self.decoded(batch.states) * batch.mask, batch.audio * batch.mask
        compared = decoder.losses(made, wanted)
        if not adversarial:
            return compared
        start = int(torch.randint(made.shape[1] - _PIECE + 1, ()))
        judged = self._judge(made[:, start : start + _PIECE], wanted[:, start : start + _PIECE])
        return Losses(compared.total + judged.decoder + judged.discriminators, {**compared.metrics, **judged.metrics})

    def decoded(self, states: Tensor) -> Tensor:
        """The decoder's samples."""
        trained: SopranoDecoder = self.decoder
        return decoder.decoded(trained, states)

    def _judge(self, made: Tensor, wanted: Tensor) -> Judged:
        fooling, matching, telling = (made.new_zeros(()) for _ in range(3))
        with fast_products(made.device):
            for each in self.discriminators:
                real, fake = each(wanted), each(made.detach())
                telling = telling + (1 - real[-1].float()).square().mean() + fake[-1].float().square().mean()
                # The decoder's own loss must not train the discriminator.
                each.requires_grad_(requires_grad=False)
                heard = each(made)
                each.requires_grad_(requires_grad=True)
                fooling = fooling + (1 - heard[-1].float()).square().mean()
                matching = matching + sum(
                    F.l1_loss(ours.float(), theirs.detach().float()) / theirs.detach().float().abs().mean()
                    for ours, theirs in zip(heard[:-1], real[:-1], strict=True)
                ) / len(heard)
        count = len(_WINDOWS)
        total = (_ADVERSARIAL_WEIGHT * fooling + _FEATURE_WEIGHT * matching) / count
        metrics = {"fooling": fooling / count, "matching": matching / count, "telling": telling / count}
        return Judged(total, telling / count, {name: value.detach() for name, value in metrics.items()})


def optimiser(model: AdversarialDecoder) -> torch.optim.AdamW:
    """AdamW with the momenta that are usual for vocoders."""
    return torch.optim.AdamW(
        model.parameters(), lr=decoder.LEARNING_RATE, betas=(0.8, 0.99), weight_decay=0.01, fused=True
    )
