"""The audio tokens: kinds of 64 ms of speech, found by clustering log-mel spectra.

Principal components of the four frames of a token, then k-means over them, as in "HuBERT" (Hsu et al. 2021) and its
descendants, but on spectra: a teacher that always says a thing the same way needs no learnt features.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA
from torch import Tensor

from voices.whole_file import written_whole

_COMPONENTS = 40
_SAMPLE = 200_000  # rows that the clusters are found from
_CHUNK = 8192


@dataclass(frozen=True)
class AudioTokens:
    """Assigns a token to a row of log-mel frames `[F]`."""

    mean: Tensor  # [F]
    components: Tensor  # [C, F]
    centres: Tensor  # [K, C]

    @classmethod
    def fit(cls, mel: NDArray[np.float16], count: int, seed: int) -> "AudioTokens":
        """Find `count` kinds of rows in `mel` `[T, F]`."""
        draw = np.random.default_rng(seed)
        rows = mel[draw.permutation(len(mel))[:_SAMPLE]].astype(np.float32)
        pca = PCA(_COMPONENTS, random_state=seed).fit(rows)
        kmeans = MiniBatchKMeans(count, batch_size=4096, n_init=1, max_iter=20, random_state=seed)
        kmeans.fit(pca.transform(rows).astype(np.float32))
        arrays = (pca.mean_, pca.components_, kmeans.cluster_centers_)
        return cls(*(torch.from_numpy(array.astype(np.float32)) for array in arrays))

    def __call__(self, mel: Tensor) -> Tensor:
        """Return the tokens `[T]` of rows `[T, F]`, counted from 0."""
        parts = [((chunk.float() - self.mean) @ self.components.T) for chunk in torch.split(mel, _CHUNK)]
        return torch.cat([torch.cdist(part, self.centres).argmin(dim=1) for part in parts])

    def neighbours(self, count: int) -> Tensor:
        """Return the `count` tokens most alike to each, `[K, count]`, itself not among them."""
        return torch.cdist(self.centres, self.centres).topk(count + 1, largest=False).indices[:, 1:]

    def save(self, file: Path) -> None:
        """Write them to `file`."""
        with written_whole(file) as partial:
            torch.save({"mean": self.mean, "components": self.components, "centres": self.centres}, partial)

    @classmethod
    def load(cls, file: Path) -> "AudioTokens":
        """Read what `save` wrote."""
        return cls(**torch.load(file, weights_only=True))
