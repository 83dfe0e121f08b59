"""`WS /v1/audio/speech/websocket`."""

import io
import itertools
import json
import logging
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from proxy.errors import ServerError
from proxy.live.text import MOST_WAITING
from proxy.settings import Settings
from tests.proxy.conftest import Serve
from tests.proxy.live_server import live_server
from tests.proxy.routers.live.together.client import DELTA, DONE, FAILED, TogetherClient, together_client
from tests.proxy.stand_in import Relay, StandIn
from tests.waiting import wait_until

BAKERY = "The bakery on the corner opens at seven."
REPORT = "Please send me the report before lunch."


@pytest.fixture
def client(url: str) -> Iterator[TogetherClient]:
    with together_client(url) as client:
        client.wait_for("session.created")
        yield client


def seconds_of(audio: bytes, rate: int = 24000) -> float:
    return len(audio) / 2 / rate


def asked(engine: StandIn) -> list[str]:
    """The sentences that the engine was asked for; a request may have several."""
    return [sentence for each in engine.asked for sentence in each.text.splitlines()]


def test_a_text_is_spoken_while_it_is_written(client: TogetherClient, engine: StandIn) -> None:
    for word in f"{BAKERY} {REPORT}".split(" ")[:-2]:
        client.append(f"{word} ")
    client.wait_for(DELTA)
    assert asked(engine) == [BAKERY.lower()]
    client.append("before lunch.")
    client.commit()
    client.wait_for(DONE)
    assert asked(engine) == [BAKERY.lower(), REPORT.lower()]
    assert seconds_of(client.audio["tts_1"]) == pytest.approx(2 * engine.seconds, abs=0.001)


def test_the_events_are_those_of_the_protocol(url: str) -> None:
    with together_client(url, model="hexgrad/Kokoro-82M", voice="af_heart", language="en") as client:
        client.answer(BAKERY)
        client.wait_for(DONE)
        created, received, done = client.events
        assert created["type"] == "session.created"
        assert created["session"] == {
            "id": client.socket.response.headers["x-request-id"],  # type: ignore[union-attr]
            "object": "realtime.tts.session",
            "modalities": ["text", "audio"],
            "model": "hexgrad/Kokoro-82M",
            "voice": "af_heart",
        }
        assert received == {"type": "conversation.item.input_text.received", "text": BAKERY}
        assert done == {"type": DONE, "item_id": "tts_1"}


def test_each_commit_is_an_item_and_all_are_done_together(client: TogetherClient, engine: StandIn) -> None:
    """Pipecat gives up the audio that comes after a `done`, although it has committed more."""
    engine.delays = {5: 0.2}
    client.say(BAKERY)
    client.wait_for(DELTA)
    client.answer(REPORT)
    client.wait_for(DONE)
    client.wait_for(DONE)
    assert [event["item_id"] for event in client.of(DONE)] == ["tts_1", "tts_2"]
    assert [round(seconds_of(client.audio[item]), 2) for item in ("tts_1", "tts_2")] == [1.92, 1.92]


def test_what_comes_soon_after_a_sentence_belongs_to_the_same_answer(client: TogetherClient) -> None:
    client.say(BAKERY)
    while seconds_of(client.audio["tts_1"]) < 1.9:
        client.receive()
    client.say(REPORT)
    while "tts_2" not in client.audio:
        client.receive()
    assert client.of(DONE) == []


def test_a_second_commit_ends_an_answer_at_once(client: TogetherClient) -> None:
    client.answer(BAKERY)
    while seconds_of(client.audio["tts_1"]) < 1.9:
        client.receive()
    begun = time.monotonic()
    client.wait_for(DONE)
    assert time.monotonic() - begun < 0.25


def test_an_item_that_takes_long_to_be_written_does_not_delay_those_before(client: TogetherClient) -> None:
    client.say(BAKERY)
    client.append(f"{REPORT} And there is more to come, ")
    client.wait_for(DONE)
    assert client.of(DONE) == [{"type": DONE, "item_id": "tts_1"}]


