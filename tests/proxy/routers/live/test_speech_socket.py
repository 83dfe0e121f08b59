"""`WS /v1/audio/speech/ws`."""

import io
import json
import wave
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from proxy.errors import NothingHeard, ServerError
from proxy.synthesis.interface import AudioChunk, SynthesisParameters
from tests.proxy.conftest import Serve
from tests.proxy.live.client import PROTOCOL, SpeechClient, speech_client
from tests.proxy.stand_in import RATE, Relay, StandIn

TEXT = "Dr. Who paid $5 for 3.5 miles of that old road. And nobody ever knew why he wanted it so badly."


@pytest.fixture
def client(url: str) -> Iterator[SpeechClient]:
    with speech_client(url) as client:
        yield client


def test_a_text_is_spoken_while_it_is_written(client: SpeechClient, engine: StandIn) -> None:
    client.start()
    for word in TEXT.split(" ")[:-3]:
        client.write("append", f"{word} ")
    client.wait_for_audio()
    assert engine.spoken == ["doctor who paid five dollars for three point five miles of that old road."]
    client.say("it so badly.")
    done = client.hear()
    assert engine.spoken[1:] == ["and nobody ever knew why he wanted it so badly."]
    assert done["type"] == "response.done"
    assert done["stop_reason"] == "stop"
    assert done["usage"] == {"input_tokens": 14, "output_tokens": 60, "total_tokens": 74}
    assert done["duration"] == pytest.approx(2 * engine.seconds)
    assert len(client.audio) == pytest.approx(2 * engine.seconds * 24000 * 2, abs=4)
    assert client.close_code == 1000


def test_the_events_are_those_of_the_protocol(client: SpeechClient) -> None:
    """As nari's benchmark checks them: it refuses events that it does not know."""
    assert client.socket.subprotocol == PROTOCOL
    client.start(model="tts-1", voice="alloy", language="english")
    client.say("Hello there.")
    done = client.hear()
    audio = {"encoding": "pcm_s16le", "sample_rate": 24000, "channels": 1}
    created, configured, appended, ended, started, last = client.events
    request_id = configured["request_id"]
    assert created == {"type": "session.created", "protocol": PROTOCOL, "audio": audio}
    assert configured == {"type": "request.configured", "request_id": request_id, "audio": audio}
    assert appended == {"type": "input_text.ack", "event": "input_text.append", "sequence": 0}
    assert ended == {"type": "input_text.ack", "event": "input_text.end", "sequence": 1}
    assert started == {"type": "response.started", "request_id": request_id, "audio": audio}
    assert last == done
    assert done["request_id"] == request_id


def test_sentences_are_timed(client: SpeechClient, engine: StandIn) -> None:
    client.start(timestamps=True)
    client.say(f"{TEXT} [pause:1.5s] The end.")
    client.hear()
    seconds = engine.seconds
    assert [(each["text"], each["start"], each["end"]) for each in client.sentences] == [
        ("Dr. Who paid $5 for 3.5 miles of that old road.", 0.0, seconds),
        ("And nobody ever knew why he wanted it so badly.", seconds, 2 * seconds),
        ("The end.", pytest.approx(2 * seconds + 1.5), pytest.approx(3 * seconds + 1.5)),
    ]


def test_a_text_goes_on_after_what_was_spoken_already(client: SpeechClient, engine: StandIn) -> None:
    client.start(timestamps=True, previous_text="This is an example of something that was spoken.")
    client.say(f" {TEXT}")
    done = client.hear()
    assert [each["text_start"] for each in client.sentences] == [1, 1 + TEXT.index("And")]
    assert len(engine.spoken) == 2
    assert done["characters"] == len(f" {TEXT}")


def test_nothing_more_may_follow_what_was_spoken_already(client: SpeechClient) -> None:
    client.start(previous_text="The end.")
    client.say("\n")
    done = client.hear()
    assert (done["type"], done["audio_chunks"], done["characters"]) == ("response.done", 0, 1)


def test_a_pause_is_silence(client: SpeechClient, engine: StandIn) -> None:
    client.start()
    client.say("The first sentence is here. [pause:1.5s] The second sentence is here. [pause:2s]")
    client.hear()
    samples = np.frombuffer(client.audio, np.int16).astype(int)
    seconds = engine.seconds
    assert len(samples) == pytest.approx(24000 * (2 * seconds + 3.5), abs=4)
    quiet = [(seconds, seconds + 1.5), (2 * seconds + 1.5, 2 * seconds + 3.5)]
    for begin, end in quiet:
        assert np.abs(samples[int(24000 * (begin + 0.01)) : int(24000 * (end - 0.01))]).max() <= 1


