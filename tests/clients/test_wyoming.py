"""Wyoming's own client, used as Home Assistant's integration of Wyoming uses it."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from launch.process import ports
from tests.clients.recogniser import understood
from tests.clients.serving import BUILTIN, Server
from tests.clients.texts import LONG_TEXT, SENTENCES
from tests.waiting import wait_until

HOST = "127.0.0.1"
VOICE = SynthesizeVoice(name="soprano")


class WyomingServer(Server):
    """A server with the built-in voice, which serves Wyoming, too."""

    def __init__(self, folder: Path) -> None:
        (self.wyoming_port,) = ports.find_free(HOST, 1)
        cache = str(folder / "cache")
        super().__init__(Path(BUILTIN), folder, XDG_CACHE_HOME=cache, SOPRANO_WYOMING_PORT=str(self.wyoming_port))


@pytest.fixture(scope="module")
def wyoming_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WyomingServer]:
    with WyomingServer(tmp_path_factory.mktemp("wyoming")) as server:
        yield server


def client_of(server: WyomingServer) -> AsyncTcpClient:
    return AsyncTcpClient(HOST, server.wyoming_port)


async def whole(server: WyomingServer, text: str) -> bytes:
    """A WAV file of a text, as `async_get_tts_audio` makes it."""
    async with client_of(server) as client:
        await client.write_event(Synthesize(text=text, voice=VOICE).event())
        with io.BytesIO() as file:
            with wave.open(file, "wb") as writer:
                while (event := await client.read_event()) and not AudioStop.is_type(event.type):
                    if AudioStart.is_type(event.type):
                        start = AudioStart.from_event(event)
                        writer.setframerate(start.rate)
                        writer.setsampwidth(start.width)
                        writer.setnchannels(start.channels)
                    elif AudioChunk.is_type(event.type):
                        writer.writeframes(AudioChunk.from_event(event).audio)
            assert event, "the connection was lost"
            return file.getvalue()


async def write(client: AsyncTcpClient, words: AsyncIterator[str]) -> None:
    """Send a text while an LLM writes it, as `_write_tts_message` does."""
    await client.write_event(SynthesizeStart(voice=VOICE).event())
    text = ""
    async for word in words:
        text += word
        await client.write_event(SynthesizeChunk(text=word).event())
    await client.write_event(Synthesize(text=text, voice=VOICE).event())
    await client.write_event(SynthesizeStop().event())


async def audio(client: AsyncTcpClient) -> AsyncIterator[AudioChunk]:
    """The audio of such a text, as `_read_tts_audio` reads it."""
    started = False
    while event := await client.read_event():
        if started and AudioChunk.is_type(event.type):
            yield AudioChunk.from_event(event)
        elif AudioStart.is_type(event.type):
            started = True
        elif SynthesizeStopped.is_type(event.type):
            return
    pytest.fail("the connection was lost")


async def words_of(text: str, pause: float = 0.01) -> AsyncIterator[str]:
    for word in text.split():
        yield f"{word} "
        await asyncio.sleep(pause)


async def streamed(server: WyomingServer, text: str, pause: float = 0.01) -> tuple[bytes, int]:
    """The samples of a text that is written word by word, and their rate."""
    async with client_of(server) as client:
        writing = asyncio.create_task(write(client, words_of(text, pause)))
        chunks = [chunk async for chunk in audio(client)]
        await writing
    assert {(chunk.width, chunk.channels) for chunk in chunks} == {(2, 1)}
    return b"".join(chunk.audio for chunk in chunks), chunks[0].rate


def test_setting_up_finds_a_voice_that_streams(wyoming_server: WyomingServer) -> None:
    async def describe() -> Info:
        async with client_of(wyoming_server) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event
            return Info.from_event(event)

    (program,) = asyncio.run(describe()).tts
    assert program.installed
    assert program.supports_synthesize_streaming
    assert [(voice.name, voice.installed, voice.languages) for voice in program.voices] == [("soprano", True, ["en"])]


def test_a_message_is_a_whole_file(wyoming_server: WyomingServer) -> None:
    text = " ".join(SENTENCES)
    with wave.open(io.BytesIO(asyncio.run(whole(wyoming_server, text)))) as opened:
        samples = opened.readframes(opened.getnframes())
        assert understood(text, samples, opened.getframerate()) > 0.75


@pytest.mark.parametrize("pause", [0.01, 0.2])
def test_a_message_that_is_being_written_is_understood_in_order(wyoming_server: WyomingServer, pause: float) -> None:
    text = " ".join(SENTENCES)
    samples, rate = asyncio.run(streamed(wyoming_server, text, pause))
    assert understood(text, samples, rate) > 0.75
    assert len(samples) / 2 / rate < 15  # once, although the client sends it twice


def test_speech_begins_before_the_message_is_written(wyoming_server: WyomingServer) -> None:
    async def first_audio() -> bool:
        async with client_of(wyoming_server) as client:
            writing = asyncio.create_task(write(client, words_of(" ".join(SENTENCES), pause=0.3)))
            await anext(audio(client))
            began_in_time = not writing.done()
            writing.cancel()
            return began_in_time

    assert asyncio.run(first_audio())


def test_two_messages_are_heard_at_once(wyoming_server: WyomingServer) -> None:
    async def both() -> list[tuple[bytes, int]]:
        return await asyncio.gather(*(streamed(wyoming_server, sentence) for sentence in SENTENCES[:2]))

    for sentence, (samples, rate) in zip(SENTENCES, asyncio.run(both()), strict=False):
        assert understood(sentence, samples, rate) > 0.75


def test_a_client_that_leaves_is_given_up(wyoming_server: WyomingServer) -> None:
    async def leave() -> None:
        async with client_of(wyoming_server) as client:
            await client.write_event(Synthesize(text=LONG_TEXT, voice=VOICE).event())
            while (event := await client.read_event()) and not AudioChunk.is_type(event.type):
                pass

    asyncio.run(leave())
    wait_until(lambda: wyoming_server.in_flight() == 0)


def test_a_wrong_voice_is_an_error(wyoming_server: WyomingServer) -> None:
    async def ask() -> Error:
        async with client_of(wyoming_server) as client:
            await client.write_event(Synthesize(text="Hi.", voice=SynthesizeVoice(name="nobody")).event())
            event = await client.read_event()
            assert event
            assert await client.read_event() is None
            return Error.from_event(event)

    error = asyncio.run(ask())
    assert error.code == "invalid_value"
    assert "no voice 'nobody'" in error.text


def test_after_a_restart_it_speaks_again(wyoming_server: WyomingServer) -> None:
    async def lose() -> None:
        async with client_of(wyoming_server) as client:
            await client.write_event(Synthesize(text=LONG_TEXT, voice=VOICE).event())
            while (event := await client.read_event()) and not AudioChunk.is_type(event.type):
                pass
            wyoming_server.proxy.kill()
            while await client.read_event():
                pass

    with suppress(ConnectionError):  # which Home Assistant takes for no audio
        asyncio.run(lose())
    wyoming_server.wait_until_ready()
    samples, rate = asyncio.run(streamed(wyoming_server, SENTENCES[0]))
    assert understood(SENTENCES[0], samples, rate) > 0.75
