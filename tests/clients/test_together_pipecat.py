"""Pipecat's service for Together, in a pipeline. It commits each sentence of an LLM's answer by itself."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.worker import PipelineParams
from pipecat.services.together.tts import TogetherTTSService
from pipecat.tests.utils import SleepFrame, run_test
from websockets.protocol import State

from tests.clients.recogniser import understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until

Frames = Sequence[Frame]


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


def service(server: Server, key: str = KEY) -> TogetherTTSService:
    """The service as it is, with Together's own model and voice."""
    url = f"{server.base_url}/audio/speech/websocket".replace("http://", "ws://")
    return TogetherTTSService(api_key=key, url=url)


def answer(text: str, pause: float = 0.01) -> Iterator[Frame]:
    """What an LLM sends for one answer, word by word."""
    yield LLMFullResponseStartFrame()
    for word in text.split():
        yield LLMTextFrame(f"{word} ")
        yield SleepFrame(pause)
    yield LLMFullResponseEndFrame()


async def run(tts: TogetherTTSService, frames: Iterable[Frame], *observers: BaseObserver) -> tuple[Frames, Frames]:
    """The frames that move downstream and upstream in the pipeline; each one is sent when `frames` yields it."""
    down, up = await run_test(
        tts,
        frames_to_send=frames,
        observers=list(observers),
        pipeline_params=PipelineParams(audio_out_sample_rate=CLIENTS_RATE),
        start_timeout=60,
    )
    return down, up


def audio_of(frames: Iterable[Frame]) -> bytes:
    return b"".join(frame.audio for frame in frames if isinstance(frame, TTSAudioRawFrame))


def errors_of(frames: Iterable[Frame]) -> list[str]:
    return [frame.error for frame in frames if isinstance(frame, ErrorFrame)]


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.15])
def test_an_answer_is_understood_in_order(speaking_server: Server, pause: float) -> None:
    """Sentences come sooner than they are spoken, as they are spoken, and later."""
    text = " ".join(SENTENCES)
    down, up = asyncio.run(run(service(speaking_server), answer(text, pause)))
    assert errors_of(up) == []
    assert understood(text, audio_of(down), CLIENTS_RATE) > 0.75
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame) < kinds.index(TTSStoppedFrame)


def test_an_answer_that_comes_at_once_begins_and_ends_once(speaking_server: Server) -> None:
    down, _ = asyncio.run(run(service(speaking_server), answer(" ".join(SENTENCES))))
    kinds = [type(frame) for frame in down]
    assert kinds.count(TTSStartedFrame) == kinds.count(TTSStoppedFrame) == 1


def test_answers_follow_each_other(speaking_server: Server) -> None:
    def frames() -> Iterator[Frame]:
        for sentence in SENTENCES:
            yield from answer(sentence)

    down, up = asyncio.run(run(service(speaking_server), frames()))
    assert errors_of(up) == []
    assert understood(" ".join(SENTENCES), audio_of(down), CLIENTS_RATE) > 0.75
    assert len([frame for frame in down if isinstance(frame, TTSStoppedFrame)]) == len(SENTENCES)


def test_a_text_without_words_holds_nothing_up(speaking_server: Server) -> None:
    frames = [TTSSpeakFrame("\N{GRINNING FACE}"), TTSSpeakFrame(SENTENCES[0])]
    down, up = asyncio.run(run(service(speaking_server), frames))
    assert len(errors_of(up)) == 1  # Pipecat's own: it expects audio of every text
    assert understood(SENTENCES[0], audio_of(down), CLIENTS_RATE) > 0.75


def test_after_an_interruption_only_the_next_answer_is_heard(speaking_server: Server) -> None:
    heard = Heard()

    def frames() -> Iterator[Frame]:
        yield from answer(LONG_TEXT, pause=0.0)
        while not heard.audio:
            yield SleepFrame(0.05)
        yield InterruptionFrame()
        yield from answer(SENTENCES[0])

    down, up = asyncio.run(run(service(speaking_server), frames(), heard))
    assert errors_of(up) == []
    after = dropwhile(lambda frame: not isinstance(frame, InterruptionFrame), down)
    audio = audio_of(after)
    assert understood(SENTENCES[0], audio, CLIENTS_RATE) > 0.75
    assert len(audio) / 2 / CLIENTS_RATE < 6  # nothing of the first answer
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_two_sessions_are_heard_at_once(speaking_server: Server) -> None:
    async def both() -> list[tuple[Frames, Frames]]:
        return await asyncio.gather(*(run(service(speaking_server), answer(each)) for each in SENTENCES[:2]))

    for sentence, (down, up) in zip(SENTENCES, asyncio.run(both()), strict=False):
        assert errors_of(up) == []
        assert understood(sentence, audio_of(down), CLIENTS_RATE) > 0.75


def test_a_wrong_key_is_an_error_frame(speaking_server: Server) -> None:
    down, up = asyncio.run(run(service(speaking_server, key="sk-of-a-stranger"), answer(SENTENCES[0])))
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

    down, _ = asyncio.run(run(tts, frames(), heard))
    after = dropwhile(lambda frame: not isinstance(frame, InterruptionFrame), down)
    assert understood(SENTENCES[0], audio_of(after), CLIENTS_RATE) > 0.75
