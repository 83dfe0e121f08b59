"""Responses of `WS /v1/realtime`: what is read, in which order, and how it ends."""

import pytest
from websockets.exceptions import ConnectionClosed

from proxy.errors import ServerError
from tests.proxy.live.test_connection import stoppable
from tests.proxy.routers.live.realtime.realtime_client import RealtimeClient, message, realtime_client
from tests.proxy.stand_in import StandIn

TEXT = "Dr. Who paid $5 for 3.5 miles of that old road. And nobody ever knew why he wanted it so badly."
READ = [
    "doctor who paid five dollars for three point five miles of that old road.",
    "and nobody ever knew why he wanted it so badly.",
]


def pcm_seconds(audio: bytes) -> float:
    return len(audio) / 2 / 24000


def test_a_message_is_read_word_for_word(client: RealtimeClient, engine: StandIn) -> None:
    client.say(TEXT)
    done = client.hear()
    assert engine.spoken == READ
    assert client.transcript() == TEXT
    assert pcm_seconds(client.audio()) == pytest.approx(2 * engine.seconds, abs=0.001)
    assert (done["status"], done["status_details"]) == ("completed", None)
    assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": TEXT}]
    assert (done["usage"]["input_tokens"], done["usage"]["output_tokens"], done["usage"]["total_tokens"]) == (
        14,
        60,
        74,
    )
    assert done["usage"]["output_token_details"]["audio_tokens"] == 60


def test_half_of_a_surrogate_pair_is_left_out(client: RealtimeClient, engine: StandIn) -> None:
    client.say("Hello \ud83d there.")
    assert client.hear()["status"] == "completed"
    assert engine.spoken == ["hello there."]


