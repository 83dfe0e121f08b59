"""Listeners who begin one after the other."""

import pytest

from perf.load_generators.listeners import listen
from tests.perf.load_generators.speech_server import speech_server


def test_a_clip_that_is_refused_is_told() -> None:
    with (
        speech_server(lambda request: request.refuse(1)) as server,
        pytest.raises(ValueError, match="a clip was refused: "),
    ):
        listen(server.url, "Hello.", "pcm", 3, ramp=0.1, seconds=0.1)
    assert server.asked[0] == {"path": "/v1/audio/speech", "key": None, "input": "Hello.", "response_format": "pcm"}


def test_a_clip_that_is_too_short_is_told() -> None:
    with speech_server(lambda request: request.cut(bytes(1000))) as server, pytest.raises(ValueError, match="ended"):
        listen(server.url, "Hello.", "pcm", 1, ramp=0.1, seconds=5)
