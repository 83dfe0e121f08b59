"""Wyoming, on a real server."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import numpy as np
import pytest

from launch.process import ports
from proxy.errors import ServerError
from proxy.settings import Settings
from tests.proxy.live_server import live_server
from tests.proxy.stand_in import RATE, Relay, StandIn
from tests.proxy.wyoming.client import WyomingClient, wyoming_client
from tests.waiting import wait_until

TEXT = "The bakery on the corner opens at seven. Please send me the report before lunch."
SENTENCES = ["the bakery on the corner opens at seven.", "please send me the report before lunch."]

Start = Callable[..., int]


@pytest.fixture(scope="module")
def wyoming_server(settings: Settings, relay: Relay) -> Iterator[tuple[int, str]]:
    """The port of Wyoming, and the URL, of one server."""
    (port,) = ports.find_free("127.0.0.1", 1)
    with live_server(settings.model_copy(update={"wyoming_port": port}), lambda: relay) as url:
        yield port, url


@pytest.fixture
def port(wyoming_server: tuple[int, str], engine: StandIn) -> int:  # noqa: ARG001 (the server needs an engine)
    return wyoming_server[0]


@pytest.fixture
def wyoming(port: int) -> Iterator[WyomingClient]:
    with wyoming_client(port) as client:
        yield client


@pytest.fixture
def start(settings: Settings, relay: Relay, engine: StandIn) -> Iterator[Start]:  # noqa: ARG001
    """Starts another server with some settings changed, and returns its port."""
    with ExitStack() as stack:

        def start(**changes: object) -> int:
            (port,) = ports.find_free("127.0.0.1", 1)
            changed = settings.model_copy(update={"wyoming_port": port, **changes})
            stack.enter_context(live_server(changed, lambda: relay))
            return port

        yield start


def asked(engine: StandIn) -> list[str]:
    """The sentences that the engine was asked for; a request may have several."""
    return [sentence for each in engine.asked for sentence in each.text.splitlines()]


def samples_of(engine: StandIn) -> int:
    return engine.samples * len(asked(engine))


def test_it_tells_what_it_is(wyoming: WyomingClient) -> None:
    wyoming.send("describe")
    (program,) = wyoming.wait_for("info").data["tts"]
    assert program["installed"]
    assert program["supports_synthesize_streaming"]
    (voice,) = program["voices"]
    assert (voice["name"], voice["languages"], voice["installed"]) == ("soprano", ["en"], True)


def test_it_answers_a_ping(wyoming: WyomingClient) -> None:
    wyoming.send("ping", text="hello")
    assert wyoming.wait_for("pong").data == {"text": "hello"}


def test_a_text_is_spoken(wyoming: WyomingClient, engine: StandIn) -> None:
    wyoming.send("synthesize", text=TEXT, voice={"name": "soprano"})
    wyoming.wait_for("audio-stop")
    assert wyoming.kinds == ["audio-start", "audio-stop"]
    assert wyoming.events[0].data == {"rate": 32000, "width": 2, "channels": 1}
    assert asked(engine) == SENTENCES
    samples = np.frombuffer(wyoming.audio, np.int16)
    assert len(samples) == samples_of(engine)
    assert np.abs(samples).max() > 10_000


def test_texts_follow_each_other(wyoming: WyomingClient, engine: StandIn) -> None:
    for sentence in SENTENCES:
        wyoming.send("synthesize", text=sentence)
    for _ in SENTENCES:
        wyoming.wait_for("audio-stop")
    assert asked(engine) == SENTENCES
    assert wyoming.kinds == ["audio-start", "audio-stop"] * 2


def test_a_text_is_spoken_while_it_is_written(wyoming: WyomingClient, engine: StandIn) -> None:
    """As Home Assistant sends it: all of it again before the end."""
    wyoming.send("synthesize-start", voice={"name": "soprano"})
    words = [f"{word} " for word in TEXT.split(" ")]
    for word in words[:-1]:
        wyoming.send("synthesize-chunk", text=word)
    wyoming.wait_for("audio-chunk")
    assert asked(engine) == SENTENCES[:1]
    wyoming.send("synthesize-chunk", text=words[-1])
    wyoming.send("synthesize", text=TEXT)
    wyoming.send("synthesize-stop")
    wyoming.wait_for("synthesize-stopped")
    assert wyoming.kinds == ["audio-start", "audio-stop", "synthesize-stopped"]
    assert asked(engine) == SENTENCES
    assert len(wyoming.audio) == 2 * samples_of(engine)


def test_a_whole_text_instead_of_chunks_is_spoken(wyoming: WyomingClient, engine: StandIn) -> None:
    wyoming.send("synthesize-start")
    wyoming.send("synthesize", text=TEXT)
    wyoming.send("synthesize-stop")
    wyoming.wait_for("synthesize-stopped")
    assert asked(engine) == SENTENCES


@pytest.mark.parametrize("text", ["", "...", "\N{GRINNING FACE}"])
def test_a_text_without_words_is_no_audio(wyoming: WyomingClient, text: str) -> None:
    wyoming.send("synthesize", text=text)
    wyoming.wait_for("audio-stop")
    wyoming.send("synthesize-start")
    wyoming.send("synthesize-chunk", text=text)
    wyoming.send("synthesize-stop")
    wyoming.wait_for("synthesize-stopped")
    assert wyoming.kinds == ["audio-start", "audio-stop"] * 2 + ["synthesize-stopped"]
    assert not wyoming.audio


def test_other_events_and_a_voice_by_its_language_are_no_mistake(wyoming: WyomingClient) -> None:
    wyoming.send("select-program", name="soprano")
    wyoming.send("synthesize", text="Hello.", voice={"language": "en"}, context={"a": 1})
    wyoming.wait_for("audio-stop")


def test_data_in_the_line_and_a_payload_are_read(wyoming: WyomingClient) -> None:
    header = {"type": "ping", "data": {"text": "in the line"}, "payload_length": 3, "version": "1.0"}
    wyoming.connection.sendall(json.dumps(header).encode() + b"\nabc")
    assert wyoming.wait_for("pong").data == {"text": "in the line"}
    wyoming.send("describe")
    wyoming.wait_for("info")


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        (b"{\n", "invalid_json", "not JSON"),
        (b"[]\n", "invalid_json", "must be a JSON object"),
        (b"{}\n", "invalid_value", "type"),
        (b'{"type": "ping", "data_length": -1}\n', "invalid_value", "data_length"),
        (b'{"type": "ping", "data_length": 1000000}\n', "body_too_large", "10000 bytes"),
        (b'{"type": "ping", "payload_length": 1000000}\n', "body_too_large", "10000 bytes"),
        (b" " * 20000, "body_too_large", "10000 bytes"),
        (b'{"type": "synthesize", "data": {"text": 3}}\n', "invalid_value", "text"),
        (b'{"type": "synthesize", "data": {"text": "Hi.", "voice": {"name": "x"}}}\n', "invalid_value", "no voice 'x'"),
        (b'{"type": "synthesize-chunk", "data": {"text": "Hi."}}\n', "invalid_value", "synthesize-start before"),
        (b'{"type": "synthesize-stop"}\n', "invalid_value", "synthesize-start before"),
        (b'{"type": "synthesize-start"}\n{"type": "synthesize-start"}\n', "invalid_value", "synthesize-stop before"),
    ],
)
def test_a_mistake_is_told_and_ends_the_connection(wyoming: WyomingClient, sent: bytes, code: str, words: str) -> None:
    wyoming.connection.sendall(sent)
    wyoming.hear()
    (event,) = wyoming.events
    assert (event.type, event.data["code"]) == ("error", code)
    assert words in event.data["text"]


def test_an_error_of_the_engine_ends_the_connection(wyoming: WyomingClient, engine: StandIn) -> None:
    """Home Assistant waits for audio until then."""
    engine.error = ServerError("The stand-in broke.")
    wyoming.send("synthesize", text="Hello.")
    wyoming.hear()
    assert wyoming.events[-1].data == {"text": "The stand-in broke.", "code": "internal_error"}


def test_a_client_that_leaves_is_given_up_at_once(port: int, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    with wyoming_client(port) as client:
        client.send("synthesize", text=TEXT)
        client.wait_for("audio-chunk")
    assert engine.cancelled.wait(5)


def test_a_speech_needs_a_permit(start: Start, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    port = start(max_in_flight=1)
    with wyoming_client(port) as first, wyoming_client(port) as second:
        first.send("synthesize", text=TEXT)
        first.wait_for("audio-chunk")
        second.send("describe")
        second.wait_for("info")
        second.send("synthesize", text=TEXT)
        second.hear()
    assert second.events[-1].data["code"] == "queue_full"


def test_speeches_are_counted_and_logged(
    wyoming_server: tuple[int, str], engine: StandIn, wyoming: WyomingClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        wyoming.send("synthesize", text=TEXT)
        wyoming.wait_for("audio-stop")
    (line,) = [record for record in caplog.records if record.getMessage().startswith("WYOMING synthesize 200")]
    fields = line.fields  # type: ignore[attr-defined]
    assert fields["characters"] == len(TEXT)
    assert fields["audio_seconds"] == pytest.approx(samples_of(engine) / RATE, abs=0.01)
    assert TEXT not in caplog.text
    metrics = httpx.get(f"{wyoming_server[1]}/metrics").text
    assert 'soprano_proxy_requests_total{format="pcm",route="wyoming",status="200"}' in metrics
    wait_until(lambda: "soprano_proxy_in_flight 0.0" in httpx.get(f"{wyoming_server[1]}/metrics").text)


def test_an_idle_connection_ends(start: Start) -> None:
    with wyoming_client(start(live_idle_deadline=0.3)) as client:
        client.hear()
    assert client.events == []


def test_a_connection_that_is_being_spoken_to_is_not_idle(start: Start, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.1)
    with wyoming_client(start(live_idle_deadline=0.5)) as client:
        client.send("synthesize", text="Hello.")
        client.wait_for("audio-stop")


def test_a_client_that_does_not_read_is_given_up(start: Start, engine: StandIn) -> None:
    engine.chunks = 100_000
    with wyoming_client(start(reader_deadline=0.5)) as client:
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.send("synthesize", text="Hello.")
        assert engine.cancelled.wait(20)


def test_a_server_that_stops_says_what_was_written(settings: Settings, relay: Relay, engine: StandIn) -> None:
    engine.delays = {3: 0.3}
    (port,) = ports.find_free("127.0.0.1", 1)
    with ExitStack() as stack, ExitStack() as server:
        server.enter_context(live_server(settings.model_copy(update={"wyoming_port": port}), lambda: relay))
        client = stack.enter_context(wyoming_client(port))
        client.send("synthesize-start")
        client.send("synthesize-chunk", text=TEXT)
        client.wait_for("audio-chunk")
        stopping = threading.Thread(target=server.close)
        stopping.start()
        client.hear()
        stopping.join()
    assert client.kinds == ["audio-start", "audio-stop", "synthesize-stopped"]
    assert asked(engine) == SENTENCES
    assert len(client.audio) == 2 * samples_of(engine)


def test_a_server_does_not_stop_for_ever(settings: Settings, relay: Relay, engine: StandIn) -> None:
    engine.delays = {3: 60.0}
    (port,) = ports.find_free("127.0.0.1", 1)
    changed = settings.model_copy(update={"wyoming_port": port, "drain_deadline": 1})
    with ExitStack() as stack, ExitStack() as server:
        server.enter_context(live_server(changed, lambda: relay))
        client = stack.enter_context(wyoming_client(port))
        client.send("synthesize", text=TEXT)
        client.wait_for("audio-chunk")
        begun = time.monotonic()
        server.close()
        assert time.monotonic() - begun < 10
        client.hear()
    assert client.kinds == ["audio-start"]


def test_without_a_port_there_is_none(url: str) -> None:
    assert httpx.get(f"{url}/health/live").status_code == 200
