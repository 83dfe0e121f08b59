"""Pipecat's service for ElevenLabs, in a pipeline: a context for each answer of an LLM."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from pipecat.frames.frames import (
    Frame,
    InterruptionFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.elevenlabs.tts import ElevenLabsTTSService
from pipecat.services.tts_service import TextAggregationMode
from pipecat.tests.utils import SleepFrame

from tests.clients.pipecat_pipeline import (
    Heard,
    after_interruption,
    answer,
    audio_after_a_restart,
    audio_of,
    errors_of,
    run,
)
from tests.clients.recogniser import CLEAR, understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until

VOICE = "21m00Tcm4TlvDq8ikWAM"
"""The id of a voice of ElevenLabs'."""


def service(server: Server, key: str = KEY, **options: Any) -> ElevenLabsTTSService:
    settings = ElevenLabsTTSService.Settings(voice=VOICE)
    url = server.url.replace("http://", "ws://")
    return ElevenLabsTTSService(api_key=key, url=url, settings=settings, **options)


def words_of(frames: Iterable[Frame]) -> list[str]:
    return [frame.text for frame in frames if isinstance(frame, TTSTextFrame)]


@pytest.mark.parametrize("mode", TextAggregationMode)
def test_an_answer_is_understood_in_order(speaking_server: Server, mode: TextAggregationMode) -> None:
    text = " ".join(SENTENCES)
    down, up = asyncio.run(run(service(speaking_server, text_aggregation_mode=mode), answer(text)))
    assert errors_of(up) == []
    assert understood(text, audio_of(down), CLIENTS_RATE) > CLEAR
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame) < kinds.index(TTSStoppedFrame)


def test_words_come_with_their_times(speaking_server: Server) -> None:
    text = " ".join(SENTENCES)
    down, _ = asyncio.run(run(service(speaking_server), answer(text)))
    assert " ".join(words_of(down)).split() == text.split()
    times = [frame.pts / 1e9 for frame in down if isinstance(frame, TTSTextFrame)]
    assert times == sorted(times)
    assert 0.7 < (times[-1] - times[0]) / (len(audio_of(down)) / 2 / CLIENTS_RATE) < 1


def test_answers_follow_each_other(speaking_server: Server) -> None:
    def frames() -> Iterator[Frame]:
        for sentence in SENTENCES:
            yield from answer(sentence)

    down, up = asyncio.run(run(service(speaking_server), frames()))
    assert errors_of(up) == []
    assert understood(" ".join(SENTENCES), audio_of(down), CLIENTS_RATE) > CLEAR
    assert len([frame for frame in down if isinstance(frame, TTSStoppedFrame)]) == len(SENTENCES)


def test_after_an_interruption_only_the_next_answer_is_heard(speaking_server: Server) -> None:
    heard = Heard()

    def frames() -> Iterator[Frame]:
        yield from answer(LONG_TEXT)
        while not heard.audio:
            yield SleepFrame(0.05)
        yield InterruptionFrame()
        yield from answer(SENTENCES[0])

    down, up = asyncio.run(run(service(speaking_server), frames(), heard))
    assert errors_of(up) == []
    assert understood(SENTENCES[0], audio_of(after_interruption(down)), CLIENTS_RATE) > CLEAR
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_a_wrong_key_is_an_error_frame(speaking_server: Server) -> None:
    down, up = asyncio.run(run(service(speaking_server, key="sk-of-a-stranger"), answer(SENTENCES[0])))
    assert audio_of(down) == b""
    assert [error for error in errors_of(up) if "401" in error]


def test_after_a_restart_it_connects_again_and_speaks(speaking_server: Server) -> None:
    audio = audio_after_a_restart(service(speaking_server), speaking_server)
    assert understood(SENTENCES[0], audio, CLIENTS_RATE) > CLEAR
