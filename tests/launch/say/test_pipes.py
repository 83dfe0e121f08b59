"""`soprano say` in a pipeline, and when it is interrupted."""

import os
import select
import signal
import subprocess
import threading
from pathlib import Path
from typing import IO

import pytest

from tests.launch.say.saying import saying
from tests.launch.say.speaker import DONE, Then, speaker
from tests.launch.serving import SOPRANO, assert_one_sentence, soprano
from tests.waiting import wait_until


def heard(pipe: IO[bytes]) -> bytes:
    """The next bytes from a pipe."""
    assert select.select([pipe], [], [], 20)[0], "nothing came"
    return os.read(pipe.fileno(), 1000)


@pytest.mark.parametrize("arguments", [[], ["-"], ["-o", "-"], ["-", "--output=-"], ["--file=-"]], ids=" ".join)
def test_from_a_pipe_into_a_pipe(arguments: list[str]) -> None:
    with speaker(b"\xff\x00", DONE) as server:
        command = [SOPRANO, "say", *arguments, "--url", server.url]
        result = subprocess.run(command, input="Grüße — aus\r\neiner Pipe.\n".encode(), capture_output=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"\xff\x00", b"")
    assert server.requests[0].text == "Grüße — aus\r\neiner Pipe.\n"
    assert "response_format" not in server.requests[0].body


def test_the_text_of_a_file(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("From a file.")
    with speaker(DONE) as server:
        assert soprano("say", "-f", str(text), "--url", server.url).returncode == 0
    assert server.requests[0].text == "From a file."


def test_two_texts_are_wrong_usage(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("From a file.")
    result = soprano("say", "From the command line.", "-f", str(text))
    assert result.returncode == 2
    assert "not both" in result.stderr


def test_a_text_that_is_not_a_file() -> None:
    result = soprano("say", "-f", "/nowhere")
    assert result.returncode == 2
    assert "'/nowhere': No such file" in result.stderr


def test_a_text_in_another_encoding(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("Grüße".encode("latin-1"))
    assert_one_sentence(soprano("say", "-f", str(text)), "not UTF-8", "byte 2")
    assert_one_sentence(soprano("say", os.fsdecode(b"Gr\xfc\xdfe")), "the text must be Unicode")


def test_a_piece_is_heard_at_once() -> None:
    with speaker(b"one", Then.HOLD) as server, saying("Hello.", "--url", server.url) as process:
        assert process.stdout is not None
        assert heard(process.stdout) == b"one"


def test_a_reader_that_goes_away() -> None:
    gone = threading.Event()
    with (
        speaker(b"one", gone, b"two", Then.HOLD) as server,
        saying("Hello.", "--url", server.url) as process,
    ):
        assert process.stdout is not None
        assert heard(process.stdout) == b"one"
        process.stdout.close()
        gone.set()
        assert process.wait(20) == 1
        assert server.left.wait(20), "the synthesis was not cancelled"
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_an_interruption_does_not_wait_for_a_reader() -> None:
    more_than_a_pipe_holds = bytes(1_000_000)
    with (
        speaker(b"one", more_than_a_pipe_holds, Then.HOLD) as server,
        saying("Hello.", "--url", server.url) as process,
    ):
        assert process.stdout is not None
        assert heard(process.stdout).startswith(b"one")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


def test_a_piece_larger_than_a_pipe() -> None:
    piece = bytes(range(250)) * 10_000
    with speaker(piece, DONE) as server, saying("Hello.", "--url", server.url) as process:
        assert process.communicate(timeout=60) == (piece, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    clip, times = tmp_path / "clips" / "hello.mp3", tmp_path / "clips" / "hello.srt"
    clip.parent.mkdir()
    with (
        speaker(b"one", Then.HOLD) as server,
        saying("Hello.", "-o", str(clip), "--timestamps", str(times), "--url", server.url) as process,
    ):
        wait_until(lambda: server.requests)
        drafts = ["hello.mp3.partial", "hello.mp3.partial.jsonl", "hello.srt.partial"]
        assert sorted(path.name for path in clip.parent.iterdir()) == drafts
        process.send_signal(number)
        assert process.wait(20) == 128 + number
        assert server.left.wait(20), "the synthesis was not cancelled"
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert not list(clip.parent.iterdir())


def test_a_named_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with speaker(b"one", Then.HOLD) as server, saying("Hello.", "-o", str(pipe), "--url", server.url):
        with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
            assert heard(reader) == b"one"
        assert pipe.is_fifo()


def test_a_full_disk() -> None:
    with speaker(b"one", DONE) as server:
        assert_one_sentence(soprano("say", "Hello.", "-o", "/dev/full", "--url", server.url), "cannot write /dev/full")
    assert Path("/dev/full").is_char_device()
