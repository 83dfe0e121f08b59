"""The sizes that a WAV header states."""

import io
import subprocess
import wave
from pathlib import Path

from tests.launch.say.speaker import DONE, speaker
from tests.launch.serving import SOPRANO, soprano

SAMPLES = bytes(range(200)) * 10


def wav(samples: bytes) -> bytes:
    """A WAV file as the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(32000)
        clip.writeframes(samples)
    return file.getvalue()


def streamed(whole: bytes) -> bytes:
    """The same file as a stream sends it, with unknown sizes."""
    return whole[:4] + b"\xff" * 4 + whole[8:40] + b"\xff" * 4 + whole[44:]


def test_a_file_states_its_sizes(tmp_path: Path) -> None:
    clip, whole = tmp_path / "hello.wav", wav(SAMPLES)
    header, samples = streamed(whole)[:44], streamed(whole)[44:]
    with speaker(header, samples[:1000], samples[1000:], DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url).returncode == 0
    assert clip.read_bytes() == whole
    with wave.open(str(clip)) as opened:
        assert opened.getnframes() == len(SAMPLES) // 2
        assert opened.readframes(len(SAMPLES)) == SAMPLES


def test_sizes_that_are_known_stay(tmp_path: Path) -> None:
    clip, whole = tmp_path / "hello.wav", wav(SAMPLES) + b"LIST"
    with speaker(whole, DONE) as server:
        assert soprano("say", "Hello.", "-o", str(clip), "--url", server.url).returncode == 0
    assert clip.read_bytes() == whole


def test_a_pipe_gets_the_stream_as_it_is() -> None:
    sent = streamed(wav(SAMPLES))
    with speaker(sent, DONE) as server:
        command = [SOPRANO, "say", "Hello.", "--format=wav", "--url", server.url]
        result = subprocess.run(command, capture_output=True, timeout=60)
    assert result.stdout == sent
