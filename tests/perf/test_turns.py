from itertools import count

from perf.turns import Turn, alternate


def test_contenders_take_turns() -> None:
    clock = count()
    heard: list[str] = []
    turns = [Turn("ours", lambda: next(clock)), Turn("theirs", lambda: next(clock))]
    assert alternate(turns, 3, heard.append) == {"ours": [0, 2, 4], "theirs": [1, 3, 5]}
    assert heard[:3] == ["ours (1 of 3)", "theirs (1 of 3)", "ours (2 of 3)"]
