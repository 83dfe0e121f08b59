"""`/health/live`, `/health/ready` and `/health`."""

from collections.abc import Iterator

import httpx
import pytest

from proxy.errors import QueueFull, RequestQuarantined, ServerError, ServiceUnavailable
from proxy.settings import Settings
from tests.proxy.live_server import live_server
from tests.proxy.stand_in import StandIn

SPEECH = {"model": "tts-1", "input": "Hello."}


@pytest.fixture
def own_engine() -> StandIn:
    return StandIn()


@pytest.fixture
def fresh(settings: Settings, own_engine: StandIn) -> Iterator[httpx.Client]:
    """A client of a server that has just started."""
    with live_server(settings, lambda: own_engine) as url, httpx.Client(base_url=url) as client:
        yield client


def test_live_whatever_triton_does(fresh: httpx.Client, own_engine: StandIn) -> None:
    own_engine.ready = False
    response = fresh.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"live": True})


def test_ready_after_one_word_was_spoken(fresh: httpx.Client, own_engine: StandIn) -> None:
    assert fresh.get("/health/ready").json() == {"live": True, "ready": True}
    assert own_engine.finished == 1
    assert fresh.get("/health/ready").status_code == 200
    assert fresh.get("/health").status_code == 200
    assert own_engine.finished == 1


def test_not_ready_while_triton_is_not(fresh: httpx.Client, own_engine: StandIn) -> None:
    own_engine.ready = False
    response = fresh.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "service_unavailable"
    assert response.headers["retry-after"]
    assert own_engine.asked == []


def test_not_ready_while_the_word_fails(fresh: httpx.Client, own_engine: StandIn) -> None:
    own_engine.error = ServerError("broken")
    assert fresh.get("/health/ready").status_code == 503
    own_engine.error = None
    assert fresh.get("/health/ready").status_code == 200


def test_spoken_again_once_a_request_found_no_engine(fresh: httpx.Client, own_engine: StandIn) -> None:
    assert fresh.get("/health/ready").status_code == 200
    own_engine.error = ServiceUnavailable("away")
    assert fresh.post("/v1/audio/speech", json=SPEECH).status_code == 503
    assert fresh.get("/health/ready").status_code == 503
    own_engine.error = None
    assert fresh.get("/health/ready").status_code == 200


@pytest.mark.parametrize("error", [ServerError("broken"), RequestQuarantined("broken twice")])
def test_ready_after_a_request_failed_because_of_its_text(
    fresh: httpx.Client, own_engine: StandIn, error: ServerError
) -> None:
    assert fresh.get("/health/ready").status_code == 200
    own_engine.error = error
    assert fresh.post("/v1/audio/speech", json=SPEECH).status_code == 500
    assert fresh.get("/health/ready").status_code == 200


def test_spoken_again_once_a_request_got_no_audio_in_time(settings: Settings, own_engine: StandIn) -> None:
    hasty = settings.model_copy(update={"first_audio_deadline": 1.0})
    with live_server(hasty, lambda: own_engine) as url, httpx.Client(base_url=url) as client:
        assert client.get("/health/ready").status_code == 200
        own_engine.delays = {0: 30}
        assert client.post("/v1/audio/speech", json=SPEECH).status_code == 504
        assert client.get("/health/ready").status_code == 503


def test_spoken_again_once_triton_was_away(fresh: httpx.Client, own_engine: StandIn) -> None:
    assert fresh.get("/health/ready").status_code == 200
    own_engine.ready = False
    assert fresh.get("/health/ready").status_code == 503
    own_engine.ready = True
    assert fresh.get("/health/ready").status_code == 200
    assert own_engine.finished == 2


def test_full_queue_is_no_failure(fresh: httpx.Client, own_engine: StandIn) -> None:
    assert fresh.get("/health/ready").status_code == 200
    own_engine.error = QueueFull("full")
    assert fresh.post("/v1/audio/speech", json=SPEECH).status_code == 429
    assert fresh.get("/health/ready").status_code == 200


def test_health_tells_both_in_one(fresh: httpx.Client, own_engine: StandIn) -> None:
    own_engine.ready = False
    response = fresh.get("/health")
    assert response.status_code == 503
    answer = response.json()
    assert (answer["live"], answer["ready"]) == (True, False)
    assert answer["error"]["message"] == "The stand-in is not ready."


def test_stopping_the_server_closes_the_engines_connections(settings: Settings, own_engine: StandIn) -> None:
    with live_server(settings, lambda: own_engine):
        assert not own_engine.closed
    assert own_engine.closed
