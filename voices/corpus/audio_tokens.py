"""The audio tokens: kinds of 64 ms of speech, found by clustering log-mel spectra.

Principal components of the four frames of a token, then k-means over them, as in "HuBERT" (Hsu et al. 2021) and its
descendants, but on spectra: a teacher that always says a thing the same way needs no learnt features. The spectra are
smoothed beforehand, as a cepstrum is when it is cut: harmonics go, what the mouth does stays. The pitch is left to the
states that the decoder hears, and no token is spent on telling a vowel from the same one a little higher.

Each kind has two tokens, one for even places in a sentence and one for odd ones. So the state that produces a token
knows whether its place is even, and a decoder that hears it has a clock: without one it could not let phases advance
from frame to frame, and only harmonics of its frame rate would come out whole.
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

from voices.atomic_file import written_whole
from voices.corpus.mel import BANDS, FRAMES_PER_TOKEN

_COMPONENTS = 40
_CEPSTRUM = 20  # coefficients of a frame; a voice of 100 Hz has its harmonics around the fortieth
_TOKENS_OF_A_KIND = 2
_SAMPLE = 200_000  # rows that the clusters are found from
_CHUNK = 8192


@dataclass(frozen=True)
class AudioTokens:
    """Assigns tokens to the rows of log-mel frames of a clip."""

    mean: Tensor  # [F]
    components: Tensor  # [C, F]
    centres: Tensor  # [K, C]

    @classmethod
    def fit(cls, mel: NDArray[np.float16], count: int, seed: int) -> "AudioTokens":
        """Find the kinds of rows in `mel` `[T, F]` that `count` tokens stand for."""
        draw = np.random.default_rng(seed)
        rows = mel[draw.permutation(len(mel))[:_SAMPLE]].astype(np.float32)
        pca = PCA(_COMPONENTS, random_state=seed).fit(rows @ _smoothing())
        kmeans = MiniBatchKMeans(count // _TOKENS_OF_A_KIND, batch_size=4096, n_init=1, max_iter=20, random_state=seed)
        kmeans.fit(((rows - pca.mean_) @ pca.components_.T).astype(np.float32))
        arrays = (pca.mean_, pca.components_, kmeans.cluster_centers_)
        return cls(*(torch.from_numpy(array.astype(np.float32)) for array in arrays))

    def __call__(self, mel: Tensor) -> Tensor:
        """Return the tokens `[T]` of a clip's rows `[T, F]`, counted from 0."""
        parts = [((chunk.float() - self.mean) @ self.components.T) for chunk in torch.split(mel, _CHUNK)]
        kinds = torch.cat([torch.cdist(part, self.centres).argmin(dim=1) for part in parts])
        return kinds + len(self.centres) * (torch.arange(len(kinds)) % _TOKENS_OF_A_KIND)

    def neighbours(self, count: int) -> Tensor:
        """Return the `count` tokens most alike to each, of those for the same places, itself not among them."""
        kinds = torch.cdist(self.centres, self.centres).topk(count + 1, largest=False).indices[:, 1:]
        return torch.cat([kinds + len(self.centres) * place for place in range(_TOKENS_OF_A_KIND)])

    def save(self, file: Path) -> None:
        """Write them to `file`."""
        with written_whole(file) as partial:
            torch.save({"mean": self.mean, "components": self.components, "centres": self.centres}, partial)

    @classmethod
    def load(cls, file: Path) -> "AudioTokens":
        """Read what `save` wrote."""
        return cls(**torch.load(file, weights_only=True))


def _smoothing() -> NDArray[np.float32]:
    """The projection `[F, F]` of the log-mel frames of a token to spectra without harmonics."""
    cosines = dct(np.eye(BANDS, dtype=np.float32), norm="ortho", axis=0)[:_CEPSTRUM]
    return np.kron(np.eye(FRAMES_PER_TOKEN, dtype=np.float32), cosines.T @ cosines)
