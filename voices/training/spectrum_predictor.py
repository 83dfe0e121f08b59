"""Predicts what a sentence would sound like from the teacher's features, without the sound.

The language model needs spectra and pitch of far more speech than the decoder, and no sound. The teacher takes nearly
all its time to make sound. So a small network learns, on the recordings, what the spectra are after the alignment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from voices.corpus import ragged, teacher
from voices.corpus.alignment import Alignment
from voices.corpus.clips import Clip, RecordedClip
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN, frame_times
from voices.corpus.pitch import Pitch
from voices.corpus.teacher import AFTER, AUDIBLE, BEFORE, HIDDEN, Features, row_times, rows_at
from voices.training.loop import Losses, Tensors
from voices.training.precision import fast_products

LEARNING_RATE = 1e-3
_WIDTH = 256
_PITCH_FEATURES = 3
_USUAL, _LOWEST = 200.0, 80.0  # hertz of the teacher's voice
_LOUDNESS_WEIGHT, _VOICE_WEIGHT = 0.2, 0.3
_QUIET = 1e-3  # of a band that never changes


@dataclass(frozen=True)
class Batch(Tensors):
    """A batch of recorded clips, padded at the end to T rows of features and M frames."""

    hidden: Tensor  # [B, T, HIDDEN]
    frequency: Tensor  # [B, T]
    loudness: Tensor  # [B, T]
    voice: Tensor  # [B, T]
    rows: Tensor  # [B, M]
    mel: Tensor  # [B, M, BANDS]
    counts: Tensor  # [B, 2]: T and M of each


def collate(clips: Sequence[RecordedClip]) -> Batch:
    """Make a batch."""
    hidden, frequency, loudness, voice, rows = (
        pad_sequence([torch.from_numpy(getattr(clip, name).astype(np.float32)) for clip in clips], batch_first=True)
        for name in ("hidden", "frequency", "loudness", "voice", "rows")
    )
    frames = [torch.from_numpy(clip.mel.astype(np.float32)).reshape(-1, BANDS) for clip in clips]
    counts = torch.tensor([(len(clip.hidden), len(clip.rows)) for clip in clips])
    return Batch(hidden, frequency, loudness, voice, rows, pad_sequence(frames, batch_first=True), counts)


class SpectrumPredictor(nn.Module):
    """Convolutions over the rows of features, and what they tell between the rows."""

    mean: Tensor
    deviation: Tensor
    bands: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(HIDDEN + _PITCH_FEATURES, _WIDTH, 5, padding=2)
        self.further = nn.ModuleList(nn.Conv1d(_WIDTH, _WIDTH, 3, padding=1) for _ in range(2))
        self.sound = nn.Linear(_WIDTH, 2)
        self.spectrum = nn.Sequential(nn.Linear(_WIDTH, _WIDTH), nn.GELU(), nn.Linear(_WIDTH, BANDS))
        self.register_buffer("mean", torch.zeros(HIDDEN))
        self.register_buffer("deviation", torch.ones(HIDDEN))
        self.register_buffer("bands", torch.ones(BANDS))

    def scale_to(self, clips: Sequence[RecordedClip]) -> None:
        """Measure how much features and bands vary."""
        hidden = np.concatenate([clip.hidden for clip in clips]).astype(np.float32)
        self.mean.copy_(torch.from_numpy(hidden.mean(axis=0)))
        self.deviation.copy_(torch.from_numpy(hidden.std(axis=0) + _QUIET))
        mel = np.concatenate([clip.mel for clip in clips]).astype(np.float32).reshape(-1, BANDS)
        self.bands.copy_(torch.from_numpy(mel.std(axis=0) + _QUIET))

    def states(self, hidden: Tensor, frequency: Tensor) -> Tensor:
        """States `[B, T, W]` for features `[B, T, HIDDEN]` and `[B, T]`."""
        octaves = (frequency.clamp(min=1) / _USUAL).log2().clamp(min=-3)
        pitch = torch.stack((octaves, (frequency > _LOWEST).float(), frequency / _USUAL - 1), dim=2)
        x = torch.cat(((hidden - self.mean) / self.deviation, pitch), dim=2).transpose(1, 2)
        x = F.gelu(self.first(x))
        for layer in self.further:
            x = x + F.gelu(layer(x))
        return x.transpose(1, 2)

    def mel(self, states: Tensor, rows: Tensor) -> Tensor:
        """Log-mel frames `[B, M, BANDS]` at `rows` `[B, M]` of the states."""
        rows = rows.clamp(0, states.shape[1] - 1)
        before = rows.floor().long().clamp(max=states.shape[1] - 2)

        def taken(index: Tensor) -> Tensor:
            return states.gather(1, index[:, :, None].expand(-1, -1, _WIDTH))

        share = (rows - before)[:, :, None]
        frames: Tensor = self.spectrum(taken(before) * (1 - share) + taken(before + 1) * share)
        return frames

    def losses(self, batch: Batch) -> Losses:
        """The weighted loss of a batch, and its parts."""
        with fast_products(batch.hidden.device):
            states = self.states(batch.hidden, batch.frequency)
            mel, sound = self.mel(states, batch.rows).float(), self.sound(states).float()
        in_rows, in_frames = (
            (torch.arange(length, device=mel.device) < count[:, None]).float()
            for length, count in zip((sound.shape[1], mel.shape[1]), batch.counts.T, strict=True)
        )
        spectrum = ((mel - batch.mel).abs() / self.bands).mean(dim=2)
        loudness = (sound[:, :, 0] - batch.loudness).abs()
        voice = F.binary_cross_entropy_with_logits(sound[:, :, 1], batch.voice, reduction="none")
        parts = {
            "spectrum": (spectrum * in_frames).sum() / in_frames.sum(),
            "loudness": (loudness * in_rows).sum() / in_rows.sum(),
            "voice": (voice * in_rows).sum() / in_rows.sum(),
        }
        total = parts["spectrum"] + _LOUDNESS_WEIGHT * parts["loudness"] + _VOICE_WEIGHT * parts["voice"]
        return Losses(total, {name: value.detach() for name, value in parts.items()})

    @torch.inference_mode()
    def clip(self, text: str, features: Features) -> Clip | None:
        """The clip that a recording with these features would be, without its sound; None if nothing could be heard."""
        states = self._states_of(features)
        loudness, voice = self.sound(states)[0].T.numpy()
        audible = np.flatnonzero(loudness > np.log(AUDIBLE))
        if len(audible) == 0 or len(loudness) < _SHORTEST:
            return None
        times = row_times(len(loudness))
        start = float(times[audible[0]]) - BEFORE
        seconds = float(times[audible[-1]]) + AFTER - start
        voiced = (voice > 0) & (features.frequency > _LOWEST)
        alignment = Alignment.of(Pitch.of_frequency(features.frequency, voiced, times - start, seconds), seconds)
        rows = rows_at(alignment.original(frame_times(len(alignment.periods))) + start)
        return Clip(text, self._spectra(states, rows), alignment.periods, alignment.voiced)

    @torch.inference_mode()
    def smooth(self, recorded: RecordedClip) -> Clip:
        """A recorded clip with the spectra that the predictor expects, such as clips without sound have."""
        states = self._states_of(recorded)
        return Clip(recorded.text, self._spectra(states, recorded.rows), recorded.periods, recorded.voiced)

    def _states_of(self, features: Features | RecordedClip) -> Tensor:
        hidden = torch.from_numpy(features.hidden.astype(np.float32))
        return self.states(hidden[None], torch.from_numpy(features.frequency)[None])

    def _spectra(self, states: Tensor, rows: NDArray[np.float32]) -> NDArray[np.float16]:
        """A clip's `mel`."""
        mel = self.mel(states, torch.from_numpy(rows)[None])[0].numpy()
        return mel.reshape(-1, FRAMES_PER_TOKEN * BANDS).astype(np.float16)


_SHORTEST = 2  # rows between which frames lie


def optimiser(model: SpectrumPredictor) -> torch.optim.AdamW:
    """AdamW."""
    return torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01, fused=True)


def write_silent(predictor: Path, file: Path, sentences: Sequence[str]) -> None:
    """Write the shard of `sentences`, clips without sound, with the weights in the file `predictor`."""
    model = _trained(predictor)
    read = ((text, teacher.features(text)) for text in sentences)
    made = (model.clip(text, features) for text, features in read if features)
    ragged.write(file, [clip for clip in made if clip])


@cache
def _trained(weights: Path) -> SpectrumPredictor:
    model = SpectrumPredictor()
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model
