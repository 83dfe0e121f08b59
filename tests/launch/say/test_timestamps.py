"""`soprano say --timestamps`: the time of each sentence, with the sentence as it stands in the text."""

import html
import json
import re
from pathlib import Path

import pytest

from tests.launch.say.speaker import DONE, error, sentence, speaker
from tests.launch.serving import assert_one_sentence, soprano

FIRST, SECOND, LAST = "It costs $5 & is 3 <\n\n4. ", "— Ünïcode!", "The end."
TEXT = f"{FIRST}{SECOND} {LAST}"
EVENTS = [
    sentence(TEXT, FIRST.strip(), 0.0, 1.0004),
    sentence(TEXT, SECOND, 1.0004, 59.9996),
    sentence(TEXT, LAST, 59.9996, 3725.25),
]
CUES = [
    (0, 1000, "It costs $5 & is 3 < 4."),
    (1000, 60_000, "— Ünïcode!"),
    (60_000, 3_725_250, "The end."),
]
"""Milliseconds and words."""


def saved(path: Path) -> str:
    """The content of the file that is written to `path`."""
    with speaker(EVENTS[0], b"one", *EVENTS[1:], DONE) as server:
        result = soprano(
            "say", TEXT, "-o", str(path.with_suffix(".mp3")), "--timestamps", str(path), "--url", server.url
        )
    assert result.returncode == 0, result.stderr
    assert path.with_suffix(".mp3").read_bytes() == b"one"
    return path.read_text(encoding="utf-8")


def milliseconds(clock: str, point: str) -> int:
    parts = re.fullmatch(rf"(\d\d):(\d\d):(\d\d){re.escape(point)}(\d\d\d)", clock)
    assert parts, clock
    hours, minutes, seconds, rest = map(int, parts.groups())
    assert minutes < 60 > seconds
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def test_subrip(tmp_path: Path) -> None:
    blocks = saved(tmp_path / "hello.srt").split("\n\n")
    read = []
    for number, block in enumerate(blocks, start=1):
        index, times, words = block.rstrip("\n").split("\n")
        assert index == str(number)
        start, end = times.split(" --> ")
        read.append((milliseconds(start, ","), milliseconds(end, ","), words))
    assert read == CUES


def test_webvtt(tmp_path: Path) -> None:
    head, *blocks = saved(tmp_path / "hello.VTT").split("\n\n")
    assert head == "WEBVTT"
    read = []
    for block in blocks:
        times, words = block.rstrip("\n").split("\n")
        assert not re.search(r"<|&(?!amp;|lt;|gt;)", words), "not escaped"
        start, end = times.split(" --> ")
        read.append((milliseconds(start, "."), milliseconds(end, "."), html.unescape(words)))
    assert read == CUES


def test_json(tmp_path: Path) -> None:
    sentences = json.loads(saved(tmp_path / "hello.json"))["sentences"]
    assert [each["text"] for each in sentences] == [FIRST.strip(), SECOND, LAST]
    assert [TEXT[each["text_start"] : each["text_end"]] for each in sentences] == [FIRST.strip(), SECOND, LAST]
    assert [(each["start"], each["end"]) for each in sentences] == [
        (0.0, 1.0004),
        (1.0004, 59.9996),
        (59.9996, 3725.25),
    ]


def test_beside_a_pipe(tmp_path: Path) -> None:
    times = tmp_path / "hello.srt"
    with speaker(EVENTS[0], b"one", DONE) as server:
        result = soprano("say", TEXT, "--timestamps", str(times), "--url", server.url)
    assert result.stdout == "one"
    assert times.exists()


def test_a_failure_leaves_the_old_files(tmp_path: Path) -> None:
    clip, times = tmp_path / "hello.mp3", tmp_path / "hello.srt"
    clip.write_text("old clip")
    times.write_text("old times")
    with speaker(EVENTS[0], b"one", error("Enough.")) as server:
        result = soprano("say", TEXT, "-o", str(clip), "--timestamps", str(times), "--url", server.url, "--reconnect=0")
    assert_one_sentence(result, "Enough.")
    assert (clip.read_text(), times.read_text()) == ("old clip", "old times")


@pytest.mark.parametrize(
    ("name", "words"), [("hello.txt", ".json, .srt, .vtt"), ("nowhere/hello.srt", "cannot write nowhere/hello.srt")]
)
def test_a_file_that_cannot_be(name: str, words: str) -> None:
    with speaker(DONE) as server:
        assert_one_sentence(soprano("say", TEXT, "--timestamps", name, "--url", server.url), words)
    assert not server.requests, "speech was made for nothing"
