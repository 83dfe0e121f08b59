import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10 → 20", "10, 20"),
        ("A→B ➡️ C", "A, B, C"),
        ("one\n➡️ two\n→ three", "one\ntwo\nthree"),
        ("→ Click here ←", "Click here"),
        ("Yes.\n→ Next\n↓ ↓ ↓\nEnd", "Yes.\nNext\nEnd"),
        ("Open Home → Settings → Wi-Fi", "Open Home, Settings, Wi-Fi"),
        ("┌──┐\n│ a│\n└──┘", "a"),
        ("█▓▒░ 50%", "50%"),
        ("⠓⠑⠇⠇⠕ hi ⣿⣿⣿", "hi"),
        ("▶ Play ■5 ▼ ◯", "Play 5"),
        ("\u2013 one\n\u2013 two\n—Yes.\n— No.\n\u20135", "one\ntwo\nYes.\nNo.\n\u20135"),
        ("He came\n— and left", "He came\n— and left"),
        ("To do:<br>- one<br>* two", "To do:\none\ntwo"),
        ("• one\n• two\n· three", "one\ntwo\nthree"),
        ("Home • About · Us | You", "Home, About, Us, You"),
        ("C♯ and B♭", "C sharp and B flat"),
        ("+---+---+\n| a | b |\n+---+---+", "a, b"),
        ("hi > > > > there", "hi there"),
        ("a ___ b ***** c ##### d ||| e <<< f", "a b c d e f"),
        ("text - - - more ---- still -- here --- too", "text more still -- here --- too"),
        ("The end. --- In the town", "The end. In the town"),
        ("so $$$ dear, '''very''' dear", "so dear, very dear"),
        ("what %%% is @@@ this \\\\\\ and ///", "what is this and"),
        ("a --> b <== c <=> d -=-=-=- e", "a b c d e"),
        ("some ~~struck~~ and ==marked== words", "some struck and marked words"),
        ("a == b, a >> b, a && b, 3 > 2, ~5, C#, #5", "a == b, a >> b, a && b, 3 > 2, ~5, C#, #5"),
        ("[ ] to do\n[x] done\n- [X] Both", "to do\ndone\nBoth"),
    ],
)
def test_what_is_drawn_is_not_read(written: str, expected: str) -> None:
    assert plain(written) == expected
