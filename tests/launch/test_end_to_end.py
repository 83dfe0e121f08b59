"""From nothing to sound: a checkpoint, a server, a clip. Everything except the weights is real."""

import json
import re
import signal
import wave
from pathlib import Path

import pytest

from tests.launch.say.saying import saying
from tests.launch.serving import Serve, soprano
from tests.waiting import wait_until

TEXT = "Hello from Soprano."
STORY = """It begins with a sentence that is long enough. The second one costs $5, as it says here.

And the third sentence is the end of the whole story."""


def assert_a_killed_command_goes_on(url: str, directory: Path) -> None:
    clip, times = directory / "story.wav", directory / "story.json"
    journal = directory / "story.wav.partial.jsonl"
    command = ["-o", str(clip), "--timestamps", str(times), "--url", url, STORY]
    with saying(*command) as process:
        wait_until(lambda: journal.exists() and len(journal.read_bytes().splitlines()) > 1, 60)
        process.kill()
    result = soprano("say", *command)
    assert result.returncode == 0, result.stderr
    assert "going on after" in result.stderr
    sentences = json.loads(times.read_text())["sentences"]
    assert [each["text"] for each in sentences] == [each.strip() for each in re.findall(r"[^.]+\.", STORY)]
    with wave.open(str(clip)) as opened:
        assert opened.getnframes() / opened.getframerate() == pytest.approx(sentences[-1]["end"])


@pytest.mark.timeout(300)  # a synthetic checkpoint makes long sentences of noise
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
        assert_a_killed_command_goes_on(serve.url, tmp_path)
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
