"""Pipecat's pipelines, with a service that speaks what an LLM writes."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile

from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.worker import PipelineParams
from pipecat.services.tts_service import WebsocketTTSService
from pipecat.tests.utils import SleepFrame, run_test
from websockets.protocol import State

from tests.clients.serving import Server
from tests.clients.texts import CLIENTS_RATE, SENTENCES

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


async def run(tts: WebsocketTTSService, frames: Iterable[Frame], *observers: BaseObserver) -> tuple[Frames, Frames]:
    """The frames that move downstream and upstream in the pipeline; each one is sent when `frames` yields it."""
    down, up = await run_test(
        tts,
        frames_to_send=frames,
        observers=list(observers),
        pipeline_params=PipelineParams(audio_out_sample_rate=CLIENTS_RATE),
        start_timeout=60,
    )
    return down, up


def answer(text: str, pause: float = 0.01) -> Iterator[Frame]:
    """What an LLM sends for one answer, word by word."""
    yield LLMFullResponseStartFrame()
    for word in text.split():
        yield LLMTextFrame(f"{word} ")
        yield SleepFrame(pause)
    yield LLMFullResponseEndFrame()


def audio_after_a_restart(tts: WebsocketTTSService, server: Server) -> bytes:
    """Kill the proxy in the middle of an answer, and let the first of `SENTENCES` be spoken when it is back."""
    heard = Heard(victim=server)

    def frames() -> Iterator[Frame]:
        yield from answer(" ".join(SENTENCES))
        while not heard.audio or not tts._websocket or tts._websocket.state is not State.OPEN:
            yield SleepFrame(0.1)
        server.wait_until_ready()
        yield InterruptionFrame()
        yield from answer(SENTENCES[0])

    down, _ = asyncio.run(run(tts, frames(), heard))
    return audio_of(after_interruption(down))


def after_interruption(frames: Iterable[Frame]) -> Iterator[Frame]:
    return dropwhile(lambda frame: not isinstance(frame, InterruptionFrame), frames)


def audio_of(frames: Iterable[Frame]) -> bytes:
    return b"".join(frame.audio for frame in frames if isinstance(frame, TTSAudioRawFrame))


def errors_of(frames: Iterable[Frame]) -> list[str]:
    return [frame.error for frame in frames if isinstance(frame, ErrorFrame)]
