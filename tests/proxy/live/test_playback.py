from proxy.live.playback import Playback


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_audio_that_is_sent_is_heard_second_by_second() -> None:
    clock = Clock()
    playback = Playback(clock)
    assert playback.buffered == 0.0
    playback.extend(2.0)
    clock.now += 0.5
    playback.extend(3.0)
    assert playback.buffered == 2.5


def test_after_an_underrun_playback_goes_on() -> None:
    clock = Clock()
    playback = Playback(clock)
    playback.extend(2.0)
    clock.now += 60.0
    assert playback.buffered == 0.0
    playback.extend(5.0)
    assert playback.buffered == 3.0


def test_a_listener_may_drop_what_it_has_not_heard() -> None:
    clock = Clock()
    playback = Playback(clock)
    playback.extend(30.0)
    playback.stop()
    assert playback.buffered == 0.0
    playback.extend(31.0)
    assert playback.buffered == 1.0
