"""The programs in examples/, each run as a reader of the README would, against servers with a stand-in engine."""

import json
import os
import subprocess
import sys
import wave
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from proxy.settings import Settings
from tests.proxy.listening import read_samples, read_with_libsndfile
from tests.proxy.live_server import live_server
from tests.proxy.stand_in import CHUNK_SAMPLES, FREQUENCY, RATE, StandIn, sine
from tests.proxy.synthesis.stand_in_triton import StandInTriton, serve

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = "sk-of-an-example"
TEXT = "Hello from an example."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that wants a key."""
    settings = Settings(triton_url="127.0.0.1:8001", api_keys=frozenset({KEY}))
    with live_server(settings, StandIn) as url:
        yield url


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, which has to be a good one."""
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done


def example(url: str, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return run(sys.executable, str(EXAMPLES / name), TEXT, *arguments, SOPRANO_URL=url, SOPRANO_API_KEY=KEY)


@pytest.mark.parametrize("extension", ["mp3", "wav"])
def test_openai_client_writes_a_file(url: str, tmp_path: Path, extension: str) -> None:
    file = tmp_path / f"hello.{extension}"
    told = example(url, "openai_client.py", str(file)).stdout.decode()
    assert read_with_libsndfile(file.read_bytes()).frequency() == pytest.approx(FREQUENCY, abs=0.5)
    assert "spoken by stand-in" in told


def test_openai_realtime_reads_standard_input(url: str, tmp_path: Path) -> None:
    file = tmp_path / "hello.wav"
    program = [sys.executable, str(EXAMPLES / "openai_realtime.py"), str(file)]
    environment = os.environ | {"SOPRANO_URL": url, "SOPRANO_API_KEY": KEY}
    done = subprocess.run(program, env=environment, input=TEXT.encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == f"{TEXT}\n{file}: completed\n"
    assert read_with_libsndfile(file.read_bytes()).seconds == pytest.approx(StandIn().seconds, abs=0.01)


def test_stream_to_player_writes_samples(url: str) -> None:
    done = example(url, "stream_to_player.py")
    assert read_samples(done.stdout, 24000).seconds == pytest.approx(StandIn().seconds, abs=0.001)
    assert b"first audio after" in done.stderr


def test_stream_to_player_shows_an_error(url: str) -> None:
    program = [sys.executable, str(EXAMPLES / "stream_to_player.py"), TEXT]
    environment = os.environ | {"SOPRANO_URL": url, "SOPRANO_API_KEY": "sk-of-another"}
    done = subprocess.run(program, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"401: ")


def test_triton_stream_writes_every_chunk(tmp_path: Path) -> None:
    file = tmp_path / "hello.wav"
    with serve(StandInTriton()) as triton:
        program = str(EXAMPLES / "triton_stream.py")
        done = run(sys.executable, program, "chunks=4", str(file), SOPRANO_TRITON_URL=triton)
    assert done.stdout.count(b"chunk ") == 4
    with wave.open(str(file)) as clip:
        assert clip.getframerate() == RATE
        samples = np.frombuffer(clip.readframes(clip.getnframes()), dtype="<i2")
    np.testing.assert_array_equal(samples, sine(4 * CHUNK_SAMPLES))


def test_triton_stream_shows_an_error(tmp_path: Path) -> None:
    with serve(StandInTriton(refusal="overloaded: the limit is reached")) as triton:
        program = [sys.executable, str(EXAMPLES / "triton_stream.py"), TEXT, str(tmp_path / "hello.wav")]
        environment = os.environ | {"SOPRANO_TRITON_URL": triton}
        done = subprocess.run(program, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"overloaded: the limit is reached" in done.stderr


def test_the_shell_script_asks_in_four_ways(url: str, tmp_path: Path) -> None:
    run("sh", str(EXAMPLES / "speech.sh"), TEXT, str(tmp_path), SOPRANO_URL=url, SOPRANO_API_KEY=KEY)
    assert read_with_libsndfile((tmp_path / "speech.mp3").read_bytes()).frequency() == pytest.approx(FREQUENCY, abs=0.5)
    clip = read_with_libsndfile((tmp_path / "speech.wav").read_bytes())
    assert clip.rate == 16000
    assert clip.seconds == pytest.approx(StandIn().seconds / 1.25, abs=0.1)
    answer = json.loads((tmp_path / "speech.json").read_text())
    assert read_with_libsndfile(b64decode(answer["audio"])).frequency() == pytest.approx(FREQUENCY, abs=0.5)
    lines = (tmp_path / "speech.events").read_text().split("\n\n")
    kinds = [json.loads(line.removeprefix("data: "))["type"] for line in lines if line]
    assert kinds[0] == "speech.audio.delta"
    assert kinds[-1] == "speech.audio.done"


def test_the_readme_of_the_examples_names_all_of_them() -> None:
    programs = {file.name for file in EXAMPLES.iterdir() if file.suffix in (".py", ".mjs", ".sh")}
    readme = (EXAMPLES / "README.md").read_text()
    assert {name for name in programs if f"({name})" not in readme} == set()
