import pytest

from tests.text.structure.plain import plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Good 😊 day 👍🏽 to you!", "Good day to you!"),
        ("A family 👨‍👩‍👧‍👦 from 🇫🇷 France 🏴󠁧󠁢󠁥󠁮󠁧󠁿.", "A family from France ."),
        ("wow😀great", "wow great"),
        ("☀️ Sunny ⛅ and ⚡", "Sunny and"),
        ("New \U0001fae9 emoji", "New emoji"),
        ("✅ Fast\n✅ cheap\n❌ good", "Fast\ncheap\ngood"),
        ("1️⃣ Open it\n2️⃣ Close it", "1. Open it\n2. Close it"),
        ("Press 5️⃣ or *️⃣ now", "Press 5 or now"),
        ("I ❤️ NY", "I heart NY"),
        ("Love you ❤️ bye", "Love you bye"),
        ("I :heart: this :smile: now", "I this now"),
        ("at 10:30: yes, a:b:c and std::vector", "at 10:30: yes, a:b:c and std::vector"),
        ("Hi :-) there ;) and :D or :P. So :( xD", "Hi there and or . So"),
        ("fine ^_^ and >_< and -_- too \\o/", "fine and and too"),
        ("ratio 3:2, x=3, note:(a) https://a.b", "ratio 3:2, x=3, note:(a) https://a.b"),
        ("I <3 this song. <3 <33", "I heart this song. heart heart"),
        ("under <3 km, x <3 or 4, it is <3 kg", "under <3 km, x <3 or 4, it is <3 kg"),
        ("♔♚ ♥", "♔ ♚ ♥"),
    ],
)
def test_emoji_are_silent(written: str, expected: str) -> None:
    assert plain(written) == expected
