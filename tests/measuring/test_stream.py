import pytest

from measuring.stream import Arrival, Stream
from perf.engine_measurements import Streaming


def stream(*chunks: tuple[float, float], sent: float = 0.0) -> Stream:
    """Chunks as (time, seconds of audio)."""
    return Stream(sent, tuple(Arrival(time, audio) for time, audio in chunks))


def test_first_audio_counts_from_the_request() -> None:
    assert stream((5.25, 1.0), sent=5.0).first_audio == 0.25


def test_lead_is_what_is_still_to_be_played() -> None:
    # Playing from 1.0 on: 2 s of audio, of which half a second is over when the next chunk comes.
    assert stream((1.0, 2.0), (1.5, 1.0), (2.0, 1.0)).buffered == [1.5, 2.0]


def test_stream_that_keeps_ahead_does_not_stall() -> None:
    assert stream((1.0, 1.0), (1.9, 1.0), (2.9, 1.0)).stall == 0


def test_late_chunk_stalls_by_as_much() -> None:
    assert stream((1.0, 1.0), (2.5, 1.0)).stall == 0.5


def test_playing_goes_on_from_the_late_chunk() -> None:
    # The second chunk comes 0.5 s late and is played until 3.5; the third is 0.25 s late again.
    late_twice = stream((1.0, 1.0), (2.5, 1.0), (3.75, 1.0))
    assert late_twice.buffered == [-0.5, -0.25]
    assert late_twice.stall == 0.75


def test_audio_ahead_is_not_lost_by_one_stall() -> None:
    assert stream((0.0, 1.0), (2.0, 5.0), (3.0, 1.0), (8.5, 1.0)).buffered == [-1.0, 4.0, -0.5]


def test_least_buffered_since_a_time() -> None:
    received = stream((0.0, 1.0), (0.9, 2.0), (1.0, 2.0), (2.0, 1.0))
    assert received.least_buffered() == pytest.approx(0.1)
    assert received.least_buffered(since=0.95) == pytest.approx(2.0)


def test_a_stream_of_one_chunk_buffers_all_of_it() -> None:
    assert stream((1.0, 0.7)).least_buffered() == 0.7
    assert stream((1.0, 0.7)).stall == 0


def test_streaming_takes_the_worst_stream() -> None:
    good, bad = stream((0.1, 1.0), (0.5, 1.0)), stream((0.3, 1.0), (1.55, 1.0))
    figures = Streaming.of(2, [[good, bad], [good, good]])
    assert figures.streams == 4
    assert figures.stalled == 1
    assert figures.worst_stall == pytest.approx(0.25)
    assert figures.least_buffered == pytest.approx(-0.25)
    assert (figures.first_audio_p50, figures.first_audio_p99) == (0.1, 0.3)


def test_streaming_speed_is_from_the_first_request_to_the_last_chunk() -> None:
    repeat = [stream((1.0, 2.0), sent=0.0), stream((4.5, 7.0), sent=0.5)]
    assert Streaming.of(2, [repeat]).times_real_time == 2.0


@pytest.mark.parametrize(
    ("silence", "heard"),
    [
        (0.0, 1.0),
        (0.5, 1.5),
        (1.5, 2.5),  # in the second chunk, which is there in time
        (2.0, 4.0),  # in the third, which is late by a second
        (2.5, 4.5),
    ],
)
def test_the_first_sound_is_heard_after_the_silence_before_it(silence: float, heard: float) -> None:
    chunks = tuple(Arrival(time, 1.0) for time in (6.0, 6.5, 9.0))
    assert Stream(5.0, chunks, silence).first_sound == heard


def test_the_first_sound_of_a_stream_that_was_not_decoded_is_unknown() -> None:
    assert stream((1.0, 1.0)).first_sound is None