def test_the_events_come_in_openais_order(client: RealtimeClient) -> None:
    client.say("Hello there.")
    client.hear()
    assert client.kinds == [
        "session.created",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    asked, said = client.of("conversation.item.done")
    assert said["previous_item_id"] == asked["item"]["id"]


def test_a_transcript_comes_with_its_audio(client: RealtimeClient, engine: StandIn) -> None:
    engine.delays = {3: 0.2}
    client.say(TEXT)
    client.wait_for("response.output_audio.delta", 3)
    assert client.transcript() == TEXT.partition(" And")[0]
    client.hear()


def test_messages_are_read_once(client: RealtimeClient, engine: StandIn) -> None:
    """A response reads what was written since the last one; only what users write is read."""
    client.send("conversation.item.create", item=message("You are a parrot.", role="system"))
    answer = {"role": "assistant", "content": [{"type": "output_text", "text": "What was said before."}]}
    client.send("conversation.item.create", item=message("", **answer))
    client.write("This is the first message of them all.")
    client.say("This is the second message of them all.")
    client.hear()
    client.say("This is the third message of them all.")
    client.hear()
    assert engine.spoken == [f"this is the {each} message of them all." for each in ("first", "second", "third")]


def test_messages_are_read_in_the_order_of_the_conversation(client: RealtimeClient, engine: StandIn) -> None:
    client.write("This is the third sentence of them all.", id="third")
    client.send(
        "conversation.item.create",
        item=message("This is the first sentence of them all.", id="first"),
        previous_item_id="root",
    )
    client.send(
        "conversation.item.create", item=message("This is the second sentence of them all."), previous_item_id="first"
    )
    client.write("This is never read.", id="deleted")
    client.send("conversation.item.delete", item_id="deleted")
    client.send("response.create")
    client.hear()
    assert engine.spoken == [f"this is the {each} sentence of them all." for each in ("first", "second", "third")]


def test_a_text_is_read_while_it_is_written(client: RealtimeClient, engine: StandIn) -> None:
    """Messages in progress go on with one text; a message that is complete ends it."""
    words = [f"{word} " for word in TEXT.split(" ")]
    client.write(words[0], status="in_progress")
    client.send("response.create")
    for word in words[1:-3]:
        client.write(word, status="in_progress")
    client.wait_for("response.output_audio.delta")
    assert engine.spoken == READ[:1]
    client.write("".join(words[-3:]))
    done = client.hear()
    assert engine.spoken == READ
    assert done["status"] == "completed"
    assert client.transcript() == TEXT


def test_a_response_may_begin_before_its_text(client: RealtimeClient, engine: StandIn) -> None:
    client.write("", status="in_progress")
    client.send("response.create")
    client.wait_for("response.created")
    client.write(TEXT, status="in_progress")
    client.write("")
    client.hear()
    assert engine.spoken == READ


def test_responses_wait_for_each_other(client: RealtimeClient, engine: StandIn) -> None:
    for number in ("one", "two", "three"):
        client.say(f"This is sentence number {number}.")
    client.hear(3)
    created = [event["response"]["id"] for event in client.of("response.created")]
    assert [event["response"]["id"] for event in client.of("response.done")] == created
    assert [client.transcript(each)[24:] for each in created] == ["one.", "two.", "three."]
    assert [pcm_seconds(client.audio(each)) for each in created] == [pytest.approx(engine.seconds, abs=0.001)] * 3
    of_each = [event["response_id"] for event in client.of("response.output_audio.delta")]
    assert of_each == sorted(of_each, key=created.index)


def test_out_of_band_responses_do_not_wait(client: RealtimeClient, engine: StandIn) -> None:
    client.write("Well, ", status="in_progress")
    client.send("response.create")  # waits for more
    client.send(
        "response.create",
        response={"conversation": "none", "input": [message("Hello there.")], "metadata": {"topic": "greeting"}},
    )
    done = client.hear()
    assert (done["metadata"], done["conversation_id"]) == ({"topic": "greeting"}, None)
    assert client.transcript(done["id"]) == "Hello there."
    client.write("that is it.")
    done = client.hear()
    assert done["conversation_id"].startswith("conv_")
    assert client.transcript(done["id"]) == "Well, that is it."
    assert len(client.of("conversation.item.added")) == 3, "two messages and the answer to them"
    assert sorted(engine.spoken) == ["hello there.", "well, that is it."]


def test_a_message_can_be_referred_to(client: RealtimeClient, engine: StandIn) -> None:
    client.write("Hello there.", id="greeting")
    for _ in range(2):
        client.send("response.create", response={"input": [{"type": "item_reference", "id": "greeting"}]})
    client.hear(2)
    assert engine.spoken == ["hello there."] * 2


def test_a_cancelled_response_is_given_up_at_once(client: RealtimeClient, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    client.say(TEXT)
    client.wait_for("response.output_audio.delta")
    client.send("response.cancel")
    done = client.hear()
    assert engine.cancelled.wait(5)
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert done["output"][0]["status"] == "incomplete"
    assert client.kinds[-6:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    engine.delays = {}
    client.say("Something else.")
    assert client.hear()["status"] == "completed"


def test_those_that_wait_are_cancelled_too(client: RealtimeClient, engine: StandIn) -> None:
    engine.delays = {2: 30.0}
    for _ in range(3):
        client.say("Hello there.")
    client.wait_for("response.output_audio.delta")
    client.send("response.cancel")
    client.hear(3)
    assert [event["response"]["status"] for event in client.of("response.done")] == ["cancelled"] * 3
    assert len(engine.asked) == 1


def test_one_response_can_be_cancelled(client: RealtimeClient, engine: StandIn) -> None:
    engine.delays = {1: 0.3}
    for number in ("one", "two", "three"):
        client.say(f"This is sentence number {number}.")
    client.wait_for("response.output_audio.delta")
    second = client.of("response.created")[1]["response"]["id"]
    client.send("response.cancel", response_id=second)
    assert client.hear()["id"] == second
    client.hear(2)
    assert engine.spoken == ["this is sentence number one.", "this is sentence number three."]


def test_a_cancellation_that_comes_too_late_is_told_apart(client: RealtimeClient) -> None:
    """Clients know this code, and go on."""
    client.say("Hello there.")
    client.hear()
    client.send("response.cancel")
    assert client.wait_for("error")["error"]["code"] == "response_cancel_not_active"


@pytest.mark.parametrize("text", ["...", "[pause:1s]"])
def test_a_text_without_words_fails(client: RealtimeClient, text: str) -> None:
    client.say(text)
    done = client.hear()
    assert (done["status"], done["output"]) == ("failed", [])
    assert "nothing in the text" in done["status_details"]["error"]["message"]
    client.say("Hello there.")
    assert client.hear()["status"] == "completed"


def test_a_response_that_breaks_off_fails(client: RealtimeClient, engine: StandIn) -> None:
    engine.error, engine.fails_at = ServerError("The stand-in broke."), 3
    client.say(TEXT)
    done = client.hear()
    assert done["status"] == "failed"
    assert done["status_details"]["error"] == {
        "type": "server_error",
        "code": "internal_error",
        "message": "The stand-in broke.",
    }
    assert done["output"][0]["status"] == "incomplete"
    assert pcm_seconds(client.audio()) < engine.seconds
    engine.error = None
    client.say("Something else.")
    assert client.hear()["status"] == "completed"


def test_a_server_that_stops_reads_first_what_was_asked_for() -> None:
    engine = StandIn(delays=dict.fromkeys(range(10), 0.05))
    with stoppable(engine) as (url, server), realtime_client(url) as client:
        for number in ("one", "two"):
            client.say(f"This is sentence number {number}.")
        client.write("And then", status="in_progress")
        client.send("response.create")
        client.wait_for("response.output_audio.delta")
        server.should_exit = True
        assert client.hear(3)["status"] == "completed"
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert engine.spoken[-1] == "and then."
