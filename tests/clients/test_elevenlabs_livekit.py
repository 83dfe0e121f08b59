"""LiveKit's plugin for ElevenLabs: streams over one WebSocket with a context each, and single texts over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from livekit.plugins import elevenlabs

from tests.clients.recogniser import CLEAR, understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until

ONE_TRY = APIConnectOptions(max_retry=0, timeout=30)
PCM = f"pcm_{CLIENTS_RATE}"
WORD_PAUSE = 0.01


@dataclass
class Spoken:
    """The samples that a stream yielded, and the words that came with them: text, start and end in seconds."""

    pcm: bytes = b""
    words: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / CLIENTS_RATE


@asynccontextmanager
async def connected(server: Server, key: str = KEY, **options: object) -> AsyncIterator[elevenlabs.TTS]:
    async with aiohttp.ClientSession() as session:
        options = {"encoding": PCM, **options}
        tts = elevenlabs.TTS(api_key=key, base_url=server.base_url, http_session=session, **options)
        try:
            yield tts
        finally:
            await tts.aclose()


async def speak(
    tts: elevenlabs.TTS, text: str, on_audio: Callable[[], object] = lambda: None, seconds: float = float("inf")
) -> Spoken:
    """Stream a text word by word, as from an LLM; leave the stream after `seconds` of audio."""
    spoken = Spoken()
    async with tts.stream(conn_options=ONE_TRY) as stream:

        async def write() -> None:
            for word in text.split():
                stream.push_text(f"{word} ")
                await asyncio.sleep(WORD_PAUSE)
            stream.end_input()

        writing = asyncio.create_task(write())
        try:
            async for each in stream:
                spoken.pcm += each.frame.data.tobytes()
                timed = each.frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, [])
                spoken.words += [(str(word), word.start_time, word.end_time) for word in timed]
                on_audio()
                if spoken.seconds > seconds:
                    break
        finally:
            writing.cancel()
    return spoken


def test_streamed_text_is_understood_in_order(speaking_server: Server) -> None:
    text = " ".join(SENTENCES)

    async def run() -> Spoken:
        async with connected(speaking_server) as tts:
            return await speak(tts, text)

    assert understood(text, asyncio.run(run()).pcm, CLIENTS_RATE) > CLEAR


def test_words_have_times_on_one_clock(speaking_server: Server) -> None:
    text = " ".join(SENTENCES)

    async def run() -> Spoken:
        async with connected(speaking_server, preferred_alignment="original") as tts:
            return await speak(tts, text)

    spoken = asyncio.run(run())
    assert "".join(word for word, _, _ in spoken.words).split() == text.split()
    times = [time for _, start, end in spoken.words for time in (start, end)]
    assert times == sorted(times)
    assert 0.9 * spoken.seconds < times[-1] <= spoken.seconds + 0.01


@pytest.mark.parametrize("encoding", ["mp3_22050_32", "mp3_44100_128", "opus_48000_64", "pcm_16000"])
def test_every_encoding_is_as_long(speaking_server: Server, encoding: str) -> None:
    async def run(encoding: str) -> float:
        async with connected(speaking_server, encoding=encoding) as tts:
            stream = tts.stream(conn_options=ONE_TRY)
            stream.push_text(SENTENCES[0])
            stream.end_input()
            return float(sum([each.frame.duration async for each in stream]))

    assert asyncio.run(run(encoding)) == pytest.approx(asyncio.run(run(PCM)), rel=0.35)


def test_two_streams_at_once_on_one_connection(speaking_server: Server) -> None:
    async def run() -> list[Spoken]:
        async with connected(speaking_server) as tts:
            return await asyncio.gather(*(speak(tts, text) for text in SENTENCES[:2]))

    for text, spoken in zip(SENTENCES, asyncio.run(run()), strict=False):
        assert understood(text, spoken.pcm, CLIENTS_RATE) > CLEAR


def test_after_an_interruption_the_next_stream_is_complete(speaking_server: Server) -> None:
    async def run() -> Spoken:
        async with connected(speaking_server) as tts:
            await speak(tts, LONG_TEXT, seconds=1)
            return await speak(tts, SENTENCES[0])

    assert understood(SENTENCES[0], asyncio.run(run()).pcm, CLIENTS_RATE) > CLEAR
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_a_single_text_over_http(speaking_server: Server) -> None:
    async def run() -> bytes:
        async with connected(speaking_server) as tts, tts.synthesize(SENTENCES[1], conn_options=ONE_TRY) as stream:
            return bytes((await stream.collect()).data)

    assert understood(SENTENCES[1], asyncio.run(run()), CLIENTS_RATE) > CLEAR


def test_prewarming_does_no_harm(speaking_server: Server) -> None:
    async def run() -> Spoken:
        async with connected(speaking_server) as tts:
            tts.prewarm()
            return await speak(tts, SENTENCES[0])

    assert asyncio.run(run()).seconds > 1


@pytest.mark.parametrize("streamed", [True, False])
def test_a_wrong_key_is_a_401(speaking_server: Server, streamed: bool) -> None:
    async def run() -> None:
        async with connected(speaking_server, key="sk-of-a-stranger") as tts:
            if streamed:
                await speak(tts, SENTENCES[0])
            else:
                async with tts.synthesize(SENTENCES[0], conn_options=ONE_TRY) as stream:
                    await stream.collect()

    with pytest.raises(APIStatusError) as raised:
        asyncio.run(run())
    assert raised.value.status_code == 401


def test_a_restart_ends_a_stream_with_an_error_and_the_next_one_speaks(speaking_server: Server) -> None:
    async def run() -> Spoken:
        async with connected(speaking_server) as tts:
            proxy = speaking_server.proxy

            def kill() -> None:
                if proxy.alive:
                    proxy.kill()

            with pytest.raises(APIError):
                await speak(tts, LONG_TEXT, on_audio=kill)
            await asyncio.to_thread(speaking_server.wait_until_ready)
            return await speak(tts, SENTENCES[0])

    assert understood(SENTENCES[0], asyncio.run(run()).pcm, CLIENTS_RATE) > CLEAR
