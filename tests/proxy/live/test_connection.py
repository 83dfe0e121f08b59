"""What holds for every live session, whatever its dialect."""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from websockets.exceptions import InvalidStatus

from proxy.app import create_app
from proxy.settings import Settings
from proxy.websocket_protocol import WebSocketProtocol
from tests.proxy.conftest import Serve
from tests.proxy.live.client import PROTOCOL, speech_client
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

TEXT = "The first sentence is longer than it has to be. And the second one comes right after it."


def address(client: httpx.Client) -> str:
    return str(client.base_url).rstrip("/")


@pytest.fixture
def guarded(serve: Serve) -> str:
    return address(serve(api_keys=frozenset({"secret", "other"})))


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer secret"},
        {"authorization": "bearer  secret"},
        {"x-api-key": "secret"},
        {"api-key": "secret"},
        {"xi-api-key": "secret"},
        {"authorization": "Bearer ", "x-api-key": "secret"},
    ],
)
def test_a_key_opens_a_session(guarded: str, headers: dict[str, str]) -> None:
    with speech_client(guarded, headers=headers) as client:
        assert client.receive() is not None


def test_a_browser_sends_its_key_as_a_subprotocol(guarded: str) -> None:
    with speech_client(guarded, subprotocols=[PROTOCOL, "openai-insecure-api-key.secret"]) as client:
        assert client.receive() is not None
        assert client.socket.subprotocol == PROTOCOL


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"xi-api-key": "wrong"}])
def test_without_a_key_a_session_is_refused(
    guarded: str, headers: dict[str, str], engine: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as refused, speech_client(guarded, headers=headers):
        pass
    response = refused.value.response
    assert response.status_code == 401
    assert json.loads(response.body or b"")["error"]["code"] == "invalid_api_key"
    assert response.headers["x-request-id"].startswith("req_")
    assert not engine.asked
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_session_holds_a_permit(serve: Serve) -> None:
    url = address(serve(max_in_flight=1))
    with speech_client(url) as client:
        client.receive()
        with pytest.raises(InvalidStatus) as refused, speech_client(url):
            pass
        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["retry-after"]) >= 1
        assert httpx.post(f"{url}/v1/audio/speech", json={"model": "tts-1", "input": "Hi."}).status_code == 429
    wait_until(lambda: httpx.get(f"{url}/metrics").text.find("soprano_proxy_in_flight 0.0") >= 0)
    with speech_client(url) as client:
        client.receive()


def test_the_request_id_is_returned(url: str, engine: StandIn) -> None:
    with speech_client(url, headers={"x-request-id": "mine"}) as client:
        assert client.socket.response is not None
        assert client.socket.response.headers["x-request-id"] == "mine"
        client.start()
        assert client.wait_for("request.configured")["request_id"] == "mine-1"
        client.say(TEXT)
        client.hear()
    assert {asked.request_id for asked in engine.asked} == {"mine-1"}  # the engine's log tells it, too


