import pytest

from tests.text.structure.plain import plain
from text.structure import characters


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("One\r\nB\rC\x85D\u2028E\u2029F", "One\nB\nC\nD\nE\nF"),
        ("one\ttwo\vthree\ffour\x1cfive", "one two three four five"),
        ("no\u00a0break, thin\u2009space, wide\u3000space", "no break, thin space, wide space"),
        ("in\u200bside, soft\u00adhyphen, \ufeffmark, \u202eright\u202c", "inside, softhyphen, mark, right"),
        ("nul\x00, escape\x1b, lone \ud800surrogate", "nul, escape, lone surrogate"),
        ("icon\ue000icon \U000f0100 \U0010ffff.", "icon icon ."),
        ("“double” ‘single’ „low“ ‚low‘ it’s", "\"double\" 'single' \"low\" 'low' it's"),
        ("«un» ‹deux› 《three》 「four」", '"un" "deux" "three" "four"'),
        ("6′ 2″", "6' 2\""),
        ("well‐known, non‑breaking, −5, 3–5, so—yes, ―no", "well-known, non-breaking, -5, 3–5, so—yes, —no"),
        ("Ｈｅｌｌｏ　Ｗｏｒｌｄ１２！", "Hello World12!"),
        ("𝓗𝓮𝓵𝓵𝓸 𝐖𝐨𝐫𝐥𝐝 𝟙𝟚", "Hello World 12"),
        ("你好，世界。再见！12：30", "你好, 世界。 再见! 12:30"),
        ("café cafe\u0301 naïve ½ 5² 20 °C € ×", "café cafe\u0301 naïve ½ 5² 20 °C € ×"),
        ("one\u0489 two\ufe0f", "one two"),
        ("\u2e3b three-em dash", "— three-em dash"),
    ],
)
def test_characters_become_their_plainest_form(written: str, expected: str) -> None:
    assert plain(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"First line\nsecond line.", "First line\nsecond line."),
        (r"One.\n\nTwo.\r\n- three", "One.\nTwo.\nthree"),
        (r"in C:\new, \\server\new and ..\new", r"in C:\new, \server\new and ..\new"),
        (r"C:\Program Files\new", r"C:\Program Files\new"),
        (r"src\text\new", r"src\text\new"),
        (r"x \neq y", r"x \neq y"),
        (r"all\not one, all \not one", "all\not one, all \\not one"),
    ],
)
def test_an_escaped_line_end_is_one_but_not_in_a_path(written: str, expected: str) -> None:
    assert plain(written) == expected


def test_emoji_that_python_does_not_know_yet_are_kept_for_the_emoji_stage() -> None:
    assert characters.plain("\U0001fae9") == "\U0001fae9"
    assert characters.plain("\U000e0fff") == ""
