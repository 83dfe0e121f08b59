"""From nothing to sound: a checkpoint, a server, a clip. Everything except the weights is real."""

import signal
import wave
from pathlib import Path

from tests.launch.serving import Serve, soprano

TEXT = "Hello from Soprano."


def test_checkpoint_serve_say(tmp_path: Path) -> None:
    checkpoint = str(tmp_path / "tiny")
    assert soprano("checkpoint", "synthetic", checkpoint, "--size", "tiny").stdout.strip() == checkpoint
    assert "synthetic" in soprano("checkpoint", "verify", checkpoint).stdout

    serve = Serve(tmp_path / "serve.txt", "--checkpoint", checkpoint, "--device", "cpu", "--slots", "2")
    try:
        serve.start().until_ready()
        for name in ("hello.mp3", "hello.wav"):
            result = soprano("say", TEXT, "-o", str(tmp_path / name), "--url", serve.url)
            assert result.returncode == 0, result.stderr
        tree = serve.tree()
        serve.signal(signal.SIGINT)
        assert serve.exit_status(20) == 0
        assert not [process for process in tree if process.alive]
    finally:
        serve.end()

    assert (tmp_path / "hello.mp3").stat().st_size > 1000
    with wave.open(str(tmp_path / "hello.wav")) as clip:
        assert clip.getframerate() == 32000
        assert 0.2 < clip.getnframes() / clip.getframerate() < 30
