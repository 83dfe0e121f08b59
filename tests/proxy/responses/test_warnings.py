"""Sentences that were not spoken completely are reported in every response that has room for it."""

import logging

import httpx
import pytest

from proxy.synthesis.interface import SentenceFlag
from tests.proxy.responses.events import events
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

SPEECH = {"model": "tts-1", "input": "One. Two. Three.", "response_format": "wav"}
WARNINGS = [
    {
        "sentence": 0,
        "code": "truncated",
        "message": "Sentence 1: the model did not finish it by itself, and the rest of it is not spoken.",
    },
    {
        "sentence": 2,
        "code": "silent",
        "message": "Sentence 3: the model made no sound for it, and it is left out.",
    },
]


@pytest.fixture
def flagged(engine: StandIn) -> StandIn:
    """An engine whose last sentence makes no sound, which it reports after all audio."""
    engine.flags = {3: (SentenceFlag(0, "truncated"),), engine.chunks: (SentenceFlag(2, "silent"),)}
    return engine


@pytest.mark.usefixtures("flagged")
def test_the_done_event_has_them(http: httpx.Client) -> None:
    *_, done = events(http.post("/v1/audio/speech", json=SPEECH | {"stream_format": "sse"}).text.splitlines())
    assert done["warnings"] == WARNINGS


@pytest.mark.usefixtures("flagged")
def test_the_json_answer_has_them(http: httpx.Client) -> None:
    answer = http.post("/v1/audio/speech", json=SPEECH | {"stream": False, "timestamps": True}).json()
    assert answer["warnings"] == WARNINGS


def test_without_warnings_the_key_is_absent(http: httpx.Client) -> None:
    *_, done = events(http.post("/v1/audio/speech", json=SPEECH | {"stream_format": "sse"}).text.splitlines())
    assert set(done) == {"type", "usage"}
    assert "warnings" not in http.post("/v1/audio/speech", json=SPEECH | {"stream": False, "timestamps": True}).json()


def test_log_and_metrics_count_them(http: httpx.Client, flagged: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="proxy"):
        clip = http.post("/v1/audio/speech", json=SPEECH)
        assert len(clip.content) == 44 + 2 * flagged.samples
        wait_until(lambda: caplog.records)
    assert caplog.records[0].fields["warnings"] == "truncated,silent"  # type: ignore[attr-defined]
    assert 'soprano_proxy_sentence_warnings_total{code="silent"} ' in http.get("/metrics").text
