from pathlib import Path

import pytest

from perf.load.recording import Event, Record, Recorder, read

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
    with record(tmp_path / "recording"):
        pass
    assert list(read(tmp_path / "recording")) == RECORDS


def test_nothing_waits_in_memory(tmp_path: Path) -> None:
    with record(tmp_path / "recording"):
        assert list(read(tmp_path / "recording")) == RECORDS


def test_record_that_was_cut_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    record(path).close()
    for lost, left in ((1, 4), (17, 4), (18, 3), (17 + 256, 3), (17 + 256 + 5, 3), (17 + 256 + 17 + 1, 2)):
        cut = tmp_path / "cut"
        cut.write_bytes(path.read_bytes()[:-lost])
        assert list(read(cut)) == RECORDS[:left]


def test_old_recording_is_written_over(tmp_path: Path) -> None:
    record(tmp_path / "recording").close()
    with Recorder(tmp_path / "recording"):
        pass
    assert list(read(tmp_path / "recording")) == []


def test_other_files_are_no_recordings(tmp_path: Path) -> None:
    (tmp_path / "recording").write_text("something else")
    with pytest.raises(ValueError, match="is no recording"):
        list(read(tmp_path / "recording"))
