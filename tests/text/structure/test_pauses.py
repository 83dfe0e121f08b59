import pytest

from tests.text.structure.plain import plain
from text.errors import InvalidText
from text.structure.segments import segments


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A [pause:0.5s] b", "A [0.5] b"),
        ("A [pause:500ms] b", "A [0.5] b"),
        ("A [pause 1s] b", "A [1] b"),
        ("A [Pause: 2 seconds] b", "A [2] b"),
        ("A [pause] b", "A [0.4] b"),
        ("A[pause:1]b", "A [1] b"),
        ("A [pause:long] b [paused]", "A [pause:long] b [paused]"),
        ('A <break time="500ms"/> b', "A [0.5] b"),
        ('A <break time=".25s"/> b', "A [0.25] b"),
        ("A <break/> b", "A [0.4] b"),
        ('A <break strength="none"/> b', "A b"),
        ('A <break strength="x-weak"/> b', "A [0.1] b"),
        ('A <break strength="strong"></break> b', "A [0.7] b"),
        ('A <break strength="x-strong"/> b', "A [1] b"),
        ('A <break time="soon" strength="strong"/> b', "A [0.7] b"),
        ("[pause:1s] A [pause:2s]", "[1] A [2]"),
        ("A [pause:1s] ... [pause:500ms] [pause:1s] b", "A [2.5] b"),
        ("Line one\n[pause:1s]\nLine two", "Line one [1] Line two"),
        ("Wait[pause:1s], what", "Wait [1] what"),
        ("[pause:1s]", ""),
    ],
)
def test_a_pause_parts_segments(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize("written", ["A [pause:10.1s] b", "A <break time='11000ms'/> b", "A [pause:99999999s]"])
def test_too_long_a_pause_is_refused(written: str) -> None:
    with pytest.raises(InvalidText, match=r"A pause of .* s is too long; at most 10 s are allowed. Ask for a shorter"):
        segments(written)


def test_all_pauses_together_have_a_limit() -> None:
    assert len(segments("a [pause:10s] " * 6)) == 6
    with pytest.raises(InvalidText, match=r"more than 60 s together\. Ask for fewer"):
        segments("a [pause:10s] " * 6 + "[pause:1ms]")
