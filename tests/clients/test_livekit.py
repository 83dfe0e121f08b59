"""LiveKit's plugin for OpenAI's TTS, with its defaults: mp3, as events unless the model is tts-1."""

import asyncio
from dataclasses import dataclass

import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIStatusError
from livekit.agents.metrics import TTSMetrics
from livekit.agents.tts import SynthesizedAudio
from livekit.plugins import openai

from tests.clients.decoded_audio import PADDING
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, TEXT

MODELS = ["tts-1", "gpt-4o-mini-tts"]
ONE_TRY = APIConnectOptions(max_retry=0)


@dataclass(frozen=True)
class Spoken:
    frames: list[SynthesizedAudio]
    output_tokens: int

    @property
    def seconds(self) -> float:
        return float(sum(each.frame.duration for each in self.frames))


def speak(server: Server, model: str, text: str = TEXT, *, kill: bool = False) -> Spoken:
    """Synthesize a text as an agent does; with `kill`, the engine is killed at the first audio."""

    async def run() -> Spoken:
        async with openai.TTS(model=model, api_key=KEY, base_url=server.base_url) as tts:
            metrics: list[TTSMetrics] = []
            tts.on("metrics_collected", metrics.append)
            frames: list[SynthesizedAudio] = []
            async with tts.synthesize(text, conn_options=ONE_TRY) as stream:
                async for each in stream:
                    if kill and not frames:
                        server.engine.kill()
                    frames.append(each)
            return Spoken(frames, metrics[0].output_tokens)

    return asyncio.run(run())


@pytest.mark.parametrize("model", MODELS)
def test_frames_are_the_whole_clip_at_24_khz(server: Server, model: str, seconds: float) -> None:
    spoken = speak(server, model)
    assert {(each.frame.sample_rate, each.frame.num_channels) for each in spoken.frames} == {(CLIENTS_RATE, 1)}
    assert seconds - 0.01 <= spoken.seconds <= seconds + PADDING["mp3"] + 0.01
    assert spoken.frames[-1].is_final


def test_events_tell_it_the_tokens(server: Server) -> None:
    assert speak(server, "gpt-4o-mini-tts").output_tokens > 0


def test_it_is_told_what_is_wrong(server: Server) -> None:
    with pytest.raises(APIStatusError) as raised:
        speak(server, "tts-1", "...")
    assert raised.value.status_code == 400
    assert raised.value.request_id
    assert not raised.value.retryable


@pytest.mark.parametrize("model", MODELS)
def test_a_clip_that_breaks_off_is_an_error(doomed_server: Server, model: str) -> None:
    with pytest.raises(APIConnectionError):
        speak(doomed_server, model, LONG_TEXT, kill=True)


def test_prewarming_does_no_harm(server: Server, seconds: float) -> None:
    async def run() -> float:
        async with openai.TTS(model="tts-1", api_key=KEY, base_url=server.base_url) as tts:
            tts.prewarm()
            async with tts.synthesize(TEXT, conn_options=ONE_TRY) as stream:
                return float((await stream.collect()).duration)

    assert asyncio.run(run()) == pytest.approx(seconds, abs=PADDING["mp3"] + 0.01)
