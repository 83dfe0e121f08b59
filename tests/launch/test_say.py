"""`soprano say` against servers that behave well and badly."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from launch import ports
from tests.launch.serving import SOPRANO, assert_one_sentence, soprano


class Speaker(BaseHTTPRequestHandler):
    """Answers with chunks of audio, or with an error."""

    protocol_version = "HTTP/1.1"
    status: ClassVar[int]
    chunks: ClassVar[list[bytes]]
    seen: ClassVar[list[dict[str, Any]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append({"body": body.decode(), "key": self.headers["Authorization"], "path": self.path})
        self.send_response(self.status)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in self.chunks:
            self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        if b"cut" not in self.chunks:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def speaker(*chunks: bytes, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The URL of a server, and what was asked of it. The chunk `cut` breaks the answer off."""
    seen: list[dict[str, Any]] = []
    handler = type("Handler", (Speaker,), {"status": status, "chunks": chunks, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="stand-in")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Where a clip goes: a directory that holds nothing else."""
    directory = tmp_path / "clips"
    directory.mkdir()
    return directory / "hello.mp3"


def test_the_audio_is_saved(clip: Path) -> None:
    with speaker(b"one", b"two") as (url, seen):
        assert soprano("say", "Hello.", "-o", str(clip), "--url", url, SOPRANO_API_KEY="secret").returncode == 0
    assert clip.read_bytes() == b"onetwo"
    assert list(clip.parent.iterdir()) == [clip]
    assert clip.stat().st_mode & 0o777 == 0o666 & ~_umask()
    (request,) = seen
    assert request["path"] == "/v1/audio/speech"
    assert '"input":"Hello."' in request["body"].replace(": ", ":")
    assert '"response_format":"mp3"' in request["body"].replace(": ", ":")
    assert request["key"] == "Bearer secret"


@pytest.mark.parametrize(("name", "audio_format"), [("a.wav", "wav"), ("a.OGG", "opus"), ("a.b.flac", "flac")])
def test_the_extension_names_the_format(tmp_path: Path, name: str, audio_format: str) -> None:
    with speaker(b"audio") as (url, seen):
        assert soprano("say", "Hello.", "-o", str(tmp_path / name), "--url", url).returncode == 0
    assert f'"response_format":"{audio_format}"' in seen[0]["body"].replace(": ", ":")


def test_standard_output_and_input() -> None:
    with speaker(b"audio") as (url, seen):
        command = [SOPRANO, "say", "-", "-o", "-", "--url", url]
        result = subprocess.run(command, input=b"From a pipe.", capture_output=True, timeout=60)
    assert result.stdout == b"audio"
    assert "From a pipe." in seen[0]["body"]


def test_no_server(clip: Path) -> None:
    (port,) = ports.find_free("127.0.0.1", 1)
    result = soprano("say", "Hello.", "-o", str(clip), "--url", f"http://127.0.0.1:{port}")
    assert_one_sentence(result, f"no server at http://127.0.0.1:{port}: start it with `make serve`")
    assert not list(clip.parent.iterdir())


def test_the_servers_own_message(clip: Path) -> None:
    with speaker(b'{"error":{"message":"There is no voice \'x\'."}}', status=400) as (url, _):
        assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", url), "400", "There is no voice 'x'.")
    assert not list(clip.parent.iterdir())


def test_a_message_in_another_form(clip: Path) -> None:
    with speaker(b"Bad gateway", status=502) as (url, _):
        assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", url), "502", "Bad gateway")


def test_a_broken_stream_leaves_the_old_file(clip: Path) -> None:
    clip.write_bytes(b"old")
    with speaker(b"half", b"cut") as (url, _):
        assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", url), "broke off")
    assert clip.read_bytes() == b"old"
    assert list(clip.parent.iterdir()) == [clip]


def test_an_extension_that_is_no_format(clip: Path) -> None:
    assert_one_sentence(soprano("say", "Hello.", "-o", str(clip.with_suffix(".doc"))), "hello.doc", "--format")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost", "http://[::1"])
def test_a_url_that_is_none(clip: Path, url: str) -> None:
    assert_one_sentence(soprano("say", "Hello.", "-o", str(clip), "--url", url), url, "is no URL of a server")


@pytest.mark.parametrize("output", ["/nowhere/hello.mp3", "."])
def test_a_file_that_cannot_be_written(output: str) -> None:
    with speaker(b"audio") as (url, _):
        result = soprano("say", "Hello.", "-o", output, "--format", "mp3", "--url", url)
    assert_one_sentence(result, f"cannot write {output}", "choose another --output")


def _umask() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("Umask:")[2].split()[0], 8)
