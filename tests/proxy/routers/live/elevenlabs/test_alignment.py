from proxy.api_types import TimedSentence
from proxy.routers.live.elevenlabs.alignment import AlignmentClock

FIRST = TimedSentence(index=0, text="Hi  you.", spoken="hi you.", text_start=0, text_end=8, start=0.1, end=0.9)
SECOND = TimedSentence(index=1, text="$5", spoken="five dollars", text_start=9, text_end=11, start=1.0, end=2.0)


def test_characters_share_the_time_of_their_sentence_evenly() -> None:
    written, _ = AlignmentClock(continuous=False).align(FIRST)
    assert written.chars == list("Hi you. ")
    assert written.char_start_times_ms == [100, 200, 300, 400, 500, 600, 700, 800]
    assert written.char_durations_ms == [100] * 8


def test_what_is_spoken_has_an_alignment_of_its_own() -> None:
    written, spoken = AlignmentClock(continuous=False).align(SECOND)
    assert "".join(written.chars) == "$5 "
    assert "".join(spoken.chars) == "five dollars "
    assert spoken.char_start_times_ms[-1] + spoken.char_durations_ms[-1] == 2000


def test_times_count_from_the_end_of_the_alignment_before() -> None:
    clock = AlignmentClock(continuous=False)
    clock.align(FIRST)
    written, _ = clock.align(SECOND)
    assert written.char_start_times_ms[0] == 100
    assert written.char_start_times_ms[-1] + written.char_durations_ms[-1] == 1100


def test_on_one_clock_times_count_from_the_beginning() -> None:
    clock = AlignmentClock(continuous=True)
    clock.align(FIRST)
    written, _ = clock.align(SECOND)
    assert written.char_start_times_ms[0] == 1000


def test_it_has_the_names_that_clients_read() -> None:
    written, _ = AlignmentClock(continuous=True).align(FIRST)
    assert set(written.model_dump()) == {"chars", "charStartTimesMs", "charDurationsMs"}
