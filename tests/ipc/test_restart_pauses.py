from ipc.restart_pauses import PAUSES, STABLE_AFTER, RestartPauses


def test_pauses_grow_to_half_a_minute() -> None:
    assert PAUSES == (0, 1, 2, 4, 8, 16, 30)
    pauses = RestartPauses()
    assert [pauses.next() for _ in range(9)] == [0, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_process_that_ran_well_is_started_at_once_again() -> None:
    pauses = RestartPauses()
    assert [pauses.next(), pauses.next(STABLE_AFTER - 1), pauses.next(STABLE_AFTER), pauses.next()] == [0, 1, 0, 1]