def test_a_session_and_its_clips_are_logged_and_counted(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    url = address(serve())
    with caplog.at_level(logging.INFO), speech_client(url, headers={"x-request-id": "mine"}) as client:
        client.start()
        client.say(TEXT)
        client.hear()
        wait_until(lambda: any(getattr(r, "fields", {}).get("request_id") == "mine" for r in caplog.records))
    lines = {r.fields["request_id"]: r.fields for r in caplog.records if hasattr(r, "fields")}
    assert lines["mine"]["status"] == 101
    clip = lines["mine-1"]
    assert (clip["status"], clip["ending"], clip["format"]) == (200, "complete", "pcm")
    assert clip["characters"] == len(TEXT)
    assert clip["audio_seconds"] == pytest.approx(3.84)
    assert clip["first_audio_seconds"] < 5
    metrics = httpx.get(f"{url}/metrics").text
    assert 'soprano_proxy_requests_total{format="pcm",route="/v1/audio/speech/ws",status="200"} 1.0' in metrics
    assert 'soprano_proxy_requests_total{format="",route="/v1/audio/speech/ws",status="101"} 1.0' in metrics
    assert 'soprano_proxy_audio_seconds_total{format="pcm"} 3.84' in metrics
    assert "soprano_proxy_real_time_factor_count 0.0" in metrics


def test_no_log_line_has_the_text_or_the_query(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    url = address(serve())
    headers = {"x-request-id": "mine"}
    with caplog.at_level(logging.INFO), speech_client(url, "/v1/audio/speech/ws?api_key=hidden", headers) as client:
        client.start()
        client.say("Something private.")
        client.hear()
        wait_until(lambda: any(getattr(r, "fields", {}).get("request_id") == "mine" for r in caplog.records))
    logged = [str(vars(record)) for record in caplog.records]
    assert any("mine-1" in line for line in logged)
    assert not any("private" in line or "hidden" in line for line in logged)


def test_a_clip_that_is_given_up_is_logged_so(serve: Serve, engine: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    engine.delays = {2: 30.0}
    url = address(serve())
    with caplog.at_level(logging.INFO), speech_client(url, headers={"x-request-id": "mine"}) as client:
        client.start()
        client.say(TEXT)
        client.wait_for_audio()
        client.socket.close()
        wait_until(lambda: any(getattr(r, "fields", {}).get("request_id") == "mine-1" for r in caplog.records))
    lines = {r.fields["request_id"]: r.fields for r in caplog.records if hasattr(r, "fields")}
    assert lines["mine-1"]["ending"] == "left"


def test_a_failure_of_the_proxy_is_logged_so(serve: Serve, engine: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    engine.error = ZeroDivisionError()
    with caplog.at_level(logging.INFO), speech_client(address(serve()), headers={"x-request-id": "mine"}) as client:
        client.start()
        client.say(TEXT)
        assert client.hear()["error"]["code"] == "internal_error"
        assert client.close_code == 1011
    lines = {r.fields["request_id"]: r.fields for r in caplog.records if hasattr(r, "fields")}
    assert lines["mine-1"]["status"] == 500


def test_a_session_that_says_nothing_expires(serve: Serve) -> None:
    with speech_client(address(serve(live_idle_deadline=0.3))) as client:
        event = client.hear()
        assert event["error"]["code"] == "session_expired"
        assert client.close_code == 1001


def test_messages_and_speech_keep_a_session_alive(serve: Serve, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.3)
    with speech_client(address(serve(live_idle_deadline=2.0))) as client:
        client.start()
        for word in ("This ", "is ", "slow", "."):
            time.sleep(0.8)
            client.write("append", word)
        client.write("end")
        assert client.hear()["type"] == "response.done"


def test_the_deadline_of_requests_is_none_of_sessions(serve: Serve, engine: StandIn) -> None:
    engine.delays = {1: 1.0}
    with speech_client(address(serve(request_deadline=0.5))) as client:
        client.start()
        client.say(TEXT)
        time.sleep(2.5)  # the deadline of a body has a second of grace
        assert client.hear()["type"] == "response.done"


def test_a_session_lasts_no_longer_than_allowed(serve: Serve, engine: StandIn) -> None:
    engine.delays = {1: 1000.0}
    with speech_client(address(serve(live_deadline=2.0))) as client:
        client.start()
        client.say(TEXT)
        event = client.hear()
        assert event["error"]["code"] == "session_expired"
    assert engine.cancelled.wait(20)


def test_a_client_that_does_not_read_makes_the_engine_wait(serve: Serve, engine: StandIn) -> None:
    """No more than the sentences that are spoken ahead, and what the connection holds, is made."""
    url = address(serve(max_input_characters=4096))
    with speech_client(url, max_queue=1, sock=small_socket(url)) as client:
        client.start()
        text = " ".join(f"Sentence {number} of a text that is far too long for anybody." for number in range(300))
        client.say(text)
        wait_until(lambda: engine.asked)
        settled = wait_for_standstill(lambda: len(engine.asked))
        assert settled < 20
        client.hear()
        assert sum(each.text.count("\n") + 1 for each in engine.asked) == 300


def test_audio_that_nobody_reads_counts_against_the_budget(serve: Serve, engine: StandIn) -> None:
    """The session with the most is cut, as a request is."""
    engine.chunk_samples = 32000
    url = address(serve(buffer_bytes=4_000_000))
    text = " ".join(f"Sentence {number} of a text that is far too long for anybody." for number in range(100))
    with speech_client(url, max_queue=1, sock=small_socket(url)) as idle, speech_client(url) as other:
        idle.start()
        idle.say(text)
        wait_for_standstill(lambda: len(engine.asked))
        other.start()
        other.say(TEXT)
        assert other.hear()["type"] == "response.done"
        assert idle.hear()["error"]["code"] == "queue_full"
        assert idle.close_code == 1013
    wait_until(lambda: "soprano_proxy_buffered_bytes 0.0" in httpx.get(f"{url}/metrics").text)


def small_socket(url: str) -> socket.socket:
    """A connection that holds little of what its client has not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    host, _, port = url.removeprefix("http://").partition(":")
    connection.connect((host, int(port)))
    return connection


def wait_for_standstill(value: Callable[[], int]) -> int:
    last = -1
    while value() != last:
        last = value()
        time.sleep(1.0)
    return last


def test_a_client_that_never_reads_is_given_up(serve: Serve) -> None:
    url = address(serve(reader_deadline=0.5))
    with speech_client(url, max_queue=1, close_timeout=0.1) as client:
        client.start()
        client.say(" ".join(f"Sentence {number} of a text that is far too long for anybody." for number in range(300)))
        wait_until(
            lambda: 'soprano_proxy_cancelled_total{reason="left"} 1.0' in httpx.get(f"{url}/metrics").text, timeout=20
        )


def test_a_client_that_leaves_while_several_tasks_send_to_it_is_no_failure(
    serve: Serve, engine: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    engine.chunks, engine.chunk_samples = 1, 32000 * 200
    url = address(serve())
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": TEXT}]}
    with speech_client(url, "/v1/realtime", max_queue=1, close_timeout=0.1) as client:
        client.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.send("conversation.item.create", item=item)
        client.send("response.create")
        client.wait_for("response.output_audio.delta")
        for _ in range(20):
            client.send("session.update", session={"type": "realtime"})
        time.sleep(0.5)  # the answers wait, too, since the client does not read
        client.socket.socket.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: "soprano_proxy_in_flight 0.0" in httpx.get(f"{url}/metrics").text, timeout=20)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_writer_that_is_faster_than_speech_is_asked_to_wait(serve: Serve, engine: StandIn) -> None:
    engine.delays = {1: 1000.0}
    with speech_client(address(serve())) as client:
        client.start()
        for number in range(300):
            client.write("append", f"Sentence {number} of a text that is far too long for anybody. " * 3)
        client.wait_for_audio()
        assert client.kinds.count("input_text.ack") < 200
        client.write("clear")
        while len(client.events) < 303:
            client.receive()


def test_a_writer_that_does_not_wait_at_all_is_refused(serve: Serve, engine: StandIn) -> None:
    engine.delays = {1: 1000.0}
    with speech_client(address(serve(max_body_bytes=1_000_000))) as client:
        client.start()
        for _ in range(12):
            client.write("append", "word " * 19_000)
        assert client.hear()["error"]["code"] == "queue_full"
        assert client.close_code == 1013


@contextlib.contextmanager
def stoppable(engine: StandIn, drain_deadline: int = 10) -> Iterator[tuple[str, uvicorn.Server]]:
    app = create_app(Settings(triton_url="127.0.0.1:1"), connect=lambda *_: engine)
    config = uvicorn.Config(app, ws=WebSocketProtocol, log_level="warning", timeout_graceful_shutdown=drain_deadline)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def test_a_server_that_stops_says_first_what_was_written() -> None:
    engine = StandIn(delays=dict.fromkeys(range(10), 0.05))
    with stoppable(engine) as (url, server), speech_client(url) as speaking, speech_client(url) as idle:
        idle.receive()
        speaking.start()
        speaking.write("append", f"{TEXT} And then")
        speaking.wait_for_audio()
        server.should_exit = True
        idle.hear()
        assert idle.close_code == 1012
        speaking.hear()
        assert engine.asked[-1].text.endswith(" and then.")
        assert speaking.kinds[-1] == "response.done"
        assert speaking.events[-1]["characters"] == len(f"{TEXT} And then")
        assert speaking.close_code == 1012  # since the text was not complete


def test_a_complete_text_is_not_cut_by_a_server_that_stops() -> None:
    engine = StandIn(delays=dict.fromkeys(range(10), 0.05))
    with stoppable(engine) as (url, server), speech_client(url) as client:
        client.start()
        client.say(TEXT)
        client.wait_for_audio()
        server.should_exit = True
        assert client.hear()["type"] == "response.done"
        assert client.close_code == 1000


def test_a_text_that_was_not_begun_is_no_mistake_when_the_server_stops() -> None:
    with stoppable(StandIn()) as (url, server), speech_client(url) as client:
        client.start()
        client.wait_for("request.configured")
        server.should_exit = True
        assert client.hear()["type"] == "response.done"
        assert client.close_code == 1012


def test_a_server_that_waits_no_longer_says_so(caplog: pytest.LogCaptureFixture) -> None:
    engine = StandIn(delays={2: 1000.0})
    with stoppable(engine, drain_deadline=1) as (url, server), speech_client(url) as client:
        client.start()
        client.say(TEXT)
        client.wait_for_audio()
        server.should_exit = True
        client.hear()
        assert client.close_code == 1012
    assert not [record for record in caplog.records if record.exc_info]


def test_text_that_is_none_is_told_without_a_traceback(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with speech_client(url) as client:
        client.start()
        client.socket.send(b"\xff\xfe", text=True)
        client.hear()
        assert client.close_code == 1007
    wait_until(lambda: "soprano_proxy_in_flight 0.0" in httpx.get(f"{url}/metrics").text)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_message_is_read_as_leniently_as_a_body(url: str) -> None:
    with speech_client(url) as client:
        client.socket.send('\ufeff{"type": "request.start", "voice": "\\ud83d"}')
        assert "there is no voice '\ufffd'" in client.hear()["error"]["message"]


def test_a_client_that_pings_and_reads_nothing_is_not_answered_for_ever(url: str) -> None:
    """What the server could not send would fill its memory."""
    count, frame = 100_000, b"\x89\xfd\0\0\0\0" + bytes(125)
    with raw_client(url) as connection:
        connection.sendall(frame * count)
        connection.settimeout(1.0)
        received = 0
        with contextlib.suppress(TimeoutError):
            while part := connection.recv(1 << 20):
                received += len(part)
    assert 127 < received < 127 * count


def test_a_connection_that_its_client_has_ended_first_is_not_ended_again(
    serve: Serve, engine: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("proxy.websocket_protocol.CLOSE_SECONDS", 0.2)
    with raw_client(address(serve(max_body_bytes=100_000))) as connection:
        for message in ({"type": "request.start"}, {"type": "input_text.append", "text": f"{TEXT} " * 150}):
            connection.sendall(masked(json.dumps(message).encode()))
        wait_for_standstill(lambda: len(engine.asked))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass
    time.sleep(1.0)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def masked(message: bytes) -> bytes:
    """A message in the frame of a client, with a mask of zeros."""
    return b"\x81\xfe" + len(message).to_bytes(2, "big") + bytes(4) + message


@contextlib.contextmanager
def raw_client(url: str) -> Iterator[socket.socket]:
    """A connection that has become a WebSocket, whose client takes little before it reads."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        connection.sendall(
            b"GET /v1/audio/speech/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert connection.recv(12) == b"HTTP/1.1 101"
        yield connection


def test_two_sessions_do_not_mix(url: str) -> None:
    with speech_client(url) as one, speech_client(url) as other:
        for client in (one, other):
            client.start(timestamps=True)
        for client, name in ((one, "one"), (other, "other")):
            client.say(f"This is the {name} text, and nothing else at all.")
        one.hear()
        other.hear()
        assert "the one text" in one.sentences[0]["text"]
        assert "the other text" in other.sentences[0]["text"]
