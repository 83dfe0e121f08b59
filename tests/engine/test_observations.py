"""The queue of measurements between two threads."""

from engine.observations import Observations, Quantity


def test_each_is_taken_once_and_in_order() -> None:
    observations = Observations()
    for value in (1.0, 2.0, 3.0):
        observations.note(Quantity.QUEUE, value)
    assert observations.take(2) == [(Quantity.QUEUE, 1.0), (Quantity.QUEUE, 2.0)]
    assert observations.take() == [(Quantity.QUEUE, 3.0)]
    assert observations.take() == []


def test_a_full_queue_keeps_the_newest() -> None:
    observations = Observations()
    for value in range(20_000):
        observations.note(Quantity.CANCEL, value)
    taken = [value for _, value in observations.take()]
    assert taken == list(range(10_000, 20_000))
