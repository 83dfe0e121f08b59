from pathlib import Path

import pytest

from perf.load_generators.http_client import Event, Record, RecordedResponse, Recorder, read
from perf.measurements import Status
from proxy.audio.formats import FormatName
from proxy.audio.wav import wav_header

SECOND = wav_header(32000, None) + bytes(64000)


def answer(
    *records: tuple[Event, bytes], requested: FormatName = "wav", measured: tuple[FormatName, ...] = ("wav",)
) -> RecordedResponse:
    """The response to records that arrive one a second."""
    answer = RecordedResponse(Record(Event.SENT, 0, 10.0), requested, measured)
    for time, (event, data) in enumerate(records):
        answer.take(Record(event, 0, 11.0 + time, data))
    return answer


def test_spoken() -> None:
    spoken = answer((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND), (Event.ENDED, b"")).result
    assert (spoken.sent, spoken.ended, spoken.status) == (10.0, 13.0, Status.SPOKEN)
    assert spoken.stream
    assert (spoken.stream.first_audio, spoken.stream.audio) == (2.0, 1.0)


def test_the_stated_format_counts_and_not_the_requested_one() -> None:
    records = ((Event.ANSWERED, b"200\naudio/wav; rate=32000\n"), (Event.PIECE, SECOND), (Event.ENDED, b""))
    assert answer(*records, requested="mp3").status is Status.SPOKEN


def test_the_requested_format_counts_if_none_is_stated() -> None:
    records = ((Event.ANSWERED, b"200\napplication/octet-stream\n"), (Event.PIECE, SECOND), (Event.ENDED, b""))
    assert answer(*records).stream


def test_audio_that_is_not_measured_counts_as_spoken() -> None:
    unheard = answer((Event.ANSWERED, b"200\naudio/mpeg\n"), (Event.PIECE, b"anything"), (Event.ENDED, b""))
    assert (unheard.status, unheard.stream) == (Status.SPOKEN, None)


@pytest.mark.parametrize("status", ["429", "503"])
def test_refused(status: str) -> None:
    refused = answer((Event.ANSWERED, f"{status}\ntext/plain\n7".encode()), (Event.PIECE, b"full"), (Event.ENDED, b""))
    assert refused.status is Status.REFUSED


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        (((Event.ANSWERED, b"500\ntext/plain\n"), (Event.ENDED, b"")), "the status was 500"),
        (((Event.ENDED, b"NewConnectionError: nobody there"),), "NewConnectionError: nobody there"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND), (Event.ENDED, b"cut")), "cut"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.PIECE, SECOND)), "the response has not ended"),
        (((Event.ANSWERED, b"200\naudio/wav\n"), (Event.ENDED, b"")), "there is no audio in 0 bytes of wav"),
    ],
)
def test_failed(records: tuple[tuple[Event, bytes], ...], problem: str) -> None:
    failed = answer(*records)
    assert (failed.status, failed.problem, failed.stream) == (Status.FAILED, problem, None)


RECORDS = [
    Record(Event.SENT, 0, 1.5),
    Record(Event.ANSWERED, 0, 1.75, b"200\naudio/mpeg\n"),
    Record(Event.SENT, 1, 1.8),
    Record(Event.PIECE, 0, 2.0, bytes(range(256))),
    Record(Event.ENDED, 0, 2.25),
]


def record(path: Path) -> Recorder:
    recorder = Recorder(path)
    for each in RECORDS:
        recorder.write(each)
    return recorder


def test_what_is_written_is_read(tmp_path: Path) -> None:
    record(tmp_path / "recording").close()
    assert list(read(tmp_path / "recording")) == RECORDS


def test_nothing_waits_in_memory(tmp_path: Path) -> None:
    recorder = record(tmp_path / "recording")
    assert list(read(tmp_path / "recording")) == RECORDS
    recorder.close()


def test_record_that_was_cut_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    record(path).close()
    for lost, left in ((1, 4), (17, 4), (18, 3), (17 + 256, 3), (17 + 256 + 5, 3), (17 + 256 + 17 + 1, 2)):
        cut = tmp_path / "cut"
        cut.write_bytes(path.read_bytes()[:-lost])
        assert list(read(cut)) == RECORDS[:left]


def test_old_recording_is_written_over(tmp_path: Path) -> None:
    record(tmp_path / "recording").close()
    Recorder(tmp_path / "recording").close()
    assert list(read(tmp_path / "recording")) == []


def test_other_files_are_not_recordings(tmp_path: Path) -> None:
    (tmp_path / "recording").write_text("something else")
    with pytest.raises(ValueError, match="is not a recording"):
        list(read(tmp_path / "recording"))
