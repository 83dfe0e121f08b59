"""`WS /v1/realtime`: sessions, their settings, their messages, and what is refused."""

from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.proxy.conftest import Serve
from tests.proxy.routers.live.realtime.realtime_client import RealtimeClient, message, realtime_client
from tests.proxy.stand_in import StandIn

TEXT = "Dr. Who paid $5 for 3.5 miles of that old road."


@pytest.mark.parametrize("path", ["/v1/realtime", "/realtime"])
@pytest.mark.parametrize("model", ["gpt-realtime", "gpt-realtime-2.1-mini", "gpt-4o-mini-realtime-preview", "tts-1"])
def test_a_session_begins_with_its_settings(url: str, path: str, model: str) -> None:
    with realtime_client(url, f"{path}?model={model}") as client:
        created = client.receive()
    assert created["type"] == "session.created"
    assert created["session"]["model"] == model
    assert created["session"]["audio"]["output"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "voice": "soprano",
        "speed": 1.0,
    }


def test_a_model_need_not_be_named(url: str) -> None:
    with realtime_client(url, "/v1/realtime") as client:
        assert client.receive()["session"]["model"] == "soprano"


@pytest.mark.parametrize(
    ("query", "words"),
    [("model=whisper-1", "does not exist"), ("intent=transcription", "hears"), ("call_id=rtc_1", "hears")],
)
def test_what_there_is_not_is_refused_at_once(url: str, query: str, words: str) -> None:
    with realtime_client(url, f"/v1/realtime?{query}") as client:
        assert words in client.receive()["error"]["message"]
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def test_a_browser_connects_with_subprotocols(serve: Serve) -> None:
    url = str(serve(api_keys=frozenset({"secret"})).base_url).rstrip("/")
    offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.secret")]
    with realtime_client(url, subprotocols=offered) as client:
        assert client.socket.subprotocol == "realtime"
        assert client.receive()["type"] == "session.created"


def test_settings_change_what_follows(client: RealtimeClient, engine: StandIn) -> None:
    client.say("This is sentence number one.")
    output = {"voice": {"id": "marin"}, "speed": "2.0", "format": {"type": "audio/pcm", "rate": 24000}}
    ears = {"turn_detection": None, "format": {"type": "audio/pcmu"}}
    settings = {"type": "realtime", "instructions": "Be nice.", "audio": {"input": ears, "output": output}, "tools": []}
    client.send("session.update", session=settings)
    session = client.wait_for("session.updated")["session"]
    assert session["instructions"] == "Be nice."
    assert session["audio"]["output"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "voice": "marin",
        "speed": 2.0,
    }
    client.say("This is sentence number two.")
    client.say("This is sentence number three.", audio={"output": {"voice": "cedar"}})
    assert client.hear(3)["audio"]["output"]["voice"] == "cedar"
    first, second, third = [event["response"]["id"] for event in client.of("response.created")]
    assert len(client.audio(first)) / 48000 == pytest.approx(engine.seconds, abs=0.001)
    for response in (second, third):
        assert len(client.audio(response)) / 48000 == pytest.approx(engine.seconds / 2, abs=0.05)


def test_settings_of_a_response_hold_for_it_alone(client: RealtimeClient) -> None:
    client.say("Hello there.", audio={"output": {"voice": "cedar"}})
    assert client.hear()["audio"]["output"]["voice"] == "cedar"
    client.say("Hello there.")
    assert client.hear()["audio"]["output"]["voice"] == "soprano"


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_telephones_are_spoken_to(client: RealtimeClient, engine: StandIn, name: str) -> None:
    client.send("session.update", session={"type": "realtime", "audio": {"output": {"format": {"type": name}}}})
    assert client.wait_for("session.updated")["session"]["audio"]["output"]["format"] == {"type": name}
    client.say("Hello there.")
    client.hear()
    assert len(client.audio()) / 8000 == pytest.approx(engine.seconds, abs=0.01)
    assert len(np.unique(np.frombuffer(client.audio(), np.uint8))) > 20


def test_messages_can_be_retrieved_and_deleted(client: RealtimeClient) -> None:
    client.write("Hello there.", id="greeting")
    client.send("conversation.item.retrieve", item_id="greeting")
    item = client.wait_for("conversation.item.retrieved")["item"]
    assert (item["id"], item["role"], item["status"]) == ("greeting", "user", "completed")
    assert item["content"] == [{"type": "input_text", "text": "Hello there."}]
    client.send("conversation.item.delete", item_id="greeting")
    assert client.wait_for("conversation.item.deleted")["item_id"] == "greeting"
    event_id = client.send("conversation.item.retrieve", item_id="greeting")
    assert client.wait_for("error")["error"]["event_id"] == event_id


