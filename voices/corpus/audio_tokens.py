"""Audio tokens: clusters of log-mel spectra of 64 ms of speech.

The four frames of a token are reduced to principal components, and k-means clusters these, as in "HuBERT" (Hsu et al.
2021), but on spectra: learnt features are not needed, because the teacher pronounces a word the same way each time. The
spectra are smoothed first with a truncated cepstrum, which removes the harmonics and keeps the formants. The tokens
therefore do not encode the pitch; the decoder learns it from the language model's states.

Each cluster has two tokens, one for even positions in a sentence and one for odd positions. The state that produces a
token thus also encodes whether its position is even, and the decoder can count positions. Without this count it could
not advance the phases from frame to frame, and would only reproduce harmonics of its frame rate.
"""

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
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN

_COMPONENTS = 40
_CEPSTRUM = 20  # coefficients of a frame; the harmonics of a voice of 100 Hz are near coefficient 40
_TOKENS_PER_CLUSTER = 2
_SAMPLE = 200_000  # rows that are clustered
_CHUNK = 8192


@dataclass(frozen=True)
class AudioTokens:
    """Maps rows of log-mel frames to tokens."""

    mean: Tensor  # [F]
    components: Tensor  # [C, F]
    centres: Tensor  # [K, C]

    @classmethod
    def fit(cls, mel: NDArray[np.float16], count: int, seed: int) -> "AudioTokens":
        """Cluster the rows of `mel` `[T, F]` so that there are `count` tokens."""
        draw = np.random.default_rng(seed)
        rows = mel[draw.permutation(len(mel))[:_SAMPLE]].astype(np.float32)
        pca = PCA(_COMPONENTS, random_state=seed).fit(rows @ _smoothing())
        kmeans = MiniBatchKMeans(
            count // _TOKENS_PER_CLUSTER, batch_size=4096, n_init=1, max_iter=20, random_state=seed
        )
        kmeans.fit(((rows - pca.mean_) @ pca.components_.T).astype(np.float32))
        arrays = (pca.mean_, pca.components_, kmeans.cluster_centers_)
        return cls(*(torch.from_numpy(array.astype(np.float32)) for array in arrays))

    def __call__(self, mel: Tensor) -> Tensor:
        """Return the tokens `[T]` of the rows `[T, F]` of a clip; the first token is 0."""
        reduced = [((chunk.float() - self.mean) @ self.components.T) for chunk in torch.split(mel, _CHUNK)]
        clusters = torch.cat([torch.cdist(chunk, self.centres).argmin(dim=1) for chunk in reduced])
        return clusters + len(self.centres) * (torch.arange(len(clusters)) % _TOKENS_PER_CLUSTER)

    def neighbours(self, count: int) -> Tensor:
        """Return for each token the `count` nearest other tokens for positions of the same parity."""
        clusters = torch.cdist(self.centres, self.centres).topk(count + 1, largest=False).indices[:, 1:]
        return torch.cat([clusters + len(self.centres) * parity for parity in range(_TOKENS_PER_CLUSTER)])

    def save(self, file: Path) -> None:
        """Write the clusters to `file`."""
        with atomic_write(file) as partial:
            torch.save({"mean": self.mean, "components": self.components, "centres": self.centres}, partial)

    @classmethod
    def load(cls, file: Path) -> "AudioTokens":
        """Read what `save` wrote."""
        return cls(**torch.load(file, weights_only=True))


def _smoothing() -> NDArray[np.float32]:
    """The matrix `[F, F]` that removes the harmonics from the log-mel frames of a token."""
    cosines = dct(np.eye(BANDS, dtype=np.float32), norm="ortho", axis=0)[:_CEPSTRUM]
    return np.kron(np.eye(FRAMES_PER_TOKEN, dtype=np.float32), cosines.T @ cosines)
