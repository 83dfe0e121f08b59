"""Pipecat's service for ElevenLabs, in a pipeline: a context for each answer of an LLM."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile
from typing import Any

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.worker import PipelineParams
from pipecat.services.elevenlabs.tts import ElevenLabsTTSService
from pipecat.services.tts_service import TextAggregationMode
from pipecat.tests.utils import SleepFrame, run_test
from websockets.protocol import State

from tests.clients.recogniser import CLEAR, understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until

VOICE = "21m00Tcm4TlvDq8ikWAM"
"""The id of a voice of ElevenLabs'."""


class Heard(BaseObserver):  # type: ignore[misc]  # mypy does not see Pipecat
    """Notes the first audio, and kills the proxy of `victim` at it."""

    def __init__(self, victim: Server | None = None) -> None:
        super().__init__()
        self._victim = victim
        self.audio = False

    async def on_push_frame(self, data: FramePushed) -> None:
        if isinstance(data.frame, TTSAudioRawFrame) and not self.audio:
            self.audio = True
            if self._victim:
                self._victim.proxy.kill()


def service(server: Server, key: str = KEY, **options: Any) -> ElevenLabsTTSService:
    settings = ElevenLabsTTSService.Settings(voice=VOICE)
    url = server.url.replace("http://", "ws://")
    return ElevenLabsTTSService(api_key=key, url=url, settings=settings, **options)


def answer(text: str) -> Iterator[Frame]:
    """What an LLM sends for one answer, word by word."""
    yield LLMFullResponseStartFrame()
    for word in text.split():
        yield LLMTextFrame(f"{word} ")
        yield SleepFrame(0.01)
    yield LLMFullResponseEndFrame()


def run(
    tts: ElevenLabsTTSService, frames: Iterable[Frame], *observers: BaseObserver
) -> tuple[Sequence[Frame], Sequence[Frame]]:
    """The frames that move downstream and upstream in the pipeline; each one is sent when `frames` yields it."""

    async def run_pipeline() -> tuple[Sequence[Frame], Sequence[Frame]]:
        down, up = await run_test(
            tts,
            frames_to_send=frames,
            observers=list(observers),
            pipeline_params=PipelineParams(audio_out_sample_rate=CLIENTS_RATE),
            start_timeout=60,
        )
        return down, up

    return asyncio.run(run_pipeline())


def audio_of(frames: Iterable[Frame]) -> bytes:
    return b"".join(frame.audio for frame in frames if isinstance(frame, TTSAudioRawFrame))


def words_of(frames: Iterable[Frame]) -> list[str]:
    return [frame.text for frame in frames if isinstance(frame, TTSTextFrame)]


def errors_of(frames: Iterable[Frame]) -> list[str]:
    return [frame.error for frame in frames if isinstance(frame, ErrorFrame)]


@pytest.mark.parametrize("mode", TextAggregationMode)
def test_an_answer_is_understood_in_order(speaking_server: Server, mode: TextAggregationMode) -> None:
    text = " ".join(SENTENCES)
    down, up = run(service(speaking_server, text_aggregation_mode=mode), answer(text))
    assert errors_of(up) == []
    assert understood(text, audio_of(down), CLIENTS_RATE) > CLEAR
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame) < kinds.index(TTSStoppedFrame)


def test_words_come_with_their_times(speaking_server: Server) -> None:
    text = " ".join(SENTENCES)
    down, _ = run(service(speaking_server), answer(text))
    assert " ".join(words_of(down)).split() == text.split()
    times = [frame.pts / 1e9 for frame in down if isinstance(frame, TTSTextFrame)]
    assert times == sorted(times)
    assert 0.7 < (times[-1] - times[0]) / (len(audio_of(down)) / 2 / CLIENTS_RATE) < 1


def test_answers_follow_each_other(speaking_server: Server) -> None:
    def frames() -> Iterator[Frame]:
        for sentence in SENTENCES:
            yield from answer(sentence)

    down, up = run(service(speaking_server), frames())
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

    down, up = run(service(speaking_server), frames(), heard)
    assert errors_of(up) == []
    after = dropwhile(lambda frame: not isinstance(frame, InterruptionFrame), down)
    assert understood(SENTENCES[0], audio_of(after), CLIENTS_RATE) > CLEAR
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_a_wrong_key_is_an_error_frame(speaking_server: Server) -> None:
    down, up = run(service(speaking_server, key="sk-of-a-stranger"), answer(SENTENCES[0]))
    assert audio_of(down) == b""
    assert [error for error in errors_of(up) if "401" in error]


def test_after_a_restart_it_connects_again_and_speaks(speaking_server: Server) -> None:
    tts = service(speaking_server)
    heard = Heard(victim=speaking_server)

    def frames() -> Iterator[Frame]:
        yield from answer(" ".join(SENTENCES))
        while not heard.audio or not tts._websocket or tts._websocket.state is not State.OPEN:
            yield SleepFrame(0.1)
        speaking_server.wait_until_ready()
        yield InterruptionFrame()
        yield from answer(SENTENCES[0])

    down, _ = run(tts, frames(), heard)
    after = dropwhile(lambda frame: not isinstance(frame, InterruptionFrame), down)
    assert understood(SENTENCES[0], audio_of(after), CLIENTS_RATE) > CLEAR