def test_what_was_not_heard_can_be_truncated(client: RealtimeClient, engine: StandIn) -> None:
    client.say(TEXT)
    item_id = client.hear()["output"][0]["id"]
    client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=500)
    assert client.wait_for("conversation.item.truncated")["audio_end_ms"] == 500
    client.send("conversation.item.retrieve", item_id=item_id)
    assert client.wait_for("conversation.item.retrieved")["item"]["content"][0]["transcript"] == ""
    too_long = round(engine.seconds * 1000) + 1
    client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=too_long)
    assert client.wait_for("error")["error"]["param"] == "audio_end_ms"


FUNCTION = {"type": "function", "name": "look_up", "parameters": {}}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "42"}
HEARD = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AAAA"}]}
SEEN = {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}


@pytest.mark.parametrize(
    ("kind", "fields", "param", "words"),
    [
        ("input_audio_buffer.append", {"audio": "AAAA"}, "type", "hears and sees nothing"),
        ("input_audio_buffer.commit", {}, "type", "hears and sees nothing"),
        ("output_audio_buffer.clear", {}, "type", "there is no event 'output_audio_buffer.clear'"),
        ("conversation.item.create", {"item": HEARD}, "item.content.0.type", "hears and sees nothing"),
        ("conversation.item.create", {"item": SEEN}, "item.content.0.type", "hears and sees nothing"),
        ("conversation.item.create", {"item": OUTPUT}, "item", "calls no tools"),
        ("conversation.item.create", {"item": message("Hi.", role="nobody")}, "item.role", "'user'"),
        (
            "conversation.item.create",
            {"item": message("Hi."), "previous_item_id": "x"},
            "previous_item_id",
            "no item 'x'",
        ),
        ("conversation.item.delete", {"item_id": "x"}, "item_id", "no item 'x'"),
        ("conversation.item.create", {"item": {"type": []}}, "item", "calls no tools"),
        (
            "conversation.item.create",
            {"item": {"type": "message", "role": "user", "content": [{"type": {}}]}},
            "item.content.0.type",
            "input_text",
        ),
        ("session.update", {"session": {"type": "transcription"}}, "session.type", "hears and sees nothing"),
        ("session.update", {"session": {"tools": [FUNCTION]}}, "session.tools", "calls no tools"),
        ("session.update", {"session": {"output_modalities": ["text"]}}, "session.output_modalities", "with speech"),
        ("session.update", {"session": {"model": "whisper-1"}}, "model", "does not exist"),
        ("session.update", {"session": {"audio": {"output": {"voice": "nobody"}}}}, "voice", "no voice 'nobody'"),
        ("session.update", {"session": {"audio": {"output": {"speed": 9}}}}, "speed", "less than or equal to 4"),
        (
            "session.update",
            {"session": {"audio": {"output": {"speed": "fast"}}}},
            "session.audio.output.speed",
            "number",
        ),
        ("response.create", {}, "response.input", "there is nothing to read"),
        (
            "response.create",
            {"response": {"instructions": "Say hello."}},
            "response.input",
            "instructions are not read",
        ),
        ("response.create", {"response": {"input": [OUTPUT]}}, "response.input.0", "calls no tools"),
        ("response.create", {"response": {"tools": [FUNCTION]}}, "response.tools", "calls no tools"),
        ("response.cancel", {}, "response_id", "no response to cancel"),
        ("what", {}, "type", "there is no event 'what'"),
    ],
)
def test_a_mistake_is_told_and_the_session_goes_on(
    client: RealtimeClient, kind: str, fields: dict[str, Any], param: str, words: str
) -> None:
    event_id = client.send(kind, **fields)
    error = client.wait_for("error")["error"]
    assert words in error["message"]
    assert (error["type"], error["param"], error["event_id"]) == ("invalid_request_error", param, event_id)
    client.say("Hello there.")
    assert client.hear()["status"] == "completed"


def test_an_identifier_is_taken_once(client: RealtimeClient) -> None:
    client.write("Hello there.", id="greeting")
    client.write("Hello again.", id="greeting")
    assert client.wait_for("error")["error"]["param"] == "item.id"


def test_what_is_no_json_ends_the_session(client: RealtimeClient) -> None:
    client.socket.send("{")
    assert client.receive()["error"]["code"] == "invalid_json"


def test_a_conversation_is_bounded(client: RealtimeClient) -> None:
    """The oldest messages are forgotten, but none that is still to be read."""
    client.say("Hello there.")
    client.hear()
    for number in range(1001):
        client.write("Hi.", id=str(number))
        while client.receive()["type"] not in {"conversation.item.done", "error"}:
            pass
    assert client.events[-1]["error"]["code"] == "queue_full"
    client.send("conversation.item.retrieve", item_id="0")
    client.wait_for("conversation.item.retrieved")


def test_only_so_many_responses_wait(client: RealtimeClient, engine: StandIn) -> None:
    engine.delays = {1: 30.0}
    for _ in range(33):
        client.say("Hello there.")
    assert client.wait_for("error")["error"]["code"] == "queue_full"
    client.send("response.cancel")
    client.hear(32)


def test_a_message_that_is_too_long_is_refused(client: RealtimeClient) -> None:
    client.write("word " * 50_000)
    assert client.wait_for("error")["error"]["code"] == "string_above_max_length"
