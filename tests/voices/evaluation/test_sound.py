import numpy as np

from voices.evaluation.sound import Sound


def tone(hertz: float, rate: int, seconds: float = 0.5) -> Sound:
    return Sound(np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate).astype(np.float32) / 2, rate)


def test_a_tone_stays_the_same_at_another_rate() -> None:
    resampled = tone(440, 24_000).at(16_000)
    expected = tone(440, 16_000)
    assert resampled.rate == 16_000
    assert resampled.seconds == expected.seconds
    assert np.abs(resampled.samples - expected.samples)[200:-200].max() < 0.002


def test_what_the_new_rate_cannot_hold_is_filtered_out() -> None:
    assert np.abs(tone(10_000, 32_000).at(16_000).samples)[200:-200].max() < 0.01


def test_integers_are_clipped_and_never_wrapped() -> None:
    sound = Sound(np.array([0.0, 0.5, 1.5, -1.5], np.float32), 16_000)
    assert sound.integers().tolist() == [0, 2**14, 2**15 - 1, -(2**15)]


def test_integers_survive_the_way_there_and_back() -> None:
    samples = np.array([-(2**15), -1, 0, 1, 2**15 - 1], np.int16)
    assert Sound.of_integers(samples, 16_000).integers().tolist() == samples.tolist()