def test_answers_follow_each_other(client: TogetherClient, engine: StandIn) -> None:
    for item in ("tts_1", "tts_2", "tts_3"):
        client.answer(BAKERY)
        assert client.wait_for(DONE)["item_id"] == item
    assert len(engine.asked) == 3


def test_a_clear_drops_everything_and_tells_nothing_of_it(client: TogetherClient, engine: StandIn) -> None:
    """Pipecat clears when it is interrupted, and takes all that comes then for its next answer."""
    engine.delays = {2: 30.0}
    for _ in range(3):
        client.say(BAKERY)
    client.wait_for(DELTA)
    client.clear()
    assert engine.cancelled.wait(5)
    engine.delays = {}
    client.answer(REPORT)
    assert client.wait_for(DONE)["item_id"] == "tts_4"
    assert asked(engine) == [BAKERY.lower(), REPORT.lower()]
    assert set(client.audio) == {"tts_1", "tts_4"}


def test_texts_of_several_contexts_are_spoken_side_by_side(client: TogetherClient, engine: StandIn) -> None:
    engine.delays = {2: 0.5}
    client.say(BAKERY, context_id="a")
    client.answer(REPORT, context_id="b")
    client.wait_for(DONE)
    client.wait_for(DONE)
    assert sorted(event["context_id"] for event in client.of(DONE)) == ["a", "b"]
    assert {round(seconds_of(audio), 2) for audio in client.audio.values()} == {1.92}


def test_one_context_is_cancelled_alone(client: TogetherClient, engine: StandIn) -> None:
    engine.delays = {2: 0.5}
    client.say(BAKERY, context_id="a")
    client.say(REPORT, context_id="b")
    client.wait_for(DELTA)
    client.send("context.cancel", context_id="a")
    assert client.wait_for("context.cancelled")["context_id"] == "a"
    assert client.wait_for(DONE)["context_id"] == "b"


def test_contexts_are_limited_and_end_by_themselves(client: TogetherClient) -> None:
    for number in range(6):
        client.append("Hello ", context_id=f"first-{number}")
    assert client.wait_for(FAILED)["error"]["code"] == "queue_full"
    for number in range(5):
        client.commit(context_id=f"first-{number}")
        client.wait_for(DONE)
    for number in range(5):
        client.answer("Hello.", context_id=f"second-{number}")
        client.wait_for(DONE)
    assert len(client.of(FAILED)) == 1


@pytest.mark.parametrize("text", ["...", "\N{GRINNING FACE}", " "])
def test_a_text_without_words_is_done_without_audio(client: TogetherClient, text: str) -> None:
    """An LLM that answers with an emoji has made no mistake."""
    client.answer(text)
    assert client.wait_for(DONE) == {"type": DONE, "item_id": "tts_1"}
    assert client.audio == {}
    assert client.of(FAILED) == []


def test_nothing_committed_is_nothing_done(client: TogetherClient) -> None:
    client.append("")
    client.commit()
    client.clear()
    client.answer(BAKERY)
    assert client.wait_for(DONE)["item_id"] == "tts_1"


def test_sentences_without_a_space_between_them_are_two(client: TogetherClient, engine: StandIn) -> None:
    """As the program in Together's documentation sends them."""
    for text in (BAKERY, REPORT):
        client.append(text)
    client.commit()
    client.wait_for(DONE)
    assert asked(engine) == [BAKERY.lower(), REPORT.lower()]


def test_pieces_of_a_word_stay_one(client: TogetherClient, engine: StandIn) -> None:
    for text in ("The ", "U", ".", "S", ".", " paid", " 3", ".", "5", " million", " for", " the old", " road", "."):
        client.append(text)
    client.commit()
    client.wait_for(DONE)
    assert asked(engine) == ["the u s paid three point five million for the old road."]


