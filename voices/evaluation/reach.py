"""The highest frequency of a sound: how much of the treble a voice has."""

from scipy.signal import welch

from voices.evaluation.sound import Sound

_BINS = 2048
_AUDIBLE = 65  # decibels below the strongest frequency


def reach(sound: Sound) -> float:
    """Return the highest frequency, in hertz, whose mean power is at most 65 dB below that of the strongest one."""
    frequencies, powers = welch(sound.samples, sound.rate, nperseg=min(_BINS, len(sound.samples)), detrend=False)
    return float(frequencies[powers > powers.max() * 10 ** (-_AUDIBLE / 10)][-1])
