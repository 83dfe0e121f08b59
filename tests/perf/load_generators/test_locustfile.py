"""The locustfile as its users run it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from perf.load_generators.http_client import Event, read
from perf.workload import Mix
from proxy.audio.wav import wav_header
from tests.perf.load_generators.speech_server import WAIT, Handler, speech_server

ROOT = Path(__file__).parents[3]
LOCUSTFILE = "perf/load_generators/locustfile.py"
CLIP = wav_header(32000, 64000) + bytes(64000)


def locust(*arguments: str, expected_status: int = 0, **variables: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Run it without its page; return the lines of its table."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("locust")),
            "-f",
            "perf/load_generators/locustfile.py",
            "--headless",
            "--json",
            *arguments,
        ],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == expected_status, done.stderr
    return {(line["method"], line["name"]): line for line in json.loads(done.stdout or "[]")}


def test_table_has_the_first_audio_and_the_silence() -> None:
    with speech_server(lambda request: request.whole(CLIP)) as server:
        table = locust("--host", server.url, "--requests", "5", "--response-format", "wav")
    counts = {name: line["num_requests"] for (_, name), line in table.items()}
    assert counts == {"/v1/audio/speech": 5, "first audio": 5, "stall": 5}
    assert [asked["input"] for asked in server.asked] == list(Mix.read().deck()[:5])


def test_refusals_are_no_failures() -> None:
    with speech_server(lambda request: request.whole(b"{}", "application/json", 429)) as server:
        table = locust("--host", server.url, "--requests", "2")
    assert {key: (line["num_requests"], line["num_failures"]) for key, line in table.items()} == {
        ("refused", "429"): (2, 0)
    }


def test_a_listener_who_was_refused_comes_back_when_the_server_said(tmp_path: Path) -> None:
    with speech_server(lambda request: request.refuse(retry_after=1)) as server:
        locust("--host", server.url, "--requests", "2", "--record", str(tmp_path / "recording"))
    recorded = list(read(tmp_path / "recording"))
    (ended, _), (_, sent) = (
        [each.time for each in recorded if each.event is event] for event in (Event.ENDED, Event.SENT)
    )
    assert sent - ended >= 1


def test_other_errors_are() -> None:
    with speech_server(lambda request: request.cut(CLIP)) as server:
        table = locust("--host", server.url, "--requests", "2", expected_status=1)
    assert [line["num_failures"] for line in table.values()] == [2]


def test_everything_can_be_set_by_variables(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("Hello.\n")
    with speech_server(lambda request: request.whole(CLIP)) as server:
        locust(
            LOCUST_HOST=server.url,
            SPEECH_FORMAT="flac",
            SPEECH_WHOLE="true",
            SPEECH_TEXTS=str(tmp_path / "texts"),
            SPEECH_REQUESTS="1",
            SPEECH_RECORD=str(tmp_path / "recording"),
            SPEECH_API_KEY="secret",
        )
    asked = {"path": "/v1/audio/speech", "key": "Bearer secret", "model": "soprano", "voice": "soprano"}
    assert server.asked == [asked | {"input": "Hello.", "response_format": "flac", "stream": False}]
    recorded = list(read(tmp_path / "recording"))
    assert [recorded[0].event, recorded[1].event, recorded[-1].event] == [Event.SENT, Event.ANSWERED, Event.ENDED]
    assert b"".join(record.data for record in recorded if record.event is Event.PIECE) == CLIP


def test_arrivals_wait_for_no_answer() -> None:
    together = threading.Barrier(5)

    def answer(request: Handler) -> None:
        together.wait(WAIT)
        request.whole(CLIP)

    with speech_server(answer) as server:
        locust("Arrivals", "--host", server.url, "--rate", "50", "--requests", "5")
    assert server.most_open == 5


def test_arrivals_do_not_come_unless_they_are_named() -> None:
    with speech_server(lambda request: request.whole(CLIP)) as server:
        locust("--host", server.url, "--rate", "0.001", "--users", "2", "--spawn-rate", "2", "--requests", "4")
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("arguments", "status"), [(("--rate", "0"), 2), (("--requests", "-1"), 2), (("--texts", "nowhere"), 1)]
)
def test_what_cannot_be_is_refused_at_once(arguments: tuple[str, str], status: int) -> None:
    locust(*arguments, expected_status=status)