@pytest.mark.parametrize(
    ("name", "rate"), [("pcm", 24000), ("raw", 16000), ("wav", 32000), ("mp3", 32000), ("mulaw", 8000)]
)
def test_every_format_can_be_had(url: str, engine: StandIn, name: str, rate: int) -> None:
    with together_client(url, response_format=name, sample_rate=rate) as client:
        client.answer(BAKERY)
        client.wait_for(DONE)
    audio = client.audio["tts_1"]
    if name in ("pcm", "raw"):
        assert seconds_of(audio, rate) == pytest.approx(engine.seconds, abs=0.001)
    elif name == "wav":
        with wave.open(io.BytesIO(audio)) as opened:
            assert opened.getframerate() == rate
    elif name == "mulaw":
        assert len(audio) / rate == pytest.approx(engine.seconds, abs=0.01)
    else:
        assert audio[0] == 0xFF


def test_speed_is_that_of_the_query(url: str, engine: StandIn) -> None:
    with together_client(url, speed=2) as client:
        client.answer(BAKERY)
        client.wait_for(DONE)
    assert seconds_of(client.audio["tts_1"]) == pytest.approx(engine.seconds / 2, abs=0.05)


def test_words_are_timed_if_they_are_to_be(url: str, engine: StandIn) -> None:
    with together_client(url, alignment="word") as client:
        client.append(f"{BAKERY} {REPORT}")
        client.commit()
        client.wait_for(DONE)
    first, second = client.of("conversation.item.word_timestamps")
    assert first["words"] == BAKERY.split()
    assert second["words"] == REPORT.split()
    starts = first["start_seconds"] + second["start_seconds"]
    ends = first["end_seconds"] + second["end_seconds"]
    assert (starts[0], ends[-1]) == (0.0, pytest.approx(2 * engine.seconds))
    assert all(before <= after for before, after in itertools.pairwise(starts))
    assert starts[1:] == ends[:-1]


def test_immediate_segments_do_not_wait_for_the_end_of_a_sentence(url: str, engine: StandIn) -> None:
    with together_client(url, segment="immediate") as client:
        client.append("Well, I ")
        client.wait_for(DELTA)
    assert asked(engine) == ["well, i."]


def test_parameters_change_for_the_texts_that_follow(client: TogetherClient, engine: StandIn) -> None:
    session = {"voice": "tara", "extra_params": {"pronunciation_dict": ["omg/oh my god"]}}
    client.send("tts_session.updated", session=session)
    assert client.wait_for("session.updated")["session"]["voice"] == "tara"
    client.answer("He said omg to everybody.")
    client.wait_for(DONE)
    assert asked(engine) == ["he said oh my god to everybody."]


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"type": "what"}, "type"),
        ({}, "type"),
        ({"type": "input_text_buffer.append", "text": 3}, "text"),
        ({"type": "tts_session.updated", "session": {"speed": 9}}, "speed"),
        ({"type": "tts_session.updated", "session": {"response_format": "midi"}}, "response_format"),
        ({"type": "tts_session.updated", "session": {"extra_params": {"pronunciation_dict": ["omg"]}}}, "extra_params"),
    ],
)
def test_after_a_wrong_message_the_session_goes_on(client: TogetherClient, message: dict[str, Any], param: str) -> None:
    client.socket.send(json.dumps(message))
    assert client.wait_for(FAILED)["error"]["param"] == param
    client.answer(BAKERY)
    client.wait_for(DONE)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"response_format": "midi"}, "response_format"),
        ({"response_encoding": "pcm_f32le"}, "response_encoding"),
        ({"sample_rate": 1}, "sample_rate"),
        ({"speed": "nan"}, "speed"),
    ],
)
def test_a_wrong_query_is_told_and_ends_the_session(url: str, query: dict[str, Any], param: str) -> None:
    with together_client(url, **query) as client:
        client.hear()
    assert [event["type"] for event in client.events] == [FAILED]
    assert client.events[0]["error"]["param"] == param
    assert client.close_code == 1008


