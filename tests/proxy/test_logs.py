"""What the log contains, and what it must not contain."""

import json
import logging
import sys
from collections.abc import Iterator

import httpx
import pytest

from proxy.errors import ServerError
from proxy.logs import JsonFormatter, TextFormatter
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

SPEECH = {"model": "tts-1", "input": "A private text.", "response_format": "pcm"}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, logger="proxy"):
        yield caplog


def line(log: pytest.LogCaptureFixture, level: str = "INFO") -> dict[str, object]:
    """The only line of this level; it is written after the client has its response."""
    wait_until(lambda: lines(log, level))
    (record,) = lines(log, level)
    read: dict[str, object] = json.loads(JsonFormatter().format(record))
    return read


def lines(log: pytest.LogCaptureFixture, level: str) -> list[logging.LogRecord]:
    return [each for each in log.records if each.levelname == level and each.name.startswith("proxy")]


def test_a_request_is_one_line_with_its_id_and_times(
    http: httpx.Client, engine: StandIn, log: pytest.LogCaptureFixture
) -> None:
    http.post("/v1/audio/speech", json=SPEECH, headers={"x-request-id": "mine-1"})
    told = line(log)
    assert told["message"] == "POST /v1/audio/speech 200"
    assert (told["request_id"], told["status"], told["format"], told["ending"]) == ("mine-1", 200, "pcm", "complete")
    assert told["audio_seconds"] == pytest.approx(engine.seconds, abs=0.001)
    assert told["characters"] == len(SPEECH["input"])
    assert isinstance(told["first_audio_seconds"], float)
    assert told["first_sound_seconds"] == told["first_audio_seconds"]  # a tone, which is heard at once
    assert isinstance(told["seconds"], float)


@pytest.mark.parametrize("voice", ["alloy", "nobody", "21m00Tcm4TlvDq8ikWAM"])
def test_the_voice_that_was_asked_for_is_logged(http: httpx.Client, log: pytest.LogCaptureFixture, voice: str) -> None:
    http.post("/v1/audio/speech", json={**SPEECH, "voice": voice})
    assert line(log)["voice"] == voice


@pytest.mark.parametrize("voice", ["A private text.", "x status=200", "\x1b[2J", "\u202e", "x" * 65, "Zoë"])
def test_what_is_no_name_of_a_voice_is_not_logged(
    http: httpx.Client, log: pytest.LogCaptureFixture, voice: str
) -> None:
    http.post("/v1/audio/speech", json={**SPEECH, "voice": voice})
    assert "voice" not in line(log)


def test_the_text_is_not_logged(http: httpx.Client, log: pytest.LogCaptureFixture) -> None:
    http.post("/v1/audio/speech", json=SPEECH)
    http.post("/v1/audio/speech", json={**SPEECH, "voice": "nobody"})
    wait_until(lambda: len(lines(log, "INFO")) == 2)
    assert "private" not in "".join(JsonFormatter().format(record) for record in log.records)


def test_a_cut_clip_is_an_error_with_its_id(http: httpx.Client, engine: StandIn, log: pytest.LogCaptureFixture) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/audio/speech", json=SPEECH, headers={"x-request-id": "mine-2"})
    told = line(log, "ERROR")
    assert (told["message"], told["request_id"]) == ("cut after audio was sent: broken", "mine-2")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_health_and_metrics_are_logged_at_debug_level_only(
    http: httpx.Client, log: pytest.LogCaptureFixture, path: str
) -> None:
    http.get(path)
    assert line(log, "DEBUG")["path"] == path
    assert not lines(log, "INFO")


def test_both_forms() -> None:
    record = logging.LogRecord("proxy.x", logging.INFO, "", 0, "GET %s", ("/",), None)
    record.fields = {"request_id": "mine", "seconds": 0.1}
    assert TextFormatter().format(record) == "INFO:     GET / request_id=mine seconds=0.1"
    told = json.loads(JsonFormatter().format(record))
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "logger": "proxy.x",
        "message": "GET /",
        "request_id": "mine",
        "seconds": 0.1,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_a_client_cannot_forge_a_log_line(
    http: httpx.Client, log: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    path = "/x%0aINFO:%20all%20is%20well%0d%1b[2J%c2%85%e2%80%a8%e2%80%ae%20status=200"
    http.get(path + 300 * "y", headers={"x-request-id": "mine"})
    wait_until(lambda: lines(log, "INFO"))
    told = formatter.format(lines(log, "INFO")[0])
    assert told.isascii()
    assert told.isprintable()
    assert f"{path}yyy" in told
    assert 300 * "y" not in told


def test_logged_text_cannot_control_a_terminal() -> None:
    record = logging.LogRecord("proxy", logging.WARNING, "", 0, "broken: %s", ("\x1b[2J\u202e\nINFO: ",), None)
    assert TextFormatter().format(record) == r"WARNING:     broken: \x1b[2J\u202e\nINFO:"


def test_a_traceback_keeps_its_lines_and_forges_none() -> None:
    try:
        int("no number\nINFO:     all is well \x1b[2J")
    except ValueError as error:
        error.add_note("INFO:     all is well \x1b[2J")
        record = logging.getLogger("proxy").makeRecord("proxy", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    first, *rest = TextFormatter().format(record).splitlines()
    assert first.startswith("ERROR:")
    assert len(rest) > 3
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
