"""A picture of mel spectra: the teacher's and the voice's side by side."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from voices.corpus.mel import HOP, SAMPLE_RATE
from voices.evaluation.likeness import Spectrum

_QUIETEST, _LOUDEST = -80, 0  # decibels


def draw_spectra(rows: Sequence[tuple[str, Spectrum, Spectrum]], file: Path) -> None:
    """Write a PNG with a row for each sentence: its text, the teacher's spectrum, the voice's."""
    figure = Figure(figsize=(12, 2.4 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)  # draws in memory, without a screen
    for row, (text, *spectra) in zip(figure.subplots(len(rows), 2, squeeze=False), rows, strict=True):
        for axes, spectrum, reader in zip(row, spectra, ("teacher", "voice"), strict=True):
            _draw(axes, spectrum, f"{reader}: {text}")
    figure.savefig(file, dpi=100)


def _draw(axes: Axes, spectrum: Spectrum, title: str) -> None:
    seconds = len(spectrum) * HOP / SAMPLE_RATE
    axes.imshow(
        spectrum.T,
        origin="lower",
        aspect="auto",
        extent=(0, seconds, 0, spectrum.shape[1]),
        vmin=_QUIETEST,
        vmax=_LOUDEST,
        cmap="magma",
    )
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel("seconds", fontsize=8)
    axes.set_ylabel("mel band", fontsize=8)
