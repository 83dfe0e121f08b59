import pytest

from perf.load.answer import Answer
from perf.load.outcome import Fate
from perf.load.recording import Event, Record
from proxy.audio.formats import FormatName
from proxy.audio.wav import wav_header

SECOND = wav_header(32000, None) + bytes(64000)


def answer(
    *records: tuple[Event, bytes], asked: FormatName = "wav", heard: tuple[FormatName, ...] = ("wav",)
) -> Answer:
    """Records that come one a second."""
    answer = Answer(Record(Event.SENT, 0, 10.0), asked, heard)
    for time, (event, data) in enumerate(records):
        answer.take(Record(event, 0, 11.0 + time, data))
    return answer


def test_spoken() -> None:
    spoken = answer((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND), (Event.ENDED, b"")).outcome
    assert (spoken.sent, spoken.ended, spoken.fate) == (10.0, 13.0, Fate.SPOKEN)
    assert spoken.stream
    assert (spoken.stream.first_audio, spoken.stream.audio) == (2.0, 1.0)


def test_heard_as_what_it_is_not_as_what_was_asked_for() -> None:
    records = ((Event.ANSWERED, b"200\naudio/wav; rate=32000\n"), (Event.PIECE, SECOND), (Event.ENDED, b""))
    assert answer(*records, asked="mp3").fate is Fate.SPOKEN


def test_heard_as_what_was_asked_for_if_nothing_is_said() -> None:
    records = ((Event.ANSWERED, b"200\napplication/octet-stream\n"), (Event.PIECE, SECOND), (Event.ENDED, b""))
    assert answer(*records).stream


def test_what_is_not_listened_to_counts_as_spoken() -> None:
    unheard = answer((Event.ANSWERED, b"200\naudio/mpeg\n"), (Event.PIECE, b"anything"), (Event.ENDED, b""))
    assert (unheard.fate, unheard.stream) == (Fate.SPOKEN, None)


@pytest.mark.parametrize("status", ["429", "503"])
def test_refused(status: str) -> None:
    refused = answer((Event.ANSWERED, f"{status}\ntext/plain\n7".encode()), (Event.PIECE, b"full"), (Event.ENDED, b""))
    assert refused.fate is Fate.REFUSED


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (((Event.ANSWERED, b"500\ntext/plain\n"), (Event.ENDED, b"")), "the status was 500"),
        (((Event.ENDED, b"NewConnectionError: nobody there"),), "NewConnectionError: nobody there"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND), (Event.ENDED, b"cut")), "cut"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND)), "it has not come to an end"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.ENDED, b"")), "there is no audio in 0 bytes of wav"),
    ],
)
def test_failed(records: tuple[tuple[Event, bytes], ...], problem: str) -> None:
    failed = answer(*records)
    assert (failed.fate, failed.problem, failed.stream) == (Fate.FAILED, problem, None)
