"""`soprano say --play`, with a stand-in for a player, and texts that are still being written."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.say.saying import saying
from tests.launch.say.stand_in_server import StandInServer, stand_in_server
from tests.launch.serving import assert_one_sentence, soprano
from tests.waiting import wait_until

FIRST = "The first sentence is here, and it is long enough to be spoken by itself. "
SECOND = "The second sentence comes after a while, and it ends the text."


@pytest.fixture(scope="module")
def server() -> Iterator[StandInServer]:
    with stand_in_server() as server:
        yield server


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the only player on this machine has taken."""
    heard = tmp_path / "heard.wav"
    _install(tmp_path / "bin", f"exec /bin/cat > {heard}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return heard


def _install(directory: Path, command: str) -> None:
    """Install a player."""
    directory.mkdir()
    player = directory / "mpv"
    player.write_text(f"#!/bin/sh\necho $$ > {directory}/pid\n{command}\n")
    player.chmod(0o755)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_text_is_played(server: StandInServer, heard: Path) -> None:
    result = soprano("say", FIRST + SECOND, "--play", "--url", server.url)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert heard.read_bytes()[:4] == b"RIFF"
    assert heard.stat().st_size == 44 + 2 * 400 * (len(FIRST) - 1 + len(SECOND))


def test_a_text_is_heard_while_it_is_written(server: StandInServer, heard: Path) -> None:
    with saying("--play", "--url", server.url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for character in FIRST:
            process.stdin.write(character.encode())
            process.stdin.flush()
        wait_until(lambda: heard.exists() and heard.stat().st_size > 1000)
        assert process.communicate(SECOND.encode(), timeout=30) == (b"", b"")
        assert process.returncode == 0
    assert heard.stat().st_size == 44 + 2 * 400 * (len(FIRST) - 1 + len(SECOND))


def test_a_file_grows_while_its_text_is_written(server: StandInServer, tmp_path: Path) -> None:
    clip = tmp_path / "x.mp3"
    with saying("-o", str(clip), "-f", "-", "--url", server.url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(FIRST.encode())
        process.stdin.flush()
        partial = tmp_path / "x.mp3.partial"
        wait_until(lambda: partial.exists() and partial.stat().st_size > 1000)
        process.communicate(SECOND.encode(), timeout=30)
    assert process.returncode == 0
    assert clip.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_the_player_at_once(server: StandInServer, heard: Path, number: signal.Signals) -> None:
    with saying("--play", "--url", server.url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(FIRST.encode())
        process.stdin.flush()
        wait_until(lambda: heard.exists() and heard.stat().st_size > 1000)
        pid = int((heard.parent / "bin" / "pid").read_text())
        assert is_running(pid)
        process.send_signal(number)
        assert process.wait(5) == 128 + number
        assert not is_running(pid)
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_player_that_fails(server: StandInServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path / "bin", "/bin/cat > /dev/null; exit 2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    result = soprano("say", FIRST, "--play", "--url", server.url)
    assert_one_sentence(result, "the player mpv failed with status 2")


def test_without_a_player(tmp_path: Path) -> None:
    result = soprano("say", FIRST, "--play", PATH=str(tmp_path))
    assert_one_sentence(result, "--play needs one of the players mpv, ffplay", "--output")


def test_a_file_is_not_played() -> None:
    result = soprano("say", FIRST, "--play", "-o", "hello.mp3")
    assert result.returncode == 2
    assert "not both" in result.stderr
