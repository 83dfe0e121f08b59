"""Audio tokens: clusters of 64 ms of speech, by their spectra and their pitch.

The four frames of a token are reduced to principal components, and k-means clusters these, as in "HuBERT" (Hsu et al.
2021), but on spectra: learnt features are not needed, because the teacher pronounces a word the same way each time. The
spectra are smoothed first with a truncated cepstrum, which removes the harmonics and keeps the formants. The pitch is a
feature of its own, the number of periods since the token before, so that the decoder knows it exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA
from torch import Tensor

from voices.atomic_file import atomic_write
from voices.corpus.clips import Clip
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN
from voices.errors import VoiceError

_COMPONENTS = 40
_CEPSTRUM = 24  # coefficients of a frame
_SAMPLE = 200_000  # rows that are clustered
_PERIOD_WEIGHT = 20.0  # of a period, beside differences of log-mel spectra: each cluster has one number of periods
_VOICE_WEIGHT = 8.0  # of whether there is a voice
_LOWEST, _MIDDLE, _HIGHEST = 8, 12.5, 22  # periods a token


@dataclass(frozen=True)
class AudioTokens:
    """Maps the parts of a clip to tokens."""

    mean: Tensor  # [F]
    components: Tensor  # [C, F]
    centres: Tensor  # [K, C + 2]

    @classmethod
    def fit(cls, clips: Sequence[Clip], count: int, seed: int) -> "AudioTokens":
        """Cluster the parts of `clips` so that there are `count` tokens."""
        draw = np.random.default_rng(seed)
        mel = np.concatenate([clip.mel for clip in clips]).astype(np.float32)
        chosen = draw.permutation(len(mel))[:_SAMPLE]
        pca = PCA(_COMPONENTS, random_state=seed).fit(mel[chosen] @ _smoothing())
        reduction = cls(_tensor(pca.mean_), _tensor(pca.components_), torch.zeros(0))
        rows = np.concatenate([reduction.features(clip) for clip in clips])[chosen]
        kmeans = MiniBatchKMeans(count, batch_size=8192, n_init=1, max_iter=30, random_state=seed).fit(rows)
        return cls(reduction.mean, reduction.components, _tensor(kmeans.cluster_centers_))

    def features(self, clip: Clip) -> NDArray[np.float32]:
        """What is clustered, `[N, C + 2]`."""
        smooth = (clip.mel.astype(np.float32) - self.mean.numpy()) @ self.components.numpy().T
        periods = _PERIOD_WEIGHT * (clip.periods.clip(_LOWEST, _HIGHEST) - _MIDDLE)
        pitch = np.where(clip.voiced, (periods, np.full(len(periods), _VOICE_WEIGHT)), 0.0)
        rows: NDArray[np.float32] = np.concatenate((smooth, pitch.T), axis=1).astype(np.float32)
        return rows

    def __call__(self, clip: Clip) -> Tensor:
        """Return the tokens `[N]` of a clip; the first token is 0."""
        return torch.cdist(torch.from_numpy(self.features(clip)), self.centres).argmin(dim=1)

    def neighbours(self, count: int) -> Tensor:
        """Return for each token the `count` nearest other tokens."""
        return torch.cdist(self.centres, self.centres).topk(count + 1, largest=False).indices[:, 1:]

    def save(self, file: Path) -> None:
        """Write the clusters to `file`."""
        with atomic_write(file) as partial:
            torch.save({"mean": self.mean, "components": self.components, "centres": self.centres}, partial)

    @classmethod
    def load(cls, file: Path) -> "AudioTokens":
        """Read what `save` wrote. Raises `VoiceError` if there is no such file."""
        if not file.exists():
            raise VoiceError(f"{file} is missing: a training can only go on from a voice with its audio tokens")
        return cls(**torch.load(file, weights_only=True))


def _tensor(array: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))


def _smoothing() -> NDArray[np.float32]:
    """The matrix `[F, F]` that removes the harmonics from the log-mel frames of a token."""
    cosines = dct(np.eye(BANDS, dtype=np.float32), norm="ortho", axis=0)[:_CEPSTRUM]
    return np.kron(np.eye(FRAMES_PER_TOKEN, dtype=np.float32), cosines.T @ cosines)
