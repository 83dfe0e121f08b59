"""openai-node: runs the tests in node/ with Node's own runner and the servers of this suite."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.decoded_audio import assert_whole
from tests.clients.recogniser import understood
from tests.clients.serving import KEY, ROOT, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES, TEXT
from tests.clients.tls_tunnel import TlsTunnel
from tests.waiting import wait_until

FOLDER = Path(__file__).with_name("node")
EXAMPLE = ROOT / "examples" / "openai_client.mjs"
NODE = str(Path(sys.executable).with_name("node"))


def run(file: str, server: Server, seconds: float = 0.0) -> None:
    """Run the tests of a file; a failure shows the runner's report."""
    settings = {"baseURL": server.base_url, "key": KEY, "engine": server.engine.pid}
    settings |= {"text": TEXT, "longText": LONG_TEXT, "seconds": seconds}
    _run(file, settings, {})


def _run(file: str, settings: dict[str, Any], environment: dict[str, str]) -> None:
    result = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", file],
        cwd=FOLDER,
        env=os.environ | environment | {"SOPRANO_CLIENT": json.dumps(settings)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "skipped 0" in result.stdout


def test_speech(server: Server, seconds: float) -> None:
    run("speech.test.js", server, seconds)


def test_errors(server: Server) -> None:
    run("errors.test.js", server)


def test_an_aborted_stream_is_given_up(server: Server) -> None:
    run("abort.test.js", server)
    wait_until(lambda: server.in_flight() == 0)


@pytest.mark.usefixtures("occupation")
def test_overload(small_server: Server) -> None:
    run("overload.test.js", small_server)


def test_a_clip_that_breaks_off(doomed_server: Server) -> None:
    run("interrupted.test.js", doomed_server)


def test_realtime(speaking_server: Server, tmp_path: Path) -> None:
    """It connects with TLS only."""
    text = " ".join(SENTENCES)
    with TlsTunnel(speaking_server.port, tmp_path) as tunnel:
        settings = {"baseURL": f"{tunnel.url}/v1", "key": KEY, "text": text, "longText": LONG_TEXT}
        certificate = {"NODE_EXTRA_CA_CERTS": str(tunnel.certificate)}
        _run("realtime.test.js", settings | {"output": str(tmp_path)}, certificate)
    wait_until(lambda: speaking_server.in_flight() == 0)
    for name in ("native", "ws"):
        assert understood(text, (tmp_path / f"{name}.pcm").read_bytes(), CLIENTS_RATE) > 0.8


def test_the_example(server: Server, seconds: float, tmp_path: Path) -> None:
    """The file from examples/, beside the packages of this suite."""
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    program = shutil.copy(EXAMPLE, tmp_path)
    file = tmp_path / "hello.mp3"
    result = subprocess.run(
        [NODE, program, TEXT, str(file)],
        env=os.environ | {"SOPRANO_URL": server.url, "SOPRANO_API_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    assert "spoken by synthetic" in result.stdout
    assert_whole(file.read_bytes(), "mp3", seconds)
