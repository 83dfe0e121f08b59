"""`/v1/text-to-speech/{voice}/multi-stream-input`."""

from collections.abc import Iterator

import pytest

from proxy.errors import ServerError
from proxy.routers.live.elevenlabs.multi_stream_input import MOST_CONTEXTS
from tests.proxy.routers.live.elevenlabs.client import ElevenLabsClient, elevenlabs_client
from tests.proxy.stand_in import StandIn

FIRST, SECOND = "The bakery on the corner opens at seven.", "Please send me the report before lunch."
ROUTE = "multi-stream-input"
TEN_SENTENCES = f"{FIRST} " * 10


@pytest.fixture
def client(url: str) -> Iterator[ElevenLabsClient]:
    with elevenlabs_client(url, ROUTE) as client:
        yield client


def said(context: str, text: str) -> list[dict[str, object]]:
    """What LiveKit's client sends for one text."""
    return [
        {"text": " ", "voice_settings": {}, "context_id": context},
        {"text": f"{text} ", "context_id": context, "flush": True},
        {"text": "", "context_id": context, "flush": True},
        {"context_id": context, "close_context": True},
    ]


def test_contexts_are_spoken_side_by_side(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.01)
    client.send(*said("a", FIRST), *said("b", SECOND), {"close_socket": True})
    assert client.hear() == 1000
    for context, text in (("a", FIRST), ("b", SECOND)):
        assert client.aligned(context) == [f"{text} "]
        assert len(client.audio(context)) == pytest.approx(16000 * 2 * engine.seconds, abs=4)
        assert [each["isFinal"] for each in client.of(context)][-2:] == [None, True]
    order = [each["contextId"] for each in client.messages]
    assert order.index("b") < len(order) - order[::-1].index("a")


def test_contexts_follow_each_other(client: ElevenLabsClient) -> None:
    for context in ("a", "b", "a"):
        client.send(*said(context, FIRST))
        client.wait_for_final(context)
    assert client.aligned("a") == [f"{FIRST} "] * 2


def test_times_count_from_the_end_of_the_last_alignment(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send(*said("a", f"{FIRST} {SECOND}"), {"close_socket": True})
    client.hear()
    assert [each["charStartTimesMs"][0] for each in alignments(client)] == [0, 0]
    assert [sum(each["charDurationsMs"]) for each in alignments(client)] == [1000 * engine.seconds] * 2


def test_with_sync_alignment_times_count_from_the_beginning(url: str, engine: StandIn) -> None:
    with elevenlabs_client(url, ROUTE, "output_format=pcm_16000&sync_alignment=true") as client:
        client.send(*said("a", f"{FIRST} {SECOND}"), {"close_socket": True})
        client.hear()
        assert [each["charStartTimesMs"][0] for each in alignments(client)] == [0, 1000 * engine.seconds]


def alignments(client: ElevenLabsClient) -> list[dict[str, list[int]]]:
    return [each["alignment"] for each in client.of("a") if each["alignment"]]


def test_an_empty_text_only_keeps_the_connection_open(client: ElevenLabsClient) -> None:
    client.send({"text": ""}, {"text": "", "context_id": "a"}, {"text": "Well, I ", "context_id": "a", "flush": True})
    client.wait_for_audio("a")
    client.send({"text": "", "context_id": "a"}, {"text": "think so. ", "context_id": "a", "flush": True})
    client.send({"context_id": "a", "close_context": True})
    client.wait_for_final("a")
    assert client.aligned("a") == ["Well, I ", "think so. "]


def test_a_message_without_a_context_is_of_the_default_one(client: ElevenLabsClient) -> None:
    client.send({"text": f"{FIRST} ", "flush": True}, {"close_context": True})
    client.wait_for_final("default")
    assert client.aligned("default") == [f"{FIRST} "]


def test_a_context_that_is_closed_before_a_flush_falls_silent(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    client.send({"text": TEN_SENTENCES, "context_id": "a"})
    client.wait_for_audio("a")
    client.send({"context_id": "a", "close_context": True})
    client.wait_for_final("a")
    assert engine.cancelled.wait(5)


def test_a_context_that_is_closed_twice_falls_silent(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    client.send(*said("a", TEN_SENTENCES))
    client.wait_for_audio("a")
    client.send({"context_id": "a", "close_context": True})
    client.wait_for_final("a")
    assert engine.cancelled.wait(5)


def test_another_context_goes_on_when_one_falls_silent(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.delays = {2: 0.2}
    client.send(*said("a", TEN_SENTENCES))
    client.wait_for_audio("a")
    client.send({"context_id": "a", "close_context": True}, *said("b", SECOND))
    client.wait_for_final("b")
    assert len(client.audio("b")) == pytest.approx(16000 * 2 * engine.seconds, abs=4)
    assert len(client.audio("a")) < 2 * 16000 * 2 * engine.seconds


def test_closing_the_socket_waits_for_what_was_flushed(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send({"text": f"{FIRST} ", "context_id": "a", "flush": True}, {"close_socket": True})
    assert client.hear() == 1000
    assert len(client.audio("a")) == pytest.approx(16000 * 2 * engine.seconds, abs=4)


def test_an_error_ends_its_context_only(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.error, engine.failures = ServerError("The stand-in broke."), 1
    client.send(*said("a", FIRST))
    client.wait_for_final("a")
    failed = {"message": "The stand-in broke.", "error": "internal_error", "code": 500, "contextId": "a"}
    assert client.of("a")[0] == failed
    client.send(*said("b", SECOND))
    client.wait_for_final("b")
    assert client.aligned("b") == [f"{SECOND} "]


def test_a_context_without_words_is_an_error(client: ElevenLabsClient) -> None:
    client.send(*said("a", "-?-"))
    client.wait_for_final("a")
    assert "nothing in it that can be spoken" in client.errors[0]


def test_contexts_at_once_have_a_limit(client: ElevenLabsClient) -> None:
    client.send(*({"text": " ", "context_id": str(number)} for number in range(MOST_CONTEXTS + 1)))
    client.wait_for_final(str(MOST_CONTEXTS))
    assert f"At most {MOST_CONTEXTS} contexts" in client.errors[0]
    client.send({"context_id": "0", "close_context": True})
    client.wait_for_final("0")
    client.send(*said("another", FIRST))
    client.wait_for_final("another")
    assert client.aligned("another") == [f"{FIRST} "]
