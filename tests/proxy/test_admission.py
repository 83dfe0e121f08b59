"""How many clips may be made at once, and when a refused client should come back."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client import Gauge

from proxy.admission import Admission
from proxy.errors import QueueFull
from proxy.worker_table import WorkerTable
from tests.proxy.conftest import Serve
from tests.proxy.slow_reader import ask_for_speech
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

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
    with pytest.raises(QueueFull) as error, admission.permit():
        pass
    return error.value.retry_after


def test_permits_are_released_when_the_work_fails(admission: Admission) -> None:
    for _ in range(5):
        with pytest.raises(ValueError, match="broken"), admission.permit():
            raise ValueError("broken")
    with admission.permit(), admission.permit():
        assert admission.in_use == 2
        assert refused(admission)
    assert admission.in_use == 0


def test_without_a_released_permit_the_wait_is_the_longest(admission: Admission) -> None:
    with admission.permit(), admission.permit():
        assert refused(admission) == 60


def test_the_wait_follows_the_rate_at_which_permits_are_released(admission: Admission, clock: Clock) -> None:
    for _ in range(20):  # two a second
        clock.now += 0.5
        with admission.permit():
            pass
    with admission.permit(), admission.permit():
        assert [refused(admission) for _ in range(8)] == [1, 1, 2, 2, 3, 3, 4, 4]
        clock.now += 31
        assert refused(admission) == 60


def test_a_refusal_by_the_engine_gets_a_wait_too(admission: Admission) -> None:
    with pytest.raises(QueueFull) as error, admission.permit():
        raise QueueFull("the engine is full")
    assert error.value.retry_after == 1


def test_requests_beyond_the_limit_are_refused_and_the_others_are_served(serve: Serve, engine: StandIn) -> None:
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


def test_a_client_that_disconnects_releases_its_permit(serve: Serve, engine: StandIn) -> None:
    client = serve(max_in_flight=1)
    engine.delays = {0: 30.0}
    with ask_for_speech(client):
        wait_until(lambda: engine.asked)
    assert engine.cancelled.wait(20)
    engine.delays = {}
    assert client.post("/v1/audio/speech", json=SPEECH).status_code == 200


def test_one_key_leaves_permits_to_the_others(clock: Clock) -> None:
    admission = Admission(
        4, Gauge("in_flight", "", registry=None), clock, permits_per_key=2, table=WorkerTable(keys={"a", "b"})
    )
    with admission.permit("a"), admission.permit("a"):
        for _ in range(2):
            with pytest.raises(QueueFull, match="for this key") as error, admission.permit("a"):
                pass
            assert error.value.retry_after
        with admission.permit("b"), admission.permit("b"):
            assert admission.in_use == 4
    with admission.permit("a"):
        assert admission.in_use == 1


@pytest.mark.parametrize(("keys", "spoken"), [("one,two", 2), ("one", 4)])
def test_one_of_several_keys_has_only_its_share(serve: Serve, engine: StandIn, keys: str, spoken: int) -> None:
    client = serve(max_in_flight=4, api_keys=frozenset(keys.split(",")))
    engine.delays = {0: 0.9}

    def ask(key: str) -> httpx.Response:
        return client.post("/v1/audio/speech", json=SPEECH, headers={"authorization": f"Bearer {key}"})

    with ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(ask, ["one"] * 6))
        assert sorted(response.status_code for response in responses) == [200] * spoken + [429] * (6 - spoken)
        assert all("retry-after" in response.headers for response in responses if response.status_code == 429)


def test_while_one_key_uses_its_share_another_key_is_served(serve: Serve, engine: StandIn) -> None:
    client = serve(max_in_flight=2, api_keys=frozenset({"one", "two"}))
    engine.delays = {5: 0.9}
    one, two = ({"authorization": f"Bearer {key}"} for key in ("one", "two"))
    with client.stream("POST", "/v1/audio/speech", json=SPEECH, headers=one) as response:
        pieces = response.iter_raw()
        assert next(pieces)
        assert client.post("/v1/audio/speech", json=SPEECH, headers=one).status_code == 429
        assert client.post("/v1/audio/speech", json=SPEECH, headers=two).status_code == 200


def test_limits_and_waits_are_those_of_all_workers(clock: Clock) -> None:
    table = WorkerTable(2, {"a", "b"})
    workers = [
        Admission(3, Gauge("in_flight", "", registry=None), clock, permits_per_key=2, table=table.of(row))
        for row in range(2)
    ]
    with workers[0].permit("a"), workers[1].permit("a"):
        for worker in workers:
            with pytest.raises(QueueFull, match="for this key"), worker.permit("a"):
                pass
        with workers[0].permit("b"):
            assert {refused(worker) for worker in workers} == {60}
    assert workers[1].in_use == 0
    with workers[0].permit("a"), workers[0].permit("a"), workers[0].permit("b"):
        clock.now += 1
        assert refused(workers[1]) == 2  # five refusals, and three releases in a second


def test_the_permits_of_a_worker_that_has_ended_are_free(clock: Clock) -> None:
    table = WorkerTable(2)
    admission = Admission(1, Gauge("in_flight", "", registry=None), clock, table=table)
    table.of(1).change_permits("", 1)
    assert refused(admission)
    table.clear(1)
    with admission.permit():
        assert admission.in_use == 1
