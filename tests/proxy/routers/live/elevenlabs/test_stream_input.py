"""`/v1/text-to-speech/{voice}/stream-input`."""

import logging
from collections.abc import Iterator

import pytest

from proxy.errors import ServerError
from tests.proxy.routers.live.elevenlabs.client import VOICE, ElevenLabsClient, elevenlabs_client
from tests.proxy.stand_in import StandIn

FIRST, SECOND = "It costs $5 at the shop on the corner.", "And nobody ever knew the reason why."


@pytest.fixture
def client(url: str) -> Iterator[ElevenLabsClient]:
    with elevenlabs_client(url, "stream-input") as client:
        yield client


def test_a_text_is_spoken_while_it_is_written(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send({"text": " ", "voice_settings": {"stability": 0.5, "similarity_boost": 0.8}, "xi_api_key": "sk"})
    client.send(*({"text": f"{word} ", "try_trigger_generation": True} for word in f"{FIRST} {SECOND}".split()[:-1]))
    client.wait_for_audio()
    assert [each.text for each in engine.asked] == ["it costs five dollars at the shop on the corner."]
    client.send({"text": "why. "}, {"text": ""})
    assert client.hear() == 1000
    assert client.messages[-1]["isFinal"] is True
    assert client.messages[-1]["audio"] is None
    assert len(client.audio()) == pytest.approx(2 * 16000 * 2 * engine.seconds, abs=4)


def test_every_sentence_has_its_times(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send({"text": f"{FIRST} {SECOND} "}, {"text": ""})
    client.hear()
    assert client.aligned() == [f"{FIRST} ", f"{SECOND} "]
    assert client.aligned(key="normalizedAlignment")[0] == "it costs five dollars at the shop on the corner. "
    for alignment in (each["alignment"] for each in client.messages if each["alignment"]):
        assert alignment["charStartTimesMs"][0] == 0
        assert sum(alignment["charDurationsMs"]) == 1000 * engine.seconds


def test_a_sentence_has_its_times_before_the_next_one_is_written(client: ElevenLabsClient) -> None:
    client.send({"text": f"{FIRST} ", "flush": True})
    while not client.receive()["alignment"]:
        pass


def test_a_flush_does_not_wait_for_the_end_of_a_sentence(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send({"text": "Well, I ", "flush": True})
    client.wait_for_audio()
    assert [each.text for each in engine.asked] == ["well, i."]


def test_the_speed_is_heeded(client: ElevenLabsClient, engine: StandIn) -> None:
    client.send({"text": " ", "voice_settings": {"speed": 1.2}}, {"text": FIRST}, {"text": ""})
    client.hear()
    assert len(client.audio()) / 2 / 16000 == pytest.approx(engine.seconds / 1.2, rel=0.05)


def test_in_auto_mode_a_sentence_needs_no_space_behind_it(url: str, engine: StandIn) -> None:
    with elevenlabs_client(url, "stream-input", "auto_mode=true") as client:
        client.send({"text": "Hello there."})
        client.wait_for_audio()
        client.send({"text": "Good morning."}, {"text": ""})
        client.hear()
    assert [each.text for each in engine.asked] == ["hello there.", "good morning."]


@pytest.mark.parametrize("text", ["-?-", "..."])
def test_a_text_that_cannot_be_spoken_is_an_error(client: ElevenLabsClient, text: str) -> None:
    client.send({"text": text}, {"text": ""})
    assert client.hear() == 1008
    assert "nothing in it that can be spoken" in client.errors[0]


def test_nothing_is_the_end_of_nothing(client: ElevenLabsClient) -> None:
    client.send({"text": " "}, {"text": ""})
    assert client.hear() == 1000
    assert [each["isFinal"] for each in client.messages] == [True]


def test_an_error_of_the_engine_is_told(client: ElevenLabsClient, engine: StandIn) -> None:
    engine.error = ServerError("The stand-in broke.")
    client.send({"text": FIRST}, {"text": ""})
    assert client.hear() == 1011
    assert client.messages == [{"message": "The stand-in broke.", "error": "internal_error", "code": 500}]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("output_format=mp3_48000_7", "there is no format 'mp3_48000_7'. Use one of: mp3_22050_32"),
        ("language_code=de", "Only English is spoken"),
        ("apply_text_normalization=perhaps", "apply_text_normalization"),
        ("inactivity_timeout=0", "inactivity_timeout"),
    ],
)
def test_a_mistake_in_the_query_is_told_at_once(url: str, query: str, words: str) -> None:
    with elevenlabs_client(url, "stream-input", query) as client:
        assert client.hear() == 1008
    assert words in client.errors[0]


@pytest.mark.parametrize(
    ("message", "words"),
    [({"text": 5}, "'text'"), ({"text": " ", "voice_settings": {"speed": 9}}, "'voice_settings'")],
)
def test_a_wrong_message_is_told(client: ElevenLabsClient, message: dict[str, object], words: str) -> None:
    client.send(message)
    assert client.hear() == 1008
    assert words in client.errors[0]


def test_the_client_may_ask_to_be_left_when_it_is_idle(url: str) -> None:
    with elevenlabs_client(url, "stream-input", "inactivity_timeout=0.1") as client:
        assert client.hear() == 1001
    assert "0.1 seconds" in client.errors[0]


def test_the_voice_that_was_asked_for_is_noted(
    client: ElevenLabsClient, caplog: pytest.LogCaptureFixture, engine: StandIn
) -> None:
    caplog.set_level(logging.INFO)
    client.send({"text": FIRST}, {"text": ""})
    client.hear()
    assert engine.asked
    assert VOICE in caplog.text or VOICE in str([record.__dict__ for record in caplog.records])


def test_a_client_that_leaves_is_given_up_at_once(url: str, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    with elevenlabs_client(url, "stream-input") as client:
        client.send({"text": FIRST}, {"text": ""})
        client.wait_for_audio()
    assert engine.cancelled.wait(5)
