"""A picture of spectrograms: several systems side by side, each with the course of its pitch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.signal import spectrogram

from voices.evaluation.sound import Sound
from voices.evaluation.voicing import HIGHEST, pitch_contour

_TOP = 16  # kHz
_RANGE = 75  # decibels below the loudest spot
_TITLE = 90  # characters
_WINDOW, _HOP = 0.032, 0.005  # seconds


def draw_spectra(texts: Sequence[str], systems: Mapping[str, Sequence[Sound]], file: Path) -> None:
    """Write a PNG with a row for each text and a column for each of `systems`, which have a sound for each text."""
    figure = Figure(figsize=(6.4 * len(systems), 3.4 * len(texts)), layout="constrained")
    FigureCanvasAgg(figure)  # draws in memory, without a screen
    columns = figure.subplots(len(texts), len(systems), squeeze=False).T
    for column, (name, sounds) in zip(columns, systems.items(), strict=True):
        for axes, text, sound in zip(column, texts, sounds, strict=True):
            title = shorten(f"{name}, {sound.rate / 1000:g} kHz: {text}", _TITLE, placeholder=" …")
            axes.set_title(title, fontsize=8, loc="left")
            _draw_spectrum(axes, sound)
            _draw_pitch(axes, sound)
    figure.savefig(file, dpi=80)


def _draw_spectrum(axes: Axes, sound: Sound) -> None:
    window, hop = (round(seconds * sound.rate) for seconds in (_WINDOW, _HOP))
    _, _, power = spectrogram(sound.samples, sound.rate, window="hann", nperseg=window, noverlap=window - hop)
    decibels = 10 * np.log10(np.maximum(power / power.max(), 1e-12))
    extent = (0, sound.seconds, 0, sound.rate / 2000)
    axes.imshow(decibels, origin="lower", aspect="auto", extent=extent, vmin=-_RANGE, vmax=0, cmap="magma")
    axes.set(xlabel="seconds", ylabel="kHz", ylim=(0, _TOP), facecolor="black")


def _draw_pitch(axes: Axes, sound: Sound) -> None:
    times, hertz = pitch_contour(sound)
    pitch = axes.twinx()
    pitch.plot(times, np.where(hertz > 0, hertz, np.nan), color="cyan", linewidth=1.5)
    pitch.set(ylabel="pitch, Hz", ylim=(0, HIGHEST))
