"""`soprano say` on a terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from tests.launch.say.saying import saying
from tests.launch.say.speaker import DONE, Then, error, sentence, speaker
from tests.launch.serving import soprano

TEXT = "Grüße from the first half.  And so on to the end!!!!\n"
FIRST, LAST = "Grüße from the first half.", "And so on to the end!!!!"


class Terminal:
    """A pseudo-terminal that records its output; `end` is the side for the program."""

    def __init__(self) -> None:
        self._screen, self.end = pty.openpty()
        self._seen = b""
        self._closed = False

    def close_end(self) -> None:
        """Close this process's copy of the program's side, so that reading ends when the program does."""
        if not self._closed:
            os.close(self.end)
            self._closed = True

    def until(self, text: str) -> None:
        """Read until `text` appears."""
        deadline = time.monotonic() + 60
        while text not in self._text():
            assert self._read(), f"no {text!r} before the end of {self._text()[-500:]!r}"
            assert time.monotonic() < deadline, f"no {text!r} at the end of {self._text()[-500:]!r}"

    def rest(self) -> str:
        """Everything that appeared, until the program ended."""
        deadline = time.monotonic() + 60
        while self._read():
            assert time.monotonic() < deadline, f"no end after {self._text()[-500:]!r}"
        return self._text()

    def _text(self) -> str:
        """The output without its colours."""
        return re.sub(r"\x1b\[[\d;]*m", "", self._seen.decode(errors="replace"))

    def _read(self) -> bool:
        assert select.select([self._screen], [], [], 60)[0], f"nothing after {self._text()[-500:]!r}"
        try:
            piece = os.read(self._screen, 4096)
        except OSError:
            # Linux reports an input error when no process has the other side open.
            return False
        self._seen += piece
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_end()
        os.close(self._screen)


@contextmanager
def saying_on(
    terminal: Terminal, *arguments: str, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A `soprano say` whose standard input and error are `terminal`."""
    with saying(*arguments, stdin=terminal.end, stdout=stdout, stderr=terminal.end) as process:
        terminal.close_end()
        yield process


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal() as terminal:
        yield terminal


def test_progress_is_that_of_the_sentences(terminal: Terminal, tmp_path: Path) -> None:
    clip, seen = str(tmp_path / "[b]hello.mp3"), threading.Event()
    first, last = sentence(TEXT, FIRST, 0.0, 12.34), sentence(TEXT, LAST, 12.34, 56.78)
    with (
        speaker(b"one", first, seen, b"two", last, DONE) as server,
        saying_on(terminal, TEXT, "-o", clip, "--url", server.url) as process,
    ):
        terminal.until(" 49% sentence 1 12.3 s of audio 0:00:0")
        seen.set()
        screen = terminal.rest()
        assert process.wait(20) == 0
    assert "100% sentence 1 56.8 s of audio 0:00:0" in screen
    assert "[b]hello.mp3 " in screen
    assert screen.endswith("\x1b[?25h"), "the cursor is back"


def test_a_pipe_has_progress_too(terminal: Terminal) -> None:
    with (
        speaker(b"one", sentence(TEXT, LAST, 0.0, 56.78), DONE) as server,
        saying_on(terminal, TEXT, "--url", server.url, stdout=subprocess.PIPE) as process,
    ):
        screen = terminal.rest()
        assert process.wait(20) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b"one"
    assert "standard output" in screen
    assert "100% sentence 1 56.8 s of audio" in screen


def test_quiet(terminal: Terminal) -> None:
    with speaker(b"one", DONE) as server, saying_on(terminal, TEXT, "--quiet", "--url", server.url) as process:
        assert terminal.rest() == ""
        assert process.wait(20) == 0


def test_without_a_terminal_there_is_no_progress(tmp_path: Path) -> None:
    with speaker(b"one", sentence(TEXT, LAST, 0.0, 56.78), DONE) as server:
        result = soprano("say", TEXT, "-o", str(tmp_path / "hello.mp3"), "--url", server.url, FORCE_COLOR="1")
    assert result.stderr == ""


def test_a_failure_is_told_below_the_bar(terminal: Terminal) -> None:
    with speaker(b"one", error("Triton is gone.")) as server:
        with saying_on(terminal, TEXT, "--url", server.url, "--reconnect=0") as process:
            screen = terminal.rest()
            assert process.wait(20) == 1
        bar, message = screen.rstrip().splitlines()[-2:]
    assert "s of audio" in bar
    assert "the server failed: Triton is gone." in message


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_the_terminal_in_order(terminal: Terminal, number: signal.Signals) -> None:
    with speaker(b"one", Then.HOLD) as server, saying_on(terminal, TEXT, "--url", server.url) as process:
        terminal.until("s of audio")
        process.send_signal(number)
        screen = terminal.rest()
        assert process.wait(20) == 128 + number
    assert screen.endswith("\x1b[?25h"), "the cursor is back, and nothing else is said"


@pytest.mark.parametrize("output", [[], ["-o", "-"], ["-o", "/dev/stdout", "--format", "mp3"]], ids=" ".join)
def test_audio_is_not_for_a_terminal(terminal: Terminal, output: list[str]) -> None:
    with (
        speaker(b"one", DONE) as server,
        saying_on(terminal, TEXT, *output, "--url", server.url, stdout=terminal.end) as process,
    ):
        screen = terminal.rest()
        assert process.wait(20) == 1
    assert "is a terminal: set --output to a file, or pipe the audio into a player" in screen
    assert not server.requests


def test_nothing_to_say_is_wrong_usage(terminal: Terminal) -> None:
    with saying_on(terminal, "-o", "hello.mp3") as process:
        screen = terminal.rest()
        assert process.wait(20) == 2
    assert "give a TEXT or a --file, or pipe the text in" in screen
