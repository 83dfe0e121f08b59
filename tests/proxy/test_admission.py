"""How many clips at once, and when to come back."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client import Gauge

from proxy.admission import Admission
from proxy.errors import QueueFull
from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn

SPEECH = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(clock: Clock) -> Admission:
    return Admission(2, Gauge("in_flight", "", registry=None), clock)


def refused(admission: Admission) -> int | None:
    with pytest.raises(QueueFull) as error, admission.place():
        pass
    return error.value.retry_after


def test_places_are_free_again_however_the_work_ended(admission: Admission) -> None:
    for _ in range(5):
        with pytest.raises(ValueError, match="broken"), admission.place():
            raise ValueError("broken")
    with admission.place(), admission.place():
        assert admission.taken == 2
        assert refused(admission)
    assert admission.taken == 0


def test_while_nothing_ends_the_wait_is_the_longest(admission: Admission) -> None:
    with admission.place(), admission.place():
        assert refused(admission) == 60


def test_the_refused_are_told_to_come_at_the_pace_at_which_places_become_free(
    admission: Admission, clock: Clock
) -> None:
    for _ in range(20):  # two a second
        clock.now += 0.5
        with admission.place():
            pass
    with admission.place(), admission.place():
        assert [refused(admission) for _ in range(8)] == [1, 1, 2, 2, 3, 3, 4, 4]
        clock.now += 31
        assert refused(admission) == 60


def test_the_engines_refusal_gets_a_wait_too(admission: Admission) -> None:
    with pytest.raises(QueueFull) as error, admission.place():
        raise QueueFull("the engine is full")
    assert error.value.retry_after == 1


def test_one_more_than_the_places_is_refused_and_the_others_are_served(serve: Serve, engine: StandIn) -> None:
    client = serve(max_in_flight=3)
    engine.delays = {0: 0.5}
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: client.post("/v1/audio/speech", json=SPEECH), range(8)))
    assert sorted(response.status_code for response in responses) == [200] * 3 + [429] * 5
    sizes = {len(response.content) for response in responses if response.status_code == 200}
    assert len(sizes) == 1
    for response in responses:
        if response.status_code == 429:
            assert 1 <= int(response.headers["retry-after"]) <= 60
            assert response.json()["error"]["code"] == "queue_full"
            assert "x-should-retry" not in response.headers


def test_a_client_that_leaves_frees_its_place(serve: Serve, engine: StandIn) -> None:
    client = serve(max_in_flight=1)
    engine.delays = {0: 0.9}
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v1/audio/speech", json=SPEECH, timeout=0.2)
    assert engine.cancelled.wait(1)
    engine.delays = {}
    assert client.post("/v1/audio/speech", json=SPEECH).status_code == 200


def test_one_key_leaves_places_to_the_others(clock: Clock) -> None:
    admission = Admission(4, Gauge("in_flight", "", registry=None), clock, places_per_key=2)
    with admission.place("a"), admission.place("a"):
        for _ in range(2):
            with pytest.raises(QueueFull, match="for this key") as error, admission.place("a"):
                pass
            assert error.value.retry_after
        with admission.place("b"), admission.place("b"):
            assert admission.taken == 4
    with admission.place("a"):
        assert admission.taken == 1


@pytest.mark.parametrize(("keys", "spoken"), [("one,two", 2), ("one", 4)])
def test_a_key_among_others_has_its_share_of_the_places(serve: Serve, engine: StandIn, keys: str, spoken: int) -> None:
    client = serve(max_in_flight=4, api_keys=frozenset(keys.split(",")))
    engine.delays = {0: 0.9}

    def ask(key: str) -> httpx.Response:
        return client.post("/v1/audio/speech", json=SPEECH, headers={"authorization": f"Bearer {key}"})

    with ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(ask, ["one"] * 6))
        assert sorted(response.status_code for response in responses) == [200] * spoken + [429] * (6 - spoken)
        assert all("retry-after" in response.headers for response in responses if response.status_code == 429)


def test_while_one_key_has_its_share_another_is_served(serve: Serve, engine: StandIn) -> None:
    client = serve(max_in_flight=2, api_keys=frozenset({"one", "two"}))
    engine.delays = {5: 0.9}
    one, two = ({"authorization": f"Bearer {key}"} for key in ("one", "two"))
    with client.stream("POST", "/v1/audio/speech", json=SPEECH, headers=one) as response:
        pieces = response.iter_raw()
        assert next(pieces)
        assert client.post("/v1/audio/speech", json=SPEECH, headers=one).status_code == 429
        assert client.post("/v1/audio/speech", json=SPEECH, headers=two).status_code == 200
