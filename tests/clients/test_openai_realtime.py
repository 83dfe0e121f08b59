"""openai-python's `realtime.connect()`, in the voice that comes with the server."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
import pytest
from openai import AsyncOpenAI, OpenAI, OpenAIError
from openai.resources.realtime.realtime import AsyncRealtimeConnection, RealtimeConnection
from openai.types.realtime import RealtimeResponse, RealtimeServerEvent
from openai.types.websocket_reconnection import ReconnectingEvent
from websockets.exceptions import InvalidStatus

from tests.clients.recogniser import understood
from tests.clients.serving import KEY, Server
from tests.clients.texts import CLIENTS_RATE, LONG_TEXT, SENTENCES
from tests.waiting import wait_until

MODEL = "gpt-realtime"
TEXT = " ".join(SENTENCES)


@dataclass
class Heard:
    """What came of one response."""

    audio: bytearray = field(default_factory=bytearray)
    transcript: str = ""
    response: RealtimeResponse | None = None

    def add(self, event: RealtimeServerEvent) -> None:
        if event.type == "response.output_audio.delta":
            self.audio += base64.b64decode(event.delta)
        elif event.type == "response.output_audio_transcript.delta":
            self.transcript += event.delta
        elif event.type == "response.done":
            self.response = event.response
        else:
            assert event.type != "error", event

    @property
    def status(self) -> str | None:
        return self.response.status if self.response else None


def message(text: str, **fields: str) -> Any:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


def ask(connection: RealtimeConnection, text: str) -> None:
    connection.conversation.item.create(item=message(text))
    connection.response.create()


def hear(connection: RealtimeConnection) -> Heard:
    """The next response, to its end."""
    heard = Heard()
    while heard.response is None:
        heard.add(connection.recv())
    return heard


@pytest.fixture
def client(speaking_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=speaking_server.base_url, api_key=KEY) as client:
        yield client


@pytest.fixture
def connection(client: OpenAI) -> Iterator[RealtimeConnection]:
    with client.realtime.connect(model=MODEL) as connection:
        yield connection


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[AsyncRealtimeConnection]:
    async with (
        AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
        client.realtime.connect(model=MODEL) as connection,
    ):
        yield connection


def test_a_message_is_understood(connection: RealtimeConnection) -> None:
    connection.session.update(session={"type": "realtime", "audio": {"output": {"voice": "marin"}}})
    ask(connection, TEXT)
    heard = hear(connection)
    assert heard.status == "completed"
    assert heard.transcript == TEXT
    assert understood(TEXT, bytes(heard.audio), CLIENTS_RATE) > 0.8
    assert heard.response
    assert heard.response.usage
    assert (heard.response.usage.input_tokens or 0) > 0
    seconds = len(heard.audio) / 2 / CLIENTS_RATE
    assert heard.response.usage.output_tokens == pytest.approx(seconds / 0.064, rel=0.1)  # a token is 64 ms


def test_words_that_are_being_written_are_understood(speaking_server: Server) -> None:
    """Each word is a message in progress, and the first sentence is heard before the last word is written."""

    async def write(connection: AsyncRealtimeConnection, heard: Heard) -> bool:
        await connection.conversation.item.create(item=message("", status="in_progress"))
        await connection.response.create()
        for word in TEXT.split(" "):
            await connection.conversation.item.create(item=message(f"{word} ", status="in_progress"))
            await asyncio.sleep(0.1)
        is_early = bool(heard.audio)
        await connection.conversation.item.create(item=message("", status="completed"))
        return is_early

    async def run() -> tuple[Heard, bool]:
        heard = Heard()
        async with connected(speaking_server) as connection:
            writing = asyncio.create_task(write(connection, heard))
            while heard.response is None:
                heard.add(await connection.recv())
            return heard, await writing

    heard, is_early = asyncio.run(run())
    assert is_early
    assert heard.transcript == TEXT
    assert understood(TEXT, bytes(heard.audio), CLIENTS_RATE) > 0.8


def test_responses_are_heard_in_order(connection: RealtimeConnection) -> None:
    for sentence in SENTENCES:
        ask(connection, sentence)
    for sentence in SENTENCES:
        heard = hear(connection)
        assert heard.transcript == sentence
        assert understood(sentence, bytes(heard.audio), CLIENTS_RATE) > 0.7


def test_out_of_band_responses_are_told_apart(connection: RealtimeConnection) -> None:
    for number, sentence in enumerate(SENTENCES):
        connection.response.create(
            response={"conversation": "none", "input": [message(sentence)], "metadata": {"number": str(number)}}
        )
    heard: dict[str, Heard] = {}
    numbers: dict[str, int] = {}
    while len(numbers) < len(SENTENCES):
        event = connection.recv()
        if event.type == "response.done":
            assert event.response.id
            assert event.response.metadata
            numbers[event.response.id] = int(event.response.metadata["number"])
        elif event.type == "response.output_audio.delta":
            heard.setdefault(event.response_id, Heard()).add(event)
    for response_id, number in numbers.items():
        assert understood(SENTENCES[number], bytes(heard[response_id].audio), CLIENTS_RATE) > 0.7


def test_telephones_understand(connection: RealtimeConnection) -> None:
    connection.session.update(session={"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}})
    ask(connection, TEXT)
    samples = _decoded(bytes(hear(connection).audio))
    assert understood(TEXT, samples, 8000) > 0.5


def test_a_speed_is_kept(connection: RealtimeConnection) -> None:
    ask(connection, TEXT)
    usual = len(hear(connection).audio)
    connection.session.update(session={"type": "realtime", "audio": {"output": {"speed": 1.5}}})
    ask(connection, TEXT)
    assert len(hear(connection).audio) == pytest.approx(usual / 1.5, rel=0.05)


def test_a_response_is_cancelled(connection: RealtimeConnection) -> None:
    ask(connection, LONG_TEXT)
    while connection.recv().type != "response.output_audio.delta":
        pass
    connection.response.cancel()
    cancelled = hear(connection)
    assert cancelled.status == "cancelled"
    assert len(cancelled.transcript) < len(LONG_TEXT) / 2
    ask(connection, SENTENCES[0])
    heard = hear(connection)
    assert heard.transcript == SENTENCES[0]
    assert understood(SENTENCES[0], bytes(heard.audio), CLIENTS_RATE) > 0.7


def test_a_client_that_leaves_is_given_up(client: OpenAI, speaking_server: Server) -> None:
    with client.realtime.connect(model=MODEL) as connection:
        ask(connection, LONG_TEXT)
        while connection.recv().type != "response.output_audio.delta":
            pass
        assert speaking_server.in_flight() == 1
    wait_until(lambda: speaking_server.in_flight() == 0)


def test_two_sessions_at_once(speaking_server: Server) -> None:
    async def speak(text: str) -> Heard:
        heard = Heard()
        async with connected(speaking_server) as connection:
            await connection.conversation.item.create(item=message(text))
            await connection.response.create()
            while heard.response is None:
                heard.add(await connection.recv())
        return heard

    async def run() -> list[Heard]:
        return await asyncio.gather(*map(speak, SENTENCES[:2]))

    for text, heard in zip(SENTENCES, asyncio.run(run()), strict=False):
        assert heard.transcript == text
        assert understood(text, bytes(heard.audio), CLIENTS_RATE) > 0.7


def test_a_mistake_is_an_error_and_the_session_goes_on(connection: RealtimeConnection) -> None:
    connection.session.update(
        session={"type": "realtime", "audio": {"output": {"voice": "nobody"}}}, event_id="my-mistake"
    )
    while (event := connection.recv()).type != "error":
        pass
    assert (event.error.code, event.error.param, event.error.event_id) == ("invalid_value", "voice", "my-mistake")
    ask(connection, SENTENCES[0])
    assert hear(connection).status == "completed"


def test_a_handler_hears_and_a_mistake_without_one_is_raised(client: OpenAI) -> None:
    kinds: list[str] = []
    with client.realtime.connect(model=MODEL) as connection:
        connection.on("response.output_audio.delta", lambda event: kinds.append(event.type))
        connection.on("response.done", lambda _: connection.input_audio_buffer.append(audio="AAAA"))
        ask(connection, SENTENCES[0])
        with pytest.raises(OpenAIError, match="hears and sees nothing"):
            connection.dispatch_events()
    assert kinds


@pytest.mark.parametrize("key", ["sk-wrong", KEY[:-1]])
def test_a_wrong_key_is_a_401(client: OpenAI, key: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        client.with_options(api_key=key).realtime.connect(model=MODEL),
    ):
        pass
    assert refused.value.response.status_code == 401
    assert b"invalid_api_key" in (refused.value.response.body or b"")


def test_an_unknown_model_is_an_error(client: OpenAI) -> None:
    with client.realtime.connect(model="whisper-1") as connection:
        event = connection.recv()
    assert event.type == "error"
    assert event.error.code == "model_not_found"


def test_a_client_connects_again_when_the_server_was_restarted(client: OpenAI, speaking_server: Server) -> None:
    lost: list[int] = []

    def note(event: ReconnectingEvent) -> None:
        lost.append(event.close_code)

    with client.realtime.connect(model=MODEL, on_reconnecting=note, max_retries=60, max_delay=1.0) as connection:
        ask(connection, LONG_TEXT)
        while connection.recv().type != "response.output_audio.delta":
            pass
        speaking_server.proxy.kill()
        heard = Heard()
        for event in connection:
            if event.type == "session.created":
                ask(connection, SENTENCES[0])
                heard = Heard()
            heard.add(event)
            if heard.response:
                break
    assert lost
    assert heard.transcript == SENTENCES[0]
    assert understood(SENTENCES[0], bytes(heard.audio), CLIENTS_RATE) > 0.7


def _decoded(mulaw: bytes) -> bytes:
    """The 16-bit samples of G.711 µ-law."""
    context = av.CodecContext.create("pcm_mulaw", "r")
    context.sample_rate, context.layout = 8000, "mono"
    return b"".join(np.ascontiguousarray(frame.to_ndarray()).tobytes() for frame in context.decode(av.Packet(mulaw)))