def test_what_is_no_json_ends_the_session(client: TogetherClient) -> None:
    client.socket.send("{")
    client.hear()
    assert client.events[-1]["error"]["code"] == "invalid_json"


def test_an_error_of_the_engine_is_told_and_the_session_goes_on(client: TogetherClient, engine: StandIn) -> None:
    engine.error, engine.failures = ServerError("The stand-in broke."), 1
    client.say(BAKERY)
    failed = client.wait_for(FAILED)
    assert (failed["item_id"], failed["error"]["message"]) == ("tts_1", "The stand-in broke.")
    client.answer(REPORT)
    client.wait_for(DONE)
    client.wait_for(DONE)
    assert seconds_of(client.audio["tts_2"]) == pytest.approx(engine.seconds, abs=0.001)


def test_waiting_text_is_limited(serve: Serve, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    with together_client(str(serve(max_body_bytes=MOST_WAITING).base_url), "/v1/audio/speech/websocket") as client:
        client.say(BAKERY)
        client.say("word " * (MOST_WAITING // 10))
        client.append("word " * (MOST_WAITING // 10))
        client.append(BAKERY)
        assert client.wait_for(FAILED)["error"]["code"] == "queue_full"


def test_a_client_that_leaves_is_given_up_at_once(url: str, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    with together_client(url) as client:
        client.say(BAKERY)
        client.say(REPORT)
        client.wait_for(DELTA)
    assert engine.cancelled.wait(5)
    wait_until(lambda: "soprano_proxy_in_flight 0.0" in httpx.get(f"{url}/metrics").text)


def test_a_wrong_key_is_refused(serve: Serve) -> None:
    url = str(serve(api_keys=frozenset({"sk-right"})).base_url)
    with pytest.raises(InvalidStatus) as refused, together_client(url, headers={"authorization": "Bearer sk-wrong"}):
        pass
    assert refused.value.response.status_code == 401
    with together_client(url, headers={"authorization": "Bearer sk-right"}) as client:
        client.wait_for("session.created")


def test_an_idle_session_ends_without_a_failure(serve: Serve) -> None:
    with together_client(str(serve(live_idle_deadline=0.3).base_url)) as client:
        client.hear()
    assert [event["type"] for event in client.events] == ["session.created", "session.expired"]
    assert client.close_code == 1001


def test_a_server_that_stops_says_what_was_written(settings: Settings, relay: Relay, engine: StandIn) -> None:
    with ExitStack() as server:
        url = server.enter_context(live_server(settings, lambda: relay))
        with together_client(url) as client:
            client.say(BAKERY)
            client.append(REPORT)
            client.wait_for(DELTA)
            stopping = threading.Thread(target=server.close)
            stopping.start()
            client.hear()
            stopping.join()
    assert client.close_code == 1012
    assert [event["item_id"] for event in client.of(DONE)] == ["tts_1", "tts_2"]
    assert sum(map(seconds_of, client.audio.values())) == pytest.approx(2 * engine.seconds, abs=0.001)


def test_every_item_is_logged(client: TogetherClient, engine: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    engine.delays = {2: 30.0}
    with caplog.at_level(logging.INFO, "proxy.middleware.access"):
        client.say(BAKERY)
        client.say(REPORT)
        client.wait_for(DELTA)
        client.clear()
        wait_until(lambda: len(caplog.records) == 2)
    lines = [record.fields for record in caplog.records]  # type: ignore[attr-defined]
    assert {line["request_id"][-2:] for line in lines} == {"-1", "-2"}
    assert {line["ending"] for line in lines} == {"left"}
    assert BAKERY not in caplog.text


@pytest.mark.parametrize("path", ["/v1/audio/speech/websocket", "/audio/speech/websocket"])
def test_both_paths_serve(url: str, path: str) -> None:
    with together_client(url, path) as client:
        client.answer(BAKERY)
        client.wait_for(DONE)
