"""`soprano say` when the server or the command itself is lost in the middle of a long text."""

import io
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.launch.say.saying import saying
from tests.launch.say.stand_in_server import StandInServer, stand_in_server
from tests.launch.serving import assert_one_sentence, soprano
from tests.waiting import wait_until

LOSS = 0.12
"""Seconds of audio that one loss may add in a compressed format: a frame, and the delay of its decoder."""


@pytest.fixture(scope="module")
def server() -> Iterator[StandInServer]:
    """A server that speaks the book in a second or two."""
    with stand_in_server(speed=40) as server:
        yield server


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of more characters than one request may have."""
    paragraphs = [
        f"Chapter {number} has a beginning — it isn't long. Then it goes on for a while, as one would expect of it, "
        f"and says nothing new. [pause:0.5s] Number {number} ends here, without any consequences for anybody at all."
        for number in range(1, 21)
    ]
    path = tmp_path_factory.mktemp("book") / "book.txt"
    path.write_text("\n\n".join(paragraphs))
    return path


@pytest.fixture(scope="module")
def whole(server: StandInServer, book: Path) -> bytes:
    """The book as WAV, without any loss."""
    path = book.with_name("whole.wav")
    result = soprano("say", "-f", str(book), "-o", str(path), "--timestamps", f"{path}.json", "--url", server.url)
    assert result.returncode == 0, result.stderr
    return path.read_bytes()


def sentences(path: Path) -> list[dict[str, Any]]:
    """What `--timestamps` has written, to the microsecond."""
    found: list[dict[str, Any]] = json.loads(path.read_text())["sentences"]
    return [{**each, "start": round(each["start"], 6), "end": round(each["end"], 6)} for each in found]


def journal(path: Path) -> list[str]:
    """The lines that are complete."""
    file = path.with_name(f"{path.name}.partial.jsonl")
    return file.read_text().splitlines() if file.exists() else []


def duration(path: Path) -> float:
    """Seconds that a player plays."""
    with av.open(io.BytesIO(path.read_bytes()), "r") as opened:
        (stream,) = opened.streams.audio
        samples: int = sum(frame.samples for frame in opened.decode(stream))
        return samples / stream.rate


def lose(server: StandInServer, command: list[str], clip: Path) -> str:
    """Run the command while the server is killed in the middle and started again; return what it says."""
    with saying(*command, "--url", server.url) as process:
        wait_until(lambda: len(journal(clip)) > 8 or process.poll() is not None, 60)
        assert process.poll() is None, "it was too fast"
        server.stop()
        server.start()
        _, said = process.communicate(timeout=100)
        assert process.returncode == 0, said
    return said.decode()


def test_a_server_that_is_started_again(server: StandInServer, book: Path, whole: bytes, tmp_path: Path) -> None:
    clip, times = tmp_path / "book.wav", tmp_path / "book.json"
    said = lose(server, ["-f", str(book), "-o", str(clip), "--timestamps", str(times)], clip)
    assert "connecting again" in said
    assert clip.read_bytes() == whole
    assert sentences(times) == sentences(book.with_name("whole.wav.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.json", "book.wav"]


def test_a_server_that_stops_in_the_middle_of_a_word(
    server: StandInServer, book: Path, whole: bytes, tmp_path: Path
) -> None:
    """It says what was written before it stops, and that is said again as a part of its sentence."""
    clip, text = tmp_path / "book.wav", book.read_bytes()
    half = len(text) // 2
    with saying("-o", str(clip), "--url", server.url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(text[:half])
        process.stdin.flush()
        wait_until(lambda: len(journal(clip)) > 20, 60)
        server.stop(signal.SIGTERM)
        server.start()
        _, said = process.communicate(text[half:], timeout=60)
        assert process.returncode == 0, said
    assert "stops before the end of the text" in said.decode()
    assert clip.read_bytes() == whole


@pytest.mark.parametrize("name", ["book.mp3", "book.aac", "book.ogg"])
@pytest.mark.usefixtures("whole")
def test_compressed_formats_are_continued_at_a_frame(
    server: StandInServer, book: Path, tmp_path: Path, name: str
) -> None:
    clip, times = tmp_path / name, tmp_path / "book.json"
    lose(server, ["-f", str(book), "-o", str(clip), "--timestamps", str(times)], clip)
    found, expected = sentences(times), sentences(book.with_name("whole.wav.json"))
    assert [(each["index"], each["text_start"], each["text_end"]) for each in found] == [
        (each["index"], each["text_start"], each["text_end"]) for each in expected
    ]
    late = [one["start"] - other["start"] for one, other in zip(found, expected, strict=True)]
    assert late[0] == 0
    assert 0 < late[-1] < LOSS
    assert {round(each, 5) for each in late} == {0, round(late[-1], 5)}
    assert duration(clip) == pytest.approx(found[-1]["end"], abs=LOSS)


def test_a_command_that_is_killed_goes_on_when_it_is_run_again(
    server: StandInServer, book: Path, whole: bytes, tmp_path: Path
) -> None:
    clip, times = tmp_path / "book.wav", tmp_path / "book.json"
    command = ["-f", str(book), "-o", str(clip), "--timestamps", str(times), "--url", server.url]
    with saying(*command) as process:
        wait_until(lambda: len(journal(clip)) > 8, 60)
        process.kill()
        process.wait()
    assert not clip.exists()
    result = soprano("say", *command)
    assert result.returncode == 0, result.stderr
    assert "going on after" in result.stderr
    assert clip.read_bytes() == whole
    assert sentences(times) == sentences(book.with_name("whole.wav.json"))


@pytest.fixture
def unfinished(server: StandInServer, book: Path, tmp_path: Path) -> Path:
    """A clip of which a part was made, by a command that was interrupted."""
    clip = tmp_path / "book.wav"
    with saying("-f", str(book), "-o", str(clip), "--url", server.url) as process:
        wait_until(lambda: len(journal(clip)) > 5, 60)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "s of audio are kept in book.wav.partial: run the same command again to go on" in said.decode()
    return clip


@pytest.mark.parametrize("option", ["--no-resume", "--seed=3"])
def test_what_was_made_otherwise_is_made_again(
    server: StandInServer, book: Path, whole: bytes, unfinished: Path, option: str
) -> None:
    result = soprano("say", "-f", str(book), "-o", str(unfinished), option, "--url", server.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert unfinished.read_bytes() == whole


def test_another_text_is_begun(server: StandInServer, unfinished: Path) -> None:
    result = soprano("say", "Something else.", "-o", str(unfinished), "--url", server.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(unfinished.read_bytes()) == 44 + 2 * 400 * len("something else.")


def test_half_a_line_does_not_count(server: StandInServer, book: Path, whole: bytes, unfinished: Path) -> None:
    file = unfinished.with_name("book.wav.partial.jsonl")
    file.write_bytes(file.read_bytes()[:-20])
    result = soprano("say", "-f", str(book), "-o", str(unfinished), "--url", server.url)
    assert result.returncode == 0, result.stderr
    assert unfinished.read_bytes() == whole


def test_without_a_server_what_was_made_stays(book: Path, unfinished: Path) -> None:
    before = len(journal(unfinished))
    result = soprano("say", "-f", str(book), "-o", str(unfinished), "--url", "http://127.0.0.1:9")
    assert result.returncode == 1
    assert "no server at" in result.stderr
    assert len(journal(unfinished)) == before


def test_two_commands_do_not_write_one_file(server: StandInServer, tmp_path: Path) -> None:
    clip = tmp_path / "book.mp3"
    with saying("-o", str(clip), "--url", server.url, stdin=subprocess.PIPE):
        wait_until(lambda: journal(clip), 60)
        result = soprano("say", "Hello.", "-o", str(clip), "--url", server.url)
        assert_one_sentence(result, "another `soprano say` is writing")


def test_flac_cannot_be_continued(server: StandInServer, book: Path, tmp_path: Path) -> None:
    clip = tmp_path / "book.flac"
    with saying("-f", str(book), "-o", str(clip), "--url", server.url) as process:
        partial = clip.with_name("book.flac.partial")
        wait_until(lambda: partial.exists() and partial.stat().st_size > 100_000, 60)
        server.stop()
        _, said = process.communicate(timeout=60)
    server.start()
    assert process.returncode == 1
    assert "this format cannot be continued: choose another --format" in said.decode()
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_come_back(server: StandInServer, book: Path, tmp_path: Path) -> None:
    clip = tmp_path / "book.wav"
    command = ["-f", str(book), "-o", str(clip), "--reconnect=1"]
    with saying(*command, "--url", server.url) as process:
        wait_until(lambda: len(journal(clip)) > 5, 60)
        server.stop()
        _, said = process.communicate(timeout=60)
    server.start()
    assert process.returncode == 1
    assert "no server at" in said.decode()
    assert "are kept in" in said.decode()


def test_a_pipe_hears_a_sentence_twice_rather_than_not_at_all(server: StandInServer, book: Path, whole: bytes) -> None:
    command = ["-f", str(book), "--format=wav", "--url", server.url]
    with saying(*command) as process:
        assert process.stdout is not None
        heard = process.stdout.read(len(whole) // 2)
        server.stop()
        server.start()
        heard += process.stdout.read()
        assert process.wait(60) == 0
    before, after = np.frombuffer(whole[44:], np.int16), np.frombuffer(heard[44:], np.int16)
    assert 0 <= len(after) - len(before) < 32000 * 6
    assert np.array_equal(after[: len(before) // 3], before[: len(before) // 3])
    assert np.array_equal(after[-len(before) // 3 :], before[-len(before) // 3 :])
