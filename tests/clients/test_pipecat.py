"""Pipecat's service for OpenAI's TTS, in a pipeline."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest
from openai import DefaultAsyncHttpxClient
from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame, TTSSpeakFrame, TTSStartedFrame, TTSStoppedFrame
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.worker import PipelineParams
from pipecat.services.openai.tts import VALID_VOICES, OpenAITTSService
from pipecat.tests.utils import run_test

from tests.clients.decoded_audio import decode_pcm
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, TEXT


class Killer(BaseObserver):  # type: ignore[misc]  # mypy does not see Pipecat
    """Kills the engine of a server at the first audio."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self._done = False

    async def on_push_frame(self, data: FramePushed) -> None:
        if isinstance(data.frame, TTSAudioRawFrame) and not self._done:
            self._done = True
            self._server.engine.kill()


def speak(server: Server, text: str, *observers: BaseObserver) -> tuple[Sequence[Frame], Sequence[Frame]]:
    """The frames that move downstream and upstream in the pipeline."""

    async def run() -> tuple[Sequence[Frame], Sequence[Frame]]:
        # The service does not close a client that it creates itself.
        async with DefaultAsyncHttpxClient() as http_client:
            service = OpenAITTSService(api_key=KEY, base_url=server.base_url, http_client=http_client)
            down, up = await run_test(
                service,
                frames_to_send=[TTSSpeakFrame(text)],
                observers=list(observers),
                pipeline_params=PipelineParams(audio_out_sample_rate=CLIENTS_RATE),
                start_timeout=60,
            )
            return down, up

    return asyncio.run(run())


def audio_of(frames: Sequence[Frame]) -> list[TTSAudioRawFrame]:
    return [frame for frame in frames if isinstance(frame, TTSAudioRawFrame)]


def errors_of(frames: Sequence[Frame]) -> list[str]:
    return [frame.error for frame in frames if isinstance(frame, ErrorFrame)]


def test_frames_are_the_whole_clip_at_24_khz(server: Server, seconds: float) -> None:
    down, up = speak(server, TEXT)
    assert errors_of(up) == []
    audio = audio_of(down)
    assert {(frame.sample_rate, frame.num_channels) for frame in audio} == {(CLIENTS_RATE, 1)}
    assert {len(frame.audio) for frame in audio[:-1]} == {CLIENTS_RATE}  # bytes of half a second
    decoded = decode_pcm(b"".join(frame.audio for frame in audio))
    assert decoded.seconds == pytest.approx(seconds, abs=0.001)
    assert decoded.peak > 0.05
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame) < kinds.index(TTSStoppedFrame)


@pytest.mark.parametrize("voice", VALID_VOICES)
def test_every_voice_it_knows_is_spoken(server: Server, voice: str) -> None:
    request = {"input": "Hi.", "model": "gpt-4o-mini-tts", "voice": voice, "response_format": "pcm"}
    headers = {"authorization": f"Bearer {KEY}"}
    answer = httpx.post(f"{server.base_url}/audio/speech", json=request, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def test_a_mistake_is_an_error_frame(server: Server) -> None:
    down, up = speak(server, "-?-")
    assert audio_of(down) == []
    assert [error for error in errors_of(up) if "Invalid 'input'" in error]


def test_a_clip_that_breaks_off_is_an_error_frame(doomed_server: Server) -> None:
    down, up = speak(doomed_server, LONG_TEXT, Killer(doomed_server))
    assert audio_of(down)
    assert errors_of(up)