@pytest.mark.parametrize(("name", "rate"), [("wav", 32000), ("pcm", 24000), ("pcm", 16000), ("mp3", 32000)])
def test_every_format_can_be_had(url: str, engine: StandIn, name: str, rate: int) -> None:
    with speech_client(url) as client:
        client.send("request.start", response_format=name, sample_rate=rate)
        client.say("Hello there.")
        client.hear()
        started = next(event for event in client.events if event["type"] == "response.started")
    assert started["audio"]["sample_rate"] == rate
    if name == "pcm":
        assert len(client.audio) == pytest.approx(2 * rate * engine.seconds, abs=4)
    elif name == "wav":
        with wave.open(io.BytesIO(client.audio)) as opened:
            assert opened.getframerate() == rate == RATE
    else:
        assert client.audio[0] == 0xFF


def test_a_flush_does_not_wait_for_the_end_of_a_sentence(client: SpeechClient, engine: StandIn) -> None:
    client.start()
    client.write("append", "Well, I")
    client.write("flush")
    client.wait_for_audio()
    assert engine.spoken == ["well, i."]
    client.say(" think so.")
    client.hear()
    assert engine.spoken == ["well, i.", "think so."]


def test_what_is_cleared_is_not_spoken(client: SpeechClient, engine: StandIn) -> None:
    engine.delays = {1: 0.3}
    client.start()
    client.write("append", f"{TEXT} {TEXT} {TEXT} ")
    client.wait_for_audio()
    client.write("clear")
    client.say("Something else is said instead of it.")
    client.hear()
    heard = engine.spoken
    assert heard[0].startswith("doctor who")
    assert heard[-1] == "something else is said instead of it."
    assert len(client.audio) == pytest.approx(2 * engine.seconds * 24000 * 2, abs=4)


def test_after_a_clear_a_sentence_does_not_wait_until_the_dropped_ones_would_have_been_heard(
    client: SpeechClient, engine: StandIn
) -> None:
    engine.chunks = 200
    client.start()
    client.write("append", TEXT)
    client.write("flush")
    client.wait_for_audio(2 * int(engine.seconds * 24000) * 2 - 100)
    client.write("clear")
    client.write("append", "Something else is said instead of it. ")
    client.wait_for_audio()  # within 10 seconds, of which the clip has 77
    assert engine.spoken[-1] == "something else is said instead of it."


