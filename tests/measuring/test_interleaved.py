from itertools import count

from measuring.interleaved import run_interleaved


def test_contenders_take_turns() -> None:
    clock = count()
    heard: list[str] = []
    measurements = {"ours": lambda: next(clock), "theirs": lambda: next(clock)}
    assert run_interleaved(measurements, 3, heard.append) == {"ours": [0, 2, 4], "theirs": [1, 3, 5]}
    assert heard[:3] == ["ours (1 of 3)", "theirs (1 of 3)", "ours (2 of 3)"]