def test_a_cancelled_request_is_given_up_at_once(client: SpeechClient, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    client.start()
    client.say(TEXT)
    client.wait_for_audio()
    client.send("request.cancel")
    client.hear()
    assert client.close_code == 1000
    assert engine.cancelled.wait(20)


def test_a_client_that_leaves_is_given_up_at_once(url: str, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    with speech_client(url) as client:
        client.start()
        client.say(TEXT)
        client.wait_for_audio()
    assert engine.cancelled.wait(20)


@pytest.mark.parametrize(
    ("messages", "param", "words"),
    [
        ([{"type": "input_text.append", "text": "Hi."}], "type", "send request.start before"),
        ([{"type": "request.start", "voice": "nobody"}], "voice", "there is no voice 'nobody'"),
        ([{"type": "request.start", "model": "gpt-9"}], "model", "does not exist"),
        ([{"type": "request.start", "speed": 9}], "speed", "less than or equal to 4"),
        ([{"type": "request.start"}, {"type": "request.start"}], "type", "open another connection"),
        ([{"type": "request.start"}, {"type": "input_text.append", "sequence": 1}], "sequence", "0 was expected"),
        ([{"type": "what"}], "type", "there is no message 'what'"),
        ([[]], None, "must be a JSON object"),
    ],
)
def test_a_wrong_message_ends_the_session_with_a_reason(
    client: SpeechClient, messages: list[Any], param: str | None, words: str
) -> None:
    for message in messages:
        client.socket.send(json.dumps(message))
    event = client.hear()
    assert event["type"] == "error"
    assert words in event["error"]["message"]
    assert event["error"]["param"] == param
    assert client.close_code == 1008


@pytest.mark.usefixtures("engine")
def test_a_client_that_waits_for_no_acknowledgement_is_refused(
    client: SpeechClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.routers.live.speech_socket.MOST_UNACKNOWLEDGED", 0)
    client.start()
    client.write("flush")
    assert client.hear()["error"]["code"] == "queue_full"
    assert client.close_code == 1013


def test_what_is_no_json_is_refused(client: SpeechClient) -> None:
    client.socket.send("{")
    assert client.hear()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize("text", ["", "...", "[pause:1s]"])
def test_a_text_without_words_is_an_error(client: SpeechClient, text: str) -> None:
    client.start()
    client.say(text)
    assert "nothing in the text can be spoken" in client.hear()["error"]["message"]


def test_an_error_of_the_engine_is_told(client: SpeechClient, engine: StandIn) -> None:
    engine.error = ServerError("The stand-in broke.")
    client.start()
    client.say(TEXT)
    assert client.hear()["error"] == {
        "message": "The stand-in broke.",
        "type": "server_error",
        "param": None,
        "code": "internal_error",
    }
    assert client.close_code == 1011


class SilentAtFirst(StandIn):
    """Makes no sound for the first sentence of the text."""

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        if parameters.text.startswith("doctor"):
            raise NothingHeard("the model made no sound")
        async with aclosing(super().synthesize(parameters)) as chunks:
            async for chunk in chunks:
                yield chunk


def test_a_sentence_without_sound_is_left_out(client: SpeechClient, relay: Relay) -> None:
    relay.engine = SilentAtFirst()
    client.start(timestamps=True)
    first, end, second = TEXT.partition("road.")
    client.write("append", first + end)
    client.write("flush")
    client.say(second)
    done = client.hear()
    assert [warning["code"] for warning in done["warnings"]] == ["silent"]
    assert [each["index"] for each in client.sentences] == [1]


def test_a_text_without_sound_is_an_error(client: SpeechClient, relay: Relay) -> None:
    relay.engine = SilentAtFirst()
    client.start()
    client.say("Doctor Who paid for all of that old road.")
    assert "made no sound" in client.hear()["error"]["message"]


def test_twenty_thousand_characters_at_once_are_spoken(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 1
    text = " ".join(f"This is sentence number {number}, which is said for its own sake." for number in range(330))
    assert len(text) > 20_000
    with speech_client(str(serve(max_body_bytes=50_000).base_url).rstrip("/")) as client:
        client.start(timestamps=True)
        client.say(text)
        assert client.hear()["type"] == "response.done"
    assert " ".join(each["text"] for each in client.sentences) == text
    assert client.sentences[-1]["end"] == pytest.approx(len(client.audio) / 48000, abs=0.001)


def test_a_text_that_never_ends_a_sentence_is_spoken(client: SpeechClient, engine: StandIn) -> None:
    engine.chunks = 1
    words = [f"w{'aeiou'[number % 5]}rd{'bcdfghklmnprstvwz'[number % 17]} " for number in range(400)]
    client.start(timestamps=True)
    for word in words:
        client.write("append", word)
    client.wait_for("response.sentence")  # before the end
    client.write("end")
    assert client.hear()["type"] == "response.done"
    assert " ".join(each["text"] for each in client.sentences).split() == "".join(words).split()


def test_a_large_chunk_comes_in_small_messages(client: SpeechClient, engine: StandIn) -> None:
    """Clients of the library `websockets` refuse messages of more than a megabyte."""
    engine.chunks, engine.chunk_samples = 1, 32000 * 30
    client.start(timestamps=True)
    client.say(TEXT)
    sizes = []
    while not client.sentences:
        before = len(client.audio)
        client.receive()
        sizes.append(len(client.audio) - before)
    assert max(sizes) == 49152
    client.hear()


def test_sentences_that_are_there_are_spoken_together(client: SpeechClient, engine: StandIn) -> None:
    client.start(timestamps=True)
    client.say(" ".join(f"Sentence {word} of a text that is rather long." for word in ("one", "two", "three")))
    client.hear()
    assert len(engine.asked) <= 2  # the last one waits for the end of the text
    assert len(engine.spoken) == 3
    starts = [each["start"] for each in client.sentences]
    assert starts == pytest.approx([0.0, engine.seconds, 2 * engine.seconds])


@pytest.mark.parametrize("path", ["/v1/audio/speech/ws", "/audio/speech/ws"])
def test_both_paths_serve(url: str, path: str) -> None:
    with speech_client(url, path) as client:
        client.start()
        client.say("Hello there.")
        assert client.hear()["type"] == "response.done"


def test_a_plain_request_is_told_why_the_socket_would_be_refused(serve: Serve) -> None:
    client = serve(api_keys=frozenset({"secret"}), max_in_flight=1)
    path = "/v1/audio/speech/ws"
    assert client.get(path).json()["error"]["code"] == "invalid_api_key"
    with speech_client(str(client.base_url).rstrip("/"), headers={"x-api-key": "secret"}) as other:
        other.receive()
        full = client.get(path, headers={"x-api-key": "secret"})
        assert (full.status_code, full.json()["error"]["code"]) == (429, "queue_full")
        assert "retry-after" in full.headers


def test_a_plain_request_is_told_that_the_socket_would_be_opened(url: str) -> None:
    answer = httpx.get(f"{url}/v1/audio/speech/ws")
    assert (answer.status_code, answer.json()["error"]["code"]) == (426, "upgrade_required")
    assert answer.headers["upgrade"] == "websocket"


def test_an_unknown_path_is_not_found(url: str) -> None:
    with pytest.raises(InvalidStatus) as refused, speech_client(url, "/v1/nothing"):
        pass
    assert refused.value.response.status_code == 404
    assert b"unknown_url" in refused.value.response.body
